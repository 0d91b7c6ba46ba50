package handlers_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"pgregory.net/rapid"
)

// This file lets the people of the property test do things to many records at once.

// some draws which of the records are meant: ticked ones, or all that a list shows for a name. It
// returns the query of the list and the fields of the form, and their keys.
func some[T any](t *rapid.T, from map[string]T, path string, name func(key string) string) (query string, fields, keys []string) {
	for _, key := range slices.Sorted(maps.Keys(from)) {
		if rapid.Bool().Draw(t, "tick "+key) {
			keys = append(keys, key)
		}
	}
	switch rapid.IntRange(0, 2).Draw(t, "which") {
	case 0:
		return "", ids(keys...), keys
	case 1:
		return "", []string{"all", "1"}, slices.Sorted(maps.Keys(from))
	}
	called := someName.Draw(t, "called")
	keys = slices.Sorted(maps.Keys(from))
	keys = slices.DeleteFunc(keys, func(key string) bool { return name(key) != called })
	return "?sort=-name&" + url.Values{path: {called}}.Encode(), []string{"all", "1"}, keys
}

// together shows what would happen to many records, and does it if anything would.
func (d *desk) together(address string, fields, meant []string, changes bool) bool {
	answer := d.post(address, fields...)
	switch {
	case len(meant) == 0:
		answer.status(http.StatusUnprocessableEntity)
		return false
	case !changes:
		answer.status(http.StatusOK)
		return false
	}
	d.wrote(answer.status(http.StatusOK).form("post").send())
	return true
}

func (d *desk) deleteMany(t *rapid.T) {
	list := rapid.SampledFrom([]string{"/places", "/restaurants", "/waiters"}).Draw(t, "list")
	var query string
	var fields, keys []string
	switch list {
	case "/places":
		query, fields, keys = some(t, d.places, "name", func(key string) string { return d.places[key].name })
	case "/restaurants":
		query, fields, keys = some(t, d.restaurants, "place__name", func(key string) string { return d.places[key].name })
	case "/waiters":
		query, fields, keys = some(t, d.waiters, "name", func(key string) string { return d.waiters[key].name })
	}
	if d.together(list+"/delete"+query, fields, keys, true) {
		for _, key := range keys {
			d.forget(list + "/" + key)
		}
	}
}

func (d *desk) moveMany(t *rapid.T) {
	to := anyOf(t, d.restaurants)
	query, fields, keys := some(t, d.waiters, "name", func(key string) string { return d.waiters[key].name })
	elsewhere := slices.ContainsFunc(keys, func(key string) bool { return d.waiters[key].at != to })
	if d.together("/waiters/move"+query, append(fields, "restaurant_id", to), keys, elsewhere) {
		for _, key := range keys {
			d.waiters[key] = waiter{d.waiters[key].name, to}
		}
	}
}

func (d *desk) setMany(t *rapid.T) {
	then := someRestaurant(t)
	query, fields, keys := some(t, d.restaurants, "place__name", func(key string) string { return d.places[key].name })
	answers := map[bool]string{true: "true", false: "false"}
	fields = append(fields, "serves_hot_dogs", answers[then.hotDogs])
	pizza := rapid.Bool().Draw(t, "ask about pizza")
	if pizza {
		fields = append(fields, "serves_pizza", answers[then.pizza])
	}
	set := func(key string) restaurant {
		if pizza {
			return then
		}
		return restaurant{then.hotDogs, d.restaurants[key].pizza}
	}
	differs := slices.ContainsFunc(keys, func(key string) bool { return d.restaurants[key] != set(key) })
	if d.together("/restaurants/serves"+query, fields, keys, differs) {
		for _, key := range keys {
			d.restaurants[key] = set(key)
		}
	}
}
