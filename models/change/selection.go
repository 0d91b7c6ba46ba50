package change

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/models/source"
	"maitred/models/store"
)

// Selection is a set of records of one kind: what a list shows, or what was ticked in it.
type Selection struct {
	where expr // over the kind's unaliased table
	was   expr // over change_rows AS r: the row before the change was among them; empty if that cannot be told
}

// Where selects the records that fulfil a condition over the kind's unaliased table.
func Where(condition string, args ...any) *Selection {
	return &Selection{where: expr{condition, args}}
}

// Keys selects records by their primary keys; those that do not exist are left out.
func Keys(k *graph.Kind, keys []int64) *Selection {
	list := []any{store.ListOf(keys)}
	return &Selection{where: expr{store.In(k.Table + "." + k.Key.Name), list}, was: expr{store.In("r.before_key"), list}}
}

// Matching selects the records that fulfil a condition over the kind's table, which it calls by the
// kind's name; "" is fulfilled by all of them. from, if given, is where to look for them: a query for
// keys among which all of theirs are.
func Matching(k *graph.Kind, from *source.Source, condition string, args ...any) *Selection {
	if condition == "" {
		return &Selection{where: expr{sql: "TRUE"}, was: expr{sql: "r.before IS NOT NULL"}}
	}
	now := expr{condition, args}
	if from != nil {
		now = and(expr{k.Name + "." + k.Key.Name + " IN (" + from.SQL + ")", from.Args}, now)
	}
	return &Selection{
		where: expr{fmt.Sprintf("%s.%s IN (SELECT %s.%s FROM %s AS %s WHERE %s)",
			k.Table, k.Key.Name, k.Name, k.Key.Name, k.Table, k.Name, now.sql), now.args},
		was: expr{fmt.Sprintf("r.before IS NOT NULL AND EXISTS (SELECT 1 FROM (SELECT %s) AS %s WHERE %s)",
			recorded(k), k.Name, condition), args},
	}
}

// recorded is a row as it was before a change, column by column. Kept counts are not recorded.
func recorded(k *graph.Kind) string {
	columns := make([]string, len(k.Columns))
	for i, c := range k.Columns {
		value := "NULL"
		if !c.Kept {
			value = store.FromImage("r.before", c.Name)
		}
		columns[i] = value + " AS " + c.Name
	}
	return strings.Join(columns, ", ")
}

// chosen is what an operation on one record, or on many, is about: the rows, the record that history
// names, which of many is the first by name, and what it is called. Errors: NotFound for the one
// record, Invalid when nothing is selected.
func chosen(ctx context.Context, tx bun.Tx, k *graph.Kind, key int64, of *Selection) (*Rows, Subject, string, error) {
	if of == nil {
		subject, label, err := find(ctx, tx, k, key)
		return rowsByKey(k, key), subject, label, err
	}
	rows := &Rows{Kind: k, where: of.where, was: of.was}
	if err := rows.look(ctx, tx); err != nil {
		return rows, Subject{}, "", err
	}
	if rows.Count == 0 {
		return rows, Subject{}, "", problem.New(problem.Invalid, "No %s is chosen, or what was chosen is gone. Tick some and try again.", k.Singular())
	}
	subject, label, err := find(ctx, tx, k, rows.First[0].Key)
	return rows, subject, label, err
}
