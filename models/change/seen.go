package change

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/store"
)

// Seen is a record as a person saw it: the one that was at Key when the change Version had written
// it. It may be elsewhere now, and another one at that key, where the key is that of its parent.
type Seen struct {
	Kind         *graph.Kind
	Key, Version int64
}

// Find says where the record is now and what it is called. Where no record was at the key in that
// version (known is false), it is the one that is there now. Errors: NotFound.
func (s Seen) Find(ctx context.Context, tx bun.Tx) (subject Subject, label string, known bool, err error) {
	identity, err := s.identity(ctx, tx)
	if err != nil {
		return Subject{}, "", false, err
	}
	by, value := s.Kind.Key, s.Key
	if identity != 0 {
		by, value = s.Kind.Identity, identity
	}
	subject, label, err = findBy(ctx, tx, s.Kind, by, value)
	return subject, label, identity != 0, err
}

// identity is who the record is, 0 where that is not known: the one that is at the key, or the
// first that left it after that version, if that version was the record's own.
func (s Seen) identity(ctx context.Context, tx bun.Tx) (identity int64, err error) {
	q := fmt.Sprintf(`SELECT identity FROM change_rows WHERE change_id = ?0 AND kind = ?1 AND after_key = ?2 AND identity IN (
		SELECT %s FROM %s WHERE %s = ?2
		UNION ALL
		SELECT identity FROM (SELECT identity FROM change_rows
			WHERE kind = ?1 AND before_key = ?2 AND change_id > ?0 AND (after_key IS NULL OR after_key <> before_key)
			ORDER BY change_id LIMIT 1) AS left_first)`, s.Kind.Identity.Name, s.Kind.Table, s.Kind.Key.Name)
	err = tx.NewRaw(q, s.Version, s.Kind.Table, s.Key).Scan(ctx, &identity)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("find out who was %s %d in version %d: %w", s.Kind.Name, s.Key, s.Version, err)
	}
	return identity, nil
}

// values are what the record had in the columns that people know, as far as they were recorded: a
// column that was added to the table later was not.
func (s Seen) values(ctx context.Context, tx bun.Tx, identity int64) (map[*graph.Column]any, error) {
	var columns []*graph.Column
	var names []string
	var into []any
	for _, c := range s.Kind.Images() {
		if !c.Inside {
			columns = append(columns, c)
			names = append(names, c.FromImage("after"))
			into = append(into, nullable(c))
		}
	}
	q := "SELECT " + strings.Join(names, ", ") + " FROM change_rows WHERE change_id = ? AND kind = ? AND identity = ?"
	if err := tx.QueryRowContext(ctx, q, s.Version, s.Kind.Table, identity).Scan(into...); err != nil {
		return nil, fmt.Errorf("read %s %d in version %d: %w", s.Kind.Name, s.Key, s.Version, err)
	}
	values := map[*graph.Column]any{}
	for i, c := range columns {
		if v, _ := into[i].(driver.Valuer).Value(); v != nil {
			values[c] = v
		}
	}
	return values, nil
}

func nullable(c *graph.Column) any {
	switch c.Type {
	case graph.Boolean:
		return new(sql.NullBool)
	case graph.Text:
		return new(sql.NullString)
	default:
		return new(sql.NullInt64)
	}
}

// authors returns, of each column, the change that last gave the record another value there, as of
// a version. History says so by the numbers of changes; clocks have no part in it.
func authors(ctx context.Context, tx bun.Tx, s Subject, columns []*graph.Column, version int64) (map[*graph.Column]*Change, error) {
	last := make([]string, len(columns))
	ids, into := make([]int64, len(columns)), make([]any, len(columns))
	for i, c := range columns {
		last[i] = fmt.Sprintf("coalesce(max(CASE WHEN (%s) IS DISTINCT FROM (%s) THEN change_id END), ?0)",
			c.FromImage("before"), c.FromImage("after"))
		into[i] = &ids[i]
	}
	q := "SELECT " + strings.Join(last, ", ") + " FROM change_rows WHERE kind = ?1 AND identity = ?2 AND change_id <= ?0"
	if err := tx.QueryRowContext(ctx, q, version, s.Kind.Table, s.Identity).Scan(into...); err != nil {
		return nil, fmt.Errorf("find who wrote the %s %d: %w", s.Kind.Name, s.Key, err)
	}
	var changes []*Change
	if err := tx.NewSelect().Model(&changes).Column("id", "at", "actor", "sentence").ColumnExpr(authorOf("change")).Where("id IN (?)", bun.List(ids)).Order("id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read who wrote the %s %d: %w", s.Kind.Name, s.Key, err)
	}
	by := map[*graph.Column]*Change{}
	for i, c := range columns {
		at := slices.IndexFunc(changes, func(change *Change) bool { return change.ID == ids[i] })
		if at < 0 {
			return nil, fmt.Errorf("the change %d, which wrote the %s %d, is missing from history", ids[i], s.Kind.Name, s.Key)
		}
		by[c] = changes[at]
	}
	return by, nil
}

// Trace says when and by whom the record was deleted; nil where no record was at the key in that
// version.
func (s Seen) Trace(ctx context.Context, st *store.Store) (t *Trace, err error) {
	err = st.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		identity, err := s.identity(ctx, tx)
		if err != nil || identity == 0 {
			return err
		}
		t, err = traceOf(ctx, tx, s.Kind, identity, s.Version, Changed)
		return err
	})
	return t, err
}
