package change

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"maitred/models/dialect"
	"maitred/models/graph"
	"maitred/models/store"
)

// Cause is the record that a row went along with, a row of the same change.
type Cause struct {
	Item
	Effect Effect // what happened to that record
}

// RowsOf returns rows of a change, limit at most, each with its cause: first the record that the
// change was about, then parents before children, each kind by identity. kind and identity name the
// row to go on after; "" and 0: from the first.
func RowsOf(ctx context.Context, s *store.Store, id int64, kind string, identity int64, limit int) (rows []*Row, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		if rows, err = inOrder(ctx, tx, s.Graph, id, Row{Kind: kind, Identity: identity}, limit); err != nil {
			return err
		}
		return explain(ctx, tx, s.Graph, id, rows)
	})
	if err != nil {
		return nil, fmt.Errorf("rows of change %d: %w", id, err)
	}
	return rows, nil
}

// inOrder reads the rows after a row, kind by kind: the table's own order is by their names.
func inOrder(ctx context.Context, tx bun.Tx, g *graph.Graph, id int64, after Row, limit int) (rows []*Row, err error) {
	about := new(Change)
	if err := tx.NewSelect().Model(about).Column("kind", "identity").Where("id = ?", id).Scan(ctx); err != nil {
		return nil, err
	}
	kinds, err := kindsIn(ctx, tx, g, id)
	if err != nil {
		return nil, err
	}
	from := slices.Index(kinds, after.Kind)
	if from < 0 {
		if rows, err = some(ctx, tx, limit, "change_id = ? AND kind = ? AND identity = ?", id, about.Kind, about.Identity); err != nil {
			return nil, err
		}
	}
	if from < 0 || after.Kind == about.Kind && after.Identity == about.Identity {
		after, from = Row{}, 0
	}
	for _, kind := range kinds[from:] {
		bounds, args := "change_id = ? AND kind = ?", []any{id, kind}
		if kind == after.Kind {
			bounds, args = bounds+" AND identity > ?", append(args, after.Identity)
		}
		if kind == about.Kind {
			bounds, args = bounds+" AND identity <> ?", append(args, about.Identity)
		}
		more, err := some(ctx, tx, limit-len(rows), bounds, args...)
		if err != nil {
			return nil, err
		}
		if rows = append(rows, more...); len(rows) >= limit {
			break
		}
	}
	return rows, nil
}

func some(ctx context.Context, tx bun.Tx, limit int, where string, args ...any) (rows []*Row, err error) {
	err = tx.NewSelect().Model(&rows).Where(where, args...).Order("identity").Limit(int64(limit)).Scan(ctx)
	return rows, err
}

// kindsIn returns the tables that a change wrote to, parents before children; those that only an
// older version knew come last.
func kindsIn(ctx context.Context, tx bun.Tx, g *graph.Graph, id int64) (kinds []string, err error) {
	var found []string
	if err := tx.NewRaw(distinct("change_rows", "kind", "change_id = ?1"), mostKinds, id).Scan(ctx, &found); err != nil {
		return nil, err
	}
	for _, k := range g.Kinds() {
		if slices.Contains(found, k.Table) {
			kinds = append(kinds, k.Table)
		}
	}
	for _, table := range found {
		if g.ByTable(table) == nil {
			kinds = append(kinds, table)
		}
	}
	return kinds, nil
}

// mostKinds bounds how many kinds of rows a change is thought to have written.
const mostKinds = 1000

// explain finds the cause of each row: a row of the same change that it belonged to, or belongs to
// now, and that went the same way. Of several parents the first that the model declares counts.
func explain(ctx context.Context, tx bun.Tx, g *graph.Graph, id int64, rows []*Row) error {
	for _, k := range g.Kinds() {
		went, came := map[int64]*Row{}, map[int64]*Row{}
		for _, r := range rows {
			switch {
			case r.Kind != k.Table:
			case r.Effect() == Created:
				came[r.Identity] = r
			default:
				went[r.Identity] = r
			}
		}
		for _, up := range k.Parents {
			if err := errors.Join(wentAlong(ctx, tx, up, id, went), cameAlong(ctx, tx, up, id, came)); err != nil {
				return fmt.Errorf("see which %s went along with a %s: %w", k.Table, up.To.Name, err)
			}
		}
	}
	return nil
}

// wentAlong finds the parents that left a key, and so changed or took along the rows that pointed
// there: through the index of what has left, since the sum keeps the database from reading all rows
// of the change.
func wentAlong(ctx context.Context, tx bun.Tx, up *graph.Relation, id int64, rows map[int64]*Row) error {
	q := fmt.Sprintf(`SELECT r.identity, p.label, p.before_key, p.after_key FROM change_rows AS r
		JOIN change_rows AS p ON p.kind = ? AND p.before_key = %[1]s AND p.change_id + 0 = r.change_id
			AND (p.after_key IS NULL OR p.after_key <> p.before_key)
		WHERE r.change_id = ? AND r.kind = ? AND %[3]s
			AND (r.after IS NULL OR %[1]s <> %[2]s) AND (p.after_key IS NULL OR p.after_key = %[2]s)
		ORDER BY r.identity`,
		up.Column.FromImage("r.before"), up.Column.FromImage("r.after"), up.From.SQL.In("r.identity"))
	return because(ctx, tx, up, rows, q, up.To.Table, id, up.From.Table)
}

// cameAlong finds the parents that came to be together with the rows that point at them. No index
// says who came to a key; but that is who is there now or, if anyone left since, who left first.
func cameAlong(ctx context.Context, tx bun.Tx, up *graph.Relation, id int64, rows map[int64]*Row) error {
	q := fmt.Sprintf(`SELECT r.identity, p.label, p.before_key, p.after_key FROM change_rows AS r
		JOIN change_rows AS p ON p.change_id = r.change_id AND p.kind = ? AND p.before_key IS NULL AND p.after_key = %[1]s
			AND p.identity = coalesce(
				(SELECT l.identity FROM change_rows AS l WHERE l.kind = p.kind AND l.before_key = %[1]s AND l.change_id > r.change_id
					AND (l.after_key IS NULL OR l.after_key <> l.before_key) ORDER BY l.change_id LIMIT 1),
				(SELECT t.%[3]s FROM %[4]s AS t WHERE t.%[5]s = %[1]s))
		WHERE r.change_id = ? AND r.kind = ? AND %[2]s ORDER BY r.identity`,
		up.Column.FromImage("r.after"), up.From.SQL.In("r.identity"), up.To.Identity.Name, up.To.Table, up.To.Key.Name)
	return because(ctx, tx, up, rows, q, up.To.Table, id, up.From.Table)
}

// because runs a query for the causes of rows; its last argument is their identities.
func because(ctx context.Context, tx bun.Tx, up *graph.Relation, rows map[int64]*Row, query string, args ...any) error {
	if len(rows) == 0 {
		return nil
	}
	var causes []*Row
	if err := tx.NewRaw(query, append(args, dialect.ListOf(slices.Sorted(maps.Keys(rows))))...).Scan(ctx, &causes); err != nil {
		return err
	}
	for _, c := range causes {
		if r := rows[c.Identity]; r.Cause == nil {
			r.Cause = &Cause{Item{up.To, *cmp.Or(c.AfterKey, c.BeforeKey), c.Label}, c.Effect()}
		}
	}
	return nil
}
