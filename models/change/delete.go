package change

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
)

// Delete removes a record, or many, and everything that belongs to them, at every level.
type Delete struct {
	Kind *graph.Kind
	Key  int64
	Of   *Selection // if set, these records instead of the one with the key
}

// Plan walks the foreign keys down from the record. A kind that can be reached in several ways
// stands in the plan once, with the rows of all of them.
func (d Delete) Plan(ctx context.Context, tx bun.Tx, g *graph.Graph) (*Plan, error) {
	root, subject, label, err := chosen(ctx, tx, d.Kind, d.Key, d.Of)
	if err != nil {
		return nil, err
	}
	p := &Plan{Operation: "delete", Subject: subject, Shown: true}
	going := map[*graph.Kind]*Rows{d.Kind: root}
	for _, k := range g.Kinds() {
		if k != d.Kind {
			takenAlong(going, k)
		}
		if r := going[k]; r != nil {
			p.Steps = append(p.Steps, &Step{Rows: *r, Effect: Deleted})
		}
	}
	if up := d.Kind.OneToOne(); up != nil && d.Kind.BorrowsLabel() && d.Of == nil {
		p.watched = append(p.watched, rowsByKey(up.To, d.Key)) // by whose name it was shown
	}
	if err := p.look(ctx, tx); err != nil {
		return nil, err
	}
	what := Named(d.Kind, label)
	if d.Of != nil {
		what = d.Kind.Counted(p.Steps[0].Count)
	} else if p.Stays, err = parents(ctx, tx, d.Kind, d.Key); err != nil {
		return nil, err
	}
	p.Sentence = "deleted " + what
	if along := Counts(p.Steps[1:]); along != "" {
		p.Sentence += " with " + along
	}
	return p, nil
}

// takenAlong adds to going the rows of k whose parents are going.
func takenAlong(going map[*graph.Kind]*Rows, k *graph.Kind) {
	var ways []string
	var all Rows
	for _, r := range k.Parents {
		up := going[r.To]
		if up == nil {
			continue
		}
		w := pointingAt(r, up)
		ways = append(ways, w.where.sql)
		all.where.args = append(all.where.args, w.where.args...)
		all.key = w.key
	}
	if ways == nil {
		return
	}
	if len(ways) > 1 {
		all.key = nil
	}
	all.Kind, all.where.sql = k, "("+strings.Join(ways, " OR ")+")"
	going[k] = &all
}

// pointingAt returns the rows of r.From whose foreign key points into up. Where up can only be
// one row the key itself is compared, so that an index on (foreign key, …) serves in its order.
func pointingAt(r *graph.Relation, up *Rows) *Rows {
	column := r.From.Table + "." + r.Column.Name
	if up.key == nil {
		keys := up.keys()
		return &Rows{Kind: r.From, where: expr{column + " IN " + keys.sql, keys.args}}
	}
	rows := &Rows{Kind: r.From, where: expr{column + " = ?", []any{*up.key}}}
	if r.Column == r.From.Key {
		rows.key = up.key
	}
	return rows
}
