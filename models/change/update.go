package change

import (
	"context"
	"fmt"
	"reflect"

	"github.com/uptrace/bun"

	"maitred/models/graph"
)

// Update saves what was changed on one record. Edited is the model as it should be; columns that
// are keys are left alone, since a record changes its parent by moving. Version is the one that
// the person saw.
type Update struct {
	Kind    *graph.Kind
	Key     int64
	Version int64
	Edited  any
}

// Outdated says that the record was saved by someone else since the person saw it.
type Outdated struct{ Since []*Change }

func (o *Outdated) Error() string { return "the record was changed since it was shown" }

// Plan compares the edited model with the row. The plan has no step when nothing differs.
// Errors: NotFound, *Outdated.
func (u Update) Plan(ctx context.Context, tx bun.Tx, g *graph.Graph) (*Plan, error) {
	subject, label, err := find(ctx, tx, u.Kind, u.Key)
	if err != nil {
		return nil, err
	}
	now := reflect.New(reflect.TypeOf(u.Edited).Elem())
	err = tx.NewSelect().Model(now.Interface()).Where("?TablePKs = ?", u.Key).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the %s %d: %w", u.Kind.Name, u.Key, err)
	}
	if v := u.Kind.Column("version").Value(now).(int64); v != u.Version {
		since, err := History(ctx, tx, u.Kind, subject.Identity, 20)
		if err != nil {
			return nil, err
		}
		return nil, &Outdated{Since: after(since, u.Version)}
	}
	p := &Plan{Operation: "update", Subject: subject}
	set, words := u.differences(now)
	if len(set) == 0 {
		return p, nil
	}
	p.Steps = []*Step{{Rows: *rowsByKey(u.Kind, u.Key), Effect: Changed, set: set}}
	p.Sentence = fmt.Sprintf("changed %s: %s", Named(u.Kind, label), And(words))
	return p, p.look(ctx, tx)
}

func (u Update) differences(now reflect.Value) (set map[string]expr, words []string) {
	set = map[string]expr{}
	edited := reflect.ValueOf(u.Edited)
	for _, c := range u.Kind.Columns {
		if c.Inside && !c.IsNorm() || c == u.Kind.Key || u.Kind.ParentBy(c) != nil {
			continue
		}
		was, is := c.Value(now), c.Value(edited)
		if was == is {
			continue
		}
		set[c.Name] = literal(is)
		if !c.Inside {
			words = append(words, fmt.Sprintf("%s from %s to %s", c.Words(), quoted(was), quoted(is)))
		}
	}
	return set, words
}

// after returns the changes that are newer than version.
func after(changes []*Change, version int64) []*Change {
	var newer []*Change
	for _, c := range changes {
		if c.ID > version {
			newer = append(newer, c)
		}
	}
	return newer
}
