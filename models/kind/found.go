package kind

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/lookup"
	"maitred/models/store"
)

// Found counts what the query finds, on all its pages: up to CountLimit where it is searched or
// filtered, and more says that there are others.
func (o Of[T]) Found(ctx context.Context, s *store.Store, q Query) (n int64, more bool, err error) {
	list := &List[T]{Query: q}
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error { return list.count(ctx, s, tx) })
	if err != nil {
		return 0, false, fmt.Errorf("found %s: %w", q.kind.Table, err)
	}
	return list.Count, list.More, nil
}

// Conditions are what the address asks of a row beyond its search.
func (q Query) Conditions() []lookup.Condition { return q.filter.Conditions() }
