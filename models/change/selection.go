package change

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/dialect"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/models/source"
	"maitred/models/store"
)

// Selection is a set of records of one kind: what a list shows, or what was ticked in it.
type Selection struct {
	where expr // over the kind's unaliased table
	was   expr // over change_rows AS r: the row before the change was among them; empty if that cannot be told
	asked bool // it is what a question finds, and nobody knows how long that takes
}

// Where selects the records that fulfil a condition over the kind's unaliased table.
func Where(condition string, args ...any) *Selection {
	return &Selection{where: expr{condition, args}}
}

// Keys selects records by their primary keys; those that do not exist are left out.
func Keys(k *graph.Kind, keys []int64) *Selection {
	list := []any{dialect.ListOf(keys)}
	return &Selection{where: expr{k.SQL.In(k.Table + "." + k.Key.Name), list}, was: expr{k.SQL.In("r.before_key"), list}}
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
		asked: true,
		where: expr{fmt.Sprintf("%s.%s IN (SELECT %s.%s FROM %s AS %s WHERE %s)",
			k.Table, k.Key.Name, k.Name, k.Key.Name, k.Table, k.Name, now.sql), now.args},
		was: expr{fmt.Sprintf("r.before IS NOT NULL AND EXISTS (SELECT 1 FROM (SELECT %s) AS %s WHERE %s)",
			recorded(k), k.Name, condition), args},
	}
}

// patience is how many times as long as a list what a question finds may be planned for. It is more,
// as all of it is looked at, and less than another change waits for this one.
const patience = 10

// plan lets an operation plan. What it is to be done to may be found by a question that never ends,
// in the one write transaction even: it is stopped then. Errors: TooLong, and those of the operation.
func plan(ctx context.Context, tx bun.Tx, s *store.Store, op Operation) (*Plan, error) {
	selecting, ok := op.(interface{ selection() *Selection })
	if !ok || s.Patience == 0 || selecting.selection() == nil || !selecting.selection().asked {
		return op.Plan(ctx, tx, s.Graph)
	}
	limited, cancel := context.WithTimeout(ctx, patience*s.Patience)
	defer cancel()
	p, err := op.Plan(limited, tx, s.Graph)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return nil, problem.New(problem.TooLong, "Finding all that match takes too long, so it was stopped. Nothing was done. Go back and tick some, or add a condition that few fulfil.")
	}
	return p, err
}

func (d Delete) selection() *Selection   { return d.Of }
func (m MoveMany) selection() *Selection { return m.Of }
func (s SetMany) selection() *Selection  { return s.Of }

// recorded is a row as it was before a change, column by column. Kept counts are not recorded.
func recorded(k *graph.Kind) string {
	columns := make([]string, len(k.Columns))
	for i, c := range k.Columns {
		value := "CAST(NULL AS BIGINT)" // of a count
		if !c.Kept {
			value = c.FromImage("r.before")
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
