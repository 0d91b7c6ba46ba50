package kind

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/keyset"
	"maitred/models/problem"
	"maitred/models/source"
	"maitred/models/store"
)

// way is how the rows of a list are read. There are two, and neither is good for everything:
//
//   - Few rows match (CountLimit at most): from where an index finds them, then sorted.
//   - Many match, or all: along the index of the order, looking at each row, until the page is full.
//
// The database would have to guess which; here it is counted first, up to CountLimit.
type way struct {
	Query
	from   *source.Source // nil: along the order
	count  int64
	more   bool
	before int64 // how many rows stand before the mark; -1: not counted
}

// few is how many rows are looked for before the first ones of a list are read along its order.
const few = 2000

func (q Query) way(ctx context.Context, s *store.Store, tx bun.Tx) (*way, error) {
	w := &way{Query: q, before: -1}
	if !q.Filtered() {
		var err error
		w.count, err = countAll(ctx, s, tx, q.kind)
		return w, err
	}
	limit := CountLimit
	if q.Exact {
		limit = maxCount
	}
	return w, w.find(ctx, tx, limit)
}

// maxCount is how far an exact count goes.
const maxCount = 1 << 40

// wayToFirst is a way that is not counted: the records of one parent are in an index of their own.
func (q Query) wayToFirst(ctx context.Context, s *store.Store, tx bun.Tx) (*way, error) {
	w := &way{Query: q, before: -1}
	if !q.Filtered() || q.words.Empty() && q.filter.OfOneParent() {
		return w, nil
	}
	return w, w.find(ctx, tx, few)
}

// find counts what matches, up to a limit, and decides from where to read it.
func (w *way) find(ctx context.Context, tx bun.Tx, limit int) error {
	from, err := w.choose(ctx, tx)
	if err != nil {
		return err
	}
	if from == nil {
		return w.collect(ctx, tx, limit)
	}
	if err := w.countFrom(ctx, tx, from, limit); err != nil {
		return err
	}
	if w.count <= min(int64(limit), CountLimit) {
		w.from = from
	}
	w.end(limit)
	return nil
}

// end makes of a count that went beyond the limit one up to it.
func (w *way) end(limit int) {
	if w.count > int64(limit) {
		w.count, w.more, w.before = int64(limit), true, -1
	}
}

// choose returns the source that finds the fewest rows, nil when there is none.
func (w *way) choose(ctx context.Context, tx bun.Tx) (*source.Source, error) {
	sources := w.sources()
	if len(sources) == 0 {
		return nil, nil
	}
	best, fewest := 0, int64(CountLimit+1)
	for i, s := range sources {
		if len(sources) == 1 {
			break
		}
		var n int64
		q := fmt.Sprintf("SELECT count(*) FROM (%s LIMIT %d) AS found", s.Probe, fewest)
		if err := tx.QueryRowContext(ctx, q, s.ProbeArgs...).Scan(&n); err != nil {
			return nil, fmt.Errorf("see how many an index finds: %w", err)
		}
		if n < fewest {
			best, fewest = i, n
		}
		if fewest <= 1 {
			break
		}
	}
	return &sources[best], nil
}

// countFrom counts what a source finds and, in the same pass, what of it stands before the mark.
func (w *way) countFrom(ctx context.Context, tx bun.Tx, from *source.Source, limit int) error {
	passed, args := w.passed()
	tables, joined := "("+from.Keys()+") AS d", ""
	args = append(args, from.Args...)
	where, more := w.where()
	if from.Exact {
		where, more = "", nil
	}
	if where != "" || w.marked() {
		tables, joined = w.start(from)
		joined += w.joinWay()
	}
	q := fmt.Sprintf("SELECT count(*), coalesce(sum(passed), 0) FROM (SELECT %s AS passed FROM %s%s%s LIMIT %d) AS found",
		passed, tables, joined, whereOf(where), limit+1)
	if err := tx.QueryRowContext(ctx, q, append(args, more...)...).Scan(&w.count, &w.before); err != nil {
		return fmt.Errorf("count: %w", err)
	}
	return nil
}

// collect looks at every row, since no index helps. The keys of what it finds are kept, so that it is
// not looked for again.
func (w *way) collect(ctx context.Context, tx bun.Tx, limit int) error {
	passed, args := w.passed()
	where, more := w.where()
	q := fmt.Sprintf("SELECT %s, %s FROM %s AS %s%s%s LIMIT %d",
		w.key(), passed, w.kind.Table, w.kind.Name, w.joinWay(), whereOf(where), limit+1)
	rows, err := tx.QueryContext(ctx, q, append(args, more...)...)
	if err != nil {
		return fmt.Errorf("look at every row: %w", err)
	}
	defer rows.Close()
	var keys []int64
	for rows.Next() {
		var key, before int64
		if err := rows.Scan(&key, &before); err != nil {
			return fmt.Errorf("look at every row: %w", err)
		}
		w.count++
		w.before += before
		if len(keys) <= CountLimit {
			keys = append(keys, key)
		}
	}
	w.before++ // it began at -1
	if w.count <= min(int64(limit), CountLimit) {
		w.from = &source.Source{SQL: store.Listed(), Args: []any{store.ListOf(keys)}, Exact: true}
	}
	w.end(limit)
	return rows.Err()
}

// marked says that the page begins or ends at a row.
func (q Query) marked() bool { return q.mark != nil && !q.mark.Edge }

// passed is an expression for whether a row stands before the mark.
func (q Query) passed() (string, []any) {
	if !q.marked() {
		return "0", nil
	}
	return q.order.Passed(q.mark)
}

// start joins a list's table to a source.
func (q Query) start(from *source.Source) (tables, joined string) {
	return "(" + from.Keys() + ") AS d", fmt.Sprintf(" %s %s AS %s ON %s = d.key", store.JoinInOrder, q.kind.Table, q.kind.Name, q.key())
}

// joinWay joins the tables up to the sorted column.
func (q Query) joinWay() string {
	var b strings.Builder
	for i, r := range q.sorted.Relations {
		fmt.Fprintf(&b, " %s %s AS %s ON %s.%s = %s.%s", store.JoinInOrder, r.To.Table, q.alias(i+1), q.alias(i+1), r.To.Key.Name, q.alias(i), r.Column.Name)
	}
	return b.String()
}

func whereOf(condition string) string {
	if condition == "" {
		return ""
	}
	return " WHERE " + condition
}

// countBefore counts the rows before the mark along the order, up to CountLimit unless the query wants
// it exactly.
func (w *way) countBefore(ctx context.Context, s *store.Store, tx bun.Tx) (n int64, more bool, err error) {
	limit := CountLimit + 1
	if w.Exact {
		limit = maxCount
	}
	for _, part := range w.order.PassedParts(w.mark, limit) {
		from, args := w.along()
		where, more := w.conditions(part)
		var counted int64
		q := fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s%s LIMIT %d) AS passed", from, whereOf(where), limit)
		rows, err := prepared(s, tx)(ctx, q, append(args, more...)...)
		if w.Filtered() {
			rows, err = tx.QueryContext(ctx, q, append(args, more...)...)
		}
		if err == nil {
			err = scanOne(rows, &counted)
		}
		if err != nil {
			return 0, false, fmt.Errorf("count the rows before: %w", err)
		}
		n += counted
	}
	return n, n > int64(limit)-1, nil
}

func scanOne(rows *sql.Rows, into ...any) error {
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// rows are the tables that a part of the list is read from, up to the sorted column.
func (w *way) rows(part keyset.Part) (string, []any) {
	if w.from != nil {
		tables, joined := w.start(w.from)
		return tables + joined, slices.Clone(w.from.Args)
	}
	if n := len(w.sorted.Relations); n > 0 && w.sorted.Relations[0] != w.kind.OneToOne() {
		return w.alongFew(part)
	}
	return w.along()
}

// joined are the tables that rows has joined already.
func (w *way) joined() []string {
	if w.from != nil {
		return []string{w.kind.Name}
	}
	var names []string
	for i := range len(w.sorted.Relations) + 1 {
		names = append(names, w.alias(i))
	}
	return names
}

// along joins the tables from the sorted column to the list's own: in the order of the column's index,
// a page and no more.
func (w *way) along() (string, []any) {
	var b strings.Builder
	way := w.sorted.Relations
	fmt.Fprintf(&b, "%s AS %s", w.sorted.End(w.kind).Table, w.alias(len(way)))
	for i := len(way) - 1; i >= 0; i-- {
		r := way[i]
		fmt.Fprintf(&b, " %s %s AS %s ON %s.%s = %s.%s", store.JoinInOrder, r.From.Table, w.alias(i), w.alias(i), r.Column.Name, w.alias(i+1), r.To.Key.Name)
	}
	return b.String(), nil
}

// alongFew is along for a list where many records share one that they are sorted by: of each of these
// it reads a page at most, because one of them may have a million.
func (w *way) alongFew(part keyset.Part) (string, []any) {
	from, _ := w.along()
	own := fmt.Sprintf("%s.%s = %s.%s", w.kind.Name, w.sorted.Relations[0].Column.Name, w.alias(1), w.sorted.Relations[0].To.Key.Name)
	where, args := w.conditions(part)
	order, limit := part.KeyOrder()
	few := fmt.Sprintf("%s IN (SELECT %s FROM %s AS %s WHERE %s%s)", w.key(), w.key(), w.kind.Table, w.kind.Name, conjunction(own, where), order)
	return strings.TrimSuffix(from, own) + few, append(args, limit)
}

// conditions are what is asked of the rows of a part.
func (w *way) conditions(part keyset.Part) (string, []any) {
	bounds, more := part.Where()
	if w.from == nil {
		where, args := w.whereAlong()
		return conjunction(where, bounds), append(args, more...)
	}
	if w.from.Exact {
		return bounds, more
	}
	where, args := w.where()
	return conjunction(where, bounds), append(args, more...)
}

// view runs fn in a read transaction. What searches or filters is given up, and the database told to
// stop, when it takes longer than people wait.
func (q Query) view(ctx context.Context, s *store.Store, fn func(context.Context, bun.Tx) error) error {
	return s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		patience := s.Patience
		if q.Exact {
			patience *= 10
		}
		if !q.Filtered() && !q.Exact || patience == 0 {
			return fn(ctx, tx)
		}
		limited, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		err := fn(limited, tx)
		if err != nil && ctx.Err() == nil && errors.Is(limited.Err(), context.DeadlineExceeded) {
			return tooLong(q.kind)
		}
		return err
	})
}

func tooLong(k *graph.Kind) error {
	return problem.New(problem.TooLong, "Finding these %s takes too long, so it was stopped. Search for three letters or more, say how a text begins instead of what it contains, or add a condition that few %s fulfil.", k.Plural(), k.Plural())
}
