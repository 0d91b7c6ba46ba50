package models_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/keyset"
	"maitred/models/kind"
	"maitred/models/problem"
)

// aTown is a world of more than three pages of each kind, with many equal names.
func aTown(t testing.TB) *world {
	t.Helper()
	w := emptyWorld(t)
	random := rand.New(rand.NewPCG(1, 2))
	names := []string{"Demon Dogs", "Ace Hardware", "ace hardware", "Ács", "Zoë's", "zoe's", "漢"}
	for i := range 160 {
		name := names[random.IntN(len(names))]
		key := w.addPlace(name, fmt.Sprintf("%d %s Street", random.IntN(3), name))
		if i%5 == 0 {
			continue
		}
		w.open(&models.Restaurant{PlaceID: key, ServesHotDogs: random.IntN(2) == 0, ServesPizza: random.IntN(3) == 0})
		for range random.IntN(4) {
			w.hire(key, names[random.IntN(len(names))])
		}
	}
	return w
}

func TestARowOfAListShowsWhatItIsRelatedTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, sort := range []string{"", "sort=-restaurant", "q=o"} {
		for _, p := range pages(w, models.Places, sort) {
			w.same("whether "+p.Name+" is free", []bool{p.Free(), p.Restaurant == nil}, []bool{p.ID == aceHardware, p.ID == aceHardware})
			w.same("its address", p.Address, map[int64]string{demonDogs: "944 W. Fullerton", aceHardware: "1013 N. Ashland"}[p.ID])
			if p.Restaurant != nil && (!p.Restaurant.ServesHotDogs || p.Restaurant.WaiterCount != 1) {
				t.Errorf("the restaurant of a row is %+v", p.Restaurant)
			}
		}
	}
	for _, sort := range []string{"", "sort=-waiters", "sort=address", "place__name__contains=D"} {
		r := pages(w, models.Restaurants, sort)[0]
		w.same("a row of restaurants", []any{r.Place.Name, r.Place.Address, r.ServesHotDogs, r.ServesPizza, r.WaiterCount},
			[]any{"Demon Dogs", "944 W. Fullerton", true, false, int64(1)})
	}
	for _, sort := range []string{"", "sort=-restaurant", "q=joe"} {
		waiter := pages(w, models.Waiters, sort)[0]
		w.same("a row of waiters", []any{waiter.Name, waiter.RestaurantID, waiter.Restaurant.Place.Name}, []any{"Joe", int64(demonDogs), "Demon Dogs"})
	}
}

func TestTheFirstFewOfAListSayWhetherThereAreMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q, err := kind.ParseQuery(w.places, nil)
	w.must(err)
	for limit, more := range map[int]bool{1: true, 2: false, 3: false} {
		rows, is, err := models.Places.First(ctx, w.Store, q, limit)
		w.must(err)
		w.same("the first of two places", []any{len(rows), rows[0].Name, is}, []any{min(limit, 2), "Ace Hardware", more})
	}
	n, err := kind.Count(ctx, w.Store, w.places)
	w.must(err)
	w.same("the number of places", n, int64(2))
}

func TestAFilteredListIsCountedUpToTheLimitAndSaysSo(t *testing.T) {
	repeats(t)
	t.Parallel()
	w := emptyWorld(t)
	w.addStreetOf(kind.CountLimit + 1)
	for address, want := range map[string][]any{
		"":              {int64(kind.CountLimit + 1), false},
		"q=place":       {int64(kind.CountLimit), true},
		"exclude__pk=1": {int64(kind.CountLimit), false},
	} {
		l, err := list(w, models.Places, address)
		w.must(err)
		w.same("the count of "+address, []any{l.Count, l.More}, want)
	}
}

// addStreetOf adds places, all in one street, as one change.
func (w *world) addStreetOf(n int) {
	w.t.Helper()
	var op change.Create
	for i := range n {
		p := &models.Place{Name: fmt.Sprintf("Place %d", i), Address: "9 Long Street"}
		w.must(kind.Check(w.Store, p))
		op.Records = append(op.Records, change.Record{Model: p})
	}
	c, err := change.Commit(ctx, w.Store, op, change.Form{})
	w.must(err)
	w.same("the rows of the change", c.RowCount, int64(n))
}

func TestThePositionOfAPageIsExactUpToTheLimit(t *testing.T) {
	repeats(t)
	t.Parallel()
	w := emptyWorld(t)
	w.addStreetOf(kind.CountLimit + 3*kind.PageSize)
	for _, address := range []string{"sort=name", "sort=-address", "exclude__pk=0&sort=name"} {
		var at []int64
		for mark := ""; ; {
			l, err := list(w, models.Places, address+"&after="+mark)
			w.must(err)
			if l.First != int64(len(at)*kind.PageSize+1) {
				t.Fatalf("page %d of %s begins at %d", len(at), address, l.First)
			}
			filtered := strings.Contains(address, "exclude")
			if about := l.First > kind.CountLimit || filtered; len(at) > 0 && l.About && !about {
				t.Errorf("the position %d of %s is not exact", l.First, address)
			}
			at = append(at, l.First)
			if mark = l.After; mark == "" {
				break
			}
		}
		w.same("the pages of "+address, len(at), kind.CountLimit/kind.PageSize+3)
	}
	first, err := list(w, models.Places, "")
	w.must(err)
	middle := keyset.Mark{Value: first.Rows[len(first.Rows)-1].NameNorm, Key: first.Rows[len(first.Rows)-1].ID, Stood: 3 * kind.CountLimit}
	about, err := list(w, models.Places, "after="+middle.String())
	w.must(err)
	w.same("a position that was further in than there are rows", []any{about.First, about.About}, []any{int64(kind.CountLimit + 2*kind.PageSize + 1), true})
	counted, err := list(w, models.Places, "count=exact&after="+middle.String())
	w.must(err)
	w.same("counted exactly", []any{counted.First, counted.About}, []any{int64(kind.PageSize + 1), false})
	all, err := list(w, models.Places, "count=exact&exclude__pk=0")
	w.must(err)
	w.same("all that match, counted exactly", []any{all.Count, all.More}, []any{int64(kind.CountLimit + 3*kind.PageSize), false})
}

func TestTheRecordsOfOneParentAreCountedHoweverManyTheyAre(t *testing.T) {
	repeats(t)
	t.Parallel()
	w := newWorld(t)
	var op change.Create
	for i := range kind.CountLimit + kind.PageSize {
		waiter := &models.Waiter{Name: fmt.Sprintf("Waiter %05d", i), RestaurantID: demonDogs}
		w.must(kind.Check(w.Store, waiter))
		op.Records = append(op.Records, change.Record{Model: waiter})
	}
	_, err := change.Commit(ctx, w.Store, op, change.Form{})
	w.must(err)
	all := int64(kind.CountLimit + kind.PageSize + 1) // with Joe
	for _, address := range []string{"restaurant=1", "restaurant=1&sort=-name", "restaurant=1&sort=restaurant"} {
		first, err := list(w, models.Waiters, address)
		w.must(err)
		w.same("the first page of "+address, []any{first.Count, first.More, first.First}, []any{all, false, int64(1)})
		second, err := list(w, models.Waiters, address+"&after="+first.After)
		w.must(err)
		w.same("the second page", []any{second.First, second.About}, []any{int64(kind.PageSize + 1), false})
		last, err := list(w, models.Waiters, address+"&before=end")
		w.must(err)
		w.same("the last page", []any{last.First, last.About, last.After}, []any{all - kind.PageSize + 1, false, ""})
	}
	none, err := list(w, models.Waiters, "restaurant=99")
	w.must(err)
	w.same("of a restaurant that is not there", []any{none.Count, len(none.Rows)}, []any{int64(0), 0})
}

func TestAListCountsWhatMatchesUpToItsLimit(t *testing.T) {
	t.Parallel()
	w := aTown(t)
	all, err := list(w, models.Places, "")
	w.must(err)
	w.same("all places", []any{all.Count, all.More, all.Query.Filtered()}, []any{int64(160), false, false})
	some, err := list(w, models.Places, "restaurant__isnull=true")
	w.must(err)
	w.same("the free places", []any{some.Count, some.More, some.Query.Filtered()}, []any{int64(32), false, true})
}

func TestAListThatCannotBeReadIsABadRequestThatNamesWhatIsKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for address, words := range map[string]string{
		"sort=color":                       "The address asks to sort by “color”, but places can only be sorted by: name, address, restaurant.",
		"sort=-":                           "can only be sorted by: name",
		"sort=--name":                      "can only be sorted by: name",
		"sort=version":                     "can only be sorted by: name",
		"sort=name_norm":                   "can only be sorted by: name",
		"sort=%ff":                         "can only be sorted by: name",
		"sort=name;DROP":                   "",
		"after=garbage":                    "Start again from the first page",
		"before=garbage":                   "Start again from the first page",
		"after=W251bGwsMV0":                "Start again from the first page", // [null,1]
		"after=WyJhIiwxXQ&before=end":      "Start again from the first page",
		"sort=restaurant&after=WyJhIiwxXQ": "Start again from the first page", // ["a",1]
		"color=red":                        "places have no “color”",
	} {
		if words == "" {
			continue
		}
		_, err := list(w, models.Places, address)
		w.refused(err, problem.BadRequest, words)
	}
}

func TestASearchFindsRecordsInWhoseTextsAllWordsOccur(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.addRestaurant("Zoë's 100% Café", "7 W. Erie_Street")
	w.hire(key, "Straße")
	for search, want := range map[string][]string{
		"demon":                     {"Demon Dogs"},
		"DEMON":                     {"Demon Dogs"},
		"ogs":                       {"Demon Dogs"},
		"dogs demon":                {"Demon Dogs"},
		"demon 944":                 {"Demon Dogs"},
		"demon ashland":             nil,
		"zoe":                       {"Zoë's 100% Café"},
		"café":                     {"Zoë's 100% Café"},
		"00%":                       {"Zoë's 100% Café"},
		"%%%":                       nil,
		"erie_":                     {"Zoë's 100% Café"},
		"e_i":                       nil,
		"d":                         {"Demon Dogs"},
		"do":                        {"Demon Dogs"},
		"og":                        nil,
		" \t\n":                     {"Ace Hardware", "Demon Dogs", "Zoë's 100% Café"},
		"dem\x00on":                 nil,
		"'":                         nil,
		"w":                         {"Demon Dogs", "Zoë's 100% Café"},
		"😀":                         nil,
		"\xff":                      nil,
		"a b c d e f g h i j k l m": nil,
	} {
		w.same(fmt.Sprintf("places for %q", search), placesOf(w)("q="+url.QueryEscape(search)), want)
	}
	w.same("restaurants by their place", restaurantsOf(w)("q=fullerton"), []string{"Demon Dogs"})
	w.same("waiters by name", waitersOf(w)("q=STRASSE"), []string{"Straße"})
	w.same("waiters by their place", waitersOf(w)("q=joe+demon"), []string{"Joe"})
}

// No address is so long or so nested that the database gives up on it.
func TestAnAddressTheDatabaseCannotBearIsRefusedInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for what, address := range map[string]string{
		"a long way":        strings.Repeat("restaurant__place__", 2000) + "name=x",
		"a hundred steps":   strings.Repeat("restaurant__place__", 50) + "name=x",
		"many long ways":    strings.Repeat(strings.Repeat("restaurant__place__", 5)+"name=x&exclude__"+strings.Repeat("restaurant__place__", 5)+"name=x&", 25),
		"a long value":      "name__endswith=" + strings.Repeat("x", 1_000_000),
		"many values":       "id__in=0" + strings.Repeat(",0", 400_000),
		"many conditions":   strings.Repeat("name=x&", 51),
		"a long search":     "q=" + strings.Repeat("x", 1_000_000),
		"a search of words": "q=" + strings.Repeat("x+", 100_000),
	} {
		l, err := list(w, models.Places, address)
		if err != nil && !problem.Is(err, problem.BadRequest) {
			t.Errorf("%s: %.200v", what, err)
		}
		if err == nil && len(l.Rows) > 0 {
			t.Errorf("%s finds %d rows", what, len(l.Rows))
		}
	}
}
