package main

import (
	"context"
	"errors"
	"fmt"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/change"
	"maitred/models/problem"
)

// fill is the command that fills a database with synthetic data.
type fill struct {
	Database string `default:"maitred.db" help:"The SQLite file; it is made when it does not exist."`
	Places   int64  `default:"100000" help:"How many places to add. Half of them have a restaurant."`
}

// Run adds the data as one change and shows how far it is.
func (cmd *fill) Run(ctx context.Context) error {
	store, err := models.Open(ctx, cmd.Database, migrations.Apply)
	if err != nil {
		return err
	}
	var done *change.Change
	done, err = models.Fill(ctx, store.As("maitred fill"), cmd.Places, func(doing string, part float64) { fmt.Printf("%3.0f %% %s\n", part*100, doing) })
	err = errors.Join(err, store.Close())
	var p *problem.Error
	if errors.As(err, &p) {
		return errors.New(p.Message)
	}
	if err != nil {
		return err
	}
	fmt.Println(done.Sentence)
	return nil
}
