package kind

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/dialect"
	"maitred/models/graph"
	"maitred/models/sheet"
	"maitred/models/source"
	"maitred/models/store"
)

// Each gives row a cell for each field of all that the list shows, on whatever page: in the order of the
// list, as of one moment, by one long statement, in the memory of one row. Of a search without an order it
// gives the best CountLimit first, as the list does, and then the others that match, which the list does
// not show, by the first order of the kind. The cells are row's until it returns.
//
// The read transaction lasts as long as row takes for all of them, so row must not wait for anyone.
// Errors: those of row, as they are; TooLong, when a search or a condition takes longer than the store's
// Patience.
func (q Query) Each(ctx context.Context, s *store.Store, fields []Field, row func([]sheet.Cell) error) error {
	q.mark, q.Exact = nil, false
	err := q.view(ctx, s, func(ctx context.Context, tx bun.Tx) error {
		if q.BestFirst() {
			return q.eachBest(ctx, tx, fields, row)
		}
		return q.eachInOrder(ctx, tx, fields, func(_ int64, cells []sheet.Cell) error { return row(cells) })
	})
	if err != nil {
		return fmt.Errorf("read all %s: %w", q.kind.Table, err)
	}
	return nil
}

// bestAtOnce is how many of the records that a search found are held at once, to be put in their order.
const bestAtOnce = 1000

// eachBest reads what a search finds, best first.
func (q Query) eachBest(ctx context.Context, tx bun.Tx, fields []Field, row func([]sheet.Cell) error) error {
	hits, more, err := q.hits(ctx, tx)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(hits, bestAtOnce) {
		if err := q.eachHit(ctx, tx, some, fields, row); err != nil {
			return err
		}
	}
	if !more {
		return nil
	}
	told := make(map[int64]bool, len(hits))
	for _, h := range hits {
		told[h.key] = true
	}
	q.Sort = q.kind.Sorts[0].Name
	if err := q.parseSort(); err != nil {
		return err
	}
	return q.eachInOrder(ctx, tx, fields, func(key int64, cells []sheet.Cell) error {
		if told[key] {
			return nil
		}
		return row(cells)
	})
}

// eachHit reads some of what a search found, in the order in which they are given.
func (q Query) eachHit(ctx context.Context, tx bun.Tx, hits []hit, fields []Field, row func([]sheet.Cell) error) error {
	keys := make([]int64, len(hits))
	rows := make(map[int64][]sheet.Cell, len(hits))
	for i, h := range hits {
		keys[i] = h.key
	}
	from := source.Source{SQL: q.kind.SQL.Listed(), Args: []any{dialect.ListOf(keys)}, Exact: true}
	err := q.eachRow(ctx, tx, fields, q.start(&from)+joinPaths(q.kind, pathsOf(fields)), from.Args, func(key int64, cells []sheet.Cell) error {
		rows[key] = slices.Clone(cells)
		return nil
	})
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := row(rows[key]); err != nil {
			return err
		}
	}
	return nil
}

// eachInOrder reads all that matches in the order of the query.
func (q Query) eachInOrder(ctx context.Context, tx bun.Tx, fields []Field, row func(int64, []sheet.Cell) error) error {
	w := &way{Query: q, before: -1}
	if q.Filtered() {
		if err := w.findAll(ctx, tx); err != nil {
			return err
		}
	}
	from, args := w.all(fields)
	return q.eachRow(ctx, tx, fields, from, args, row)
}

// findAll decides from where to read all that matches. Where that is too much to be listed, an index that
// finds a part of the rows is worth sorting them; one that finds every second is not.
func (w *way) findAll(ctx context.Context, tx bun.Tx) error {
	if err := w.find(ctx, tx, CountLimit); err != nil {
		return err
	}
	if w.more && w.source != nil && w.source.Weight < source.Half && !w.Along {
		w.from = w.source
	}
	return nil
}

// all is what follows FROM in a query for all rows, up to their order.
func (w *way) all(fields []Field) (string, []any) {
	var tables, where string
	var args, more []any
	if w.from == nil {
		tables, args = w.along()
		where, more = w.whereAlong()
	} else {
		tables, args = w.start(w.from)+w.joinWay(), slices.Clone(w.from.Args)
		if !w.from.Exact {
			where, more = w.where()
		}
	}
	var joined []string
	for i := range len(w.sorted.Relations) + 1 {
		joined = append(joined, w.alias(i))
	}
	return tables + joinPaths(w.kind, pathsOf(fields), joined...) + whereOf(where) + w.order.All(), append(args, more...)
}

// eachRow reads the key and the fields of each row; from is all that follows FROM.
func (q Query) eachRow(ctx context.Context, tx bun.Tx, fields []Field, from string, args []any, row func(int64, []sheet.Cell) error) error {
	columns := []string{q.key()}
	for _, f := range fields {
		columns = append(columns, f.Path.Alias(q.kind.Name)+"."+f.Path.Column.Name)
	}
	rows, err := tx.QueryContext(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+from, args...)
	if err != nil {
		return fmt.Errorf("read the rows: %w", err)
	}
	defer rows.Close()
	into := newCells(fields)
	for rows.Next() {
		if err := into.read(rows); err != nil {
			return err
		}
		if err := row(into.key, into.cells); err != nil {
			return err
		}
	}
	return rows.Err()
}

// cells are where the columns of a row go; they are used for one after the other.
type cells struct {
	key      int64
	cells    []sheet.Cell
	answers  []bool // of the questions, by the numbers of their cells
	pointers []any
	asked    []int // the cells that hold answers
}

func newCells(fields []Field) *cells {
	c := &cells{cells: make([]sheet.Cell, len(fields)), answers: make([]bool, len(fields))}
	c.pointers = append(c.pointers, &c.key)
	for i, f := range fields {
		cell := &c.cells[i]
		switch cell.Kind = sheet.Text; f.Path.Column.Type {
		case graph.Integer:
			cell.Kind = sheet.Number
			c.pointers = append(c.pointers, &cell.Number)
		case graph.Boolean:
			c.asked = append(c.asked, i)
			c.pointers = append(c.pointers, &c.answers[i])
		default:
			c.pointers = append(c.pointers, &cell.Text)
		}
	}
	return c
}

func (c *cells) read(rows *sql.Rows) error {
	if err := rows.Scan(c.pointers...); err != nil {
		return fmt.Errorf("read a row: %w", err)
	}
	for _, i := range c.asked {
		c.cells[i].Text = YesOrNo(c.answers[i])
	}
	return nil
}

// YesOrNo is how a file says what the answer to a question is.
func YesOrNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func pathsOf(fields []Field) []graph.Path {
	paths := make([]graph.Path, len(fields))
	for i, f := range fields {
		paths[i] = f.Path
	}
	return paths
}
