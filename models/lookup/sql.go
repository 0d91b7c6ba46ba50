package lookup

import (
	"fmt"
	"strings"

	"maitred/models/graph"
	"maitred/models/store"
	"maitred/models/text"
)

// SQL returns the filter as a condition on the table that the query calls alias, and its
// arguments; "" when everything passes.
func (f Filter) SQL(alias string) (string, []any) {
	var b builder
	var parts []string
	root := &node{kind: f.kind}
	for _, c := range f.conditions {
		if !c.exclude {
			root.add(c, c.path)
		}
	}
	if !root.empty() {
		parts = append(parts, b.all(root, alias))
	}
	for _, c := range f.conditions {
		if c.exclude {
			alone := &node{kind: f.kind}
			alone.add(c, c.path)
			parts = append(parts, "("+b.all(alone, alias)+") IS NOT TRUE")
		}
	}
	return strings.Join(parts, " AND "), b.args
}

// node is a row that conditions speak of, and the related rows that they speak of from there.
type node struct {
	kind       *graph.Kind
	conditions []condition
	via        []*graph.Relation
	to         []*node
}

func (n *node) empty() bool { return len(n.conditions)+len(n.to) == 0 }

func (n *node) add(c condition, way []*graph.Relation) {
	if len(way) == 0 {
		n.conditions = append(n.conditions, c)
		return
	}
	for i, r := range n.via {
		if r == way[0] {
			n.to[i].add(c, way[1:])
			return
		}
	}
	next := &node{kind: way[0].To}
	n.via, n.to = append(n.via, way[0]), append(n.to, next)
	next.add(c, way[1:])
}

// holdsForNone says that the conditions hold for a related row that does not exist, all of whose
// columns are NULL.
func (n *node) holdsForNone() bool {
	for _, c := range n.conditions {
		if c.op != isnull || c.values[0] != true {
			return false
		}
	}
	for _, next := range n.to {
		if !next.holdsForNone() {
			return false
		}
	}
	return true
}

// builder numbers the aliases and collects the arguments in the order of their placeholders.
type builder struct {
	aliases int
	args    []any
}

func (b *builder) all(n *node, alias string) string {
	var parts []string
	for _, c := range n.conditions {
		parts = append(parts, b.condition(c, alias))
	}
	for i, next := range n.to {
		parts = append(parts, b.related(n, n.via[i], next, alias))
	}
	return strings.Join(parts, " AND ")
}

func (b *builder) related(n *node, r *graph.Relation, next *node, alias string) string {
	b.aliases++
	to := fmt.Sprintf("l%d", b.aliases)
	join := fmt.Sprintf("%s.%s = %s.%s", to, r.To.Key.Name, alias, r.Column.Name)
	if !r.Parent {
		join = fmt.Sprintf("%s.%s = %s.%s", to, r.Column.Name, alias, n.kind.Key.Name)
	}
	sql := fmt.Sprintf("EXISTS (SELECT 1 FROM %s AS %s WHERE %s AND %s)", r.To.Table, to, join, b.all(next, to))
	if next.holdsForNone() {
		sql = fmt.Sprintf("(%s OR NOT EXISTS (SELECT 1 FROM %s AS %s WHERE %s))", sql, r.To.Table, to, join)
	}
	return sql
}

func (b *builder) condition(c condition, alias string) string {
	if c.count != nil {
		return b.number(c.op, countOf(c.count, alias), c.values)
	}
	column := alias + "." + c.column.Name
	if c.op == isnull {
		if c.values[0] == true {
			return column + " IS NULL"
		}
		return column + " IS NOT NULL"
	}
	if c.column.Type != graph.Text {
		return b.number(c.op, column, c.values)
	}
	op, value := c.op, c.values[0].(string)
	if op == in {
		return b.number(op, column, c.values)
	}
	if plain, ok := strings.CutPrefix(string(op), "i"); ok {
		op, value, column = operator(plain), text.Normalise(value), alias+"."+c.column.Norm.Name
	}
	return b.text(op, column, value)
}

func countOf(r *graph.Relation, alias string) string {
	if r.Count != nil {
		return alias + "." + r.Count.Name
	}
	return fmt.Sprintf("(SELECT count(*) FROM %s AS c WHERE c.%s = %s.%s)", r.To.Table, r.Column.Name, alias, r.From.Key.Name)
}

var comparisons = map[operator]string{exact: "=", gt: ">", gte: ">=", lt: "<", lte: "<="}

func (b *builder) number(op operator, column string, values []any) string {
	b.args = append(b.args, values...)
	if op == in {
		return column + " IN (" + strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ") + ")"
	}
	return column + " " + comparisons[op] + " ?"
}

func (b *builder) text(op operator, column, value string) string {
	switch {
	case op == exact:
		b.args = append(b.args, value)
		return column + " = ?"
	case value == "": // is in, before and after everything
		return column + " IS NOT NULL"
	case op == contains:
		b.args = append(b.args, value)
		return store.Contains(column)
	case op == endswith:
		b.args = append(b.args, value, value)
		return store.EndsWith(column)
	}
	// A range and not substr, so that an index on the column serves.
	b.args = append(b.args, value)
	after, ok := text.Successor(value)
	if !ok {
		return column + " >= ?"
	}
	b.args = append(b.args, after)
	return "(" + column + " >= ? AND " + column + " < ?)"
}
