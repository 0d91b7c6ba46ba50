package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"syscall"
	"time"

	"maitred/models/store"
)

// Visit is one request of a visitor. It must be left.
type Visit struct {
	Store *store.Store
	Word  string    // by which the visitor is known from now on …
	New   bool      // … which they have to be told
	Over  bool      // they had a demo before, which is over: all they see is fresh
	Ends  time.Time // of their demo

	s *Sandboxes
	v *visitor
}

// ErrOver says that a visitor ended their demo, in another window, while they were asking.
var ErrOver = errors.New("the demo is over")

// Own gives the visitor a copy that they may change, if they have none yet. Errors: *Full, ErrOver.
func (v *Visit) Own(ctx context.Context) error {
	who := v.v
	who.own.Lock()
	defer who.own.Unlock()
	if who.store == nil {
		if err := v.s.give(ctx, who); err != nil {
			return err
		}
	}
	v.Store = who.store
	return nil
}

// give makes the copy of a visitor, whose own is held.
func (s *Sandboxes) give(ctx context.Context, v *visitor) error {
	s.mu.Lock()
	now, err := s.Now(), error(nil)
	if v.over {
		err = ErrOver
	} else if !v.known {
		err = s.admit(v, now)
	}
	if err == nil && s.copies >= s.Copies {
		err = s.noCopy(now)
	}
	if err != nil {
		s.mu.Unlock()
		return err
	}
	s.copies++
	s.made++
	file := s.Path(fmt.Sprintf("copy-%d.db", s.made))
	s.mu.Unlock()

	made, err := v.origin.Copy(context.WithoutCancel(ctx), file, s.Size)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.copies--
		if errors.Is(err, syscall.ENOSPC) {
			s.Log.Error("the disk has no room for another copy of the demo", slog.Any("error", errors.Join(err, removeDatabase(file))))
			return s.noCopy(now)
		}
		return errors.Join(err, removeDatabase(file))
	}
	v.store, v.file = made, file
	return nil
}

// noCopy is the refusal of a copy.
func (s *Sandboxes) noCopy(now time.Time) *Full {
	f := s.full(now, func(o *visitor) bool { return o.store != nil })
	f.Reading = true
	return f
}

// Changed says that the visitor has something to lose.
func (v *Visit) Changed() bool {
	v.s.mu.Lock()
	defer v.s.mu.Unlock()
	return v.v.store != nil
}

// AtLimit says that the visitor's copy is as large as it may become.
func (v *Visit) AtLimit() bool {
	v.s.mu.Lock()
	file := v.v.file
	v.s.mu.Unlock()
	info, err := os.Stat(file)
	return err == nil && info.Size() > v.s.Size*3/4
}

// Leave ends the request. What the visit gave must not be used any more.
func (v *Visit) Leave() {
	v.s.mu.Lock()
	v.v.uses--
	v.v.origin.uses--
	last := v.v.over && v.v.uses == 0
	v.s.mu.Unlock()
	if last {
		v.s.remove(v.v)
	}
}

// Drop ends the visitor's demo now: nothing of it is kept. It returns the word of the next one.
func (v *Visit) Drop() (word string) {
	v.s.mu.Lock()
	defer v.s.mu.Unlock()
	v.s.end(v.v)
	return v.s.newWord(v.s.Now())
}
