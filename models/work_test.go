package models_test

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/check"
	"maitred/models/problem"
	"maitred/models/store"
)

// many is one more waiter than a change can delete, with place and restaurant, while people wait.
const many = change.Long - 1

// start begins an operation whose plan was shown, as the form with this token.
func (w *world) start(ctx context.Context, op change.Operation, token string) (*change.Change, *store.Work) {
	w.t.Helper()
	done, work, err := change.Start(ctx, w.Store, op, change.Form{Token: token, Fingerprint: w.preview(op).Fingerprint()})
	w.must(err)
	return done, work
}

// end waits until work is over and returns why nothing was done.
func (w *world) end(work *store.Work) error {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if over, err := work.Ended(); over {
			return err
		}
	}
	w.t.Fatalf("the work does not end")
	return nil
}

// earlier is the change of the form with this token.
func (w *world) earlier(token string) *change.Change {
	w.t.Helper()
	c, err := change.Earlier(ctx, w.Store, token)
	w.must(err)
	return c
}

func TestAChangeOfTenThousandRowsIsAnsweredWhenItIsDone(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, many-2) // with Joe, the restaurant and the place
	done, work := w.start(ctx, deletionOfDemonDogs(w), "form")
	if work != nil || done == nil || done.RowCount != change.Long {
		t.Errorf("answered with %+v and the work %v", done, work)
	}
	w.same("the change of the form", w.earlier("form"), done)
}

func TestALargerChangeGoesOnWhenNobodyWaitsForItAnyMore(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, many)
	before, changes := w.tables(), w.changes()
	g := w.holds(t, "")
	request, closeTab := context.WithCancel(ctx)
	done, work := w.start(request, deletionOfDemonDogs(w), "form")
	if done != nil || work == nil {
		t.Fatalf("answered with the change %v and the work %v", done, work)
	}
	closeTab()
	w.same("what is said of it", []any{work.ID, work.Actor, work.Sentence, work.Total},
		[]any{"form", "Someone", "deleted the place Demon Dogs with 1 restaurant and 10,000 waiters", int64(many + 3)})

	<-g.reached // all but the place are gone
	if rows, _ := work.Progress(); rows != work.Total-1 {
		t.Errorf("%d of %d rows are written", rows, work.Total)
	}
	if w.working("form") != work || w.working("another") != nil {
		t.Errorf("the work is known as %v", w.working("form"))
	}
	if c := w.earlier("form"); c != nil {
		t.Errorf("the change %v is in history already", c)
	}
	w.mustBeAsBefore(before, changes) // everyone reads what was there before
	w.same("the waiters of the restaurant meanwhile", w.restaurant(demonDogs).WaiterCount, int64(many+1))

	g.letGo()
	w.must(w.end(work))
	done = w.earlier("form")
	if done == nil || done.RowCount != work.Total || done.Sentence != work.Sentence {
		t.Fatalf("the change is %+v", done)
	}
	w.same("what is left", placesOf(w)(""), []string{"Ace Hardware"})
	if w.working("form") != nil {
		t.Error("the work is still known")
	}
}

func TestWhatMustBeShownFirstOrFitsNoMoreDoesNotBegin(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, many)
	op := deletionOfDemonDogs(w)
	seen := w.preview(op).Fingerprint()
	w.hire(demonDogs, "Ann")
	before, changes := w.tables(), w.changes()
	_, work, err := change.Start(ctx, w.Store, op, change.Form{Token: "unseen"})
	if !errors.Is(err, change.ErrUnseen) || work != nil {
		t.Errorf("unseen it is answered with %v, %v", work, err)
	}
	_, work, err = change.Start(ctx, w.Store, op, change.Form{Token: "stale", Fingerprint: seen})
	var stale *change.Stale
	if !errors.As(err, &stale) || work != nil || len(stale.Since) != 1 {
		t.Errorf("stale it is answered with %v, %v", work, err)
	}
	_, work, err = change.Start(ctx, w.Store, change.Delete{Kind: w.places, Key: nowhere}, change.Form{Token: "gone", Fingerprint: seen})
	w.refused(err, problem.NotFound)
	for _, token := range []string{"unseen", "stale", "gone"} {
		if w.working(token) != nil || work != nil {
			t.Errorf("%s became work", token)
		}
	}
	w.mustBeAsBefore(before, changes)
}

func TestALongFormThatIsSentTwentyTimesAtOnceIsOneWork(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, many)
	changes := w.changes()
	g := w.holds(t, "")
	op := deletionOfDemonDogs(w)
	form := change.Form{Token: "impatient", Fingerprint: w.preview(op).Fingerprint()}
	var works [20]*store.Work
	atOnce(len(works), func(i int) {
		_, work, err := change.Start(ctx, w.Store, op, form)
		w.must(err)
		works[i] = work
	})
	for _, work := range works {
		if work == nil || work != works[0] {
			t.Errorf("one was led to %v, another to %v", work, works[0])
		}
	}
	g.letGo()
	w.must(w.end(works[0]))
	w.same("the number of changes", w.changes(), changes+1)
	done, work, err := change.Start(ctx, w.Store, op, form) // pressed once more
	w.must(err)
	if work != nil || done == nil || done.ID != w.earlier("impatient").ID {
		t.Errorf("later it is answered with %v, %v", done, work)
	}
}

func TestWorkWithoutATokenIsFoundByTheOneItWasGiven(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, many)
	_, work := w.start(ctx, deletionOfDemonDogs(w), "")
	w.must(w.end(work))
	if c := w.earlier(work.ID); work.ID == "" || c == nil || c.RowCount != work.Total {
		t.Errorf("by %q the change %v is found", work.ID, c)
	}
}

func TestALongChangeThatFailsLeavesNothingTellsWhyAndCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, many)
	w.trigger("refused", "BEFORE DELETE ON places", "TRUE", refusing)
	before, changes := w.tables(), w.changes()
	_, work := w.start(ctx, deletionOfDemonDogs(w), "form")
	w.refused(w.end(work), problem.Invalid, "Nothing was saved")
	w.mustBeAsBefore(before, changes)
	_, err := w.working("form").Ended()
	w.refused(err, problem.Invalid)

	w.noTrigger("refused")
	_, work = w.start(ctx, deletionOfDemonDogs(w), "form")
	w.must(w.end(work))
	if w.working("form") != nil || w.earlier("form") == nil {
		t.Errorf("the work is still %v", w.working("form"))
	}
}

func TestOnlyTheLastFailuresStayKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	failure := errors.New("failure")
	for i := range 101 {
		work, err := w.Begin(ctx, fmt.Sprint(i), "", func(_ context.Context, _ bun.Tx, work *store.Work) error {
			return errors.Join(work.GoOn("Someone", "did it", 1), failure)
		})
		w.must(err)
		if err := w.end(work); !errors.Is(err, failure) {
			t.Errorf("it ended with %v", err)
		}
	}
	if !onServer && w.working("0") != nil || w.working("1") == nil || w.working("100") == nil {
		t.Error("not the last hundred are known")
	}
}

func TestWhoeverLeavesBeforeAnAnswerStopsWhatHasNotBegun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	request, leave := context.WithCancel(ctx)
	work, err := w.Begin(request, "form", "", func(ctx context.Context, _ bun.Tx, work *store.Work) error {
		leave()
		<-ctx.Done()
		return work.GoOn("Someone", "did it", 1)
	})
	if work != nil || !errors.Is(err, context.Canceled) || w.working("form") != nil {
		t.Errorf("answered with %v, %v", work, err)
	}
}

func TestAFaultInWorkIsAnErrorAndNotTheEndOfTheProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	work, err := w.Begin(ctx, "form", "", func(_ context.Context, _ bun.Tx, work *store.Work) error {
		w.must(work.GoOn("Someone", "did it", 1))
		panic("a fault of ours")
	})
	w.must(err)
	if err := w.end(work); err == nil || problem.Is(err, problem.Invalid) {
		t.Errorf("it ended with %v", err)
	}
	w.rename(demonDogs, "Still at work")
}

func TestWhoWritesWhileALongChangeIsWrittenWaitsAndIsToldSo(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, many)
	g := w.holds(t, "")
	_, work := w.start(ctx, deletionOfDemonDogs(w), "form")
	<-g.reached
	_, _, err := change.Start(ctx, w.Store, change.Delete{Kind: w.waiters, Key: joe}, change.Form{Token: "other", Fingerprint: "any"})
	w.refused(err, problem.Busy, "Nothing was done yet; please try again in a moment.")
	waiting := make(chan error)
	go func() {
		for {
			began := time.Now()
			_, err := models.Places.Create(ctx, w.Store, "", &models.Place{Name: "Taco Hut", Address: "7 W. Erie"})
			if problem.Is(err, problem.Busy) && time.Since(began) >= 10*time.Second {
				continue // on a slow machine nobody waits longer, and tries again
			}
			waiting <- err
			return
		}
	}()
	g.letGo()
	w.must(w.end(work))
	w.must(<-waiting)
	w.same("the places", placesOf(w)(""), []string{"Ace Hardware", "Taco Hut"})
}

func TestClosingTheStoreGivesUpWhatGoesOn(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, many)
	before, changes := w.tables(), w.changes()
	w.forever()
	g := w.holds(t, endless)
	_, work := w.start(ctx, deletionOfDemonDogs(w), "form")
	<-g.reached
	g.letGo()
	w.must(w.Close())
	if over, err := work.Ended(); !over || !errors.Is(err, context.Canceled) {
		t.Errorf("the work is over: %v, %v", over, err)
	}
	_, _, err := change.Start(ctx, w.Store, deletionOfDemonDogs(w), change.Form{Token: "late"})
	w.refused(err, problem.Busy, "nothing was done")

	w.Store = openWorld(t, w.path).Store
	w.mustBeAsBefore(before, changes)
	if left := w.working("form"); (left != nil) != onServer || w.earlier("form") != nil { // a server's is for another instance
		t.Errorf("of the work is left %v", left)
	}
	w.noTrigger("held")
}

// A statement writes 50,000 rows.
func TestEveryPortionOfALargeChangeIsWritten(t *testing.T) {
	repeats(t)
	t.Parallel()
	if built, ok := debug.ReadBuildInfo(); ok && slices.Contains(built.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("with the race detector 150,000 rows take minutes, and one person writes them")
	}
	w := newCrowd(t, 50_000)
	for i, op := range []change.Operation{
		change.Move{Kind: w.restaurants, Key: demonDogs, To: aceHardware},
		change.Delete{Kind: w.restaurants, Key: aceHardware},
		change.Undo{Change: w.newest().ID + 2},
	} {
		_, work := w.start(ctx, op, fmt.Sprint(i))
		w.must(w.end(work))
		if rows, _ := work.Progress(); rows != 50_002 || work.Total != rows {
			t.Errorf("%s: %d of %d rows are said to be written", work.Sentence, rows, work.Total)
		}
	}
	w.same("the rows that are there", len(w.tables()["waiters"]), 50_001)
	report, err := check.Run(ctx, w.Store)
	w.must(err)
	if report.Count() > 0 {
		t.Errorf("a check finds\n%v", report)
	}
}
