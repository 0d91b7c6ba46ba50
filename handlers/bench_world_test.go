package handlers_test

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"maitred/handlers"
	"maitred/migrations"
	"maitred/models"
)

// The benchmarks' world: 100,000 places, half of them with a restaurant, three waiters in each
// and 10,000 more in one.
const (
	benchPlaces     = 100_000
	bigRestaurant   = 77_778 // the key of its place
	bigRestaurantOf = 10_000
)

// benchSchema fills the tables by statements over sets, with the change that would have written
// the rows. Names repeat, so that sorted lists have ties.
var benchFill = []string{
	`INSERT INTO changes (id, at, actor, operation, sentence, kind, identity, key, row_count)
		VALUES (1, '2026-01-01T00:00:00.000Z', 'Someone', 'create', 'filled the benchmark', 'places', 1, 1, 310000)`,
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
		INSERT INTO places (id, name, name_norm, address, address_norm, version, restaurant_count)
		SELECT i, 'Place ' || (i * 7919 % 60000), 'place ' || (i * 7919 % 60000), i || ' N. Street ' || (i % 997), i || ' n. street ' || (i % 997), 1, (i + 1) % 2 FROM n`,
	`INSERT INTO restaurants (place_id, identity, serves_hot_dogs, serves_pizza, version, waiter_count)
		SELECT id, id, id % 3 = 0, id % 5 = 0, 1, 3 FROM places WHERE restaurant_count = 1`,
	`INSERT INTO waiters (restaurant_id, name, name_norm, version)
		SELECT place_id, 'Waiter ' || (place_id * 31 % 9973 + k), 'waiter ' || (place_id * 31 % 9973 + k), 1
		FROM restaurants, (SELECT 0 AS k UNION ALL SELECT 1 UNION ALL SELECT 2)`,
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
		INSERT INTO waiters (restaurant_id, name, name_norm, version) SELECT 77778, 'Waiter ' || i, 'waiter ' || i, 1 FROM n`,
	`UPDATE restaurants SET waiter_count = 10003 WHERE place_id = 77778`,
	`INSERT INTO change_rows (change_id, kind, identity, after_key, label, after)
		SELECT 1, 'places', id, id, name, json_object('id', id, 'name', name, 'name_norm', name_norm, 'address', address, 'address_norm', address_norm, 'version', 1) FROM places`,
	`INSERT INTO change_rows (change_id, kind, identity, after_key, label, after)
		SELECT 1, 'restaurants', identity, place_id, '', json_object('place_id', place_id, 'identity', identity, 'serves_hot_dogs', serves_hot_dogs, 'serves_pizza', serves_pizza, 'version', 1) FROM restaurants`,
	`INSERT INTO change_rows (change_id, kind, identity, after_key, label, after)
		SELECT 1, 'waiters', id, id, name, json_object('id', id, 'restaurant_id', restaurant_id, 'name', name, 'name_norm', name_norm, 'version', 1) FROM waiters`,
}

// benchDir is where benchFile made its world; TestMain removes it.
var benchDir string

// benchFile makes the world once for all benchmarks of a run; each gets a copy if it writes.
var benchFile = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "maitred-bench")
	if err != nil {
		return "", err
	}
	benchDir = dir
	path := filepath.Join(dir, "bench.db")
	s, err := models.Open(context.Background(), path, migrations.Apply)
	if err != nil {
		return "", err
	}
	if err := s.Close(); err != nil {
		return "", err
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)")
	if err != nil {
		return "", err
	}
	defer db.Close()
	for _, q := range benchFill {
		if _, err := db.Exec(q); err != nil {
			return "", err
		}
	}
	return path, nil
})

// benchSite serves the world, and opens it for bare SQL with the same settings.
func benchSite(b *testing.B) (site http.Handler, bare *sql.DB) {
	b.Helper()
	path, err := benchFile()
	if err != nil {
		b.Fatal(err)
	}
	s, err := models.Open(context.Background(), path, migrations.Apply)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return siteOver(s), bareOver(b, path)
}

// bareOver opens a file for bare SQL.
func bareOver(b *testing.B, path string) *sql.DB {
	b.Helper()
	bare, err := sql.Open("sqlite", "file:"+path+"?_pragma=query_only(1)&_pragma=foreign_keys(1)&_pragma=cache_size(-16000)&_pragma=mmap_size(268435456)")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = bare.Close() })
	return bare
}

func siteOver(s *models.Store) http.Handler {
	return handlers.New(handlers.Options{
		Store: func(*http.Request) (*models.Store, error) { return s, nil },
		Graph: s.Graph,
		Log:   slog.New(slog.NewTextHandler(io.Discard, nil)),
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
