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

// countAll counts all records of a kind. To count rows, a database must pass all of them, PostgreSQL for a
// second where there are ten million; so the number is kept, and what the changes since then made and deleted
// is added to it.
func countAll(ctx context.Context, s *store.Store, tx bun.Tx, k *graph.Kind) (n int64, err error) {
	newest, err := one(ctx, s, tx, "SELECT coalesce(max(id), 0) FROM changes")
	if err != nil {
		return 0, fmt.Errorf("find the newest change: %w", err)
	}
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
	if n, err = one(ctx, s, tx, "SELECT count(*) FROM "+k.Table); err != nil {
		return 0, fmt.Errorf("count %s: %w", k.Table, err)
	}
	s.Take(k.Table, store.Note{Number: n, AsOf: newest})
	return n, nil
}

// one is the number that a query answers, which is one of a few (see Store.Query).
func one(ctx context.Context, s *store.Store, tx bun.Tx, query string) (n int64, err error) {
	rows, err := s.Query(ctx, tx, query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, err
		}
	}
	return n, rows.Err()
}
