package change

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/dialect"
	"maitred/models/graph"
	"maitred/models/problem"
)

// cascade works out what a deletion does to each kind, parents before children: which rows go,
// which of them are spared and move to another parent, and which follow one of those to its new
// key. What is wrong with a choice is noted, and its rows go.
type cascade struct {
	plan  *Plan
	spare map[*graph.Kind]Spare
	wrong problem.Check

	reached map[*graph.Kind]*Rows  // what belongs to what goes, whether it is spared or not
	going   map[*graph.Kind]*Rows  // what of it goes
	rekeyed map[*graph.Kind][]pair // what gets another key
}

// pair is a key and the one that takes its place.
type pair struct{ from, to int64 }

func newCascade(p *Plan, spare map[*graph.Kind]Spare) *cascade {
	return &cascade{
		plan: p, spare: spare,
		reached: map[*graph.Kind]*Rows{}, going: map[*graph.Kind]*Rows{}, rekeyed: map[*graph.Kind][]pair{},
	}
}

// fall adds the steps of every kind to the plan: what goes, what moves, what follows.
func (c *cascade) fall(ctx context.Context, tx bun.Tx, g *graph.Graph, root *Rows) error {
	for _, k := range g.Kinds() {
		if k == root.Kind {
			c.reached[k], c.going[k] = root, root
			c.plan.Steps = append(c.plan.Steps, &Step{Rows: *root, Effect: Deleted})
			continue
		}
		follow := c.following(k)
		if rows, by := takenAlong(c.going, k); rows != nil {
			if follow != nil {
				follow.where = expr{follow.where.sql + " AND NOT " + rows.where.sql, slices.Concat(follow.where.args, rows.where.args)}
				follow.key = nil
			}
			if err := c.part(ctx, tx, rows, by, follow); err != nil {
				return err
			}
		}
		if follow != nil {
			c.plan.Steps = append(c.plan.Steps, follow)
		}
	}
	return nil
}

// part divides what belongs to what goes into what goes too and what moves, as it was chosen.
func (c *cascade) part(ctx context.Context, tx bun.Tx, rows *Rows, by []*graph.Relation, follow *Step) error {
	k := rows.Kind
	b := &Branch{Kind: k, Under: by[0].To}
	if len(by) == 1 {
		b.By, b.parents = by[0], c.reached[by[0].To]
	}
	moves, err := c.decide(ctx, tx, b, rows)
	if err != nil {
		return err
	}
	c.reached[k] = rows
	if rest := without(rows, moves, len(b.Each)); rest != nil {
		c.going[k] = rest
		b.steps = append(b.steps, &Step{Rows: *rest, Effect: Deleted})
	}
	for _, m := range moves {
		s := &Step{Rows: *only(rows, m.keys), Effect: Changed, To: &m.to, set: map[string]expr{}}
		if follow != nil { // by another foreign key, it also belongs to what follows
			for column, e := range follow.set {
				s.set[column] = e
			}
		}
		s.set[b.By.Column.Name] = literal(m.to.Key)
		if b.Shared() {
			c.rekeyed[k] = append(c.rekeyed[k], pair{m.keys[0], m.to.Key})
		}
		b.steps = append(b.steps, s)
	}
	c.plan.Branches = append(c.plan.Branches, b)
	c.plan.Steps = append(c.plan.Steps, b.steps...)
	return nil
}

// following is the rows of a kind that point at what gets another key; nil when there can be none.
func (c *cascade) following(k *graph.Kind) *Step {
	s := &Step{Rows: Rows{Kind: k}, Effect: Changed, set: map[string]expr{}}
	var ways []string
	for _, r := range k.Parents {
		pairs := c.rekeyed[r.To]
		if pairs == nil {
			continue
		}
		column := k.Table + "." + r.Column.Name
		if len(pairs) == 1 { // compared as it is, so that an index on (foreign key, …) serves in its order
			ways = append(ways, column+" = ?")
			s.where.args = append(s.where.args, pairs[0].from)
		} else {
			ways = append(ways, k.SQL.In(column))
			s.where.args = append(s.where.args, dialect.ListOf(froms(pairs)))
		}
		s.set[r.Column.Name] = replaced(column, pairs)
		if r.Column == k.Key {
			c.rekeyed[k] = append(c.rekeyed[k], pairs...)
			if len(pairs) == 1 && len(k.Parents) == 1 {
				s.key = &pairs[0].from
			}
		}
	}
	if ways == nil {
		return nil
	}
	s.where.sql = "(" + strings.Join(ways, " OR ") + ")"
	return s
}

func froms(pairs []pair) (keys []int64) {
	for _, p := range pairs {
		keys = append(keys, p.from)
	}
	return keys
}

// replaced is a column with each key that is replaced by the one that takes its place.
func replaced(column string, pairs []pair) expr {
	e := expr{sql: "CASE " + column}
	for _, p := range pairs {
		e.sql += " WHEN ? THEN ?"
		e.args = append(e.args, p.from, p.to)
	}
	e.sql += " ELSE " + column + " END"
	return e
}

// takenAlong returns the rows of k whose parents are going, and by which relations they belong to
// those; nil when there can be none.
func takenAlong(going map[*graph.Kind]*Rows, k *graph.Kind) (*Rows, []*graph.Relation) {
	var ways []string
	var by []*graph.Relation
	all := &Rows{Kind: k}
	for _, r := range k.Parents {
		up := going[r.To]
		if up == nil {
			continue
		}
		w := pointingAt(r, up)
		ways, by = append(ways, w.where.sql), append(by, r)
		all.where.args = append(all.where.args, w.where.args...)
		all.key = w.key
	}
	if ways == nil {
		return nil, nil
	}
	if len(ways) > 1 {
		all.key = nil
	}
	all.where.sql = "(" + strings.Join(ways, " OR ") + ")"
	return all, by
}

// pointingAt returns the rows of r.From whose foreign key points into up. Where up can only be
// one row the key itself is compared, so that an index on (foreign key, …) serves in its order.
func pointingAt(r *graph.Relation, up *Rows) *Rows {
	column := r.From.Table + "." + r.Column.Name
	if up.key == nil {
		return &Rows{Kind: r.From, where: expr{
			fmt.Sprintf("%s IN (SELECT %s.%s FROM %s WHERE %s)", column, up.Kind.Table, up.Kind.Key.Name, up.Kind.Table, up.where.sql),
			up.where.args,
		}}
	}
	rows := &Rows{Kind: r.From, where: expr{column + " = ?", []any{*up.key}}}
	if r.Column == r.From.Key {
		rows.key = up.key
	}
	return rows
}

// only is those of the rows that have these keys; all of them for no keys.
func only(rows *Rows, keys []int64) *Rows {
	if keys == nil {
		return rows
	}
	return &Rows{Kind: rows.Kind, key: rows.key, where: expr{
		rows.where.sql + " AND " + rows.Kind.SQL.In(rows.Kind.Table+"."+rows.Kind.Key.Name), append(slices.Clone(rows.where.args), dialect.ListOf(keys)),
	}}
}

// without is those of the rows, of which there are so many, that do not move; nil when all do.
func without(rows *Rows, moves []transfer, many int) *Rows {
	if moves == nil {
		return rows
	}
	var keys []int64
	for _, m := range moves {
		keys = append(keys, m.keys...)
	}
	if len(keys) == many { // of a move of all, whose rows were not counted, both are 0
		return nil
	}
	return &Rows{Kind: rows.Kind, where: expr{
		rows.where.sql + " AND NOT " + rows.Kind.SQL.In(rows.Kind.Table+"."+rows.Kind.Key.Name), append(slices.Clone(rows.where.args), dialect.ListOf(keys)),
	}}
}
