package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"maitred/migrations"
	"maitred/models"
	checking "maitred/models/check"
	"maitred/models/store"
)

// check is the command that says whether a database is sound, and of one from an older maitred, whether this one
// can take it over. It only reads, and may do so while a server writes.
type check struct {
	Database string `default:"maitred.db" help:"The SQLite file, or the address of a PostgreSQL; it is only read."`
}

// Run prints what was checked and found. Errors: there were findings, or it could not be checked.
func (cmd *check) Run(ctx context.Context) error {
	opened, err := models.OpenToRead(ctx, cmd.Database, migrations.Current)
	if older := errors.As(err, new(*migrations.Older)); older && store.IsServer(cmd.Database) {
		return err
	}
	if errors.As(err, new(*migrations.Older)) || errors.As(err, new(*store.NoIndex)) {
		return cmd.rehearse(ctx)
	}
	if err != nil {
		return err
	}
	report, err := checking.Run(ctx, opened)
	if err := errors.Join(err, opened.Close()); err != nil {
		return err
	}
	fmt.Println(report)
	if n := report.Count(); n > 0 {
		return fmt.Errorf("%s is not sound, there are findings: %d. Stop the server, leave the file as it is and look for a copy from before", store.Shown(cmd.Database), n)
	}
	fmt.Printf("%s is sound.\n", store.Shown(cmd.Database))
	return nil
}

// rehearse brings a copy of an older database up to date, checks that, and says how it went.
func (cmd *check) rehearse(ctx context.Context) error {
	needed, err := store.Needed(cmd.Database)
	if err != nil {
		return err
	}
	fmt.Printf("%s is from an older maitred. This one would bring it up to date; it tries that on a copy, which takes up to %.1f MB of room.\n", cmd.Database, float64(needed)/1e6)
	shown := newProgress(os.Stdout)
	tried, err := models.Rehearse(ctx, cmd.Database, migrations.Apply, shown.tell)
	shown.end()
	if err != nil {
		return fmt.Errorf("%s %w. It was only read: stay with the old maitred", cmd.Database, err)
	}
	report, err := checking.Run(ctx, tried.Store)
	if err := errors.Join(err, tried.Close()); err != nil {
		return err
	}
	fmt.Println(report)
	if n := report.Count(); n > 0 {
		return fmt.Errorf("%s would not be sound when it is brought up to date, there would be findings: %d. It was only read: stay with the old maitred", cmd.Database, n)
	}
	fmt.Printf("Bringing %s up to date will go well. On the copy, which is gone again, it took %.1f s and %.1f MB more room. Make a backup, stop the old maitred, and start this one.\n",
		cmd.Database, tried.Took.Seconds(), float64(tried.Room)/1e6)
	return nil
}
