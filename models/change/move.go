package change

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/problem"
)

// Move brings a record to another parent: a restaurant to another place, a waiter to another
// restaurant. It is the same record afterwards. Where the foreign key is the primary key too, what
// belongs to the record goes along, and a parent holds one record only: a move to a taken one is
// refused unless Swap asks for the two records to change places.
type Move struct {
	Kind *graph.Kind
	Key  int64
	To   int64
	Swap bool
}

// Plan reads both parents, the record that is in the way if any, and everything that goes along.
// Errors: NotFound for the record; Invalid, at the foreign key's field, for the target, with a plan
// that says what was relied on.
func (m Move) Plan(ctx context.Context, tx bun.Tx, g *graph.Graph) (*Plan, error) {
	rel := m.Kind.Home()
	if rel == nil {
		return nil, problem.New(problem.BadRequest, "A %s belongs to nothing it could be moved to.", m.Kind.Singular())
	}
	subject, label, err := find(ctx, tx, m.Kind, m.Key)
	if err != nil {
		return nil, err
	}
	from, err := parents(ctx, tx, m.Kind, m.Key)
	if err != nil {
		return nil, err
	}
	p := &Plan{Operation: "move", Subject: subject, Choices: fmt.Sprintf("to %d", m.To), Shown: true}
	p.watched = []*Rows{rowsByKey(rel.To, from[0].Key), rowsByKey(rel.To, m.To)}
	to, err := target(ctx, tx, rel, m.To)
	if err != nil {
		return p, err
	}
	if from[0].Key == to.Key {
		return p, problem.At(rel.Column.Name, "%s is where it is already. Choose another %s.", Isolate(to.Label), rel.To.Singular())
	}
	if m.Kind.OneToOne() != rel {
		p.Steps = []*Step{{Rows: *rowsByKey(m.Kind, m.Key), Effect: Changed, set: map[string]expr{rel.Column.Name: literal(m.To)}}}
	} else if err := m.planOneToOne(ctx, tx, g, p, to); err != nil {
		p.watched = append(p.watched, rowsByKey(m.Kind, m.To))
		return p, err
	}
	if err := p.look(ctx, tx); err != nil {
		return nil, err
	}
	p.Sentence = m.sentence(p, label, from[0].Label, to.Label)
	return p, nil
}

func (m Move) planOneToOne(ctx context.Context, tx bun.Tx, g *graph.Graph, p *Plan, to Item) error {
	taken, err := tx.NewSelect().Table(m.Kind.Table).Where("? = ?", bun.Ident(m.Kind.Key.Name), m.To).Exists(ctx)
	if err != nil {
		return fmt.Errorf("see whether %s %d is taken: %w", to.Kind.Name, m.To, err)
	}
	if taken && !m.Swap {
		return problem.At(m.Kind.Key.Name, "%s already has a %s. Swap the two, move the other one first, or choose another %s.",
			Isolate(to.Label), m.Kind.Singular(), to.Kind.Singular())
	}
	if !taken && m.Swap {
		return problem.At(m.Kind.Key.Name, "%s is free, so there is nothing to swap with. You can move there.", Isolate(to.Label))
	}
	p.Subject.Key = m.To
	p.Steps = rekey(g, m.Kind, m.Key, m.To, m.Swap)
	if m.Swap {
		p.Operation = "swap"
		return nil
	}
	p.watched = append(p.watched, rowsByKey(m.Kind, m.To)) // that it is free
	return nil
}

// rekey gives the row with key from the key to, and with swap the other way round too, and lets all
// rows that point there follow; where those share the key, the rows that point to them as well.
func rekey(g *graph.Graph, kind *graph.Kind, from, to int64, swap bool) []*Step {
	keys := following(g, kind)
	var steps []*Step
	for _, k := range g.Kinds() {
		if keys[k] != nil {
			steps = append(steps, rekeyStep(k, keys[k], from, to, swap))
		}
	}
	if !swap {
		return steps
	}
	for _, there := range steps {
		back := rekeyStep(there.Kind, keys[there.Kind], to, from, swap)
		if len(keys[there.Kind]) > 1 { // a row that points to both goes with the first
			back.where.sql += " AND NOT (" + there.where.sql + ")"
			back.where.args = append(back.where.args, there.where.args...)
		}
		steps = append(steps, back)
	}
	return steps
}

// following are the columns, of each kind, that hold the key of a row of the kind given.
func following(g *graph.Graph, kind *graph.Kind) map[*graph.Kind][]*graph.Column {
	keys := map[*graph.Kind][]*graph.Column{kind: {kind.Key}}
	for _, k := range g.Kinds() {
		for _, r := range k.Parents {
			if slices.Contains(keys[r.To], r.To.Key) {
				keys[k] = append(keys[k], r.Column)
			}
		}
	}
	return keys
}

// rekeyStep is the rows of a kind that have the key from in one of the columns.
func rekeyStep(k *graph.Kind, columns []*graph.Column, from, to int64, swap bool) *Step {
	s := &Step{Rows: Rows{Kind: k}, Effect: Changed, set: map[string]expr{}, from: from}
	var ways []string
	for _, column := range columns {
		c := k.Table + "." + column.Name
		ways = append(ways, c+" = ?")
		s.where.args = append(s.where.args, from)
		switch {
		case len(columns) == 1:
			s.set[column.Name] = literal(to)
		case swap:
			s.set[column.Name] = expr{"CASE " + c + " WHEN ? THEN ? WHEN ? THEN ? ELSE " + c + " END", []any{from, to, to, from}}
		default:
			s.set[column.Name] = expr{"CASE " + c + " WHEN ? THEN ? ELSE " + c + " END", []any{from, to}}
		}
	}
	s.where.sql = "(" + strings.Join(ways, " OR ") + ")"
	if len(columns) == 1 && columns[0] == k.Key {
		s.key = &from
	}
	return s
}

// target finds the parent that was chosen. Errors: Invalid at the foreign key's field.
func target(ctx context.Context, tx bun.Tx, r *graph.Relation, key int64) (Item, error) {
	_, label, err := find(ctx, tx, r.To, key)
	if problem.Is(err, problem.NotFound) {
		return Item{}, problem.At(r.Column.Name, "That %s does not exist, or was deleted meanwhile. Choose another %s.", r.To.Singular(), r.To.Singular())
	}
	return Item{Kind: r.To, Key: key, Label: label}, err
}

func (m Move) sentence(p *Plan, label, from, to string) string {
	if m.Swap {
		return fmt.Sprintf("swapped the %s of %s and %s", m.Kind.Plural(), Isolate(from), Isolate(to))
	}
	what := Named(m.Kind, label)
	if m.Kind.BorrowsLabel() {
		what = "the " + m.Kind.Singular()
	}
	if along := Counts(p.Steps[1:]); along != "" {
		what += ", with its " + along + ","
	}
	return fmt.Sprintf("moved %s from %s to %s", what, Isolate(from), Isolate(to))
}
