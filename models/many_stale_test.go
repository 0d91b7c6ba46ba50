package models_test

import (
	"errors"
	"math/rand/v2"
	"net/url"
	"testing"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/problem"
)

// Each of these happens between what a person was shown about many records and their click.
func TestWhatChangedOfManySinceItWasShownIsNotDone(t *testing.T) {
	t.Parallel()
	crew := func(w *world) change.Operation { return w.gathering(w.all(w.waiters, "restaurant=3"), demonDogs) }
	withZ := func(w *world) change.Operation {
		return w.deletion(w.waiters, w.all(w.waiters, "q=z&restaurant__place__name__startswith=Zo"))
	}
	tickedOnes := func(w *world) change.Operation { return w.deletion(w.waiters, ticked(w.waiters, joe, ann)) }
	allPlaces := func(w *world) change.Operation { return w.deletion(w.places, w.all(w.places, "")) }
	busyPlaces := func(w *world) change.Operation {
		return w.deletion(w.places, w.all(w.places, "name__icontains=o&restaurant__isnull=false"))
	}
	pizza := func(w *world) change.Operation { return w.setting(w.all(w.restaurants, ""), "pizza") }
	busyPizza := func(w *world) change.Operation {
		return w.setting(w.all(w.restaurants, "waiter__count__gt=0"), "pizza")
	}

	for name, story := range map[string]struct {
		op        func(*world) change.Operation
		meanwhile func(*world)
		since     []string
	}{
		"one more is hired": {crew, func(w *world) { w.hire(zoesCafe, "Bob") },
			[]string{"added the waiter Bob at Zoë's Café"}},
		"one is let go": {crew, func(w *world) { w.delete(w.waiters, ann) },
			[]string{"deleted the waiter Ann"}},
		"one is renamed": {crew, func(w *world) { renameWaiter(w, ann, "Anna") },
			[]string{"changed the waiter Ann: name from “Ann” to “Anna”"}},
		"one leaves": {crew, func(w *world) { w.move(w.waiters, ann, ashlandGrill) },
			[]string{"moved the waiter Ann from Zoë's Café to Ashland Grill"}},
		"one leaves and another enters": {crew, func(w *world) { w.move(w.waiters, ann, ashlandGrill); w.move(w.waiters, joe, zoesCafe) },
			[]string{"moved the waiter Ann from Zoë's Café to Ashland Grill", "moved the waiter Joe from Demon Dogs to Zoë's Café"}},
		"the target serves something else": {crew, func(w *world) { servePizza(w, demonDogs) },
			[]string{"changed the restaurant at Demon Dogs: serves pizza from no to yes"}},
		"where they come from serves something else": {crew, func(w *world) { w.do(w.setting(ticked(w.restaurants, zoesCafe), "hot dogs")) },
			[]string{"set the restaurant at Zoë's Café: serves hot dogs yes"}},
		"one is not found by the search any more": {withZ, func(w *world) { renameWaiter(w, 4, "Dora") },
			[]string{"changed the waiter Zora: name from “Zora” to “Dora”"}},
		"one more is found by the search": {withZ, func(w *world) { w.hire(zoesCafe, "Zed") },
			[]string{"added the waiter Zed at Zoë's Café"}},
		"one that was found is gone": {withZ, func(w *world) { w.delete(w.waiters, 4) },
			[]string{"deleted the waiter Zora"}},
		"one of the ticked is gone": {tickedOnes, func(w *world) { w.delete(w.waiters, joe) },
			[]string{"deleted the waiter Joe"}},
		"one of the ticked is renamed": {tickedOnes, func(w *world) { renameWaiter(w, joe, "Joseph") },
			[]string{"changed the waiter Joe: name from “Joe” to “Joseph”"}},
		"one of the ticked went along with its restaurant": {tickedOnes, func(w *world) { w.move(w.restaurants, demonDogs, aceHardware) },
			[]string{"moved the restaurant, with its 1 waiter, from Demon Dogs to Ace Hardware"}},
		"a place is added": {allPlaces, func(w *world) { w.addPlace("New", "Street") },
			[]string{"added the place New"}},
		"a place is deleted": {allPlaces, func(w *world) { w.delete(w.places, aceHardware) },
			[]string{"deleted the place Ace Hardware"}},
		"a waiter is hired at one of the places": {allPlaces, func(w *world) { w.hire(demonDogs, "Bob") },
			[]string{"added the waiter Bob at Demon Dogs"}},
		"the only waiter of one of the places is let go": {busyPlaces, func(w *world) { w.delete(w.waiters, joe) },
			[]string{"deleted the waiter Joe"}},
		"a restaurant is opened at one of the places": {allPlaces, func(w *world) { w.open(&models.Restaurant{PlaceID: aceHardware}) },
			[]string{"added the restaurant at Ace Hardware"}},
		"the restaurant of one of the places is deleted": {allPlaces, func(w *world) { w.delete(w.restaurants, ashlandGrill) },
			[]string{"deleted the restaurant at Ashland Grill"}},
		"one serves pizza meanwhile": {pizza, func(w *world) { servePizza(w, demonDogs) },
			[]string{"changed the restaurant at Demon Dogs: serves pizza from no to yes"}},
		"one that did serves none any more": {pizza, func(w *world) { w.do(w.setting(ticked(w.restaurants, zoesCafe), "no pizza")) },
			[]string{"set the restaurant at Zoë's Café: serves pizza no"}},
		"one that is named has another name": {pizza, func(w *world) { w.rename(demonDogs, "Cat Cats") },
			[]string{"changed the place Demon Dogs: name from “Demon Dogs” to “Cat Cats”"}},
		"one more has waiters": {busyPizza, func(w *world) { w.hire(ashlandGrill, "Bob"); servePizza(w, demonDogs) },
			[]string{"changed the restaurant at Demon Dogs: serves pizza from no to yes"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := aNeighbourhood(t)
			op := story.op(w)
			shown := w.preview(op)
			story.meanwhile(w)
			before, changes := w.tables(), w.changes()

			_, err := w.commit(op, shown)
			var stale *change.Stale
			if !errors.As(err, &stale) || stale.Plan == nil {
				t.Fatalf("the answer is %v", err)
			}
			w.mustBeAsBefore(before, changes)
			w.same("what happened since", sentences(stale.Since), story.since)
			_, err = w.commit(op, stale.Plan)
			w.must(err)
		})
	}
}

func TestWhatHasBecomeImpossibleForManySaysWhy(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]struct {
		op         func(*world) change.Operation
		meanwhile  func(*world)
		why, since string
	}{
		"the target is gone": {func(w *world) change.Operation { return w.gathering(w.all(w.waiters, "restaurant=3"), ashlandGrill) },
			func(w *world) { w.delete(w.restaurants, ashlandGrill) }, "That restaurant does not exist", "deleted the restaurant at Ashland Grill"},
		"all the ticked ones are gone": {func(w *world) change.Operation { return w.deletion(w.waiters, ticked(w.waiters, joe)) },
			func(w *world) { w.delete(w.waiters, joe) }, "what was chosen is gone", "deleted the waiter Joe"},
		"none matches any more": {func(w *world) change.Operation { return w.gathering(w.all(w.waiters, "name=Joe"), zoesCafe) },
			func(w *world) { renameWaiter(w, joe, "Joseph") }, "what was chosen is gone", "changed the waiter Joe: name from “Joe” to “Joseph”"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := aNeighbourhood(t)
			op := story.op(w)
			shown := w.preview(op)
			story.meanwhile(w)
			before, changes := w.tables(), w.changes()
			_, err := w.commit(op, shown)
			var stale *change.Stale
			if !errors.As(err, &stale) || stale.Plan != nil {
				t.Fatalf("the answer is %v", err)
			}
			w.refused(err, problem.Invalid, story.why)
			w.same("what happened since", sentences(stale.Since), []string{story.since})
			w.mustBeAsBefore(before, changes)
		})
	}
}

func TestWhatHappensToOthersIsNoObstacleForMany(t *testing.T) {
	t.Parallel()
	for name, op := range map[string]func(*world) change.Operation{
		"ticked waiters": func(w *world) change.Operation { return w.deletion(w.waiters, ticked(w.waiters, ann, 3)) },
		"a restaurant's": func(w *world) change.Operation { return w.gathering(w.all(w.waiters, "restaurant=3"), demonDogs) },
		"some places":    func(w *world) change.Operation { return w.deletion(w.places, w.all(w.places, "name__startswith=Zo")) },
		"some that set": func(w *world) change.Operation {
			return w.setting(w.all(w.restaurants, "waiter__name=Ann"), "hot dogs")
		},
		"ticked that serve": func(w *world) change.Operation { return w.setting(ticked(w.restaurants, zoesCafe), "hot dogs") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := aNeighbourhood(t)
			shown := w.preview(op(w))
			w.hire(demonDogs, "Bob")
			renameWaiter(w, joe, "Joseph")
			w.rename(ashlandGrill, "Grill")
			servePizza(w, w.addRestaurant("New", "Street"))
			w.delete(w.places, ashlandGrill)
			_, err := w.commit(op(w), shown)
			w.must(err)
		})
	}
}

// Whatever a list is asked for, the question can also be put to what its rows were.
func TestWhatHappenedSinceIsToldForEveryQuestion(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(4, 8))
	w := aRandomWorld(t, random)
	all := w.tables()
	told := 0
	for range 200 {
		table := anyOf(random, []string{"places", "restaurants", "waiters"})
		k := w.kind(table)
		q := randomQuestion(random, table, all)
		address := url.Values{q.name: {q.value}, "q": {anyOf(random, []string{"", "demon", "e"})}}.Encode()
		op := w.deletion(k, w.all(k, address))
		plan, err := change.Preview(ctx, w.Store, op)
		if problem.Is(err, problem.Invalid) {
			continue
		}
		w.must(err)
		forged := change.Form{Fingerprint: "forged.0"}
		_, err = change.Commit(ctx, w.Store, op, forged)
		var stale *change.Stale
		if !errors.As(err, &stale) || len(stale.Since) == 0 {
			t.Fatalf("/%s?%s, of which %d match, was answered %v", table, address, plan.Of.Count, err)
		}
		told++
	}
	if told < 60 {
		t.Errorf("only %d questions matched anything", told)
	}
}
