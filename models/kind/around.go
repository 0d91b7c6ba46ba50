package kind

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/uptrace/bun"

	"maitred/models/keyset"
	"maitred/models/store"
)

// Around is where a record stands in a list, whatever page of it was asked for.
type Around struct {
	In            bool  // the list shows the record
	Before, After int64 // the keys of its neighbours; 0 where there is none
	Count         int64 // of the list, as List counts
	More          bool
}

// Around looks for the record in the list: by its own mark, one row each way, so that it costs the
// same anywhere in the list. The page that the query asks for does not matter. Errors: TooLong.
func (o Of[T]) Around(ctx context.Context, s *store.Store, q Query, key int64) (around Around, err error) {
	q.mark = nil
	err = q.view(ctx, s, func(ctx context.Context, tx bun.Tx) error {
		if q.BestFirst() {
			around, err = q.aroundBest(ctx, tx, key)
			return err
		}
		around, err = o.around(ctx, s, tx, q, key)
		return err
	})
	if err != nil {
		return Around{}, fmt.Errorf("around %s %d: %w", q.kind.Name, key, err)
	}
	return around, nil
}

func (o Of[T]) around(ctx context.Context, s *store.Store, tx bun.Tx, q Query, key int64) (around Around, err error) {
	w, err := q.way(ctx, s, tx)
	if err != nil {
		return around, err
	}
	around.Count, around.More = w.count, w.more
	found, err := readOne[T](ctx, s, tx, q.kind, key)
	if err != nil || len(found) == 0 {
		return around, err
	}
	if around.In, err = q.shows(ctx, tx, key); err != nil || !around.In {
		return around, err
	}
	mark := keyset.Mark{Value: q.sorted.Value(reflect.ValueOf(found[0])), Key: key}
	if around.After, err = o.next(ctx, s, tx, *w, mark); err != nil {
		return around, err
	}
	mark.Before = true
	around.Before, err = o.next(ctx, s, tx, *w, mark)
	return around, err
}

// aroundBest is around in the order of how well records fit a search.
func (q Query) aroundBest(ctx context.Context, tx bun.Tx, key int64) (around Around, err error) {
	hits, more, err := q.hits(ctx, tx)
	if err != nil {
		return around, err
	}
	around.Count, around.More = int64(len(hits)), more
	i := slices.IndexFunc(hits, func(h hit) bool { return h.key == key })
	if around.In = i >= 0; !around.In {
		return around, nil
	}
	if i > 0 {
		around.Before = hits[i-1].key
	}
	if i+1 < len(hits) {
		around.After = hits[i+1].key
	}
	return around, nil
}

// shows says whether the record is what the query asks for.
func (q Query) shows(ctx context.Context, tx bun.Tx, key int64) (shown bool, err error) {
	where, args := q.where()
	if where == "" {
		return true, nil
	}
	k := q.kind
	sql := fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s AS %s WHERE %s.%s = ? AND %s)", k.Table, k.Name, k.Name, k.Key.Name, where)
	err = store.AskOne(ctx, tx, sql, append([]any{key}, args...), &shown)
	return shown, err
}

// next is the key of the record just after the mark, or just before it; 0 for none.
func (o Of[T]) next(ctx context.Context, s *store.Store, tx bun.Tx, w way, mark keyset.Mark) (int64, error) {
	w.mark = &mark
	page, err := o.pageSoon(ctx, s, tx, &w, 1)
	if err != nil || len(page.Rows) == 0 {
		return 0, err
	}
	return keyOf(w.kind, page.Rows[0]), nil
}
