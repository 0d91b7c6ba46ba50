package models

import (
	"context"
	"iter"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
)

// MostFilled is how many places Fill adds at most.
const MostFilled = 10_000_000

// waitersEach is how many waiters work in each restaurant that Fill adds.
const waitersEach = 3

// Fill adds synthetic data as one change: places, a restaurant at half of them, three waiters in each
// and, in one, as many more as there are places. What it adds depends only on how many places there
// are to be and on the first key that is free. tell, if given, hears how far it is.
// Errors: Invalid for a number that is out of bounds.
func Fill(ctx context.Context, s *Store, places int64, tell change.Tell) (*change.Change, error) {
	if err := CanFill(places); err != nil {
		return nil, err
	}
	restaurants := (places + 1) / 2
	load := change.Load{Operation: "fill", Tell: tell}
	load.Batches = func(next func(*graph.Kind) (int64, error)) ([]change.Batch, error) {
		t := &town{store: s, places: places, restaurants: restaurants}
		for k, first := range map[*graph.Kind]*int64{Places.Kind(s): &t.place, Restaurants.Kind(s): &t.restaurant, Waiters.Kind(s): &t.waiter} {
			var err error
			if *first, err = next(k); err != nil {
				return nil, err
			}
		}
		t.seed = uint64(t.place) // #nosec G115 -- any number is a seed
		return []change.Batch{
			{Kind: Places.Kind(s), Count: places, Records: t.allPlaces()},
			{Kind: Restaurants.Kind(s), Count: restaurants, Records: t.allRestaurants()},
			{Kind: Waiters.Kind(s), Count: waitersEach*restaurants + places, Records: t.allWaiters()},
		}, nil
	}
	load.Sentence = func(counted string) string { return "filled the site with " + counted }
	return load.Commit(ctx, s)
}

// CanFill says with an Invalid problem that so many places are too few or too many.
func CanFill(places int64) error {
	if places < 1 || places > MostFilled {
		return problem.New(problem.Invalid, "%s places cannot be added, so nothing was. Choose a number from 1 to %s.", graph.Number(places), graph.Number(MostFilled))
	}
	return nil
}

// town is what one Fill adds. Every record is made from its own number, so that none has to be
// remembered.
type town struct {
	store                     *Store
	seed                      uint64
	places, restaurants       int64 // how many
	place, restaurant, waiter int64 // the first key or identity of each kind
}

// siteOf is at which place, counted from 0, a restaurant is: at one of each two neighbours.
func (t *town) siteOf(restaurant int64) int64 {
	if restaurant == 0 || 2*restaurant+1 == t.places {
		return 2 * restaurant
	}
	return 2*restaurant + int64(t.dice(forSites, restaurant).IntN(2))
}

// large is the restaurant that has as many waiters more as there are places.
func (t *town) large() int64 { return t.restaurants / 2 }

func (t *town) allPlaces() iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		p := new(Place)
		for i := range t.places {
			*p = Place{ID: t.place + i}
			if t.siteOf(i/2) == i {
				p.RestaurantCount = 1
			}
			p.Name, _ = t.nameOf(i, p.RestaurantCount == 1)
			p.Address = t.addressOf(i)
			if !yield(p, kind.Check(t.store, p)) {
				return
			}
		}
	}
}

func (t *town) allRestaurants() iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		r := new(Restaurant)
		for j := range t.restaurants {
			site := t.siteOf(j)
			*r = Restaurant{PlaceID: t.place + site, Identity: t.restaurant + j, WaiterCount: waitersEach}
			if j == t.large() {
				r.WaiterCount += t.places
			}
			_, cooks := t.nameOf(site, true)
			d := t.dice(forFood, j)
			r.ServesHotDogs, r.ServesPizza = d.IntN(100) < cooks.hotDogs, d.IntN(100) < cooks.pizza
			if !yield(r, kind.Check(t.store, r)) {
				return
			}
		}
	}
}

func (t *town) allWaiters() iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		w := new(Waiter)
		for i := range waitersEach*t.restaurants + t.places {
			at := min(i/waitersEach, t.restaurants)
			if at == t.restaurants {
				at = t.large()
			}
			*w = Waiter{ID: t.waiter + i, RestaurantID: t.place + t.siteOf(at), Name: t.waiterName(i)}
			if !yield(w, kind.Check(t.store, w)) {
				return
			}
		}
	}
}
