package models_test

import (
	"fmt"
	"testing"
	"time"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/problem"
)

func TestAChangeSaysWhoAndWhen(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	w.addPlace("Demon Dogs", "944 W. Fullerton")
	at := time.Date(2026, 11, 23, 1, 2, 3, 456_789_000, time.FixedZone("Chicago", -6*3600))
	ann := w.As("Ann")
	ann.Now = func() time.Time { return at }
	_, err := models.Places.Create(ctx, ann, "", &models.Place{Name: "Ace Hardware", Address: "1013 N. Ashland"})
	w.must(err)

	changes, _, err := change.List(ctx, w.Store, change.Query{}, 10)
	w.must(err)
	w.same("who", []string{changes[0].Actor, changes[1].Actor}, []string{"Ann", "Someone"})
	w.same("when, to the millisecond, in UTC", changes[0].When(), time.Date(2026, 11, 23, 7, 2, 3, 456_000_000, time.UTC))
	w.same("how it is stored", changes[0].At, "2026-11-23T07:02:03.456Z")
}

func TestHistoryIsReadNewestFirstAndPageByPage(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	for i := range 7 {
		w.addPlace(fmt.Sprint(i), "Street")
	}
	var read []int64
	for before := int64(0); ; {
		changes, _, err := change.List(ctx, w.Store, change.Query{Before: before}, 3)
		w.must(err)
		if len(changes) == 0 {
			break
		}
		for _, c := range changes {
			read = append(read, c.ID)
		}
		before = read[len(read)-1]
	}
	w.same("the changes read", read, []int64{7, 6, 5, 4, 3, 2, 1})

	c, err := change.Find(ctx, w.Store, 4)
	w.must(err)
	w.same("the fourth", c.Sentence, "added the place 3")
	_, err = change.Find(ctx, w.Store, nowhere)
	w.refused(err, problem.NotFound, "There is no change with this number")
}

func TestTheRowsOfAChangeAreReadPageByPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hire(demonDogs, "Ann", "Tim", "Zoë")
	c := w.delete(w.places, demonDogs)
	var read []string
	kind, identity := "", int64(0)
	for {
		rows, err := change.RowsOf(ctx, w.Store, c.ID, kind, identity, 2)
		w.must(err)
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			read = append(read, r.Kind+" "+r.Label)
			kind, identity = r.Kind, r.Identity
		}
	}
	w.same("the rows read", read, []string{
		"places Demon Dogs", "restaurants Demon Dogs", "waiters Joe", "waiters Ann", "waiters Tim", "waiters Zoë",
	})
}

func TestHistoryFollowsARestaurantThroughMovesAndSwaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rival := aRival(w)
	w.move(w.restaurants, demonDogs, aceHardware)
	w.swap(aceHardware, rival)
	servePizza(w, rival)
	w.same("the history of the restaurant of Demon Dogs, now at Taco Hut", history(w, models.Restaurants, rival), []string{
		"changed the restaurant at Taco Hut: serves pizza from no to yes",
		"swapped the restaurants of Ace Hardware and Taco Hut",
		"moved the restaurant, with its 1 waiter, from Demon Dogs to Ace Hardware",
		"added the restaurant at Demon Dogs",
	})
	w.same("the history of the restaurant of Taco Hut, now at Ace Hardware", history(w, models.Restaurants, aceHardware), []string{
		"swapped the restaurants of Ace Hardware and Taco Hut",
		"added the restaurant at Taco Hut",
	})
}

func TestTheNextRestaurantAtAPlaceHasAHistoryOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.move(w.restaurants, demonDogs, aceHardware)
	w.open(&models.Restaurant{PlaceID: demonDogs})
	w.same("after a move", history(w, models.Restaurants, demonDogs), []string{"added the restaurant at Demon Dogs"})
	servePizza(w, demonDogs)
	w.delete(w.restaurants, demonDogs)
	w.do(change.Copy{Kind: w.restaurants, Key: aceHardware, To: demonDogs})
	w.same("after a deletion", history(w, models.Restaurants, demonDogs), []string{"opened a copy of the restaurant at Ace Hardware at Demon Dogs"})
}

func TestAWaitersHistoryTellsOfTheRestaurantsMoves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.move(w.restaurants, demonDogs, aceHardware)
	w.same("Joe's history", history(w, models.Waiters, joe), []string{
		"moved the restaurant, with its 1 waiter, from Demon Dogs to Ace Hardware",
		"added the waiter Joe at Demon Dogs",
	})
}

func TestAnOldAddressTellsWhereARestaurantWent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rival := aRival(w)
	w.move(w.restaurants, demonDogs, aceHardware)
	last := w.swap(aceHardware, rival)

	left := w.trace(demonDogs)
	w.same("where the restaurant of Demon Dogs went", []any{left.Now, left.Label}, []any{rival, "Taco Hut"})
	if left.Last.ID >= last.ID {
		t.Errorf("the change that took it away is %d", left.Last.ID)
	}
}

func TestAnOldAddressTellsWhoDeletedWhatWasThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.delete(w.restaurants, demonDogs)
	gone := w.trace(demonDogs)
	w.same("what became of it", []any{gone.Now, gone.Label, gone.Last}, []any{int64(0), "Demon Dogs", c})
}

func TestAnOldAddressTellsOfADeletionAfterAMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.move(w.restaurants, demonDogs, aceHardware)
	c := w.delete(w.restaurants, aceHardware)
	for _, key := range []int64{demonDogs, aceHardware} {
		gone := w.trace(key)
		w.same("what became of it", []any{gone.Now, gone.Label, gone.Last}, []any{int64(0), "Ace Hardware", c})
	}
}

func TestAnOldAddressTellsOfTheLastThatWasThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.delete(w.restaurants, demonDogs)
	w.open(&models.Restaurant{PlaceID: demonDogs})
	w.move(w.restaurants, demonDogs, aceHardware)
	w.same("where the last one went", w.trace(demonDogs).Now, int64(aceHardware))
}

func TestAnAddressWhereNothingEverWasHasNoTrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if tr := w.trace(aceHardware); tr != nil {
		t.Errorf("the trace is %+v", tr)
	}
	if tr := w.trace(nowhere); tr != nil {
		t.Errorf("the trace is %+v", tr)
	}
}

// trace is what became of the restaurant that was last at this key.
func (w *world) trace(key int64) *change.Trace {
	w.t.Helper()
	tr, err := change.TraceOf(ctx, w.Store, w.restaurants, key)
	w.must(err)
	return tr
}
