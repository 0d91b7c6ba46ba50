package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

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
	}
	if s.write, err = openPoolIn(vfs, path, writer); err != nil {
		return err
	}
	if err := migrate(ctx, s.write); err != nil {
		return err
	}
	s.read, err = openPoolIn(vfs, path, reader)
	return err
}
