package change

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/dialect"
	"maitred/models/graph"
)

// Example is one record of many, as it is and as it will be, in lines of words.
type Example struct {
	Item
	Now, Then []string
}

// shownExamples is how many records a preview shows before and after.
const shownExamples = 5

// planMany begins a plan about the selected records; all of them are relied on. Errors: Invalid,
// with a plan that says so much, when none is selected.
func planMany(ctx context.Context, tx bun.Tx, operation string, k *graph.Kind, of *Selection) (*Plan, error) {
	rows, subject, _, err := chosen(ctx, tx, k, 0, of)
	return &Plan{Operation: operation, Subject: subject, Shown: true, Of: rows, watched: []*Rows{rows}}, err
}

// set gives columns a value in those of the selected rows where one of them has another.
func (p *Plan) set(k *graph.Kind, values map[*graph.Column]any) {
	step := &Step{Rows: Rows{Kind: k}, Effect: Changed, set: map[string]expr{}}
	step.where.args = slices.Clone(p.Of.where.args)
	var differs []string
	for _, c := range k.Columns {
		if value, ok := values[c]; ok {
			step.set[c.Name] = literal(value)
			differs = append(differs, k.Table+"."+c.Name+" <> ?")
			step.where.args = append(step.where.args, value)
		}
	}
	step.where.sql = fmt.Sprintf("(%s) AND (%s)", p.Of.where.sql, strings.Join(differs, " OR "))
	p.Steps = []*Step{step}
}

// several is what a step writes, in a sentence: "12 waiters", or one by its name.
func several(s *Step) string {
	if s.Count == 1 {
		return Named(s.Kind, s.First[0].Label)
	}
	return s.Kind.Counted(s.Count)
}

// examples shows the first records of the plan's step: now are SQL expressions for texts that say
// how each is at present, then says how all of them will be. The very first is the one that history
// names.
func (p *Plan) examples(ctx context.Context, tx bun.Tx, now, then []string) (err error) {
	s := p.Steps[0]
	if p.Subject, _, err = find(ctx, tx, s.Kind, s.First[0].Key); err != nil {
		return err
	}
	of := map[int64]*Example{}
	for _, item := range s.First[:min(shownExamples, len(s.First))] {
		p.Examples = append(p.Examples, &Example{Item: item, Then: then})
		of[item.Key] = p.Examples[len(p.Examples)-1]
	}
	rows, err := tx.QueryContext(ctx, fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s", s.Kind.Key.Name, strings.Join(now, ", "), s.Kind.Table, s.Kind.SQL.In(s.Kind.Key.Name)),
		keysOfItems(s.First[:len(p.Examples)]))
	if err != nil {
		return fmt.Errorf("read the first %s: %w", s.Kind.Table, err)
	}
	defer rows.Close()
	for rows.Next() {
		var key int64
		texts := make([]string, len(now))
		into := []any{&key}
		for i := range texts {
			into = append(into, &texts[i])
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read one of the first %s: %w", s.Kind.Table, err)
		}
		of[key].Now = texts
	}
	return rows.Err()
}

// keysOfItems are the keys of records, as the argument of In.
func keysOfItems(items []Item) string {
	keys := make([]int64, len(items))
	for i, item := range items {
		keys[i] = item.Key
	}
	return dialect.ListOf(keys)
}

// watchNames relies on the names by which records are shown: where they borrow them, on the
// records that they have them from.
func (p *Plan) watchNames(ctx context.Context, tx bun.Tx, items []Item) error {
	if len(items) == 0 || !items[0].Kind.BorrowsLabel() {
		return nil
	}
	return p.watchParents(ctx, tx, items[0].Kind.Must(items[0].Kind.Label).Relations[0], items)
}

// watchParents relies on the records that some others belong to.
func (p *Plan) watchParents(ctx context.Context, tx bun.Tx, r *graph.Relation, items []Item) error {
	parents := &Rows{Kind: r.To, where: expr{
		fmt.Sprintf("%s.%s IN (SELECT %s FROM %s WHERE %s)", r.To.Table, r.To.Key.Name, r.Column.Name, r.From.Table, r.From.SQL.In(r.From.Table+"."+r.From.Key.Name)),
		[]any{keysOfItems(items)},
	}}
	p.watched = append(p.watched, parents)
	return parents.look(ctx, tx)
}
