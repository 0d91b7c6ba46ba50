package models_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"maitred/models"
	"maitred/models/kind"
	"maitred/models/problem"
)

func TestAChangeThatFailsLeavesNoTrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, changes := w.tables(), w.changes()
	failure := errors.New("failure")
	err := w.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM waiters")
		return errors.Join(err, failure)
	})
	if !errors.Is(err, failure) {
		t.Errorf("the answer is %v", err)
	}
	w.mustBeAsBefore(before, changes)
}

func TestAChangeWaitsForTheOneBeforeItNoLongerThanItsRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.Change(ctx, func(context.Context, bun.Tx) error {
		hurried, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		_, err := models.Places.Create(hurried, w.Store, "", &models.Place{Name: "Name", Address: "Street"})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the answer is %v", err)
		}
		return nil
	}))
	w.same("the places", placesOf(w)(""), []string{"Ace Hardware", "Demon Dogs"})
}

func TestEveryoneReadsWhileAChangeIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	givenUp := errors.New("given up")
	err := w.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE places SET name = 'Half done'")
		w.must(err)
		w.same("the places", placesOf(w)(""), []string{"Ace Hardware", "Demon Dogs"})
		return givenUp
	})
	if !errors.Is(err, givenUp) {
		t.Errorf("the answer is %v", err)
	}
}

func TestWhatIsReadInOneMomentAgrees(t *testing.T) {
	t.Parallel()
	w, other := newWorld(t), emptyWorld(t)
	w.must(w.Moment(ctx, func(moment context.Context) error {
		before, err := kind.Count(moment, w.Store, w.places)
		w.must(err)
		w.addPlace("Meanwhile", "Street")
		after, err := kind.Count(moment, w.Store, w.places)
		w.must(err)
		w.same("the number of places seen before and after", []int64{before, after}, []int64{2, 2})
		elsewhere, err := kind.Count(moment, other.Store, other.places)
		w.must(err)
		w.same("the number of places in another database", elsewhere, int64(0))
		return nil
	}))
	w.same("the places afterwards", placesOf(w)(""), []string{"Ace Hardware", "Demon Dogs", "Meanwhile"})
}

func TestWhatTheDatabaseRefusesIsToldInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for statement, want := range map[string]struct {
		code  problem.Code
		words string
	}{
		"INSERT INTO restaurants (place_id, identity, version) VALUES (1, 9, 1)":                        {problem.Invalid, "taken"},
		"INSERT INTO waiters (id, restaurant_id, name, name_norm, version) VALUES (9, 99, 'x', 'x', 1)": {problem.Invalid, "no longer exists"},
		either("PRAGMA max_page_count = 1; INSERT INTO places (name, name_norm, address, address_norm, version) "+
			"SELECT 'x', '"+strings.Repeat("x", 100_000)+"', 'x', 'x', 1", "DO $$ BEGIN "+diskFull+"; END $$"): {problem.Full, "The disk is full. Nothing was saved"},
	} {
		err := w.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, statement)
			return err
		})
		w.refused(err, want.code, want.words)
	}
	w.same("the places that can still be read", placesOf(w)(""), []string{"Ace Hardware", "Demon Dogs"})
}

func TestAQuestionThatTakesTooLongIsStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hurried, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	started := time.Now()
	err := w.View(hurried, func(ctx context.Context, tx bun.Tx) error {
		var n int
		return tx.NewRaw("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n").Scan(ctx, &n)
	})
	if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
		t.Errorf("the answer is %v", err)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}
