package kind

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/dialect"
	"maitred/models/graph"
	"maitred/models/keyset"
	"maitred/models/search"
	"maitred/models/source"
	"maitred/models/store"
)

// hit is a record that a search found. Its order is its rank and then its name, so that hits sort as
// marks do.
type hit struct {
	order string
	key   int64
}

func (h hit) compare(other hit) int {
	return cmp.Or(strings.Compare(h.order, other.order), cmp.Compare(h.key, other.key))
}

// best returns a page of what a search finds, best first. All hits are ranked, or the best CountLimit
// and a few of those that were found first, when there are more.
func (o Of[T]) best(ctx context.Context, s *store.Store, tx bun.Tx, q Query, limit int) (*List[T], error) {
	hits, more, err := q.hits(ctx, tx)
	if err != nil {
		return nil, err
	}
	from, to := q.cut(hits, limit)
	list := &List[T]{Query: q, Count: int64(len(hits)), More: more}
	if more && q.Exact {
		if list.Count, err = q.countAll(ctx, tx); err != nil {
			return nil, err
		}
		list.More = false
	}
	if from >= to {
		return list, nil
	}
	if list.Rows, err = o.byKeys(ctx, tx, q, hits[from:to]); err != nil {
		return nil, err
	}
	list.First = int64(from) + 1
	if from > 0 {
		list.Before = hits[from].mark(from)
	}
	if to < len(hits) {
		list.After = hits[to-1].mark(to)
	}
	return list, nil
}

// countAll counts all that a search finds, ranked or not.
func (q Query) countAll(ctx context.Context, tx bun.Tx) (n int64, err error) {
	q.mark = nil
	w := &way{Query: q, before: -1}
	err = w.find(ctx, tx, maxCount)
	return w.count, err
}

func (h hit) mark(stood int) string {
	return keyset.Mark{Value: h.order, Key: h.key, Stood: int64(stood)}.String()
}

// cut finds the page of the hits.
func (q Query) cut(hits []hit, limit int) (from, to int) {
	switch m := q.mark; {
	case m == nil:
		from = 0
	case m.Edge:
		from = max(len(hits)-limit, 0)
	default:
		at := hit{fmt.Sprint(m.Value), m.Key}
		from = sort.Search(len(hits), func(i int) bool {
			c := hits[i].compare(at)
			return c > 0 || c == 0 && m.Before
		})
		if m.Before {
			return max(from-limit, 0), from
		}
	}
	return from, min(from+limit, len(hits))
}

// hits are the records that match, best first, CountLimit at most; more says that there are others.
// Then those that rank first are looked for first, which the indexes of the texts know, and the rest
// as they are found. When the index finds that many, that is done at once, unless there are conditions
// besides, of which it knows nothing.
func (q Query) hits(ctx context.Context, tx bun.Tx) ([]hit, bool, error) {
	from, n, err := q.choose(ctx, tx)
	if err != nil {
		return nil, false, err
	}
	var found collection
	where, args := q.where()
	if n <= CountLimit || !q.filter.Empty() {
		err = found.add(q.rank(ctx, tx, from, where, args))
		if err != nil || !found.full() {
			return found.sorted(), false, err
		}
	}
	var best collection
	filter, more := q.filter.SQL(q.kind.Name)
	for _, b := range q.words.Best() {
		if best.full() {
			break
		}
		if err := best.add(q.rank(ctx, tx, &b, filter, more)); err != nil {
			return nil, false, err
		}
	}
	if !best.full() && found.hits == nil {
		err = best.add(q.rank(ctx, tx, from, where, args))
	}
	_ = best.add(found.hits, nil)
	return best.sorted(), best.full(), err
}

// collection is hits, each once, one more than CountLimit at most.
type collection struct {
	hits []hit
	seen map[int64]bool
}

func (c *collection) full() bool { return len(c.hits) > CountLimit }

func (c *collection) add(some []hit, err error) error {
	if c.seen == nil {
		c.seen = map[int64]bool{}
	}
	for _, h := range some {
		if !c.seen[h.key] && !c.full() {
			c.seen[h.key] = true
			c.hits = append(c.hits, h)
		}
	}
	return err
}

// sorted returns CountLimit of the hits at most, best first.
func (c *collection) sorted() []hit {
	hits := c.hits[:min(len(c.hits), CountLimit)]
	slices.SortFunc(hits, hit.compare)
	return hits
}

// rank reads the texts of what a source finds and ranks them, CountLimit+1 at most; one may come several times.
func (q Query) rank(ctx context.Context, tx bun.Tx, from *source.Source, where string, args []any) ([]hit, error) {
	tables, times := q.kind.Table+" AS "+q.kind.Name, 1
	if from != nil {
		tables, times = q.startOften(from)
		args = append(slices.Clone(from.Args), args...)
	}
	label := q.kind.Must(q.kind.Label)
	if label.Column.Norm != nil {
		label.Column = label.Column.Norm
	}
	paths := append(search.Paths(q.kind), label)
	columns := make([]string, len(paths))
	for i, p := range paths {
		columns[i] = p.Alias(q.kind.Name) + "." + p.Column.Name
	}
	sql := fmt.Sprintf("SELECT %s, %s FROM %s%s%s LIMIT %d", q.key(), strings.Join(columns, ", "), tables, joinPaths(q.kind, paths), whereOf(where), (CountLimit+1)*times)
	rows, err := store.Ask(ctx, tx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	defer rows.Close()
	var hits []hit
	var key int64
	texts := make([]string, len(paths))
	into := []any{&key}
	for i := range texts {
		into = append(into, &texts[i])
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("read what a search found: %w", err)
		}
		n := len(texts) - 1
		hits = append(hits, hit{string(q.words.Rank(texts[:n])) + texts[n], key})
	}
	return hits, rows.Err()
}

// joinPaths joins the tables that the paths lead through, but for those that are joined already.
func joinPaths(k *graph.Kind, paths []graph.Path, joined ...string) string {
	var b strings.Builder
	for _, p := range paths {
		for i, r := range p.Relations {
			here, there := graph.Path{Relations: p.Relations[:i]}.Alias(k.Name), graph.Path{Relations: p.Relations[:i+1]}.Alias(k.Name)
			if !slices.Contains(joined, there) {
				joined = append(joined, there)
				b.WriteString(r.From.SQL.Join(r.To.Table, there, fmt.Sprintf("%s.%s = %s.%s", there, r.To.Key.Name, here, r.Column.Name)))
			}
		}
	}
	return b.String()
}

// byKeys reads the records of some hits, in their order.
func (o Of[T]) byKeys(ctx context.Context, tx bun.Tx, q Query, hits []hit) ([]*T, error) {
	keys := make([]int64, len(hits))
	at := map[int64]int{}
	for i, h := range hits {
		keys[i], at[h.key] = h.key, i
	}
	w := &way{Query: q, from: &source.Source{SQL: q.kind.SQL.Listed(), Args: []any{dialect.ListOf(keys)}, Exact: true}}
	top := shapeOf(q.kind, reflect.TypeFor[T](), q.columns())
	var b strings.Builder
	b.WriteString(w.start(w.from))
	top.join(&b, []string{q.kind.Name})
	found, err := readRows[T](ctx, tx.QueryContext, top, b.String(), w.from.Args)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(x, y *T) int { return at[keyOf(q.kind, x)] - at[keyOf(q.kind, y)] })
	return found, nil
}

func keyOf(k *graph.Kind, record any) int64 { return k.Key.Value(reflect.ValueOf(record)).(int64) }
