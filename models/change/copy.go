package change

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/problem"
)

// Copy makes a second record like this one at another parent. What belongs to the record is not
// copied. Only a kind that shares its primary key with its parent can be told apart from its copy,
// by where it is; others are refused.
type Copy struct {
	Kind *graph.Kind
	Key  int64
	To   int64
}

// Plan errors: NotFound for the record; Invalid, at the foreign key's field, for a target that
// does not exist or is taken, with a plan that says what was relied on.
func (c Copy) Plan(ctx context.Context, tx bun.Tx, _ *graph.Graph) (*Plan, error) {
	rel := c.Kind.OneToOne()
	if rel == nil {
		return nil, problem.New(problem.BadRequest, "A %s cannot be copied.", c.Kind.Singular())
	}
	_, label, err := find(ctx, tx, c.Kind, c.Key)
	if err != nil {
		return nil, err
	}
	watched := []*Rows{rowsByKey(rel.To, c.Key), rowsByKey(rel.To, c.To), rowsByKey(c.Kind, c.To)}
	to, err := target(ctx, tx, rel, c.To)
	if err != nil {
		return &Plan{watched: watched}, err
	}
	if err := mustBeFree(ctx, tx, c.Kind, to); err != nil {
		return &Plan{watched: watched}, err
	}
	identity, err := nextIdentity(ctx, tx, c.Kind)
	if err != nil {
		return nil, err
	}
	p := &Plan{
		Operation: "copy",
		Subject:   Subject{Kind: c.Kind, Identity: identity, Key: c.To},
		Choices:   fmt.Sprintf("of %d", c.Key),
		Shown:     true,
		Steps: []*Step{{Rows: *rowsByKey(c.Kind, c.Key), Effect: Created, set: map[string]expr{
			c.Kind.Key.Name:      literal(c.To),
			c.Kind.Identity.Name: literal(identity),
		}}},
		watched: watched,
	}
	if c.Kind.BorrowsLabel() {
		p.Steps[0].called = to.Label
	}
	if err := p.look(ctx, tx); err != nil {
		return nil, err
	}
	p.Sentence = fmt.Sprintf("opened a copy of %s at %s", Named(c.Kind, label), Isolate(to.Label))
	return p, nil
}

// mustBeFree refuses a parent that has its one record of this kind already.
func mustBeFree(ctx context.Context, tx bun.Tx, k *graph.Kind, parent Item) error {
	taken, err := tx.NewSelect().Table(k.Table).Where("? = ?", bun.Ident(k.Key.Name), parent.Key).Exists(ctx)
	if err != nil {
		return fmt.Errorf("see whether %s %d is taken: %w", parent.Kind.Name, parent.Key, err)
	}
	if taken {
		return problem.At(k.Key.Name, "%s already has a %s. Choose another %s.", Isolate(parent.Label), k.Singular(), parent.Kind.Singular())
	}
	return nil
}
