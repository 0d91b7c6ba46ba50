package store

import "sync"

// notes are numbers that follow from the records alone and take long to count.
type notes struct{ known sync.Map } // name → Note

// Note is such a number and the newest change there was when it was counted.
type Note struct{ Number, AsOf int64 }

// Noted returns what was noted under a name. It is this process's own: whether it still holds, only
// the database can tell.
func (s *Store) Noted(name string) (n Note, ok bool) {
	found, ok := s.notes.known.Load(name)
	if ok {
		n = found.(Note)
	}
	return n, ok
}

// Take notes a number. Names must not depend on what people ask for: each is kept as long as the store
// is open.
func (s *Store) Take(name string, n Note) { s.notes.known.Store(name, n) }
