package kind

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/lookup"
	"maitred/models/store"
)

// Found counts what the query finds, on all its pages: up to CountLimit where it is searched or
// filtered, and more says that there are others. Errors: TooLong.
func (o Of[T]) Found(ctx context.Context, s *store.Store, q Query) (n int64, more bool, err error) {
	q.mark = nil
	err = q.view(ctx, s, func(ctx context.Context, tx bun.Tx) error {
		w, err := q.way(ctx, s, tx)
		if err == nil {
			n, more = w.count, w.more
		}
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("count %s: %w", q.kind.Table, err)
	}
	return n, more, nil
}

// Conditions are what the address asks of a row beyond its search.
func (q Query) Conditions() []lookup.Condition { return q.filter.Conditions() }
