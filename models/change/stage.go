package change

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/store"
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
	k := s.Kind
	before := store.Image(k.Images(), func(c *graph.Column) string { return k.Table + "." + c.Name })
	identity, beforeKey, afterKey := k.Table+"."+k.Identity.Name, k.Table+"."+k.Key.Name, "NULL"
	after := "NULL"
	label := labelOf(k)
	var identityArgs, keyArgs, labelArgs, afterArgs []any
	if s.called != "" {
		label, labelArgs = "?", []any{s.called}
	}
	if s.Effect != Deleted {
		after = store.Image(k.Images(), func(c *graph.Column) string {
			e, ok := s.set[c.Name]
			switch {
			case c.Name == "version":
				e = literal(change)
			case !ok:
				e = expr{sql: k.Table + "." + c.Name}
			}
			afterArgs = append(afterArgs, e.args...)
			return e.sql
		})
		afterKey = beforeKey
		if e, ok := s.set[k.Key.Name]; ok {
			afterKey, keyArgs = e.sql, e.args
		}
	}
	if s.Effect == Created {
		before, beforeKey = "NULL", "NULL"
		if e, ok := s.set[k.Identity.Name]; ok {
			identity, identityArgs = e.sql, e.args
		}
	}
	q := fmt.Sprintf(`INSERT INTO change_rows (change_id, kind, identity, before_key, after_key, label, before, after)
		SELECT ?, ?, %s, %s, %s, %s, %s, %s FROM %s WHERE %s`,
		identity, beforeKey, afterKey, label, before, after, k.Table, s.where.sql)
	args := []any{change, k.Table}
	for _, more := range [][]any{identityArgs, keyArgs, labelArgs, afterArgs, s.where.args} {
		args = append(args, more...)
	}
	n, err := execRows(ctx, tx, q, args...)
	if err != nil {
		return fmt.Errorf("record %s: %w", k.Table, err)
	}
	return equal("record "+k.Table, s.Count, n)
}

func stageValues(ctx context.Context, tx bun.Tx, change int64, s *Step) error {
	rows := make([]*Row, len(s.values))
	for i, v := range s.values {
		image, err := imageOf(s.Kind, v.model, change)
		if err != nil {
			return err
		}
		rows[i] = &Row{ChangeID: change, Kind: s.Kind.Table, Identity: v.identity, AfterKey: &v.key, Label: v.label, After: image}
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return fmt.Errorf("record new %s: %w", s.Kind.Table, err)
	}
	return nil
}

// imageOf writes a model as the database would have written its row.
func imageOf(k *graph.Kind, model reflect.Value, change int64) (string, error) {
	image := []byte{'{'}
	for i, c := range k.Images() {
		var value any = change
		if c.Name != "version" {
			value = store.ImageValue(c.Value(model))
		}
		if i > 0 {
			image = append(image, ',')
		}
		image = append(image, `"`+c.Name+`":`...)
		text, err := inJSON(value)
		if err != nil {
			return "", fmt.Errorf("image of %s.%s: %w", k.Name, c.Name, err)
		}
		image = append(image, text...)
	}
	return string(append(image, '}')), nil
}

// inJSON spells a value as the database does: json.Marshal would write "<" as "\u003c".
func inJSON(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
