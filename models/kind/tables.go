package kind

import (
	"fmt"
	"slices"
	"strings"

	"maitred/models/keyset"
	"maitred/models/source"
)

// This file is the SQL of both ways to read a list.

// marked says that the page begins or ends at a row.
func (q Query) marked() bool { return q.mark != nil && !q.mark.Edge }

// passed is an expression for whether a row stands before the mark.
func (q Query) passed() (string, []any) {
	if !q.marked() {
		return "FALSE", nil
	}
	return q.order.Passed(q.mark)
}

// start joins the list's own table to a source.
func (q Query) start(from *source.Source) string { return q.startWith(from.Keys()) }

// startOften is start for who looks at so many rows and no more, and does not mind that one comes several times: a
// row of the list comes that many times at most.
func (q Query) startOften(from *source.Source) (tables string, times int) {
	if from.Times > 1 && q.kind.SQL.FindsAllFirst() {
		return q.startWith(from.SQL), from.Times
	}
	return q.start(from), 1
}

func (q Query) startWith(keys string) string {
	return "(" + keys + ") AS d" + q.kind.SQL.Join(q.kind.Table, q.kind.Name, q.key()+" = d.key")
}

// joinWay joins the tables up to the sorted column.
func (q Query) joinWay() string {
	var b strings.Builder
	for i, r := range q.sorted.Relations {
		b.WriteString(q.kind.SQL.Join(r.To.Table, q.alias(i+1), fmt.Sprintf("%s.%s = %s.%s", q.alias(i+1), r.To.Key.Name, q.alias(i), r.Column.Name)))
	}
	return b.String()
}

func whereOf(condition string) string {
	if condition == "" {
		return ""
	}
	return " WHERE " + condition
}

// rows are the tables that a part of the list is read from. Along the order these are those up to the
// sorted column; the conditions are then still to be asked.
func (w *way) rows(part keyset.Part) (string, []any) {
	if w.from != nil {
		return w.sorting(part)
	}
	if n := len(w.sorted.Relations); n > 0 && w.sorted.Relations[0] != w.kind.OneToOne() {
		return w.alongFew(part)
	}
	return w.along()
}

// sorting sorts what is read from a source. It does so with nothing but keys, and the list's own table
// is joined to those that are left.
func (w *way) sorting(part keyset.Part) (string, []any) {
	where, more := w.conditions(part)
	order, limit := part.Order()
	keys := fmt.Sprintf("SELECT %s AS key FROM %s%s%s%s", w.key(), w.start(w.from), w.joinWay(), whereOf(where), order)
	return "(" + keys + ") AS p" + w.kind.SQL.Join(w.kind.Table, w.kind.Name, w.key()+" = p.key"),
		append(append(slices.Clone(w.from.Args), more...), limit...)
}

// joined are the tables that rows has joined already.
func (w *way) joined() []string {
	if w.from != nil {
		return []string{w.kind.Name}
	}
	var names []string
	for i := range len(w.sorted.Relations) + 1 {
		names = append(names, w.alias(i))
	}
	return names
}

// along joins the tables from the sorted column to the list's own: in the order of the column's index,
// a page and no more.
func (w *way) along() (string, []any) { return w.down(0), nil }

// down joins the tables from the sorted column to that of a step of the way to it; 0 is the list's own.
func (w *way) down(to int) string {
	var b strings.Builder
	way := w.sorted.Relations
	fmt.Fprintf(&b, "%s AS %s", w.sorted.End(w.kind).Table, w.alias(len(way)))
	for i := len(way) - 1; i >= to; i-- {
		r := way[i]
		fmt.Fprintf(&b, " %s %s AS %s ON %s.%s = %s.%s", w.kind.SQL.JoinInOrder(), r.From.Table, w.alias(i), w.alias(i), r.Column.Name, w.alias(i+1), r.To.Key.Name)
	}
	return b.String()
}

// alongFew is along for a list where many records share one that they are sorted by: of each of these
// it reads a page at most, because one of them may have a million.
func (w *way) alongFew(part keyset.Part) (string, []any) {
	own := fmt.Sprintf("%s.%s = %s.%s", w.kind.Name, w.sorted.Relations[0].Column.Name, w.alias(1), w.sorted.Relations[0].To.Key.Name)
	where, args := w.conditions(part)
	order, limit := part.KeyOrder()
	return w.down(1) + w.kind.SQL.JoinFew(w.kind.Table, w.kind.Name, w.kind.Key.Name, whereOf(conjunction(own, where))+order), append(args, limit...)
}

// conditions are what is asked of the rows of a part.
func (w *way) conditions(part keyset.Part) (string, []any) {
	bounds, more := part.Where()
	if w.from == nil {
		where, args := w.whereAlong()
		return conjunction(where, bounds), append(args, more...)
	}
	if w.from.Exact {
		return bounds, more
	}
	where, args := w.where()
	return conjunction(where, bounds), append(args, more...)
}
