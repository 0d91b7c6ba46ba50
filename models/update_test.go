package models_test

import (
	"testing"

	"maitred/models"
	"maitred/models/problem"
)

func TestAnEditSaysWhatChangedFromWhatToWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.place(demonDogs)
	p.Name, p.Address = "Cat Cats", "945 W. Fullerton"
	c, err := models.Places.Update(ctx, w.Store, "", demonDogs, p.Version, p)
	w.must(err)
	w.same("what history says", c.Sentence,
		"changed the place Demon Dogs: name from “Demon Dogs” to “Cat Cats” and address from “944 W. Fullerton” to “945 W. Fullerton”")
	saved := w.place(demonDogs)
	w.same("the place", []any{saved.Name, saved.NameNorm, saved.Address, saved.Version}, []any{"Cat Cats", "cat cats", "945 W. Fullerton", c.ID})

	r := w.restaurant(demonDogs)
	r.ServesHotDogs, r.ServesPizza = false, true
	c, err = models.Restaurants.Update(ctx, w.Store, "", demonDogs, r.Version, r)
	w.must(err)
	w.same("what history says", c.Sentence, "changed the restaurant at Cat Cats: serves hot dogs from yes to no and serves pizza from no to yes")
}

func TestAnEditThatChangesNothingIsNoChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, changes := w.tables(), w.changes()
	p := w.place(demonDogs)
	p.Name = "  Demon Dogs "
	c, err := models.Places.Update(ctx, w.Store, "form", demonDogs, p.Version, p)
	w.must(err)
	if c != nil {
		t.Errorf("got the change %q", c.Sentence)
	}
	w.mustBeAsBefore(before, changes)
}

func TestAnEditCannotMoveARecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(&models.Restaurant{PlaceID: aceHardware})
	hired := w.waiter(joe)
	hired.Name, hired.RestaurantID, hired.ID = "Joseph", aceHardware, 7
	_, err := models.Waiters.Update(ctx, w.Store, "", joe, hired.Version, hired)
	w.must(err)
	w.same("Joseph's restaurant", w.waiter(joe).RestaurantID, int64(demonDogs))
	r := w.restaurant(demonDogs)
	r.PlaceID, r.Identity, r.ServesPizza = aceHardware, 7, true
	_, err = models.Restaurants.Update(ctx, w.Store, "", demonDogs, r.Version, r)
	w.must(err)
	if saved := w.restaurant(demonDogs); !saved.ServesPizza || saved.Identity == 7 {
		t.Errorf("the restaurant is %+v", saved)
	}
}

func TestWhatDoesNotExistCannotBeEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := models.Places.Update(ctx, w.Store, "", nowhere, 1, &models.Place{Name: "Name", Address: "Street"})
	w.refused(err, problem.NotFound, "There is no such place")
	_, err = models.Waiters.Find(ctx, w.Store, nowhere)
	w.refused(err, problem.NotFound, "There is no such waiter")
}
