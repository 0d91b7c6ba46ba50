package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"maitred/handlers"
	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
	"maitred/models/store"
)

// serve is the command that serves the site.
type serve struct {
	site
	database
	Replica string `placeholder:"ADDRESS" help:"The address of a replica of the PostgreSQL. Pages are read from it as long as it has everything that was written."`
	backups
}

// Run serves until the context ends.
func (cmd *serve) Run(ctx context.Context) error {
	if err := errors.Join(cmd.site.check(), cmd.backups.check()); err != nil {
		return err
	}
	if store.IsServer(cmd.Database) && cmd.BackupEvery != 0 {
		return errNoBackups
	}
	records, err := models.Open(ctx, cmd.Database, migrations.Apply)
	if err != nil {
		return err
	}
	if cmd.Replica != "" {
		if err := records.ReadFrom(ctx, cmd.Replica); err != nil {
			return errors.Join(err, records.Close())
		}
	}
	listener, err := cmd.listen()
	if err != nil {
		return errors.Join(err, records.Close())
	}
	log := cmd.logger(os.Stderr)
	records.Log = log
	people, err := account.Open(ctx, records, cmd.accounts(), migrations.ApplySessions)
	if err != nil {
		return errors.Join(err, listener.Close(), records.Close())
	}
	people.Log = log
	cmd.slow(records, people)
	if records.ReadOnly {
		log.Warn("the database cannot be written to, so the site can only be read", slog.String("database", cmd.shown()))
	}
	kept, err := cmd.keep(cmd.Database, records.ReadOnly, log)
	if err != nil {
		return errors.Join(err, listener.Close(), people.Close(), records.Close())
	}
	o := handlers.Options{
		Accounts: people,
		Store:    func(*http.Request) (*models.Store, error) { return records, nil },
		Graph:    records.Graph,
		Log:      log,
		Backups:  kept,
	}
	if records.OnServer() {
		o.TakesOver = records
	}
	if kept != nil {
		o.LastBackup = kept.LastBackup
	}
	err = cmd.answer(ctx, listener, o, cmd.beside(), func(site string) error { return inviteFirst(ctx, people, site) })
	return errors.Join(err, kept.Close(), people.Close(), records.Close())
}

// inviteFirst prints the link that makes the first manager, as long as there is none.
func inviteFirst(ctx context.Context, people *account.Accounts, site string) error {
	word, err := people.FirstLink(ctx)
	if ctx.Err() != nil { // it is told to stop already
		return nil
	}
	if err == nil && word != "" {
		fmt.Printf("There is no manager yet. To make the first account, open %s/welcome?link=%s (it works once)\n", site, word)
	}
	return err
}
