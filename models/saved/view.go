// Package saved is what a person chose for the lists they work with: views, which are named
// questions to a list, the one they start with, the columns they see and how many rows a page has.
// These are preferences and no records: they stand in no history and are not undone.
package saved

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/store"
)

// View is a list's query with a name. Others see it when it is shared; only its owner changes it.
type View struct {
	ID     int64
	Name   string
	Query  string // of the address, as kind.Canonical writes it
	Mine   bool   // it belongs to the person who asks
	By     string // who saved it, as history would call them
	Shared bool
}

// Address is the view's query as the list reads it.
func (v *View) Address() url.Values {
	address, _ := url.ParseQuery(v.Query) // it was written by Encode
	return address
}

// Check says what is wrong with a view whose question is no longer understood: what it asks for has
// been renamed or removed since. Errors: BadRequest.
func (v *View) Check(k *graph.Kind) error {
	_, err := kind.ParseQuery(k, v.Address())
	return err
}

// MayChange says why the person who asks may not change the view. Errors: Forbidden.
func (v *View) MayChange() error {
	if v.Mine {
		return nil
	}
	return problem.New(problem.Forbidden,
		"Only who saved the view “%s” can change or delete it, so nothing was done. You can open it, start with it, or save it for yourself.", v.Name)
}

const told = "id, name, query, owner = ? AS mine, owner_name, shared"

// list is a person's own views and then those that others share. Each half is read in the order of
// an index, however many there are of other people.
const list = `SELECT id, name, query, mine, owner_name, shared FROM (
		SELECT ` + told + `, name_norm FROM saved_views WHERE owner = ? AND kind = ?
		UNION ALL
		SELECT * FROM (SELECT ` + told + `, name_norm FROM saved_views WHERE kind = ? AND shared AND owner <> ? ORDER BY name_norm, name, id LIMIT ?) AS others
	) AS views ORDER BY mine DESC, name_norm, name, id LIMIT ?`

// List returns the views of a kind that the person can open, limit at most: their own first, each
// part by name. more says that there are others.
func List(ctx context.Context, s *store.Store, k *graph.Kind, limit int) (views []*View, more bool, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		p := s.Person
		views, err = read(s.Query(ctx, tx, list, p, p, k.Table, p, k.Table, p, limit+1, limit+1))
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("views of %s: %w", k.Table, err)
	}
	if more = len(views) > limit; more {
		views = views[:limit]
	}
	return views, more, nil
}

// Find returns a view that the person can open. Errors: NotFound.
func Find(ctx context.Context, s *store.Store, k *graph.Kind, id int64) (v *View, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		v, err = find(ctx, tx, s.Person, k, id)
		return err
	})
	return v, err
}

func find(ctx context.Context, tx bun.Tx, person string, k *graph.Kind, id int64) (*View, error) {
	v, err := one(ctx, tx, "SELECT "+told+" FROM saved_views WHERE id = ? AND kind = ? AND (owner = ? OR shared)", person, id, k.Table, person)
	if v == nil && err == nil {
		return nil, problem.New(problem.NotFound, "There is no such view of the %s, or not any more.", k.Plural())
	}
	return v, err
}

// named returns the person's own view of that name, nil when there is none.
func named(ctx context.Context, tx bun.Tx, person string, k *graph.Kind, name string) (*View, error) {
	return one(ctx, tx, "SELECT "+told+" FROM saved_views WHERE owner = ? AND kind = ? AND name = ?", person, person, k.Table, name)
}

func one(ctx context.Context, tx bun.Tx, query string, args ...any) (*View, error) {
	views, err := read(tx.Tx.QueryContext(ctx, query, args...))
	if err != nil || len(views) == 0 {
		return nil, err
	}
	return views[0], nil
}

// read takes up what a query finds, which begins with told.
func read(rows *sql.Rows, err error) (views []*View, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		v := new(View)
		if err := rows.Scan(&v.ID, &v.Name, &v.Query, &v.Mine, &v.By, &v.Shared); err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, errors.Join(rows.Err(), rows.Close())
}
