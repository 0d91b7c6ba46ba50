// Package sandbox gives every visitor of a demo records of their own, for a while. It knows no kind.
//
// All read one template, which nobody writes to. Who is about to change something is given a copy of it: a
// file that costs a millisecond or two, and while nobody asks little more than its room on the disk. When
// the visitor's time is over it is gone. Who keeps no cookie, as crawlers do, is never remembered.
package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/netip"
	"path/filepath"
	"sync"
	"time"

	"maitred/models/store"
)

// Limits bound what a demo uses.
type Limits struct {
	Life       time.Duration // how long a visitor's demo lasts, from their first page on
	Visitors   int           // at once
	PerAddress int           // visitors at once from one address; a network of IPv6 (/64) is one
	Copies     int           // at once: visitors who changed something
	Size       int64         // of a copy, in bytes
}

// Options are what a demo is made of.
type Options struct {
	Limits
	Folder string // in which a folder is made for the files, "" for the machine's own for such things

	// Fill makes the database of which copies are made, in a new file, as it should be at that time.
	Fill func(ctx context.Context, file string, now time.Time) error
	// Open opens what Fill made.
	Open func(ctx context.Context, file string) (*store.Template, error)

	Now func() time.Time // the clock
	Log *slog.Logger
}

// Sandboxes are the visitors of a demo and what each of them has. It may be used by many requests at once.
type Sandboxes struct {
	Options
	files *folder
	key   [32]byte // of this run: the words of another one are known to be over

	mu        sync.Mutex
	visitors  map[string]*visitor // by word
	from      map[netip.Prefix]int
	copies    int
	templates []*template // the newest is the last
	made      int         // files there ever were
}

// visitor is somebody who came back, or has changed something.
type visitor struct {
	word    string
	began   time.Time
	from    netip.Prefix
	origin  *template
	uses    int  // requests that are being answered
	known   bool // is among the visitors
	counted bool // … of their address
	over    bool // never will be again

	own   sync.Mutex   // held while the copy is made
	store *store.Store // nil: reads the template
	file  string
}

// Full says that there is no room in the demo. Nothing was done.
type Full struct {
	Wait    time.Duration // after which there will be
	Address bool          // there is room for others, but not for more from this address
	Reading bool          // there is room, but not to change something
}

func (f *Full) Error() string { return "the demo is full" }

// New makes a demo and removes what one left that was killed.
func New(ctx context.Context, o Options) (*Sandboxes, error) {
	s := &Sandboxes{Options: o, visitors: map[string]*visitor{}, from: map[netip.Prefix]int{}}
	_, _ = rand.Read(s.key[:]) // never fails
	var err error
	if s.files, err = openFolder(o.Folder, o.Log); err != nil {
		return nil, err
	}
	if err := s.renew(ctx); err != nil {
		return nil, errors.Join(err, s.files.remove())
	}
	return s, nil
}

// Path is where in the demo's folder a file of this name is.
func (s *Sandboxes) Path(name string) string { return filepath.Join(s.files.path, name) }

// Enter lets a visitor read what is theirs. word is what they were told before, "" for who comes for the
// first time. Errors: *Full.
func (s *Sandboxes) Enter(word string, from netip.Addr) (*Visit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	began, good := s.began(word)
	visit := &Visit{s: s, Word: word}
	if good && now.Before(began.Add(s.Life)) {
		if visit.v = s.visitors[word]; visit.v == nil {
			visit.v = &visitor{word: word, began: began, from: networkOf(from), origin: s.originAt(began)}
			if err := s.admit(visit.v, now); err != nil {
				return nil, err
			}
		}
	} else {
		visit.New, visit.Over = true, word != ""
		visit.Word = s.newWord(now)
		visit.v = &visitor{word: visit.Word, began: now, from: networkOf(from), origin: s.originAt(now)}
		if err := s.room(visit.v, now); err != nil {
			return nil, err
		}
	}
	visit.v.uses++
	visit.v.origin.uses++
	visit.Ends = visit.v.began.Add(s.Life)
	visit.Store = visit.v.origin.Store
	if visit.v.store != nil {
		visit.Store = visit.v.store
	}
	return visit, nil
}

// admit remembers a visitor. Errors: *Full.
func (s *Sandboxes) admit(v *visitor, now time.Time) error {
	if err := s.room(v, now); err != nil {
		return err
	}
	v.known, v.counted = true, true
	s.visitors[v.word] = v
	s.from[v.from]++
	return nil
}

// room says whether one more visitor can come from there. Errors: *Full.
func (s *Sandboxes) room(v *visitor, now time.Time) error {
	switch {
	case len(s.visitors) >= s.Visitors:
		return s.full(now, func(*visitor) bool { return true })
	case s.from[v.from] >= s.PerAddress:
		f := s.full(now, func(o *visitor) bool { return o.from == v.from })
		f.Address = true
		return f
	}
	return nil
}

// aMoment is how long an answer may take to be read.
const aMoment = 30 * time.Second

// full is the refusal until the first of these visitors leaves.
func (s *Sandboxes) full(now time.Time, among func(*visitor) bool) *Full {
	f := &Full{Wait: s.Life}
	known := 0
	for _, v := range s.visitors {
		if among(v) {
			f.Wait = min(f.Wait, max(v.began.Add(s.Life).Sub(now), time.Second))
		}
		if v.store != nil {
			known++
		}
	}
	if s.copies > known { // somebody's last answer is still on its way
		f.Wait = min(f.Wait, aMoment)
	}
	return f
}

// end forgets a visitor. Whoever ends their last request, or is told that there is none, removes what they had.
func (s *Sandboxes) end(v *visitor) (unused bool) {
	if v.known {
		delete(s.visitors, v.word)
		if v.store == nil {
			s.forgets(v)
		}
	}
	v.known, v.over = false, true
	return v.uses == 0
}

// forgets no longer counts a visitor among those of their address.
func (s *Sandboxes) forgets(v *visitor) {
	if !v.counted {
		return
	}
	v.counted = false
	if s.from[v.from]--; s.from[v.from] == 0 {
		delete(s.from, v.from)
	}
}

// remove closes and removes the copy of a visitor whom nobody serves any more.
func (s *Sandboxes) remove(v *visitor) {
	if v.store == nil {
		return
	}
	if err := errors.Join(v.store.Close(), removeDatabase(v.file)); err != nil {
		s.Log.Warn("a copy of the demo was not removed", slog.String("file", v.file), slog.Any("error", err))
	}
	s.mu.Lock()
	s.copies--
	s.forgets(v) // only now: whoever lets an answer wait for them keeps the copy, and their place with it
	s.mu.Unlock()
}

// Sweep ends the demos whose time is over. It must be called now and then: see Run.
func (s *Sandboxes) Sweep() {
	s.mu.Lock()
	now := s.Now()
	var gone []*visitor
	for _, v := range s.visitors {
		if !now.Before(v.began.Add(s.Life)) && s.end(v) {
			gone = append(gone, v)
		}
	}
	old := s.retire(now)
	s.mu.Unlock()
	for _, v := range gone {
		s.remove(v)
	}
	for _, t := range old {
		t.remove(s.Log)
	}
}

// Counts are how many visitors and copies there are.
func (s *Sandboxes) Counts() (visitors, copies int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.visitors), s.copies
}

// Close ends all demos and removes what they left. Nobody may be served any more.
func (s *Sandboxes) Close() error {
	s.mu.Lock()
	var all []*visitor
	for _, v := range s.visitors {
		s.end(v)
		all = append(all, v)
	}
	old := s.templates
	s.templates = nil
	s.mu.Unlock()
	for _, v := range all {
		s.remove(v)
	}
	for _, t := range old {
		t.remove(s.Log)
	}
	return s.files.remove()
}
