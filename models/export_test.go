package models_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"maitred/models"
	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/sheet"
)

// exported are the rows of a file, each with its cells in one line.
func (w *world) exported(k *graph.Kind, address string) (lines []string) {
	w.t.Helper()
	w.must(w.asks(k, address).Each(ctx, w.Store, kind.Fields(k), func(cells []sheet.Cell) error {
		lines = append(lines, lineOf(cells))
		return nil
	}))
	return lines
}

func lineOf(cells []sheet.Cell) string {
	var texts []string
	for _, c := range cells {
		if c.Kind == sheet.Number {
			c.Text = fmt.Sprint(c.Number)
		}
		texts = append(texts, c.Text)
	}
	return strings.Join(texts, ", ")
}

func (w *world) asks(k *graph.Kind, address string) kind.Query {
	w.t.Helper()
	values, err := url.ParseQuery(address)
	w.must(err)
	q, err := kind.ParseQuery(k, values)
	w.must(err)
	return q
}

// exportedKeys are the keys of all that a query finds, in the order of a file.
func (w *world) exportedKeys(k *graph.Kind, q kind.Query) (keys []int64) {
	w.t.Helper()
	w.must(q.Each(ctx, w.Store, kind.Fields(k)[:1], func(cells []sheet.Cell) error {
		keys = append(keys, cells[0].Number)
		return nil
	}))
	return keys
}

func TestAFileSaysOfEachRecordWhatPeopleKnowOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.same("the places", w.exported(w.places, ""), []string{"2, Ace Hardware, 1013 N. Ashland", "1, Demon Dogs, 944 W. Fullerton"})
	w.same("the restaurants", w.exported(w.restaurants, "sort=-waiters"), []string{"1, Demon Dogs, 944 W. Fullerton, yes, no, 1"})
	w.same("the waiters", w.exported(w.waiters, "q=joe&sort=restaurant"), []string{"1, Joe, 1, Demon Dogs, 944 W. Fullerton"})
	w.same("no waiters", w.exported(w.waiters, "q=nobody"), []string(nil))
}

func TestAFileHasTheRowsOfAllPagesInTheirOrder(t *testing.T) {
	repeats(t)
	t.Parallel()
	w := aTown(t)
	everyFile(t, w, models.Places)
	everyFile(t, w, models.Restaurants)
	everyFile(t, w, models.Waiters)
}

func everyFile[T any](t *testing.T, w *world, of kind.Of[T]) {
	k := of.Kind(w.Store)
	orders := []string{""}
	for _, s := range k.Sorts {
		orders = append(orders, s.Name, "-"+s.Name)
	}
	for _, order := range orders {
		for _, asked := range []string{"", "q=zo", "q=dogs+street", "exclude__pk=7", "pk__gt=100", "pk__in=3,5,9"} {
			address := asked + "&sort=" + order
			for _, along := range []bool{false, true} {
				q := w.asks(k, address)
				q.Along = along
				same(t, k.Table+" "+address, w.exportedKeys(k, q), walk(t, w, of, address, "after"))
			}
		}
	}
}

func TestAFileHasAllThatASearchFindsTheBestFirst(t *testing.T) {
	repeats(t)
	t.Parallel()
	w := emptyWorld(t)
	w.addStreetOf(kind.CountLimit + 20)
	best := w.addPlace("Long", "1 Road")
	for asked, want := range map[string]int{
		"q=long":                kind.CountLimit + 21,
		"q=long+street":         kind.CountLimit + 20,
		"q=long&exclude__pk=3":  kind.CountLimit + 20,
		"q=long&sort=-name":     kind.CountLimit + 21,
		"address__contains=Str": kind.CountLimit + 20,
	} {
		all := w.exportedKeys(w.places, w.asks(w.places, asked))
		var shown []int64
		for _, p := range firstPages(w, asked, 300) {
			shown = append(shown, p.ID)
		}
		if len(all) != want || !slices.Equal(all[:len(shown)], shown) {
			t.Errorf("of %s %d rows are exported, want %d which begin as the list does", asked, len(all), want)
		}
		if asked == "q=long" && all[0] != best {
			t.Errorf("the best one is %d", all[0])
		}
		slices.Sort(all)
		if len(slices.Compact(all)) != want {
			t.Errorf("of %s some rows are exported twice", asked)
		}
	}
}

// firstPages reads so many rows of a list of places.
func firstPages(w *world, address string, limit int) (rows []*models.Place) {
	w.t.Helper()
	for after := ""; len(rows) < limit; {
		l, err := list(w, models.Places, address+"&after="+after)
		w.must(err)
		rows, after = append(rows, l.Rows...), l.After
	}
	return rows
}

func TestAFileIsReadAsOfOneMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var lines []string
	w.must(w.asks(w.places, "sort=-name").Each(ctx, w.Store, kind.Fields(w.places), func(cells []sheet.Cell) error {
		if lines = append(lines, lineOf(cells)); len(lines) == 1 {
			w.rename(aceHardware, "Other")
			w.addPlace("A new one", "1")
		}
		return nil
	}))
	w.same("the places", lines, []string{"1, Demon Dogs, 944 W. Fullerton", "2, Ace Hardware, 1013 N. Ashland"})
}

func TestAFileThatCannotBeGoneOnWithIsGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	full := errors.New("no room")
	read := 0
	err := w.asks(w.places, "").Each(ctx, w.Store, kind.Fields(w.places), func([]sheet.Cell) error {
		read++
		return full
	})
	if !errors.Is(err, full) || read != 1 {
		t.Errorf("after %d rows: %v", read, err)
	}
	for _, asked := range []string{"name__contains=o", "q=a"} {
		err = w.asks(w.places, asked).Each(ctx, w.Within(time.Nanosecond), kind.Fields(w.places), func([]sheet.Cell) error { return nil })
		w.refused(err, problem.TooLong, "takes too long")
	}
}
