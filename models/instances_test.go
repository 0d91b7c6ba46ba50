package models_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/change"
	"maitred/models/problem"
)

// beside is another instance at the same database of the server, with settings for its connections.
func (w *world) beside(t *testing.T, settings ...string) *world {
	t.Helper()
	if !onServer {
		t.Skip("a file of SQLite is served by one program")
	}
	s, err := models.Open(ctx, strings.Join(append([]string{databaseAt(t, w.path)}, settings...), "&"), migrations.Apply)
	w.must(err)
	t.Cleanup(func() { w.must(s.Close()) })
	other := *w
	s.Patience = 0
	other.Store = s
	other.places, other.restaurants, other.waiters = models.Places.Kind(s), models.Restaurants.Kind(s), models.Waiters.Kind(s)
	return &other
}

// What was seen at one instance is done, or refused, with what another one wrote since.
func TestWhatOneInstanceWritesIsSeenAtTheOther(t *testing.T) {
	t.Parallel()
	here := newWorld(t)
	there := here.beside(t)
	op := change.Delete{Kind: here.places, Key: demonDogs}
	shown := here.preview(op)
	there.hire(demonDogs, "Ann")
	_, err := here.commit(op, shown)
	var stale *change.Stale
	if !errors.As(err, &stale) || len(stale.Since) != 1 {
		t.Fatalf("what another instance wrote since is answered with %v", err)
	}
	done, err := here.commit(op, here.preview(op))
	here.must(err)
	there.same("the sentence", done.Sentence, "deleted the place Demon Dogs with 1 restaurant and 2 waiters")
	there.undo(done)
	here.same("who is back", here.staff(demonDogs), []string{"Ann", "Joe"})
}

// Of many who open a restaurant at the same place, at whichever instance, one does. No change is lost, and their
// numbers are without a gap.
func TestOneRestaurantOpensAtAPlaceWhicheverInstanceIsAsked(t *testing.T) {
	t.Parallel()
	here := newWorld(t)
	const strict = "default_transaction_isolation=serializable"
	instances := []*world{here, here.beside(t), here.beside(t, strict), here.beside(t, strict)} // others read what is committed
	before := here.changes()
	var opened, hired atomic.Int64
	var everyone sync.WaitGroup
	for i := range 12 {
		w := instances[i%len(instances)]
		everyone.Go(func() {
			_, err := models.Restaurants.Create(ctx, w.Store, "", &models.Restaurant{PlaceID: aceHardware, ServesPizza: i%2 == 0})
			switch {
			case err == nil:
				opened.Add(1)
			case !problem.Is(err, problem.Invalid):
				t.Errorf("opening is answered with %v", err)
			}
			for n := range 5 {
				if _, err := models.Waiters.Create(ctx, w.Store, "", &models.Waiter{RestaurantID: demonDogs, Name: fmt.Sprintf("Waiter %d.%d", i, n)}); err != nil {
					t.Errorf("hiring is answered with %v", err)
					continue
				}
				hired.Add(1)
			}
		})
	}
	everyone.Wait()
	if opened.Load() != 1 || hired.Load() != 60 {
		t.Errorf("%d restaurants opened and %d waiters were hired", opened.Load(), hired.Load())
	}
	here.same("how many changes there are", here.changes(), before+61)
	newest, err := change.Newest(ctx, here.Store)
	here.must(err)
	here.same("the number of the newest", newest, int64(before+61))
	here.same("how many waiters are counted", here.restaurant(demonDogs).WaiterCount, int64(61))
}

// A server that became the standby of another takes no changes over the connections that there are: they are given up.
func TestAConnectionOverWhichNothingCanBeWrittenAnyMoreIsGivenUp(t *testing.T) {
	t.Parallel()
	if !onServer {
		t.Skip("to a file there is no connection")
	}
	w := newWorld(t)
	w.must(w.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
		return err
	}))
	w.hire(demonDogs, "Ann")
	w.same("who works there", w.staff(demonDogs), []string{"Ann", "Joe"})
}
