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
