// Package spool holds what is made faster than it is taken: a file on its way to somebody with a slow line.
// Who makes it need not wait, and so does not keep the database for as long as the line takes.
package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"maitred/models/problem"
	"maitred/models/store"
)

// Memory is how many bytes of what was not taken yet are held in memory; the rest is in a file.
const Memory = 256 << 10

// step is after how many bytes it is looked again whether the disk has room for more.
const step = 8 << 20

// Spool is bytes on their way from one who makes them to one who takes them, in their order. What does not fit
// into memory is in a file of its owner alone, which has no name where the system allows that, so that nothing
// is left of it however the program ends.
type Spool struct {
	folders []string

	mu      sync.Mutex
	changed *sync.Cond
	held    bytes.Buffer // comes before what is in the file
	file    *os.File     // nil as long as memory was enough
	named   bool         // the file has a name, which is to be removed
	read    int64        // in the file: what is before was taken
	wrote   int64        // in the file: what is behind was not written
	ended   error        // why no more comes, io.EOF when that is all; nil as long as more comes
	closed  bool
}

// New returns an empty spool. Its file, if it needs one, is in the first of these folders that has room and
// can be written to.
func New(folders ...string) *Spool {
	s := &Spool{folders: folders}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// Write adds bytes, without waiting for who takes them. Errors: Full, when the disk has no room to spare;
// io.ErrClosedPipe, when nobody takes them any more.
func (s *Spool) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, io.ErrClosedPipe
	}
	defer s.changed.Broadcast()
	if s.read == s.wrote && s.held.Len()+len(b) <= Memory {
		return s.held.Write(b)
	}
	if s.wrote/step != (s.wrote+int64(len(b)))/step || s.file == nil {
		if err := s.makeRoom(); err != nil {
			return 0, err
		}
	}
	n, err := s.file.WriteAt(b, s.wrote)
	s.wrote += int64(n)
	if err != nil {
		return n, full(err)
	}
	return n, nil
}

// makeRoom opens the file, or sees whether it may go on to grow.
func (s *Spool) makeRoom() error {
	var reasons []error
	for _, folder := range s.folders {
		if _, free, ok := store.RoomFor(folder, step); !ok {
			reasons = append(reasons, fmt.Errorf("only %.1f MB are free in %s", float64(free)/1e6, folder))
			continue
		}
		if s.file != nil {
			return nil
		}
		file, err := os.CreateTemp(folder, "maitred-download-*")
		if err != nil {
			reasons = append(reasons, err)
			continue
		}
		s.file, s.named, s.folders = file, os.Remove(file.Name()) != nil, []string{folder}
		return nil
	}
	return full(errors.Join(reasons...))
}

func full(cause error) error {
	return &problem.Error{Code: problem.Full, Cause: cause,
		Message: "There is no room on the disk of this site to make so large a file, so it was stopped. Ask for fewer rows, or tell your administrator."}
}

// End says that no more comes: that was all, or why there is no more. Who takes it is told after the last byte.
func (s *Spool) End(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended = err; err == nil {
		s.ended = io.EOF
	}
	s.changed.Broadcast()
}

// Read waits until there is something to be taken. Errors: that of End, or of the file.
func (s *Spool) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.held.Len() == 0 && s.read == s.wrote {
		if s.ended != nil {
			return 0, s.ended
		}
		s.changed.Wait()
	}
	if s.held.Len() > 0 {
		return s.held.Read(b)
	}
	n, err := s.file.ReadAt(b[:min(int64(len(b)), s.wrote-s.read)], s.read)
	if s.read += int64(n); err != nil {
		return n, err
	}
	if s.read < s.wrote {
		return n, nil
	}
	s.read, s.wrote = 0, 0 // all was taken, and what comes now is held in memory again
	return n, s.file.Truncate(0)
}

// Close says that nobody takes any more, and removes the file. Read is not called after it.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed = true; s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.named {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}
