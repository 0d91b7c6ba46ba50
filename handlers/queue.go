package handlers

import (
	"container/list"
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// A site to which more come than it can answer would answer all of them too late. So a number of
// requests is worked on at once, some wait a moment for a place among them, in the order in which they
// came, and the rest are told at once to come again.
//
// That is for a crowd. Where no more wait than are worked on, each of them is the next one or nearly so, and
// would rather wait for a slow search before them than be sent away.
const (
	maxQueue  = 256                    // who wait
	queueWait = 40 * time.Millisecond  // how long, in a crowd, so that who is refused knows within a tenth of a second
	nextWait  = 500 * time.Millisecond // how long who is next waits: after that a search is stopped
)

// queue is who is worked on, and who waits for that. Safe for any number of goroutines.
type queue struct {
	atOnce  int // how many are worked on; 0: as many as come
	refused atomic.Int64

	mu      sync.Mutex
	inside  int           // more than atOnce while some are back who had stepped aside
	waiting list.List     // of chan struct{}, each closed when its turn has come; the first came first
	pace    time.Duration // after which the next one of those who wait is let in, lately
	last    time.Time     // when one was
}

// enter waits for a place. It is false for who came in vain, or went away.
func (q *queue) enter(ctx context.Context) bool {
	q.mu.Lock()
	if q.inside < q.atOnce && q.waiting.Len() == 0 {
		q.inside++
		q.mu.Unlock()
		return true
	}
	n, wait := q.waiting.Len(), nextWait
	if n >= q.atOnce {
		wait = queueWait
		if n >= maxQueue || time.Duration(n)*q.pace > queueWait { // who would wait in vain need not wait
			q.mu.Unlock()
			return false
		}
	}
	if n == 0 {
		q.last = time.Now()
	}
	turn := make(chan struct{})
	mine := q.waiting.PushBack(turn)
	q.mu.Unlock()
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case <-turn:
		return true
	case <-late.C:
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-turn: // it came at the last moment
		return true
	default:
		q.waiting.Remove(mine)
		return false
	}
}

// leave gives up a place, to who waited longest.
func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.inside--
	for q.inside < q.atOnce && q.waiting.Len() > 0 {
		q.inside++
		close(q.waiting.Remove(q.waiting.Front()).(chan struct{}))
		now := time.Now()
		q.pace += (now.Sub(q.last) - q.pace) / 16
		q.last = now
	}
}

// back lets in who has stepped aside, whether there is a place or not: who goes on with a change that
// others wait for must not wait for them.
func (q *queue) back() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.inside++
}

// lengths are how many are worked on and how many wait.
func (q *queue) lengths() (inside, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.inside, q.waiting.Len()
}

// place is that of one request.
type place struct {
	queue *queue

	mu    sync.Mutex
	aside bool
	over  bool
}

// stepAside gives the place up for a while; see store.StepAside.
func (p *place) stepAside() (back func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.aside || p.over {
		return func() {}
	}
	p.aside = true
	p.queue.leave()
	return p.back
}

func (p *place) back() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.aside && !p.over { // what goes on after its request was answered needs no place
		p.aside = false
		p.queue.back()
	}
}

// leave gives the place up for good.
func (p *place) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over && !p.aside {
		p.queue.leave()
	}
	p.over = true
}
