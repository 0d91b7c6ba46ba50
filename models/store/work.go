package store

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/uptrace/bun"

	"maitred/models/problem"
)

// Work is a change that takes long, while it is being written: how far it is and how it ended. With SQLite all
// of it is in memory only; what was done stands in the database, and work that is neither here nor
// there was never done. Of instances at a server each sees it (work_shared.go).
type Work struct {
	ID       string // the token of the form that asked for it
	User     int64  // the number of the person who asked for it; 0 where nobody signs in
	Actor    string
	Sentence string // what history will say, to be read after the actor's name
	Total    int64  // rows it will write

	done    atomic.Int64
	doing   atomic.Pointer[string]
	goesOn  bool          // outlives the request that began it
	decided chan struct{} // closed when that is known
	ended   chan struct{} // closed when it is over
	err     error         // why nothing was done; to be read when it is over

	letGo func() bool // of the request; false when the request is over already

	sent   string  // the form that asked for it
	shared *shared // where other instances see it; nil with SQLite
}

// GoOn lets the work outlive the request that began it. Errors: the request is over already.
func (w *Work) GoOn(actor, sentence string, total int64) error {
	if w.goesOn { // it is done again from the beginning
		w.done.Store(0)
		return nil
	}
	if !w.letGo() {
		return context.Canceled
	}
	w.Actor, w.Sentence, w.Total, w.goesOn = actor, sentence, total, true
	w.shared.begin(w)
	close(w.decided)
	return nil
}

// Did says that more rows were written. Like Doing it may be called without work to tell of.
func (w *Work) Did(rows int64) {
	if w != nil {
		w.done.Add(rows)
	}
}

// Doing says what is being done, as a whole sentence for people.
func (w *Work) Doing(sentence string) {
	if w != nil {
		w.doing.Store(&sentence)
	}
}

// Progress returns how many rows are written and what is being done, which may be "".
func (w *Work) Progress() (rows int64, doing string) {
	if s := w.doing.Load(); s != nil {
		doing = *s
	}
	return min(w.done.Load(), w.Total), doing
}

// Ended says whether the work is over, and why nothing was done if so.
func (w *Work) Ended() (over bool, err error) {
	select {
	case <-w.ended:
		return true, w.err
	default:
		return false, nil
	}
}

// works are the changes that are being written and the last ones that failed.
type works struct {
	ctx  context.Context // ends when the store closes
	stop context.CancelFunc
	wait sync.WaitGroup

	mu     sync.Mutex
	known  map[string]*Work // by ID
	failed []*Work          // oldest first
}

// keepFailed is how many works that failed stay known, so that their pages can tell.
const keepFailed = 100

func newWorks() *works {
	w := &works{known: map[string]*Work{}}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// Working returns the work with this ID, if it goes on or failed a while ago, whichever instance it is at; nil if not.
func (s *Store) Working(ctx context.Context, id string) (*Work, error) {
	if w := s.works.here(id); w != nil {
		return w, nil
	}
	return s.workElsewhere(ctx, id)
}

func (ws *works) here(id string) *Work {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	w := ws.known[id]
	if w == nil || !w.hasDecided() || !w.goesOn {
		return nil
	}
	return w
}

func (w *Work) hasDecided() bool {
	select {
	case <-w.decided:
		return true
	default:
		return false
	}
}

// Begin is like Change, but fn may let the work go on after the request; then Begin returns the
// work at once. Whoever begins work with the ID of one that goes on already is given that one. sent is the form that
// asked for it, with which another instance can begin it again.
func (s *Store) Begin(ctx context.Context, id, sent string, fn func(ctx context.Context, tx bun.Tx, w *Work) error) (*Work, error) {
	waiting, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	if w, err := s.goesOnElsewhere(ctx, id); w != nil || err != nil {
		return w, err
	}
	for {
		w, mine, err := s.works.enter(id, s.User)
		if err != nil {
			return nil, err
		}
		if mine {
			run, stop := context.WithCancel(context.WithoutCancel(ctx))
			w.letGo, w.sent = context.AfterFunc(ctx, stop), sent
			if s.onServer {
				w.shared = &shared{store: s}
			}
			go s.carryOut(run, waiting, stop, w, fn)
		}
		select {
		case <-w.decided:
		case <-waiting.Done():
			if !mine {
				return nil, waitedTooLong(ctx)
			}
			<-w.decided
		}
		if w.goesOn {
			return w, nil
		}
		if mine {
			<-w.ended
			if ctx.Err() != nil && w.err != nil {
				return nil, ctx.Err()
			}
			return nil, w.err
		}
	}
}

// carryOut does the work until it is done, or its context or that of the store ends.
func (s *Store) carryOut(ctx, waiting context.Context, stop context.CancelFunc, w *Work, fn func(ctx context.Context, tx bun.Tx, w *Work) error) {
	defer s.works.wait.Done()
	defer stop()
	defer context.AfterFunc(s.works.ctx, stop)()
	defer w.letGo()
	err := s.changeWithin(ctx, waiting, func(ctx context.Context, tx bun.Tx) (err error) {
		defer func() {
			if p := recover(); p != nil { // not in a request, where it would be caught
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		return fn(ctx, tx, w)
	})
	w.shared.end(w, err)
	s.works.leave(w, err)
	if w.goesOn {
		s.tell(w)
	}
}

// tell writes to the log how the work ended: nobody may be looking.
func (s *Store) tell(w *Work) {
	what := []any{slog.String("work", w.ID), slog.Int64("rows", w.Total)}
	switch {
	case w.err == nil:
		s.Log.Info("a long change is done", what...)
	case s.works.ctx.Err() != nil:
		s.Log.Warn("a long change was given up because the program stops; nothing of it was done", what...)
	default:
		s.Log.Error("a long change failed; nothing of it was done", append(what, slog.Any("error", w.err))...)
	}
}

// enter returns the work of this ID that is not over, or a new one, which is the caller's.
func (ws *works) enter(id string, user int64) (w *Work, mine bool, err error) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.ctx.Err() != nil {
		return nil, false, problem.New(problem.Busy, "The site is being stopped, so nothing was done. Please try again in a moment.")
	}
	if w := ws.known[id]; w != nil {
		if over, _ := w.Ended(); !over {
			return w, false, nil
		}
	}
	w = &Work{ID: id, User: user, decided: make(chan struct{}), ended: make(chan struct{})}
	ws.known[id] = w
	ws.wait.Add(1)
	return w, true, nil
}

// leave notes how the work ended. What failed after the request was answered stays known.
func (ws *works) leave(w *Work, err error) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	w.err = err
	close(w.ended)
	if !w.goesOn {
		close(w.decided)
	}
	if err == nil || !w.goesOn {
		delete(ws.known, w.ID)
		return
	}
	if ws.failed = append(ws.failed, w); len(ws.failed) > keepFailed {
		if oldest := ws.failed[0]; ws.known[oldest.ID] == oldest {
			delete(ws.known, oldest.ID)
		}
		ws.failed = ws.failed[1:]
	}
}

// close ends all work and waits until it has left no trace.
func (ws *works) close() {
	ws.mu.Lock()
	ws.stop()
	ws.mu.Unlock()
	ws.wait.Wait()
}
