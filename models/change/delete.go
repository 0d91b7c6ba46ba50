package change

import (
	"context"

	"github.com/uptrace/bun"

	"maitred/models/graph"
)

// Delete removes a record, or many, and everything that belongs to them, at every level, but for
// what is spared: that moves, in the same change.
type Delete struct {
	Kind  *graph.Kind
	Key   int64
	Of    *Selection            // if set, these records instead of the one with the key
	Spare map[*graph.Kind]Spare // by kind below the one that is deleted; what has no entry goes
}

// Plan walks the foreign keys down from the record. A kind that can be reached in several ways
// stands among what goes once, with the rows of all of them. Errors: NotFound for the record;
// Invalid when nothing is selected and, with a plan in which the rows in question go, for what
// cannot be spared as it was chosen: at ChoiceField, ToField and EachField.
func (d Delete) Plan(ctx context.Context, tx bun.Tx, g *graph.Graph) (*Plan, error) {
	root, subject, label, err := chosen(ctx, tx, d.Kind, d.Key, d.Of)
	if err != nil {
		return &Plan{watched: []*Rows{root}}, err
	}
	p := &Plan{Operation: "delete", Subject: subject, Choices: d.choices(g), Shown: true}
	if d.Of == nil {
		p.watched = namedBy(d.Kind, d.Key)[1:] // by whose name it was shown
	}
	c := newCascade(p, d.Spare)
	if err := c.fall(ctx, tx, g, root); err != nil {
		return nil, err
	}
	if err := p.look(ctx, tx); err != nil {
		return nil, err
	}
	c.count()
	what := Named(d.Kind, label)
	if d.Of != nil {
		p.Of, what = &p.Steps[0].Rows, several(p.Steps[0])
		err = p.watchNames(ctx, tx, p.Steps[0].First)
	} else {
		p.Stays, err = parents(ctx, tx, d.Kind, d.Key)
	}
	if err != nil {
		return nil, err
	}
	p.Sentence = "deleted " + what
	if along := Counts(p.Deleted()[1:]); along != "" {
		p.Sentence += " with " + along
	}
	if moves := p.Moves(); moves != "" {
		p.Sentence += ", and moved " + moves
	}
	return p, c.wrong.Err()
}
