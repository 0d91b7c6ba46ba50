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
func (o Of[T]) Find(ctx context.Context, s *store.Store, key int64) (*T, error) {
	var found []*T
	err := s.View(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		found, err = readOne[T](ctx, s, tx, o.Kind(s), key)
		return err
	})
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

// Update saves an edited record over the version the person saw. It returns nil when nothing
// differs. Errors: NotFound; Invalid, with a sentence at each field; *change.Outdated.
func (o Of[T]) Update(ctx context.Context, s *store.Store, token string, key, version int64, edited *T) (*change.Change, error) {
	if err := Check(s, edited); err != nil {
		return nil, err
	}
	op := change.Update{Kind: o.Kind(s), Key: key, Version: version, Edited: edited}
	return change.Commit(ctx, s, op, change.Form{Token: token})
}

// Check cleans a record as people typed it, fills in what is derived from that, and returns what
// is wrong as an Invalid problem.
func Check[T any](s *store.Store, record *T) error {
	var c problem.Check
	if r, ok := any(record).(Checker); ok {
		r.Check(&c)
	}
	v := reflect.ValueOf(record)
	for _, column := range s.Graph.Of(v.Type().Elem()).Columns {
		if column.Norm != nil {
			column.Norm.Set(v, text.Normalise(column.Value(v).(string)))
		}
	}
	return c.Err()
}

// History returns the changes of the record, newest first, limit at most.
func (o Of[T]) History(ctx context.Context, s *store.Store, record *T, limit int) ([]*change.Change, error) {
	k := o.Kind(s)
	return change.HistoryOf(ctx, s, k, k.Identity.Value(reflect.ValueOf(record)).(int64), limit)
}
