package change

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/problem"
)

// find returns a record as a subject, and what it is called. Errors: NotFound.
func find(ctx context.Context, tx bun.Tx, k *graph.Kind, key int64) (Subject, string, error) {
	return findBy(ctx, tx, k, k.Key, key)
}

// findBy is find by the key or by the identity.
func findBy(ctx context.Context, tx bun.Tx, k *graph.Kind, column *graph.Column, value int64) (Subject, string, error) {
	var row struct {
		Key, Identity int64
		Label         string
	}
	q := fmt.Sprintf("SELECT %s AS key, %s AS identity, %s AS label FROM %s WHERE %s = ?",
		k.Key.Name, k.Identity.Name, labelOf(k), k.Table, column.Name)
	err := tx.NewRaw(q, value).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return Subject{}, "", problem.New(problem.NotFound, "There is no such %s.", k.Singular())
	}
	if err != nil {
		return Subject{}, "", fmt.Errorf("find the %s with the %s %d: %w", k.Name, column.Name, value, err)
	}
	return Subject{Kind: k, Identity: row.Identity, Key: row.Key}, row.Label, nil
}

// rowsByKey is the set of the one row with this key, or of none.
func rowsByKey(k *graph.Kind, key int64) *Rows {
	return &Rows{Kind: k, where: expr{k.Table + "." + k.Key.Name + " = ?", []any{key}}, key: &key}
}

// namedBy is the record with this key and those that it borrows its name from: what must not change
// when a person was shown the name.
func namedBy(k *graph.Kind, key int64) []*Rows {
	rows := []*Rows{rowsByKey(k, key)}
	for k.BorrowsLabel() && k.OneToOne() != nil {
		k = k.OneToOne().To
		rows = append(rows, rowsByKey(k, key))
	}
	return rows
}

// firstOf returns the first rows by name, limit at most.
func firstOf(ctx context.Context, tx bun.Tx, r *Rows, limit int) (items []Item, err error) {
	key, label, order := r.Kind.Table+"."+r.Kind.Key.Name, labelOf(r.Kind), byName(r.Kind)
	if r.past {
		key, label = "r.before_key", "r.label"
	}
	if r.past || r.join.sql != "" {
		order = "r.identity" // the order they are read in: by name all of them would have to be sorted
	}
	from, args := r.from()
	q := fmt.Sprintf("SELECT %s AS key, %s AS label FROM %s ORDER BY %s LIMIT %d", key, label, from, order, limit)
	if err := tx.NewRaw(q, args...).Scan(ctx, &items); err != nil {
		return nil, fmt.Errorf("name the first %s: %w", r.Kind.Table, err)
	}
	for i := range items {
		items[i].Kind = r.Kind
	}
	return items, nil
}

// parents returns the records that this one belongs to.
func parents(ctx context.Context, tx bun.Tx, k *graph.Kind, key int64) ([]Item, error) {
	var items []Item
	for _, r := range k.Parents {
		item := Item{Kind: r.To}
		q := fmt.Sprintf("SELECT %s.%s, %s FROM %s JOIN %s ON %s.%s = %s.%s WHERE %s.%s = ?",
			r.To.Table, r.To.Key.Name, labelOf(r.To), r.To.Table, k.Table, r.To.Table, r.To.Key.Name, k.Table, r.Column.Name, k.Table, k.Key.Name)
		if err := tx.NewRaw(q, key).Scan(ctx, &item.Key, &item.Label); err != nil {
			return nil, fmt.Errorf("find the %s of the %s %d: %w", r.Name, k.Name, key, err)
		}
		items = append(items, item)
	}
	return items, nil
}

// nextIdentity is one more than the highest identity that a row of this kind ever had. History
// knows them all, so that none is given out twice, however the rows came and went.
func nextIdentity(ctx context.Context, tx bun.Tx, k *graph.Kind) (int64, error) {
	var n int64
	q := fmt.Sprintf("SELECT 1 + "+k.SQL.Greater("coalesce((SELECT max(identity) FROM change_rows WHERE kind = ?), 0)", "coalesce((SELECT max(%s) FROM %s), 0)"),
		k.Identity.Name, k.Table)
	if err := tx.NewRaw(q, k.Table).Scan(ctx, &n); err != nil {
		return 0, fmt.Errorf("find the next identity of %s: %w", k.Table, err)
	}
	return n, nil
}
