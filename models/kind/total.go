package kind

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/store"
)

// Count returns how many records of a kind there are.
func Count(ctx context.Context, s *store.Store, k *graph.Kind) (n int64, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err = countAll(ctx, s, tx, k)
		return err
	})
	return n, err
}

// countAll counts all records of a kind.
func countAll(ctx context.Context, s *store.Store, tx bun.Tx, k *graph.Kind) (int64, error) {
	newest, err := change.NewestIn(ctx, s, tx)
	if err != nil {
		return 0, err
	}
	return countAsOf(ctx, s, tx, k, newest)
}

// countAsOf is countAll for who knows the newest change. To count rows, a database must pass all of them, PostgreSQL
// for half a second where there are ten million; so the number is kept, and what the changes since then made and
// deleted is added to it.
func countAsOf(ctx context.Context, s *store.Store, tx bun.Tx, k *graph.Kind, newest int64) (n int64, err error) {
	if note, ok := s.Noted(k.Table, newest); ok {
		more, known, err := change.Grown(ctx, tx, note.AsOf, newest, k)
		if err != nil {
			return 0, err
		}
		if known {
			if newest > note.AsOf {
				s.Take(k.Table, store.Note{Number: note.Number + more, AsOf: newest})
			}
			return note.Number + more, nil
		}
	}
	if n, err = s.Number(ctx, tx, "SELECT count(*) FROM "+k.Table); err != nil {
		return 0, fmt.Errorf("count %s: %w", k.Table, err)
	}
	s.Take(k.Table, store.Note{Number: n, AsOf: newest})
	return n, nil
}
