package change

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/store"
)

// apply makes the tables equal to what was recorded. New and changed rows are written parents
// first and rows that go are removed children first, so that no foreign key is broken at any
// statement and the database's own cascades find nothing left to do.
//
// A row that gets another key is written at the new one and removed at the old one; a row that
// takes over the key of another is written over it in place. Neither needs a temporary key or a
// deferred constraint, which not every database has.
func apply(ctx context.Context, tx bun.Tx, g *graph.Graph, change int64, steps []*Step, w *store.Work) error {
	var kinds []*writing
	for _, k := range g.Kinds() {
		if slices.ContainsFunc(steps, func(s *Step) bool { return s.Kind == k }) {
			kinds = append(kinds, newWriting(tx, change, k, steps, w))
		}
	}
	for _, k := range kinds {
		if err := k.put(ctx); err != nil {
			return err
		}
	}
	for _, k := range slices.Backward(kinds) {
		if err := k.remove(ctx); err != nil {
			return err
		}
	}
	return nil
}

// writing is what a change does to the table of one kind.
type writing struct {
	tx     bun.Tx
	change int64
	kind   *graph.Kind
	work   *store.Work

	planned map[Effect]int64
	passing bool            // a key may pass from one row to another
	changes map[string]bool // the columns that change; nil: any of them
	reused  int64           // rows that were written at a key that was in use
}

func newWriting(tx bun.Tx, change int64, k *graph.Kind, steps []*Step, work *store.Work) *writing {
	w := &writing{tx: tx, change: change, kind: k, work: work, planned: map[Effect]int64{}, changes: map[string]bool{"version": true}}
	for _, s := range steps {
		if s.Kind != k {
			continue
		}
		w.planned[s.Effect] += s.Count
		if s.Effect == Changed && s.set == nil {
			w.changes = nil
		}
		for name := range s.set {
			if w.changes != nil {
				w.changes[name] = true
			}
		}
	}
	w.passing = rekeyed(steps, k) || w.planned[Created] > 0 && w.planned[Deleted] > 0
	if w.passing {
		w.changes = nil
	}
	return w
}

// rekeyed says that rows of this kind get another primary key.
func rekeyed(steps []*Step, k *graph.Kind) bool {
	for _, s := range steps {
		if _, ok := s.set[k.Key.Name]; ok && s.Kind == k && s.Effect == Changed {
			return true
		}
	}
	return false
}

// inUse is the condition that the row r comes to a key that was in use before the change: by
// itself or, where keys pass, by a row that leaves it.
func (w *writing) inUse() string {
	if !w.passing {
		return "r.before_key = r.after_key"
	}
	return `(r.before_key IS NOT NULL AND r.before_key = r.after_key OR r.after_key IN (SELECT b.before_key FROM change_rows AS b
		WHERE b.change_id = ?0 AND b.kind = ?1 AND b.before_key IS NOT NULL AND (b.after_key IS NULL OR b.after_key <> b.before_key)))`
}

// put writes new rows, and changed ones over those that are there. Neither touches a row outside
// the change: a new key that such a row has is a violated constraint.
func (w *writing) put(ctx context.Context) error {
	var written int64
	if w.planned[Changed] > 0 || w.passing {
		n, err := w.inPortions(ctx, w.overwrite())
		if err != nil {
			return fmt.Errorf("update %s: %w", w.kind.Table, err)
		}
		w.reused, written = n, n
	}
	if w.planned[Created] > 0 || w.passing {
		n, err := w.inPortions(ctx, w.insert())
		if err != nil {
			return fmt.Errorf("insert %s: %w", w.kind.Table, err)
		}
		written += n
	}
	return equal("write "+w.kind.Table, w.planned[Created]+w.planned[Changed], written)
}

// insert adds the rows of a portion whose keys are free.
func (w *writing) insert() string {
	free := "r.before_key IS NULL"
	if w.passing {
		free = "r.after_key IS NOT NULL AND NOT " + w.inUse()
	}
	return w.insertFrom("", free)
}

// overwrite writes the rows of a portion over those that are there. It is an INSERT that always
// finds its key taken, because that keeps the order of the portion, which an UPDATE does not; the
// join leaves out, to be missed in the count, a row that is not there after all.
func (w *writing) overwrite() string {
	t, key := w.kind.Table, w.kind.Key.Name
	var sets string
	for _, c := range w.kind.Images() {
		if c != w.kind.Key && (w.changes == nil || w.changes[c.Name]) {
			sets += fmt.Sprintf(", %s = excluded.%s", c.Name, c.Name)
		}
	}
	return w.insertFrom(fmt.Sprintf("JOIN %s ON %s.%s = r.after_key", t, t, key), w.inUse()) +
		fmt.Sprintf(" ON CONFLICT (%s) DO UPDATE SET %s", key, sets[len(", "):])
}

func (w *writing) insertFrom(join, which string) string {
	var names, values string
	for _, c := range w.kind.Images() {
		names += ", " + c.Name
		values += ", " + c.FromImage("r.after")
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM change_rows AS r %s WHERE %s AND %s ORDER BY %s",
		w.kind.Table, names[len(", "):], values[len(", "):], join, ofPortion, which, w.byName("r.after"))
}

// remove deletes the rows whose key nobody in the change took over: what stands there now is not
// of this change's version.
func (w *writing) remove(ctx context.Context) error {
	planned := w.planned[Changed] + w.planned[Deleted] - w.reused
	if planned == 0 {
		return nil
	}
	if err := w.mustHoldNothing(ctx); err != nil {
		return err
	}
	removed, err := w.removeAll(ctx, planned)
	if err != nil {
		return fmt.Errorf("delete %s: %w", w.kind.Table, err)
	}
	return equal("delete "+w.kind.Table, planned, removed)
}

// mustHoldNothing is the last net: a row outside the change that still belongs to one that goes would
// be taken along by the database's own cascade, and nobody would know.
func (w *writing) mustHoldNothing(ctx context.Context) error {
	for _, down := range w.kind.Children {
		q := fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s IN (SELECT r.before_key FROM change_rows AS r WHERE %s) LIMIT 1) AS held",
			down.To.Table, down.Column.Name, leaving+" AND r.before_key NOT IN (SELECT a.after_key FROM change_rows AS a WHERE a.change_id = ?0 AND a.kind = ?1 AND a.after_key IS NOT NULL)")
		var held int64
		if err := w.tx.NewRaw(q, w.change, w.kind.Table).Scan(ctx, &held); err != nil {
			return fmt.Errorf("see whether %s belong to %s that go: %w", down.To.Table, w.kind.Table, err)
		}
		if held > 0 {
			return fmt.Errorf("%s belong to %s that go, and were not planned", down.To.Table, w.kind.Table)
		}
	}
	return nil
}

func execRows(ctx context.Context, tx bun.Tx, query string, args ...any) (int64, error) {
	res, err := tx.NewRaw(query, args...).Exec(ctx)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// equal is the last check of a change: what was written is what was planned.
func equal(what string, planned, done int64) error {
	if planned != done {
		return fmt.Errorf("%s: %d rows were planned and %d found", what, planned, done)
	}
	return nil
}
