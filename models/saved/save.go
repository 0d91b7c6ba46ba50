package saved

import (
	"context"
	"net/url"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/store"
	"maitred/models/text"
)

// The limits of views, for one person and kind.
const (
	maxName  = 50   // characters
	maxQuery = 4000 // characters of the address
	maxViews = 100
)

// Draft is a view as a person wants to save it.
type Draft struct {
	Name    string
	Shared  bool
	Start   bool // it is the one to start with
	Replace bool // the view of this name may be overwritten
}

// Taken says that the person has a view of this name that shows something else.
type Taken struct{ View *View }

func (t *Taken) Error() string { return "the name of the view is taken" }

func (t *Taken) Unwrap() error {
	return problem.At("name", "You already have a view of this name, which shows something else. Replace it, or choose another name.")
}

// Save keeps what an address asks of a list as a view of the person. The same one saved twice is
// one. Errors: BadRequest for an address that no list understands; Invalid, *Taken among them.
func Save(ctx context.Context, s *store.Store, k *graph.Kind, address url.Values, d Draft) error {
	if _, err := kind.ParseQuery(k, address); err != nil {
		return err
	}
	query := kind.Canonical(address)
	if err := d.check(k, query); err != nil {
		return err
	}
	return s.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		old, err := named(ctx, tx, s.Person, k, d.Name)
		if err != nil {
			return err
		}
		if old == nil {
			err = insert(ctx, s, tx, k, query, d)
		} else if old.Query == query || d.Replace {
			_, err = tx.NewRaw("UPDATE saved_views SET query = ?, shared = ?, owner_name = ? WHERE id = ?", query, d.Shared, s.Actor, old.ID).Exec(ctx)
		} else {
			err = &Taken{old}
		}
		if err != nil || !d.Start {
			return err
		}
		saved, err := named(ctx, tx, s.Person, k, d.Name)
		if err != nil {
			return err
		}
		return start(ctx, tx, s.Person, k, saved.ID)
	})
}

func (d *Draft) check(k *graph.Kind, query string) error {
	var c problem.Check
	c.Line("name", "The name", &d.Name, maxName)
	if query == "" {
		c.Add("query", "There is nothing to save: this list shows all "+k.Plural()+". Search, sort or filter it first.")
	}
	if n := utf8.RuneCountInString(query); n > maxQuery {
		c.Add("query", "The list asks for too much to be kept as a view: its address has "+graph.Number(int64(n))+
			" characters, and "+graph.Number(maxQuery)+" can be kept. Remove a condition, or make one shorter.")
	}
	return c.Err()
}

func insert(ctx context.Context, s *store.Store, tx bun.Tx, k *graph.Kind, query string, d Draft) error {
	var n int64
	if err := tx.NewRaw("SELECT count(*) FROM saved_views WHERE owner = ? AND kind = ?", s.Person, k.Table).Scan(ctx, &n); err != nil {
		return err
	}
	if n >= maxViews {
		return problem.At("name", "You have %d views of the %s, and more cannot be kept. Delete one first.", n, k.Plural())
	}
	_, err := tx.NewRaw("INSERT INTO saved_views (kind, name, name_norm, query, owner, owner_name, shared) VALUES (?, ?, ?, ?, ?, ?, ?)",
		k.Table, d.Name, text.Normalise(d.Name), query, s.Person, s.Actor, d.Shared).Exec(ctx)
	return err
}

// Change gives the person's own view another name, shares it or keeps it to them, and says whether
// they start with it. Errors: NotFound; Forbidden for what is another's; Invalid.
func Change(ctx context.Context, s *store.Store, k *graph.Kind, id int64, d Draft) error {
	var c problem.Check
	c.Line("name", "The name", &d.Name, maxName)
	return s.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := own(ctx, tx, s.Person, k, id); err != nil {
			return err
		}
		if err := c.Err(); err != nil {
			return err
		}
		other, err := named(ctx, tx, s.Person, k, d.Name)
		if err != nil {
			return err
		}
		if other != nil && other.ID != id {
			return problem.At("name", "You already have a view of this name. Choose another one, or delete that view first.")
		}
		_, err = tx.NewRaw("UPDATE saved_views SET name = ?, name_norm = ?, shared = ?, owner_name = ? WHERE id = ?",
			d.Name, text.Normalise(d.Name), d.Shared, s.Actor, id).Exec(ctx)
		if err != nil {
			return err
		}
		return startOrNot(ctx, tx, s.Person, k, id, d.Start)
	})
}

// Delete takes away the person's own view, whoever starts with it, and returns it. Errors: NotFound;
// Forbidden for what is another's.
func Delete(ctx context.Context, s *store.Store, k *graph.Kind, id int64) (v *View, err error) {
	err = s.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if v, err = own(ctx, tx, s.Person, k, id); err != nil {
			return err
		}
		_, err = tx.NewRaw("DELETE FROM saved_views WHERE id = ?", id).Exec(ctx)
		return err
	})
	return v, err
}

// own returns a view that the person may change.
func own(ctx context.Context, tx bun.Tx, person string, k *graph.Kind, id int64) (*View, error) {
	v, err := find(ctx, tx, person, k, id)
	if err == nil {
		err = v.MayChange()
	}
	return v, err
}
