package handlers

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// noted are names in the order in which they were noted, by many at once.
type noted struct {
	mu    sync.Mutex
	names []string
}

func (n *noted) add(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.names = append(n.names, name)
}

func (n *noted) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.names)
}

// comes waits in line, and notes its name when it is let in, or that it was not.
func comes(ctx context.Context, q *queue, name string, in, out *noted) {
	go func() {
		if q.enter(ctx) {
			in.add(name)
		} else {
			out.add(name)
		}
	}()
	synctest.Wait()
}

func TestWhoWaitsIsLetInInTheOrderInWhichTheyCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{atOnce: 2}
		var in, out noted
		for _, name := range []string{"Ann", "Ben", "Cleo", "Dan", "Eve"} {
			comes(t.Context(), q, name, &in, &out)
		}
		for _, want := range []string{"Cleo", "Dan", "Eve"} {
			q.leave()
			synctest.Wait()
			if last := in.all()[len(in.all())-1]; last != want {
				t.Errorf("%s is let in before %s", last, want)
			}
		}
		q.leave()
		q.leave()
		if inside, waiting := q.lengths(); inside != 0 || waiting != 0 || len(in.all()) != 5 || len(out.all()) != 0 {
			t.Errorf("%v were let in, %v not; %d are inside and %d wait", in.all(), out.all(), inside, waiting)
		}
	})
}

func TestWhoWaitedTooLongIsRefusedAndWhoComesToAFullQueueAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{atOnce: 1}
		var in, out noted
		comes(t.Context(), q, "Ann", &in, &out)
		came := time.Now()
		for range maxQueue {
			comes(t.Context(), q, "somebody", &in, &out)
		}
		if len(out.all()) != 0 {
			t.Fatalf("%d are refused before the queue is full", len(out.all()))
		}
		comes(t.Context(), q, "Zoe", &in, &out)
		if !slices.Equal(out.all(), []string{"Zoe"}) {
			t.Fatalf("refused at once are %v", out.all())
		}
		for _, after := range []struct {
			wait  time.Duration
			still int
		}{{queueWait, 1}, {nextWait, 0}} { // the one who is next waits longer
			wait, still := after.wait, after.still
			time.Sleep(wait - time.Since(came))
			synctest.Wait()
			if _, waiting := q.lengths(); waiting != still || len(out.all()) != 1+maxQueue-still || len(in.all()) != 1 {
				t.Errorf("after %v %d still wait, %d are refused, %d let in", wait, waiting, len(out.all()), len(in.all()))
			}
		}
		q.leave()
		comes(t.Context(), q, "Ben", &in, &out)
		if !slices.Equal(in.all(), []string{"Ann", "Ben"}) {
			t.Errorf("let in are %v", in.all())
		}
	})
}

func TestWhoGoesAwayLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{atOnce: 1}
		var in, out noted
		comes(t.Context(), q, "Ann", &in, &out)
		impatient, goAway := context.WithCancel(t.Context())
		comes(impatient, q, "Ben", &in, &out)
		comes(t.Context(), q, "Cleo", &in, &out)
		goAway()
		synctest.Wait()
		if _, waiting := q.lengths(); waiting != 1 || !slices.Equal(out.all(), []string{"Ben"}) {
			t.Errorf("%d wait, and %v went", waiting, out.all())
		}
		q.leave()
		synctest.Wait()
		if inside, _ := q.lengths(); inside != 1 || !slices.Equal(in.all(), []string{"Ann", "Cleo"}) {
			t.Errorf("let in are %v, inside are %d", in.all(), inside)
		}
	})
}

func TestWhoStepsAsideLetsTheNextInAndComesBackWithoutWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{atOnce: 1}
		var in, out noted
		comes(t.Context(), q, "Ann", &in, &out)
		ann := &place{queue: q}
		comes(t.Context(), q, "Ben", &in, &out)
		back := ann.stepAside()
		synctest.Wait()
		if !slices.Equal(in.all(), []string{"Ann", "Ben"}) {
			t.Fatalf("let in are %v", in.all())
		}
		ann.stepAside()() // who is aside already is no further aside
		back()
		back()
		if inside, _ := q.lengths(); inside != 2 {
			t.Errorf("inside are %d", inside)
		}
		comes(t.Context(), q, "Cleo", &in, &out)
		q.leave() // Ben; Ann is still there
		synctest.Wait()
		if len(in.all()) != 2 {
			t.Errorf("let in are %v, with nobody gone but who came in for Ann", in.all())
		}
		ann.leave()
		ann.leave()
		synctest.Wait()
		if inside, _ := q.lengths(); inside != 1 || len(in.all()) != 3 {
			t.Errorf("inside are %d, let in %v", inside, in.all())
		}
		ann.stepAside()() // what goes on after the answer needs no place
		if inside, _ := q.lengths(); inside != 1 {
			t.Errorf("inside are %d", inside)
		}
	})
}

// When it is known how fast those who wait are let in, who would wait in vain is told at once.
func TestWhoWouldWaitInVainIsRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{atOnce: 1}
		var in, out noted
		comes(t.Context(), q, "somebody", &in, &out)
		for range 100 { // each is worked on for a quarter of the time that anybody waits
			comes(t.Context(), q, "somebody", &in, &out)
			time.Sleep(queueWait / 4)
			q.leave()
			synctest.Wait()
		}
		for range 20 {
			comes(t.Context(), q, "crowd", &in, &out)
		}
		if _, waiting := q.lengths(); waiting < 4 || waiting > 6 || len(out.all()) != 20-waiting {
			t.Errorf("%d wait, and %d are refused", waiting, len(out.all()))
		}
		time.Sleep(nextWait)
		synctest.Wait()
	})
}
