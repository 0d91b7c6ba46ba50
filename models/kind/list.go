package kind

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun"

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
		page, err := o.page(ctx, tx, q, PageSize)
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
		return list.count(ctx, tx)
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", q.kind.Table, err)
	}
	return list, nil
}

// First returns the first rows that match, limit at most, without counting.
func (o Of[T]) First(ctx context.Context, s *store.Store, q Query, limit int) (rows []*T, more bool, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		page, err := o.page(ctx, tx, q, limit)
		if err == nil {
			rows, more = page.Rows, page.Next
		}
		return err
	})
	return rows, more, err
}

func (o Of[T]) page(ctx context.Context, tx bun.Tx, q Query, limit int) (*keyset.Page[*T], error) {
	page, err := keyset.Read(ctx, func(into *[]*T, part keyset.Part) *bun.SelectQuery {
		rows := withRelations(tx.NewSelect().Model(into), q.kind, q.columns)
		if len(q.sorted.Relations) == 0 {
			return part.Limited(q.where(rows))
		}
		keys := part.Limited(q.where(q.fromParent(tx)))
		return part.Ordered(rows.Where("? IN (?)", bun.Safe(q.order.Key), keys))
	}, q.order, q.mark, limit)
	if err != nil {
		return nil, err
	}
	if len(page.Rows) == 0 {
		// The row that the mark was made from and all beyond it are gone.
		page.Previous, page.Next = false, false
	}
	return page, nil
}

// columns are what a list reads of each kind: of its own kind and of the one record that belongs
// to a row, what people see; of the parents only what the description names. Reading a column
// costs more than finding the row.
func (q Query) columns(k *graph.Kind) []string {
	named := q.kind.Named()
	var names []string
	for _, c := range k.Columns {
		seen := !c.Inside || c.Kept
		if q.kind.Above(k) {
			seen = c == k.Key || k.ParentBy(c) != nil || slices.Contains(named, c)
		}
		if seen || c == q.sorted.Column {
			names = append(names, c.Name)
		}
	}
	return names
}

// fromParent selects the keys of a list that is sorted by a column of a parent, under the names
// that Bun gives to the joined tables. Without a condition the list is read in the order of the
// parent's index, a page and no more; with one, the database may start from the condition.
func (q Query) fromParent(tx bun.Tx) *bun.SelectQuery {
	join := "JOIN"
	if !q.Filtered() {
		join = store.JoinInOrder
	}
	way := q.sorted.Relations
	last := way[len(way)-1]
	b := tx.NewSelect().TableExpr("? AS ?", bun.Ident(last.To.Table), bun.Ident(graph.Path{Relations: way}.Alias("")))
	for i := len(way) - 1; i >= 0; i-- {
		r := way[i]
		up, down := graph.Path{Relations: way[:i+1]}.Alias(""), graph.Path{Relations: way[:i]}.Alias(q.kind.Name)
		b.Join("? ? AS ? ON ?.? = ?.?", bun.Safe(join), bun.Ident(r.From.Table), bun.Ident(down),
			bun.Ident(down), bun.Ident(r.Column.Name), bun.Ident(up), bun.Ident(r.To.Key.Name))
	}
	return b.ColumnExpr("?", bun.Safe(q.order.Key))
}

func (q Query) where(b *bun.SelectQuery) *bun.SelectQuery {
	if sql, args := q.filter.SQL(q.kind.Name); sql != "" {
		b.Where(sql, args...)
	}
	if sql, args := search.SQL(q.kind, q.kind.Name, q.Search); sql != "" {
		b.Where(sql, args...)
	}
	return b
}

func (l *List[T]) count(ctx context.Context, tx bun.Tx) error {
	k := l.Query.kind
	rows := l.Query.where(tx.NewSelect().TableExpr("? AS ?", bun.Ident(k.Table), bun.Ident(k.Name)))
	if !l.Query.Filtered() {
		return rows.ColumnExpr("count(*)").Scan(ctx, &l.Count)
	}
	rows.ColumnExpr("1").Limit(CountLimit + 1)
	if err := tx.NewSelect().TableExpr("(?) AS found", rows).ColumnExpr("count(*)").Scan(ctx, &l.Count); err != nil {
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
		return tx.NewSelect().TableExpr("?", bun.Ident(k.Table)).ColumnExpr("count(*)").Scan(ctx, &n)
	})
	return n, err
}
