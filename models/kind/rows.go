package kind

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/keyset"
	"maitred/models/store"
)

// A page of a list is most of what this program does. Bun's relations read every column of every
// joined table and find each by its name in each row, which doubled the time of a page; so lists
// are read here, by the same graph, with only the columns that a list shows.

// shape is a record of a list with the records that are read along.
type shape struct {
	kind    *graph.Kind
	alias   string
	columns []*graph.Column
	along   []along
}

// along is a record that is read with another one: a parent, which is always there, or the one
// record that belongs to it, which may not be.
type along struct {
	relation *graph.Relation
	field    []int // of the model
	shape    *shape
}

// readRows reads one part of a list.
func readRows[T any](ctx context.Context, tx bun.Tx, q Query, part keyset.Part) ([]*T, error) {
	typ := reflect.TypeFor[T]()
	top := q.shape(q.kind, typ, q.kind.Name)
	where, args := q.where()
	bounds, more := part.Where()
	sql := "SELECT " + strings.Join(top.names(nil), ", ") + " FROM " + q.tables(top)
	if where = conjunction(where, bounds); where != "" {
		sql += " WHERE " + where
	}
	rows, err := tx.QueryContext(ctx, sql+part.Order(), append(args, more...)...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", q.kind.Table, err)
	}
	defer rows.Close()
	var records []*T
	for rows.Next() {
		record := new(T)
		into := row{}
		into.add(top, reflect.ValueOf(record))
		if err := rows.Scan(into.pointers...); err != nil {
			return nil, fmt.Errorf("read a row of %s: %w", q.kind.Table, err)
		}
		into.finish()
		records = append(records, record)
	}
	return records, rows.Err()
}

// shape is a kind with its parents up to the top and, at the bottom, the one record that belongs to
// it.
func (q Query) shape(k *graph.Kind, typ reflect.Type, alias string) *shape {
	s := &shape{kind: k, alias: alias, columns: q.columns(k)}
	prefix := alias + "__"
	if k == q.kind {
		prefix = ""
	}
	relations := slices.Clone(k.Parents)
	for _, r := range k.Children {
		if k == q.kind && !r.Many {
			relations = append(relations, r)
		}
	}
	for _, r := range relations {
		f, _ := typ.FieldByName(r.Field) // Bun found the relation there
		next := along{relation: r, field: f.Index}
		if r.Parent {
			next.shape = q.shape(r.To, f.Type.Elem(), prefix+r.Name)
		} else {
			next.shape = &shape{kind: r.To, alias: prefix + r.Name, columns: q.columns(r.To)}
		}
		s.along = append(s.along, next)
	}
	return s
}

// columns are what a list reads of each kind: of its own kind and of the one record that belongs
// to a row, what people see; of the parents only what the description names.
func (q Query) columns(k *graph.Kind) []*graph.Column {
	named := q.kind.Named()
	var columns []*graph.Column
	for _, c := range k.Columns {
		seen := !c.Inside || c.Kept
		if q.kind.Above(k) {
			seen = c == k.Key || k.ParentBy(c) != nil || slices.Contains(named, c)
		}
		if seen || c == q.sorted.Column {
			columns = append(columns, c)
		}
	}
	return columns
}

func (s *shape) names(names []string) []string {
	for _, c := range s.columns {
		names = append(names, s.alias+"."+c.Name)
	}
	for _, a := range s.along {
		names = a.shape.names(names)
	}
	return names
}

// tables joins the tables of the shape. A list that is sorted by a column of a parent starts from
// that parent: without a condition in the order of its index, a page and no more; with one, the
// database may start from the condition.
func (q Query) tables(top *shape) string {
	join := " JOIN "
	if !q.Filtered() {
		join = " " + store.JoinInOrder + " "
	}
	way := q.sorted.Relations
	alias := func(n int) string { return graph.Path{Relations: way[:n]}.Alias(top.alias) }
	first := q.kind.Table
	if len(way) > 0 {
		first = way[len(way)-1].To.Table
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s AS %s", first, alias(len(way)))
	joined := []string{alias(len(way))}
	for i := len(way) - 1; i >= 0; i-- {
		r := way[i]
		fmt.Fprintf(&b, "%s%s AS %s ON %s.%s = %s.%s", join, r.From.Table, alias(i), alias(i), r.Column.Name, alias(i+1), r.To.Key.Name)
		joined = append(joined, alias(i))
	}
	top.join(&b, joined)
	return b.String()
}

// join adds the tables that are not joined yet. LEFT JOIN, for parents too, because it leaves the
// database no choice where to start.
func (s *shape) join(b *strings.Builder, joined []string) {
	for _, a := range s.along {
		to, r := a.shape, a.relation
		there, here := r.To.Key, r.Column
		if !r.Parent {
			there, here = r.Column, s.kind.Key
		}
		if !slices.Contains(joined, to.alias) {
			fmt.Fprintf(b, " LEFT JOIN %s AS %s ON %s.%s = %s.%s", to.kind.Table, to.alias, to.alias, there.Name, s.alias, here.Name)
		}
		to.join(b, joined)
	}
}

// row is where the columns of one row go.
type row struct {
	pointers []any
	later    []func()
}

func (w *row) add(s *shape, record reflect.Value) {
	for _, c := range s.columns {
		w.pointers = append(w.pointers, c.Pointer(record))
	}
	for _, a := range s.along {
		field := reflect.Indirect(record).FieldByIndex(a.field)
		next := reflect.New(field.Type().Elem())
		if a.relation.Parent {
			field.Set(next)
			w.add(a.shape, next)
			continue
		}
		w.addMaybe(a.shape, field, next)
	}
}

// addMaybe reads a record that may not be there: all its columns are NULL then.
func (w *row) addMaybe(s *shape, field, record reflect.Value) {
	for _, c := range s.columns {
		p := reflect.New(reflect.TypeOf(c.Pointer(record))) // NULL leaves this pointer nil
		w.pointers = append(w.pointers, p.Interface())
		w.later = append(w.later, func() {
			if !p.Elem().IsNil() {
				field.Set(record)
				c.Set(record, p.Elem().Elem().Interface())
			}
		})
	}
}

func (w *row) finish() {
	for _, f := range w.later {
		f()
	}
}
