package store

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// This file is what those who run the site are told of the store. None of it waits for anyone but a
// connection to read with.

// leastFree is how many bytes must be free on the disk: twice what the log beside the database keeps for
// itself after a long change.
const leastFree = 128 << 20

// readyWithin is how long looking may take. Who asks does so every few seconds, and has a time of their own.
const readyWithin = 2 * time.Second

// Ready says what keeps the store from doing all that it is for, one sentence for each thing, for those who
// run the site; none when it is ready. Why is in the log.
func (s *Store) Ready(ctx context.Context) (wrong []string) {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	if err := s.readable(ctx); err != nil {
		s.Log.Error("the database cannot be read", "error", err)
		return []string{"The database cannot be read."}
	}
	if s.upToDate != nil {
		if err := s.upToDate(ctx); err != nil {
			s.Log.Error("the database is not of this program", "error", err)
			wrong = append(wrong, "The database does not have the schema of this program.")
		}
	}
	if s.ReadOnly {
		wrong = append(wrong, "The database can only be read, because its disk cannot be written to.")
	}
	if free, known := s.Free(); known && free < leastFree {
		wrong = append(wrong, "The disk is nearly full.")
	}
	return wrong
}

func (s *Store) readable(ctx context.Context) error {
	var n int
	return s.read.NewRaw("SELECT 1").Scan(ctx, &n)
}

// Free is how many bytes are free on the disk of the database, for this program. It is not known of a
// database in memory, and on some systems.
func (s *Store) Free() (bytes int64, known bool) {
	if s.path == "" {
		return 0, false
	}
	bytes, err := freeIn(filepath.Dir(s.path))
	return bytes, err == nil
}

// Folders are where a file may be for a while, the best first: beside the database, which is on a disk that is
// meant to hold much, and where temporary files are.
func (s *Store) Folders() []string {
	if s.path == "" {
		return []string{os.TempDir()}
	}
	return []string{filepath.Dir(s.path), os.TempDir()}
}

// Sizes are how many bytes the database and the log beside it have on the disk; the log of a server is its own.
func (s *Store) Sizes() (database, log int64) {
	if s.onServer {
		ctx, cancel := context.WithTimeout(context.Background(), readyWithin)
		defer cancel()
		_ = s.read.NewRaw("SELECT pg_database_size(current_database())").Scan(ctx, &database) // not all that speak like PostgreSQL know it
		return database, 0
	}
	if s.path == "" {
		return 0, 0
	}
	return size(s.path), size(s.path + "-wal")
}

// Waits are how those who read and write wait for each other.
type Waits struct {
	Waiting int64 // who wait for their turn to write, now

	Writes   int64 // how often somebody waited for their turn to write, since the store was opened
	WroteFor time.Duration
	Reads    int64 // how often somebody waited for a connection to read with
	ReadFor  time.Duration
}

// Waits tells how long it was waited so far.
func (s *Store) Waits() Waits {
	reads := s.read.Stats()
	return Waits{
		Waiting: s.turn.waiting.Load(),
		Writes:  s.turn.times.Load(), WroteFor: time.Duration(s.turn.waited.Load()),
		Reads: reads.WaitCount, ReadFor: reads.WaitDuration,
	}
}

// LongChanges is how many changes go on that take longer than their requests.
func (s *Store) LongChanges() (n int) {
	s.works.mu.Lock()
	defer s.works.mu.Unlock()
	for _, w := range s.works.known {
		if over, _ := w.Ended(); !over && w.hasDecided() && w.goesOn {
			n++
		}
	}
	return n
}
