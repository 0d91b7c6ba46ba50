package change

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/store"
)

// Update saves what a person changed on one record, on top of what others saved since the person
// saw it: what they saw, what is there now and what was typed are compared field by field. Edited
// is the model as it should be; columns that are keys are left alone, since a record changes its
// parent by moving.
type Update struct {
	Seen
	Edited  any
	Choices []Choice
}

// Choice is what a person chose at a field for which someone else had saved another value.
type Choice struct {
	Column string
	Theirs bool // what was saved stays; otherwise, what was typed
}

// Field is a column that others changed since the person saw the record.
type Field struct {
	Column   *graph.Column
	Before   any     // what the person saw; nil where that is not known
	Theirs   any     // what others saved
	By       *Change // who did, and when
	Mine     any     // what the person typed
	Collides bool    // theirs and mine cannot both be saved
}

// Outdated says that others saved the record since the person saw it, and that both cannot be had:
// there is a field that collides, or it is not known what the person saw. Nothing was written.
type Outdated struct {
	Subject Subject   // where the record is now
	Version int64     // the one it has now
	Known   bool      // what the person saw
	Fields  []Field   // what others changed, in the order of the columns
	Since   []*Change // what happened to the record since, newest first
}

func (o *Outdated) Error() string { return "the record was changed since it was shown" }

// Plan finds the record, wherever it is now, and compares. The plan has no step when nothing is
// left to save; Kept tells what others changed and keep. Errors: NotFound, *Outdated.
func (u Update) Plan(ctx context.Context, tx bun.Tx, _ *graph.Graph) (*Plan, error) {
	subject, label, known, err := u.Find(ctx, tx)
	if err != nil {
		return nil, err
	}
	now := reflect.New(reflect.TypeOf(u.Edited).Elem())
	err = tx.NewSelect().Model(now.Interface()).Where("?TablePKs = ?", subject.Key).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the %s %d: %w", u.Kind.Name, subject.Key, err)
	}
	version := u.Kind.Column("version").Value(now).(int64)
	saw := map[*graph.Column]any{}
	switch {
	case version == u.Version:
		for _, c := range u.Kind.Columns {
			saw[c] = c.Value(now)
		}
	case known:
		if saw, err = u.values(ctx, tx, subject.Identity); err != nil {
			return nil, err
		}
	}
	others, set, words := u.compare(saw, now)
	if err := signed(ctx, tx, subject, others, version); err != nil {
		return nil, err
	}
	if !known || slices.ContainsFunc(others, func(f Field) bool { return f.Collides }) {
		since, err := History(ctx, tx, u.Kind, subject.Identity, 20)
		if err != nil {
			return nil, err
		}
		return nil, &Outdated{Subject: subject, Version: version, Known: known, Fields: others, Since: after(since, u.Version)}
	}
	p := &Plan{Operation: "update", Subject: subject, Kept: others}
	if len(set) == 0 {
		return p, nil
	}
	p.Steps = []*Step{{Rows: *rowsByKey(u.Kind, subject.Key), Effect: Changed, set: set}}
	p.Sentence = fmt.Sprintf("changed %s: %s", Named(u.Kind, label), And(words))
	if len(others) > 0 {
		meanwhile, err := u.meanwhile(ctx, tx, others)
		if err != nil {
			return nil, err
		}
		p.Sentence += " (" + meanwhile + ")"
	}
	return p, p.look(ctx, tx)
}

// compare returns what others changed, and what is to be saved, as expressions and in words.
func (u Update) compare(saw map[*graph.Column]any, now reflect.Value) (others []Field, set map[string]expr, words []string) {
	set = map[string]expr{}
	edited := reflect.ValueOf(u.Edited)
	for _, c := range u.Kind.Columns {
		if c.Inside {
			continue
		}
		f := Field{Column: c, Before: saw[c], Theirs: c.Value(now), Mine: c.Value(edited)}
		if c == u.Kind.Key || u.Kind.ParentBy(c) != nil {
			if f.Mine = f.Theirs; f.Before != nil && f.Before != f.Theirs {
				others = append(others, f)
			}
			continue
		}
		wanted, mine := u.wanted(f)
		theirs := f.Before != f.Theirs
		f.Collides = mine && theirs && wanted != f.Theirs
		switch {
		case f.Collides || theirs && !mine:
			others = append(others, f)
		case wanted != f.Theirs:
			set[c.Name] = literal(wanted)
			if c.Norm != nil {
				set[c.Norm.Name] = literal(c.Norm.Value(edited))
			}
			words = append(words, fromTo(c, f.Theirs, wanted))
		}
	}
	return others, set, words
}

// wanted is the value that the person wants in a field, and whether they said so: by typing
// something else than they saw, or by choosing between two values. Who chose did so between these
// two: when a third one was saved meanwhile, they have to choose again.
func (u Update) wanted(f Field) (value any, mine bool) {
	for _, choice := range u.Choices {
		if choice.Column != f.Column.Name {
			continue
		}
		switch {
		case !choice.Theirs:
			return f.Mine, true
		case f.Before == nil:
			return f.Theirs, true
		default:
			return f.Before, true
		}
	}
	return f.Mine, f.Mine != f.Before
}

// Chosen returns the fields at which the person chose between two values, with the saved one of
// these and who saved it, so that a form that is refused can ask again.
func (u Update) Chosen(ctx context.Context, s *store.Store) (fields []Field, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		subject, _, known, err := u.Find(ctx, tx)
		if err != nil || !known || len(u.Choices) == 0 {
			return err
		}
		saw, err := u.values(ctx, tx, subject.Identity)
		if err != nil {
			return err
		}
		for _, choice := range u.Choices {
			if c := u.Kind.Column(choice.Column); saw[c] != nil {
				fields = append(fields, Field{Column: c, Theirs: saw[c], Mine: c.Value(reflect.ValueOf(u.Edited)), Collides: true})
			}
		}
		return signed(ctx, tx, subject, fields, u.Version)
	})
	return fields, err
}

// signed adds to what others changed who it was.
func signed(ctx context.Context, tx bun.Tx, s Subject, fields []Field, version int64) error {
	if len(fields) == 0 {
		return nil
	}
	columns := make([]*graph.Column, len(fields))
	for i, f := range fields {
		columns[i] = f.Column
	}
	by, err := authors(ctx, tx, s, columns, version)
	for i := range fields {
		fields[i].By = by[fields[i].Column]
	}
	return err
}

// meanwhile tells what others changed: "meanwhile Ann changed address from “A” to “B” and moved the
// restaurant to Ace Hardware; both are saved".
func (u Update) meanwhile(ctx context.Context, tx bun.Tx, others []Field) (string, error) {
	var actors, did []string
	changed, moved := map[string][]string{}, map[string][]string{}
	for _, f := range others {
		actor := Isolate(f.By.Actor)
		if !slices.Contains(actors, actor) {
			actors = append(actors, actor)
		}
		rel := u.Kind.ParentBy(f.Column)
		if rel == nil {
			changed[actor] = append(changed[actor], fromTo(f.Column, f.Before, f.Theirs))
			continue
		}
		_, to, err := find(ctx, tx, rel.To, f.Theirs.(int64))
		if err != nil {
			return "", err
		}
		moved[actor] = append(moved[actor], fmt.Sprintf("moved the %s to %s", u.Kind.Singular(), Isolate(to)))
	}
	for _, actor := range actors {
		deeds := moved[actor]
		if changed[actor] != nil {
			deeds = append([]string{"changed " + And(changed[actor])}, deeds...)
		}
		did = append(did, actor+" "+And(deeds))
	}
	if len(did) > 1 {
		return "meanwhile " + And(did) + "; all of it is saved", nil
	}
	return "meanwhile " + did[0] + "; both are saved", nil
}

func fromTo(c *graph.Column, from, to any) string {
	return fmt.Sprintf("%s from %s to %s", c.Words(), Quoted(from), Quoted(to))
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
