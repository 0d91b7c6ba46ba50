package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
	checking "maitred/models/check"
	"maitred/models/graph"
	"maitred/models/store"
	"maitred/models/transfer"
)

// moveIn is the command that copies a site's whole database into another, of whichever kind the two are.
type moveIn struct {
	From string `required:"" help:"The database that is copied: an SQLite file, or an address as postgres://user:password@host/name. It is only read, and may be served meanwhile; what is written to it after this began is not copied."`
	To   string `required:"" help:"Where it goes: a file or an address as well, in which there is nothing yet."`
}

// Run copies, compares both sides row by row and checks the copy. Errors: there is no copy, or it is not to be used.
func (cmd *moveIn) Run(ctx context.Context) error {
	shown := newProgress(os.Stdout)
	defer shown.end()
	began := time.Now()
	done, err := cmd.copy(ctx, shown)
	shown.end()
	from, to := store.Shown(cmd.From), store.Shown(cmd.To)
	switch {
	case errors.As(err, new(*transfer.NotEmpty)):
		return fmt.Errorf("%s %w. Nothing was copied", to, err)
	case errors.As(err, new(*transfer.Different)):
		return fmt.Errorf("what was copied is not what is in %s, so nothing of it was kept in %s: %w", from, to, err)
	case errors.As(err, new(*store.Unconfirmed)):
		return fmt.Errorf("%s did not confirm the end, so all of %s may be there, or nothing: empty it and begin again (%w)", to, from, err)
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("stopped before the end, so there is nothing of %s in %s", from, to)
	case err != nil:
		return inWords(err)
	}
	took := time.Since(began)
	report, err := cmd.check(ctx, shown)
	shown.end()
	if err != nil {
		return fmt.Errorf("all was copied, and both sides are the same, but %s could not be checked: %w", to, err)
	}
	fmt.Println(report)
	if n := report.Count(); n > 0 {
		return fmt.Errorf("%s is the same as %s, but not sound, there are findings: %d. Let maitred check look at %s", to, from, n, from)
	}
	fmt.Printf("%s has all that was in %s: %s rows of %d tables, copied and compared row by row in %.0f s. Both are the same, and the copy is sound. Everyone has to sign in again.\n",
		to, from, graph.Number(done.Rows), done.Tables, took.Seconds())
	if secret := cmd.secret(); secret != "" {
		fmt.Println(secret)
	}
	return nil
}

// secret says what the new site needs beside its database; "" for nothing.
func (cmd *moveIn) secret() string {
	what := "the secret of the old site"
	if !store.IsServer(cmd.From) {
		what = account.Beside(cmd.From).Secret
		if _, err := os.Stat(what); errors.Is(err, fs.ErrNotExist) { // it was never served
			return ""
		}
	}
	if !store.IsServer(cmd.To) {
		return fmt.Sprintf("Give the new site %s as well, as %s, for without it no second step can be checked.", what, account.Beside(cmd.To).Secret)
	}
	return fmt.Sprintf("Give the new site %s as well, for without it no second step can be checked.", what)
}

// copy copies and compares.
func (cmd *moveIn) copy(ctx context.Context, shown *progress) (done *transfer.Done, err error) {
	from, err := cmd.source(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closed(from)) }()
	to, err := cmd.target(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closed(to)) }()
	tell := func(doing string, part float64) { shown.tell(doing, .9*part) }
	return transfer.Copy{From: from, To: to, Without: account.Passing, Tell: tell}.Run(ctx)
}

// check opens the copy once more, which makes what a search reads, and checks it.
func (cmd *moveIn) check(ctx context.Context, shown *progress) (*checking.Report, error) {
	shown.tell("Making everything easy to find", .9)
	s, err := models.Open(ctx, cmd.To, migrations.Apply)
	if err != nil {
		return nil, err
	}
	shown.tell("Checking the copy", .95)
	report, err := checking.Run(ctx, s)
	return report, errors.Join(err, s.Close())
}

// source opens what is copied, only to read it.
func (cmd *moveIn) source(ctx context.Context) (side transfer.Side, err error) {
	if side.Records, err = models.OpenToRead(ctx, cmd.From, migrations.Current); err != nil {
		return side, err
	}
	if store.IsServer(cmd.From) { // which has the sessions beside the records
		return side, nil
	}
	beside := account.Beside(cmd.From).Sessions
	if _, err := os.Stat(beside); errors.Is(err, fs.ErrNotExist) { // nobody ever signed in
		return side, nil
	}
	if side.Beside, err = store.OpenSideToRead(ctx, beside); err != nil {
		return side, errors.Join(err, closed(side))
	}
	return side, nil
}

// target opens where it goes, and makes it where it is not there.
func (cmd *moveIn) target(ctx context.Context) (side transfer.Side, err error) {
	if side.Records, err = models.Open(ctx, cmd.To, migrations.ApplyWhole); err != nil {
		return side, err
	}
	if store.IsServer(cmd.To) { // which has the sessions beside the records
		return side, nil
	}
	beside := account.Beside(cmd.To).Sessions
	if side.Beside, err = store.OpenSide(ctx, beside, migrations.ApplySessions); err != nil {
		return side, errors.Join(err, closed(side))
	}
	return side, nil
}

func closed(side transfer.Side) (err error) {
	if side.Beside != nil {
		err = side.Beside.Close()
	}
	return errors.Join(err, side.Records.Close())
}
