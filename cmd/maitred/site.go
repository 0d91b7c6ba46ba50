package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	"maitred/handlers"
)

// site is how a site is reached and tells its operator what happens, whatever it shows.
type site struct {
	Addr string   `help:"Where to listen; localhost:8080, and with --tls-domain :443, when not given."`
	Host []string `help:"Names the site answers to, beside those of this machine."`
	transport
	limits
	watching
	logging
}

// check refuses flags that make no sense, and sets what follows from others.
func (s *site) check() error {
	s.Addr = cmp.Or(s.Addr, s.usualAddr())
	_, err := s.proxies()
	return errors.Join(s.transport.check(), s.limits.check(), s.watching.check(), err)
}

func (s *site) listen() (net.Listener, error) {
	listener, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return netutil.LimitListener(listener, s.connections()), nil
}

// answer answers what comes to the listener, which it closes, until the context ends. o lacks what the flags of
// a site say. Certificates are kept beside the file of the name. welcome is called when the site can be reached.
func (s *site) answer(ctx context.Context, listener net.Listener, o handlers.Options, beside string, welcome func(site string) error) error {
	s.memory.bound()
	o.Hosts, o.AllowHTTP, o.AtOnce = s.names(s.Host), s.AllowHTTP, s.atOnce()
	o.ImportBytes, o.ImportRows = int64(s.ImportSize), s.ImportRows
	o.Proxies, _ = s.proxies() // they were checked
	server := &http.Server{
		Handler:                      handlers.New(o),
		DisableGeneralOptionsHandler: true, // it would answer without our headers

		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    32 << 10, // an address with every condition there can be is shorter
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
	}
	wrapped, endPlain, err := s.wrap(server, listener, beside, o.Hosts, o.Log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	endBeside, err := s.watching.listen(server.Handler, o.Log)
	site := s.url(address(listener.Addr().String(), s.Addr))
	if err == nil {
		fmt.Printf("maitred is at %s\n", site)
		err = welcome(site)
	}
	if err == nil {
		err = serveUntil(ctx, server, wrapped, s.connections())
	} else {
		err = errors.Join(err, listener.Close())
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdown)
	defer cancel()
	return errors.Join(err, endPlain(late), endBeside())
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
