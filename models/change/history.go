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

// told are the columns of a change that a list of changes tells, who made it, what it undoes and
// whether it was ever undone.
var told = `SELECT changes.id, changes.at, changes.actor, changes.sentence, ` + authorOf("changes") + `,
	coalesce((SELECT undoes FROM undos WHERE change_id = changes.id), 0) AS undoes,
	EXISTS (SELECT 1 FROM undos WHERE undoes = changes.id) AS undone FROM changes`

// historyOf finds the changes of a record by kind, identity and how many at most.
var historyOf = told + " WHERE id IN" +
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

// HistoryOf is History for a page: each change also with what it undoes and what undid it.
func HistoryOf(ctx context.Context, s *store.Store, k *graph.Kind, identity int64, limit int) (changes []*Change, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		changes, err = tell(ctx, s, tx, historyOf, k.Table, identity, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("history of %s %d: %w", k.Table, identity, err)
	}
	return changes, nil
}

// tell reads what a query finds, which begins with told and is one of a few (see Store.Query), and
// finds out what undid each change; for most that is nothing, and no further statement is sent.
func tell(ctx context.Context, s *store.Store, tx bun.Tx, query string, args ...any) ([]*Change, error) {
	rows, err := s.Query(ctx, tx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var changes, marked []*Change
	for rows.Next() {
		c, ever := new(Change), false
		if err := rows.Scan(&c.ID, &c.At, &c.Actor, &c.Sentence, &c.Author, &c.Undoes, &ever); err != nil {
			return nil, err
		}
		if changes = append(changes, c); ever {
			marked = append(marked, c)
		}
	}
	if err := rows.Err(); err != nil || marked == nil {
		return changes, err
	}
	return changes, markUndone(ctx, tx, marked)
}

// Newest returns the number of the newest change, 0 when there is none.
func Newest(ctx context.Context, s *store.Store) (n int64, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err = NewestIn(ctx, s, tx)
		return err
	})
	return n, err
}

// NewestIn is Newest as a read transaction sees it.
func NewestIn(ctx context.Context, s *store.Store, tx bun.Tx) (int64, error) {
	n, err := s.Number(ctx, tx, "SELECT coalesce(max(id), 0) FROM changes")
	if err != nil {
		return 0, fmt.Errorf("find the newest change: %w", err)
	}
	return n, nil
}

// wroteLimit is how many changes back it is looked for what they wrote.
const wroteLimit = 1000

// Wrote says whether a change after one and up to another wrote rows of any of these kinds; of too many
// changes it is taken that they did.
func Wrote(ctx context.Context, tx bun.IDB, after, until int64, kinds []*graph.Kind) (wrote bool, err error) {
	if after >= until {
		return false, nil
	}
	if until-after > wroteLimit {
		return true, nil
	}
	for _, k := range kinds {
		// By the first row that is not of a kind before: an equation would let PostgreSQL, which may know nothing of the
		// newest changes, begin with all rows that ever were of the kind.
		err := tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM changes AS c WHERE c.id > ? AND c.id <= ? AND ? =
				(SELECT r.kind FROM change_rows AS r WHERE (r.change_id, r.kind) >= (c.id, ?) AND r.change_id <= c.id ORDER BY r.change_id, r.kind LIMIT 1))`,
			after, until, k.Table, k.Table).Scan(ctx, &wrote)
		if err != nil {
			return false, fmt.Errorf("see whether %s were written: %w", k.Table, err)
		}
		if wrote {
			return true, nil
		}
	}
	return false, nil
}

// grownLimit is how many rows of changes are looked at rather than all records of a kind.
const grownLimit = 10_000

// Grown returns by how many records a kind grew by the changes after one and up to another; known is false
// where these wrote more rows than it is worth to look at.
func Grown(ctx context.Context, tx bun.IDB, after, until int64, k *graph.Kind) (by int64, known bool, err error) {
	if after >= until {
		return 0, true, nil
	}
	var wrote int64
	if until-after <= wroteLimit {
		err := tx.NewRaw("SELECT CAST(coalesce(sum(row_count), 0) AS BIGINT) FROM changes WHERE id > ? AND id <= ?", after, until).Scan(ctx, &wrote)
		if err != nil {
			return 0, false, fmt.Errorf("see how many rows were written: %w", err)
		}
	}
	if until-after > wroteLimit || wrote > grownLimit {
		return 0, false, nil
	}
	err = tx.NewRaw("SELECT CAST(coalesce(sum(CASE WHEN before_key IS NULL THEN 1 WHEN after_key IS NULL THEN -1 ELSE 0 END), 0) AS BIGINT) FROM change_rows WHERE change_id > ? AND change_id <= ? AND kind = ?",
		after, until, k.Table).Scan(ctx, &by)
	if err != nil {
		return 0, false, fmt.Errorf("see how many %s were made and deleted: %w", k.Table, err)
	}
	return by, true, nil
}

// Find returns one change. Errors: NotFound.
func Find(ctx context.Context, s *store.Store, id int64) (*Change, error) {
	c := new(Change)
	err := s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := whole(tx, c).Where("id = ?", id).Scan(ctx); err != nil {
			return err
		}
		return mark(ctx, tx, []*Change{c})
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.New(problem.NotFound, "There is no change with this number.")
	}
	return c, err
}

// sinceLimit is how many changes back it is told what happened since a plan was shown. Whether it
// still fits is decided by its fingerprint alone, however old it is.
const sinceLimit = 1000

// SinceTold is how many changes are told at most.
const SinceTold = 20

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
		way := "r.after_key IN " + keys.sql
		args = append(append(args, k.Table), keys.args...)
		or := func(sql string, more ...any) {
			way += " OR " + sql
			args = append(args, more...)
		}
		if r.key != nil {
			or("r.before_key = ? OR r.after_key = ?", *r.key, *r.key)
		}
		if r.was.sql != "" {
			or("("+r.was.sql+")", r.was.args...)
		}
		for _, up := range k.Parents {
			was := up.Column.FromImage("r.before")
			for _, parent := range p.keysOf(up.To) {
				or(was+" = ?", parent)
			}
			for _, parents := range p.manyOf(up.To) {
				keys := parents.keys()
				or(was+" IN "+keys.sql, keys.args...)
			}
		}
		ways = append(ways, "(r.kind = ? AND ("+way+"))")
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
	err := whole(tx, &changes).
		ColumnExpr("(SELECT l.label FROM change_rows AS l WHERE l.change_id = change.id AND l.kind = change.kind AND l.identity = change.identity) AS label").
		Where("id > ?", shown).
		Where("id IN (SELECT r.change_id FROM change_rows AS r WHERE r.change_id > ? AND ("+strings.Join(ways, " OR ")+"))", append([]any{shown}, args...)...).
		Order("id").Limit(SinceTold).Scan(ctx)
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

// manyOf returns the sets of rows of a kind that the plan writes.
func (p *Plan) manyOf(k *graph.Kind) (many []*Rows) {
	for _, s := range p.Steps {
		if s.Kind == k && s.key == nil && s.values == nil {
			many = append(many, &s.Rows)
		}
	}
	return many
}
