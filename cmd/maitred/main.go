// Command maitred serves the front desk for places, their restaurants and their waiters.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the command line. Every flag can also be given in the environment.
type commands struct {
	Serve   serve   `cmd:"" default:"withargs" help:"Serve the site (the default)."`
	Demo    demo    `cmd:"" help:"Let everyone who comes try the site, each on records of their own, which are kept for half an hour."`
	Backup  backup  `cmd:"" help:"Copy a database into a new file, also beside a running server."`
	Restore restore `cmd:"" help:"Put a backup in the place of a database that is not served."`
	Copy    moveIn  `cmd:"" help:"Copy all that is in one database into another, of SQLite or PostgreSQL, and compare the two."`
	Check   check   `cmd:"" help:"Say whether a database is sound, without changing it."`
	Fill    fill    `cmd:"" help:"Fill a database with synthetic data, as one change."`
	User    user    `cmd:"" help:"Look after the people who may come in, also beside a running server."`
	Version version `cmd:"" help:"Say which maitred this is, of which commit, and with which SQLite."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // who is told a second time ends at once, which loses nothing either
	var cli commands
	parsed := kong.Parse(&cli,
		kong.Name("maitred"),
		kong.Description("The front desk for places, the restaurants in them and their waiters."),
		kong.DefaultEnvars("MAITRED"),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "maitred:", strings.ReplaceAll(err.Error(), "\n", " "))
		os.Exit(1)
	}
}
