package models_test

import (
	"net/url"
	"testing"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/kind"
	"maitred/models/problem"
)

// This file tells the article on one-to-one relationships, section by section.

// 1. Defining

func TestAPlaceHasOneRestaurantWhoseKeyIsThePlacesAndWhichHasManyWaiters(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)

	restaurant := w.places.Relation("restaurant")
	if restaurant == nil || restaurant.Parent || restaurant.Many || restaurant.To != w.restaurants {
		t.Fatalf("a place's restaurant is %+v, want has-one", restaurant)
	}
	place := w.restaurants.Relation("place")
	if place == nil || !place.Parent || place.To != w.places {
		t.Fatalf("a restaurant's place is %+v, want belongs-to", place)
	}
	if place.Column != w.restaurants.Key || place.Column.Name != "place_id" {
		t.Errorf("the foreign key to the place is %s, the primary key %s; both must be place_id", place.Column.Name, w.restaurants.Key.Name)
	}
	waiters := w.restaurants.Relation("waiter")
	if waiters == nil || waiters.Parent || !waiters.Many || waiters.Column.Name != "restaurant_id" {
		t.Fatalf("a restaurant's waiters are %+v, want has-many", waiters)
	}
	if r := w.waiters.Relation("restaurant"); r == nil || !r.Parent || r.To != w.restaurants {
		t.Errorf("a waiter's restaurant is %+v, want belongs-to", r)
	}
}

// 2. Creating

func TestAPlaceIsSavedWithItsNameAndAddress(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	p := &models.Place{Name: "Demon Dogs", Address: "944 W. Fullerton"}
	c, err := models.Places.Create(ctx, w.Store, "", p)
	w.must(err)

	saved := w.place(p.ID)
	w.same("the place", []string{saved.Name, saved.Address}, []string{"Demon Dogs", "944 W. Fullerton"})
	w.same("what history says", c.Sentence, "added the place Demon Dogs")
}

func TestARestaurantIsOpenedAtASavedPlace(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	key := w.addPlace("Demon Dogs", "944 W. Fullerton")
	c := w.open(&models.Restaurant{PlaceID: key, ServesHotDogs: true})

	r := w.restaurant(key)
	w.same("what it serves", []bool{r.ServesHotDogs, r.ServesPizza}, []bool{true, false})
	w.same("what history says", c.Sentence, "added the restaurant at Demon Dogs")
}

func TestARestaurantAndItsNewPlaceAreSavedTogether(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	p, r := &models.Place{Name: "Demon Dogs", Address: "944 W. Fullerton"}, &models.Restaurant{ServesPizza: true}
	c, err := models.OpenAtNewPlace(ctx, w.Store, "", p, r)
	w.must(err)

	w.same("the restaurant's place", w.restaurant(r.PlaceID).Place.Name, "Demon Dogs")
	w.same("what history says", c.Sentence, "added the place Demon Dogs and a restaurant at it")
	w.same("what the change was about", []any{c.Kind, c.Key, c.RowCount}, []any{"restaurants", p.ID, int64(2)})
	w.same("the number of changes", w.changes(), 1)
}

func TestARestaurantIsNotSavedWhenItsNewPlaceCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, changes := w.tables(), w.changes()
	_, err := models.OpenAtNewPlace(ctx, w.Store, "", &models.Place{Name: "No address"}, &models.Restaurant{})
	w.refused(err, problem.Invalid, "address: The address is missing")
	w.mustBeAsBefore(before, changes)
}

// 3. Accessing the relationship

func TestARestaurantKnowsItsPlaceAndThePlaceItsRestaurant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if p := w.restaurant(demonDogs).Place; p == nil || p.Name != "Demon Dogs" {
		t.Errorf("the restaurant's place is %+v", p)
	}
	p := w.place(demonDogs)
	if p.Restaurant == nil || !p.Restaurant.ServesHotDogs || p.Free() {
		t.Errorf("the place's restaurant is %+v, free: %v", p.Restaurant, p.Free())
	}
}

func TestAPlaceWithoutARestaurantIsFree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if p := w.place(aceHardware); p.Restaurant != nil || !p.Free() {
		t.Errorf("the restaurant of Ace Hardware is %+v, free: %v", p.Restaurant, p.Free())
	}
}

func TestAWaiterKnowsTheRestaurantAndThePlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if r := w.waiter(joe).Restaurant; r == nil || r.Place == nil || r.Place.Name != "Demon Dogs" {
		t.Errorf("Joe works at %+v", r)
	}
}

// 4. Reassigning

func TestARestaurantThatIsReassignedMovesAndItsWaitersFollow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hire(demonDogs, "Ann")
	c := w.move(w.restaurants, demonDogs, aceHardware)

	w.same("the restaurants", listed(w, models.Restaurants, ""), []string{"Ace Hardware"})
	if p := w.place(aceHardware); p.Restaurant == nil || !p.Restaurant.ServesHotDogs {
		t.Errorf("the restaurant of Ace Hardware is %+v", p.Restaurant)
	}
	if p := w.place(demonDogs); p.Restaurant != nil || !p.Free() {
		t.Errorf("the restaurant of Demon Dogs is %+v", p.Restaurant)
	}
	w.same("its waiters", listed(w, models.Waiters, "restaurant=2"), []string{"Ann", "Joe"})
	w.same("the number of its waiters", w.restaurant(aceHardware).WaiterCount, int64(2))
	w.same("what history says", c.Sentence, "moved the restaurant, with its 2 waiters, from Demon Dogs to Ace Hardware")
}

func TestARestaurantCanBeReassignedBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.move(w.restaurants, demonDogs, aceHardware)
	w.move(w.restaurants, aceHardware, demonDogs)
	w.same("the restaurants", listed(w, models.Restaurants, ""), []string{"Demon Dogs"})
	w.same("Joe's place", w.waiter(joe).Restaurant.Place.Name, "Demon Dogs")
}

func TestTheRelatedPlaceMustBeSavedFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, changes := w.tables(), w.changes()

	_, err := models.Restaurants.Create(ctx, w.Store, "", &models.Restaurant{})
	w.refused(err, problem.Invalid, "place_id: Choose the place")
	_, err = models.Restaurants.Create(ctx, w.Store, "", &models.Restaurant{PlaceID: nowhere})
	w.refused(err, problem.Invalid, "place_id: That place does not exist, or was deleted meanwhile")
	_, err = models.Waiters.Create(ctx, w.Store, "", &models.Waiter{Name: "Ann"})
	w.refused(err, problem.Invalid, "restaurant_id: Choose the restaurant")
	_, err = models.Waiters.Create(ctx, w.Store, "", &models.Waiter{Name: "Ann", RestaurantID: aceHardware})
	w.refused(err, problem.Invalid, "restaurant_id: That restaurant does not exist")
	_, err = change.Preview(ctx, w.Store, change.Move{Kind: w.restaurants, Key: demonDogs, To: nowhere})
	w.refused(err, problem.Invalid, "place_id: That place does not exist")

	w.mustBeAsBefore(before, changes)
}

func TestASecondRestaurantAtOnePlaceIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, changes := w.tables(), w.changes()
	_, err := models.Restaurants.Create(ctx, w.Store, "", &models.Restaurant{PlaceID: demonDogs})
	w.refused(err, problem.Invalid, "place_id: Demon Dogs already has a restaurant")
	w.mustBeAsBefore(before, changes)
}

// 5. Querying across relations

func TestTheSevenQueriesOfTheArticle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(&models.Restaurant{PlaceID: aceHardware})
	w.hire(aceHardware, "Ann")

	for _, q := range []struct {
		got  func(string) []string
		is   string
		want string
	}{
		{restaurantsOf(w), "place=1", "Demon Dogs"},
		{restaurantsOf(w), "place__name__startswith=Demon", "Demon Dogs"},
		{restaurantsOf(w), "exclude__place__address__contains=Ashland", "Demon Dogs"},
		{placesOf(w), "restaurant=1", "Demon Dogs"},
		{placesOf(w), "restaurant__place__name__startswith=Demon", "Demon Dogs"},
		{waitersOf(w), "restaurant__place=1", "Joe"},
		{waitersOf(w), "restaurant__place__name__startswith=Demon", "Joe"},
	} {
		w.same(q.is, q.got(q.is), []string{q.want})
	}
}

// 6. Deleting

func TestDeletingAPlaceDeletesItsRestaurantAndItsWaiters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(&models.Restaurant{PlaceID: aceHardware})
	w.hire(aceHardware, "Ann", "Zoë")
	c := w.delete(w.places, aceHardware)

	w.same("the restaurants that remain", listed(w, models.Restaurants, ""), []string{"Demon Dogs"})
	w.same("the waiters that remain", listed(w, models.Waiters, ""), []string{"Joe"})
	w.same("what history says", c.Sentence, "deleted the place Ace Hardware with 1 restaurant and 2 waiters")
}

// 7. Waiters

func TestAWaiterIsHiredRenamedMovedAndLetGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(&models.Restaurant{PlaceID: aceHardware})
	key := w.hire(demonDogs, "Ann")

	ann := w.waiter(key)
	ann.Name = "Anna"
	_, err := models.Waiters.Update(ctx, w.Store, "", key, ann.Version, ann)
	w.must(err)
	w.move(w.waiters, key, aceHardware)
	w.same("Anna's place", w.waiter(key).Restaurant.Place.Name, "Ace Hardware")
	w.same("Anna's history", history(w, models.Waiters, key), []string{
		"moved the waiter Anna from Demon Dogs to Ace Hardware",
		"changed the waiter Ann: name from “Ann” to “Anna”",
		"added the waiter Ann at Demon Dogs",
	})

	w.delete(w.waiters, key)
	w.same("the waiters that remain", listed(w, models.Waiters, ""), []string{"Joe"})
	w.same("the number of waiters at Ace Hardware", w.restaurant(aceHardware).WaiterCount, int64(0))
}

// listed is what a list shows: every row of every page, by name.
func listed[T any](w *world, of kind.Of[T], address string) []string {
	w.t.Helper()
	var names []string
	for _, r := range pages(w, of, address) {
		names = append(names, nameOf(r))
	}
	return names
}

func nameOf(record any) string {
	switch r := record.(type) {
	case *models.Place:
		return r.Name
	case *models.Restaurant:
		return r.Place.Name
	case *models.Waiter:
		return r.Name
	}
	panic("a kind without a name")
}

func placesOf(w *world) func(string) []string {
	return func(address string) []string { return listed(w, models.Places, address) }
}

func restaurantsOf(w *world) func(string) []string {
	return func(address string) []string { return listed(w, models.Restaurants, address) }
}

func waitersOf(w *world) func(string) []string {
	return func(address string) []string { return listed(w, models.Waiters, address) }
}

// list reads one page.
func list[T any](w *world, of kind.Of[T], address string) (*kind.List[T], error) {
	w.t.Helper()
	values, err := url.ParseQuery(address)
	w.must(err)
	q, err := kind.ParseQuery(of.Kind(w.Store), values)
	if err != nil {
		return nil, err
	}
	return of.List(ctx, w.Store, q)
}

// pages reads all rows of a list, page after page.
func pages[T any](w *world, of kind.Of[T], address string) (rows []*T) {
	w.t.Helper()
	for after := ""; ; {
		l, err := list(w, of, address+"&after="+after)
		w.must(err)
		rows = append(rows, l.Rows...)
		if after = l.After; after == "" {
			if int64(len(rows)) != l.Count {
				w.t.Errorf("%q says it has %d rows and lists %d", address, l.Count, len(rows))
			}
			return rows
		}
	}
}
