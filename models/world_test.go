package models_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/store"
)

// The named world of these tests: Demon Dogs has a restaurant where Joe works, Ace Hardware is
// free. A restaurant's key is its place's.
const (
	demonDogs   = 1
	aceHardware = 2
	joe         = 1
	nowhere     = 99 // no record has this key
)

// tester is what a world reports to: a test, or one run of a property.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// world is a real database file with what a story needs to tell of it.
type world struct {
	*models.Store
	t    tester
	path string

	places, restaurants, waiters *graph.Kind
}

// emptyWorld opens a new database. When the test is over, all that must always be true of a
// database is checked once more.
func emptyWorld(t testing.TB) *world {
	t.Helper()
	w := openWorld(t, filepath.Join(t.TempDir(), "maitred.db"))
	t.Cleanup(func() {
		w.mustBeSound()
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func openWorld(t tester, path string) *world {
	t.Helper()
	s, err := models.Open(context.Background(), databaseAt(t, path), migrations.Apply)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	s.Patience = 0 // a busy machine is no reason to fail
	return &world{
		Store: s, t: t, path: path,
		places: models.Places.Kind(s), restaurants: models.Restaurants.Kind(s), waiters: models.Waiters.Kind(s),
	}
}

// newWorld is the world of the article.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := emptyWorld(t)
	w.addPlace("Demon Dogs", "944 W. Fullerton")
	w.addPlace("Ace Hardware", "1013 N. Ashland")
	w.open(&models.Restaurant{PlaceID: demonDogs, ServesHotDogs: true})
	w.hire(demonDogs, "Joe")
	return w
}

// addPlace saves a place and returns its key.
func (w *world) addPlace(name, address string) int64 {
	w.t.Helper()
	p := &models.Place{Name: name, Address: address}
	_, err := models.Places.Create(ctx, w.Store, "", p)
	w.must(err)
	return p.ID
}

func (w *world) open(r *models.Restaurant) *change.Change {
	w.t.Helper()
	c, err := models.Restaurants.Create(ctx, w.Store, "", r)
	w.must(err)
	return c
}

// addRestaurant saves a place with a restaurant and returns the key of both.
func (w *world) addRestaurant(name, address string) int64 {
	w.t.Helper()
	key := w.addPlace(name, address)
	w.open(&models.Restaurant{PlaceID: key})
	return key
}

// hire saves waiters and returns the key of the last.
func (w *world) hire(restaurant int64, names ...string) (key int64) {
	w.t.Helper()
	for _, name := range names {
		hired := &models.Waiter{RestaurantID: restaurant, Name: name}
		_, err := models.Waiters.Create(ctx, w.Store, "", hired)
		w.must(err)
		key = hired.ID
	}
	return key
}

// rename gives a place another name.
func (w *world) rename(key int64, name string) *change.Change {
	w.t.Helper()
	p := w.place(key)
	p.Name = name
	c, err := models.Places.Update(ctx, w.Store, "", key, p.Version, p)
	w.must(err)
	return c
}

func (w *world) place(key int64) *models.Place           { return find(w, models.Places, key) }
func (w *world) restaurant(key int64) *models.Restaurant { return find(w, models.Restaurants, key) }
func (w *world) waiter(key int64) *models.Waiter         { return find(w, models.Waiters, key) }

func find[T any](w *world, of kind.Of[T], key int64) *T {
	w.t.Helper()
	record, err := of.Find(ctx, w.Store, key)
	w.must(err)
	return record
}

// working is the work of this ID; nil for none.
func (w *world) working(id string) *store.Work {
	w.t.Helper()
	found, err := w.Working(ctx, id)
	w.must(err)
	return found
}

func (w *world) preview(op change.Operation) *change.Plan {
	w.t.Helper()
	p, err := change.Preview(ctx, w.Store, op)
	w.must(err)
	return p
}

// commit does an operation whose plan was shown.
func (w *world) commit(op change.Operation, shown *change.Plan) (*change.Change, error) {
	return change.Commit(ctx, w.Store, op, change.Form{Fingerprint: shown.Fingerprint()})
}

// do shows an operation and does it.
func (w *world) do(op change.Operation) *change.Change {
	w.t.Helper()
	c, err := w.commit(op, w.preview(op))
	w.must(err)
	return c
}

func (w *world) delete(k *graph.Kind, key int64) *change.Change {
	w.t.Helper()
	return w.do(change.Delete{Kind: k, Key: key})
}

func (w *world) move(k *graph.Kind, key, to int64) *change.Change {
	w.t.Helper()
	return w.do(change.Move{Kind: k, Key: key, To: to})
}

func (w *world) swap(key, to int64) *change.Change {
	w.t.Helper()
	return w.do(change.Move{Kind: w.restaurants, Key: key, To: to, Swap: true})
}

// history is what a record's page says happened to it, newest first.
func history[T any](w *world, of kind.Of[T], key int64) (sentences []string) {
	w.t.Helper()
	changes, err := of.History(ctx, w.Store, find(w, of, key), 100)
	w.must(err)
	for _, c := range changes {
		sentences = append(sentences, c.Sentence)
	}
	return sentences
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("unexpected error: %v", err)
	}
}

// refused expects a problem of this code whose sentences, field names before them, contain words.
func (w *world) refused(err error, code problem.Code, words ...string) {
	w.t.Helper()
	refused(w.t, err, code, words...)
}

func refused(t tester, err error, code problem.Code, words ...string) {
	t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) || p.Code != code {
		t.Fatalf("got the error %v, want one that is %q", err, code)
	}
	said := p.Message
	for _, f := range p.Fields {
		said += " " + f.Name + ": " + f.Message
	}
	for _, word := range words {
		if !strings.Contains(said, word) {
			t.Errorf("%q does not say %q", said, word)
		}
	}
}

// same compares what is with what should be.
func same(t tester, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s is not as it should be (- want, + got):\n%s", what, d)
	}
}

func (w *world) same(what string, got, want any) {
	w.t.Helper()
	same(w.t, what, got, want)
}

// row is a row of a table, by column; numbers are int64, yes and no are 1 and 0.
type row map[string]any

// tables is every row of every kind, by table and key.
type tables map[string]map[int64]row

// tables reads the whole database.
func (w *world) tables() tables {
	w.t.Helper()
	all := tables{}
	w.view(func(tx bun.Tx) {
		for _, k := range w.Graph.Kinds() {
			all[k.Table] = map[int64]row{}
			for _, r := range w.query(tx, "SELECT * FROM "+k.Table) {
				all[k.Table][r[k.Key.Name].(int64)] = r
			}
		}
	})
	return all
}

// mustBeAsBefore says that nothing was written, history included.
func (w *world) mustBeAsBefore(before tables, changes int) {
	w.t.Helper()
	w.same("the database after a refusal", w.tables(), before)
	w.same("the number of changes after a refusal", w.changes(), changes)
}

// changes is how many changes there are.
func (w *world) changes() (n int) {
	w.t.Helper()
	w.view(func(tx bun.Tx) { w.must(tx.NewRaw("SELECT count(*) FROM changes").Scan(ctx, &n)) })
	return n
}

func (w *world) view(fn func(tx bun.Tx)) {
	w.t.Helper()
	w.must(w.View(ctx, func(_ context.Context, tx bun.Tx) error { fn(tx); return nil }))
}

func (w *world) query(tx bun.Tx, query string, args ...any) (found []row) {
	w.t.Helper()
	rows, err := tx.QueryContext(ctx, query, args...)
	w.must(err)
	found, err = readRows(rows)
	w.must(err)
	return found
}

func readRows(rows *sql.Rows) (found []row, err error) {
	defer rows.Close()
	names, err := rows.Columns()
	for err == nil && rows.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		err = rows.Scan(into...)
		r := row{}
		for i, name := range names {
			r[name] = values[i]
			switch v := values[i].(type) {
			case bool:
				r[name] = map[bool]int64{false: 0, true: 1}[v]
			case []byte: // JSON of PostgreSQL
				r[name] = string(v)
			}
		}
		found = append(found, r)
	}
	return found, errors.Join(err, rows.Err())
}

var ctx = context.Background()
