package models_test

import (
	"net/url"
	"testing"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/store"
)

// tallies counts what addresses ask of a kind's list, as a page does on every visit.
func (w *world) tallies(s *store.Store, k *graph.Kind, addresses ...string) []int64 {
	w.t.Helper()
	var questions []kind.Query
	for _, address := range addresses {
		asked, err := url.ParseQuery(address)
		w.must(err)
		q, err := kind.ParseQuery(k, asked)
		w.must(err)
		questions = append(questions, q)
	}
	numbers, err := kind.Tally(ctx, s, questions...)
	w.must(err)
	return numbers
}

func TestANumberIsCountedAgainOnlyWhenAChangeWroteWhatItLooksAt(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t) // of three restaurants
	serve := func() []int64 { return w.tallies(w.Store, w.restaurants, "serves_pizza=true", "waiter__count=0") }
	w.same("at first", serve(), []int64{2, 1})

	w.exec("UPDATE restaurants SET serves_pizza = TRUE") // as no part of the program does, to see what is counted
	w.same("asked again", serve(), []int64{2, 1})
	w.rename(aceHardware, "Ace")
	w.same("when a place has another name", serve(), []int64{2, 1})
	w.hire(4, "Zed")
	w.same("when a waiter was hired", serve(), []int64{2, 0})
	w.open(&models.Restaurant{PlaceID: aceHardware})
	w.same("when a restaurant was opened", serve(), []int64{3, 1})

	w.exec("UPDATE restaurants SET serves_pizza = FALSE")
	for range 1001 {
		w.exec("INSERT INTO changes (id, at, actor, operation, sentence, kind, identity, key, row_count) SELECT 1 + max(id), '2026-01-01T00:00:00.000Z', 'Mia', 'test', 'did nothing', 'places', 1, 1, 0 FROM changes")
	}
	w.same("when there were too many changes to look at", serve(), []int64{0, 1})
	w.exec("DELETE FROM changes WHERE operation = 'test'")
	w.exec("UPDATE restaurants SET serves_pizza = place_id IN (3, 4)")
}

func TestWhatAnotherProcessWroteIsCounted(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	other, err := models.OpenBeside(ctx, databaseAt(t, w.path), migrations.Apply)
	w.must(err)
	defer other.Close()
	for _, s := range []*store.Store{w.Store, other} {
		w.same("at first", w.tallies(s, w.restaurants, "serves_pizza=true"), []int64{2})
	}
	_, err = models.Restaurants.Create(ctx, other, "", &models.Restaurant{PlaceID: aceHardware, ServesPizza: true})
	w.must(err)
	w.same("here", w.tallies(w.Store, w.restaurants, "serves_pizza=true"), []int64{3})
}

func TestPlacesWithAndWithoutARestaurantAreCountedByThoseThereAre(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	asked := []string{"restaurant__isnull=true", "restaurant__isnull=false", "exclude__restaurant__isnull=true", "restaurant__isnull=true&name=Ace+Hardware", "restaurant__waiter__isnull=true", ""}
	w.same("places", w.tallies(w.Store, w.places, asked...), []int64{1, 3, 3, 1, 2, 4})
	w.same("restaurants", w.tallies(w.Store, w.restaurants, "place__isnull=true", "place__isnull=false", "waiter__isnull=true"), []int64{0, 3, 1})
	w.addPlace("Corner", "1 Corner St")
	w.same("after one more", w.tallies(w.Store, w.places, asked...), []int64{2, 3, 3, 1, 3, 5})
}
