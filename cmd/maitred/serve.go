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
)

// serve is the command that serves the site.
type serve struct {
	site
	Database string `default:"maitred.db" help:"The SQLite file; it is made when it does not exist."`
	backups
}

// Run serves until the context ends.
func (cmd *serve) Run(ctx context.Context) error {
	if err := errors.Join(cmd.site.check(), cmd.backups.check()); err != nil {
		return err
	}
	store, err := models.Open(ctx, cmd.Database, migrations.Apply)
	if err != nil {
		return err
	}
	listener, err := cmd.listen()
	if err != nil {
		return errors.Join(err, store.Close())
	}
	log := cmd.logger(os.Stderr)
	store.Log = log
	people, err := account.Open(ctx, store, cmd.Database, migrations.ApplySessions)
	if err != nil {
		return errors.Join(err, listener.Close(), store.Close())
	}
	people.Log = log
	cmd.slow(store, people)
	cmd.slow(store, people)
	if store.ReadOnly {
		log.Warn("the database cannot be written to, so the site can only be read", slog.String("database", cmd.Database))
	}
	kept, err := cmd.keep(cmd.Database, store.ReadOnly, log)
	if err != nil {
		return errors.Join(err, listener.Close(), people.Close(), store.Close())
	}
	o := handlers.Options{
		Accounts: people,
		Store:    func(*http.Request) (*models.Store, error) { return store, nil },
		Graph:    store.Graph,
		Log:      log,
		Backups:  kept,
	}
	if kept != nil {
		o.LastBackup = kept.LastBackup
	}
	err = cmd.answer(ctx, listener, o, cmd.Database, func(site string) error { return inviteFirst(ctx, people, site) })
	return errors.Join(err, kept.Close(), people.Close(), store.Close())
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
