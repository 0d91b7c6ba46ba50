package store

import "sync"

// notes are numbers that follow from the records alone and take long to count.
type notes struct {
	mu    sync.Mutex
	known map[string][]Note // the newest first
}

// Note is such a number and the newest change there was when it was counted.
type Note struct{ Number, AsOf int64 }

// How many notes of a number are kept, and how many changes lie between those that are not the newest: who began to
// read a while ago needs one that is not of a time to come.
const (
	keptNotes   = 8
	notesSpaced = 16
)

// Noted returns the newest that was noted under a name up to a change. It is this process's own: whether it still
// holds, only the database can tell.
func (s *Store) Noted(name string, until int64) (n Note, ok bool) {
	s.notes.mu.Lock()
	defer s.notes.mu.Unlock()
	for _, n := range s.notes.known[name] {
		if n.AsOf <= until {
			return n, true
		}
	}
	return Note{}, false
}

// Take notes a number. Names must not depend on what people ask for: each is kept as long as the store
// is open.
func (s *Store) Take(name string, n Note) {
	s.notes.mu.Lock()
	defer s.notes.mu.Unlock()
	if s.notes.known == nil {
		s.notes.known = map[string][]Note{}
	}
	all := s.notes.known[name]
	switch {
	case len(all) > 0 && n.AsOf <= all[0].AsOf: // of a while ago
		if n.AsOf < all[len(all)-1].AsOf && len(all) < keptNotes {
			all = append(all, n)
		}
	case len(all) > 1 && all[0].AsOf-all[1].AsOf < notesSpaced:
		all[0] = n
	default:
		all = append([]Note{n}, all[:min(len(all), keptNotes-1)]...)
	}
	s.notes.known[name] = all
}
