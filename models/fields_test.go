package models_test

import (
	"strings"
	"testing"

	"maitred/models/graph"
	"maitred/models/kind"
)

func TestAFileNamesTheColumnsOfEachKind(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	for k, want := range map[*graph.Kind]string{
		w.places:      "id key, name own, address own",
		w.restaurants: "place_id key, place_name text, place_address text, serves_hot_dogs own, serves_pizza own, waiters count",
		w.waiters:     "id key, name own, restaurant_id parent, place_name text, place_address text",
	} {
		var got []string
		for _, f := range kind.Fields(k) {
			got = append(got, f.Name+" "+string(f.Part))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s have the columns %s, want %s", k.Table, strings.Join(got, ", "), want)
		}
	}
}
