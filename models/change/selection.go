package change

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/models/store"
)

// Selection is a set of records of one kind: what a list shows, or what was ticked in it.
type Selection struct {
	where expr // over the kind's unaliased table
}

// Where selects the records that fulfil a condition over the kind's unaliased table.
func Where(condition string, args ...any) *Selection { return &Selection{expr{condition, args}} }

// Keys selects records by their primary keys; those that do not exist are left out.
func Keys(k *graph.Kind, keys []int64) *Selection {
	return Where(store.In(k.Table+"."+k.Key.Name), store.ListOf(keys))
}

// chosen is what an operation on one record, or on many, is about: the rows, the record that history
// names, which of many is the first by name, and what it is called. Errors: NotFound for the one
// record, Invalid when nothing is selected.
func chosen(ctx context.Context, tx bun.Tx, k *graph.Kind, key int64, of *Selection) (*Rows, Subject, string, error) {
	if of == nil {
		subject, label, err := find(ctx, tx, k, key)
		return rowsByKey(k, key), subject, label, err
	}
	var first []int64
	q := fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT 1", k.Key.Name, k.Table, of.where.sql, byName(k))
	if err := tx.NewRaw(q, of.where.args...).Scan(ctx, &first); err != nil {
		return nil, Subject{}, "", fmt.Errorf("find the first of the selected %s: %w", k.Table, err)
	}
	if len(first) == 0 {
		return nil, Subject{}, "", problem.New(problem.Invalid, "No %s is chosen, or what was chosen is gone. Tick some and try again.", k.Singular())
	}
	subject, label, err := find(ctx, tx, k, first[0])
	return &Rows{Kind: k, where: of.where}, subject, label, err
}
