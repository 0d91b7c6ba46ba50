package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"maitred/models"
)

// backup is the command that copies a database while it is served.
type backup struct {
	Database string `default:"maitred.db" help:"The SQLite file; it is only read, and a server may be writing to it."`
	File     string `arg:"" help:"Where the backup goes: a file that is not there yet."`
}

// Run makes the backup and says how large it is. Errors: there is none.
func (cmd *backup) Run(ctx context.Context) error {
	if err := onlyFile(cmd.Database, "maitred backup", "Of a server, pg_dump --format=custom makes a backup of one moment while the site is served"); err != nil {
		return err
	}
	started := time.Now()
	shown := newProgress(os.Stdout)
	err := models.Backup(ctx, cmd.Database, cmd.File, shown.tell)
	shown.end()
	if err != nil {
		return err
	}
	info, err := os.Stat(cmd.File)
	if err != nil {
		return err
	}
	fmt.Printf("%s is a backup of %s, read back and whole: %.1f MB in %.1f s. Keep a copy of %[2]s-secret as well, for without it no second step can be checked.\n",
		cmd.File, cmd.Database, float64(info.Size())/1e6, time.Since(started).Seconds())
	return nil
}
