package kind

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/keyset"
	"maitred/models/lookup"
	"maitred/models/problem"
	"maitred/models/search"
	"maitred/models/store"
)

// PageSize is how many rows a page of a list has at most.
const PageSize = 50

// CountLimit is how far a list that is searched or filtered is counted.
const CountLimit = 10_000

// Query is what a list is asked for, read from an address.
type Query struct {
	Search string
	Sort   string // as in the address: "name", "-name"; never empty

	kind   *graph.Kind
	order  keyset.Order
	sorted graph.Path
	filter lookup.Filter
	mark   *keyset.Mark
}

// reserved are the names in a list's address that are not conditions.
var reserved = []string{"q", "sort", "after", "before"}

// ParseQuery reads an address. Errors: BadRequest.
func ParseQuery(k *graph.Kind, address url.Values) (Query, error) {
	q := Query{Search: strings.ToValidUTF8(address.Get("q"), "\ufffd"), Sort: address.Get("sort"), kind: k}
	if q.Sort == "" {
		q.Sort = k.Sorts[0].Name
	}
	if err := q.parseSort(); err != nil {
		return q, err
	}
	var err error
	if q.filter, err = lookup.Parse(k, address, reserved...); err != nil {
		return q, err
	}
	q.mark, err = keyset.Parse(address.Get("after"), address.Get("before"), sample(q.sorted.Column))
	return q, err
}

func (q *Query) parseSort() error {
	name, desc := strings.CutPrefix(q.Sort, "-")
	var known []string
	for _, s := range q.kind.Sorts {
		known = append(known, s.Name)
		if s.Name != name {
			continue
		}
		q.sorted = q.kind.Must(s.Path)
		if q.sorted.Column.Norm != nil {
			q.sorted.Column = q.sorted.Column.Norm
		}
		q.order = keyset.Order{
			Value: q.sorted.Alias(q.kind.Name) + "." + q.sorted.Column.Name,
			Key:   q.kind.Name + "." + q.kind.Key.Name,
			Desc:  desc,
		}
		return nil
	}
	return problem.New(problem.BadRequest, "The address asks to sort by “%.80s”, but %s can only be sorted by: %s.",
		strings.ToValidUTF8(name, "\ufffd"), q.kind.Plural(), strings.Join(known, ", "))
}

func sample(c *graph.Column) any {
	switch c.Type {
	case graph.Text:
		return ""
	case graph.Boolean:
		return false
	default:
		return int64(0)
	}
}

// Filtered says that the list shows less than all there is.
func (q Query) Filtered() bool { return q.Search != "" || !q.filter.Empty() }

// List is a page of records.
type List[T any] struct {
	Query  Query
	Rows   []*T
	Count  int64  // of all rows that match, at most CountLimit where Filtered
	More   bool   // there are more than Count
	Before string // mark of the page before; "" when this is the first
	After  string // mark of the page after; "" when this is the last
}

// List returns the page that the query asks for, PageSize rows at most, each with the records it
// belongs to, and counts what matches: exactly when nothing is searched or filtered, up to
// CountLimit otherwise.
func (o Of[T]) List(ctx context.Context, s *store.Store, q Query) (*List[T], error) {
	list := &List[T]{Query: q}
	err := s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		page, err := o.page(ctx, s, tx, q, PageSize)
		if err != nil {
			return err
		}
		list.Rows = page.Rows
		if page.Previous {
			list.Before = q.at(page.Rows[0])
		}
		if page.Next {
			list.After = q.at(page.Rows[len(page.Rows)-1])
		}
		return list.count(ctx, s, tx)
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", q.kind.Table, err)
	}
	return list, nil
}

// First returns the first rows that match, limit at most, without counting.
func (o Of[T]) First(ctx context.Context, s *store.Store, q Query, limit int) (rows []*T, more bool, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		page, err := o.page(ctx, s, tx, q, limit)
		if err == nil {
			rows, more = page.Rows, page.Next
		}
		return err
	})
	return rows, more, err
}

func (o Of[T]) page(ctx context.Context, s *store.Store, tx bun.Tx, q Query, limit int) (*keyset.Page[*T], error) {
	page, err := keyset.Read(q.order, q.mark, limit, func(part keyset.Part) ([]*T, error) { return readPart[T](ctx, s, tx, q, part) })
	if err != nil {
		return nil, err
	}
	if len(page.Rows) == 0 {
		// The row that the mark was made from and all beyond it are gone.
		page.Previous, page.Next = false, false
	}
	return page, nil
}

// where is what the address asks of a row, as a condition on the kind's own table; "" for nothing.
func (q Query) where() (sql string, args []any) {
	filter, args := q.filter.SQL(q.kind.Name)
	words, more := search.SQL(q.kind, q.kind.Name, q.Search)
	return conjunction(filter, words), append(args, more...)
}

// Selection is all that the list shows, on all its pages.
func (q Query) Selection() *change.Selection {
	where, args := q.where()
	return change.Matching(q.kind, where, args...)
}

// conjunction joins conditions that are not empty.
func conjunction(conditions ...string) string {
	return strings.Join(slices.DeleteFunc(conditions, func(c string) bool { return c == "" }), " AND ")
}

func (l *List[T]) count(ctx context.Context, s *store.Store, tx bun.Tx) (err error) {
	k := l.Query.kind
	where, args := l.Query.where()
	if where == "" {
		l.Count, err = countAll(ctx, s, tx, k)
		return err
	}
	sql := fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s AS %s WHERE %s LIMIT %d) AS found", k.Table, k.Name, where, CountLimit+1)
	if err := tx.NewRaw(sql, args...).Scan(ctx, &l.Count); err != nil {
		return fmt.Errorf("count: %w", err)
	}
	if l.Count > CountLimit {
		l.Count, l.More = CountLimit, true
	}
	return nil
}

// at is the mark of a row in the order of the query.
func (q Query) at(record any) string {
	v := reflect.ValueOf(record)
	return keyset.Mark{Value: q.sorted.Value(v), Key: q.kind.Key.Value(v).(int64)}.String()
}

// Count returns how many records of a kind there are.
func Count(ctx context.Context, s *store.Store, k *graph.Kind) (n int64, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err = countAll(ctx, s, tx, k)
		return err
	})
	return n, err
}

func countAll(ctx context.Context, s *store.Store, tx bun.Tx, k *graph.Kind) (n int64, err error) {
	rows, err := s.Query(ctx, tx, "SELECT count(*) FROM "+k.Table)
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", k.Table, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, fmt.Errorf("count %s: %w", k.Table, err)
		}
	}
	return n, rows.Err()
}
