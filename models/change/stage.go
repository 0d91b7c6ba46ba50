package change

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/dialect"
	"maitred/models/graph"
)

// Row is one row of a change: what it was and what it became, as JSON objects by column.
type Row struct {
	bun.BaseModel `bun:"table:change_rows,alias:change_row"`

	ChangeID  int64 `bun:",pk"`
	Kind      string
	Identity  int64
	BeforeKey *int64 // nil: the row did not exist
	AfterKey  *int64 // nil: the row is gone
	Label     string
	Before    string `bun:",nullzero"`
	After     string `bun:",nullzero"`

	Cause *Cause `bun:"-"` // what it went along with; nil for none
}

// Effect says what happened to the row.
func (r *Row) Effect() Effect {
	switch {
	case r.BeforeKey == nil:
		return Created
	case r.AfterKey == nil:
		return Deleted
	default:
		return Changed
	}
}

// stage records a step's rows, before and after, as they will be: apply then makes the tables
// equal to the record, so that history cannot differ from what happened.
func stage(ctx context.Context, tx bun.Tx, change int64, s *Step) error {
	if s.values != nil {
		return stageValues(ctx, tx, change, s)
	}
	if s.edits != nil {
		return stageEdits(ctx, tx, change, s)
	}
	row := s.present(change)
	if s.past {
		row = s.recorded(change)
	}
	from, fromArgs := s.Rows.from()
	q := fmt.Sprintf(`INSERT INTO change_rows (change_id, kind, identity, before_key, after_key, label, before, after)
		SELECT ?, ?, %s, %s, %s, %s, %s, %s FROM %s`,
		row.identity.sql, row.beforeKey.sql, row.afterKey.sql, row.label.sql, row.before.sql, row.after.sql, from)
	args := []any{change, s.Kind.Table}
	for _, more := range []expr{row.identity, row.beforeKey, row.afterKey, row.label, row.before, row.after} {
		args = append(args, more.args...)
	}
	n, err := execRows(ctx, tx, q, append(args, fromArgs...)...)
	if err != nil {
		return fmt.Errorf("record %s: %w", s.Kind.Table, err)
	}
	return equal("record "+s.Kind.Table, s.Count, n)
}

// staged are the columns of a recorded row as expressions.
type staged struct{ identity, beforeKey, afterKey, label, before, after expr }

// present stages rows that are in their table.
func (s *Step) present(change int64) staged {
	k := s.Kind
	null := expr{sql: "NULL"}
	key := expr{sql: k.Table + "." + k.Key.Name}
	row := staged{
		identity: expr{sql: s.identity()}, beforeKey: key, afterKey: null, label: expr{sql: labelOf(k)},
		before: expr{sql: k.Image(func(c *graph.Column) string { return k.Table + "." + c.Name })}, after: null,
	}
	if s.called != "" {
		row.label = literal(s.called)
	}
	if s.Effect != Deleted {
		row.afterKey = s.keyAfter()
		row.after.sql = k.Image(func(c *graph.Column) string {
			e, ok := s.set[c.Name]
			switch {
			case c.Name == "version":
				e = literal(change)
			case !ok:
				e = expr{sql: k.Table + "." + c.Name}
			}
			row.after.args = append(row.after.args, e.args...)
			return e.sql
		})
	}
	if s.Effect == Created { // a copy of the rows
		row.before, row.beforeKey = null, null
		if e, ok := s.set[k.Identity.Name]; ok {
			row.identity = e
		}
	}
	return row
}

// recorded stages rows that come back from an earlier change, which removed them.
func (s *Step) recorded(change int64) staged {
	null := expr{sql: "NULL"}
	var with []dialect.Value
	var args []any
	for _, c := range s.Kind.Images() {
		e, ok := s.set[c.Name]
		if c.Name == "version" {
			e, ok = literal(change), true
		}
		if ok {
			with, args = append(with, dialect.Value{Column: c.Column, SQL: e.sql}), append(args, e.args...)
		}
	}
	label := expr{sql: "r.label"}
	if up := s.Kind.OneToOne(); up != nil && s.Kind.BorrowsLabel() && s.set[s.Kind.Key.Name].sql != "" { // it is called by where it is
		at := s.keyAfter()
		label = expr{fmt.Sprintf("coalesce((SELECT %s FROM %s WHERE %s.%s = %s), r.label)",
			labelOf(up.To), up.To.Table, up.To.Table, up.To.Key.Name, at.sql), at.args}
	}
	return staged{
		identity: expr{sql: s.identity()}, beforeKey: null, afterKey: s.keyAfter(), label: label,
		before: null, after: expr{s.Kind.SQL.ImageWith("r.before", with), args},
	}
}

// identity is who a row of the step is.
func (s *Step) identity() string {
	if s.past {
		return "r.identity"
	}
	return s.Kind.Table + "." + s.Kind.Identity.Name
}

// keyAfter is where a row of the step is afterwards or, when it goes, was.
func (s *Step) keyAfter() expr {
	if e, ok := s.set[s.Kind.Key.Name]; ok {
		return e
	}
	if s.past {
		return expr{sql: "r.before_key"}
	}
	return expr{sql: s.Kind.Table + "." + s.Kind.Key.Name}
}

// stageValues records new rows, some with each statement: one alone takes longest to be understood.
func stageValues(ctx context.Context, tx bun.Tx, change int64, s *Step) error {
	var full *sql.Stmt
	for some := range slices.Chunk(s.values, rowsAtOnce) {
		values := make([]any, 0, 6*len(some))
		for _, v := range some {
			image, err := imageOf(s.Kind, v.model, change)
			if err != nil {
				return err
			}
			values = append(values, change, s.Kind.Table, v.identity, v.key, v.label, image)
		}
		insert := insertNew(len(some))
		var err error
		switch {
		case len(some) < rowsAtOnce:
			_, err = tx.Tx.ExecContext(ctx, insert, values...)
		case full == nil:
			if full, err = tx.Tx.PrepareContext(ctx, insert); err != nil {
				break
			}
			defer full.Close()
			fallthrough
		default:
			_, err = full.ExecContext(ctx, values...)
		}
		if err != nil {
			return fmt.Errorf("record new %s: %w", s.Kind.Table, err)
		}
	}
	return nil
}

// insertNew is the statement that records so many new rows.
func insertNew(rows int) string {
	const one = "(?, ?, ?, ?, ?, ?)"
	return "INSERT INTO change_rows (change_id, kind, identity, after_key, label, after) VALUES " + one + strings.Repeat(", "+one, rows-1)
}

// imageOf writes a model as the database would have written its row.
func imageOf(k *graph.Kind, model reflect.Value, change int64) (string, error) {
	var image bytes.Buffer
	image.Grow(160)
	e := json.NewEncoder(&image)
	e.SetEscapeHTML(false) // the database does not
	image.WriteByte('{')
	for i, c := range k.Images() {
		var value any = change
		if c.Name != "version" {
			value = dialect.ImageValue(c.Value(model))
		}
		if i > 0 {
			image.WriteByte(',')
		}
		image.WriteString(`"` + c.Name + `":`)
		if err := e.Encode(value); err != nil {
			return "", fmt.Errorf("image of %s.%s: %w", k.Name, c.Name, err)
		}
		image.Truncate(image.Len() - 1) // the line break after each value
	}
	image.WriteByte('}')
	return image.String(), nil
}
