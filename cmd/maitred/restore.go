package main

import (
	"context"
	"fmt"
	"os"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
)

// restore is the command that puts a backup in the place of a database that is not served.
type restore struct {
	Database string `default:"maitred.db" help:"The SQLite file that is replaced; what was there stays beside it under another name."`
	File     string `arg:"" help:"The backup. It is only read."`
}

// Run replaces the database and says where the old one is. Errors: it is what it was.
func (cmd *restore) Run(ctx context.Context) error {
	if err := onlyFile(cmd.Database, "maitred restore", "Into a server, pg_restore brings what pg_dump saved, while no instance runs"); err != nil {
		return err
	}
	shown := newProgress(os.Stdout)
	signOut := func() error { return account.Restored(ctx, cmd.Database, migrations.ApplySessions) }
	aside, err := models.Restore(ctx, cmd.File, cmd.Database, migrations.Apply, signOut, shown.tell)
	shown.end()
	if err != nil {
		return err
	}
	fmt.Printf("%s is what %s was. Everyone has to sign in again.\n", cmd.Database, cmd.File)
	if aside != "" {
		fmt.Printf("What was there before is %s; remove it when you do not need it any more.\n", aside)
	}
	return nil
}
