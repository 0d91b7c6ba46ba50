package kind

import (
	"cmp"
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/keyset"
	"maitred/models/store"
)

// PageSize is how many rows a page of a list has at most, if nobody asks for another number.
const PageSize = 50

// CountLimit is how far a list that is searched or filtered is counted, and how far the position of
// a page is, unless it is asked for exactly.
const CountLimit = 10_000

// List is a page of records.
type List[T any] struct {
	Query  Query
	Rows   []*T
	Count  int64  // of all rows that match, at most CountLimit where Filtered
	More   bool   // there are more than Count
	First  int64  // the position of the first row, from 1; 0 when it is not known
	About  bool   // First is what it was when the address was made
	Before string // mark of the page before; "" when this is the first
	After  string // mark of the page after; "" when this is the last
}

// List returns the page that the query asks for, its Rows at most, each with the records it
// belongs to. What matches is counted, and the position of the page too: exactly when that costs
// little, up to CountLimit otherwise. Errors: TooLong, when a search or a condition takes longer than
// the store's Patience.
func (o Of[T]) List(ctx context.Context, s *store.Store, q Query) (list *List[T], err error) {
	err = q.view(ctx, s, func(ctx context.Context, tx bun.Tx) error {
		if q.BestFirst() {
			list, err = o.best(ctx, s, tx, q, cmp.Or(q.Rows, PageSize))
			return err
		}
		list, err = o.list(ctx, s, tx, q)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", q.kind.Table, err)
	}
	return list, nil
}

func (o Of[T]) list(ctx context.Context, s *store.Store, tx bun.Tx, q Query) (*List[T], error) {
	w, err := q.way(ctx, s, tx)
	if err != nil {
		return nil, err
	}
	page, err := o.pageSoon(ctx, s, tx, w, cmp.Or(q.Rows, PageSize))
	if err != nil {
		return nil, err
	}
	list := &List[T]{Query: q, Rows: page.Rows, Count: w.count, More: w.more}
	if len(page.Rows) == 0 {
		return list, nil
	}
	if err := list.place(ctx, s, tx, w, page.Previous, page.Next); err != nil {
		return nil, err
	}
	if list.First > 0 && !list.About { // what was beyond the mark may be gone
		page.Previous = page.Previous && list.First > 1
		page.Next = page.Next && (list.More || list.First+int64(len(page.Rows)) <= list.Count)
	}
	if page.Previous {
		list.Before = q.at(page.Rows[0], max(list.First-1, 0))
	}
	if page.Next {
		last := list.First + int64(len(page.Rows)) - 1
		list.After = q.at(page.Rows[len(page.Rows)-1], last*min(list.First, 1))
	}
	return list, nil
}

// First returns the first rows that match, limit at most, without counting.
func (o Of[T]) First(ctx context.Context, s *store.Store, q Query, limit int) (rows []*T, more bool, err error) {
	err = q.view(ctx, s, func(ctx context.Context, tx bun.Tx) error {
		if q.BestFirst() {
			list, err := o.best(ctx, s, tx, q, limit)
			if err == nil {
				rows, more = list.Rows, list.After != ""
			}
			return err
		}
		w, err := q.wayToFirst(ctx, s, tx)
		if err != nil {
			return err
		}
		page, err := o.pageSoon(ctx, s, tx, w, limit)
		if err == nil {
			rows, more = page.Rows, page.Next
		}
		return err
	})
	return rows, more, err
}

// pageSoon is page that tries the order of the list for a quarter of the time there is. Where what
// matches stands together far from where the page begins, nearly all rows would have to be looked at;
// then it starts from what matches after all, however many these are.
func (o Of[T]) pageSoon(ctx context.Context, s *store.Store, tx bun.Tx, w *way, limit int) (*keyset.Page[*T], error) {
	if w.from != nil || w.source == nil || s.Patience == 0 {
		return o.page(ctx, s, tx, w, limit)
	}
	soon, cancel := context.WithTimeout(ctx, s.Patience/4)
	defer cancel()
	var page *keyset.Page[*T]
	err := store.Try(ctx, tx, func(context.Context) (err error) {
		page, err = o.page(soon, s, tx, w, limit)
		return err
	})
	if err != nil && ctx.Err() == nil && soon.Err() != nil {
		w.from = w.source
		return o.page(ctx, s, tx, w, limit)
	}
	return page, err
}

func (o Of[T]) page(ctx context.Context, s *store.Store, tx bun.Tx, w *way, limit int) (page *keyset.Page[*T], err error) {
	read := func() error {
		page, err = keyset.Read(w.order, w.mark, limit, func(part keyset.Part) ([]*T, error) { return readPart[T](ctx, s, tx, w, part) })
		return err
	}
	if w.from == nil && w.Filtered() {
		err = s.InOrder(ctx, tx, read)
	} else {
		err = read()
	}
	if err != nil {
		return nil, err
	}
	if len(page.Rows) == 0 {
		// The row that the mark was made from and all beyond it are gone.
		page.Previous, page.Next = false, false
	}
	return page, nil
}
