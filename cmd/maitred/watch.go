package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof" // #nosec G108 -- it adds itself to a handler that nothing serves; here it has an address of its own
	"net/netip"
	"time"

	"maitred/handlers"
	"maitred/models"
	"maitred/models/account"
)

// watching is how those who run the site look at it.
type watching struct {
	SlowQuery   time.Duration `default:"250ms" help:"Tell in the log of each statement to the database that takes longer, with its plan; 0: of none."`
	MetricsAddr string        `placeholder:"ADDR" help:"Where else to tell /metrics, /healthz and /readyz, to whoever comes there. At --addr, /metrics is told to this machine only."`
	PprofAddr   string        `placeholder:"ADDR" help:"Where to look into the running program with go tool pprof, such as localhost:6060; on this machine only."`
}

func (w *watching) check() error {
	if w.SlowQuery < 0 {
		return errors.New("--slow-query is a time such as 250ms, or 0")
	}
	return nil
}

// slow lets the log tell of slow statements.
func (w *watching) slow(store *models.Store, people *account.Accounts) {
	store.WatchSlow(w.SlowQuery)
	people.WatchSlow(w.SlowQuery)
}

// listen starts what listens beside the site, and returns what ends that. Errors: one of the addresses cannot be
// listened at, or is not of this machine; then nothing listens.
func (w *watching) listen(site http.Handler, log *slog.Logger) (end func() error, err error) {
	var servers []*http.Server
	end = func() error {
		var errs []error
		for _, s := range servers {
			errs = append(errs, s.Close())
		}
		return errors.Join(errs...)
	}
	start := func(flag, addr string, h http.Handler, allowed func(net.Addr) bool) error {
		if addr == "" {
			return nil
		}
		listener, err := net.Listen("tcp", addr)
		if err != nil {
			return fmt.Errorf("%s: listen: %w", flag, err)
		}
		if !allowed(listener.Addr()) {
			return errors.Join(fmt.Errorf("%s is for this machine only: write localhost and a port, such as localhost:6060", flag), listener.Close())
		}
		server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
		servers = append(servers, server)
		log.Info("listening beside the site", slog.String("for", flag), slog.String("at", listener.Addr().String()))
		go func() { _ = server.Serve(listener) }() // it ends when it is told to
		return nil
	}
	err = start("--metrics-addr", w.MetricsAddr, handlers.ForOperators(site), func(net.Addr) bool { return true })
	if err == nil {
		err = start("--pprof-addr", w.PprofAddr, profiles(), isLocal)
	}
	if err != nil {
		err = errors.Join(err, end())
	}
	return end, err
}

// isLocal says that only this machine reaches an address.
func isLocal(a net.Addr) bool {
	at, err := netip.ParseAddrPort(a.String())
	return err == nil && at.Addr().Unmap().IsLoopback()
}

// profiles is what go tool pprof asks. A page of another site cannot: it would have to come by a name of its
// own (DNS rebinding).
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		addr, notAddr := netip.ParseAddr(host)
		if err != nil || host != "localhost" && (notAddr != nil || !addr.IsLoopback()) {
			http.Error(w, "ask this machine by a name of its own", http.StatusMisdirectedRequest)
			return
		}
		mux.ServeHTTP(w, r)
	})
}
