package main

import (
	"errors"
	"log/slog"
	"time"

	keeping "maitred/models/backup"
)

// backups is how backups are made while the site is served.
type backups struct {
	BackupEvery  time.Duration `name:"backup-every" placeholder:"24h" help:"Make a backup each time this long has passed; a minute is the least. None are made when not given."`
	BackupKeep   int           `name:"backup-keep" default:"14" help:"How many backups stay: the newest that are whole."`
	BackupFolder string        `name:"backup-folder" placeholder:"FOLDER" help:"Where backups go; beside the database, under its name with -backups, when not given."`
}

// check refuses flags that make no sense.
func (b *backups) check() error {
	switch {
	case b.BackupEvery != 0:
		return b.settings("").Check()
	case b.BackupFolder != "":
		return errors.New("--backup-folder is where backups go: say how often they are made with --backup-every")
	default:
		return nil
	}
}

func (b *backups) settings(database string) keeping.Settings {
	return keeping.Settings{Database: database, Folder: b.BackupFolder, Every: b.BackupEvery, Keep: b.BackupKeep}
}

// keep begins to make backups of a database, if any are to be made; nil for none. Where the database itself can
// only be read, a folder that cannot be used is no reason to refuse to start.
func (b *backups) keep(database string, readOnly bool, log *slog.Logger) (*keeping.Backups, error) {
	if b.BackupEvery == 0 {
		return nil, nil
	}
	kept, err := keeping.Open(b.settings(database))
	if err != nil && readOnly {
		log.Error("no backups are made", slog.Any("error", err))
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	kept.Log = log
	kept.Start()
	return kept, nil
}
