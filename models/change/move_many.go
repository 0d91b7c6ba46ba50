package change

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/problem"
)

// MoveMany brings many records to one parent. Those that are there already stay as they are. It is
// for kinds that move together.
type MoveMany struct {
	Kind *graph.Kind
	Of   *Selection
	To   int64
}

// Plan relies on the selected records, the target, and the parents that the examples come from.
// Without a step there is nothing to do. Errors: BadRequest for a kind that is not for it; Invalid,
// with a plan that says what was relied on, when nothing is selected or, at the foreign key's
// field, for the target.
func (m MoveMany) Plan(ctx context.Context, tx bun.Tx, _ *graph.Graph) (*Plan, error) {
	rel := m.Kind.Home()
	if !m.Kind.MovesTogether() {
		return nil, problem.New(problem.BadRequest, "Several %s cannot be moved together.", m.Kind.Plural())
	}
	p, err := planMany(ctx, tx, "move", m.Kind, m.Of)
	if err != nil {
		return p, err
	}
	p.Choices = fmt.Sprintf("many to %d", m.To)
	p.watched = append(p.watched, rowsByKey(rel.To, m.To))
	to, wrong := target(ctx, tx, rel, m.To)
	if wrong == nil {
		p.set(m.Kind, map[*graph.Column]any{rel.Column: m.To})
	}
	if err := p.look(ctx, tx); err != nil {
		return nil, err
	}
	if wrong != nil || len(p.Steps) == 0 {
		return p, wrong
	}
	p.Sentence = fmt.Sprintf("moved %s to %s", several(p.Steps[0]), Isolate(to.Label))
	now := m.Kind.Must(rel.Name + "__" + rel.To.Label).SQL(m.Kind.Table)
	if err := p.examples(ctx, tx, []string{now}, []string{to.Label}); err != nil {
		return nil, err
	}
	return p, p.watchParents(ctx, tx, rel, p.Steps[0].First[:len(p.Examples)])
}
