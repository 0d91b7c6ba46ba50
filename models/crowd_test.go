package models_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"
	"testing"

	"github.com/uptrace/bun"
	"modernc.org/sqlite"
)

// crowd is the world of the article where so many more waiters than Joe work at Demon Dogs.
func newCrowd(t testing.TB, waiters int) *world {
	t.Helper()
	w := newWorld(t)
	w.crowd(demonDogs, waiters)
	return w
}

// crowd hires waiters as one change, by statements over sets.
func (w *world) crowd(restaurant int64, waiters int) {
	w.t.Helper()
	for _, q := range []string{
		`INSERT INTO changes (at, actor, operation, sentence, kind, identity, key, row_count)
			SELECT '2026-01-01T00:00:00.000Z', 'Someone', 'create', 'hired many', 'waiters', max(id) + 1, max(id) + 1, ?1 FROM waiters`,
		`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
			INSERT INTO waiters (restaurant_id, name, name_norm, version)
			SELECT ?0, 'Waiter ' || i * 7919 % 6007, 'waiter ' || i * 7919 % 6007, (SELECT max(id) FROM changes) FROM n`,
		`INSERT INTO change_rows (change_id, kind, identity, after_key, label, after)
			SELECT version, 'waiters', id, id, name,
				json_object('id', id, 'restaurant_id', restaurant_id, 'name', name, 'name_norm', name_norm, 'version', version)
			FROM waiters WHERE version = (SELECT max(id) FROM changes)`,
		`INSERT INTO waiters_search (rowid, name) SELECT id, search_words(name_norm) FROM waiters WHERE version = (SELECT max(id) FROM changes)`,
		`UPDATE restaurants SET waiter_count = waiter_count + ?1 WHERE place_id = ?0`,
	} {
		w.exec(q, restaurant, waiters)
	}
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	w.must(w.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	}))
}

// gate is where a change that is being written waits until the test lets it go on.
type gate struct {
	reached, open chan struct{}
	reach, letGo  func() // once
}

// gates are found by name from within SQL.
var gates sync.Map

func init() {
	sqlite.MustRegisterScalarFunction("wait_at", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		found, ok := gates.Load(args[0])
		if !ok {
			return nil, fmt.Errorf("there is no gate %v", args[0])
		}
		g := found.(*gate)
		g.reach()
		<-g.open
		return nil, nil
	})
}

// holds lets whatever deletes a place wait at a gate: the last step of deleting it with all that
// belongs to it. then, if given, is a statement to be run when the gate is open.
func (w *world) holds(t *testing.T, then string) *gate {
	t.Helper()
	g := &gate{reached: make(chan struct{}), open: make(chan struct{})}
	g.reach, g.letGo = sync.OnceFunc(func() { close(g.reached) }), sync.OnceFunc(func() { close(g.open) })
	t.Cleanup(g.letGo)
	gates.Store(w.path, g)
	w.exec(fmt.Sprintf("CREATE TRIGGER held BEFORE DELETE ON places BEGIN SELECT wait_at('%s'); %s END", w.path, then))
	return g
}

// endless is a statement that ends only when it is stopped.
const endless = "SELECT count(*) FROM forever;"

func (w *world) forever() {
	w.t.Helper()
	w.exec("CREATE VIEW forever AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
}
