package change

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/store"
)

// apply makes the tables equal to what was recorded. New and changed rows are written parents
// first and rows that go are removed children first, so that no foreign key is broken at any
// statement and the database's own cascades find nothing left to do.
//
// A row that gets another key is written at the new one and removed at the old one; rows that
// exchange their keys are rewritten in place. Neither needs a temporary key or a deferred
// constraint, which not every database has.
func apply(ctx context.Context, tx bun.Tx, g *graph.Graph, change int64, steps []*Step) error {
	var kinds []*graph.Kind
	for _, k := range g.Kinds() {
		if slices.ContainsFunc(steps, func(s *Step) bool { return s.Kind == k }) {
			kinds = append(kinds, k)
		}
	}
	for _, k := range kinds {
		if err := putRows(ctx, tx, change, k, steps); err != nil {
			return err
		}
	}
	for _, k := range slices.Backward(kinds) {
		if err := removeRows(ctx, tx, change, k, steps); err != nil {
			return err
		}
	}
	return nil
}

// putRows updates the rows at keys that stay in use and inserts those at new keys. Neither touches
// a row outside the change: a new key that such a row has is a violated constraint.
func putRows(ctx context.Context, tx bun.Tx, change int64, k *graph.Kind, steps []*Step) error {
	columns := k.Images()
	names, values, sets := make([]string, len(columns)), make([]string, len(columns)), make([]string, 0, len(columns))
	for i, c := range columns {
		names[i] = c.Name
		values[i] = store.FromImage("r.after", c.Name)
		if c != k.Key {
			sets = append(sets, c.Name+" = "+values[i])
		}
	}
	var planned, written int64
	for _, s := range steps {
		if s.Kind == k && s.Effect != Deleted {
			planned += s.Count
		}
	}
	if has(steps, k, Changed) {
		stays := "r.after_key = r.before_key"
		if rekeyed(steps, k) {
			stays = "r.before IS NOT NULL AND r.after_key IN (SELECT b.before_key FROM change_rows AS b WHERE b.change_id = ?0 AND b.kind = ?1)"
		}
		n, err := execRows(ctx, tx, fmt.Sprintf(
			`UPDATE %s SET %s FROM change_rows AS r WHERE r.change_id = ?0 AND r.kind = ?1 AND %s AND r.after_key = %s.%s`,
			k.Table, strings.Join(sets, ", "), stays, k.Table, k.Key.Name), change, k.Table)
		if err != nil {
			return fmt.Errorf("update %s: %w", k.Table, err)
		}
		written += n
	}
	if has(steps, k, Created) || rekeyed(steps, k) {
		n, err := execRows(ctx, tx, fmt.Sprintf(
			`INSERT INTO %s (%s) SELECT %s FROM change_rows AS r WHERE r.change_id = ?0 AND r.kind = ?1 AND r.after_key IS NOT NULL
			AND r.after_key NOT IN (SELECT b.before_key FROM change_rows AS b WHERE b.change_id = ?0 AND b.kind = ?1 AND b.before_key IS NOT NULL)`,
			k.Table, strings.Join(names, ", "), strings.Join(values, ", ")), change, k.Table)
		if err != nil {
			return fmt.Errorf("insert %s: %w", k.Table, err)
		}
		written += n
	}
	return equal("write "+k.Table, planned, written)
}

// removeRows deletes the rows whose key nobody in the change took over.
func removeRows(ctx context.Context, tx bun.Tx, change int64, k *graph.Kind, steps []*Step) error {
	if !has(steps, k, Deleted) && !rekeyed(steps, k) {
		return nil
	}
	gone := "FROM change_rows WHERE change_id = ?0 AND kind = ?1 AND before_key IS NOT NULL"
	if rekeyed(steps, k) || has(steps, k, Created) {
		gone += " AND before_key NOT IN (SELECT a.after_key FROM change_rows AS a WHERE a.change_id = ?0 AND a.kind = ?1 AND a.after_key IS NOT NULL)"
	} else {
		gone += " AND after_key IS NULL"
	}
	var planned int64
	if err := tx.NewRaw("SELECT count(*) "+gone, change, k.Table).Scan(ctx, &planned); err != nil {
		return fmt.Errorf("count leaving %s: %w", k.Table, err)
	}
	n, err := execRows(ctx, tx, fmt.Sprintf("DELETE FROM %s WHERE %s IN (SELECT before_key %s)", k.Table, k.Key.Name, gone), change, k.Table)
	if err != nil {
		return fmt.Errorf("delete %s: %w", k.Table, err)
	}
	return equal("delete "+k.Table, planned, n)
}

func has(steps []*Step, k *graph.Kind, e Effect) bool {
	for _, s := range steps {
		if s.Kind == k && s.Effect == e {
			return true
		}
	}
	return false
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
