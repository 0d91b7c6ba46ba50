package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/problem"
	"maitred/models/store"
)

// fill is the command that fills a database with synthetic data.
type fill struct {
	Database string `default:"maitred.db" help:"The SQLite file, or the address of a PostgreSQL; a file is made when it does not exist. A million places need 3 GB of room, of which half is given back."`
	Places   int64  `default:"100000" help:"How many places to add. Half of them get a restaurant with three waiters, and one as many more waiters as there are places."`
}

// Run adds the data as one change and shows how far it is. Errors: nothing was added.
func (cmd *fill) Run(ctx context.Context) error {
	if err := models.CanFill(cmd.Places); err != nil {
		return inWords(err)
	}
	records, err := models.OpenBeside(ctx, cmd.Database, migrations.Apply)
	var known *problem.Error
	if err != nil && !errors.As(err, &known) {
		return fmt.Errorf("%w. Nothing was added: name a file of maitred, or one that is not there yet, with --database", err)
	}
	if err != nil {
		return inWords(err)
	}
	started := time.Now()
	shown := newProgress(os.Stdout)
	done, err := models.Fill(ctx, records, cmd.Places, shown.tell)
	shown.end()
	if errors.Is(err, context.Canceled) {
		err = fmt.Errorf("stopped before the end, so %s is as it was, without any of the new places", store.Shown(cmd.Database))
	}
	if err := errors.Join(inWords(err), records.Close()); err != nil {
		return err
	}
	fmt.Printf("%s: %s %s in %.0f s. The site's history can undo that; it is change %d.\n",
		store.Shown(cmd.Database), done.Actor, done.Sentence, time.Since(started).Seconds(), done.ID)
	return nil
}

// inWords is an error as one sentence, without what is meant for a log.
func inWords(err error) error {
	var p *problem.Error
	if errors.As(err, &p) {
		return errors.New(p.Message)
	}
	return err
}
