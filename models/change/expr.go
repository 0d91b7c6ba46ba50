package change

import (
	"slices"
	"strings"

	"maitred/models/dialect"
)

// expr is an SQL expression, over a table that the place where it stands names.
type expr struct {
	sql  string
	args []any
}

func literal(v any) expr { return expr{"?", []any{v}} }

// and joins conditions; empty ones say nothing.
func and(conditions ...expr) expr { return join(" AND ", conditions) }

// or joins conditions; without one, nothing fulfils it.
func or(conditions ...expr) expr {
	if e := join(" OR ", conditions); e.sql != "" {
		return expr{"(" + e.sql + ")", e.args}
	}
	return expr{sql: "FALSE"}
}

func join(with string, conditions []expr) (all expr) {
	var texts []string
	for _, c := range conditions {
		if c.sql != "" {
			texts = append(texts, c.sql)
			all.args = append(all.args, c.args...)
		}
	}
	all.sql = strings.Join(texts, with)
	return all
}

// in says that a column is one of the keys; no key is in an empty list.
func in(sql dialect.Dialect, column string, keys []int64) expr {
	if len(keys) == 0 {
		return expr{sql: "FALSE"}
	}
	return expr{sql.In(column), []any{dialect.ListOf(keys)}}
}

// notIn says that a column is none of the keys; with an empty list it says nothing.
func notIn(sql dialect.Dialect, column string, keys []int64) expr {
	if len(keys) == 0 {
		return expr{}
	}
	return expr{"NOT " + sql.In(column), []any{dialect.ListOf(keys)}}
}

// lookUp is what a key stands for, or otherwise.
func lookUp(sql dialect.Dialect, meaning map[int64]int64, key, otherwise string) expr {
	if len(meaning) == 0 {
		return expr{sql: otherwise}
	}
	return expr{"coalesce(" + sql.LookUp(key) + ", " + otherwise + ")", []any{dialect.MapOf(meaning)}}
}

func when(condition, then, otherwise expr) expr {
	return expr{
		"CASE WHEN " + condition.sql + " THEN " + then.sql + " ELSE " + otherwise.sql + " END",
		slices.Concat(condition.args, then.args, otherwise.args),
	}
}

// keysOf are the keys of a map in their order, so that a statement is always the same.
func keysOf(m map[int64]int64) []int64 {
	keys := make([]int64, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
