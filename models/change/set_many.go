package change

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/problem"
)

// SetMany answers yes-or-no questions for many records at once. Those that have the answers already
// stay as they are.
type SetMany struct {
	Kind *graph.Kind
	Of   *Selection
	To   []Answer
}

// Answer is yes or no to what a column asks.
type Answer struct {
	Column *graph.Column // Boolean, and one that people fill in
	Yes    bool
}

// Plan relies on the selected records, and on the names by which the examples are shown. Without a
// step there is nothing to do. Errors: Invalid, with a plan that says what was relied on, when
// nothing is selected or no answer is given.
func (s SetMany) Plan(ctx context.Context, tx bun.Tx, _ *graph.Graph) (*Plan, error) {
	p, err := planMany(ctx, tx, "update", s.Kind, s.Of)
	if err != nil {
		return p, err
	}
	values := map[*graph.Column]any{}
	var choices, now, then, words []string
	for _, a := range s.To {
		if a.Column.Type != graph.Boolean || a.Column.Inside {
			return nil, problem.New(problem.BadRequest, "“%s” is no question that can be answered with yes or no.", a.Column.Words())
		}
		values[a.Column] = a.Yes
		choices = append(choices, fmt.Sprintf("%s=%t", a.Column.Name, a.Yes))
		now = append(now, fmt.Sprintf("CASE WHEN %s THEN 'yes' ELSE 'no' END", a.Column.Name))
		then = append(then, a.Column.Words()+": "+Quoted(a.Yes))
		words = append(words, a.Column.Words()+" "+Quoted(a.Yes))
	}
	p.Choices = strings.Join(choices, " ")
	if len(values) > 0 {
		p.set(s.Kind, values)
	}
	if err := p.look(ctx, tx); err != nil {
		return nil, err
	}
	if len(values) == 0 {
		return p, problem.New(problem.Invalid, "Nothing was changed. Choose yes or no for at least one of these.")
	}
	if len(p.Steps) == 0 {
		return p, nil
	}
	p.Sentence = fmt.Sprintf("set %s: %s", several(p.Steps[0]), And(words))
	if err := p.examples(ctx, tx, now, then); err != nil {
		return nil, err
	}
	for _, e := range p.Examples {
		for i, a := range s.To {
			e.Now[i] = a.Column.Words() + ": " + e.Now[i]
		}
	}
	return p, p.watchNames(ctx, tx, p.Steps[0].First[:len(p.Examples)])
}
