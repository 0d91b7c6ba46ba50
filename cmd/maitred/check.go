package main

import (
	"context"
	"errors"
	"fmt"

	"maitred/migrations"
	"maitred/models"
	checking "maitred/models/check"
)

// check is the command that says whether a database is sound. It only reads, and may do so while
// a server writes.
type check struct {
	Database string `default:"maitred.db" help:"The SQLite file; it is only read."`
}

// Run prints what was checked and found. Errors: there were findings, or it could not be checked.
func (cmd *check) Run(ctx context.Context) error {
	store, err := models.OpenToRead(ctx, cmd.Database, migrations.Current)
	if err != nil {
		return err
	}
	report, err := checking.Run(ctx, store)
	if err := errors.Join(err, store.Close()); err != nil {
		return err
	}
	fmt.Println(report)
	if n := report.Count(); n > 0 {
		return fmt.Errorf("%s is not sound, there are findings: %d. Stop the server, leave the file as it is and look for a copy from before", cmd.Database, n)
	}
	fmt.Printf("%s is sound.\n", cmd.Database)
	return nil
}
