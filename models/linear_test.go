package models_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/problem"
)

// This file lets many people at once move, swap, delete and open restaurants and undo what they or
// others did, and asks porcupine whether there is an order, one after the other, in which all of
// their answers are right.

// operation is how a verb is said to the models.
func (w *world) operation(c call) change.Operation {
	switch c.verb {
	case moves, swaps:
		return change.Move{Kind: w.restaurants, Key: c.from, To: c.to, Swap: c.verb == swaps}
	case deletes:
		return change.Delete{Kind: w.restaurants, Key: c.from}
	case clears:
		return change.Delete{Kind: w.places, Key: c.from}
	case undoes:
		return change.Undo{Change: c.of}
	default:
		return nil
	}
}

// streets are the keys of the places that there are or were, and what was done, for all people.
type streets struct {
	mu   sync.Mutex
	keys []int64
	done []made
}

// made is a change, and how many places it made; -1 if it deleted one.
type made struct{ change, places int64 }

func (s *streets) add(key int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = append(s.keys, key)
}

func (s *streets) note(m made) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = append(s.done, m)
}

// anyDone is one of the last six changes; none if there is none yet.
func (s *streets) anyDone(r *rand.Rand) (m made) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.done[max(0, len(s.done)-6):]; len(last) > 0 {
		m = last[r.IntN(len(last))]
	}
	return m
}

// any is one of the last five places; full says that there is no room in the town for more.
func (s *streets) any(r *rand.Rand) (key int64, full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.keys[max(0, len(s.keys)-5):]
	return last[r.IntN(len(last))], len(s.keys) > len(town{}.places)/2
}

// person does one thing after the other and notes when each began and ended.
type person struct {
	*world
	*rand.Rand
	*streets
	id      int
	start   time.Time
	history []porcupine.Operation
	pending []shown // what was shown and not yet done
}

// shown is what a page with a preview carries.
type shown struct {
	call
	fingerprint string
}

func (p *person) notes(c call, do func() answer) answer {
	began := time.Since(p.start)
	a := do()
	p.history = append(p.history, porcupine.Operation{ClientId: p.id, Input: c, Output: a, Call: began.Nanoseconds(), Return: time.Since(p.start).Nanoseconds()})
	return a
}

// acts does one thing of several.
func (p *person) acts() {
	verbs := []verb{moves, moves, moves, moves, moves, swaps, swaps, deletes, deletes, clears, clears, opens, opens, undoes, undoes, undoes, undoes, undoes, looks}
	c := call{verb: verbs[p.IntN(len(verbs))]}
	var full bool
	c.from, full = p.any(p.Rand)
	if c.verb == moves || c.verb == swaps {
		c.to, _ = p.any(p.Rand)
	}
	switch {
	case c.verb == looks, c.verb == clears && full:
		p.notes(call{verb: looks, from: c.from}, func() answer { return answer{saw: p.sees(ctx, c)} })
	case c.verb == opens:
		r := &models.Restaurant{PlaceID: c.from}
		a := p.notes(c, func() answer {
			done, err := models.Restaurants.Create(ctx, p.Store, "", r)
			return p.answered(opens, done, r.Identity, err)
		})
		if !a.refused {
			p.note(made{a.change, 0})
		}
	case c.verb == undoes:
		p.undoes(full)
	default:
		p.previews(c)
	}
	// Most go on at once; some let it lie, and press the button when others were there.
	for n := len(p.pending); n > 0 && (n > 3 || p.IntN(3) > 0); n-- {
		p.presses()
	}
}

// undoes presses the button beside a change.
func (p *person) undoes(full bool) {
	m := p.anyDone(p.Rand)
	if m.change == 0 || m.places > 0 && full {
		return
	}
	c := call{verb: undoes, of: m.change}
	a := p.notes(c, func() answer {
		done, err := change.Commit(ctx, p.Store, p.operation(c), change.Form{})
		return p.answered(undoes, done, 0, err)
	})
	if a.refused {
		return
	}
	p.note(made{a.change, -m.places})
	if m.places > 0 {
		p.adds()
	}
}

// previews looks at the places and at what would be done, in one moment.
func (p *person) previews(c call) {
	var plan *change.Plan
	var previewErr error
	seen := p.notes(call{verb: looks, from: c.from, to: c.to}, func() (a answer) {
		err := p.Moment(ctx, func(moment context.Context) error {
			a.saw = p.sees(moment, c)
			plan, previewErr = change.Preview(moment, p.Store, p.operation(c))
			return nil
		})
		if err != nil {
			p.t.Errorf("%v: %v", c, err)
		}
		return a
	})
	c.saw = seen.saw
	if possible := c.possible(); possible != (previewErr == nil) {
		p.t.Errorf("%v: the preview answers %v", c, previewErr)
	} else if possible {
		p.pending = append(p.pending, shown{c, plan.Fingerprint()})
	}
}

// presses does what was shown first of all that is not done.
func (p *person) presses() {
	s := p.pending[0]
	p.pending = p.pending[1:]
	a := p.notes(s.call, func() answer {
		done, err := change.Commit(ctx, p.Store, p.operation(s.call), change.Form{Fingerprint: s.fingerprint})
		return p.answered(s.verb, done, 0, err)
	})
	if a.refused {
		return
	}
	if s.verb == clears {
		p.note(made{a.change, -1})
		p.adds()
	} else {
		p.note(made{a.change, 0})
	}
}

// adds adds a place for one that was deleted.
func (p *person) adds() {
	place := &models.Place{Name: "New", Address: "Street"}
	a := p.notes(call{verb: adds}, func() answer {
		done, err := models.Places.Create(ctx, p.Store, "", place)
		return p.answered(adds, done, place.ID, err)
	})
	p.add(place.ID)
	p.note(made{a.change, 1})
}

// answered reads the answer. An undo that was not shown may only be refused because it has to be, or
// because it was done already.
func (p *person) answered(v verb, done *change.Change, given int64, err error) answer {
	var stale *change.Stale
	var undone *change.Undone
	var refusal *problem.Error
	refused := errors.As(err, &stale) || errors.As(err, &refusal)
	if v == undoes {
		refused = errors.As(err, &undone) || errors.Is(err, change.ErrUnseen)
	}
	if !refused && (err != nil || done == nil) {
		p.t.Errorf("%s: the answer is %v, %v", v, done, err)
		refused = true
	}
	if refused {
		return answer{refused: true}
	}
	return answer{change: done.ID, given: given}
}

// sees is what there is at the call's places.
func (p *person) sees(moment context.Context, c call) (saw [2]cell) {
	var err error
	for i, key := range []int64{c.from, c.to} {
		if saw[i], err = p.cell(moment, key); err != nil {
			p.t.Errorf("look at %d: %v", key, err)
		}
	}
	return saw
}

func (w *world) cell(ctx context.Context, key int64) (c cell, err error) {
	err = w.Moment(ctx, func(ctx context.Context) error {
		p, err := models.Places.Find(ctx, w.Store, key)
		if problem.Is(err, problem.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		c.place = p.Version
		if p.Restaurant != nil {
			c.restaurant, c.version = p.Restaurant.Identity, p.Restaurant.Version
		}
		return nil
	})
	return c, err
}

func TestWhatManyPeopleDoAtOnceCouldHaveHappenedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	var first town
	all := &streets{}
	for i := range 4 {
		key := w.addRestaurant(fmt.Sprint("Place ", i), "Street")
		w.hire(key, "Ann", "Joe")
		c, err := w.cell(ctx, key)
		w.must(err)
		all.add(key)
		first.places[key], first.given = thing{1, int16(c.place)}, key
		first.restaurants[c.restaurant], first.identities = thing{int16(key), int16(c.version)}, c.restaurant
	}
	people := make([]*person, 8)
	start := time.Now()
	for i := range people {
		people[i] = &person{world: w, Rand: rand.New(rand.NewPCG(uint64(i), 1)), streets: all, id: i, start: start}
	}
	atOnce(len(people), func(i int) {
		for range 100 {
			people[i].acts()
		}
	})
	var history []porcupine.Operation
	for _, p := range people {
		history = append(history, p.history...)
	}
	mustBeLinear(t, first, history)
}
