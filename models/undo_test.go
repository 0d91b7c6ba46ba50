package models_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/problem"
)

// undo takes a change back as the Undo button does: at once, if all is as it was left.
func (w *world) undo(c *change.Change) *change.Change {
	w.t.Helper()
	done, err := change.Commit(ctx, w.Store, change.Undo{Change: c.ID}, change.Form{})
	w.must(err)
	return done
}

// withoutVersions is the tables as people know them.
func withoutVersions(all tables) tables {
	cut := tables{}
	for table, rows := range all {
		cut[table] = map[int64]row{}
		for key, r := range rows {
			cut[table][key] = row{}
			for column, v := range r {
				if column != "version" {
					cut[table][key][column] = v
				}
			}
		}
	}
	return cut
}

// ahead is how the rows of a preview are and will be, but for those that go.
func (w *world) ahead(op change.Operation) (rows []string) {
	w.t.Helper()
	for _, s := range w.preview(op).Steps {
		for _, r := range s.Ahead {
			rows = append(rows, w.spelled(r))
		}
	}
	slices.Sort(rows)
	return rows
}

// recorded is how a change recorded its rows, but for those that went; n says how many there must be.
func (w *world) recorded(c *change.Change, n int) (rows []string) {
	w.t.Helper()
	found, err := change.RowsOf(ctx, w.Store, c.ID, "", 0, 100)
	w.must(err)
	for _, r := range found {
		if r.Effect() != change.Deleted {
			rows = append(rows, w.spelled(r))
		}
	}
	w.same("how many rows it recorded", len(rows), n)
	slices.Sort(rows)
	return rows
}

// spelled is a recorded row without its versions.
func (w *world) spelled(r *change.Row) string {
	w.t.Helper()
	key := func(key *int64) int64 {
		if key == nil {
			return 0
		}
		return *key
	}
	return regexp.MustCompile(`"version": ?\d+`).ReplaceAllString(
		fmt.Sprint(r.Kind, " ", r.Identity, ": ", key(r.BeforeKey), " → ", key(r.AfterKey), " ", r.Label, ": ", r.Before, " → ", r.After), "")
}

func TestEveryChangeIsTakenBackAndDoneAgain(t *testing.T) {
	t.Parallel()
	const tacoHut = 3
	for name, deed := range map[string]func(w *world) *change.Change{
		"add a place":         func(w *world) *change.Change { w.addPlace("New", "Street"); return w.newest() },
		"open a restaurant":   func(w *world) *change.Change { return w.open(&models.Restaurant{PlaceID: aceHardware}) },
		"hire":                func(w *world) *change.Change { w.hire(demonDogs, "Ann"); return w.newest() },
		"rename":              func(w *world) *change.Change { return w.rename(demonDogs, "Žižkov Dogs") },
		"serve":               func(w *world) *change.Change { servePizza(w, demonDogs); return w.newest() },
		"move a restaurant":   func(w *world) *change.Change { return w.move(w.restaurants, demonDogs, aceHardware) },
		"move a waiter":       func(w *world) *change.Change { return w.move(w.waiters, joe, tacoHut) },
		"swap":                func(w *world) *change.Change { return w.swap(demonDogs, tacoHut) },
		"delete a place":      func(w *world) *change.Change { return w.delete(w.places, demonDogs) },
		"delete a restaurant": func(w *world) *change.Change { return w.delete(w.restaurants, demonDogs) },
		"delete a waiter":     func(w *world) *change.Change { return w.delete(w.waiters, joe) },
		"copy": func(w *world) *change.Change {
			return w.do(change.Copy{Kind: w.restaurants, Key: demonDogs, To: aceHardware})
		},
		"delete many": func(w *world) *change.Change {
			return w.do(change.Delete{Kind: w.places, Of: change.Keys(w.places, []int64{demonDogs, aceHardware, tacoHut})})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.addRestaurant("Taco Hut", "7 W. Erie")
			w.hire(tacoHut, "Tim", "Zoë")
			before := w.tables()
			done := deed(w)
			after := w.tables()

			ahead := w.ahead(change.Undo{Change: done.ID})
			undone := w.undo(done)
			w.same("what the preview said of the undo", ahead, w.recorded(undone, len(ahead)))
			w.same("the tables after the undo", withoutVersions(w.tables()), withoutVersions(before))
			w.same("how many rows it wrote", undone.RowCount, done.RowCount)
			w.same("what it says", undone.Sentence, "undid: “"+done.Sentence+"”")

			ahead = w.ahead(change.Undo{Change: undone.ID})
			redone := w.undo(undone)
			w.same("what the preview said of the undo of the undo", ahead, w.recorded(redone, len(ahead)))
			w.same("the tables after the undo of the undo", withoutVersions(w.tables()), withoutVersions(after))
			w.same("what it says", redone.Sentence, "did again: “"+done.Sentence+"”")

			w.undo(redone)
			w.same("the tables after three undos", withoutVersions(w.tables()), withoutVersions(before))
		})
	}
}

func TestWhatSomeoneWroteAgainByHandIsTheirs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.move(w.restaurants, demonDogs, aceHardware)
	w.move(w.restaurants, aceHardware, demonDogs)
	w.move(w.restaurants, demonDogs, aceHardware)
	before, changes := w.tables(), w.changes()
	if _, err := change.Commit(ctx, w.Store, change.Undo{Change: c.ID}, change.Form{}); !errors.Is(err, change.ErrUnseen) {
		t.Errorf("it was answered %v", err)
	}
	w.mustBeAsBefore(before, changes)
}

func TestTheSampleDataIsTakenBackAsOne(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	c, err := models.LoadSample(ctx, w.Store, "")
	w.must(err)
	full := w.tables()
	back := w.undo(c)
	w.same("the places left", len(w.tables()["places"]), 0)
	w.undo(back)
	w.same("the tables", withoutVersions(w.tables()), withoutVersions(full))
}

func TestChangesAreUndoneOneAfterAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.tables()
	var done []*change.Change
	do := func(c *change.Change) { done = append(done, c) }
	do(w.rename(demonDogs, "Cat Cats"))
	do(w.move(w.restaurants, demonDogs, aceHardware))
	w.hire(aceHardware, "Ann")
	do(w.newest())
	do(w.move(w.restaurants, aceHardware, demonDogs))
	do(w.rename(demonDogs, "Demon Dogs"))
	do(w.delete(w.places, aceHardware))
	do(w.delete(w.places, demonDogs))
	for i := len(done) - 1; i >= 0; i-- {
		w.undo(done[i])
	}
	w.same("the tables", withoutVersions(w.tables()), withoutVersions(before))
}

func TestAChangeIsUndoneOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.delete(w.places, demonDogs)
	back := w.undo(c)
	before, changes := w.tables(), w.changes()
	_, err := change.Commit(ctx, w.Store, change.Undo{Change: c.ID}, change.Form{})
	var undone *change.Undone
	if !errors.As(err, &undone) || undone.By != back.ID {
		t.Fatalf("the second undo was answered %v", err)
	}
	w.refused(err, problem.Conflict)
	w.mustBeAsBefore(before, changes)

	// When the undo is undone, the change holds again, and can be undone again.
	w.undo(back)
	w.undo(c)
}

// Above some ten thousand rows it is found in another way what happened to them since.
func TestALargeChangeIsTakenBackLikeASmallOne(t *testing.T) {
	t.Parallel()
	for name, places := range map[string]int64{"small": 100, "large": 3000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := emptyWorld(t)
			filled, err := models.Fill(ctx, w.Store, places, nil)
			w.must(err)
			if large := filled.RowCount > 10_000; large != (name == "large") {
				t.Fatalf("it wrote %d rows", filled.RowCount)
			}
			free := int64(w.count("SELECT min(id) FROM places WHERE restaurant_count = 0"))
			other := int64(w.count("SELECT max(id) FROM places WHERE restaurant_count = 0"))
			w.rename(free, "First Other Name")
			w.rename(free, "Other Name")
			w.undo(w.rename(other, "Name for a Moment"))
			gone := w.waiter(int64(w.count("SELECT min(id) FROM waiters")))
			gone.Name = "Other Waiter"
			_, err = models.Waiters.Update(ctx, w.Store, "", gone.ID, gone.Version, gone)
			w.must(err)
			w.delete(w.waiters, gone.ID)
			waiters := w.count("SELECT count(*) FROM waiters")

			p := w.preview(change.Undo{Change: filled.ID})
			w.same("what stays", cannot(p), []string{"changed place Other Name: changed the place First Other Name: name from “First Other Name” to “Other Name”"})
			w.same("how many rows go", p.Total(), filled.RowCount-2)
			w.same("how many stay", p.Back.Rest, int64(1))
			done, err := w.commit(change.Undo{Change: filled.ID}, p)
			w.must(err)
			w.same("how many rows went", done.RowCount, filled.RowCount-2)
			w.same("the places that are left", w.count("SELECT count(*) FROM places"), 1)
			w.undo(done)
			w.same("the waiters that are there again", w.count("SELECT count(*) FROM waiters"), waiters)
		})
	}
}

// cannot is what an undo leaves, in the words of a test: "changed places Demon Dogs".
func cannot(p *change.Plan) (said []string) {
	for _, l := range p.Back.Left {
		for _, r := range l.First {
			line := string(l.Why) + " " + l.Kind.Name + " " + r.Label
			if r.By != nil {
				line += ": " + r.By.Sentence
			}
			said = append(said, line)
		}
	}
	return said
}

// writes is what an undo would write: "created 1 place".
func writes(p *change.Plan) (said []string) {
	for _, s := range p.Steps {
		line := string(s.Effect) + " " + s.Kind.Counted(s.Count)
		if s.Later {
			line += " later"
		}
		said = append(said, line)
	}
	return said
}

func TestWhatSomeoneDidSinceIsKeptAndTold(t *testing.T) {
	t.Parallel()
	const tacoHut, ann = 3, 2
	for name, story := range map[string]struct {
		deed, since  func(w *world) *change.Change
		left, writes []string
		then         func(t *testing.T, w *world)
	}{
		"another column": {
			deed: func(w *world) *change.Change { return w.rename(demonDogs, "Cat Cats") },
			since: func(w *world) *change.Change {
				return w.edit(demonDogs, func(p *models.Place) { p.Address = "Elsewhere" })
			},
			left:   []string{"changed place Cat Cats: changed the place Cat Cats: address from “944 W. Fullerton” to “Elsewhere”"},
			writes: []string{"changed 1 place"},
			then: func(t *testing.T, w *world) {
				p := w.place(demonDogs)
				same(t, "the place", []string{p.Name, p.NameNorm, p.Address, p.AddressNorm}, []string{"Demon Dogs", "demon dogs", "Elsewhere", "elsewhere"})
			},
		},
		"the same column": {
			deed:  func(w *world) *change.Change { return w.rename(demonDogs, "Cat Cats") },
			since: func(w *world) *change.Change { return w.rename(demonDogs, "CAT CATS") },
			left:  []string{"changed place CAT CATS: changed the place Cat Cats: name from “Cat Cats” to “CAT CATS”"},
		},
		"what was added was renamed": {
			deed:  func(w *world) *change.Change { w.hire(demonDogs, "Ann"); return w.newest() },
			since: func(w *world) *change.Change { renameWaiter(w, ann, "Anna"); return w.newest() },
			left:  []string{"changed waiter Anna: changed the waiter Ann: name from “Ann” to “Anna”"},
		},
		"what was added has more on it": {
			deed:   func(w *world) *change.Change { w.addPlace("New", "Street"); return w.newest() },
			since:  func(w *world) *change.Change { w.open(&models.Restaurant{PlaceID: 4}); w.hire(4, "Ann"); return nil },
			writes: []string{"deleted 1 place", "deleted 1 restaurant later", "deleted 1 waiter later"},
		},
		"an older record came to what was added": {
			deed: func(w *world) *change.Change { return w.open(&models.Restaurant{PlaceID: aceHardware}) },
			since: func(w *world) *change.Change {
				w.hire(aceHardware, "Ann")
				return w.move(w.waiters, joe, aceHardware)
			},
			left: []string{"needed restaurant Ace Hardware"},
		},
		"an older restaurant came to a place that was added": {
			deed: func(w *world) *change.Change { w.addPlace("New", "Street"); return w.newest() },
			since: func(w *world) *change.Change {
				return w.move(w.restaurants, demonDogs, 4)
			},
			left: []string{"needed place New"},
		},
		"what was changed is deleted": {
			deed:  func(w *world) *change.Change { return w.rename(demonDogs, "Cat Cats") },
			since: func(w *world) *change.Change { return w.delete(w.places, demonDogs) },
			left:  []string{"gone place Cat Cats: deleted the place Cat Cats with 1 restaurant and 1 waiter"},
		},
		"the seat is taken": {
			deed:  func(w *world) *change.Change { return w.delete(w.restaurants, demonDogs) },
			since: func(w *world) *change.Change { return w.open(&models.Restaurant{PlaceID: demonDogs}) },
			left:  []string{"taken restaurant Demon Dogs: added the restaurant at Demon Dogs", "orphan waiter Joe"},
		},
		"the place is gone": {
			deed:  func(w *world) *change.Change { return w.delete(w.restaurants, demonDogs) },
			since: func(w *world) *change.Change { return w.delete(w.places, demonDogs) },
			left:  []string{"orphan restaurant Demon Dogs: deleted the place Demon Dogs", "orphan waiter Joe"},
		},
		"the restaurant of a waiter moved": {
			deed:   func(w *world) *change.Change { return w.delete(w.waiters, joe) },
			since:  func(w *world) *change.Change { return w.move(w.restaurants, demonDogs, aceHardware) },
			writes: []string{"created 1 waiter"},
			then: func(t *testing.T, w *world) {
				same(t, "where Joe works", w.waiter(joe).RestaurantID, int64(aceHardware))
			},
		},
		"the restaurant of a waiter moved, and another one is there": {
			deed: func(w *world) *change.Change { return w.delete(w.waiters, joe) },
			since: func(w *world) *change.Change {
				w.move(w.restaurants, demonDogs, aceHardware)
				return w.move(w.restaurants, tacoHut, demonDogs)
			},
			writes: []string{"created 1 waiter"},
			then: func(t *testing.T, w *world) {
				same(t, "where Joe works", w.waiter(joe).RestaurantID, int64(aceHardware))
			},
		},
		"someone was hired after a move": {
			deed:   func(w *world) *change.Change { return w.move(w.restaurants, demonDogs, aceHardware) },
			since:  func(w *world) *change.Change { w.hire(aceHardware, "Ann"); return nil },
			writes: []string{"changed 1 restaurant", "changed 1 waiter", "changed 1 waiter later"},
			then: func(t *testing.T, w *world) {
				same(t, "where Joe and Ann work", []int64{w.waiter(joe).RestaurantID, w.waiter(ann).RestaurantID}, []int64{demonDogs, demonDogs})
			},
		},
		"a waiter left after a move": {
			deed:   func(w *world) *change.Change { return w.move(w.restaurants, demonDogs, aceHardware) },
			since:  func(w *world) *change.Change { return w.move(w.waiters, joe, tacoHut) },
			left:   []string{"changed waiter Joe: moved the waiter Joe from Ace Hardware to Taco Hut"},
			writes: []string{"changed 1 restaurant"},
			then: func(t *testing.T, w *world) {
				same(t, "where Joe works", w.waiter(joe).RestaurantID, int64(tacoHut))
			},
		},
		"the old place is taken after a move": {
			deed:  func(w *world) *change.Change { return w.move(w.restaurants, demonDogs, aceHardware) },
			since: func(w *world) *change.Change { return w.move(w.restaurants, tacoHut, demonDogs) },
			left:  []string{"taken restaurant Ace Hardware: moved the restaurant from Taco Hut to Demon Dogs"},
		},
		"a part of what was added is gone": {
			deed: func(w *world) *change.Change {
				c, err := models.OpenAtNewPlace(ctx, w.Store, "", &models.Place{Name: "New", Address: "Street"}, &models.Restaurant{})
				w.must(err)
				return c
			},
			since:  func(w *world) *change.Change { return w.delete(w.restaurants, 4) },
			writes: []string{"deleted 1 place"},
			then: func(t *testing.T, w *world) {
				_, err := change.Preview(ctx, w.Store, change.Undo{Change: w.newest().Undoes})
				w.refused(err, problem.Conflict, "undone already")
			},
		},
		"it was changed and changed back": {
			deed:   func(w *world) *change.Change { return w.rename(demonDogs, "Cat Cats") },
			since:  func(w *world) *change.Change { w.rename(demonDogs, "Dog Dogs"); return w.rename(demonDogs, "Cat Cats") },
			left:   []string{"changed place Cat Cats: changed the place Dog Dogs: name from “Dog Dogs” to “Cat Cats”"},
			writes: []string{"changed 1 place"},
			then: func(t *testing.T, w *world) {
				same(t, "the name", w.place(demonDogs).Name, "Demon Dogs")
			},
		},
		"the restaurant that a waiter came from is gone": {
			deed:  func(w *world) *change.Change { return w.move(w.waiters, joe, tacoHut) },
			since: func(w *world) *change.Change { return w.delete(w.restaurants, demonDogs) },
			left:  []string{"orphan waiter Joe: deleted the restaurant at Demon Dogs"},
		},
		"the restaurant that a waiter went to moved on": {
			deed:   func(w *world) *change.Change { return w.move(w.waiters, joe, tacoHut) },
			since:  func(w *world) *change.Change { return w.move(w.restaurants, tacoHut, aceHardware) },
			left:   []string{"changed waiter Joe: moved the restaurant, with its 1 waiter, from Taco Hut to Ace Hardware"},
			writes: []string{"changed 1 waiter"},
			then: func(t *testing.T, w *world) {
				same(t, "where Joe works", w.waiter(joe).RestaurantID, int64(demonDogs))
			},
		},
		"a waiter changed sides after a swap": {
			deed:  func(w *world) *change.Change { return w.swap(demonDogs, tacoHut) },
			since: func(w *world) *change.Change { return w.move(w.waiters, joe, demonDogs) },
			left:  []string{"changed waiter Joe: moved the waiter Joe from Taco Hut to Demon Dogs"},
			// Joe stays with the restaurant that he went to, which goes back to Taco Hut.
			writes: []string{"changed 2 restaurants", "changed 1 waiter"},
			then: func(t *testing.T, w *world) {
				same(t, "where Joe works", w.waiter(joe).RestaurantID, int64(tacoHut))
			},
		},
		"an older record came to what was built on top": {
			deed: func(w *world) *change.Change { w.addPlace("New", "Street"); return w.newest() },
			since: func(w *world) *change.Change {
				w.open(&models.Restaurant{PlaceID: 4})
				return w.move(w.waiters, joe, 4)
			},
			left: []string{"needed place New"},
		},
		"the restaurant moved on": {
			deed:  func(w *world) *change.Change { return w.move(w.restaurants, demonDogs, aceHardware) },
			since: func(w *world) *change.Change { return w.move(w.restaurants, aceHardware, w.addPlace("Third", "3")) },
			left: []string{
				"changed restaurant Third: moved the restaurant, with its 1 waiter, from Ace Hardware to Third",
				"changed waiter Joe: moved the restaurant, with its 1 waiter, from Ace Hardware to Third",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.addRestaurant("Taco Hut", "7 W. Erie")
			c := story.deed(w)
			story.since(w)
			before, changes := w.tables(), w.changes()

			op := change.Undo{Change: c.ID}
			if _, err := change.Commit(ctx, w.Store, op, change.Form{}); !errors.Is(err, change.ErrUnseen) && story.then == nil {
				t.Errorf("without being seen it was answered %v", err)
			} else if errors.Is(err, change.ErrUnseen) {
				w.mustBeAsBefore(before, changes)
				plan := w.preview(op)
				w.same("what is left", cannot(plan), story.left)
				w.same("what is written", writes(plan), story.writes)
				done, err := w.commit(op, plan)
				w.must(err)
				if (done == nil) != (story.writes == nil) {
					t.Errorf("it did %v", done)
				}
				w.same("what is written, counted", w.changes()-changes, min(1, len(story.writes)))
			}
			if story.then != nil {
				story.then(t, w)
			} else if story.writes == nil {
				w.mustBeAsBefore(before, changes)
			}
		})
	}
}

// edit changes a place.
func (w *world) edit(key int64, how func(*models.Place)) *change.Change {
	w.t.Helper()
	p := w.place(key)
	how(p)
	c, err := models.Places.Update(ctx, w.Store, "", key, p.Version, p)
	w.must(err)
	return c
}

// newest is the last change.
func (w *world) newest() *change.Change {
	w.t.Helper()
	list, _, err := change.List(ctx, w.Store, change.Query{}, 1)
	w.must(err)
	c, err := change.Find(ctx, w.Store, list[0].ID)
	w.must(err)
	return c
}

func TestADeletedRestaurantComesBackAtAnotherPlaceWhenItsOwnIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.delete(w.restaurants, demonDogs)
	w.open(&models.Restaurant{PlaceID: demonDogs, ServesPizza: true})

	elsewhere := func(to int64) change.Undo {
		return change.Undo{Change: c.ID, Elsewhere: map[string]map[int64]int64{"restaurants": {1: to}}}
	}
	_, err := change.Preview(ctx, w.Store, elsewhere(nowhere))
	w.refused(err, problem.Invalid, "place_id: That place does not exist")
	_, err = change.Preview(ctx, w.Store, elsewhere(demonDogs))
	w.refused(err, problem.Invalid, "place_id: Demon Dogs already has a restaurant")

	plan := w.preview(elsewhere(aceHardware))
	w.same("what is written", writes(plan), []string{"created 1 restaurant", "created 1 waiter"})
	w.same("what is left", cannot(plan), []string(nil))
	done, err := w.commit(elsewhere(aceHardware), plan)
	w.must(err)
	w.same("where Joe works", w.waiter(joe).RestaurantID, int64(aceHardware))
	rows, err := change.RowsOf(ctx, w.Store, done.ID, "", 0, 1)
	w.must(err)
	w.same("what the restaurant is called there", rows[0].Label, "Ace Hardware")
	w.same("what it serves", []bool{w.restaurant(aceHardware).ServesHotDogs, w.restaurant(demonDogs).ServesPizza}, []bool{true, true})
	w.same("its history", history(w, models.Restaurants, aceHardware), []string{
		"undid: “deleted the restaurant at Demon Dogs with 1 waiter”", "deleted the restaurant at Demon Dogs with 1 waiter", "added the restaurant at Demon Dogs",
	})
	w.undo(done)
}

func TestAMoveBackToATakenPlaceSwapsOnRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const tacoHut = 3
	w.addRestaurant("Taco Hut", "7 W. Erie")
	w.hire(tacoHut, "Tim")
	c := w.move(w.restaurants, demonDogs, aceHardware)
	w.move(w.restaurants, tacoHut, demonDogs)

	op := change.Undo{Change: c.ID, Swap: true}
	plan := w.preview(op)
	w.same("what is written", writes(plan), []string{"changed 1 restaurant", "changed 1 restaurant later", "changed 1 waiter", "changed 1 waiter later"})
	done, err := w.commit(op, plan)
	w.must(err)
	w.same("where Joe and Tim work", []int64{w.waiter(1).RestaurantID, w.waiter(2).RestaurantID}, []int64{demonDogs, aceHardware})
	w.undo(done)
	w.same("where Joe and Tim work", []int64{w.waiter(1).RestaurantID, w.waiter(2).RestaurantID}, []int64{aceHardware, demonDogs})
}

func TestWhatCouldNotComeBackComesBackLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const tacoHut = 3
	w.addRestaurant("Taco Hut", "7 W. Erie")
	before := w.tables()
	c := w.do(change.Delete{Kind: w.restaurants, Of: change.Keys(w.restaurants, []int64{demonDogs, tacoHut})})
	newcomer := w.open(&models.Restaurant{PlaceID: demonDogs})

	part := w.do(change.Undo{Change: c.ID})
	w.same("what it says", part.Sentence, "undid in part: “deleted 2 restaurants with 1 waiter”")
	w.same("the rows it wrote", part.RowCount, int64(1))
	w.undo(newcomer)
	_, err := change.Commit(ctx, w.Store, change.Undo{Change: c.ID}, change.Form{})
	if !errors.Is(err, change.ErrUnseen) {
		t.Fatalf("the rest, unseen, was answered %v", err)
	}
	rest := w.do(change.Undo{Change: c.ID})
	w.same("the rows of the rest", rest.RowCount, int64(2))
	w.same("the tables", withoutVersions(w.tables()), withoutVersions(before))
	_, err = change.Preview(ctx, w.Store, change.Undo{Change: c.ID})
	var undone *change.Undone
	if !errors.As(err, &undone) {
		t.Fatalf("all is back, and another undo was answered %v", err)
	}
}

func TestAnUndoThatChangedSinceItWasShownIsNotDone(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(w *world){
		"the seat is taken":    func(w *world) { w.open(&models.Restaurant{PlaceID: demonDogs}) },
		"the place is deleted": func(w *world) { w.delete(w.places, demonDogs) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.delete(w.restaurants, demonDogs)
			op := change.Undo{Change: c.ID}
			shown := w.preview(op)
			meanwhile(w)
			before, changes := w.tables(), w.changes()
			_, err := w.commit(op, shown)
			var stale *change.Stale
			if !errors.As(err, &stale) {
				t.Fatalf("it was answered %v", err)
			}
			w.mustBeAsBefore(before, changes)
		})
	}
}

func TestWhatWasDeletedTwiceComesBackByTheLastUndoOnly(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]struct {
		last    func(w *world, again *change.Change)
		waiters int // afterwards
	}{
		"gone":       {func(*world, *change.Change) {}, 1},
		"back again": {func(w *world, again *change.Change) { w.undo(again) }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.hire(demonDogs, "Ann")
			both := w.do(change.Delete{Kind: w.waiters, Of: change.Keys(w.waiters, []int64{joe, joe + 1})})
			back := w.undo(both)
			again := w.delete(w.waiters, joe)
			w.do(change.Undo{Change: back.ID}) // Ann is gone again, and so is Joe, by a change of his own
			story.last(w, again)

			plan := w.preview(change.Undo{Change: both.ID})
			w.same("what is written", writes(plan), []string{"created 1 waiter"})
			_, err := w.commit(change.Undo{Change: both.ID}, plan)
			w.must(err)
			w.same("the number of waiters", len(w.tables()["waiters"]), story.waiters)
		})
	}
}

func TestTwoRestaurantsCannotComeBackAtOnePlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	third := w.addRestaurant("Third", "3 Third St")
	c := w.do(change.Delete{Kind: w.restaurants, Of: change.Keys(w.restaurants, []int64{demonDogs, third})})
	for _, place := range []int64{demonDogs, third} {
		w.open(&models.Restaurant{PlaceID: place})
	}
	_, err := change.Preview(ctx, w.Store, change.Undo{Change: c.ID, Elsewhere: map[string]map[int64]int64{"restaurants": {1: aceHardware, 2: aceHardware}}})
	w.refused(err, problem.Invalid, "place_id: Ace Hardware already has a restaurant, or gets one with this")
}

func TestWhatIsKeptIsPartOfWhatWasShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hire(demonDogs, "Ann", "Zoë")
	both := w.do(change.Delete{Kind: w.waiters, Of: change.Keys(w.waiters, []int64{joe + 1, joe + 2})})
	back := w.undo(both)
	renameWaiter(w, joe+1, "Anna")
	op := change.Undo{Change: back.ID}
	shown := w.preview(op)
	w.same("what is left", cannot(shown), []string{"changed waiter Anna: changed the waiter Ann: name from “Ann” to “Anna”"})
	renameWaiter(w, joe+1, "Annie")
	var stale *change.Stale
	if _, err := w.commit(op, shown); !errors.As(err, &stale) {
		t.Fatalf("what is kept was changed once more, and it was answered %v", err)
	}

	// Done in part, the first undo still holds: Anna is back by it.
	w.do(op)
	_, err := change.Preview(ctx, w.Store, change.Undo{Change: both.ID})
	var undone *change.Undone
	if !errors.As(err, &undone) || undone.By != back.ID {
		t.Errorf("the first change is said to be %v", err)
	}
}
