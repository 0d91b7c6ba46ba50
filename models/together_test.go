package models_test

import (
	"errors"
	"testing"
	"time"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/problem"
)

// In these stories a person has a record open while others save it.

// saves lets someone change a place as they see it now.
func (w *world) saves(actor string, key int64, edit func(*models.Place)) *change.Change {
	w.t.Helper()
	p := w.place(key)
	edit(p)
	c, err := models.Places.Update(ctx, w.As(actor), "", key, p.Version, p)
	w.must(err)
	return c
}

// outdated expects an edit to be refused because others saved the record.
func (w *world) outdated(_ *change.Change, err error) *change.Outdated {
	w.t.Helper()
	var o *change.Outdated
	if !errors.As(err, &o) {
		w.t.Fatalf("the answer is %v", err)
	}
	return o
}

// disputed is what an edit was told about a column: before, theirs, mine, who, whether it collides.
func disputed(o *change.Outdated) map[string][]any {
	fields := map[string][]any{}
	for _, f := range o.Fields {
		fields[f.Column.Name] = []any{f.Before, f.Theirs, f.Mine, f.By.Actor, f.By.ID, f.Collides}
	}
	return fields
}

func TestWhatDoesNotCollideIsMergedAndThePersonIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.place(demonDogs)
	theirs := w.saves("Ann", demonDogs, func(p *models.Place) { p.Address = "945 W. Fullerton" })

	mine.Name = "Café Zoë"
	op := change.Update{Seen: change.Seen{Kind: w.places, Key: demonDogs, Version: mine.Version}, Edited: mine}
	kept := w.preview(op).Kept
	if len(kept) != 1 || kept[0].Column.Name != "address" || kept[0].Before != "944 W. Fullerton" ||
		kept[0].Theirs != "945 W. Fullerton" || kept[0].By.ID != theirs.ID || !kept[0].By.When().Equal(theirs.When()) {
		t.Errorf("the plan says that others changed %+v", kept)
	}
	c, err := models.Places.Update(ctx, w.As("Bob"), "", demonDogs, mine.Version, mine)
	w.must(err)
	w.same("what Bob and history are told", c.Sentence,
		"changed the place Demon Dogs: name from “Demon Dogs” to “Café Zoë” (meanwhile Ann changed address from “944 W. Fullerton” to “945 W. Fullerton”; both are saved)")
	w.same("the number of rows", c.RowCount, int64(1))
	saved := w.place(demonDogs)
	w.same("the place", []any{saved.Name, saved.NameNorm, saved.Address, saved.AddressNorm, saved.Version},
		[]any{"Café Zoë", "cafe zoe", "945 W. Fullerton", "945 w. fullerton", c.ID})
}

func TestTwoWhoEditDifferentFieldsAtOnceAreBothSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	edits := []*models.Place{w.place(demonDogs), w.place(demonDogs)}
	edits[0].Name, edits[1].Address = "Cat Cats", "945 W. Fullerton"
	atOnce(2, func(i int) {
		_, err := models.Places.Update(ctx, w.Store, "", demonDogs, edits[i].Version, edits[i])
		if err != nil {
			t.Error(err)
		}
	})
	saved := w.place(demonDogs)
	w.same("the place", []string{saved.Name, saved.Address}, []string{"Cat Cats", "945 W. Fullerton"})
}

func TestWhatCollidesIsNotWrittenAndBothValuesAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.place(demonDogs)
	first := w.saves("Ann", demonDogs, func(p *models.Place) { p.Name, p.Address = "Bird Birds", "945 W. Fullerton" })
	second := w.saves("Bob", demonDogs, func(p *models.Place) { p.Name = "Fish Fishes" })
	before, changes := w.tables(), w.changes()

	mine.Name = "Cat Cats"
	o := w.outdated(models.Places.Update(ctx, w.Store, "", demonDogs, mine.Version, mine))
	w.same("what is told", disputed(o), map[string][]any{
		"name":    {"Demon Dogs", "Fish Fishes", "Cat Cats", "Bob", second.ID, true},
		"address": {"944 W. Fullerton", "945 W. Fullerton", "944 W. Fullerton", "Ann", first.ID, false},
	})
	w.same("the version now", []any{o.Version, o.Known, o.Subject.Key}, []any{second.ID, true, int64(demonDogs)})
	w.same("what happened since, newest first", sentences(o.Since), []string{second.Sentence, first.Sentence})
	w.mustBeAsBefore(before, changes)
}

func TestTwoWhoTypeTheSameDoNotCollide(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.place(demonDogs)
	w.saves("Ann", demonDogs, func(p *models.Place) { p.Name = "Cat Cats" })
	before, changes := w.tables(), w.changes()
	mine.Name = "Cat Cats "
	c, err := models.Places.Update(ctx, w.Store, "", demonDogs, mine.Version, mine)
	w.must(err)
	if c != nil {
		t.Errorf("got the change %q", c.Sentence)
	}
	w.mustBeAsBefore(before, changes)

	mine.Address = "945 W. Fullerton"
	c, err = models.Places.Update(ctx, w.Store, "", demonDogs, mine.Version, mine)
	w.must(err)
	w.same("what history says", c.Sentence, "changed the place Cat Cats: address from “944 W. Fullerton” to “945 W. Fullerton”")
}

func TestWhatOthersChangedAndTookBackIsNoChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.place(demonDogs)
	w.rename(demonDogs, "Bird Birds")
	w.rename(demonDogs, "Demon Dogs")
	mine.Name = "Cat Cats"
	c, err := models.Places.Update(ctx, w.Store, "", demonDogs, mine.Version, mine)
	w.must(err)
	w.same("what history says", c.Sentence, "changed the place Demon Dogs: name from “Demon Dogs” to “Cat Cats”")
}

func TestAFormLeftAsItWasTakesNothingBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.place(demonDogs)
	w.rename(demonDogs, "Bird Birds")
	before, changes := w.tables(), w.changes()
	c, err := models.Places.Update(ctx, w.Store, "", demonDogs, mine.Version, mine)
	w.must(err)
	if c != nil {
		t.Errorf("got the change %q", c.Sentence)
	}
	w.mustBeAsBefore(before, changes)
}

func TestAnEditFollowsTheRestaurantToItsNewPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.restaurant(demonDogs)
	_, err := change.Commit(ctx, w.As("Ann"), change.Move{Kind: w.restaurants, Key: demonDogs, To: aceHardware},
		change.Form{Fingerprint: w.preview(change.Move{Kind: w.restaurants, Key: demonDogs, To: aceHardware}).Fingerprint()})
	w.must(err)
	w.open(&models.Restaurant{PlaceID: demonDogs}) // another one, at the old place
	other := w.restaurant(demonDogs)

	mine.ServesPizza = true
	c, err := models.Restaurants.Update(ctx, w.Store, "form", demonDogs, mine.Version, mine)
	w.must(err)
	w.same("what is told", c.Sentence,
		"changed the restaurant at Ace Hardware: serves pizza from no to yes (meanwhile Ann moved the restaurant to Ace Hardware; both are saved)")
	w.same("where the change says that it was", []int64{c.Key, c.Identity}, []int64{aceHardware, mine.Identity})
	if moved := w.restaurant(aceHardware); !moved.ServesPizza || moved.Identity != mine.Identity {
		t.Errorf("the restaurant that moved is %+v", moved)
	}
	w.same("the other restaurant", w.restaurant(demonDogs), other)
	found, err := models.Restaurants.FindSeen(ctx, w.Store, demonDogs, mine.Version)
	w.must(err)
	w.same("the record behind the form", found.PlaceID, int64(aceHardware))

	again, err := models.Restaurants.Update(ctx, w.Store, "form", demonDogs, mine.Version, mine)
	w.must(err)
	w.same("the second answer", again, c)
}

func TestAnEditFollowsTheRestaurantThroughMovesAndSwaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	third := w.addRestaurant("Third", "Street")
	mine := w.restaurant(demonDogs)
	w.swap(demonDogs, third)
	w.move(w.restaurants, third, aceHardware)
	w.swap(aceHardware, demonDogs) // and back where it was
	mine.ServesHotDogs = false
	c, err := models.Restaurants.Update(ctx, w.Store, "", demonDogs, mine.Version, mine)
	w.must(err)
	w.same("what is told", c.Sentence, "changed the restaurant at Demon Dogs: serves hot dogs from yes to no")

	w.swap(demonDogs, aceHardware)
	mine.ServesHotDogs, mine.ServesPizza = true, true // as in the form of before the first swap
	c, err = models.Restaurants.Update(ctx, w.Store, "", demonDogs, mine.Version, mine)
	w.must(err)
	moved := w.restaurant(aceHardware)
	w.same("the restaurant", []any{moved.ServesHotDogs, moved.ServesPizza, moved.Identity, moved.Version}, []any{false, true, mine.Identity, c.ID})
}

func TestAnEditOfAWaiterWhoMovedMeanwhileIsSavedAndSaysWhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(&models.Restaurant{PlaceID: aceHardware})
	mine := w.waiter(joe)
	w.move(w.waiters, joe, aceHardware)
	mine.Name = "Joseph"
	c, err := models.Waiters.Update(ctx, w.Store, "", joe, mine.Version, mine)
	w.must(err)
	w.same("what is told", c.Sentence,
		"changed the waiter Joe: name from “Joe” to “Joseph” (meanwhile Someone moved the waiter to Ace Hardware; both are saved)")
	w.same("where Joseph works", w.waiter(joe).RestaurantID, int64(aceHardware))
}

func TestAnEditOfADeletedRestaurantIsNotWrittenOntoTheNextOneThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.restaurant(demonDogs)
	gone := w.delete(w.restaurants, demonDogs)
	w.open(&models.Restaurant{PlaceID: demonDogs})
	w.move(w.restaurants, demonDogs, aceHardware) // the last to leave the place is another one
	w.open(&models.Restaurant{PlaceID: demonDogs})
	before, changes := w.tables(), w.changes()

	mine.ServesPizza = true
	_, err := models.Restaurants.Update(ctx, w.Store, "", demonDogs, mine.Version, mine)
	w.refused(err, problem.NotFound, "There is no such restaurant")
	w.mustBeAsBefore(before, changes)
	_, err = models.Restaurants.FindSeen(ctx, w.Store, demonDogs, mine.Version)
	w.refused(err, problem.NotFound)
	trace, err := change.Seen{Kind: w.restaurants, Key: demonDogs, Version: mine.Version}.Trace(ctx, w.Store)
	w.must(err)
	w.same("what became of it", []any{trace.Last.ID, trace.Now, trace.Label}, []any{gone.ID, int64(0), "Demon Dogs"})
}

func TestAnEditOfAVersionThatNeverWasIsRefusedAndAsksAboutWhatDiffers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.place(demonDogs)
	renamed := w.saves("Ann", demonDogs, func(p *models.Place) { p.Name = "Bird Birds" })
	before, changes := w.tables(), w.changes()
	joes := w.waiter(joe).Version // a change, but none that wrote the place
	for _, version := range []int64{0, -1, joes, 1 << 40} {
		o := w.outdated(models.Places.Update(ctx, w.Store, "", demonDogs, version, mine))
		w.same("what is told", disputed(o), map[string][]any{"name": {nil, "Bird Birds", "Demon Dogs", "Ann", renamed.ID, true}})
		w.same("the version now", []any{o.Version, o.Known}, []any{renamed.ID, false})
		w.outdated(models.Places.Update(ctx, w.Store, "", demonDogs, version, w.place(demonDogs)))
	}
	w.mustBeAsBefore(before, changes)
}

func TestWhoChoosesBetweenTwoValuesGetsWhatTheyChose(t *testing.T) {
	t.Parallel()
	for _, theirs := range []bool{true, false} {
		w := newWorld(t)
		mine := w.place(demonDogs)
		w.saves("Ann", demonDogs, func(p *models.Place) { p.Name, p.Address = "Bird Birds", "945 W. Fullerton" })
		mine.Name, mine.Address = "Cat Cats", "1 Other Street"
		o := w.outdated(models.Places.Update(ctx, w.Store, "", demonDogs, mine.Version, mine))

		want := []string{"Cat Cats", "1 Other Street"}
		if theirs {
			mine.Name, want[0] = "\n", "Bird Birds" // whatever the field holds
		}
		choices := []change.Choice{{Column: "name", Theirs: theirs}, {Column: "address"}}
		_, err := models.Places.Update(ctx, w.Store, "", demonDogs, o.Version, mine, choices...)
		w.must(err)
		saved := w.place(demonDogs)
		w.same("the place", []string{saved.Name, saved.Address}, want)
	}
}

func TestWhoChoseIsAskedAgainWhenAThirdValueWasSavedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, choice := range []change.Choice{{Column: "name"}, {Column: "name", Theirs: true}} {
		w := newWorld(t)
		mine := w.place(demonDogs)
		w.rename(demonDogs, "Bird Birds")
		mine.Name = "Cat Cats"
		o := w.outdated(models.Places.Update(ctx, w.Store, "", demonDogs, mine.Version, mine))
		third := w.saves("Bob", demonDogs, func(p *models.Place) { p.Name = "Fish Fishes" })
		before, changes := w.tables(), w.changes()
		o = w.outdated(models.Places.Update(ctx, w.Store, "", demonDogs, o.Version, mine, choice))
		w.same("what is told", disputed(o), map[string][]any{"name": {"Bird Birds", "Fish Fishes", "Cat Cats", "Bob", third.ID, true}})
		w.mustBeAsBefore(before, changes)
		_, err := models.Places.Update(ctx, w.Store, "", demonDogs, o.Version, mine, choice)
		w.must(err)
		want := map[bool]string{true: "Fish Fishes", false: "Cat Cats"}[choice.Theirs]
		w.same("the name", w.place(demonDogs).Name, want)
	}
}

func TestAChoiceIsRememberedWithWhoSavedTheOtherValue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.place(demonDogs)
	renamed := w.saves("Ann", demonDogs, func(p *models.Place) { p.Name = "Bird Birds" })
	now := w.saves("Bob", demonDogs, func(p *models.Place) { p.Address = "945 W. Fullerton" })
	w.rename(demonDogs, "Fish Fishes") // not seen yet by who chooses
	mine.Name = "Cat Cats"
	op := change.Update{
		Seen: change.Seen{Kind: w.places, Key: demonDogs, Version: now.ID}, Edited: mine,
		Choices: []change.Choice{{Column: "name", Theirs: true}},
	}
	chosen, err := op.Chosen(ctx, w.Store)
	w.must(err)
	w.same("the choice", disputed(&change.Outdated{Fields: chosen}), map[string][]any{"name": {nil, "Bird Birds", "Cat Cats", "Ann", renamed.ID, true}})
}

func TestWhoSavedWhatIsToldByVersionAndNotByTheClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.place(demonDogs)
	day := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	w.Now = func() time.Time { return day }
	w.saves("Ann", demonDogs, func(p *models.Place) { p.Name = "Bird Birds" })
	w.Now = func() time.Time { return day.AddDate(-20, 0, 0) } // a clock that was put back
	w.saves("Bob", demonDogs, func(p *models.Place) { p.Name = "Fish Fishes" })
	mine.Name = "Cat Cats"
	o := w.outdated(models.Places.Update(ctx, w.Store, "", demonDogs, mine.Version, mine))
	w.same("who saved the name", o.Fields[0].By.Actor, "Bob")
	w.same("the last of what happened", o.Since[0].Actor, "Bob")
}

func TestAMergedFormThatIsSentAgainGetsTheSameAnswerAlsoAfterARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.place(demonDogs)
	version := mine.Version
	w.saves("Ann", demonDogs, func(p *models.Place) { p.Address = "945 W. Fullerton" })
	mine.Name = "Cat Cats"
	first, err := models.Places.Update(ctx, w.Store, "form", demonDogs, version, mine)
	w.must(err)
	w.saves("Ann", demonDogs, func(p *models.Place) { p.Name = "Bird Birds" }) // would collide by now
	before, changes := w.tables(), w.changes()
	for range 2 {
		second, err := models.Places.Update(ctx, w.Store, "form", demonDogs, version, mine)
		w.must(err)
		w.same("the second answer", second, first)
		w.mustBeAsBefore(before, changes)
		w.must(w.Close())
		w.Store = openWorld(t, w.path).Store
	}
}
