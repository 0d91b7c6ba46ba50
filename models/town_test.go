package models_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// This file is the one-to-one rule as porcupine reads it: what each answer may be in a town whose
// people ask one after the other.

// cell is what there is at one place, with the changes that wrote it last.
type cell struct {
	place               int64 // the place's version; 0: there is no place
	restaurant, version int64 // who is there; 0: nobody
}

// town is all places by their keys, and how many keys and identities were given out.
type town struct {
	at                 [32]cell
	places, identities int64
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
	looks   verb = "look"
)

// call is what one person asks for: at one place or, with a second one, at both.
type call struct {
	verb     verb
	from, to int64
	saw      [2]cell // what was there when it was shown
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

// leaves is what is at the places after what was seen was done by this change.
func (c call) leaves(change int64) (from, to cell) {
	from, to = c.saw[0], c.saw[1]
	switch c.verb {
	case moves, swaps:
		from.restaurant, to.restaurant = to.restaurant, from.restaurant
		from.version, to.version = to.version, change
		if c.verb == swaps {
			from.version = change
		}
	case deletes:
		from.restaurant, from.version = 0, 0
	case clears:
		from = cell{}
	}
	// An undo would be one case more, here and in possible: it leaves what the undone change saw,
	// with its own change as the version of what it wrote.
	return from, to
}

// after says whether an answer is right in this town, and returns the town as it is then. What was
// shown is done if, and only if, it is still as it was shown.
func (t town) after(c call, a answer) (bool, town) {
	now := [2]cell{t.at[c.from], t.at[c.to]}
	switch c.verb {
	case looks:
		return a.saw == now, t
	case adds:
		if a.refused || a.given <= t.places {
			return false, t
		}
		t.places, t.at[a.given] = a.given, cell{place: a.change}
		return true, t
	case opens:
		free := now[0].place != 0 && now[0].restaurant == 0
		if a.refused || !free {
			return a.refused && !free, t
		}
		if a.given <= t.identities {
			return false, t
		}
		t.identities, t.at[c.from].restaurant, t.at[c.from].version = a.given, a.given, a.change
		return true, t
	default:
		if a.refused || now != c.saw {
			return a.refused && now != c.saw, t
		}
		t.at[c.from], t.at[c.to] = c.leaves(a.change)
		return true, t
	}
}

// mustBeLinear looks for an order of all calls in which each answer is right.
func mustBeLinear(t *testing.T, first town, history []porcupine.Operation) {
	t.Helper()
	model := porcupine.Model{
		Init:              func() any { return first },
		Step:              func(state, c, a any) (bool, any) { return state.(town).after(c.(call), a.(answer)) },
		DescribeOperation: func(c, a any) string { return fmt.Sprintf("%+v: %+v", c, a) },
	}
	done, refused := 0, 0
	for _, o := range history {
		if a := o.Output.(answer); a.change != 0 {
			done++
		} else if a.refused {
			refused++
		}
	}
	if t.Logf("%d calls, of which %d wrote and %d were refused", len(history), done, refused); done == 0 || refused == 0 {
		t.Error("nobody was in anybody's way")
	}
	result, info := porcupine.CheckOperationsVerbose(model, history, time.Minute)
	if result == porcupine.Ok {
		return
	}
	picture := filepath.Join(t.ArtifactDir(), "history.html")
	err := porcupine.VisualizePath(model, info, picture)
	t.Errorf("there is no such order (%s); run with -artifacts to see the history in %s %v", result, picture, err)
}
