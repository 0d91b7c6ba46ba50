package kind

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/store"
)

// place finds out the position of a page that has rows.
func (l *List[T]) place(ctx context.Context, s *store.Store, tx bun.Tx, w *way, previous, next bool) error {
	rows, mark := int64(len(l.Rows)), l.Query.mark
	if !previous {
		l.First = 1
		return nil
	}
	if !next && !l.More {
		l.First = l.Count - rows + 1
		return nil
	}
	if mark.Edge {
		return nil
	}
	stood := w.before
	if stood < 0 && (l.Query.Exact || w.counted && mark.Stood <= 2*CountLimit) {
		before, more, err := w.countBefore(ctx, s, tx)
		if err != nil {
			return err
		}
		if !more {
			stood = before
		}
	}
	if stood < 0 && mark.Stood > 0 {
		stood, l.About = mark.Stood, true
	}
	switch {
	case stood < 0:
	case mark.Before:
		l.First = max(stood-rows, 0) + 1
	default:
		l.First = stood + 1
	}
	if l.About && !l.More { // rows have gone since, or the address is not one that we made
		l.First = max(min(l.First, l.Count-rows+1), 1)
	}
	return nil
}

// countBefore counts the rows before the mark along the order, up to CountLimit unless the query wants
// it exactly.
func (w *way) countBefore(ctx context.Context, s *store.Store, tx bun.Tx) (n int64, more bool, err error) {
	limit := CountLimit + 1
	if w.Exact {
		limit = maxCount
	}
	for _, part := range w.order.PassedParts(w.mark, limit) {
		from, args := w.along()
		where, more := w.conditions(part)
		var counted int64
		q := fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s%s LIMIT %d) AS passed", from, whereOf(where), limit)
		rows, err := w.querier(s, tx)(ctx, q, append(args, more...)...)
		if err == nil {
			err = store.ScanOne(rows, &counted)
		}
		if err != nil {
			return 0, false, fmt.Errorf("count the rows before: %w", err)
		}
		n += counted
	}
	return n, n > int64(limit)-1, nil
}
