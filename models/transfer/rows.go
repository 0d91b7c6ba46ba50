package transfer

import (
	"database/sql"

	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// rows are the rows of a table in the order of its key, one after another.
type rows struct {
	table *table
	found *sql.Rows
}

// all reads the rows of the table. They must be closed.
func (t *table) all() (*rows, error) {
	var columns, key []string
	for _, c := range t.columns {
		name := quoted(c.name)
		if t.onServer && c.holds == image {
			name += "::text"
		}
		columns = append(columns, name)
	}
	for _, at := range t.key {
		key = append(key, quoted(t.columns[at].name))
	}
	found, err := t.tx.QueryContext(t.ctx, fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", strings.Join(columns, ", "), t.quoted(), strings.Join(key, ", ")))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.name, err)
	}
	return &rows{t, found}, nil
}

// next is the next row, nil after the last: int64, string, bool, []byte or nil by column. Errors: also that a
// column does not hold what it is meant to.
func (r *rows) next() ([]any, error) {
	if !r.found.Next() {
		return nil, r.found.Err()
	}
	row, into := make([]any, len(r.table.columns)), make([]any, len(r.table.columns))
	for i := range row {
		into[i] = &row[i]
	}
	if err := r.found.Scan(into...); err != nil {
		return nil, fmt.Errorf("read %s: %w", r.table.name, err)
	}
	for i, c := range r.table.columns {
		value, ok := c.value(row[i])
		if !ok {
			return nil, fmt.Errorf("%s: %s is no %s", r.table.called(row), c.name, c.holds)
		}
		row[i] = value
	}
	return row, nil
}

func (r *rows) close() error { return r.found.Close() }

// value is a value as it is, whichever database it is from. SQLite lets columns hold what they are not meant to,
// which is not ok.
func (c column) value(v any) (value any, ok bool) {
	switch v := v.(type) {
	case nil:
		return nil, true
	case int64:
		if c.holds == yesOrNo {
			return v == 1, v == 0 || v == 1
		}
		return v, c.holds == number
	case bool:
		return v, c.holds == yesOrNo
	case string:
		return v, c.isText()
	case []byte:
		if v == nil { // the driver has nothing else for no bytes
			v = []byte{}
		}
		return v, c.holds == blob
	default:
		return v, false
	}
}

// called names a row by its table and key.
func (t *table) called(row []any) string {
	var key []string
	for _, at := range t.key {
		switch v := row[at].(type) {
		case string:
			key = append(key, strconv.Quote(v))
		default:
			key = append(key, fmt.Sprint(v))
		}
	}
	return t.name + " " + strings.Join(key, " ")
}

// fit makes a row of the source one of the target. Errors: the target cannot hold it.
func (p pair) fit(row []any, spell func(row []any, image string) string) error {
	for i, to := range p.to.columns {
		value, isString := row[i].(string)
		if !isString {
			continue
		}
		from := p.from.columns[i]
		switch {
		case to.holds == image && from.holds != image:
			if err := isJSON(value); err != nil {
				return fmt.Errorf("%s: %s %w", p.to.called(row), to.name, err)
			}
		case to.holds != image && from.holds == image:
			row[i] = spell(row, value)
		case p.to.onServer && !utf8.ValidString(value):
			return fmt.Errorf("%s: %s is no text in UTF-8, and PostgreSQL holds no other", p.to.called(row), to.name)
		case p.to.onServer && strings.Contains(value, "\x00"):
			return fmt.Errorf("%s: %s has a character NUL in it, which PostgreSQL cannot hold", p.to.called(row), to.name)
		}
	}
	return nil
}
