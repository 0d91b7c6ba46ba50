package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"maitred/models/graph"
)

// Template is a database that nobody writes to any more and of which copies are made.
type Template struct {
	*Store
	path string
}

// OpenTemplate opens a file that nobody writes to, ever again, in order to read it and to make copies of
// it. There must be no log beside it. Its Store does not change anything; who tries is told that it cannot.
// g is the graph of another store of the same schema, which is to be the same for both; nil: it has its own.
func OpenTemplate(ctx context.Context, path string, g *graph.Graph, models ...any) (*Template, error) {
	s := newStore()
	t := &Template{s, path}
	err := s.openStill(ctx, path)
	if s.Graph = g; g == nil && err == nil {
		err = s.compare(ctx, models)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), s.Close())
	}
	return t, nil
}

func (s *Store) openStill(ctx context.Context, path string) (err error) {
	if n := size(path + "-wal"); n > 0 {
		return errors.New("its log was not moved into it")
	}
	if s.read, err = openAs(ctx, path, still); err != nil {
		return err
	}
	s.write = s.read
	return nil
}

// Copy makes a copy of the template in a new file and opens it for somebody who is alone with it and for
// whom nothing has to survive the program: it costs a millisecond or two, and while nobody uses it, little
// more than its file. It never becomes larger than so many bytes; a change that would need more is answered
// with Full. When it is closed its files are there still.
func (t *Template) Copy(ctx context.Context, file string, most int64) (*Store, error) {
	if err := copyFile(t.path, file); err != nil {
		return nil, fmt.Errorf("copy %s: %w", t.path, err)
	}
	s := newStore()
	s.Graph, s.Now, s.Log, s.Patience = t.Graph, t.Now, t.Log, t.Patience
	s.statements = nil // they would cost each copy more than they save its one user
	var err error
	if s.write, err = openPoolOf(setup{path: file, role: ownWriter, most: most}); err == nil {
		s.read, err = openPoolOf(setup{path: file, role: ownReader})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", file, err), s.Close())
	}
	return s, nil
}

// copyFile copies a file into a new one, for its owner alone.
func copyFile(from, to string) (err error) {
	source, err := os.Open(from) // #nosec G304 -- made by this program
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // #nosec G304 -- as above
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}
