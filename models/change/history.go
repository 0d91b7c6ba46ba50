package change

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/models/store"
)

// told are the columns of a change that a list of changes tells.
var told = []string{"id", "at", "actor", "sentence"}

// historyOf finds the changes of a record by kind, identity and how many at most.
var historyOf = "SELECT " + strings.Join(told, ", ") + " FROM changes WHERE id IN" +
	" (SELECT change_id FROM change_rows WHERE kind = ? AND identity = ? ORDER BY change_id DESC LIMIT ?) ORDER BY id DESC"

// History returns the changes that wrote this record, newest first, limit at most, each with its
// number, time, actor and sentence. It follows the record through its moves.
func History(ctx context.Context, tx bun.IDB, k *graph.Kind, identity int64, limit int) ([]*Change, error) {
	var changes []*Change
	if err := tx.NewRaw(historyOf, k.Table, identity, limit).Scan(ctx, &changes); err != nil {
		return nil, fmt.Errorf("history of %s %d: %w", k.Table, identity, err)
	}
	return changes, nil
}

// HistoryOf is History for a page.
func HistoryOf(ctx context.Context, s *store.Store, k *graph.Kind, identity int64, limit int) (changes []*Change, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		rows, err := s.Query(ctx, tx, historyOf, k.Table, identity, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			c := new(Change)
			if err := rows.Scan(&c.ID, &c.At, &c.Actor, &c.Sentence); err != nil {
				return err
			}
			changes = append(changes, c)
		}
		return errors.Join(rows.Err(), mark(ctx, tx, changes))
	})
	if err != nil {
		return nil, fmt.Errorf("history of %s %d: %w", k.Table, identity, err)
	}
	return changes, nil
}

// List returns the changes before the change with the id before (0: the newest), newest first,
// with the same columns.
func List(ctx context.Context, s *store.Store, before int64, limit int) (changes []*Change, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		q := tx.NewSelect().Model(&changes).Column(told...).Order("id DESC").Limit(int64(limit))
		if before > 0 {
			q.Where("id < ?", before)
		}
		if err := q.Scan(ctx); err != nil {
			return err
		}
		return mark(ctx, tx, changes)
	})
	return changes, err
}

// Newest returns the number of the newest change, 0 when there is none.
func Newest(ctx context.Context, s *store.Store) (n int64, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw("SELECT coalesce(max(id), 0) FROM changes").Scan(ctx, &n)
	})
	return n, err
}

// Find returns one change. Errors: NotFound.
func Find(ctx context.Context, s *store.Store, id int64) (*Change, error) {
	c := new(Change)
	err := s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := tx.NewSelect().Model(c).Where("id = ?", id).Scan(ctx); err != nil {
			return err
		}
		return mark(ctx, tx, []*Change{c})
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.New(problem.NotFound, "There is no change with this number.")
	}
	return c, err
}

// RowsOf returns the rows of a change in the order of kind and identity, limit at most, after the
// row given by kind and identity ("" and 0: from the first).
func RowsOf(ctx context.Context, s *store.Store, id int64, kind string, identity int64, limit int) (rows []*Row, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewSelect().Model(&rows).Where("change_id = ?", id).
			Where("(kind, identity) > (?, ?)", kind, identity).
			Order("kind", "identity").Limit(int64(limit)).Scan(ctx)
	})
	return rows, err
}

// Trace says what became of the record that was last at this key.
type Trace struct {
	Last  *Change // the change that took it away
	Now   int64   // the key it has now; 0 when it is deleted
	Label string  // what it is, or was last, called
}

// TraceOf returns what became of the record that was last at this key; nil if there never was one.
func TraceOf(ctx context.Context, s *store.Store, k *graph.Kind, key int64) (t *Trace, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		left := new(Row)
		err := tx.NewSelect().Model(left).
			Where("kind = ? AND before_key = ? AND (after_key IS NULL OR after_key <> before_key)", k.Table, key).
			Order("change_id DESC").Limit(1).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		t, err = traceOf(ctx, tx, k, left.Identity, left.ChangeID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("trace %s %d: %w", k.Table, key, err)
	}
	return t, nil
}

// traceOf is TraceOf by identity; last is the change that took the record away from where it was.
func traceOf(ctx context.Context, tx bun.Tx, k *graph.Kind, identity, last int64) (*Trace, error) {
	t := &Trace{Last: new(Change)}
	q := fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s = ?", k.Key.Name, labelOf(k), k.Table, k.Identity.Name)
	err := tx.NewRaw(q, identity).Scan(ctx, &t.Now, &t.Label)
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.NewRaw("SELECT change_id, label FROM change_rows WHERE kind = ? AND identity = ? ORDER BY change_id DESC LIMIT 1",
			k.Table, identity).Scan(ctx, &last, &t.Label)
	}
	if err != nil {
		return nil, err
	}
	return t, tx.NewSelect().Model(t.Last).Where("id = ?", last).Scan(ctx)
}

// sinceLimit is how many changes back it is told what happened since a plan was shown. Whether it
// still fits is decided by its fingerprint alone, however old it is.
const sinceLimit = 1000

// since returns what happened to the planned rows after the change shown, oldest first, twenty at
// most: changes of rows that are in the plan, that point at one of its rows, or did.
func since(ctx context.Context, tx bun.Tx, p *Plan, shown int64) ([]*Change, error) {
	var newest int64
	if err := tx.NewRaw("SELECT coalesce(max(id), 0) FROM changes").Scan(ctx, &newest); err != nil {
		return nil, fmt.Errorf("read the newest change: %w", err)
	}
	shown = max(shown, newest-sinceLimit)
	var ways []string
	var args []any
	add := func(r *Rows) {
		k := r.Kind
		keys := r.keys()
		if r.past {
			keys = expr{"(SELECT r.before_key FROM change_rows AS r WHERE " + r.where.sql + ")", r.where.args}
		}
		ways = append(ways, "(r.kind = ? AND (r.after_key IN "+keys.sql)
		args = append(append(args, k.Table), keys.args...)
		last := len(ways) - 1
		if r.key != nil {
			ways[last] += " OR r.before_key = ? OR r.after_key = ?"
			args = append(args, *r.key, *r.key)
		}
		for _, up := range k.Parents {
			for _, parent := range p.keysOf(up.To) {
				ways[last] += fmt.Sprintf(" OR %s = ?", store.FromImage("r.before", up.Column.Name))
				args = append(args, parent)
			}
		}
		ways[last] += "))"
	}
	for _, s := range p.Steps {
		if s.values == nil {
			add(&s.Rows)
		}
	}
	for _, r := range p.watched {
		add(r)
	}
	if ways == nil {
		return nil, nil
	}
	var changes []*Change
	err := tx.NewSelect().Model(&changes).Where("id > ?", shown).
		Where("id IN (SELECT r.change_id FROM change_rows AS r WHERE r.change_id > ? AND ("+strings.Join(ways, " OR ")+"))", append([]any{shown}, args...)...).
		Order("id").Limit(20).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("find what happened since: %w", err)
	}
	return changes, nil
}

// keysOf returns the keys of the single rows of a kind that the plan looked at.
func (p *Plan) keysOf(k *graph.Kind) (keys []int64) {
	for _, s := range p.Steps {
		if s.Kind == k && s.key != nil {
			keys = append(keys, *s.key)
		}
	}
	for _, r := range p.watched {
		if r.Kind == k && r.key != nil {
			keys = append(keys, *r.key)
		}
	}
	return keys
}
