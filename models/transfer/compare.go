package transfer

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
)

// Shown is how many differences are told. All are counted.
const Shown = 20

// Different says in which rows the two sides are not the same.
type Different struct {
	Found []string // by table, key and column, Shown at most; never what stands there, which may be a secret
	Count int64
}

func (d *Different) Error() string {
	more := ""
	if d.Count > int64(len(d.Found)) {
		more = fmt.Sprintf("; and %d more", d.Count-int64(len(d.Found)))
	}
	return "the two are not the same: " + strings.Join(d.Found, "; ") + more
}

func (d *Different) find(format string, args ...any) {
	if d.Count++; d.Count <= Shown {
		d.Found = append(d.Found, fmt.Sprintf(format, args...))
	}
}

// compare compares all rows of both. Errors: Different.
func compare(ctx context.Context, source, target *opened, m *meter) (*Done, error) {
	all, err := pairs(source, target)
	if err != nil {
		return nil, err
	}
	done, differences := &Done{Tables: len(all)}, new(Different)
	for _, p := range all {
		m.begin("Comparing", p.to)
		n, err := p.compare(ctx, differences, m)
		if err != nil {
			return nil, err
		}
		done.Rows += n
	}
	for _, t := range target.tables {
		if source.table(t.name) != nil {
			continue
		}
		err := (&opened{tables: []*table{t}}).mustBeEmpty() // only this side has the table
		if errors.As(err, new(*NotEmpty)) {
			differences.find("%s: only the copy has it, with rows", t.name)
		} else if err != nil {
			return nil, err
		}
	}
	if differences.Count > 0 {
		return done, differences
	}
	return done, nil
}

// compare goes through both tables in the order of their keys, and returns how many rows the source has.
func (p pair) compare(ctx context.Context, d *Different, m *meter) (n int64, err error) {
	from, err := p.from.all()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	to, err := p.to.all()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, to.close()) }()

	a, err := from.next()
	if err != nil {
		return 0, err
	}
	b, err := to.next()
	for err == nil && (a != nil || b != nil) && ctx.Err() == nil {
		order := p.order(a, b)
		switch {
		case order < 0:
			d.find("%s: the copy has no such row", p.from.called(a))
		case order > 0:
			d.find("%s: only the copy has such a row", p.to.called(b))
		default:
			for i, c := range p.to.columns {
				if !p.same(i, a[i], b[i]) {
					d.find("%s: %s is not the same", p.to.called(b), c.name)
				}
			}
		}
		if order <= 0 {
			n++
			m.did()
			if a, err = from.next(); err != nil {
				break
			}
		}
		if order >= 0 {
			b, err = to.next()
		}
	}
	return n, errors.Join(err, ctx.Err())
}

// same says that the values of a column are.
func (p pair) same(column int, a, b any) bool {
	switch a := a.(type) {
	case []byte:
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	case string:
		b, ok := b.(string)
		if isImage := p.from.columns[column].holds == image || p.to.columns[column].holds == image; ok && isImage {
			return sameJSON(a, b)
		}
		return ok && a == b
	default:
		return a == b
	}
}

// order is below 0 when the first row comes before the second, and above it when it comes after. No row comes after all.
func (p pair) order(a, b []any) int {
	switch {
	case b == nil:
		return -1
	case a == nil:
		return 1
	}
	for _, at := range p.to.key {
		if c := compareValues(a[at], b[at]); c != 0 {
			return c
		}
	}
	return 0
}

// compareValues compares two values of a key as both databases sort them: numbers by size, texts and bytes by bytes.
func compareValues(a, b any) int {
	switch a := a.(type) {
	case int64:
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b)
		}
	case string:
		if b, ok := b.(string); ok {
			return cmp.Compare(a, b)
		}
	case []byte:
		if b, ok := b.([]byte); ok {
			return bytes.Compare(a, b)
		}
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) // yes and no
}
