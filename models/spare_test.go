package models_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/problem"
)

// In these stories Demon Dogs goes, where Ann, Joe and Zoë work, and Taco Hut has the other
// restaurant, where Tim works.
const tacoHut = 3

func newRivals(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	w.addRestaurant("Taco Hut", "7 W. Erie")
	w.hire(demonDogs, "Ann", "Zoë")
	w.hire(tacoHut, "Tim")
	return w
}

const (
	ann = joe + 1 // also where a story hires one more after Joe
	zoe = joe + 2
)

// all moves every row of a kind, each those that are named.
func all(k *graph.Kind, to int64) map[*graph.Kind]change.Spare {
	return map[*graph.Kind]change.Spare{k: {To: to}}
}

func each(k *graph.Kind, to map[int64]int64) map[*graph.Kind]change.Spare {
	return map[*graph.Kind]change.Spare{k: {Each: to}}
}

// moved is a plan as told does it, with what moves where.
func moved(p *change.Plan) []string {
	lines := told(p)
	for i, s := range p.Steps {
		if s.To != nil {
			lines[i] += " → " + s.To.Label
		}
	}
	return lines
}

// staff is the names of a restaurant's waiters.
func (w *world) staff(restaurant int64) []string {
	w.t.Helper()
	return waitersOf(w)(fmt.Sprint("restaurant=", restaurant))
}

func TestWaitersMoveInsteadOfGoingWithTheirPlace(t *testing.T) {
	t.Parallel()
	w := newRivals(t)
	// The database must find nothing to cascade over: whoever moves is gone before the restaurant is.
	w.forbids()
	op := change.Delete{Kind: w.places, Key: demonDogs, Spare: all(w.waiters, tacoHut)}

	p := w.preview(op)
	w.same("the plan", moved(p), []string{
		"deleted 1 places: Demon Dogs", "deleted 1 restaurants: Demon Dogs", "changed 3 waiters: Ann Joe Zoë → Taco Hut",
	})
	c := w.do(op)
	w.same("the sentence", c.Sentence, "deleted the place Demon Dogs with 1 restaurant, and moved 3 waiters to Taco Hut")
	w.same("the rows", c.RowCount, int64(5))
	w.same("who works at Taco Hut", w.staff(tacoHut), []string{"Ann", "Joe", "Tim", "Zoë"})
	w.same("how many Taco Hut counts", w.restaurant(tacoHut).WaiterCount, int64(4))
	w.same("the version of Joe", w.waiter(joe).Version, c.ID)
	w.same("what Joe's page says", history(w, models.Waiters, joe)[0], c.Sentence)
	_, err := models.Restaurants.Find(ctx, w.Store, demonDogs)
	w.refused(err, problem.NotFound)
}

func TestTheRestaurantMovesFirstAndTakesItsWaitersAlong(t *testing.T) {
	t.Parallel()
	w := newRivals(t)
	w.forbids()
	identity := w.restaurant(demonDogs).Identity
	op := change.Delete{Kind: w.places, Key: demonDogs, Spare: all(w.restaurants, aceHardware)}

	p := w.preview(op)
	w.same("the plan", moved(p), []string{
		"deleted 1 places: Demon Dogs", "changed 1 restaurants: Demon Dogs → Ace Hardware", "changed 3 waiters: Ann Joe Zoë",
	})
	w.same("what follows", p.Follow(w.restaurants), "3 waiters")
	c := w.do(op)
	w.same("the sentence", c.Sentence, "deleted the place Demon Dogs, and moved 1 restaurant with 3 waiters to Ace Hardware")
	now := w.restaurant(aceHardware)
	w.same("who the restaurant is", []any{now.Identity, now.ServesHotDogs, now.WaiterCount}, []any{identity, true, int64(3)})
	w.same("who works there", w.staff(aceHardware), []string{"Ann", "Joe", "Zoë"})
	w.same("what is left of Demon Dogs", len(w.tables()["places"]), 2)
	if w.place(aceHardware).Free() {
		t.Error("Ace Hardware counts no restaurant")
	}
}

func TestWaitersAreChosenForOneByOne(t *testing.T) {
	t.Parallel()
	w := newRivals(t)
	third := w.addRestaurant("Third", "3 Third St")
	op := change.Delete{Kind: w.restaurants, Key: demonDogs, Spare: each(w.waiters, map[int64]int64{joe: tacoHut, zoe: third, nowhere: 12345})}

	p := w.preview(op)
	w.same("the plan", moved(p), []string{
		"deleted 1 restaurants: Demon Dogs", "deleted 1 waiters: Ann", "changed 1 waiters: Joe → Taco Hut", "changed 1 waiters: Zoë → Third", "stays: the place Demon Dogs",
	})
	w.same("the waiters to choose for", len(p.Branches[0].Each), 3)
	w.same("how many there are", p.Branches[0].Count, int64(3))
	c := w.do(op)
	w.same("the sentence", c.Sentence, "deleted the restaurant at Demon Dogs with 1 waiter, and moved 1 waiter to Taco Hut and 1 waiter to Third")
	w.same("who works where", [][]string{w.staff(tacoHut), w.staff(third)}, [][]string{{"Joe", "Tim"}, {"Zoë"}})
	_, err := models.Waiters.Find(ctx, w.Store, ann)
	w.refused(err, problem.NotFound)
}

func TestNobodyChosenOneByOneIsADeletionOfAll(t *testing.T) {
	t.Parallel()
	w := newRivals(t)
	op := change.Delete{Kind: w.places, Key: demonDogs, Spare: each(w.waiters, map[int64]int64{})}
	w.same("the sentence", w.do(op).Sentence, "deleted the place Demon Dogs with 1 restaurant and 3 waiters")
}

func TestMoreThanThreeTargetsAreCounted(t *testing.T) {
	t.Parallel()
	w := newRivals(t)
	to := map[int64]int64{joe: tacoHut}
	for i := range int64(3) {
		to[w.hire(demonDogs, fmt.Sprint("New ", i))] = w.addRestaurant(fmt.Sprint("Rival ", i), "Street")
	}
	p := w.preview(change.Delete{Kind: w.places, Key: demonDogs, Spare: each(w.waiters, to)})
	w.same("the sentence", p.Sentence, "deleted the place Demon Dogs with 1 restaurant and 2 waiters, and moved 4 waiters to 4 restaurants")
}

func TestWhatCannotBeSparedSaysWhyAtItsField(t *testing.T) {
	t.Parallel()
	ofPlace := func(spare func(w *world) map[*graph.Kind]change.Spare) func(w *world) change.Delete {
		return func(w *world) change.Delete {
			return change.Delete{Kind: w.places, Key: demonDogs, Spare: spare(w)}
		}
	}
	for name, story := range map[string]struct {
		op   func(w *world) change.Delete
		says string
	}{
		"no restaurant is chosen yet": {ofPlace(func(w *world) map[*graph.Kind]change.Spare { return all(w.waiters, 0) }),
			"waiters_to: Choose the restaurant to move to."},
		"no place is chosen yet": {ofPlace(func(w *world) map[*graph.Kind]change.Spare { return all(w.restaurants, 0) }),
			"restaurants_to: Choose the place to move to."},
		"the restaurant does not exist": {ofPlace(func(w *world) map[*graph.Kind]change.Spare { return all(w.waiters, aceHardware) }),
			"waiters_to: That restaurant does not exist"},
		"the restaurant goes itself": {ofPlace(func(w *world) map[*graph.Kind]change.Spare { return all(w.waiters, demonDogs) }),
			"waiters_to: Choose another restaurant: the restaurant at Demon Dogs is part of this deletion."},
		"the waiters stay where they are": {func(w *world) change.Delete {
			return change.Delete{Kind: w.restaurants, Key: demonDogs, Spare: all(w.waiters, demonDogs)}
		}, "waiters_to: Choose another restaurant"},
		"the place does not exist": {ofPlace(func(w *world) map[*graph.Kind]change.Spare { return all(w.restaurants, nowhere) }),
			"restaurants_to: That place does not exist"},
		"the place goes itself": {ofPlace(func(w *world) map[*graph.Kind]change.Spare { return all(w.restaurants, demonDogs) }),
			"restaurants_to: Choose another place: the place Demon Dogs is part of this deletion."},
		"the place is taken": {ofPlace(func(w *world) map[*graph.Kind]change.Spare { return all(w.restaurants, tacoHut) }),
			"restaurants_to: Taco Hut already has a restaurant."},
		"one waiter of several goes nowhere": {ofPlace(func(w *world) map[*graph.Kind]change.Spare {
			return each(w.waiters, map[int64]int64{joe: tacoHut, ann: nowhere})
		}), "waiter_2: That restaurant does not exist"},
		"there are too many to choose one by one": {func(w *world) change.Delete {
			for i := range change.EachLimit {
				w.hire(demonDogs, fmt.Sprint("Waiter ", i))
			}
			return change.Delete{Kind: w.places, Key: demonDogs, Spare: each(w.waiters, map[int64]int64{joe: tacoHut})}
		}, "waiters: There are more than 50 waiters, too many to choose one by one."},
		"two restaurants to one place": {func(w *world) change.Delete {
			return change.Delete{Kind: w.places, Of: change.Keys(w.places, []int64{demonDogs, tacoHut}), Spare: all(w.restaurants, aceHardware)}
		}, "restaurants_to: Ace Hardware can have one restaurant only. Choose one by one where they will be."},
		"two restaurants to one place, one by one": {func(w *world) change.Delete {
			return change.Delete{Kind: w.places, Of: change.Keys(w.places, []int64{demonDogs, tacoHut}),
				Spare: each(w.restaurants, map[int64]int64{demonDogs: aceHardware, tacoHut: aceHardware})}
		}, "restaurant_3: Ace Hardware can have one restaurant only. Choose another place."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newRivals(t)
			op := story.op(w)
			before, changes := w.tables(), w.changes()
			p, err := change.Preview(ctx, w.Store, op)
			w.refused(err, problem.Invalid, "Nothing was saved.", story.says)
			if p == nil || len(p.Branches) == 0 {
				t.Fatal("there is no plan to choose again in")
			}
			_, err = w.commit(op, p)
			w.refused(err, problem.Invalid, story.says)
			_, err = change.Commit(ctx, w.Store, op, change.Form{})
			w.refused(err, problem.Invalid, story.says)
			w.mustBeAsBefore(before, changes)
		})
	}
}

func TestEverythingThatIsWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	w := newRivals(t)
	spare := all(w.restaurants, tacoHut)
	maps.Copy(spare, all(w.waiters, nowhere))
	_, err := change.Preview(ctx, w.Store, change.Delete{Kind: w.places, Key: demonDogs, Spare: spare})
	w.refused(err, problem.Invalid, "restaurants_to: Taco Hut already has", "waiters_to: That restaurant does not exist")
}

func TestWhatIsChosenForAKindThatIsNotThereChangesNothing(t *testing.T) {
	t.Parallel()
	w := newRivals(t)
	spare := all(w.restaurants, aceHardware)
	maps.Copy(spare, all(w.places, nowhere))
	maps.Copy(spare, all(w.waiters, nowhere)) // they go along with the restaurant
	w.do(change.Delete{Kind: w.places, Key: demonDogs, Spare: spare})
	w.same("who works there", w.staff(aceHardware), []string{"Ann", "Joe", "Zoë"})
	w.same("a free place", w.do(change.Delete{Kind: w.places, Key: w.addPlace("Free", "Street"), Spare: all(w.waiters, tacoHut)}).Sentence, "deleted the place Free")
}

// Each of these happens between what a person was shown and their click.
func TestWhatChangedSinceSomethingWasToBeSparedIsNotDone(t *testing.T) {
	t.Parallel()
	waiters := func(w *world) change.Operation {
		return change.Delete{Kind: w.places, Key: demonDogs, Spare: all(w.waiters, tacoHut)}
	}
	oneByOne := func(w *world) change.Operation {
		return change.Delete{Kind: w.places, Key: demonDogs, Spare: each(w.waiters, map[int64]int64{joe: tacoHut, ann: tacoHut, zoe: tacoHut})}
	}
	restaurant := func(w *world) change.Operation {
		return change.Delete{Kind: w.places, Key: demonDogs, Spare: all(w.restaurants, aceHardware)}
	}
	for name, story := range map[string]struct {
		op        func(*world) change.Operation
		meanwhile func(*world)
		why       string // why it is impossible now; "" when it still is
		since     string
	}{
		"one more is hired":                  {waiters, func(w *world) { w.hire(demonDogs, "Eve") }, "", "added the waiter Eve at Demon Dogs"},
		"one that was chosen leaves":         {oneByOne, func(w *world) { w.delete(w.waiters, joe) }, "", "deleted the waiter Joe"},
		"one is hired that nobody chose for": {oneByOne, func(w *world) { w.hire(demonDogs, "Eve") }, "", "added the waiter Eve at Demon Dogs"},
		"the target serves something else":   {waiters, func(w *world) { servePizza(w, tacoHut) }, "", "changed the restaurant at Taco Hut: serves pizza from no to yes"},
		"the place of the target is renamed": {waiters, func(w *world) { w.rename(tacoHut, "Taco Hat") }, "", "changed the place Taco Hut: name from “Taco Hut” to “Taco Hat”"},
		"the target is gone":                 {waiters, func(w *world) { w.delete(w.restaurants, tacoHut) }, "That restaurant does not exist, or was deleted meanwhile", "deleted the restaurant at Taco Hut with 1 waiter"},
		"the target of one is gone":          {oneByOne, func(w *world) { w.delete(w.restaurants, tacoHut) }, "That restaurant does not exist", "deleted the restaurant at Taco Hut with 1 waiter"},
		"one that goes along is let go":      {restaurant, func(w *world) { w.delete(w.waiters, joe) }, "", "deleted the waiter Joe"},
		"the place it moves to is renamed":   {restaurant, func(w *world) { w.rename(aceHardware, "Ace") }, "", "changed the place Ace Hardware: name from “Ace Hardware” to “Ace”"},
		"the place it moves to is taken":     {restaurant, func(w *world) { w.move(w.restaurants, tacoHut, aceHardware) }, "Ace Hardware already has a restaurant", "moved the restaurant, with its 1 waiter, from Taco Hut to Ace Hardware"},
		"the place it moves to is gone":      {restaurant, func(w *world) { w.delete(w.places, aceHardware) }, "That place does not exist", "deleted the place Ace Hardware"},
		"what was to move is gone":           {restaurant, func(w *world) { w.delete(w.restaurants, demonDogs) }, "", "deleted the restaurant at Demon Dogs with 3 waiters"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newRivals(t)
			op := story.op(w)
			shown := w.preview(op)
			story.meanwhile(w)
			before, changes := w.tables(), w.changes()

			_, err := w.commit(op, shown)
			var stale *change.Stale
			if !errors.As(err, &stale) || (stale.Plan == nil) != (story.why != "") {
				t.Fatalf("the answer is %v", err)
			}
			if story.why != "" {
				w.refused(err, problem.Invalid, story.why)
			}
			w.same("what happened since", sentences(stale.Since), []string{story.since})
			w.mustBeAsBefore(before, changes)
		})
	}
}

func TestAFingerprintIsGoodForTheChoicesThatWereShownOnly(t *testing.T) {
	t.Parallel()
	w := newRivals(t)
	third := w.addRestaurant("Third", "3 Third St")
	free := w.addPlace("Free", "Street")
	var ops []change.Operation
	for _, spare := range []map[*graph.Kind]change.Spare{
		nil, all(w.waiters, tacoHut), all(w.waiters, third), all(w.restaurants, aceHardware), all(w.restaurants, free),
		each(w.waiters, map[int64]int64{joe: tacoHut}), each(w.waiters, map[int64]int64{ann: tacoHut}), each(w.waiters, map[int64]int64{joe: third}),
		each(w.waiters, map[int64]int64{joe: tacoHut, ann: third}), each(w.waiters, map[int64]int64{joe: third, ann: tacoHut}),
		each(w.waiters, map[int64]int64{joe: tacoHut, ann: tacoHut, zoe: tacoHut}),
	} {
		ops = append(ops, change.Delete{Kind: w.places, Key: demonDogs, Spare: spare})
	}
	before, changes := w.tables(), w.changes()
	for i, shown := range ops {
		plan := w.preview(shown)
		for j, op := range ops {
			var stale *change.Stale
			if i == j {
				continue
			}
			if _, err := w.commit(op, plan); !errors.As(err, &stale) {
				t.Fatalf("%+v with the fingerprint of %+v answered %v", op, shown, err)
			}
		}
	}
	w.mustBeAsBefore(before, changes)
}

func TestWhatHappensElsewhereIsNoObstacleToSparing(t *testing.T) {
	t.Parallel()
	w := newRivals(t)
	other := w.addRestaurant("Burger Bar", "Street")
	op := change.Delete{Kind: w.places, Key: demonDogs, Spare: all(w.waiters, tacoHut)}
	shown := w.preview(op)
	w.hire(tacoHut, "Elsewhere") // the target hires: nothing that was shown is different
	w.rename(other, "Burger Hut")
	w.move(w.restaurants, other, aceHardware)
	_, err := w.commit(op, shown)
	w.must(err)
}

func TestTheWaitersOfManyRestaurantsMoveToOne(t *testing.T) {
	t.Parallel()
	w := newRivals(t)
	third := w.addRestaurant("Third", "3 Third St")
	op := change.Delete{Kind: w.restaurants, Of: change.Keys(w.restaurants, []int64{demonDogs, tacoHut}), Spare: all(w.waiters, third)}
	c := w.do(op)
	w.same("the sentence", c.Sentence, "deleted 2 restaurants, and moved 4 waiters to Third")
	w.same("who works at Third", w.staff(third), []string{"Ann", "Joe", "Tim", "Zoë"})

	_, err := change.Preview(ctx, w.Store, change.Delete{Kind: w.places, Of: change.Keys(w.places, []int64{demonDogs, third}), Spare: all(w.waiters, third)})
	w.refused(err, problem.Invalid, "waiters_to: Choose another restaurant")
}

func TestTheRestaurantsOfManyPlacesMoveOneByOne(t *testing.T) {
	t.Parallel()
	w := newRivals(t)
	third := w.addRestaurant("Third", "3 Third St")
	w.hire(third, "Kim")
	free := w.addPlace("Free", "Street")
	places := change.Keys(w.places, []int64{demonDogs, tacoHut, third})
	spare := each(w.restaurants, map[int64]int64{demonDogs: aceHardware, third: free, nowhere: tacoHut})

	p := w.preview(change.Delete{Kind: w.places, Of: places, Spare: spare})
	w.same("the plan", moved(p), []string{
		"deleted 3 places: Demon Dogs Taco Hut Third",
		"deleted 1 restaurants: Taco Hut", "changed 1 restaurants: Demon Dogs → Ace Hardware", "changed 1 restaurants: Third → Free",
		"deleted 1 waiters: Tim", "changed 4 waiters: Ann Joe Kim Zoë",
	})
	w.same("the sentence", p.Sentence, "deleted 3 places with 1 restaurant and 1 waiter, and moved 2 restaurants with 4 waiters to 2 places")

	// The waiters of the restaurant that goes move to the place of one that comes: not there yet.
	spare[w.waiters] = change.Spare{To: demonDogs}
	_, err := change.Preview(ctx, w.Store, change.Delete{Kind: w.places, Of: places, Spare: spare})
	w.refused(err, problem.Invalid, "waiters_to: Choose another restaurant: the restaurant at Demon Dogs is part of this deletion.")

	other := w.addRestaurant("Other", "Street")
	spare[w.waiters] = change.Spare{To: other}
	c := w.do(change.Delete{Kind: w.places, Of: places, Spare: spare})
	w.same("the sentence", c.Sentence, "deleted 3 places with 1 restaurant, and moved 2 restaurants with 4 waiters to 2 places and 1 waiter to Other")
	w.same("who works where", [][]string{w.staff(aceHardware), w.staff(free), w.staff(other)}, [][]string{{"Ann", "Joe", "Zoë"}, {"Kim"}, {"Tim"}})
	w.same("the places", slices.Sorted(maps.Keys(w.tables()["places"])), []int64{aceHardware, free, other})
}

func TestWhateverSharesTheKeyOfWhatIsSparedIsSparedToo(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	const free = 3
	op := change.Delete{Kind: w.kind("plots"), Key: 1, Spare: all(w.kind("houses"), free)}
	w.same("the plan", moved(w.preview(op)), []string{
		"deleted 1 plots: Left", "changed 1 houses: Left → Free", "changed 1 roofs: Left", "changed 2 tiles: left shingle left tile",
		"changed 1 chimneys: left chimney", "deleted 1 lamps: Lantern", "stays: the street First",
	})
	w.same("the sentence", w.do(op).Sentence, "deleted the plot Left with 1 lamp, and moved 1 house with 1 roof, 2 tiles and 1 chimney to Free")
	now := w.tables()
	w.same("the chimney", []any{now["chimneys"][1]["house_id"], now["chimneys"][1]["roof_id"]}, []any{int64(free), int64(free)})
}

// One chimney stands on the left house and goes through the right one's roof.
func TestWhatBelongsToSomethingThatGoesGoesWhateverElseOfItMoves(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	const crooked = 3
	add(w, &chimney{Name: "crooked", HouseID: 1, RoofID: 2})
	// A chimney that stands on the right house, which goes, through the left one's roof, which moves.
	add(w, &chimney{Name: "leaning", HouseID: 2, RoofID: 1})
	op := change.Delete{Kind: w.kind("streets"), Key: 1, Spare: each(w.kind("houses"), map[int64]int64{1: 4})}
	onto := maps.Clone(op.Spare)
	onto[w.kind("tiles")] = change.Spare{To: 1} // the roof of the house that moves
	_, err := change.Preview(ctx, w.Store, change.Delete{Kind: w.kind("streets"), Key: 1, Spare: onto})
	w.refused(err, problem.Invalid, "tiles_to: Choose another roof: the roof at Left is part of this deletion.")
	p := w.preview(op)
	w.same("what moves", p.Moves(), "1 house with 1 roof, 2 tiles and 1 chimney to Other")
	w.do(op)
	if w.tables()["chimneys"][crooked] != nil || w.tables()["chimneys"][crooked+1] != nil {
		t.Errorf("the chimneys are %v", w.tables()["chimneys"])
	}
}

// The left house moves away from its plot; the lamp before it goes.
func TestWhatIsSparedFollowsItsOtherParentToItsNewKey(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	const free, torch = 3, 2
	add(w, &bell{Name: "door", HouseID: 1, LampID: 1}, &bell{Name: "garden", HouseID: 1, LampID: torch}, &bell{Name: "next door", HouseID: 2, LampID: 1})
	spare := all(w.kind("houses"), free)
	maps.Copy(spare, all(w.kind("bells"), torch))
	op := change.Delete{Kind: w.kind("plots"), Key: 1, Spare: spare}
	w.same("the plan", moved(w.preview(op))[5:], []string{
		"deleted 1 lamps: Lantern", "changed 2 bells: door next door → Torch", "changed 1 bells: garden", "stays: the street First",
	})
	w.do(op)
	now := w.tables()["bells"]
	for key, house := range map[int64]int64{1: free, 2: free, 3: 2} {
		w.same(now[key]["name"].(string), []any{now[key]["house_id"], now[key]["lamp_id"]}, []any{house, int64(torch)})
	}
}

func TestASecondLevelIsSparedInItsPlace(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	add(w, &chimney{Name: "crooked", HouseID: 1, RoofID: 2})
	add(w, &house{PlotID: 4})
	add(w, &roof{HouseID: 4})
	w.delete(w.kind("chimneys"), 2)
	op := change.Delete{Kind: w.kind("roofs"), Key: 2, Spare: all(w.kind("chimneys"), 4)}
	w.same("the plan", moved(w.preview(op)), []string{
		"deleted 1 roofs: Right", "deleted 1 tiles: right tile", "changed 1 chimneys: crooked → Other", "stays: the house at Right",
	})
	w.do(op)
	crooked := w.tables()["chimneys"][3]
	w.same("the chimney", []any{crooked["house_id"], crooked["roof_id"]}, []any{int64(1), int64(4)})
}

func TestWhatBelongsToSeveralThatGoCannotBeSpared(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	_, err := change.Preview(ctx, w.Store, change.Delete{Kind: w.kind("streets"), Key: 1, Spare: all(w.kind("lamps"), 2)})
	w.refused(err, problem.Invalid, "lamps: The lamps belong to several records that are deleted")

	// When the plots move to another street, a lamp belongs only to the street that goes.
	spare := all(w.kind("plots"), 2)
	maps.Copy(spare, all(w.kind("lamps"), 2))
	c := w.do(change.Delete{Kind: w.kind("streets"), Key: 1, Spare: spare})
	w.same("the sentence", c.Sentence, "deleted the street First with 1 tree, and moved 3 plots to Second and 1 lamp to Second")
	w.same("the houses", len(w.tables()["houses"]), 2)
}

// forbids lets the database refuse to delete a waiter, as it does when it cascades.
func (w *world) forbids() {
	w.t.Helper()
	w.trigger("kept", "BEFORE DELETE ON waiters", "TRUE", refusing)
}
