package backup_test

import (
	"sync"
	"testing"
	"time"
)

// clock is one that a test moves. The backups wait on it, one wait at a time.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	until time.Time
	rings chan time.Time // nil: nobody waits
	idle  chan struct{}  // a word for each time that somebody begins to wait
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC), idle: make(chan struct{}, 100)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rings, c.until = make(chan time.Time, 1), c.now.Add(d)
	c.idle <- struct{}{}
	return c.rings
}

// waits returns when the backups have nothing to do but to wait.
func (c *clock) waits(t *testing.T) {
	t.Helper()
	select {
	case <-c.idle:
	case <-time.After(time.Minute):
		t.Fatal("the backups do not come to rest")
	}
}

// move moves the clock, in steps no longer than the backups wait, and lets them do what is then to be done.
func (c *clock) move(t *testing.T, d time.Duration) {
	t.Helper()
	end := c.Now().Add(d)
	for {
		c.mu.Lock()
		rung := c.rings != nil && !c.until.After(end)
		if c.now = end; rung {
			if c.until.After(c.now.Add(-d)) {
				c.now = c.until
			}
			c.rings <- c.now
			c.rings = nil
		}
		c.mu.Unlock()
		if !rung {
			return
		}
		c.waits(t)
	}
}

// jump sets the clock without what happens in between, as a machine does that slept.
func (c *clock) jump(t *testing.T, d time.Duration) {
	t.Helper()
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.rings <- c.now
	c.rings = nil
	c.mu.Unlock()
	c.waits(t)
}
