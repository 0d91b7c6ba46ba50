package change

import (
	"context"
	"fmt"

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
// Errors: NotFound for the record; Invalid, at the foreign key's field, for the target.
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
	to, err := target(ctx, tx, rel, m.To)
	if err != nil {
		return nil, err
	}
	if from[0].Key == to.Key {
		return nil, problem.At(rel.Column.Name, "%s is where it is already. Choose another %s.", Isolate(to.Label), rel.To.Singular())
	}
	p := &Plan{Operation: "move", Subject: subject, Choices: fmt.Sprintf("to %d", m.To), Shown: true}
	p.watched = []*Rows{rowsByKey(rel.To, from[0].Key), rowsByKey(rel.To, to.Key)}
	if m.Kind.OneToOne() != rel {
		p.Steps = []*Step{{Rows: *rowsByKey(m.Kind, m.Key), Effect: Changed, set: map[string]expr{rel.Column.Name: literal(m.To)}}}
	} else if err := m.planOneToOne(ctx, tx, g, p, to); err != nil {
		return nil, err
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
	p.Steps = rekey(g, m.Kind, m.Key, m.To)
	if m.Swap {
		p.Operation = "swap"
		p.Steps = append(p.Steps, rekey(g, m.Kind, m.To, m.Key)...)
		return nil
	}
	p.watched = append(p.watched, rowsByKey(m.Kind, m.To)) // that it is free
	return nil
}

// rekey gives the row with key from the key to, and lets all rows that point there follow; where
// those share the key, the rows that point to them as well.
func rekey(g *graph.Graph, kind *graph.Kind, from, to int64) []*Step {
	moving := map[*graph.Kind]bool{kind: true}
	step := func(k *graph.Kind, column *graph.Column) *Step {
		return &Step{
			Rows:   Rows{Kind: k, where: expr{k.Table + "." + column.Name + " = ?", []any{from}}},
			Effect: Changed,
			set:    map[string]expr{column.Name: literal(to)},
			from:   from,
		}
	}
	steps := []*Step{step(kind, kind.Key)}
	for _, k := range g.Kinds() {
		for _, r := range k.Parents {
			if moving[r.To] {
				steps = append(steps, step(k, r.Column))
				moving[k] = moving[k] || r.Column == k.Key
			}
		}
	}
	return steps
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
