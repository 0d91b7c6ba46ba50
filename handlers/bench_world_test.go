package handlers_test

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"maitred/handlers"
	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
	"maitred/models/dialect"
	"maitred/models/dialect/postgrestest"
	"maitred/models/graph"
	"maitred/models/store"
)

// The benchmarks' world is what maitred fill makes: 100,000 places, or as many as
// MAITRED_BENCH_PLACES says; or it is the file that MAITRED_BENCH_FILE names, or the PostgreSQL whose address it is,
// filled before.
const benchPlaces = "100000"

// benchDir is where benchFile made its world; TestMain removes it.
var benchDir string

// benchFile makes the world once for all benchmarks of a run. It is only read: whoever writes has a
// copy.
var benchFile = sync.OnceValues(func() (path string, err error) {
	if path := os.Getenv("MAITRED_BENCH_FILE"); path != "" {
		return path, nil
	}
	places, err := strconv.ParseInt(cmp.Or(os.Getenv("MAITRED_BENCH_PLACES"), benchPlaces), 10, 64)
	if err != nil {
		return "", err
	}
	if benchDir, err = os.MkdirTemp("", "maitred-bench"); err != nil {
		return "", err
	}
	path = filepath.Join(benchDir, "bench.db")
	s, err := models.Open(context.Background(), path, migrations.Apply)
	if err != nil {
		return "", err
	}
	_, err = models.Fill(context.Background(), s, places, nil)
	return path, errors.Join(err, s.Close())
})

// benchKeys are keys of records in the benchmarks' world.
type benchKeys struct {
	largest            int64 // the restaurant with the most waiters, and its place
	restaurant, waiter int64 // some, in the middle
}

// benchSite serves the world, and opens it for bare SQL with the same settings.
func benchSite(b *testing.B) (site http.Handler, bare *sql.DB, keys benchKeys) {
	b.Helper()
	path, err := benchFile()
	if err != nil {
		b.Fatal(err)
	}
	open, migrate := models.OpenToRead, migrations.Current
	if store.IsServer(path) { // whose connections of a site are told how to go about its statements
		open, migrate = models.Open, migrations.Apply
	}
	s, err := open(context.Background(), path, migrate)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	bare = bareOver(b, path)
	return siteOver(s), bare, find(b, bare)
}

// benchCopy is a copy of a world that nobody has open.
func benchCopy(b *testing.B, path string) string {
	b.Helper()
	if !store.IsServer(path) {
		world := filepath.Join(b.TempDir(), "copy.db")
		copyDatabase(b, path, world)
		return world
	}
	world, drop, err := postgrestest.CopyAt(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := drop(); err != nil {
			b.Error(err)
		}
	})
	return world
}

// emptyBench is a world without anything, in a file, or at the server that the world of the benchmarks is at.
func emptyBench(b *testing.B) string {
	b.Helper()
	path := os.Getenv("MAITRED_BENCH_FILE")
	if !store.IsServer(path) {
		return filepath.Join(b.TempDir(), "empty.db")
	}
	u, err := url.Parse(path)
	if err != nil {
		b.Fatal(err)
	}
	u.Path = "/template1"
	return benchCopy(b, u.String())
}

// find finds records in the world.
func find(b *testing.B, db *sql.DB) (keys benchKeys) {
	b.Helper()
	for query, into := range map[string]*int64{
		"SELECT place_id FROM restaurants ORDER BY waiter_count DESC, place_id LIMIT 1":                                                  &keys.largest,
		"SELECT place_id FROM restaurants WHERE waiter_count = 3 AND place_id > (SELECT max(id) * 2 / 3 FROM places) ORDER BY 1 LIMIT 1": &keys.restaurant,
		"SELECT id FROM waiters WHERE id > (SELECT max(id) / 4 FROM waiters) ORDER BY 1 LIMIT 1":                                         &keys.waiter,
	} {
		if err := db.QueryRow(query).Scan(into); err != nil {
			b.Fatalf("%s: %v", query, err)
		}
	}
	return keys
}

// bareOver opens a database for bare SQL.
func bareOver(b *testing.B, path string) *sql.DB {
	b.Helper()
	if store.IsServer(path) {
		config, err := pgx.ParseConfig(path)
		if err != nil {
			b.Fatal(err)
		}
		config.RuntimeParams["jit"] = "off" // as the store has it
		bare := stdlib.OpenDB(*config)
		if err := bare.Ping(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = bare.Close() })
		spoken, asked = toServer, &graph.Kind{SQL: dialect.PostgreSQL{}}
		return bare
	}
	bare, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=query_only(1)&_pragma=foreign_keys(1)&_pragma=cache_size(-16000)&_pragma=mmap_size(2147418112)")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = bare.Close() })
	return bare
}

func siteOver(s *models.Store) http.Handler {
	s.WatchSlow(250 * time.Millisecond) // as the program does
	return handlers.New(handlers.Options{
		Everyone: account.Manager,
		Store:    func(*http.Request) (*models.Store, error) { return s, nil },
		Graph:    s.Graph,
		Log:      slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
}

// get asks the site for a page, inside the process.
func get(b *testing.B, site http.Handler, path string) string {
	b.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "localhost"
	w := httptest.NewRecorder()
	site.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		b.Fatalf("%s: %d\n%s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// spoken is bare SQL as the database of the benchmarks has it. It is written for SQLite.
var spoken = func(query string) string { return query }

// asked is a kind of that database.
var asked = &graph.Kind{SQL: dialect.SQLite{}}

// toServer is bare SQL as PostgreSQL has it: the same question, asked as someone would who knows that.
func toServer(query string) string {
	query = strings.NewReplacer("instr(", "strpos(", "CROSS JOIN", "JOIN", "substr(w.name, -3)", "right(w.name, 3)", "substr(name, -3)", "right(name, 3)",
		"_search MATCH ?", "_search.trigrams @@ ?::tsquery").Replace(query)
	var b strings.Builder
	n := 0
	for i := 0; i < len(query); i++ {
		switch {
		case query[i] != '?':
			b.WriteByte(query[i])
		case i+1 < len(query) && query[i+1] == '1':
			b.WriteString("$1::text")
			n, i = max(n, 1), i+1
		default:
			n++
			b.WriteString("$" + strconv.Itoa(n))
		}
	}
	return b.String()
}
