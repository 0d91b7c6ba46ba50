package models_test

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// This file is the one-to-one rule as porcupine reads it: what each answer may be in a town whose
// people ask one after the other.

// cell is what people see of one place, with the changes that wrote it last.
type cell struct {
	place               int64 // the place's version; 0: there is no place
	restaurant, version int64 // who is there; 0: nobody
}

// thing is a place or a restaurant. Waiters always go with their restaurant.
type thing struct {
	at    int16 // of a restaurant the key of its place, of a place 1; 0: it is not there
	wrote int16 // the change that wrote it last, also when it is not there
}

// town is all places by their keys and all restaurants by who they are, how many of each there
// ever were, and which changes are taken back.
type town struct {
	places            [32]thing
	restaurants       [256]thing
	given, identities int64
	undone            [1024]bool
}

// verb is what people can ask for.
type verb string

const (
	moves   verb = "move"
	swaps   verb = "swap"
	deletes verb = "delete the restaurant"
	clears  verb = "delete the place"
	opens   verb = "open a restaurant"
	adds    verb = "add a place"
	undoes  verb = "undo"
	looks   verb = "look"
)

// call is what one person asks for: at one place or, with a second one, at both.
type call struct {
	verb     verb
	from, to int64
	saw      [2]cell // what was there when it was shown
	of       int64   // of undoes: the change
}

// answer is what the person got.
type answer struct {
	refused bool
	change  int64   // what did it
	given   int64   // the new restaurant's identity, or the new place's key
	saw     [2]cell // of look
}

// possible says whether what was seen can be done at all.
func (c call) possible() bool {
	from, to := c.saw[0], c.saw[1]
	switch c.verb {
	case moves:
		return from.restaurant != 0 && to.place != 0 && to.restaurant == 0
	case swaps:
		return from.restaurant != 0 && to.restaurant != 0 && c.from != c.to
	case deletes:
		return from.restaurant != 0
	case clears:
		return from.place != 0
	default:
		return false
	}
}

// written is what a change wrote of one thing: where it was, and where it is then.
type written struct {
	place       bool
	who         int64 // a place's key, or a restaurant's identity
	before, now int16
}

// deeds are what each change wrote, by its number: as every answer says which change it was, this is
// known before an order is looked for.
type deeds map[int64][]written

func deedsOf(history []porcupine.Operation) deeds {
	all := deeds{}
	inOrder := slices.Clone(history)
	slices.SortFunc(inOrder, func(a, b porcupine.Operation) int {
		return cmp.Compare(a.Output.(answer).change, b.Output.(answer).change)
	})
	for _, o := range inOrder {
		c, a := o.Input.(call), o.Output.(answer)
		if a.change != 0 {
			all[a.change] = all.of(c, a)
		}
	}
	return all
}

func (all deeds) of(c call, a answer) (rows []written) {
	restaurant := func(who, before, now int64) {
		if who != 0 {
			rows = append(rows, written{who: who, before: int16(before), now: int16(now)})
		}
	}
	switch c.verb {
	case moves, swaps:
		restaurant(c.saw[0].restaurant, c.from, c.to)
		restaurant(c.saw[1].restaurant, c.to, c.from)
	case deletes, clears:
		restaurant(c.saw[0].restaurant, c.from, 0)
	case opens:
		restaurant(a.given, 0, c.from)
	case undoes:
		for _, r := range all[c.of] {
			rows = append(rows, written{r.place, r.who, r.now, r.before})
		}
	}
	switch c.verb {
	case clears:
		rows = append(rows, written{true, c.from, 1, 0})
	case adds:
		rows = append(rows, written{true, a.given, 0, 1})
	}
	return rows
}

// rules are what is known of all changes: what they wrote, and which of them undo which.
type rules struct {
	deeds
	undo map[int64]int64
}

func (t *town) thing(r written) *thing {
	if r.place {
		return &t.places[r.who]
	}
	return &t.restaurants[r.who]
}

// cell is what is to be seen at a place.
func (t *town) cell(key int64) (c cell) {
	if p := t.places[key]; p.at != 0 {
		c.place = int64(p.wrote)
	}
	for who, r := range t.restaurants[:t.identities+1] {
		if r.at == int16(key) && key != 0 {
			c.restaurant, c.version = int64(who), int64(r.wrote)
		}
	}
	return c
}

// does writes what a change wrote.
func (t *town) does(rows []written, change int64) {
	for _, r := range rows {
		*t.thing(r) = thing{r.now, int16(change)}
	}
}

// sound is the one-to-one rule: every restaurant has a place, and a place has one at most.
func (t *town) sound() bool {
	var taken [len(t.places)]bool
	for _, r := range t.restaurants[:t.identities+1] {
		if r.at != 0 && (taken[r.at] || t.places[r.at].at == 0) {
			return false
		}
		taken[r.at] = true
	}
	return true
}

// left says that a change holds and everything that it wrote is as it left it. What a later undo
// brought back to that counts as left, though it has another version.
func (r rules) left(t *town, change int64) bool {
	for _, row := range r.deeds[change] {
		now := t.thing(row)
		if _, undo := r.undo[int64(now.wrote)]; int64(now.wrote) != change && (!undo || now.at != row.now) {
			return false
		}
	}
	return !t.undone[change]
}

// after says whether an answer is right in this town, and returns the town as it is then. What was
// shown is done if, and only if, it is still as it was shown; a change is undone if, and only if,
// it is as it was left and what is then is sound.
func (r rules) after(t town, c call, a answer) (bool, town) {
	then := t
	then.does(r.deeds[a.change], a.change)
	now := [2]cell{t.cell(c.from), t.cell(c.to)}
	may := now == c.saw
	switch c.verb {
	case looks:
		return a.saw == now, t
	case adds:
		may = a.refused || a.given > t.given
		then.given = a.given
	case opens:
		may = now[0].place != 0 && now[0].restaurant == 0
		if !a.refused {
			if a.given <= t.identities {
				return false, t
			}
			then.identities = a.given
		}
	case undoes:
		back := t
		back.does(r.of(c, a), 1)
		may = r.left(&t, c.of) && back.sound()
		for of := c.of; of != 0; of = r.undo[of] {
			then.undone[of] = !t.undone[of]
		}
	}
	if a.refused {
		return !may, t
	}
	return may, then
}

// mustBeLinear looks for an order of all calls in which each answer is right.
func mustBeLinear(t *testing.T, first town, history []porcupine.Operation) {
	t.Helper()
	r := rules{deedsOf(history), map[int64]int64{}}
	did, refused := map[verb]int{}, map[verb]int{}
	for _, o := range history {
		c, a := o.Input.(call), o.Output.(answer)
		if a.refused {
			refused[c.verb]++
		} else {
			did[c.verb]++
		}
		if c.verb == undoes && a.change != 0 {
			r.undo[a.change] = c.of
		}
	}
	model := porcupine.Model{
		Init:              func() any { return first },
		Step:              func(state, c, a any) (bool, any) { return r.after(state.(town), c.(call), a.(answer)) },
		DescribeOperation: func(c, a any) string { return fmt.Sprintf("%+v: %+v", c, a) },
	}
	t.Logf("%d calls: done %v, refused %v", len(history), did, refused)
	for _, v := range []verb{opens, undoes} {
		if did[v] == 0 || refused[v] == 0 {
			t.Errorf("%s: nobody was in anybody's way", v)
		}
	}
	result, info := porcupine.CheckOperationsVerbose(model, history, time.Minute)
	if result == porcupine.Ok {
		return
	}
	picture := filepath.Join(t.ArtifactDir(), "history.html")
	err := porcupine.VisualizePath(model, info, picture)
	t.Errorf("there is no such order (%s); run with -artifacts to see the history in %s %v", result, picture, err)
}
