package models_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"maitred/models"
	"maitred/models/kind"
)

func TestPagesVisitEveryRowOnceInOrderForwardAndBackward(t *testing.T) {
	repeats(t)
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
		first := int64(len(keys)) + 1
		if direction == "before" {
			first = l.Count - int64(len(keys)+len(page)) + 1
		}
		if l.First != first || l.About || l.More {
			t.Errorf("page %d says that it begins at %d of %d, want %d", turned, l.First, l.Count, first)
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

// inOrder is all keys of a table in an order.
func inOrder(w *world, table, path string, desc bool) []int64 {
	w.t.Helper()
	all := w.tables()
	return sortedBy{path: strings.Split(path, "__"), desc: desc}.of(all, table, keysOf(all[table]))
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

func TestAPageBeyondWhichNothingIsLeftIsEmpty(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	var keys []int64
	for i := range kind.PageSize + 1 {
		keys = append(keys, w.addPlace(fmt.Sprintf("Place %03d", i), "Street"))
	}
	first, err := list(w, models.Places, "")
	w.must(err)
	last, err := list(w, models.Places, "before=end")
	w.must(err)
	for _, key := range []int64{keys[0], keys[kind.PageSize]} {
		w.delete(w.places, key)
	}
	for _, address := range []string{"after=" + first.After, "before=" + last.Before} {
		l, err := list(w, models.Places, address)
		w.must(err)
		w.same("the page", []any{len(l.Rows), l.Before, l.After, l.Count}, []any{0, "", "", int64(kind.PageSize - 1)})
	}
}
