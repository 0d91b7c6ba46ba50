package models_test

import (
	"testing"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/problem"
)

func TestAFormThatIsSentTwiceWritesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	free := w.addPlace("Free", "Street")
	forms := map[string]func() (*change.Change, error){
		"create": func() (*change.Change, error) {
			return models.Places.Create(ctx, w.Store, "create", &models.Place{Name: "Taco Hut", Address: "7 W. Erie"})
		},
		"both": func() (*change.Change, error) {
			return models.OpenAtNewPlace(ctx, w.Store, "both", &models.Place{Name: "Taco Hut", Address: "7 W. Erie"}, &models.Restaurant{})
		},
		"update": func() (*change.Change, error) {
			return models.Places.Update(ctx, w.Store, "update", aceHardware, 2, &models.Place{Name: "Ace", Address: "1013 N. Ashland"})
		},
	}
	for name, op := range map[string]change.Operation{
		"copy":   change.Copy{Kind: w.restaurants, Key: demonDogs, To: aceHardware},
		"move":   change.Move{Kind: w.restaurants, Key: demonDogs, To: free},
		"delete": change.Delete{Kind: w.restaurants, Key: free},
	} {
		form := change.Form{Token: name}
		forms[name] = func() (*change.Change, error) {
			if form.Fingerprint == "" {
				form.Fingerprint = w.preview(op).Fingerprint()
			}
			return change.Commit(ctx, w.Store, op, form)
		}
	}
	for _, name := range []string{"create", "both", "update", "copy", "move", "delete"} {
		first, err := forms[name]()
		w.must(err)
		before, changes := w.tables(), w.changes()
		second, err := forms[name]()
		w.must(err)
		w.same("the second answer to "+name, second, first)
		earlier, err := change.Earlier(ctx, w.Store, name)
		w.must(err)
		w.same("the change that the form made", earlier, first)
		w.mustBeAsBefore(before, changes)
	}
}

func TestAFormThatIsSentTwentyTimesAtOnceWritesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.changes()
	var answers [20]*change.Change
	var errs [20]error
	atOnce(len(answers), func(i int) {
		answers[i], errs[i] = models.Places.Create(ctx, w.Store, "impatient", &models.Place{Name: "Taco Hut", Address: "7 W. Erie"})
	})
	for i := range answers {
		w.must(errs[i])
		w.same("an answer", answers[i], answers[0])
	}
	w.same("the number of changes", w.changes(), before+1)
	w.same("the places", placesOf(w)(""), []string{"Ace Hardware", "Demon Dogs", "Taco Hut"})
}

func TestAFormThatIsSentAgainAfterARestartWritesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	op := deletionOfDemonDogs(w)
	form := change.Form{Token: "before the restart", Fingerprint: w.preview(op).Fingerprint()}
	first, err := change.Commit(ctx, w.Store, op, form)
	w.must(err)
	w.must(w.Close())

	w.Store = openWorld(t, w.path).Store
	changes := w.changes()
	second, err := change.Commit(ctx, w.Store, deletionOfDemonDogs(w), form)
	w.must(err)
	w.same("the second answer", second, first)
	w.same("the number of changes", w.changes(), changes)
}

func TestTheSameValuesInAnotherFormAreAnotherRecord(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	for _, token := range []string{"one", "two", "", ""} {
		_, err := models.Places.Create(ctx, w.Store, token, &models.Place{Name: "Taco Hut", Address: "7 W. Erie"})
		w.must(err)
	}
	w.same("the places", placesOf(w)(""), []string{"Taco Hut", "Taco Hut", "Taco Hut", "Taco Hut"})
}

func TestAFormThatWasRefusedCanBeSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := func() *models.Restaurant { return &models.Restaurant{PlaceID: nowhere} }
	_, err := models.Restaurants.Create(ctx, w.Store, "form", r())
	w.refused(err, problem.Invalid)
	if earlier, err := change.Earlier(ctx, w.Store, "form"); earlier != nil || err != nil {
		t.Errorf("the refused form made %v, %v", earlier, err)
	}
	for w.addPlace("Next", "Street") < nowhere {
	}
	_, err = models.Restaurants.Create(ctx, w.Store, "form", r())
	w.must(err)
}
