package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/uptrace/bun"
)

// Side opens what must be written while a long change holds the turn of the records: with SQLite the small file at
// path, as OpenSide does, and with a server tables of the same database, where it has a turn of its own. Close it
// before the store.
func (s *Store) Side(ctx context.Context, path string, migrate func(context.Context, *bun.DB) error) (*Store, error) {
	if !s.onServer {
		return OpenSide(ctx, path, migrate)
	}
	side := newStore()
	side.onServer, side.turns, side.shares, side.ReadOnly = true, sideTurn, true, s.ReadOnly
	side.read, side.write = s.read, s.write
	if s.ReadOnly {
		return side, nil
	}
	if err := migrateServer(ctx, s.write, migrate); err != nil {
		return nil, errors.Join(fmt.Errorf("the tables of sessions: %w", err), side.Close())
	}
	return side, nil
}

// OnServer says that the database is one of a server, and not a file.
func (s *Store) OnServer() bool { return s.onServer }

// OpenSide opens a small file beside the records for what must be written while a long change holds
// their only writer. It is made when it does not exist or is empty: nothing is kept there that
// cannot be made anew. It has no graph, and nothing in it is part of history.
func OpenSide(ctx context.Context, path string, migrate func(context.Context, *bun.DB) error) (*Store, error) {
	s := newStore()
	if err := s.openSide(ctx, path, migrate); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), s.Close())
	}
	return s, nil
}

// OpenSideToRead opens such a file, which must exist, only to look at it; others may write to it meanwhile.
func OpenSideToRead(ctx context.Context, path string) (*Store, error) {
	s := newStore()
	s.path, s.ReadOnly = path, true
	var err error
	if s.read, err = openToLook(ctx, path); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), s.Close())
	}
	s.write = s.read // whoever tries is told that it cannot be written to
	return s, nil
}

func (s *Store) openSide(ctx context.Context, path string, migrate func(context.Context, *bun.DB) error) (err error) {
	vfs := ""
	if path == "" {
		vfs, path = "memdb", "/"+rand.Text() // all connections of this process that name it share it
	} else if err := makeOwn(path); err != nil {
		return err
	} else {
		s.path = path
	}
	if s.write, err = openPoolOf(setup{vfs: vfs, path: path, role: writer}); err != nil {
		return err
	}
	if err := migrate(ctx, s.write); err != nil {
		return err
	}
	s.read, err = openPoolOf(setup{vfs: vfs, path: path, role: reader})
	return err
}

// makeOwn makes a file for its owner alone, if it is not there; SQLite would let others read it. One that
// is there is not opened: closing it would give up locks that this process has on it.
func makeOwn(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // #nosec G304 -- beside the file that whoever starts the program names
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}
