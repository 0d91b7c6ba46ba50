package change

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/uptrace/bun"

	"maitred/models/dialect"
	"maitred/models/graph"
)

// Merge adds many new records and gives others new values, as one change. What it comes to is found
// out by Read each time it is planned: it only reads, and reads all that it relies on.
type Merge struct {
	Operation string
	Kind      *graph.Kind // that the change is about
	Read      func(ctx context.Context, tx bun.Tx) (*Merged, error)
}

// Merged is what a Merge comes to as of one moment. It is checked already: that parents exist and
// have room is for whoever made it to know.
type Merged struct {
	Seen     string  // what was shown, in a fixed spelling: it stands in the fingerprint for the rows
	Sentence string  // for history
	Added    []Added // parents before their children
	Edits    []Edits // of several kinds
	Relies   []Relied
}

// Added is a new record with what it is called.
type Added struct {
	Record
	Label string
}

// Edits are new values for records of one kind, for each in the same columns.
type Edits struct {
	Kind    *graph.Kind
	Columns []*graph.Column // neither the key nor the version
	Models  []any           // pointers to the records as they will be, each another one
}

// Relied are records of one kind that must stay as they are between preview and click.
type Relied struct {
	Kind   *graph.Kind
	Keys   []int64
	Absent []string // names of records that are taken not to be there, to tell when one was deleted meanwhile
}

// Plan gives out the keys and identities that are 0, and writes them into the models. Errors: those of
// Read; with an Invalid one comes a plan that says what was relied on, if Read returned that.
func (m Merge) Plan(ctx context.Context, tx bun.Tx, g *graph.Graph) (*Plan, error) {
	merged, wrong := m.Read(ctx, tx)
	if merged == nil {
		return nil, wrong
	}
	p := &Plan{Operation: m.Operation, Subject: Subject{Kind: m.Kind}, Sentence: merged.Sentence, Shown: true, seen: merged.Seen}
	for _, r := range merged.Relies {
		key := r.Kind.Table + "." + r.Kind.Key.Name
		gone, err := goneNamed(g.SQL, r.Absent)
		if err != nil {
			return nil, err
		}
		p.watched = append(p.watched, &Rows{Kind: r.Kind, where: in(g.SQL, key, r.Keys), was: or(in(g.SQL, "r.before_key", r.Keys), gone)})
	}
	if wrong != nil {
		if err := p.look(ctx, tx); err != nil {
			return nil, err
		}
		return p, wrong
	}
	added, err := addedSteps(ctx, tx, g, merged.Added)
	if err != nil {
		return nil, err
	}
	for _, k := range g.Kinds() {
		if s := added[k]; s != nil {
			p.Steps = append(p.Steps, s)
		}
		for _, e := range merged.Edits {
			if e.Kind == k && len(e.Models) > 0 {
				p.Steps = append(p.Steps, editsStep(e))
			}
		}
	}
	if err := p.look(ctx, tx); err != nil {
		return nil, err
	}
	return p, p.nameFirst(ctx, tx, m.Kind)
}

// goneNamed is the condition that the recorded row r was deleted, and had one of these names.
func goneNamed(sql dialect.Dialect, names []string) (expr, error) {
	if len(names) == 0 {
		return expr{}, nil
	}
	list, err := json.Marshal(names)
	return expr{"r.after_key IS NULL AND " + sql.InTexts("r.label"), []any{string(list)}}, err
}

// addedSteps gives out the keys of new records and collects them by kind.
func addedSteps(ctx context.Context, tx bun.Tx, g *graph.Graph, added []Added) (map[*graph.Kind]*Step, error) {
	steps, next, count := map[*graph.Kind]*Step{}, map[*graph.Kind]int64{}, map[*graph.Kind]int{}
	for _, a := range added {
		count[g.Of(reflect.TypeOf(a.Model).Elem())]++
	}
	for _, a := range added {
		if a.Bind != nil {
			a.Bind()
		}
		v := reflect.ValueOf(a.Model)
		k := g.Of(v.Type().Elem())
		if steps[k] == nil {
			first, err := nextIdentity(ctx, tx, k)
			if err != nil {
				return nil, err
			}
			steps[k], next[k] = &Step{Rows: Rows{Kind: k}, Effect: Created, values: make([]created, 0, count[k])}, first
		}
		row := created{identity: next[k], label: a.Label, model: v}
		next[k]++
		k.Identity.Set(v, row.identity)
		row.key = k.Key.Value(v).(int64)
		steps[k].values = append(steps[k].values, row)
		steps[k].Count++
	}
	return steps, nil
}

func editsStep(e Edits) *Step {
	s := &Step{Rows: Rows{Kind: e.Kind}, Effect: Changed, set: map[string]expr{}, edits: &e}
	keys := make([]int64, len(e.Models))
	for i, model := range e.Models {
		keys[i] = keyOf(e.Kind, model)
	}
	s.where = in(e.Kind.SQL, e.Kind.Table+"."+e.Kind.Key.Name, keys)
	for i, c := range e.Columns {
		s.set[c.Name] = expr{sql: e.Kind.SQL.Given(i+1, c.Type)}
	}
	return s
}

func keyOf(k *graph.Kind, model any) int64 { return k.Key.Value(reflect.ValueOf(model)).(int64) }

// nameFirst says which record the change is about: the first that it adds of a kind, or else that it
// changes.
func (p *Plan) nameFirst(ctx context.Context, tx bun.Tx, k *graph.Kind) (err error) {
	if s := p.StepOf(k.Table, Created); s != nil {
		p.Subject = Subject{Kind: k, Identity: s.values[0].identity, Key: s.values[0].key}
		return nil
	}
	if s := p.StepOf(k.Table, Changed); s != nil {
		p.Subject, _, err = find(ctx, tx, k, keyOf(k, s.edits.Models[0]))
	}
	return err
}

// givenAtOnce is how many rows one statement takes from us: their text is in memory.
const givenAtOnce = 1000

// stageEdits records the rows of a step that get values of their own.
func stageEdits(ctx context.Context, tx bun.Tx, change int64, s *Step) error {
	for some := range slices.Chunk(s.edits.Models, givenAtOnce) {
		given := make([][]any, len(some))
		for i, model := range some {
			v := reflect.ValueOf(model)
			given[i] = append(make([]any, 0, 1+len(s.edits.Columns)), s.Kind.Key.Value(v))
			for _, c := range s.edits.Columns {
				given[i] = append(given[i], dialect.ImageValue(c.Value(v)))
			}
		}
		text, err := json.Marshal(given)
		if err != nil {
			return fmt.Errorf("write down new values of %s: %w", s.Kind.Table, err)
		}
		part := *s
		part.edits, part.Count = nil, int64(len(some))
		part.where = expr{sql: "TRUE"}
		part.join = expr{fmt.Sprintf(" JOIN %s ON %s.%s = %s", s.Kind.SQL.GivenRows(), s.Kind.Table, s.Kind.Key.Name, s.Kind.SQL.Given(0, graph.Integer)), []any{string(text)}}
		if err := stage(ctx, tx, change, &part); err != nil {
			return err
		}
	}
	return nil
}
