package models_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/problem"
)

func TestADeletionShowsWhatGoesAtEveryLevelAndWhatStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hire(demonDogs, "Ann", "Zoë")

	w.same("what goes with the place", told(w.preview(change.Delete{Kind: w.places, Key: demonDogs})), []string{
		"deleted 1 places: Demon Dogs",
		"deleted 1 restaurants: Demon Dogs",
		"deleted 3 waiters: Ann Joe Zoë",
	})
	w.same("what goes with the restaurant", told(w.preview(change.Delete{Kind: w.restaurants, Key: demonDogs})), []string{
		"deleted 1 restaurants: Demon Dogs",
		"deleted 3 waiters: Ann Joe Zoë",
		"stays: the place Demon Dogs",
	})
	w.same("what goes with a waiter", told(w.preview(change.Delete{Kind: w.waiters, Key: joe})), []string{
		"deleted 1 waiters: Joe",
		"stays: the restaurant at Demon Dogs",
	})
	w.same("what goes with a free place", told(w.preview(change.Delete{Kind: w.places, Key: aceHardware})), []string{
		"deleted 1 places: Ace Hardware",
	})
}

// told is a plan as a preview tells it.
func told(p *change.Plan) (lines []string) {
	for _, s := range p.Steps {
		line := fmt.Sprintf("%s %d %s:", s.Effect, s.Count, s.Kind.Table)
		for _, i := range s.First {
			line += " " + i.Label
		}
		lines = append(lines, line)
	}
	for _, i := range p.Stays {
		lines = append(lines, "stays: "+change.Named(i.Kind, i.Label))
	}
	return lines
}

func TestAPreviewNamesTheFirstTwentyByNameAndCountsAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 24 {
		w.hire(demonDogs, fmt.Sprintf("Waiter %02d", 24-i))
	}
	p := w.preview(change.Delete{Kind: w.places, Key: demonDogs})
	waiters := p.StepOf("waiters", change.Deleted)
	w.same("the number of waiters that go", waiters.Count, int64(25))
	w.same("the number of rows that go", p.Total(), int64(27))
	w.same("the number of waiters named", len(waiters.First), change.Samples)
	w.same("the first two and the last", []string{waiters.First[0].Label, waiters.First[1].Label, waiters.First[19].Label},
		[]string{"Joe", "Waiter 01", "Waiter 19"})
}

func TestAPreviewWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, changes := w.tables(), w.changes()
	w.preview(change.Delete{Kind: w.places, Key: demonDogs})
	w.preview(change.Move{Kind: w.restaurants, Key: demonDogs, To: aceHardware})
	w.preview(change.Copy{Kind: w.restaurants, Key: demonDogs, To: aceHardware})
	w.mustBeAsBefore(before, changes)
}

func TestADeletionRecordsEveryRowThatWent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hire(demonDogs, "Ann")
	c := w.delete(w.places, demonDogs)

	rows, err := change.RowsOf(ctx, w.Store, c.ID, "", 0, 100)
	w.must(err)
	var went []string
	for _, r := range rows {
		went = append(went, fmt.Sprintf("%s %s %s", r.Effect(), r.Kind, r.Label))
	}
	w.same("what is recorded", went, []string{
		"deleted places Demon Dogs", "deleted restaurants Demon Dogs", "deleted waiters Joe", "deleted waiters Ann",
	})
	w.same("the change", []any{c.Operation, c.Kind, c.Key, c.RowCount}, []any{"delete", "places", int64(demonDogs), int64(4)})
	if c.ID != int64(w.changes()) {
		t.Errorf("the deletion is change %d of %d", c.ID, w.changes())
	}
}

func TestADeletionThatWasNotShownIsNotDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, changes := w.tables(), w.changes()
	for _, op := range []change.Operation{
		change.Delete{Kind: w.places, Key: demonDogs},
		change.Delete{Kind: w.waiters, Key: joe},
		change.Move{Kind: w.restaurants, Key: demonDogs, To: aceHardware},
		change.Copy{Kind: w.restaurants, Key: demonDogs, To: aceHardware},
	} {
		if _, err := change.Commit(ctx, w.Store, op, change.Form{Token: "any"}); !errors.Is(err, change.ErrUnseen) {
			t.Errorf("%T without a fingerprint answered %v", op, err)
		}
	}
	w.mustBeAsBefore(before, changes)
}

func TestWhatDoesNotExistCannotBeDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := change.Preview(ctx, w.Store, change.Delete{Kind: w.places, Key: nowhere})
	w.refused(err, problem.NotFound, "There is no such place")

	op := change.Delete{Kind: w.waiters, Key: joe}
	shown := w.preview(op)
	w.delete(w.waiters, joe)
	_, err = w.commit(op, shown)
	w.refused(err, problem.NotFound, "There is no such waiter")
}

// A trigger makes the database do less, or more, than was planned.
func TestAChangeThatWritesOtherRowsThanPlannedIsRolledBack(t *testing.T) {
	t.Parallel()
	for fault, op := range map[[3]string]func(w *world) change.Operation{
		{"BEFORE DELETE ON waiters", "old.name = 'Ann'", nothing}:                                                        deletionOfDemonDogs,
		{either("AFTER", "BEFORE") + " DELETE ON waiters", "old.name = 'Joe'", "DELETE FROM waiters WHERE name = 'Ann'"}: deletionOfDemonDogs,
		{"BEFORE INSERT ON change_rows", "new.label = 'Ann'", nothing}:                                                   deletionOfDemonDogs,
		{"BEFORE UPDATE ON waiters", "old.name = 'Ann'", nothing}:                                                        moveOfDemonDogs,
		{"BEFORE INSERT ON restaurants", "TRUE", nothing}:                                                                moveOfDemonDogs,
		{"BEFORE DELETE ON restaurants", "TRUE", nothing}:                                                                moveOfDemonDogs,
	} {
		t.Run(strings.Join(fault[:], " "), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.hire(demonDogs, "Ann")
			w.trigger("fault", fault[0], fault[1], fault[2])
			before, changes := w.tables(), w.changes()
			if _, err := w.commit(op(w), w.preview(op(w))); err == nil {
				t.Error("the change was done")
			}
			w.mustBeAsBefore(before, changes)
		})
	}
}

func deletionOfDemonDogs(w *world) change.Operation {
	return change.Delete{Kind: w.places, Key: demonDogs}
}

func moveOfDemonDogs(w *world) change.Operation {
	return change.Move{Kind: w.restaurants, Key: demonDogs, To: aceHardware}
}

func TestTheKeyOfADeletedRecordIsNeverGivenOutAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	last := w.addPlace("Last", "Street")
	w.open(&models.Restaurant{PlaceID: last})
	waiter := w.hire(last, "Zoë")
	identity := w.restaurant(last).Identity
	w.delete(w.places, last)

	next := w.addPlace("Next", "Street")
	w.open(&models.Restaurant{PlaceID: next})
	hired := w.hire(next, "Zoë")
	if next <= last || hired <= waiter || w.restaurant(next).Identity <= identity {
		t.Errorf("after place %d, restaurant %d and waiter %d were deleted came place %d, restaurant %d and waiter %d",
			last, identity, waiter, next, w.restaurant(next).Identity, hired)
	}
}
