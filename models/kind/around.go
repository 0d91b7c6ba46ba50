package kind

import (
	"context"
	"fmt"
	"reflect"

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
// same anywhere in the list. The page that the query asks for does not matter.
func (o Of[T]) Around(ctx context.Context, s *store.Store, q Query, key int64) (around Around, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		list := List[T]{Query: q}
		if err := list.count(ctx, s, tx); err != nil {
			return err
		}
		around.Count, around.More = list.Count, list.More
		found, err := readOne[T](ctx, s, tx, q.kind, key)
		if err != nil || len(found) == 0 {
			return err
		}
		if around.In, err = q.shows(ctx, tx, key); err != nil || !around.In {
			return err
		}
		mark := keyset.Mark{Value: q.sorted.Value(reflect.ValueOf(found[0])), Key: key}
		if around.After, err = o.next(ctx, s, tx, q, mark); err != nil {
			return err
		}
		mark.Before = true
		around.Before, err = o.next(ctx, s, tx, q, mark)
		return err
	})
	if err != nil {
		return Around{}, fmt.Errorf("around %s %d: %w", q.kind.Name, key, err)
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
	err = tx.NewRaw(sql, append([]any{key}, args...)...).Scan(ctx, &shown)
	return shown, err
}

// next is the key of the record just after the mark, or just before it; 0 for none.
func (o Of[T]) next(ctx context.Context, s *store.Store, tx bun.Tx, q Query, mark keyset.Mark) (int64, error) {
	q.mark = &mark
	page, err := o.page(ctx, s, tx, q, 1)
	if err != nil || len(page.Rows) == 0 {
		return 0, err
	}
	return q.kind.Key.Value(reflect.ValueOf(page.Rows[0])).(int64), nil
}
