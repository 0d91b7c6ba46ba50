package models_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"
	"testing"

	"github.com/uptrace/bun"
	"modernc.org/sqlite"

	"maitred/models/graph"
	"maitred/models/store"
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
		`INSERT INTO changes (id, at, actor, operation, sentence, kind, identity, key, row_count)
			SELECT (SELECT max(id) + 1 FROM changes), '2026-01-01T00:00:00.000Z', 'Someone', 'create', 'hired many', 'waiters', max(id) + 1, max(id) + 1, ?1 FROM waiters`,
		`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
			INSERT INTO waiters (id, restaurant_id, name, name_norm, version)
			SELECT (SELECT max(id) FROM waiters) + i, ?0, 'Waiter ' || i * 7919 % 6007, 'waiter ' || i * 7919 % 6007, (SELECT max(id) FROM changes) FROM n`,
		`INSERT INTO change_rows (change_id, kind, identity, after_key, label, after)
			SELECT version, 'waiters', id, id, name, ` + w.waiters.Image(func(c *graph.Column) string { return c.Name }) + `
			FROM waiters WHERE version = (SELECT max(id) FROM changes)`,
		`UPDATE restaurants SET waiter_count = waiter_count + ?1 WHERE place_id = ?0`,
	} {
		w.exec(q, restaurant, waiters)
	}
	w.must(w.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		var last int64
		if err := tx.NewRaw("SELECT max(id) FROM waiters").Scan(ctx, &last); err != nil {
			return err
		}
		_, err := store.IndexRows(ctx, tx, w.waiters, last-int64(waiters)+1, last)
		return err
	}))
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
	wait := fmt.Sprintf("SELECT wait_at('%s')", w.path)
	if onServer {
		wait = w.holdsByLock(t, g)
	}
	t.Cleanup(g.letGo)
	gates.Store(w.path, g)
	if then != "" {
		wait += "; " + then
	}
	w.trigger("held", "BEFORE DELETE ON places", "TRUE", wait)
	return g
}

// endless is a statement of a trigger that ends only when it is stopped.
var endless = either("SELECT count(*) FROM forever", "PERFORM pg_sleep(3600)")

// forever makes what that of SQLite reads.
func (w *world) forever() {
	w.t.Helper()
	w.exec("CREATE VIEW forever AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
}
