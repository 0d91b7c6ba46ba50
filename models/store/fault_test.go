package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/models/store"
)

// operation is something people do.
type operation struct {
	name  string
	empty bool                                 // on a site without a record
	few   int                                  // how many failures each call meets, of many that are alike; 0 for all
	plan  func(*models.Store) change.Operation // what is shown before; nil for nothing
	do    func(context.Context, *models.Store, change.Form) (*change.Change, error)
}

// ways are the passes in which the calls fail.
func (op operation) ways() []func(n int) failure {
	all := every(failures)
	if op.few == 0 || op.few > len(all) {
		return all
	}
	return inTurn(failures, op.few)
}

// shown is an operation that is shown before it is done.
func shown(name string, plan func(*models.Store) change.Operation) operation {
	return operation{name: name, plan: plan, do: func(ctx context.Context, s *models.Store, form change.Form) (*change.Change, error) {
		return change.Commit(ctx, s, plan(s), form)
	}}
}

// operations are all that write. A new one is one line here.
var operations = []operation{
	{name: "create a place", do: func(ctx context.Context, s *models.Store, form change.Form) (*change.Change, error) {
		return models.Places.Create(ctx, s, form.Token, &models.Place{Name: "Third", Address: "3 Third St"})
	}},
	{name: "open a restaurant at a new place", do: func(ctx context.Context, s *models.Store, form change.Form) (*change.Change, error) {
		return models.OpenAtNewPlace(ctx, s, form.Token, &models.Place{Name: "Third", Address: "3 Third St"}, &models.Restaurant{ServesPizza: true})
	}},
	{name: "hire a waiter", do: func(ctx context.Context, s *models.Store, form change.Form) (*change.Change, error) {
		return models.Waiters.Create(ctx, s, form.Token, &models.Waiter{RestaurantID: demonDogs, Name: "Tim"})
	}},
	{name: "rename a place", do: func(ctx context.Context, s *models.Store, form change.Form) (*change.Change, error) {
		return models.Places.Update(ctx, s, form.Token, aceHardware, 2, &models.Place{ID: aceHardware, Name: "Ace", Address: "1013 N. Ashland"})
	}},
	{name: "load the sample data", empty: true, few: 1, do: func(ctx context.Context, s *models.Store, form change.Form) (*change.Change, error) {
		return models.LoadSample(ctx, s, form.Token)
	}},
	shown("delete a place with its restaurant and waiters", func(s *models.Store) change.Operation {
		return change.Delete{Kind: models.Places.Kind(s), Key: demonDogs}
	}),
	shown("move a restaurant", func(s *models.Store) change.Operation {
		return change.Move{Kind: models.Restaurants.Kind(s), Key: demonDogs, To: aceHardware}
	}),
	shown("swap two restaurants", func(s *models.Store) change.Operation {
		return change.Move{Kind: models.Restaurants.Kind(s), Key: demonDogs, To: tacoHut, Swap: true}
	}),
	shown("open a copy of a restaurant", func(s *models.Store) change.Operation {
		return change.Copy{Kind: models.Restaurants.Kind(s), Key: demonDogs, To: aceHardware}
	}),
	shown("move a waiter", func(s *models.Store) change.Operation {
		return change.Move{Kind: models.Waiters.Kind(s), Key: joe, To: tacoHut}
	}),
	shown("delete a restaurant and keep its waiters", func(s *models.Store) change.Operation {
		return change.Delete{
			Kind: models.Restaurants.Kind(s), Key: demonDogs,
			Spare: map[*graph.Kind]change.Spare{models.Waiters.Kind(s): {Each: map[int64]int64{joe: tacoHut, ann: southEnd}}},
		}
	}),
	shown("move several waiters", func(s *models.Store) change.Operation {
		k := models.Waiters.Kind(s)
		return change.MoveMany{Kind: k, Of: change.Keys(k, []int64{joe, ann}), To: tacoHut}
	}),
	{name: "undo a deletion with one press", few: 3, do: func(ctx context.Context, s *models.Store, form change.Form) (*change.Change, error) {
		return change.Commit(ctx, s, change.Undo{Change: deletedOldInn}, form)
	}},
	undo("undo a move", movedSouth),
	undo("undo a creation with all that was added since", addedDemonDogs),
}

// undo is an undo that is shown before it is done.
func undo(name string, of int64) operation {
	op := shown(name, func(*models.Store) change.Operation { return change.Undo{Change: of} })
	op.few = 3
	return op
}

// isAnsweredBy says that err is the answer that people should get.
func (f failure) isAnsweredBy(err error) bool {
	var p *problem.Error
	var e *sqlite.Error
	switch f.code & 0xff {
	case sqlite3.SQLITE_BUSY:
		return problem.Is(err, problem.Busy)
	case sqlite3.SQLITE_FULL:
		return problem.Is(err, problem.Full)
	case sqlite3.SQLITE_READONLY:
		return problem.Is(err, problem.ReadOnly)
	case sqlite3.SQLITE_IOERR:
		refused := f.code != sqlite3.SQLITE_IOERR_READ && problem.Is(err, problem.ReadOnly) // to a write, not to what is read before
		return errors.As(err, &e) && e.Code() == f.code && (refused || !errors.As(err, &p))
	default:
		return errors.Is(err, context.Canceled) && !errors.As(err, &p)
	}
}

// Every call of every operation fails in every way. What is stored is then all of the change or
// nothing of it, the answer says which, and the next requests find nothing amiss.
func TestWhereverTheDatabaseFailsAChangeIsDoneOrNot(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			for _, how := range op.ways() {
				op.failsEverywhere(t, how)
			}
		})
	}
}

// failsEverywhere does the operation again and again, each time with a later call that fails, until
// it is done before that call is reached.
func (op operation) failsEverywhere(t *testing.T, how func(n int) failure) {
	w, form := op.begin(t)
	before := w.stored()
	want, err := op.do(ctx, w.Store, form)
	must(t, err)
	after := w.stored()

	w, form = op.begin(t)
	for n := 1; ; n++ {
		asked, cancel := context.WithCancel(ctx)
		w.arm(n, how(n), cancel)
		done, err := op.do(asked, w.Store, form)
		call := w.heal()
		cancel()
		where := fmt.Sprintf("%s at call %d, %q,", how(n).name, n, call)
		now := w.stored()
		var unconfirmed *store.Unconfirmed
		switch {
		case now != before && now != after:
			t.Fatalf("after %s there is stored:\n%s\nbefore it was:\n%s", where, now, before)
		case err == nil && (now != after || *done != *want):
			t.Fatalf("after %s it answers that change %v was done; stored is:\n%s", where, done, now)
		case err != nil && !how(n).isAnsweredBy(err):
			t.Errorf("after %s it answers %v", where, err)
		case err != nil && now == after && !errors.As(err, &unconfirmed):
			t.Errorf("after %s it answers that nothing was done: %v", where, err)
		}
		w.goesOn(where)
		if call == "" {
			must(t, err)
			return
		}
		if now == after {
			if again, err := op.do(ctx, w.Store, form); err != nil || *again != *want || w.stored() != after {
				t.Fatalf("after %s the same form once more is answered %v, %v", where, again, err)
			}
			w, form = op.begin(t)
		}
	}
}

// begin opens a world and shows what will be done.
func (op operation) begin(t *testing.T) (*world, change.Form) {
	t.Helper()
	w := newWorld(t, op.empty)
	form := change.Form{Token: "form"}
	if op.plan != nil {
		plan, err := change.Preview(ctx, w.Store, op.plan(w.Store))
		must(t, err)
		form.Fingerprint = plan.Fingerprint()
	}
	return w, form
}

// refusals are what cannot be done, for a reason that the database does not need to fail for.
var refusals = []operation{
	{name: "a restaurant at a taken place", do: func(ctx context.Context, s *models.Store, form change.Form) (*change.Change, error) {
		return models.Restaurants.Create(ctx, s, form.Token, &models.Restaurant{PlaceID: tacoHut})
	}},
	{name: "a move that was shown otherwise", do: func(ctx context.Context, s *models.Store, form change.Form) (*change.Change, error) {
		return change.Commit(ctx, s, change.Move{Kind: models.Restaurants.Kind(s), Key: demonDogs, To: aceHardware}, change.Form{Token: form.Token, Fingerprint: "other.1"})
	}},
	{name: "a move that is no longer possible", do: func(ctx context.Context, s *models.Store, form change.Form) (*change.Change, error) {
		return change.Commit(ctx, s, change.Move{Kind: models.Restaurants.Kind(s), Key: demonDogs, To: tacoHut}, change.Form{Token: form.Token, Fingerprint: "other.1"})
	}},
	{name: "an undo of what was not shown and has more on it", few: 3, do: func(ctx context.Context, s *models.Store, form change.Form) (*change.Change, error) {
		return change.Commit(ctx, s, change.Undo{Change: addedDemonDogs}, form)
	}},
	{name: "an edit of what was edited since", do: func(ctx context.Context, s *models.Store, form change.Form) (*change.Change, error) {
		return models.Places.Update(ctx, s, form.Token, aceHardware, 1, &models.Place{ID: aceHardware, Name: "Ace", Address: "1013 N. Ashland"})
	}},
}

func TestWhereverTheDatabaseFailsARefusalStaysOne(t *testing.T) {
	t.Parallel()
	for _, op := range refusals {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			for _, how := range op.ways() {
				w, form := op.begin(t)
				before := w.stored()
				_, want := op.do(ctx, w.Store, form)
				for n := 1; ; n++ {
					asked, cancel := context.WithCancel(ctx)
					w.arm(n, how(n), cancel)
					done, err := op.do(asked, w.Store, form)
					call := w.heal()
					cancel()
					where := fmt.Sprintf("%s at call %d, %q,", how(n).name, n, call)
					if done != nil || err == nil || w.stored() != before {
						t.Fatalf("after %s it answers %v, %v, and there is stored:\n%s", where, done, err, w.stored())
					}
					if err.Error() != want.Error() && (!how(n).isAnsweredBy(err) || errors.As(err, new(*change.Stale))) {
						t.Errorf("after %s it answers %v", where, err)
					}
					w.goesOn(where)
					if call == "" {
						break
					}
				}
			}
		})
	}
}

func TestAChangeThatIsGivenUpBeforeItsCommitIsNotDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.arm(1_000_000, failures[0], nil)
	asked, giveUp := context.WithCancel(ctx)
	err := w.Change(asked, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE scratch SET n = 99")
		giveUp()
		time.Sleep(20 * time.Millisecond) // whoever wants to end the transaction behind fn has done so
		return err
	})
	if !errors.Is(err, context.Canceled) || w.scratch() != 0 {
		t.Errorf("it answers %v, and there is stored %d", err, w.scratch())
	}
	must(t, w.Change(ctx, func(context.Context, bun.Tx) error { return nil }))
	if slices.Contains(w.calls, "connect") {
		t.Errorf("a connection that was sound was closed: %q", w.calls)
	}
}

func TestAChangeTouchesTheSearchIndexOnlyWhereATextDiffers(t *testing.T) {
	t.Parallel()
	touched := map[string][]string{
		"create a place": {"places_search"},
		"rename a place": {"places_search"},
		"hire a waiter":  {"waiters_search"},
		"delete a place with its restaurant and waiters": {"places_search", "waiters_search"},
		"undo a deletion with one press":                 {"places_search", "waiters_search"},
		"move a restaurant":                              nil,
		"swap two restaurants":                           nil,
		"move a waiter":                                  nil,
		"move several waiters":                           nil,
	}
	for _, op := range operations {
		want, known := touched[op.name]
		if !known {
			continue
		}
		delete(touched, op.name)
		w, form := op.begin(t)
		w.arm(1_000_000, failures[0], nil)
		_, err := op.do(ctx, w.Store, form)
		must(t, err)
		for _, index := range []string{"places_search", "waiters_search"} {
			is := slices.ContainsFunc(w.calls, func(call string) bool { return strings.Contains(call, index) })
			if is != slices.Contains(want, index) {
				t.Errorf("%s: touched %s: %v", op.name, index, is)
			}
		}
	}
	if len(touched) > 0 {
		t.Errorf("nobody does %v", touched)
	}
}
