// Package kind is what can be done with any kind of record: list, find, create, update. It knows
// none of them by name. What touches more than one record is planned by package change.
package kind

import (
	"context"
	"fmt"
	"reflect"

	"github.com/uptrace/bun"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/models/store"
	"maitred/models/text"
)

// Of is the kind whose records are T. It holds nothing and can be used by all at once.
type Of[T any] struct{}

// Checker is implemented by *T: it cleans what was typed and says what is wrong with it.
type Checker interface{ Check(*problem.Check) }

// Kind returns the kind as the store's graph knows it.
func (Of[T]) Kind(s *store.Store) *graph.Kind { return s.Graph.Of(reflect.TypeFor[T]()) }

// Find returns the record with this key, with the records it belongs to and those it has one of.
// Errors: NotFound.
func (o Of[T]) Find(ctx context.Context, s *store.Store, key int64) (record *T, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		record, err = o.find(ctx, s, tx, key)
		return err
	})
	return record, err
}

// FindSeen is Find for the record that was at this key in that version, wherever it is now. Where
// none was, it is the one that is at the key.
func (o Of[T]) FindSeen(ctx context.Context, s *store.Store, key, version int64) (record *T, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		at, _, _, err := change.Seen{Kind: o.Kind(s), Key: key, Version: version}.Find(ctx, tx)
		if err != nil {
			return err
		}
		record, err = o.find(ctx, s, tx, at.Key)
		return err
	})
	return record, err
}

func (o Of[T]) find(ctx context.Context, s *store.Store, tx bun.Tx, key int64) (*T, error) {
	found, err := readOne[T](ctx, s, tx, o.Kind(s), key)
	if err != nil {
		return nil, fmt.Errorf("find %s %d: %w", o.Kind(s).Name, key, err)
	}
	if len(found) == 0 {
		return nil, problem.New(problem.NotFound, "There is no such %s.", o.Kind(s).Singular())
	}
	return found[0], nil
}

// Create checks and saves a new record. Errors: Invalid, with a sentence at each field.
func (o Of[T]) Create(ctx context.Context, s *store.Store, token string, record *T) (*change.Change, error) {
	if err := Check(s, record); err != nil {
		return nil, err
	}
	return change.Commit(ctx, s, change.Create{Records: []change.Record{{Model: record}}}, change.Form{Token: token})
}

// Update saves an edited record on top of what others saved since the version that the person saw.
// It returns nil when nothing is left to save. Errors: NotFound; Invalid, with a sentence at each
// field; *change.Outdated, for which choices are the answer.
func (o Of[T]) Update(ctx context.Context, s *store.Store, token string, key, version int64, edited *T, choices ...change.Choice) (*change.Change, error) {
	if err := Check(s, edited, choices...); err != nil {
		return nil, err
	}
	op := change.Update{Seen: change.Seen{Kind: o.Kind(s), Key: key, Version: version}, Edited: edited, Choices: choices}
	return change.Commit(ctx, s, op, change.Form{Token: token})
}

// Check cleans a record as people typed it, fills in what is derived from that, and returns what
// is wrong as an Invalid problem. Where what others saved was chosen, what was typed may be wrong.
func Check[T any](s *store.Store, record *T, choices ...change.Choice) error {
	return CheckRecord(s.Graph, record, choices...)
}

// CheckRecord is Check for a record of any kind; record is a pointer to the model.
func CheckRecord(g *graph.Graph, record any, choices ...change.Choice) error {
	var c problem.Check
	if r, ok := record.(Checker); ok {
		r.Check(&c)
	}
	v := reflect.ValueOf(record)
	for _, column := range g.Of(v.Type().Elem()).Columns {
		if column.Norm != nil {
			column.Norm.Set(v, text.Normalise(column.Value(v).(string)))
		}
	}
	for _, choice := range choices {
		if choice.Theirs {
			c.Remove(choice.Column)
		}
	}
	return c.Err()
}

// History returns the changes of the record, newest first, limit at most.
func (o Of[T]) History(ctx context.Context, s *store.Store, record *T, limit int) ([]*change.Change, error) {
	k := o.Kind(s)
	return change.HistoryOf(ctx, s, k, k.Identity.Value(reflect.ValueOf(record)).(int64), limit)
}
