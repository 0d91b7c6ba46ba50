package kind

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/keyset"
	"maitred/models/store"
)

// Bun's relations read every column of every joined table and look each up by its name in each
// row, which doubled the time of a page. So records are read here, along the same graph, with only
// the columns that are asked for.

// shape is a record with the records that are read along.
type shape struct {
	kind    *graph.Kind
	alias   string
	columns []*graph.Column
	along   []along
	maybe   bool // it may not be there
}

// along is a record that is read with another one: a parent, which is always there, or the one
// record that belongs to it, which may not be.
type along struct {
	relation *graph.Relation
	field    []int // of the model
	shape    *shape
}

// readPart reads one part of a list.
func readPart[T any](ctx context.Context, s *store.Store, tx bun.Tx, w *way, part keyset.Part) ([]*T, error) {
	top := shapeOf(w.kind, reflect.TypeFor[T](), w.columns())
	from, args := w.rows(part)
	var b strings.Builder
	b.WriteString(from)
	top.join(&b, w.joined())
	order, limit := part.Order()
	if w.from == nil {
		where, more := w.conditions(part)
		b.WriteString(whereOf(where))
		args = append(args, more...)
	}
	return readRows[T](ctx, w.querier(s, tx), top, b.String()+order, append(args, limit...))
}

// readOne reads the record with this key; none when there is no such record.
func readOne[T any](ctx context.Context, s *store.Store, tx bun.Tx, k *graph.Kind, key int64) ([]*T, error) {
	top := shapeOf(k, reflect.TypeFor[T](), func(k *graph.Kind) []*graph.Column { return k.Columns })
	var from strings.Builder
	fmt.Fprintf(&from, "%s AS %s", k.Table, k.Name)
	top.join(&from, nil)
	fmt.Fprintf(&from, " WHERE %s.%s = ?", k.Name, k.Key.Name)
	return readRows[T](ctx, prepared(s, tx), top, from.String(), []any{key})
}

// querier runs a statement.
type querier func(ctx context.Context, text string, args ...any) (*sql.Rows, error)

// querier runs the statements of a list. Of what asks nothing there is one text for each order,
// direction and kind of mark.
func (q Query) querier(s *store.Store, tx bun.Tx) querier {
	if q.Filtered() {
		return func(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
			return store.Ask(ctx, tx, text, args...)
		}
	}
	return prepared(s, tx)
}

// prepared runs statements whose text the store may keep.
func prepared(s *store.Store, tx bun.Tx) querier {
	return func(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
		return s.Query(ctx, tx, text, args...)
	}
}

// readRows reads the rows of a shape; from is all that follows FROM.
func readRows[T any](ctx context.Context, query querier, top *shape, from string, args []any) ([]*T, error) {
	rows, err := query(ctx, "SELECT "+strings.Join(top.names(nil), ", ")+" FROM "+from, args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", top.kind.Table, err)
	}
	defer rows.Close()
	var records []*T
	var into row
	for rows.Next() {
		record := new(T)
		into.point(top, reflect.ValueOf(record).Elem())
		if err := rows.Scan(into.pointers...); err != nil {
			return nil, fmt.Errorf("read a row of %s: %w", top.kind.Table, err)
		}
		into.finish()
		records = append(records, record)
	}
	return records, rows.Err()
}

// shapeOf is a kind with its parents up to the top and, below, the one record that belongs to it.
// typ is the model; columns says what is read of each kind.
func shapeOf(k *graph.Kind, typ reflect.Type, columns func(*graph.Kind) []*graph.Column) *shape {
	s := withParents(k, typ, k.Name, "", columns)
	for _, r := range k.Children {
		if !r.Many {
			s.along = append(s.along, along{r, fieldOf(r, typ).Index, &shape{kind: r.To, alias: r.Name, columns: columns(r.To), maybe: true}})
		}
	}
	return s
}

// withParents names the joined tables as paths do: "place", "restaurant__place".
func withParents(k *graph.Kind, typ reflect.Type, alias, prefix string, columns func(*graph.Kind) []*graph.Column) *shape {
	s := &shape{kind: k, alias: alias, columns: columns(k)}
	for _, r := range k.Parents {
		f := fieldOf(r, typ)
		s.along = append(s.along, along{r, f.Index, withParents(r.To, f.Type.Elem(), prefix+r.Name, prefix+r.Name+"__", columns)})
	}
	return s
}

// fieldOf is the field of the model where Bun found the relation.
func fieldOf(r *graph.Relation, typ reflect.Type) reflect.StructField {
	f, _ := typ.FieldByName(r.Field)
	return f
}

// columns are what a list reads of each kind: of its own kind and of the one record that belongs
// to a row, what people see; of the parents only what the description names.
func (q Query) columns() func(*graph.Kind) []*graph.Column {
	named := q.kind.Named()
	return func(k *graph.Kind) []*graph.Column {
		above := q.kind.Above(k)
		columns := make([]*graph.Column, 0, len(k.Columns))
		for _, c := range k.Columns {
			seen := !c.Inside || c.Kept
			if above {
				seen = c == k.Key || k.ParentBy(c) != nil || slices.Contains(named, c)
			}
			if seen || c == q.sorted.Column {
				columns = append(columns, c)
			}
		}
		return columns
	}
}

// names are the columns in SQL. Those of a record that is not there are read as zeros.
func (s *shape) names(names []string) []string {
	for _, c := range s.columns {
		name := s.alias + "." + c.Name
		if s.maybe {
			name = "coalesce(" + name + ", " + zeros[c.Type] + ")"
		}
		names = append(names, name)
	}
	for _, a := range s.along {
		names = a.shape.names(names)
	}
	return names
}

var zeros = map[graph.Type]string{graph.Integer: "0", graph.Boolean: "FALSE", graph.Text: "''"}

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

// row is where the columns of one row go; it is used for one after the other.
type row struct {
	pointers []any
	maybe    []maybe
}

// maybe is a record that was read along and is only there if it has a key: keys begin at 1.
type maybe struct {
	field, record reflect.Value
	key           *graph.Column
}

// point lets the columns of a shape go into a new record.
func (w *row) point(s *shape, record reflect.Value) {
	w.pointers, w.maybe = w.pointers[:0], w.maybe[:0]
	w.add(s, record)
}

func (w *row) add(s *shape, record reflect.Value) {
	for _, c := range s.columns {
		w.pointers = append(w.pointers, c.Pointer(record))
	}
	for _, a := range s.along {
		field := record.FieldByIndex(a.field)
		next := reflect.New(field.Type().Elem())
		if a.shape.maybe {
			w.maybe = append(w.maybe, maybe{field, next, a.shape.kind.Key})
		} else {
			field.Set(next)
		}
		w.add(a.shape, next.Elem())
	}
}

// finish takes up the records that are there.
func (w *row) finish() {
	for _, m := range w.maybe {
		if m.key.Value(m.record).(int64) != 0 {
			m.field.Set(m.record)
		}
	}
}
