package lookup

import (
	"fmt"
	"slices"
	"strings"

	"maitred/models/dialect"
	"maitred/models/graph"
	"maitred/models/text"
)

// SQL returns the filter as a condition on the table that the query calls alias, and its
// arguments; "" when everything passes.
func (f Filter) SQL(alias string) (string, []any) {
	var b builder
	return f.sql(&b, alias), b.args
}

// Along is a query that reads records in the order of an index: of a column of their own or, where
// there is a way, of a record they belong to.
type Along struct {
	Way    []*graph.Relation // through parents
	Alias  func(n int) string
	Sorted *graph.Column
}

// SQLAlong is SQL for a query that reads in the order of an index. What is asked of the records on
// the way is asked of the tables that are joined; what is asked of the sorted column limits what is
// read; and no other condition lets the database leave that order.
func (f Filter) SQLAlong(a Along) (string, []any) {
	b := builder{along: &a}
	return f.sql(&b, a.Alias(0)), b.args
}

func (f Filter) sql(b *builder, alias string) string {
	var parts []string
	if root := f.tree(); !root.empty() {
		parts = append(parts, b.all(root, alias, 0))
	}
	for _, c := range f.conditions {
		if c.exclude {
			alone := &node{kind: f.kind}
			alone.add(c, c.path)
			condition := b.all(alone, alias, offTheWay)
			if alone.isExistence() {
				parts = append(parts, "NOT "+condition)
			} else {
				parts = append(parts, "("+condition+") IS NOT TRUE")
			}
		}
	}
	return strings.Join(parts, " AND ")
}

// tree is the conditions that must hold, by the rows that they speak of.
func (f Filter) tree() *node {
	root := &node{kind: f.kind}
	for _, c := range f.conditions {
		if !c.exclude {
			root.add(c, c.path)
		}
	}
	return root
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

// existence says of the related row only whether there is one; ok is false when more is asked, or
// when the number of related rows is not kept.
func (n *node) existence(r *graph.Relation) (exists, ok bool) {
	if r.Count == nil || len(n.conditions) != 1 || len(n.to) > 0 {
		return false, false
	}
	c := n.conditions[0]
	return c.op == isnull && c.values[0] == false, c.op == isnull
}

// isExistence says that the condition on a row is nothing but an EXISTS, which is never NULL. A database may find what
// does not exist in more ways than what is not true.
func (n *node) isExistence() bool {
	if len(n.conditions) > 0 || len(n.to) != 1 || n.to[0].holdsForNone() {
		return false
	}
	_, kept := n.to[0].existence(n.via[0])
	return !kept
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
	along   *Along // nil: the database chooses its way
}

// offTheWay is the step of a row that a query along an index does not join.
const offTheWay = -1

// all is the conditions on a row; step is how many relations of the way lead to it.
func (b *builder) all(n *node, alias string, step int) string {
	var parts []string
	for _, c := range n.conditions {
		parts = append(parts, b.limits(n.kind, c, alias, step)...)
		parts = append(parts, b.condition(c, alias, step))
	}
	for i, next := range n.to {
		parts = append(parts, b.related(n, n.via[i], next, alias, step))
	}
	return strings.Join(parts, " AND ")
}

func (b *builder) related(n *node, r *graph.Relation, next *node, alias string, step int) string {
	if b.onTheWay(r, step) {
		return b.all(next, b.along.Alias(step+1), step+1)
	}
	if exists, ok := next.existence(r); ok {
		if exists {
			return b.column(r.Count, alias, step) + " > 0"
		}
		return b.column(r.Count, alias, step) + " = 0"
	}
	b.aliases++
	to := fmt.Sprintf("l%d", b.aliases)
	join := fmt.Sprintf("%s.%s = %s.%s", to, r.To.Key.Name, alias, r.Column.Name)
	if !r.Parent {
		join = fmt.Sprintf("%s.%s = %s.%s", to, r.Column.Name, alias, n.kind.Key.Name)
	}
	sql := fmt.Sprintf("EXISTS (SELECT 1 FROM %s AS %s WHERE %s AND %s%s)", r.To.Table, to, join, b.all(next, to, offTheWay), n.kind.SQL.RowByRow())
	if next.holdsForNone() {
		sql = fmt.Sprintf("(%s OR NOT EXISTS (SELECT 1 FROM %s AS %s WHERE %s))", sql, r.To.Table, to, join)
	}
	if b.along != nil && step != offTheWay { // a loop of its own would end the order
		return n.kind.SQL.Unindexed(sql)
	}
	return sql
}

func (b *builder) onTheWay(r *graph.Relation, step int) bool {
	return b.along != nil && step != offTheWay && step < len(b.along.Way) && b.along.Way[step] == r
}

// column is a column of a row. Along an index it is one that no other index serves, unless the row
// is reached by that.
func (b *builder) column(c *graph.Column, alias string, step int) string {
	name := alias + "." + c.Name
	if b.along == nil || step == offTheWay || b.isSorted(c, step) {
		return name
	}
	return c.SQL.Unindexed(name)
}

func (b *builder) isSorted(c *graph.Column, step int) bool {
	return b.along != nil && step == len(b.along.Way) && c == b.along.Sorted
}

// limits are further conditions that follow from one: about the normalised text, when the text itself
// is asked for, since an index has that, and may begin and end there in its order, or has that of one
// record's own; and about the way, when it is known which record it leads through. A foreign key is
// left to the database, whose index of one parent's records may have them in this order.
func (b *builder) limits(k *graph.Kind, c condition, alias string, step int) (parts []string) {
	ranged := slices.Contains([]operator{exact, startswith, in}, c.op) // an index finds where it begins and ends
	if c.count != nil || step == offTheWay && !ranged || step != offTheWay && b.along == nil {
		return nil
	}
	if norm, ok := c.normalised(); ok {
		parts = append(parts, b.condition(norm, alias, step))
	}
	if step == offTheWay || c.op != exact || c.column.Type == graph.Text {
		return parts
	}
	equals := func(column string) {
		b.args = append(b.args, c.values[0])
		parts = append(parts, column+" = ?")
	}
	if k.ParentBy(c.column) != nil {
		equals(alias + "." + c.column.Name)
	}
	for ; step < len(b.along.Way) && b.along.Way[step].Column == c.column; step++ {
		c.column = b.along.Way[step].To.Key
		equals(b.along.Alias(step+1) + "." + c.column.Name)
	}
	return parts
}

// normalised is what follows from a condition on a text for the text without case and accents; false
// when nothing does.
func (c condition) normalised() (condition, bool) {
	if c.count != nil || c.column.Norm == nil || !slices.Contains([]operator{exact, startswith, contains, endswith, in}, c.op) {
		return c, false
	}
	values := make([]any, len(c.values))
	for i, v := range c.values {
		if !text.Separable(v.(string)) {
			return c, false
		}
		values[i] = text.Normalise(v.(string))
	}
	c.column, c.values = c.column.Norm, values
	return c, true
}

func (b *builder) condition(c condition, alias string, step int) string {
	if c.count != nil {
		if c.count.Count != nil {
			return b.number(c.op, b.column(c.count.Count, alias, step), c.values)
		}
		return b.number(c.op, countOf(c.count, alias), c.values)
	}
	column := b.column(c.column, alias, step)
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
		op, value, column = operator(plain), text.Normalise(value), b.column(c.column.Norm, alias, step)
	}
	return b.text(c.column.SQL, op, column, value)
}

// countOf is the number of related rows where it is not kept.
func countOf(r *graph.Relation, alias string) string {
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

func (b *builder) text(sql dialect.Dialect, op operator, column, value string) string {
	switch {
	case op == exact:
		b.args = append(b.args, value)
		return column + " = ?"
	case value == "": // is in, before and after everything
		return column + " IS NOT NULL"
	case op == contains:
		b.args = append(b.args, value)
		return sql.Contains(column)
	case op == endswith:
		b.args = append(b.args, value, value)
		return sql.EndsWith(column)
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
