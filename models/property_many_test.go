package models_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/problem"
)

// This file lets the people of the property test do things to many records at once.

// bulk is something done to many: to those with the keys, or to all there are.
type bulk struct {
	what, table string
	keys        []int64
	all         bool
	to          int64  // of a move
	hot, pizza  string // of a setting: "yes", "no" or ""
}

func (d *day) drawBulk(t *rapid.T) bulk {
	it := bulk{what: rapid.SampledFrom([]string{"delete", "move", "set"}).Draw(t, "what"), all: rapid.Bool().Draw(t, "all")}
	switch it.what {
	case "delete":
		it.table = rapid.SampledFrom([]string{"places", "restaurants", "waiters", "waiters"}).Draw(t, "table")
	case "move":
		it.table, it.to = "waiters", key(t, "to", d.restaurantsByKey)
	case "set":
		answers := rapid.SampledFrom([]string{"", "yes", "no"})
		it.table, it.hot, it.pizza = "restaurants", answers.Draw(t, "hot dogs"), answers.Draw(t, "pizza")
	}
	for range rapid.IntRange(0, 4).Draw(t, "ticked") {
		it.keys = append(it.keys, key(t, "key", d.rows(it.table)))
	}
	return it
}

func (d *day) bulkOperation(it bulk) change.Operation {
	k := map[string]*graph.Kind{"places": d.world.places, "restaurants": d.world.restaurants, "waiters": d.world.waiters}[it.table]
	of := change.Keys(k, it.keys)
	if it.all {
		of = d.world.all(k, "")
	}
	switch it.what {
	case "delete":
		return change.Delete{Kind: k, Of: of}
	case "move":
		return change.MoveMany{Kind: k, Of: of, To: it.to}
	}
	var answers []string
	for what, answer := range map[string]string{"hot dogs": it.hot, "pizza": it.pizza} {
		switch answer {
		case "yes":
			answers = append(answers, what)
		case "no":
			answers = append(answers, "no "+what)
		}
	}
	slices.Sort(answers)
	return d.world.setting(of, answers...)
}

// doToMany previews something done to many and does it at once.
func (d *day) doToMany(t *rapid.T) {
	it, token := d.drawBulk(t), d.token()
	op := d.bulkOperation(it)
	plan, err := change.Preview(ctx, d.Store, op)
	if d.bulkVerdict(it) != "" {
		refused(t, err, problem.Invalid)
		return
	}
	d.must(err)
	form := func() (*change.Change, error) {
		return change.Commit(ctx, d.Store, op, change.Form{Token: token, Fingerprint: plan.Fingerprint()})
	}
	d.same("how many are meant", plan.Of.Count, int64(len(d.meant(it))))
	if len(d.differing(it)) == 0 {
		if c, err := form(); c != nil || err != nil {
			t.Fatalf("%+v, where nothing is to be done, was answered %v, %v", it, c, err)
		}
		return
	}
	d.answer(t, form, "", func() int64 { return d.rememberBulk(it) })
}

// doToManyLater previews something done to many, lets other things happen, and then clicks.
func (d *day) doToManyLater(t *rapid.T) {
	it := d.drawBulk(t)
	if d.bulkVerdict(it) != "" || len(d.differing(it)) == 0 {
		t.Skip("nothing to be done from the start")
	}
	op := d.bulkOperation(it)
	plan, err := change.Preview(ctx, d.Store, op)
	d.must(err)
	shown := d.bulkSignature(it)
	for range rapid.IntRange(1, 3).Draw(t, "meanwhile") {
		rapid.SampledFrom([]func(*rapid.T){d.doIt, d.doToMany, d.hireSomeone, d.editWaiter, d.editPlace, d.editRestaurant, d.openRestaurant}).Draw(t, "it happens")(t)
	}
	d.agrees(t)
	token := d.token()
	form := func() (*change.Change, error) {
		return change.Commit(ctx, d.Store, op, change.Form{Token: token, Fingerprint: plan.Fingerprint()})
	}
	expected := d.bulkVerdict(it)
	if expected == "" && d.bulkSignature(it) == shown {
		d.answer(t, form, "", func() int64 { return d.rememberBulk(it) })
		return
	}
	var stale *change.Stale
	if _, err := form(); !errors.As(err, &stale) || (stale.Plan == nil) != (expected != "") {
		t.Fatalf("%+v, shown when it was %s, now %s, was answered %v", it, shown, d.bulkSignature(it), err)
	} else if len(stale.Since) == 0 {
		t.Errorf("%+v, shown when it was %s, now %s: nothing is said to have happened since", it, shown, d.bulkSignature(it))
	}
}

// meant are the records that something is done to, by name.
func (m *memory) meant(it bulk) (keys []int64) {
	for _, key := range keysOf(m.rows(it.table)) {
		if it.all || slices.Contains(it.keys, key) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b int64) int {
		return cmp.Or(strings.Compare(m.called(it.table, a), m.called(it.table, b)), cmp.Compare(a, b))
	})
	return keys
}

// called is the normalised name of a record; a restaurant has its place's.
func (m *memory) called(table string, key int64) string {
	if table == "waiters" {
		return strings.ToLower(m.waitersByKey[key].name)
	}
	return strings.ToLower(m.placesByKey[key].name)
}

// differing are those of the meant that are not yet as they are to be.
func (m *memory) differing(it bulk) []int64 {
	yes := map[bool]string{true: "yes", false: "no"}
	return slices.DeleteFunc(m.meant(it), func(key int64) bool {
		r := m.rows(it.table)[key]
		switch it.what {
		case "move":
			return r.restaurant == it.to
		case "set":
			return (it.hot == "" || it.hot == yes[r.hot]) && (it.pizza == "" || it.pizza == yes[r.pizza])
		}
		return false
	})
}

func (m *memory) bulkVerdict(it bulk) problem.Code {
	return invalidIf(len(m.meant(it)) == 0 || it.what == "move" && m.restaurantsByKey[it.to] == nil || it.what == "set" && it.hot+it.pizza == "")
}

// bulkSignature is what a person who was shown it has seen, each row by its version.
func (m *memory) bulkSignature(it bulk) string {
	seen := []string{}
	row := func(table string, key int64) {
		if r := m.rows(table)[key]; r != nil {
			seen = append(seen, fmt.Sprintf("%s %d v%d", table, key, r.version))
		}
	}
	for _, key := range keysOf(m.rows(it.table)) { // in an order that a name does not change
		if !slices.Contains(m.meant(it), key) {
			continue
		}
		row(it.table, key)
		if it.what == "delete" && it.table != "waiters" {
			row("restaurants", key)
			for _, waiter := range m.staff(key) {
				row("waiters", waiter)
			}
		}
	}
	named := m.differing(it)
	switch {
	case it.what == "delete":
		named = named[:min(len(named), change.Samples)]
	default:
		named = named[:min(len(named), 5)]
	}
	for _, key := range named {
		switch {
		case it.table == "restaurants":
			row("places", key)
		case it.what == "move":
			row("restaurants", m.waitersByKey[key].restaurant)
		}
	}
	if it.what == "move" {
		row("restaurants", it.to)
	}
	slices.Sort(seen)
	return strings.Join(slices.Compact(seen), ", ")
}

// rememberBulk does it and returns how many rows it writes.
func (m *memory) rememberBulk(it bulk) (rows int64) {
	for _, key := range m.differing(it) {
		r := m.rows(it.table)[key]
		switch it.what {
		case "delete":
			rows += m.forget(it.table, key)
			continue
		case "move":
			r.restaurant = it.to
		case "set":
			r.hot, r.pizza = it.hot == "yes" || it.hot == "" && r.hot, it.pizza == "yes" || it.pizza == "" && r.pizza
		}
		r.version = m.changes
		rows++
	}
	return rows
}
