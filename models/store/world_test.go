package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/change"
	"maitred/models/kind"
)

// The named world of these tests: Demon Dogs has a restaurant where Joe and Ann work, Ace Hardware
// is free, and Taco Hut has one where Zoë works. A restaurant moved with Tim from North End to South
// End. Old Inn, where Eve worked, is deleted. A restaurant's key is its place's.
const (
	demonDogs = iota + 1
	aceHardware
	tacoHut
	northEnd
	southEnd
	oldInn
)

const (
	joe = iota + 1
	ann
)

// The changes that made the named world and that are undone in these tests.
const (
	addedDemonDogs = 1
	movedSouth     = 16
	deletedOldInn  = 17
)

var ctx = context.Background()

// world is a database file whose calls can fail, and a clean way to look at it.
type world struct {
	*models.Store
	*faults
	t     testing.TB
	file  string
	clean *sql.DB
}

// newWorld opens a copy of the named world, or of an empty site.
func newWorld(t testing.TB, empty bool) *world {
	t.Helper()
	file := filepath.Join(t.TempDir(), "maitred.db")
	content, err := prepared[empty]()
	must(t, err)
	must(t, os.WriteFile(file, content, 0o600))
	w := &world{t: t, file: file, faults: faultsOf(file)}
	w.open()
	w.clean, err = sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)&_pragma=query_only(1)")
	must(t, err)
	t.Cleanup(func() {
		must(t, w.clean.Close())
		must(t, w.Close())
	})
	return w
}

// prepared are the files that a world begins with, an empty site and the named world: building one
// costs more than what is done to it in a test. There is a table besides, for goesOn to write into.
var prepared = map[bool]func() ([]byte, error){
	true:  sync.OnceValues(func() ([]byte, error) { return prepare(nil) }),
	false: sync.OnceValues(func() ([]byte, error) { return prepare(named) }),
}

func prepare(fill func(*models.Store) error) (content []byte, err error) {
	dir, err := os.MkdirTemp("", "prepared")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "maitred.db")
	s, err := models.Open(ctx, file, migrations.Apply)
	if err != nil {
		return nil, err
	}
	err = s.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "CREATE TABLE scratch (n INTEGER); INSERT INTO scratch VALUES (0)")
		return err
	})
	if err == nil && fill != nil {
		err = fill(s)
	}
	if err := errors.Join(err, s.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

// named fills in the named world.
func named(s *models.Store) error {
	return errors.Join(
		create(s, models.Places, &models.Place{Name: "Demon Dogs", Address: "944 W. Fullerton"}),
		create(s, models.Places, &models.Place{Name: "Ace Hardware", Address: "1013 N. Ashland"}),
		create(s, models.Places, &models.Place{Name: "Taco Hut", Address: "7 W. Erie"}),
		create(s, models.Restaurants, &models.Restaurant{PlaceID: demonDogs, ServesHotDogs: true}),
		create(s, models.Restaurants, &models.Restaurant{PlaceID: tacoHut}),
		create(s, models.Waiters, &models.Waiter{RestaurantID: demonDogs, Name: "Joe"}),
		create(s, models.Waiters, &models.Waiter{RestaurantID: demonDogs, Name: "Ann"}),
		create(s, models.Waiters, &models.Waiter{RestaurantID: tacoHut, Name: "Zoë"}),
		create(s, models.Places, &models.Place{Name: "North End", Address: "1 North St"}),
		create(s, models.Places, &models.Place{Name: "South End", Address: "1 South St"}),
		create(s, models.Restaurants, &models.Restaurant{PlaceID: northEnd}),
		create(s, models.Waiters, &models.Waiter{RestaurantID: northEnd, Name: "Tim"}),
		create(s, models.Places, &models.Place{Name: "Old Inn", Address: "1 Old St"}),
		create(s, models.Restaurants, &models.Restaurant{PlaceID: oldInn, ServesPizza: true}),
		create(s, models.Waiters, &models.Waiter{RestaurantID: oldInn, Name: "Eve"}),
		do(s, change.Move{Kind: models.Restaurants.Kind(s), Key: northEnd, To: southEnd}),
		do(s, change.Delete{Kind: models.Places.Kind(s), Key: oldInn}),
	)
}

// do shows an operation and does it.
func do(s *models.Store, op change.Operation) error {
	plan, err := change.Preview(ctx, s, op)
	if err != nil {
		return err
	}
	_, err = change.Commit(ctx, s, op, change.Form{Fingerprint: plan.Fingerprint()})
	return err
}

func create[T any](s *models.Store, of kind.Of[T], record *T) error {
	_, err := of.Create(ctx, s, "", record)
	return err
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open opens the store, with a clock that stands.
func (w *world) open() {
	w.t.Helper()
	s, err := models.Open(ctx, w.file, migrations.Apply)
	must(w.t, err)
	s.Now = func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	w.Store = s
}

// tables are what is stored of records and history, each with its order.
var tables = []string{
	"places ORDER BY id", "restaurants ORDER BY place_id", "waiters ORDER BY id",
	"changes ORDER BY id", "change_rows ORDER BY change_id, kind, identity", "undos ORDER BY change_id", "sqlite_sequence ORDER BY name",
	"places_search_entries ORDER BY term, doc", "waiters_search_entries ORDER BY term, doc",
}

// stored is every row of every table.
func (w *world) stored() string {
	w.t.Helper()
	var all strings.Builder
	for _, table := range tables {
		rows, err := w.clean.QueryContext(ctx, "SELECT * FROM "+table)
		must(w.t, err)
		columns, err := rows.Columns()
		must(w.t, err)
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		for rows.Next() {
			must(w.t, rows.Scan(into...))
			fmt.Fprintln(&all, table, values)
		}
		must(w.t, errors.Join(rows.Err(), rows.Close()))
	}
	return all.String()
}

// goesOn does what the next requests do: read, all at once, and write.
func (w *world) goesOn(after string) {
	w.t.Helper()
	hurried, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if err := w.readOnAll(hurried, 4); err != nil {
		w.t.Fatalf("after %s the next requests cannot read: %v", after, err)
	}
	was := w.scratch()
	err := w.Change(hurried, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE scratch SET n = n + 1")
		return err
	})
	if is := w.scratch(); err != nil || is != was+1 {
		w.t.Fatalf("after %s the next request cannot write, %d became %d: %v", after, was, is, err)
	}
}

// readOnAll reads on n connections at once.
func (w *world) readOnAll(ctx context.Context, n int) error {
	if n == 0 {
		return nil
	}
	return w.View(ctx, func(_ context.Context, tx bun.Tx) error {
		var seen int
		if err := tx.NewRaw("SELECT n FROM scratch").Scan(ctx, &seen); err != nil {
			return err
		}
		if is := w.scratch(); seen != is {
			return fmt.Errorf("the page shows %d, stored is %d", seen, is)
		}
		return w.readOnAll(ctx, n-1)
	})
}

func (w *world) scratch() (n int) {
	w.t.Helper()
	must(w.t, w.clean.QueryRowContext(ctx, "SELECT n FROM scratch").Scan(&n))
	return n
}
