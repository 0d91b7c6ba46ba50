package change

import (
	"context"
	"fmt"
	"reflect"

	"github.com/uptrace/bun"

	"maitred/models/graph"
)

// Create adds new records: pointers to models, checked already, parents before their children.
// Keys and identities that are 0 are given out while planning and written into the models.
// The first record is the one that the change is about.
type Create struct {
	Records  []Record
	Sentence string // for history; made from the first record when empty
	About    int    // index of the record that the change is about
}

// Record is a new record. Bind, if set, is called before the record is planned, when the records
// before it have their keys: it fills in the foreign key.
type Record struct {
	Model any
	Bind  func()

	given bool // an identity, while planning; planned again it is given another
}

// created is a new row with what it will be called.
type created struct {
	identity, key int64
	label         string
	model         reflect.Value
}

// Plan gives out keys and makes sure that every parent exists and is free. Errors: Invalid at the
// foreign key's field.
func (c Create) Plan(ctx context.Context, tx bun.Tx, g *graph.Graph) (*Plan, error) {
	p := &Plan{Operation: "create"}
	steps := map[*graph.Kind]*Step{}
	for i := range c.Records {
		rec := &c.Records[i]
		if rec.Bind != nil {
			rec.Bind()
		}
		v := reflect.ValueOf(rec.Model)
		k := g.Of(v.Type().Elem())
		if steps[k] == nil {
			steps[k] = &Step{Rows: Rows{Kind: k}, Effect: Created}
		}
		row, where, err := c.planRow(ctx, tx, g, steps, rec, v)
		if err != nil {
			return nil, err
		}
		step := steps[k]
		step.values = append(step.values, row)
		step.Count++
		if i == c.About {
			p.Subject = Subject{Kind: k, Identity: row.identity, Key: row.key}
			p.Sentence = c.Sentence
			if p.Sentence == "" {
				p.Sentence = "added " + Named(k, row.label)
				if where != "" && !k.BorrowsLabel() {
					p.Sentence += " at " + Isolate(where)
				}
			}
		}
	}
	for _, k := range g.Kinds() {
		if steps[k] != nil {
			p.Steps = append(p.Steps, steps[k])
		}
	}
	return p, p.look(ctx, tx)
}

// planRow returns the row and what its first parent is called.
func (c Create) planRow(ctx context.Context, tx bun.Tx, g *graph.Graph, steps map[*graph.Kind]*Step, rec *Record, v reflect.Value) (row created, home string, err error) {
	k := g.Of(v.Type().Elem())
	for i, r := range k.Parents {
		parent := Item{Kind: r.To, Key: r.Column.Value(v).(int64)}
		if new := newRow(steps[r.To], parent.Key); new != nil {
			parent.Label = new.label
		} else if parent, err = target(ctx, tx, r, parent.Key); err != nil {
			return row, "", err
		}
		if r.Column == k.Key {
			if err := mustBeFree(ctx, tx, k, parent); err != nil {
				return row, "", err
			}
		}
		if i == 0 {
			home = parent.Label
		}
	}
	if row.identity = k.Identity.Value(v).(int64); row.identity == 0 || rec.given {
		rec.given = true
		if row.identity, err = nextIdentity(ctx, tx, k); err != nil {
			return row, "", err
		}
		row.identity += int64(len(steps[k].values))
		k.Identity.Set(v, row.identity)
	}
	row.key = k.Key.Value(v).(int64)
	row.model = v
	row.label = home
	if !k.BorrowsLabel() {
		row.label = fmt.Sprint(k.Column(k.Label).Value(v))
	}
	return row, home, nil
}

// newRow finds the row with this key among those that the same change creates.
func newRow(s *Step, key int64) *created {
	if s == nil || key == 0 {
		return nil
	}
	for i := range s.values {
		if s.values[i].key == key {
			return &s.values[i]
		}
	}
	return nil
}
