package models_test

import (
	"fmt"
	"net/url"
	"testing"

	"maitred/models"
	"maitred/models/kind"
)

// The neighbours of every record of a town full of equal names are those that stand beside it when
// all pages are turned, in every order and direction, in the whole list and in a part of it.
func TestARecordsNeighboursAreThoseOfTheList(t *testing.T) {
	repeats(t)
	t.Parallel()
	w := aTown(t)
	beside(t, w, models.Places, "q=demon", "restaurant__isnull=true", "name=ace+hardware", "q=street&exclude__restaurant__serves_pizza=true")
	beside(t, w, models.Restaurants, "serves_pizza=true", "q=zoe", "place__name__startswith=Ace", "waiter__count__gt=2")
	beside(t, w, models.Waiters, "q=demon", "restaurant__serves_hot_dogs=true", "exclude__name=Joe")
}

func beside[T any](t *testing.T, w *world, of kind.Of[T], conditions ...string) {
	k := of.Kind(w.Store)
	addresses := conditions // in the order that a list has by itself, which may not be that of a search
	for _, sort := range k.Sorts {
		for _, sign := range []string{"", "-"} {
			for _, condition := range append([]string{""}, conditions...) {
				addresses = append(addresses, "sort="+sign+sort.Name+"&"+condition)
			}
		}
	}
	for _, address := range addresses {
		t.Run(k.Table+"?"+address, func(t *testing.T) {
			keys := walk(t, w, of, address, "after")
			if len(keys) < 3 {
				t.Fatalf("%d records are too few to stand beside each other", len(keys))
			}
			for i, key := range keys {
				want := kind.Around{In: true, Count: int64(len(keys))}
				if i > 0 {
					want.Before = keys[i-1]
				}
				if i < len(keys)-1 {
					want.After = keys[i+1]
				}
				same(t, fmt.Sprintf("what is around %d", key), around(w, of, address, key), want)
			}
		})
	}
}

func around[T any](w *world, of kind.Of[T], address string, key int64) kind.Around {
	w.t.Helper()
	values, err := url.ParseQuery(address)
	w.must(err)
	q, err := kind.ParseQuery(of.Kind(w.Store), values)
	w.must(err)
	found, err := of.Around(ctx, w.Store, q, key)
	w.must(err)
	return found
}

func TestARecordThatTheListDoesNotShowHasNoNeighbours(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	third := w.addPlace("Third", "3")
	for address, want := range map[string]kind.Around{
		"":                               {In: true, Before: demonDogs, Count: 3},
		"sort=-name":                     {In: true, After: demonDogs, Count: 3},
		"after=WyJ6enoiLDld":             {In: true, Before: demonDogs, Count: 3}, // another page of the list
		"before=end":                     {In: true, Before: demonDogs, Count: 3},
		"q=third":                        {In: true, Count: 1},
		"q=demon":                        {Count: 1},
		"name=third":                     {},
		"restaurant__isnull=false":       {Count: 1},
		"exclude__name__startswith=Thir": {Count: 2},
	} {
		w.same("around Third in ?"+address, around(w, models.Places, address, third), want)
	}
	w.same("around nobody", around(w, models.Places, "", 99), kind.Around{Count: 3})
	w.same("around who is no restaurant", around(w, models.Restaurants, "", third), kind.Around{Count: 1})
}
