package models

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"maitred/models/change"
	"maitred/models/kind"
)

// episode is something that somebody did in the history of a demo.
type episode struct {
	days int           // ago
	ago  time.Duration // and so long before that
	who  int           // which colleague
	does func(context.Context, *demo, *Store) error
}

// demoStory is what was done since the first day, in its order. Every name in it is one of the sample
// data, so that what the dice give can change without it.
var demoStory = []episode{
	{days: 18, ago: 5 * time.Hour, who: 1, does: hires("Red Line Franks", "Paulina Mazur")},
	{days: 18, ago: 3 * time.Hour, who: 1, does: hires("Humboldt Park Pavilion", "Xavier Simmons")},
	{days: 17, ago: 4 * time.Hour, who: 2, does: renames("Ravenswood Station", "Ravenswood Station Hall")},
	{days: 15, ago: 6 * time.Hour, who: 1, does: hires("Chinatown Gate", "Lin Zhao")},
	{days: 14, ago: 7 * time.Hour, who: 0, does: opens("Harbor Books", false, true)},
	{days: 14, ago: 6 * time.Hour, who: 0, does: hires("Harbor Books", "Amélie Dubois")},
	{days: 13, ago: 5 * time.Hour, who: 1, does: extends("Greektown Corner", true, true)},
	{days: 13, ago: 2 * time.Hour, who: 2, does: adds("Garfield Park Conservatory", "300 N. Central Park")},
	{days: 12, ago: 4 * time.Hour, who: 1, does: hires("Garfield Dog House", "Kwame Mensah")},
	{days: 11, ago: 7 * time.Hour, who: 0, does: moves("Navy Pier Kiosk 4", "Edgewater Flower Shop")},
	{days: 11, ago: 3 * time.Hour, who: 2, does: hires("Café Brûlée", "Noémie Fournier")},
	{days: 10, ago: 5 * time.Hour, who: 1, does: sends("Zoe Adams", "Red Line Franks")},
	{days: 8, ago: 6 * time.Hour, who: 0, does: removesAndUndoes("Little Italy Trattoria")},
	{days: 8, ago: 4 * time.Hour, who: 1, does: hires("Little Italy Trattoria", "Giulia Conti")},
	{days: 7, ago: 5 * time.Hour, who: 2, does: adds("Fulton Market Hall", "850 W. Fulton")},
	{days: 6, ago: 6 * time.Hour, who: 1, does: swaps("Wrigley Franks", "Andersonville Hall")},
	{days: 6, ago: 2 * time.Hour, who: 1, does: hires("Wrigley Franks", "Brendan Quinn")},
	{days: 5, ago: 3 * time.Hour, who: 2, does: sends("Ivan Petrov", "Logan Square Grill")},
	{days: 4, ago: 7 * time.Hour, who: 0, does: opens("Uptown Theatre Lobby", true, false)},
	{days: 4, ago: 6 * time.Hour, who: 0, does: hires("Uptown Theatre Lobby", "Imani Freeman")},
	{days: 4, ago: 1 * time.Hour, who: 1, does: letsGo("Ben Ortiz")},
	{days: 3, ago: 5 * time.Hour, who: 2, does: renames("Ravenswood Station Hall", "Ravenswood Station")},
	{days: 2, ago: 6 * time.Hour, who: 1, does: hires("Harbor Books", "Tomás Vásquez")},
	{days: 2, ago: 4 * time.Hour, who: 0, does: moves("Edgewater Flower Shop", "Navy Pier Kiosk 4")},
	{days: 1, ago: 5 * time.Hour, who: 1, does: hires("Demon Dogs", "Keisha Banks")},
	{days: 1, ago: 2 * time.Hour, who: 2, does: sends("Keisha Banks", "Wrigley Franks")},
	{days: 0, ago: 3 * time.Hour, who: 1, does: hires("Bridgeport Hot Dog Stand", "Sean Murphy")},
	{days: 0, ago: 70 * time.Minute, who: 0, does: opens("Hyde Park Garden Centre", true, true)},
	{days: 0, ago: 25 * time.Minute, who: 2, does: hires("Hyde Park Garden Centre", "Nia Coleman")},
}

func hires(at, name string) func(context.Context, *demo, *Store) error {
	return func(ctx context.Context, d *demo, s *Store) error {
		key, err := d.place(at)
		if err == nil {
			_, err = Waiters.Create(ctx, s, "", &Waiter{Name: name, RestaurantID: key})
		}
		return err
	}
}

func letsGo(name string) func(context.Context, *demo, *Store) error {
	return func(ctx context.Context, _ *demo, s *Store) error {
		key, err := waiterCalled(ctx, s, name)
		if err == nil {
			_, err = done(ctx, s, change.Delete{Kind: Waiters.Kind(s), Key: key})
		}
		return err
	}
}

func sends(name, to string) func(context.Context, *demo, *Store) error {
	return func(ctx context.Context, d *demo, s *Store) error {
		key, err := waiterCalled(ctx, s, name)
		if err != nil {
			return err
		}
		there, err := d.place(to)
		if err == nil {
			_, err = done(ctx, s, change.Move{Kind: Waiters.Kind(s), Key: key, To: there})
		}
		return err
	}
}

func adds(name, address string) func(context.Context, *demo, *Store) error {
	return func(ctx context.Context, _ *demo, s *Store) error {
		_, err := Places.Create(ctx, s, "", &Place{Name: name, Address: address})
		return err
	}
}

func renames(name, to string) func(context.Context, *demo, *Store) error {
	return func(ctx context.Context, d *demo, s *Store) error {
		key, err := d.place(name)
		if err != nil {
			return err
		}
		p, err := Places.Find(ctx, s, key)
		if err != nil {
			return err
		}
		edited := &Place{ID: key, Name: to, Address: p.Address}
		d.keys[to] = key
		_, err = Places.Update(ctx, s, "", key, p.Version, edited)
		return err
	}
}

func opens(at string, hotDogs, pizza bool) func(context.Context, *demo, *Store) error {
	return func(ctx context.Context, d *demo, s *Store) error {
		key, err := d.place(at)
		if err == nil {
			_, err = Restaurants.Create(ctx, s, "", &Restaurant{PlaceID: key, ServesHotDogs: hotDogs, ServesPizza: pizza})
		}
		return err
	}
}

// extends lets a restaurant serve something else from then on.
func extends(at string, hotDogs, pizza bool) func(context.Context, *demo, *Store) error {
	return func(ctx context.Context, d *demo, s *Store) error {
		key, err := d.place(at)
		if err != nil {
			return err
		}
		r, err := Restaurants.Find(ctx, s, key)
		if err == nil {
			_, err = Restaurants.Update(ctx, s, "", key, r.Version, &Restaurant{PlaceID: key, ServesHotDogs: hotDogs, ServesPizza: pizza})
		}
		return err
	}
}

func moves(from, to string) func(context.Context, *demo, *Store) error {
	return brings(from, to, false)
}
func swaps(from, to string) func(context.Context, *demo, *Store) error { return brings(from, to, true) }

func brings(from, to string, swap bool) func(context.Context, *demo, *Store) error {
	return func(ctx context.Context, d *demo, s *Store) error {
		key, err := d.place(from)
		if err != nil {
			return err
		}
		there, err := d.place(to)
		if err == nil {
			_, err = done(ctx, s, change.Move{Kind: Restaurants.Kind(s), Key: key, To: there, Swap: swap})
		}
		return err
	}
}

// removesAndUndoes deletes a place by mistake and takes that back five minutes later.
func removesAndUndoes(name string) func(context.Context, *demo, *Store) error {
	return func(ctx context.Context, d *demo, s *Store) error {
		key, err := d.place(name)
		if err != nil {
			return err
		}
		gone, err := done(ctx, s, change.Delete{Kind: Places.Kind(s), Key: key})
		if err != nil {
			return err
		}
		at := s.Now().Add(5 * time.Minute)
		s.Now = func() time.Time { return at }
		_, err = done(ctx, s, change.Undo{Change: gone.ID})
		return err
	}
}

// waiterCalled is the key of the waiter of a name, of the one who came first if there are more.
func waiterCalled(ctx context.Context, s *Store, name string) (int64, error) {
	q, err := kind.ParseQuery(Waiters.Kind(s), url.Values{"name": {name}})
	if err != nil {
		return 0, err
	}
	found, _, err := Waiters.First(ctx, s, q, 100)
	if err != nil {
		return 0, err
	}
	if len(found) == 0 {
		return 0, fmt.Errorf("no waiter is called %q", name)
	}
	return slices.MinFunc(found, func(a, b *Waiter) int { return cmp.Compare(a.ID, b.ID) }).ID, nil
}
