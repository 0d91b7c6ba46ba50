package main

import (
	"errors"
	"fmt"

	"maitred/models/account"
	"maitred/models/store"
)

// database is where the records are.
type database struct {
	Database string `default:"maitred.db" help:"The SQLite file, or the address of a PostgreSQL: postgres://user@host/name. A file is made when it does not exist."`
	Secret   string `placeholder:"FILE" help:"The file of the secret, of which all instances at a server have a copy; beside the SQLite file, under its name with -secret, when not given, and with a server maitred-secret."`
}

// beside is what names of files begin with that belong to the database.
func (d *database) beside() string {
	if store.IsServer(d.Database) {
		return "maitred"
	}
	return d.Database
}

// accounts are the files of those who may come in.
func (d *database) accounts() account.Files {
	f := account.Beside(d.beside())
	if d.Secret != "" {
		f.Secret = d.Secret
	}
	return f
}

// shown is what the database is called in sentences.
func (d *database) shown() string { return store.Shown(d.Database) }

// onlyFile refuses a database of a server, for what a server does better itself. instead says how.
func onlyFile(database, what, instead string) error {
	if !store.IsServer(database) {
		return nil
	}
	return fmt.Errorf("%s is for SQLite files. %s", what, instead)
}

// errNoBackups says how backups of a server are made.
var errNoBackups = errors.New("--backup-every is for SQLite files. A server is backed up by its own means: pg_dump --format=custom makes a backup of one moment while the site is served, and pg_basebackup with archived WAL one of every moment")
