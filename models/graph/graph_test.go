package graph

import (
	"math"
	"strings"
	"testing"

	"maitred/models/dialect"
)

// aPair is a place with its restaurant and the restaurant's waiters, without a database.
func aPair() (place, restaurant, waiter *Kind) {
	column := func(name string) *Column {
		return &Column{Column: dialect.Column{Name: name}, Inside: strings.HasSuffix(name, "_count")}
	}
	kind := func(name string, columns ...string) *Kind {
		k := &Kind{Name: name, Table: name + "s"}
		for _, c := range columns {
			k.Columns = append(k.Columns, column(c))
		}
		k.Key = k.Columns[0]
		return k
	}
	place, restaurant, waiter = kind("place", "id", "name", "restaurant_count"), kind("restaurant", "place_id", "waiter_count"), kind("waiter", "id", "restaurant_id", "name")
	relate := func(from, to *Kind, column string, many bool) {
		c := from.Column(column)
		from.Parents = append(from.Parents, &Relation{Name: to.Name, From: from, To: to, Column: c, Parent: true})
		to.Children = append(to.Children, &Relation{Name: from.Name, From: to, To: from, Column: c, Many: many, Count: to.Column(from.Name + "_count")})
	}
	relate(restaurant, place, "place_id", false)
	relate(waiter, restaurant, "restaurant_id", true)
	return place, restaurant, waiter
}

func TestAPathLeadsThroughParentsToAColumn(t *testing.T) {
	place, restaurant, waiter := aPair()
	for _, p := range []struct {
		from              *Kind
		path, alias, want string
	}{
		{place, "name", "p", "p.name"},
		{restaurant, "place__name", "place", "(SELECT places.name FROM places WHERE places.id = p.place_id)"},
		{restaurant, "waiter__count", "p", "p.waiter_count"},
		{waiter, "restaurant__place__name", "restaurant__place",
			"(SELECT (SELECT places.name FROM places WHERE places.id = restaurants.place_id) FROM restaurants WHERE restaurants.place_id = p.restaurant_id)"},
	} {
		path := p.from.Must(p.path)
		if got := path.SQL("p"); got != p.want {
			t.Errorf("%s is %s, want %s", p.path, got, p.want)
		}
		if got := path.Alias("p"); got != p.alias {
			t.Errorf("%s ends in the table %s, want %s", p.path, got, p.alias)
		}
	}
}

func TestAPathThatLeadsNowhereOrToSeveralRecordsIsAnError(t *testing.T) {
	place, restaurant, waiter := aPair()
	for path, from := range map[string]*Kind{
		"color": place, "place__color": restaurant, "place": restaurant, "": waiter, "restaurant__name": place, "waiter__name": restaurant,
		"name__place": waiter, "restaurant__count": waiter, "place__": restaurant,
	} {
		if p, err := from.ToOne(path); err == nil {
			t.Errorf("%s of a %s leads to %s", path, from.Name, p.SQL("t"))
		}
	}
}

func TestADescriptionThatLeadsNowhereRefusesToStart(t *testing.T) {
	for want, d := range map[string]Description{
		"waiter has no order":              {Label: "name"},
		"color":                            {Label: "color", Sorts: []Sort{{"name", "name"}}},
		"size":                             {Label: "name", Sorts: []Sort{{"name", "size"}}},
		"taste":                            {Label: "name", Sorts: []Sort{{"name", "name"}}, Search: []string{"taste"}},
		"name is searched but has no norm": {Label: "name", Sorts: []Sort{{"name", "name"}}, Search: []string{"name"}},
	} {
		_, _, waiter := aPair()
		waiter.Description = d
		if err := waiter.checkDescription(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", d, err, want)
		}
	}
	_, restaurant, _ := aPair()
	restaurant.Identity, restaurant.Description = restaurant.Key, Description{Label: "place__name", Sorts: []Sort{{"name", "place__name"}}}
	if err := restaurant.checkDescription(); err == nil || !strings.Contains(err.Error(), "identity") {
		t.Errorf("a restaurant without an identity: %v", err)
	}
}

func TestARelationIsTheSameFromBothEnds(t *testing.T) {
	place, restaurant, waiter := aPair()
	if down := restaurant.Parents[0].Counterpart(); down != place.Children[0] || down.Counterpart() != restaurant.Parents[0] {
		t.Errorf("the counterpart of a restaurant's place is %+v", down)
	}
	if restaurant.OneToOne() != restaurant.Parents[0] || waiter.OneToOne() != nil || place.Home() != nil || waiter.Home() != waiter.Parents[0] {
		t.Error("a restaurant shares the key of its place, a waiter that of nothing, and a place is nowhere")
	}
}

func TestNumbersAreWrittenForPeople(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 12408: "12,408", 1_000_000: "1,000,000", -1: "-1", -100: "-100", -1000: "-1,000",
		math.MaxInt64: "9,223,372,036,854,775,807", math.MinInt64: "-9,223,372,036,854,775,808",
	} {
		if got := Number(n); got != want {
			t.Errorf("%d is written %s", n, got)
		}
	}
	tables := &Kind{Name: "dining_table", Table: "dining_tables"}
	for n, want := range map[int64]string{0: "0 dining tables", 1: "1 dining table", 2: "2 dining tables", 1200: "1,200 dining tables"} {
		if got := tables.Counted(n); got != want {
			t.Errorf("%d is written %s", n, got)
		}
	}
}
