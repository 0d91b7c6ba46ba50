package models_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"maitred/models"
	"maitred/models/change"
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

func TestPagesVisitEveryRowOnceInOrderForwardAndBackward(t *testing.T) {
	t.Parallel()
	w := aTown(t)
	everySort(t, w, models.Places)
	everySort(t, w, models.Restaurants)
	everySort(t, w, models.Waiters)
}

func everySort[T any](t *testing.T, w *world, of kind.Of[T]) {
	k := of.Kind(w.Store)
	for _, sort := range k.Sorts {
		for _, sign := range []string{"", "-"} {
			t.Run(k.Table+" by "+sign+sort.Name, func(t *testing.T) {
				all := inOrder(w, k.Table, sort.Path, sign == "-")
				if len(all) <= 2*kind.PageSize {
					t.Fatalf("%d rows are too few for three pages", len(all))
				}
				for _, condition := range []string{"", "&exclude__pk=0"} { // filtered lists are read in another way
					address := "sort=" + sign + sort.Name + condition
					same(t, address+" forward", walk(t, w, of, address, "after"), all)
					same(t, address+" backward from the end", walk(t, w, of, address, "before"), all)
				}
			})
		}
	}
}

// walk turns all pages from the first on, or from the last back, and returns the keys in the order
// of the list. Every page but the last one must be full.
func walk[T any](t *testing.T, w *world, of kind.Of[T], address, direction string) (keys []int64) {
	t.Helper()
	mark := ""
	if direction == "before" {
		mark = "end"
	}
	for turned := 0; ; turned++ {
		l, err := list(w, of, address+"&"+direction+"="+mark)
		if err != nil {
			t.Fatal(err)
		}
		var page []int64
		for _, r := range l.Rows {
			page = append(page, keyOf(r))
		}
		back, next := l.Before, l.After
		if direction == "before" {
			keys, back, next = append(page, keys...), next, back
		} else {
			keys = append(keys, page...)
		}
		if (back == "") != (turned == 0) {
			t.Errorf("page %d says that there is a page before it: %v", turned, back != "")
		}
		if mark = next; mark == "" {
			return keys
		}
		if len(page) != kind.PageSize {
			t.Errorf("page %d has %d rows", turned, len(page))
		}
	}
}

// inOrder sorts the keys of a table in plain Go: by the column, bytewise, then by the key.
func inOrder(w *world, table, path string, desc bool) (keys []int64) {
	w.t.Helper()
	all := w.tables()
	for key := range all[table] {
		keys = append(keys, key)
	}
	words := strings.Split(path, "__")
	slices.SortFunc(keys, func(a, b int64) int {
		c := compare(sortValue(all, table, all[table][a], words), sortValue(all, table, all[table][b], words))
		if c == 0 {
			c = compare(a, b)
		}
		if desc {
			return -c
		}
		return c
	})
	return keys
}

func sortValue(all tables, table string, r row, words []string) any {
	if len(words) == 1 {
		if norm, ok := r[words[0]+"_norm"]; ok {
			return norm
		}
		return r[words[0]]
	}
	table, rows := related(all, table, r, words[0])
	if words[1] == "count" {
		return int64(len(rows))
	}
	return sortValue(all, table, rows[0], words[1:])
}

func compare(a, b any) int {
	if a, ok := a.(string); ok {
		return strings.Compare(a, b.(string))
	}
	return cmp.Compare(a.(int64), b.(int64))
}

func keyOf(record any) int64 {
	switch r := record.(type) {
	case *models.Place:
		return r.ID
	case *models.Restaurant:
		return r.PlaceID
	case *models.Waiter:
		return r.ID
	}
	panic("a kind without a key")
}

func TestNothingIsShownTwiceOrSkippedWhileOthersWrite(t *testing.T) {
	t.Parallel()
	w := aTown(t)
	stays := map[int64]bool{}
	for key := range w.tables()["places"] {
		stays[key] = key%7 != 0
	}
	random := rand.New(rand.NewPCG(3, 4))
	for _, address := range []string{"sort=name", "sort=-name", "sort=address", "sort=-restaurant"} {
		seen := map[int64]int{}
		for after := ""; ; {
			l, err := list(w, models.Places, address+"&after="+after)
			w.must(err)
			for _, p := range l.Rows {
				seen[p.ID]++
			}
			if after = l.After; after == "" {
				break
			}
			// The row that the mark was made from goes too.
			for _, p := range append(l.Rows[len(l.Rows)-1:], l.Rows[random.IntN(len(l.Rows))]) {
				if !stays[p.ID] && w.tables()["places"][p.ID] != nil {
					w.delete(w.places, p.ID)
				}
			}
			for _, name := range []string{"Aaa", "Demon Dogs", "Zzz"} {
				w.addPlace(name, "Street")
			}
		}
		for key, stay := range stays {
			if seen[key] > 1 || stay && seen[key] == 0 {
				t.Errorf("%s: place %d was shown %d times", address, key, seen[key])
			}
		}
	}
}

func TestAPageWhoseRowIsGoneStillKnowsItsPlaceInTheList(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	var keys []int64
	for i := range 2*kind.PageSize + 1 {
		keys = append(keys, w.addPlace(fmt.Sprintf("Place %03d", i), "Street"))
	}
	first, err := list(w, models.Places, "")
	w.must(err)
	w.delete(w.places, keys[kind.PageSize-1])
	second, err := list(w, models.Places, "after="+first.After)
	w.must(err)
	w.same("the first row of the second page", second.Rows[0].ID, keys[kind.PageSize])
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
	t.Parallel()
	w := emptyWorld(t)
	var op change.Create
	for i := range kind.CountLimit + 1 {
		p := &models.Place{Name: fmt.Sprintf("Place %d", i), Address: "Street"}
		w.must(kind.Check(w.Store, p))
		op.Records = append(op.Records, change.Record{Model: p})
	}
	c, err := change.Commit(ctx, w.Store, op, change.Form{})
	w.must(err)
	w.same("the rows of the change", c.RowCount, int64(kind.CountLimit+1))
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
