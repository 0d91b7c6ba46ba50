package change

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/store"
)

// keepIndexes keeps the search indexes right, from the recorded rows alone: rows that left their
// key go out, and rows that came to one or read otherwise than before go in. Rows that did neither,
// the waiters of a restaurant that moves, are left alone.
func keepIndexes(ctx context.Context, tx bun.Tx, g *graph.Graph, change int64, steps []*Step, work *store.Work) error {
	for _, k := range g.Kinds() {
		if len(k.Searched) == 0 || !slices.ContainsFunc(steps, func(s *Step) bool { return s.Kind == k }) {
			continue
		}
		if err := newWriting(tx, change, k, steps, work).keepIndex(ctx); err != nil {
			return fmt.Errorf("keep the search index of %s: %w", k.Table, err)
		}
	}
	return nil
}

// keepIndex takes all out of the index before it puts any in: one row may come to the key that
// another one leaves. It does not read the images where no step can have changed a text.
func (w *writing) keepIndex(ctx context.Context) error {
	if w.planned[Deleted] > 0 || w.passing {
		err := w.index(ctx, func(of ...any) (int64, error) {
			return store.RemoveFromIndex(ctx, w.tx, w.kind, "SELECT r.before_key FROM change_rows AS r WHERE "+ofPortion+" AND "+leaving, of...)
		})
		if err != nil {
			return err
		}
	}
	came := w.readsOtherwise()
	if w.planned[Created] > 0 || w.passing {
		came = append(came, "r.before_key IS NULL", "r.after_key <> r.before_key")
	}
	if came == nil {
		return nil
	}
	return w.index(ctx, func(of ...any) (int64, error) {
		return store.PutIntoIndex(ctx, w.tx, w.kind, "r.after_key", "r.after",
			"FROM change_rows AS r WHERE "+ofPortion+" AND r.after_key IS NOT NULL AND ("+strings.Join(came, " OR ")+")", of...)
	})
}

// readsOtherwise are the conditions that the row r has another text than before; none if it cannot.
func (w *writing) readsOtherwise() (ways []string) {
	for _, c := range w.kind.Searched {
		if w.planned[Changed] > 0 && (w.changes == nil || w.changes[c.Norm.Name]) {
			ways = append(ways, c.Norm.FromImage("r.after")+" IS DISTINCT FROM "+c.Norm.FromImage("r.before"))
		}
	}
	return ways
}

// index does something to the search index for each portion, and tells the work how far it is.
func (w *writing) index(ctx context.Context, do func(ofPortion ...any) (int64, error)) error {
	w.work.Doing("All are written. The search is being brought up to date.")
	var indexed int64
	return w.eachPortion(ctx, func(after, end int64) error {
		n, err := do(w.change, w.kind.Table, after, end)
		if indexed += n; indexed > 0 {
			w.work.Doing("All are written. The search is being brought up to date: " + graph.Number(indexed) + " so far.")
		}
		return err
	})
}
