package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"maitred/handlers"
	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
	"maitred/models/graph"
	"maitred/models/sandbox"
)

// demo is the command that lets everyone who comes try the site.
type demo struct {
	site
	Folder     string `placeholder:"FOLDER" help:"Where its files are made, all of which are gone in the end, and certificates are kept; the machine's folder for such files when not given."`
	Minutes    int    `default:"30" help:"How long a visitor's demo lasts."`
	Visitors   int    `default:"2000" help:"How many visitors there may be at once."`
	PerAddress int    `name:"per-address" default:"100" help:"How many of them may come from one address."`
	Copies     int    `default:"1000" help:"How many of them may have changed something, for which each has a copy of the records."`
	CopySize   int    `name:"copy-size" default:"8" help:"How large a copy may become, in MB. With all of them so large, the disk must hold twice that, since a change takes as much again while it is written."`
}

// Run serves the demo until the context ends, and removes all that visitors did.
func (cmd *demo) Run(ctx context.Context) error {
	if err := errors.Join(cmd.site.check(), cmd.check()); err != nil {
		return err
	}
	listener, err := cmd.listen()
	if err != nil {
		return err
	}
	log := cmd.logger(os.Stderr)
	var kinds *graph.Graph // of the first template, and then of all
	boxes, err := sandbox.New(ctx, sandbox.Options{
		Limits: cmd.limits(), Folder: cmd.Folder, Now: time.Now, Log: log, Fill: makeDemo,
		Open: func(ctx context.Context, file string) (*models.Template, error) {
			opened, err := models.OpenTemplate(ctx, file, kinds)
			if err == nil {
				kinds = opened.Graph
			}
			return opened, err
		},
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	staff, err := employ(ctx, boxes.Path("people.db"))
	if err != nil {
		return errors.Join(err, boxes.Close(), listener.Close())
	}
	cmd.slow(staff.store, staff.Accounts)
	sweeping, stop := context.WithCancel(ctx)
	swept := make(chan struct{})
	go func() {
		defer close(swept)
		boxes.Run(sweeping)
	}()
	err = cmd.answer(ctx, listener, handlers.Options{
		Demo:     &handlers.Demo{Sandboxes: boxes, Visitor: staff.visitor},
		Accounts: staff.Accounts,
		Store:    func(*http.Request) (*models.Store, error) { return staff.store, nil },
		Graph:    kinds,
		Log:      log,
	}, filepath.Join(cmp.Or(cmd.Folder, os.TempDir()), "maitred"), cmd.welcome)
	stop()
	<-swept
	return errors.Join(err, staff.close(), boxes.Close())
}

// check refuses limits that make no sense.
func (cmd *demo) check() error {
	for _, limit := range []struct {
		flag    string
		n, most int
	}{
		{"minutes", cmd.Minutes, 24 * 60}, {"visitors", cmd.Visitors, 1_000_000}, {"per-address", cmd.PerAddress, 1_000_000},
		{"copies", cmd.Copies, 1_000_000}, {"copy-size", cmd.CopySize, 1 << 20},
	} {
		if limit.n < 1 || limit.n > limit.most {
			return fmt.Errorf("--%s %d: give a number from 1 to %s", limit.flag, limit.n, graph.Number(int64(limit.most)))
		}
	}
	if len(cmd.TLSDomain) > 0 && cmd.Folder == "" {
		return errors.New("--tls-domain fetches a certificate that must be kept: name a folder of the program's own with --folder")
	}
	if cmd.CopySize < leastCopy {
		return fmt.Errorf("--copy-size %d: a copy takes %d MB from the beginning, so give more", cmd.CopySize, leastCopy-1)
	}
	return nil
}

// leastCopy is what a copy needs to be of any use, in MB.
const leastCopy = 2

func (cmd *demo) limits() sandbox.Limits {
	return sandbox.Limits{
		Life:     time.Duration(cmd.Minutes) * time.Minute,
		Visitors: cmd.Visitors, PerAddress: cmd.PerAddress, Copies: cmd.Copies,
		Size: int64(cmd.CopySize) << 20,
	}
}

func (cmd *demo) welcome(string) error {
	fmt.Println("This is a demo: everyone who comes has records of their own, and nothing of them is kept.")
	return nil
}

func makeDemo(ctx context.Context, file string, now time.Time) error {
	return models.MakeDemo(ctx, file, now, migrations.Apply, migrations.ApplySessions)
}

// staff are the people whom a demo shows, in a file of their own.
type staff struct {
	*account.Accounts
	store   *models.Store
	visitor account.Who
}

func employ(ctx context.Context, file string) (*staff, error) {
	if err := makeDemo(ctx, file, time.Now()); err != nil {
		return nil, err
	}
	store, err := models.Open(ctx, file, migrations.Apply)
	if err != nil {
		return nil, err
	}
	people, err := account.Open(ctx, store, account.Beside(file), migrations.ApplySessions)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	visitor, err := people.Named(ctx, models.DemoVisitor)
	if err != nil {
		return nil, errors.Join(err, people.Close(), store.Close())
	}
	return &staff{people, store, visitor.Who()}, nil
}

func (s *staff) close() error { return errors.Join(s.Accounts.Close(), s.store.Close()) }
