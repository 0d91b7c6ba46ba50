package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/net/netutil"

	"maitred/handlers"
	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
)

// serve is the command that serves the site.
type serve struct {
	Addr     string   `help:"Where to listen; localhost:8080, and with --tls-domain :443, when not given."`
	Database string   `default:"maitred.db" help:"The SQLite file; it is made when it does not exist."`
	Host     []string `help:"Names the site answers to, beside those of this machine."`
	transport
	limits
	watching
	logging
}

// Run serves until the context ends.
func (cmd *serve) Run(ctx context.Context) error {
	if err := errors.Join(cmd.transport.check(), cmd.limits.check(), cmd.watching.check()); err != nil {
		return err
	}
	cmd.Addr = cmp.Or(cmd.Addr, cmd.usualAddr())
	cmd.memory.bound()
	proxies, err := cmd.proxies()
	if err != nil {
		return err
	}
	store, err := models.Open(ctx, cmd.Database, migrations.Apply)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cmd.Addr)
	if err != nil {
		return errors.Join(fmt.Errorf("listen: %w", err), store.Close())
	}
	listener = netutil.LimitListener(listener, cmd.connections())
	log := cmd.logger(os.Stderr)
	store.Log = log
	people, err := account.Open(ctx, store, cmd.Database, migrations.ApplySessions)
	if err != nil {
		return errors.Join(err, listener.Close(), store.Close())
	}
	people.Log = log
	cmd.slow(store, people)
	if store.ReadOnly {
		log.Warn("the database cannot be written to, so the site can only be read", slog.String("database", cmd.Database))
	}
	server := &http.Server{
		Handler: handlers.New(handlers.Options{
			Accounts:  people,
			Store:     func(*http.Request) (*models.Store, error) { return store, nil },
			Graph:     store.Graph,
			Hosts:     cmd.names(cmd.Host),
			Log:       log,
			Proxies:   proxies,
			AllowHTTP: cmd.AllowHTTP,
			AtOnce:    cmd.atOnce(),
		}),
		DisableGeneralOptionsHandler: true, // it would answer without our headers

		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    32 << 10, // an address with every condition there can be is shorter
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	listener, endPlain, err := cmd.wrap(server, listener, cmd.Database, cmd.names(cmd.Host), log)
	if err != nil {
		return errors.Join(err, people.Close(), store.Close())
	}
	endBeside, err := cmd.listen(server.Handler, log)
	if err != nil {
		return errors.Join(err, listener.Close(), people.Close(), store.Close())
	}
	site := cmd.url(address(listener.Addr().String(), cmd.Addr))
	fmt.Printf("maitred is at %s\n", site)
	if err := inviteFirst(ctx, people, site); err != nil {
		return errors.Join(err, listener.Close(), people.Close(), store.Close())
	}
	err = serveUntil(ctx, server, listener, cmd.connections())
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdown)
	defer cancel()
	return errors.Join(err, endPlain(late), endBeside(), people.Close(), store.Close())
}

// inviteFirst prints the link that makes the first manager, as long as there is none.
func inviteFirst(ctx context.Context, people *account.Accounts, site string) error {
	word, err := people.FirstLink(ctx)
	if err == nil && word != "" {
		fmt.Printf("There is no manager yet. To make the first account, open %s/welcome?link=%s (it works once)\n", site, word)
	}
	return err
}

// address is what people type: the name they chose with the port that was given out.
func address(listening, asked string) string {
	host, _, err := net.SplitHostPort(asked)
	_, port, err2 := net.SplitHostPort(listening)
	if err != nil || err2 != nil || host == "" {
		return listening
	}
	return net.JoinHostPort(host, port)
}
