// Package keyset turns pages by key: a page starts after the last row of the one before, so that
// the last page costs what the first one costs, and nothing is shown twice or skipped while others
// write.
package keyset

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"maitred/models/dialect"
	"maitred/models/problem"
)

// Order is how a list is sorted: by a column, then by the key in the same direction.
// Value and Key are SQL names; Value is empty for a list sorted by the key alone. SQL is the dialect that its
// statements are in.
type Order struct {
	Value, Key string
	Desc       bool
	SQL        dialect.Dialect
}

// Mark is a place in a list: just after a row, or just before it.
type Mark struct {
	Value  any
	Key    int64
	Before bool // the rows before the mark
	Edge   bool // the end of the list instead of a row

	Stood int64 // how many rows stood before the mark when it was made; 0: not known
}

// Page is a run of rows with the marks of its ends.
type Page[T any] struct {
	Rows     []T
	Previous bool // there are rows before
	Next     bool // there are rows after
}

// Read reads limit rows from the mark (nil: from the beginning). rows reads one part of the list.
//
// A mark is two ranges (rows with the same value and a higher key, then rows with a higher value)
// and each is a statement of its own: an OR of the two, or a row value over a join, makes SQLite
// read the whole list.
func Read[T any](o Order, mark *Mark, limit int, rows func(Part) ([]T, error)) (*Page[T], error) {
	backward := mark != nil && mark.Before
	desc := o.Desc != backward
	var all []T
	for _, bounds := range o.ranges(mark, desc) {
		if len(all) > limit {
			break
		}
		more, err := rows(Part{o, desc, bounds, limit + 1 - len(all)})
		if err != nil {
			return nil, fmt.Errorf("read a page: %w", err)
		}
		all = append(all, more...)
	}
	page := &Page[T]{Previous: mark != nil && !mark.Edge, Next: len(all) > limit}
	page.Rows = all[:min(limit, len(all))]
	if backward {
		slices.Reverse(page.Rows)
		page.Previous, page.Next = page.Next, page.Previous
	}
	return page, nil
}

// Part is a run of rows that one statement can read in the order of an index.
type Part struct {
	order  Order
	desc   bool
	bounds []bound
	limit  int
}

// Where returns the conditions of the part, joined by AND, and their arguments; "" for none.
func (p Part) Where() (sql string, args []any) {
	for i, b := range p.bounds {
		if i > 0 {
			sql += " AND "
		}
		sql += b.column + " " + b.operator + " ?"
		args = append(args, b.value)
	}
	return sql, args
}

// Order returns the ORDER BY and LIMIT of the part.
func (p Part) Order() (sql string, args []any) {
	limit, args := p.order.SQL.Limit(p.limit)
	return p.order.sql(p.desc) + limit, args
}

// All is the ORDER BY of the whole list.
func (o Order) All() string { return o.sql(o.Desc) }

func (o Order) sql(desc bool) string {
	direction := " ASC"
	if desc {
		direction = " DESC"
	}
	if o.Value == "" {
		return " ORDER BY " + o.Key + direction
	}
	return " ORDER BY " + o.Value + direction + ", " + o.Key + direction
}

// KeyOrder is Order by the key alone, for rows whose value is the same.
func (p Part) KeyOrder() (sql string, args []any) {
	p.order.Value = ""
	return p.Order()
}

// bound limits a range on one column.
type bound struct {
	column, operator string
	value            any
}

// ranges are the parts of the list from the mark on, in their order.
func (o Order) ranges(mark *Mark, desc bool) [][]bound {
	beyond := ">"
	if desc {
		beyond = "<"
	}
	switch {
	case mark == nil || mark.Edge:
		return [][]bound{nil}
	case o.Value == "":
		return [][]bound{{{o.Key, beyond, mark.Key}}}
	default:
		return [][]bound{
			{{o.Value, "=", mark.Value}, {o.Key, beyond, mark.Key}},
			{{o.Value, beyond, mark.Value}},
		}
	}
}

// Passed returns the rows before a mark that is no edge as a condition, with its arguments.
func (o Order) Passed(m *Mark) (sql string, args []any) {
	before, until := "<", "<="
	if o.Desc {
		before, until = ">", ">="
	}
	if m.Before {
		until = before
	}
	if o.Value == "" {
		return o.Key + " " + until + " ?", []any{m.Key}
	}
	return fmt.Sprintf("(%s %s ? OR %s = ? AND %s %s ?)", o.Value, before, o.Value, o.Key, until), []any{m.Value, m.Value, m.Key}
}

// PassedParts returns the rows before a mark that is no edge as parts of the list, each of which one
// statement can count in the order of an index, limit rows at most.
func (o Order) PassedParts(m *Mark, limit int) []Part {
	back := Mark{Value: m.Value, Key: m.Key}
	var parts []Part
	for i, bounds := range o.ranges(&back, !o.Desc) {
		if i == 0 && !m.Before { // the row of the mark is before it
			bounds[len(bounds)-1].operator += "="
		}
		parts = append(parts, Part{o, !o.Desc, bounds, limit})
	}
	return parts
}

// End is how an address says "the last page".
const End = "end"

// String writes the mark for an address; Parse reads it.
func (m Mark) String() string {
	parts := []any{m.Value, m.Key} // strings, numbers and booleans only
	if m.Stood > 0 {
		parts = append(parts, m.Stood)
	}
	b, _ := json.Marshal(parts)
	return base64.RawURLEncoding.EncodeToString(b)
}

// maxStood is more rows than a list has, and few enough to count on from.
const maxStood = 1 << 40

// Parse reads a mark after or before a row. sample is a value of the sorted column's type (an
// int64, a string or a bool; nil when sorted by key). Errors: BadRequest.
func Parse(after, before string, sample any) (*Mark, error) {
	text := after
	if before != "" {
		text = before
	}
	switch {
	case text == "":
		return nil, nil
	case after != "" && before != "":
		return nil, unreadable
	case before == End:
		return &Mark{Before: true, Edge: true}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	var parts []json.RawMessage
	if err != nil || json.Unmarshal(b, &parts) != nil || len(parts) < 2 || len(parts) > 3 {
		return nil, unreadable
	}
	m := &Mark{Before: before != ""}
	if m.Value, err = value(parts[0], sample); err != nil {
		return nil, err
	}
	key, err := value(parts[1], int64(0))
	if err != nil {
		return nil, err
	}
	m.Key = key.(int64)
	if len(parts) == 3 {
		stood, err := value(parts[2], int64(0))
		if err != nil || stood.(int64) < 1 || stood.(int64) > maxStood {
			return nil, unreadable
		}
		m.Stood = stood.(int64)
	}
	return m, nil
}

var unreadable = problem.New(problem.BadRequest, "The address names a page that cannot be found. Start again from the first page.")

func value(raw json.RawMessage, sample any) (any, error) {
	switch sample.(type) {
	case string:
		var s *string
		if err := json.Unmarshal(raw, &s); err != nil || s == nil || strings.ContainsRune(*s, 0) {
			return nil, unreadable
		}
		return *s, nil
	case int64:
		var n *int64
		if err := json.Unmarshal(raw, &n); err != nil || n == nil {
			return nil, unreadable
		}
		return *n, nil
	case bool:
		var b *bool
		if err := json.Unmarshal(raw, &b); err != nil || b == nil {
			return nil, unreadable
		}
		return *b, nil
	default:
		return nil, nil
	}
}
