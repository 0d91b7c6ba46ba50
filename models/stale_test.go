package models_test

import (
	"errors"
	"testing"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/problem"
)

// Each of these happens between what a person was shown and their click. The last restaurant of
// the world, at Taco Hut, is where waiters come from and go to.
func TestWhatChangedSinceItWasShownIsNotDone(t *testing.T) {
	t.Parallel()
	const tacoHut = 3
	deletePlace := func(w *world) change.Operation { return change.Delete{Kind: w.places, Key: demonDogs} }
	deleteRestaurant := func(w *world) change.Operation { return change.Delete{Kind: w.restaurants, Key: demonDogs} }
	deleteWaiter := func(w *world) change.Operation { return change.Delete{Kind: w.waiters, Key: joe} }
	move := func(w *world) change.Operation {
		return change.Move{Kind: w.restaurants, Key: demonDogs, To: aceHardware}
	}
	swap := func(w *world) change.Operation {
		return change.Move{Kind: w.restaurants, Key: demonDogs, To: tacoHut, Swap: true}
	}
	moveWaiter := func(w *world) change.Operation { return change.Move{Kind: w.waiters, Key: joe, To: tacoHut} }
	copied := func(w *world) change.Operation {
		return change.Copy{Kind: w.restaurants, Key: demonDogs, To: aceHardware}
	}

	for name, story := range map[string]struct {
		op        func(*world) change.Operation
		meanwhile func(*world)
		since     []string // what happened, as the answer tells it
	}{
		"a waiter is hired": {deletePlace, func(w *world) { w.hire(demonDogs, "Ann") },
			[]string{"added the waiter Ann at Demon Dogs"}},
		"a waiter is renamed": {deletePlace, func(w *world) { renameWaiter(w, joe, "Joseph") },
			[]string{"changed the waiter Joe: name from “Joe” to “Joseph”"}},
		"a waiter is let go": {deletePlace, func(w *world) { w.delete(w.waiters, joe) },
			[]string{"deleted the waiter Joe"}},
		"a waiter is replaced by another": {deleteRestaurant, func(w *world) { w.delete(w.waiters, joe); w.hire(demonDogs, "Joe") },
			[]string{"deleted the waiter Joe", "added the waiter Joe at Demon Dogs"}},
		"a waiter leaves and another enters": {deleteRestaurant, func(w *world) { w.move(w.waiters, joe, tacoHut); w.move(w.waiters, joe+1, demonDogs) },
			[]string{"moved the waiter Joe from Demon Dogs to Taco Hut", "moved the waiter Tim from Taco Hut to Demon Dogs"}},
		"a waiter leaves and comes back": {deleteRestaurant, func(w *world) { w.move(w.waiters, joe, tacoHut); w.move(w.waiters, joe, demonDogs) },
			[]string{"moved the waiter Joe from Demon Dogs to Taco Hut", "moved the waiter Joe from Taco Hut to Demon Dogs"}},
		"the restaurant leaves": {deletePlace, func(w *world) { w.move(w.restaurants, demonDogs, aceHardware) },
			[]string{"moved the restaurant, with its 1 waiter, from Demon Dogs to Ace Hardware"}},
		"the restaurant is swapped for another with as many waiters": {deletePlace, func(w *world) { w.swap(demonDogs, tacoHut) },
			[]string{"swapped the restaurants of Demon Dogs and Taco Hut"}},
		"the restaurant is deleted and another opened": {deletePlace, func(w *world) {
			w.delete(w.restaurants, demonDogs)
			w.open(&models.Restaurant{PlaceID: demonDogs, ServesHotDogs: true})
			w.hire(demonDogs, "Joe")
		}, []string{"deleted the restaurant at Demon Dogs with 1 waiter", "added the restaurant at Demon Dogs", "added the waiter Joe at Demon Dogs"}},
		"the place is renamed": {deletePlace, func(w *world) { w.rename(demonDogs, "Cat Cats") },
			[]string{"changed the place Demon Dogs: name from “Demon Dogs” to “Cat Cats”"}},
		"the place whose name the restaurant was shown by is renamed": {deleteRestaurant, func(w *world) { w.rename(demonDogs, "Cat Cats") },
			[]string{"changed the place Demon Dogs: name from “Demon Dogs” to “Cat Cats”"}},
		"the waiter is renamed": {deleteWaiter, func(w *world) { renameWaiter(w, joe, "Joseph") },
			[]string{"changed the waiter Joe: name from “Joe” to “Joseph”"}},
		"the waiter went along with the restaurant": {deleteWaiter, func(w *world) { w.move(w.restaurants, demonDogs, aceHardware) },
			[]string{"moved the restaurant, with its 1 waiter, from Demon Dogs to Ace Hardware"}},
		"one more waiter would move": {move, func(w *world) { w.hire(demonDogs, "Ann") },
			[]string{"added the waiter Ann at Demon Dogs"}},
		"the target is renamed": {move, func(w *world) { w.rename(aceHardware, "Ace") },
			[]string{"changed the place Ace Hardware: name from “Ace Hardware” to “Ace”"}},
		"what is left behind is renamed": {move, func(w *world) { w.rename(demonDogs, "Cat Cats") },
			[]string{"changed the place Demon Dogs: name from “Demon Dogs” to “Cat Cats”"}},
		"the other one hires": {swap, func(w *world) { w.hire(tacoHut, "Ann") },
			[]string{"added the waiter Ann at Taco Hut"}},
		"the waiter's new restaurant serves something else": {moveWaiter, func(w *world) { servePizza(w, tacoHut) },
			[]string{"changed the restaurant at Taco Hut: serves pizza from no to yes"}},
		"the place of what is copied is renamed": {copied, func(w *world) { w.rename(demonDogs, "Cat Cats") },
			[]string{"changed the place Demon Dogs: name from “Demon Dogs” to “Cat Cats”"}},
		"what is copied serves something else": {copied, func(w *world) { servePizza(w, demonDogs) },
			[]string{"changed the restaurant at Demon Dogs: serves pizza from no to yes"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.addRestaurant("Taco Hut", "7 W. Erie")
			w.hire(tacoHut, "Tim")
			op := story.op(w)
			shown := w.preview(op)
			story.meanwhile(w)
			before, changes := w.tables(), w.changes()

			_, err := w.commit(op, shown)
			var stale *change.Stale
			if !errors.As(err, &stale) {
				t.Fatalf("the answer is %v", err)
			}
			w.mustBeAsBefore(before, changes)
			w.same("what happened since", sentences(stale.Since), story.since)
			if stale.Plan == nil {
				t.Fatal("the new plan is not shown")
			}
			_, err = w.commit(op, stale.Plan)
			w.must(err)
		})
	}
}

func TestWhatHasBecomeImpossibleSinceItWasShownSaysWhy(t *testing.T) {
	t.Parallel()
	const tacoHut = 3
	for name, story := range map[string]struct {
		op         func(*world) change.Operation
		meanwhile  func(*world)
		why, since string
	}{
		"the target is taken": {moveOfDemonDogs, func(w *world) { w.move(w.restaurants, tacoHut, aceHardware) },
			"Ace Hardware already has a restaurant", "moved the restaurant from Taco Hut to Ace Hardware"},
		"the target is gone": {moveOfDemonDogs, func(w *world) { w.delete(w.places, aceHardware) },
			"That place does not exist, or was deleted meanwhile", "deleted the place Ace Hardware"},
		"there is nothing left to swap with": {func(w *world) change.Operation {
			return change.Move{Kind: w.restaurants, Key: demonDogs, To: tacoHut, Swap: true}
		}, func(w *world) { w.delete(w.restaurants, tacoHut) }, "Taco Hut is free", "deleted the restaurant at Taco Hut"},
		"the place for the copy is taken": {func(w *world) change.Operation {
			return change.Copy{Kind: w.restaurants, Key: demonDogs, To: aceHardware}
		}, func(w *world) { w.open(&models.Restaurant{PlaceID: aceHardware}) }, "Ace Hardware already has a restaurant", "added the restaurant at Ace Hardware"},
		"the waiter's new restaurant is gone": {func(w *world) change.Operation {
			return change.Move{Kind: w.waiters, Key: joe, To: tacoHut}
		}, func(w *world) { w.delete(w.restaurants, tacoHut) }, "That restaurant does not exist, or was deleted meanwhile", "deleted the restaurant at Taco Hut"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.addRestaurant("Taco Hut", "7 W. Erie")
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

func TestWhatHappensElsewhereIsNoObstacle(t *testing.T) {
	t.Parallel()
	for name, op := range map[string]func(*world) change.Operation{
		"delete a place":      deletionOfDemonDogs,
		"delete a restaurant": func(w *world) change.Operation { return change.Delete{Kind: w.restaurants, Key: demonDogs} },
		"delete a waiter":     func(w *world) change.Operation { return change.Delete{Kind: w.waiters, Key: joe} },
		"move a restaurant":   moveOfDemonDogs,
		"copy a restaurant": func(w *world) change.Operation {
			return change.Copy{Kind: w.restaurants, Key: demonDogs, To: aceHardware}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			other := aRival(w)
			shown := w.preview(op(w))

			w.hire(other, "Elsewhere")
			w.rename(other, "Burger Hut")
			w.addRestaurant("New", "Street")
			w.move(w.restaurants, other, w.addPlace("Free", "Street"))
			w.delete(w.places, other)

			_, err := w.commit(op(w), shown)
			w.must(err)
		})
	}
}

func TestAFingerprintIsGoodForWhatWasShownOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := aRival(w)
	free := w.addPlace("Free", "Street")
	var ops []change.Operation
	for _, key := range []int64{demonDogs, other} {
		for _, to := range []int64{aceHardware, free} {
			ops = append(ops, change.Move{Kind: w.restaurants, Key: key, To: to}, change.Copy{Kind: w.restaurants, Key: key, To: to})
		}
		ops = append(ops, change.Delete{Kind: w.restaurants, Key: key}, change.Delete{Kind: w.places, Key: key}, change.Delete{Kind: w.waiters, Key: key})
	}
	ops = append(ops, change.Move{Kind: w.restaurants, Key: demonDogs, To: other, Swap: true}, change.Move{Kind: w.waiters, Key: joe, To: other})

	before, changes := w.tables(), w.changes()
	for i, shown := range ops {
		plan := w.preview(shown)
		for j, op := range ops {
			var stale *change.Stale
			if i == j {
				continue
			}
			if _, err := w.commit(op, plan); !errors.As(err, &stale) {
				t.Fatalf("%T %+v with the fingerprint of %T %+v answered %v", op, op, shown, shown, err)
			}
		}
	}
	w.mustBeAsBefore(before, changes)
}

func sentences(changes []*change.Change) (said []string) {
	for _, c := range changes {
		said = append(said, c.Sentence)
	}
	return said
}

func renameWaiter(w *world, key int64, name string) {
	w.t.Helper()
	edited := w.waiter(key)
	edited.Name = name
	_, err := models.Waiters.Update(ctx, w.Store, "", key, edited.Version, edited)
	w.must(err)
}

func servePizza(w *world, key int64) {
	w.t.Helper()
	edited := w.restaurant(key)
	edited.ServesPizza = true
	_, err := models.Restaurants.Update(ctx, w.Store, "", key, edited.Version, edited)
	w.must(err)
}
