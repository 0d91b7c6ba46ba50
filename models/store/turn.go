package store

import (
	"context"
	"sync/atomic"
	"time"

	"maitred/models/problem"
)

// maxWaiting bounds how many wait for their turn to write. Turns take about a millisecond, so the last of
// them is through in a tenth of a second, unless a long change is before them: then a few wait, and the
// many after them are told at once.
const maxWaiting = 64

// turn is whose turn it is to write.
//
// The pool would do as well, but gives its one connection to any of those who wait: of 32 who write
// without a break some wait five times as long as the others.
type turn struct {
	place   chan struct{} // holds whoever writes; the others are let in as they came
	waiting atomic.Int64
	times   atomic.Int64 // how often somebody had to wait
	waited  atomic.Int64 // and how long in all, in nanoseconds
}

func newTurn() *turn { return &turn{place: make(chan struct{}, 1)} }

// take waits for a turn as long as waiting does. Errors: Busy, also at once when too many wait already.
func (t *turn) take(ctx, waiting context.Context) (leave func(), err error) {
	leave = func() { <-t.place }
	select {
	case t.place <- struct{}{}:
		return leave, nil
	default:
	}
	defer t.waiting.Add(-1)
	if t.waiting.Add(1) > maxWaiting {
		return nil, waitedTooLong(ctx)
	}
	defer StepAside(ctx)()
	begun := time.Now()
	defer func() {
		t.times.Add(1)
		t.waited.Add(int64(time.Since(begun)))
	}()
	select {
	case t.place <- struct{}{}:
		return leave, nil
	case <-waiting.Done():
		return nil, waitedTooLong(ctx)
	}
}

// waitedTooLong is the answer to who waited for another change longer than is bearable, or than
// the request's own context.
func waitedTooLong(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return problem.New(problem.Busy, stillSaving)
}

// asideKey is under what a context carries how its request steps aside.
type asideKey struct{}

// WithAside returns a context for a request that holds a place which others wait for. aside gives the
// place up, and what it returns takes it again, without waiting.
func WithAside(ctx context.Context, aside func() (back func())) context.Context {
	return context.WithValue(ctx, asideKey{}, aside)
}

// StepAside lets a request give up its place among those that are worked on while it waits for
// something that only one or two are given at a time: others can go on meanwhile. When back is called,
// it goes on, and nobody else is let in for it.
func StepAside(ctx context.Context) (back func()) {
	if aside, ok := ctx.Value(asideKey{}).(func() func()); ok {
		return aside()
	}
	return func() {}
}
