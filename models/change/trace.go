package change

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/dialect"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/models/store"
)

// Trace says what became of the record that was last at this key.
type Trace struct {
	Last  *Change // the change that took it away
	Left  Effect  // how it left the key: Deleted, or Changed when it got another one
	Now   int64   // the key it has now; 0 when it is gone
	Label string  // what it is, or was last, called
}

// TraceOf returns what became of the record that was last at this key; nil if there never was one.
func TraceOf(ctx context.Context, s *store.Store, k *graph.Kind, key int64) (t *Trace, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		left := new(Row)
		err := tx.NewSelect().Model(left).
			Where("kind = ? AND before_key = ? AND (after_key IS NULL OR after_key <> before_key)", k.Table, key).
			Order("change_id DESC").Limit(1).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		t, err = traceOf(ctx, tx, k, left.Identity, left.ChangeID, left.Effect())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("trace %s %d: %w", k.Table, key, err)
	}
	return t, nil
}

// traceOf is TraceOf by identity; last is the change that took the record away from where it was.
func traceOf(ctx context.Context, tx bun.Tx, k *graph.Kind, identity, last int64, left Effect) (*Trace, error) {
	t := &Trace{Last: new(Change), Left: left}
	now, label, gone, err := called(ctx, tx, k, identity)
	if err != nil {
		return nil, err
	}
	if t.Now, t.Label = now, label; now == 0 {
		last = gone
	}
	if err := whole(tx, t.Last).Where("id = ?", last).Scan(ctx); err != nil {
		return nil, err
	}
	return t, mark(ctx, tx, []*Change{t.Last})
}

// called returns which key a record has now and what it is called; of one that is gone, key 0, what
// it was last called and the change that took it away. Errors: NotFound for one that never was.
func called(ctx context.Context, tx bun.Tx, k *graph.Kind, identity int64) (key int64, label string, last int64, err error) {
	q := fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s = ?", k.Key.Name, labelOf(k), k.Table, k.Identity.Name)
	err = tx.NewRaw(q, identity).Scan(ctx, &key, &label)
	if !errors.Is(err, sql.ErrNoRows) {
		return key, label, 0, err
	}
	err = tx.NewRaw("SELECT change_id, label FROM change_rows WHERE kind = ? AND identity = ? ORDER BY change_id DESC LIMIT 1",
		k.Table, identity).Scan(ctx, &last, &label)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", 0, problem.New(problem.NotFound, "There was never such a %s.", k.Singular())
	}
	return 0, label, last, err
}

// ItemOf returns the record with this identity: its key, 0 when it is gone, and what it is or was
// last called. Errors: NotFound.
func ItemOf(ctx context.Context, s *store.Store, k *graph.Kind, identity int64) (item Item, err error) {
	item.Kind = k
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		item.Key, item.Label, _, err = called(ctx, tx, k, identity)
		return err
	})
	return item, err
}

// Names returns what the records of a kind with these keys are called now or, where they are gone,
// were last called; keys that no record ever had are left out. A kind that borrows its label from
// the parent that shares its key is looked up there: the record may have moved away, and where it
// was is what was meant.
func Names(ctx context.Context, s *store.Store, k *graph.Kind, keys []int64) (names map[int64]string, err error) {
	for k.BorrowsLabel() && k.OneToOne() != nil {
		k = k.OneToOne().To
	}
	names = map[int64]string{}
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		var gone, there []Item
		err := tx.NewRaw("SELECT before_key AS key, label FROM change_rows WHERE kind = ? AND "+k.SQL.In("before_key")+
			" AND (after_key IS NULL OR after_key <> before_key) ORDER BY change_id", k.Table, dialect.ListOf(keys)).Scan(ctx, &gone)
		if err != nil {
			return err
		}
		q := fmt.Sprintf("SELECT %s AS key, %s AS label FROM %s WHERE %s ORDER BY key", k.Key.Name, labelOf(k), k.Table, k.SQL.In(k.Table+"."+k.Key.Name))
		if err := tx.NewRaw(q, dialect.ListOf(keys)).Scan(ctx, &there); err != nil {
			return err
		}
		for _, items := range [][]Item{gone, there} {
			for _, i := range items {
				names[i.Key] = i.Label
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("name %s: %w", k.Table, err)
	}
	return names, nil
}
