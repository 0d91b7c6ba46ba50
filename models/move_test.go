package models_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/problem"
)

// aRival adds a restaurant with two waiters and returns its key.
func aRival(w *world) int64 {
	w.t.Helper()
	key := w.addRestaurant("Taco Hut", "7 W. Erie")
	w.hire(key, "Ann", "Zoë")
	return key
}

func TestAMoveShowsTheRestaurantAndItsWaiters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.preview(change.Move{Kind: w.restaurants, Key: demonDogs, To: aceHardware})
	w.same("the plan", told(p), []string{"changed 1 restaurants: Demon Dogs", "changed 1 waiters: Joe"})
	w.same("the sentence", p.Sentence, "moved the restaurant, with its 1 waiter, from Demon Dogs to Ace Hardware")
}

func TestAMovedRestaurantIsTheSameAndItsWaitersAreWrittenByTheMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	identity := w.restaurant(demonDogs).Identity
	c := w.move(w.restaurants, demonDogs, aceHardware)
	r := w.restaurant(aceHardware)
	w.same("the restaurant", []any{r.Identity, r.Version, r.ServesHotDogs}, []any{identity, c.ID, true})
	w.same("Joe's version", w.waiter(joe).Version, c.ID)
	w.same("what was written", c.RowCount, int64(2))
}

func TestAMoveToATakenPlaceIsNeverAnOverwrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rival := aRival(w)
	before, changes := w.tables(), w.changes()
	for _, form := range []change.Form{{}, {Fingerprint: "forged.1"}} {
		_, err := change.Commit(ctx, w.Store, change.Move{Kind: w.restaurants, Key: demonDogs, To: rival}, form)
		w.refused(err, problem.Invalid, "place_id: Taco Hut already has a restaurant. Swap the two, move the other one first, or choose another place.")
	}
	w.mustBeAsBefore(before, changes)
}

func TestAMoveToWhereItIsAlreadyIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := change.Preview(ctx, w.Store, change.Move{Kind: w.restaurants, Key: demonDogs, To: demonDogs})
	w.refused(err, problem.Invalid, "place_id: Demon Dogs is where it is already")
	_, err = change.Preview(ctx, w.Store, change.Move{Kind: w.waiters, Key: joe, To: demonDogs})
	w.refused(err, problem.Invalid, "restaurant_id: Demon Dogs is where it is already")
}

func TestWhatBelongsToNothingCannotBeMoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := change.Preview(ctx, w.Store, change.Move{Kind: w.places, Key: demonDogs, To: aceHardware})
	w.refused(err, problem.BadRequest, "A place belongs to nothing")
	_, err = change.Preview(ctx, w.Store, change.Move{Kind: w.restaurants, Key: nowhere, To: aceHardware})
	w.refused(err, problem.NotFound, "There is no such restaurant")
}

func TestSwappedRestaurantsTakeTheirWaitersAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rival := aRival(w)
	p := w.preview(change.Move{Kind: w.restaurants, Key: demonDogs, To: rival, Swap: true})
	w.same("the plan", told(p), []string{
		"changed 1 restaurants: Demon Dogs", "changed 1 waiters: Joe",
		"changed 1 restaurants: Taco Hut", "changed 2 waiters: Ann Zoë",
	})
	w.same("what goes along each way", []string{p.Along(demonDogs), p.Along(rival)}, []string{"1 waiter", "2 waiters"})

	c := w.swap(demonDogs, rival)
	w.same("what history says", c.Sentence, "swapped the restaurants of Demon Dogs and Taco Hut")
	w.same("what each serves", []bool{w.restaurant(rival).ServesHotDogs, w.restaurant(demonDogs).ServesHotDogs}, []bool{true, false})
	w.same("Demon Dogs' waiters", waitersOf(w)("restaurant__place__name=Demon Dogs"), []string{"Ann", "Zoë"})
	w.same("Taco Hut's waiters", waitersOf(w)("restaurant__place__name=Taco Hut"), []string{"Joe"})
}

func TestASwapAndBackLeavesEveryoneWhereTheyWere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rival := aRival(w)
	before := w.tables()
	w.swap(demonDogs, rival)
	w.swap(demonDogs, rival)
	w.same("the tables but for versions", withoutVersions(w.tables()), withoutVersions(before))
}

func TestASwapWithAFreePlaceIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := change.Preview(ctx, w.Store, change.Move{Kind: w.restaurants, Key: demonDogs, To: aceHardware, Swap: true})
	w.refused(err, problem.Invalid, "place_id: Ace Hardware is free, so there is nothing to swap with")
}

func TestACopyServesTheSameAndTakesNoWaiters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	op := change.Copy{Kind: w.restaurants, Key: demonDogs, To: aceHardware}
	w.same("the number of rows", w.preview(op).Total(), int64(1))
	c := w.do(op)

	original, copied := w.restaurant(demonDogs), w.restaurant(aceHardware)
	w.same("the copy", []any{copied.ServesHotDogs, copied.ServesPizza, copied.WaiterCount, copied.Version}, []any{true, false, int64(0), c.ID})
	if copied.Identity == original.Identity {
		t.Error("the copy is the same restaurant")
	}
	w.same("Joe's restaurant", w.waiter(joe).RestaurantID, int64(demonDogs))
	w.same("what history says", c.Sentence, "opened a copy of the restaurant at Demon Dogs at Ace Hardware")
	w.same("the copy's history", history(w, models.Restaurants, aceHardware), []string{c.Sentence})

	rows, err := change.RowsOf(ctx, w.Store, c.ID, "", 0, 10)
	w.must(err)
	w.same("what the new row is called", rows[0].Label, "Ace Hardware")
}

func TestACopyNeedsAFreePlaceThatExists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rival := aRival(w)
	for to, words := range map[int64]string{
		rival:     "Taco Hut already has a restaurant",
		demonDogs: "Demon Dogs already has a restaurant",
		nowhere:   "That place does not exist",
	} {
		_, err := change.Preview(ctx, w.Store, change.Copy{Kind: w.restaurants, Key: demonDogs, To: to})
		w.refused(err, problem.Invalid, "place_id: "+words)
	}
	_, err := change.Preview(ctx, w.Store, change.Copy{Kind: w.waiters, Key: joe, To: rival})
	w.refused(err, problem.BadRequest, "A waiter cannot be copied")
}

func TestOfTwelveRestaurantsThatMoveToOnePlaceAtOnceOneArrives(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	target := w.addPlace("Ace Hardware", "1013 N. Ashland")
	var ops [12]change.Move
	var shown [12]*change.Plan
	for i := range ops {
		key := w.addRestaurant(fmt.Sprintf("Rival %d", i), "Street")
		w.hire(key, "Ann", "Joe")
		ops[i] = change.Move{Kind: w.restaurants, Key: key, To: target}
	}
	for i, op := range ops {
		shown[i] = w.preview(op)
	}
	before := w.changes()

	var errs [12]error
	atOnce(len(ops), func(i int) { _, errs[i] = w.commit(ops[i], shown[i]) })

	var arrived int
	for i, err := range errs {
		var stale *change.Stale
		if err == nil {
			arrived++
		} else if !errors.As(err, &stale) || !problem.Is(err, problem.Invalid) {
			t.Errorf("restaurant %d was answered %v", i, err)
		}
	}
	w.same("the number that arrived", arrived, 1)
	w.same("the number of changes", w.changes(), before+1)
	w.same("the number of restaurants", len(w.tables()["restaurants"]), 12)
	w.same("the waiters at Ace Hardware", waitersOf(w)(fmt.Sprint("restaurant=", target)), []string{"Ann", "Joe"})
}

func TestOfTwelvePlacesForOneRestaurantItMovesToOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	identity := w.restaurant(demonDogs).Identity
	var ops [12]change.Move
	var shown [12]*change.Plan
	for i := range ops {
		key := w.addPlace(fmt.Sprintf("Free %d", i), "Street")
		ops[i] = change.Move{Kind: w.restaurants, Key: demonDogs, To: key}
		shown[i] = w.preview(ops[i])
	}
	before := w.changes()

	var errs [12]error
	atOnce(len(ops), func(i int) { _, errs[i] = w.commit(ops[i], shown[i]) })

	var there []int64
	for i, err := range errs {
		if err == nil {
			there = append(there, ops[i].To)
			continue
		}
		w.refused(err, problem.NotFound, "There is no such restaurant")
	}
	w.same("the number of places it moved to", len(there), 1)
	w.same("the number of changes", w.changes(), before+1)
	w.same("who it is", w.restaurant(there[0]).Identity, identity)
	rows := w.tables()
	w.same("the numbers of rows", []int{len(rows["places"]), len(rows["restaurants"]), len(rows["waiters"])}, []int{14, 1, 1})
	w.same("its waiters", waitersOf(w)(fmt.Sprint("restaurant=", there[0])), []string{"Joe"})
}

func TestRestaurantsThatSwapInCirclesAtOnceStayAsManyAsTheyWere(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	var keys []int64
	for i := range 4 {
		key := w.addRestaurant(fmt.Sprintf("Rival %d", i), "Street")
		w.hire(key, "Ann", "Joe")
		keys = append(keys, key)
	}
	var swaps [12]error
	atOnce(len(swaps), func(i int) {
		op := change.Move{Kind: w.restaurants, Key: keys[i%4], To: keys[(i+1+i/4)%4], Swap: true}
		plan, err := change.Preview(ctx, w.Store, op)
		if err == nil {
			_, err = w.commit(op, plan)
		}
		swaps[i] = err
	})
	done := 0
	for _, err := range swaps {
		var stale *change.Stale
		if err == nil {
			done++
		} else if !errors.As(err, &stale) {
			t.Errorf("a swap was answered %v", err)
		}
	}
	if done == 0 {
		t.Error("no swap was done")
	}
	for _, key := range keys {
		w.same("the waiters of a restaurant", waitersOf(w)(fmt.Sprint("restaurant=", key)), []string{"Ann", "Joe"})
	}
}

// atOnce calls fn(0) … fn(n-1), all at the same time.
func atOnce(n int, fn func(i int)) {
	var wait sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wait.Go(func() { <-start; fn(i) })
	}
	close(start)
	wait.Wait()
}
