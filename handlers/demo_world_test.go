package handlers_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"maitred/handlers"
	"maitred/handlers/answertest"
	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
	"maitred/models/sandbox"
)

// demo is a demo whose clock stands still until a test moves it.
type demo struct {
	*sandbox.Sandboxes
	http.Handler
	bare http.Handler // without the eye on each answer
	t    testing.TB
	url  string

	mu sync.Mutex
	at time.Time
}

// demoBegins is what the demos of these tests begin with, made once, an hour ago.
var demoBegins = sync.OnceValues(func() ([]byte, error) {
	account.Cheaply()
	folder, err := os.MkdirTemp("", "demo")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "demo.db")
	if err := models.MakeDemo(context.Background(), file, time.Now(), migrations.Apply, migrations.ApplySessions); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

var plenty = sandbox.Limits{Life: 30 * time.Minute, Visitors: 2000, PerAddress: 2000, Copies: 1200, Size: 8 << 20}

// newDemo starts a demo.
func newDemo(t testing.TB, limits sandbox.Limits) *demo {
	t.Helper()
	ctx, folder, d := context.Background(), t.TempDir(), &demo{t: t, at: time.Now()}
	fill := func(_ context.Context, file string, _ time.Time) error {
		content, err := demoBegins()
		if err != nil {
			return err
		}
		return os.WriteFile(file, content, 0o600)
	}
	people := filepath.Join(folder, "people.db")
	if err := fill(ctx, people, time.Time{}); err != nil {
		t.Fatal(err)
	}
	store, err := models.Open(ctx, people, migrations.Apply)
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := account.Open(ctx, store, account.Beside(people), migrations.ApplySessions)
	if err != nil {
		t.Fatal(err)
	}
	visitor, err := accounts.Named(ctx, models.DemoVisitor)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	d.Sandboxes, err = sandbox.New(ctx, sandbox.Options{Limits: limits, Folder: folder, Now: d.now, Log: log, Fill: fill, Open: func(ctx context.Context, file string) (*models.Template, error) {
		opened, err := models.OpenTemplate(ctx, file, store.Graph)
		if err == nil {
			opened.Patience = 0 // a busy machine is no reason to fail
		}
		return opened, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	h := handlers.New(handlers.Options{
		Demo: &handlers.Demo{Sandboxes: d.Sandboxes, Visitor: visitor.Who()}, Accounts: accounts, Store: func(*http.Request) (*models.Store, error) { return store, nil }, Graph: store.Graph, Log: log,
	})
	d.bare, d.Handler = h, h
	if _, measured := t.(*testing.B); !measured && !raceDetector {
		d.Handler = answertest.Handler(h, func(fault string) { t.Errorf("%s", fault) })
	}
	server := httptest.NewServer(d.Handler)
	d.url = server.URL
	t.Cleanup(func() {
		server.Close()
		for _, end := range []func() error{d.Close, accounts.Close, store.Close} {
			if err := end(); err != nil {
				t.Error(err)
			}
		}
	})
	return d
}

func (d *demo) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at
}

// pass moves the clock.
func (d *demo) pass(by time.Duration) {
	d.mu.Lock()
	d.at = d.at.Add(by)
	d.mu.Unlock()
	d.Sweep()
}

// visitor is somebody with a browser that keeps cookies.
func (d *demo) visitor() *site {
	return &site{t: d.t, url: d.url, Handler: d.Handler, bare: d.bare, Store: new(models.Store), jar: map[string]string{}}
}

// counts expects so many visitors who are remembered, and copies.
func (d *demo) counts(visitors, copies int) {
	d.t.Helper()
	if v, c := d.Counts(); v != visitors || c != copies {
		d.t.Errorf("there are %d visitors and %d copies, want %d and %d", v, c, visitors, copies)
	}
}

// goes follows an answer, which must lead to a path.
func (s *site) goes(p *page, path string) *page {
	s.t.Helper()
	if to := p.status(http.StatusSeeOther).Header.Get("Location"); to != path {
		s.t.Fatalf("%s leads to %s, want %s", p.what, to, path)
	}
	return s.get(path)
}
