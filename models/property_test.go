package models_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
)

// TestWhateverPeopleDoTheTablesAgreeWithAModelInMemory lets people do anything in any order, wrong
// and outdated things among it. -rapid.checks and -rapid.steps make it longer.
func TestWhateverPeopleDoTheTablesAgreeWithAModelInMemory(t *testing.T) {
	repeats(t)
	t.Parallel()
	dir, run := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		d := &day{world: openWorld(t, filepath.Join(dir, fmt.Sprintf("%d.db", run))), memory: newMemory()}
		defer d.Close()
		t.Repeat(map[string]func(*rapid.T){
			"":                  d.agrees,
			"add a place":       d.addPlace,
			"open a restaurant": d.openRestaurant,
			"open both":         d.openBoth,
			"hire":              d.hireSomeone,
			"edit a place":      d.editPlace,
			"edit a restaurant": d.editRestaurant,
			"edit a waiter":     d.editWaiter,
			"do":                d.doIt,
			"do it later":       d.doItLater,
			"do to many":        d.doToMany,
			"do to many later":  d.doToManyLater,
			"send again":        d.sendAgain,
			"restart":           d.restart,
		})
	})
}

// day is one run: a real database beside its memory.
type day struct {
	*world
	*memory
	again func() (*change.Change, error) // sends the last form that was saved once more
	saved *change.Change
}

// agrees is checked after each step.
func (d *day) agrees(t *rapid.T) {
	d.world.t = t
	tables := d.world.tables()
	d.same("the tables", tables, d.memory.tables())
	for _, k := range d.Graph.Kinds() {
		n, err := kind.Count(ctx, d.Store, k)
		d.must(err)
		d.same("how many "+k.Plural()+" there are", n, int64(len(tables[k.Table])))
	}
	d.same("the number of changes", int64(d.world.changes()), d.memory.changes)
	d.mustBeSound()
}

// answer compares an answer with what memory expects: a problem, or a change of so many rows.
func (d *day) answer(t *rapid.T, form func() (*change.Change, error), expected problem.Code, rows func() int64) {
	t.Helper()
	c, err := form()
	if expected != "" {
		refused(t, err, expected)
		return
	}
	d.must(err)
	d.memory.changes++
	n := rows()
	d.keepPast()
	if c.RowCount != n || c.ID != d.memory.changes {
		t.Errorf("change %d wrote %d rows, want change %d with %d", c.ID, c.RowCount, d.memory.changes, n)
	}
	d.again, d.saved = form, c
}

var (
	names = rapid.SampledFrom([]string{"Demon Dogs", "Ace Hardware", "Joe", "joe", "Ann", "100%_'", " padded ", strings.Repeat("x", 50)})
	wrong = rapid.SampledFrom([]string{"", " ", "a\nb", "a\x00b", "\xff", strings.Repeat("x", 81)})
	text  = rapid.Custom(func(t *rapid.T) string {
		if rapid.IntRange(0, 9).Draw(t, "luck") == 0 {
			return wrong.Draw(t, "wrong text")
		}
		return names.Draw(t, "text")
	})
)

// key draws the key of a record that exists, or, seldom, of one that does not.
func key[V any](t *rapid.T, what string, rows map[int64]V) int64 {
	if len(rows) == 0 || rapid.IntRange(0, 9).Draw(t, "luck") == 0 {
		return rapid.Int64Range(-1, 20).Draw(t, what+" or none")
	}
	return rapid.SampledFrom(keysOf(rows)).Draw(t, what)
}

func isWrong(texts ...string) bool {
	for _, s := range texts {
		if strings.TrimSpace(s) == "" || strings.ContainsAny(s, "\n\x00") || !utf8.ValidString(s) || len(s) > 80 {
			return true
		}
	}
	return false
}

func (d *day) token() string { return fmt.Sprint("form ", d.memory.changes, " of this run") }

func (d *day) addPlace(t *rapid.T) {
	name, address, token := text.Draw(t, "name"), text.Draw(t, "address"), d.token()
	d.answer(t, func() (*change.Change, error) {
		return models.Places.Create(ctx, d.Store, token, &models.Place{Name: name, Address: address})
	}, invalidIf(isWrong(name, address)), func() int64 { return d.rememberPlace(name, address) })
}

func (d *day) openRestaurant(t *rapid.T) {
	at, hot, pizza, token := key(t, "place", d.placesByKey), rapid.Bool().Draw(t, "hot dogs"), rapid.Bool().Draw(t, "pizza"), d.token()
	refuse := d.placesByKey[at] == nil || d.restaurantsByKey[at] != nil
	d.answer(t, func() (*change.Change, error) {
		return models.Restaurants.Create(ctx, d.Store, token, &models.Restaurant{PlaceID: at, ServesHotDogs: hot, ServesPizza: pizza})
	}, invalidIf(refuse), func() int64 { return d.rememberRestaurant(at, hot, pizza) })
}

func (d *day) openBoth(t *rapid.T) {
	name, address, hot, token := text.Draw(t, "name"), text.Draw(t, "address"), rapid.Bool().Draw(t, "hot dogs"), d.token()
	d.answer(t, func() (*change.Change, error) {
		return models.OpenAtNewPlace(ctx, d.Store, token, &models.Place{Name: name, Address: address}, &models.Restaurant{ServesHotDogs: hot})
	}, invalidIf(isWrong(name, address)), func() int64 {
		return d.rememberPlace(name, address) + d.rememberRestaurant(d.lastPlace, hot, false)
	})
}

func (d *day) hireSomeone(t *rapid.T) {
	at, name, token := key(t, "restaurant", d.restaurantsByKey), text.Draw(t, "name"), d.token()
	d.answer(t, func() (*change.Change, error) {
		return models.Waiters.Create(ctx, d.Store, token, &models.Waiter{RestaurantID: at, Name: name})
	}, invalidIf(isWrong(name) || d.restaurantsByKey[at] == nil), func() int64 { return d.rememberWaiter(at, name) })
}

// deed is something that must be shown before it is done.
type deed struct {
	what, table string
	key, to     int64
	spared      string // of a deletion: the kind that moves there instead
}

func (d *day) drawDeed(t *rapid.T) deed {
	it := deed{what: rapid.SampledFrom([]string{"delete", "move", "swap", "copy"}).Draw(t, "what"), table: "restaurants"}
	switch {
	case it.what == "delete":
		it.table = rapid.SampledFrom([]string{"places", "restaurants", "waiters"}).Draw(t, "table")
		switch it.spared = rapid.SampledFrom([]string{"", "", "waiters", "restaurants"}).Draw(t, "spared"); {
		case it.table == "waiters", it.table == it.spared:
			it.spared = ""
		case it.spared == "waiters":
			it.to = key(t, "to", d.restaurantsByKey)
		case it.spared == "restaurants":
			it.to = key(t, "to", d.placesByKey)
		}
	case it.what == "move" && rapid.Bool().Draw(t, "a waiter"):
		it.table = "waiters"
		it.to = key(t, "to", d.restaurantsByKey)
	default:
		it.to = key(t, "to", d.placesByKey)
	}
	it.key = key(t, "key", d.rows(it.table))
	return it
}

func (d *day) operation(it deed) change.Operation {
	kinds := map[string]*graph.Kind{"places": d.world.places, "restaurants": d.world.restaurants, "waiters": d.world.waiters}
	k := kinds[it.table]
	switch it.what {
	case "delete":
		op := change.Delete{Kind: k, Key: it.key}
		if it.spared != "" {
			op.Spare = map[*graph.Kind]change.Spare{kinds[it.spared]: {To: it.to}}
		}
		return op
	case "copy":
		return change.Copy{Kind: k, Key: it.key, To: it.to}
	default:
		return change.Move{Kind: k, Key: it.key, To: it.to, Swap: it.what == "swap"}
	}
}

// doIt previews a deed and does it at once.
func (d *day) doIt(t *rapid.T) {
	it, token := d.drawDeed(t), d.token()
	op := d.operation(it)
	plan, err := change.Preview(ctx, d.Store, op)
	expected := d.verdict(it)
	if expected != "" {
		refused(t, err, expected)
		return
	}
	d.must(err)
	if _, err := change.Commit(ctx, d.Store, op, change.Form{Token: token}); !errors.Is(err, change.ErrUnseen) {
		t.Fatalf("%+v without a fingerprint was answered %v", it, err)
	}
	d.answer(t, func() (*change.Change, error) {
		return change.Commit(ctx, d.Store, op, change.Form{Token: token, Fingerprint: plan.Fingerprint()})
	}, "", func() int64 { return d.remember(it) })
	if n := plan.Total(); n != d.saved.RowCount {
		t.Errorf("%+v was shown as %d rows and wrote %d", it, n, d.saved.RowCount)
	}
}

// doItLater previews a deed, lets other things happen, and then clicks.
func (d *day) doItLater(t *rapid.T) {
	it := d.drawDeed(t)
	if d.verdict(it) != "" {
		t.Skip("impossible from the start")
	}
	op := d.operation(it)
	plan, err := change.Preview(ctx, d.Store, op)
	d.must(err)
	shown := d.signature(it)
	for range rapid.IntRange(1, 3).Draw(t, "meanwhile") {
		rapid.SampledFrom([]func(*rapid.T){d.doIt, d.hireSomeone, d.editWaiter, d.editPlace, d.editRestaurant, d.openRestaurant}).Draw(t, "it happens")(t)
	}
	d.agrees(t)

	token := d.token()
	form := func() (*change.Change, error) {
		return change.Commit(ctx, d.Store, op, change.Form{Token: token, Fingerprint: plan.Fingerprint()})
	}
	switch expected := d.verdict(it); {
	case expected == problem.NotFound:
		d.answer(t, form, problem.NotFound, nil)
	case expected == "" && d.signature(it) == shown:
		d.answer(t, form, "", func() int64 { return d.remember(it) })
	default:
		var stale *change.Stale
		if _, err := form(); !errors.As(err, &stale) || (stale.Plan == nil) != (expected == problem.Invalid) || expected != "" && !problem.Is(err, expected) {
			t.Fatalf("%+v, shown when it was %s, now %s, was answered %v", it, shown, d.signature(it), err)
		} else if len(stale.Since) == 0 {
			t.Errorf("%+v, shown when it was %s, now %s: nothing is said to have happened since", it, shown, d.signature(it))
		}
	}
}

func (d *day) sendAgain(t *rapid.T) {
	if d.again == nil {
		t.Skip("nothing was saved yet")
	}
	c, err := d.again()
	d.must(err)
	d.same("the second answer", c, d.saved)
}

func (d *day) restart(t *rapid.T) {
	if rapid.IntRange(0, 9).Draw(t, "luck") > 0 {
		t.Skip("seldom")
	}
	d.must(d.Close())
	d.world = openWorld(t, d.path)
}

func invalidIf(refuse bool) problem.Code {
	if refuse {
		return problem.Invalid
	}
	return ""
}
