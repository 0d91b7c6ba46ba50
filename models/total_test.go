package models_test

import (
	"fmt"
	"testing"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/store"
)

// numbers are how many records of each kind there are, as a store tells it.
func (w *world) numbers(s *store.Store) (all []int64) {
	w.t.Helper()
	for _, k := range []*graph.Kind{w.places, w.restaurants, w.waiters} {
		n, err := kind.Count(ctx, s, k)
		w.must(err)
		all = append(all, n)
	}
	return all
}

func TestHowManyRecordsThereAreIsKeptAndWhatWasMadeAndDeletedIsAdded(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // two places, a restaurant and a waiter
	other, err := models.OpenBeside(ctx, databaseAt(t, w.path), migrations.Apply)
	w.must(err)
	defer other.Close()
	says := func(when string, want ...int64) {
		t.Helper()
		w.same(when, w.numbers(w.Store), want)
		w.same(when+", another process", w.numbers(other), want)
	}
	says("at first", 2, 1, 1)

	const byHand = "INSERT INTO waiters (id, restaurant_id, name, name_norm, version) VALUES (999, 1, 'x', 'x', 1)" // as no part of the program does, to see what is counted
	w.exec(byHand)
	says("asked again", 2, 1, 1)
	w.rename(aceHardware, "Ace")
	says("when a place has another name", 2, 1, 1)
	w.exec("DELETE FROM waiters WHERE id = 999")
	w.hire(demonDogs, "Zed")
	says("when a waiter was hired", 2, 1, 2)
	moved := w.move(w.restaurants, demonDogs, aceHardware)
	says("when a restaurant was moved", 2, 1, 2)
	w.undo(moved)
	closed := w.delete(w.places, demonDogs)
	says("when a place was deleted", 1, 0, 0)
	w.undo(closed)
	says("when it was put back", 2, 1, 2)

	const longer = "UPDATE changes SET row_count = row_count + 10001 WHERE id = "
	w.exec(byHand)
	w.exec(longer + "1")
	says("when what was long ago is long", 2, 1, 2)
	done := w.rename(aceHardware, "Ace Hardware")
	w.exec(fmt.Sprint(longer, done.ID))
	says("when the changes since wrote too much to look at", 2, 1, 3)
	w.exec(fmt.Sprint("UPDATE changes SET row_count = row_count - 10001 WHERE id IN (1, ", done.ID, ")"))
	w.exec("DELETE FROM waiters WHERE id = 999")
}
