package kind

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

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
	source *source.Source // what finds the fewest rows; there may be none
	from   *source.Source // where to read from; nil: along the order
	count  int64
	more   bool
	before int64 // how many rows stand before the mark; -1: not counted

	counted bool // count was known without looking, so that the rows before a mark may be looked at
}

// few is how many rows are looked for before the first ones of a list are read along its order.
const few = 2000

func (q Query) way(ctx context.Context, s *store.Store, tx bun.Tx) (*way, error) {
	w := &way{Query: q, before: -1}
	if !q.Filtered() {
		var err error
		w.counted = true
		w.count, err = countAll(ctx, s, tx, q.kind)
		return w, err
	}
	if known, err := w.countOfParent(ctx, tx); known || err != nil {
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
	if _, _, ok := q.filter.OfOneParent(); !q.Filtered() || ok && q.words.Empty() {
		return w, nil
	}
	return w, w.find(ctx, tx, few)
}

// countOfParent takes the count from the parent, where a list is of its records alone and it keeps it.
// They are in an index of their own, so that the list is read along its order.
func (w *way) countOfParent(ctx context.Context, tx bun.Tx) (known bool, err error) {
	up, key, ok := w.filter.OfOneParent()
	if !ok || !w.words.Empty() || up.Counterpart().Count == nil {
		return false, nil
	}
	q := fmt.Sprintf("SELECT coalesce(max(%s), 0) FROM %s WHERE %s = ?", up.Counterpart().Count.Name, up.To.Table, up.To.Key.Name)
	if err := store.AskOne(ctx, tx, q, []any{key}, &w.count); err != nil {
		return false, fmt.Errorf("read how many belong to a %s: %w", up.To.Name, err)
	}
	w.counted = true
	return true, nil
}

// find counts what matches, up to a limit, and decides from where to read it.
func (w *way) find(ctx context.Context, tx bun.Tx, limit int) (err error) {
	if w.source, _, err = w.choose(ctx, tx); err != nil {
		return err
	}
	err = w.collect(ctx, tx, limit)
	if w.count > int64(limit) {
		w.count, w.more, w.before = int64(limit), true, -1
	}
	if w.Along {
		w.from = nil
	}
	return err
}

// choose returns the source that finds the fewest rows, and how many up to CountLimit+1 if that was
// counted. There may be none.
func (q Query) choose(ctx context.Context, tx bun.Tx) (best *source.Source, fewest int64, err error) {
	fewest = CountLimit + 1
	probe := func(query string, args ...any) (n int64, err error) {
		query = fmt.Sprintf("SELECT count(*) FROM (%s LIMIT %d) AS found", query, fewest)
		if err = store.AskOne(ctx, tx, query, args, &n); err != nil {
			err = fmt.Errorf("see how many an index finds: %w", err)
		}
		return n, err
	}
	sources := q.sources()
	for i, s := range sources {
		n := fewest
		if len(sources) > 1 || !q.words.Empty() {
			if n, err = probe(s.Probe, s.ProbeArgs...); err != nil {
				return nil, 0, err
			}
		}
		if best == nil || n < fewest {
			best, fewest = &sources[i], n
		}
		if fewest <= 1 {
			return best, fewest, nil
		}
	}
	if q.words.Empty() {
		return best, fewest, nil
	}
	words, n, err := q.words.Source(probe)
	if err != nil {
		return nil, 0, err
	}
	n = min(n, CountLimit+1)
	if best == nil || n < fewest || best.Weight > words.Weight && n == fewest {
		best, fewest = words, n
	}
	return best, fewest, nil
}

// collect counts what matches and, in the same pass, what of it stands before the mark, among the rows
// that the source finds or, without one, among all. The keys are kept, so that nothing is looked for
// twice.
func (w *way) collect(ctx context.Context, tx bun.Tx, limit int) error {
	passed, args := w.passed()
	where, more := w.where()
	var tables, key string
	found, times := "key", 1
	switch {
	case w.source == nil:
		key, tables = w.key(), w.kind.Table+" AS "+w.kind.Name
	case w.source.Exact && !w.marked(): // nothing has to be looked at
		key, tables, where, more = "d.key", "("+w.source.Keys()+") AS d", "", nil
		args = append(args, w.source.Args...)
	default:
		key = w.key()
		if tables, times = w.startOften(w.source); times > 1 {
			found = "DISTINCT key"
		}
		args = append(args, w.source.Args...)
	}
	if w.marked() {
		tables += w.joinWay()
	}
	var keys string
	list := "''"
	if limit <= CountLimit { // of more rows it would be thrown away
		list = fmt.Sprintf("CASE WHEN count(%s) <= %d THEN %s ELSE '' END", found, limit, w.kind.SQL.CollectList(found))
	}
	q := fmt.Sprintf("SELECT count(%[1]s), count(%[1]s) FILTER (WHERE passed), %[2]s FROM (SELECT %[3]s AS key, %[4]s AS passed FROM %[5]s%[6]s LIMIT %[7]d) AS found",
		found, list, key, passed, tables, whereOf(where), (limit+1)*times)
	if err := store.AskOne(ctx, tx, q, append(args, more...), &w.count, &w.before, &keys); err != nil {
		return fmt.Errorf("look for what matches: %w", err)
	}
	if w.count <= int64(limit) && keys != "" {
		w.from = &source.Source{SQL: w.kind.SQL.Listed(), Args: []any{keys}, Exact: true}
	}
	return nil
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
		err := store.Try(ctx, tx, func(context.Context) error { return fn(limited, tx) })
		if err != nil && ctx.Err() == nil && errors.Is(limited.Err(), context.DeadlineExceeded) {
			return q.tooLong()
		}
		return err
	})
}

func (q Query) tooLong() error {
	if q.Exact {
		return problem.New(problem.TooLong, "Counting these %s exactly takes too long, so it was stopped.", q.kind.Plural())
	}
	return problem.New(problem.TooLong, "Finding these %s takes too long, so it was stopped. Search for three letters or more, say how a text begins instead of what it contains, or add a condition that few %s fulfil.", q.kind.Plural(), q.kind.Plural())
}
