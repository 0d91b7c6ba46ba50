package change

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/dialect"
	"maitred/models/graph"
	"maitred/models/keyset"
	"maitred/models/problem"
	"maitred/models/store"
	"maitred/models/text"
)

// Query is which changes a list shows. All that is given must hold.
type Query struct {
	Author int64       // only what the person with this number did; 0 for everyone
	Actor  string      // who acted, by name; "" for everyone
	Kind   *graph.Kind // of the record that the change was about; nil for all
	Day    time.Time   // in UTC; zero for all
	Before int64       // only changes older than this one; 0: from the newest

	Of       *graph.Kind // the history of one record, which nothing else narrows: its kind …
	Identity int64       // … and who it is
}

// DayLayout is how an address writes a day.
const DayLayout = "2006-01-02"

// asks are the names that a query can have in an address.
var asks = []string{"actor", "kind", "day", "record", "before"}

// ParseQuery reads an address; a name without a value asks for nothing. Errors: BadRequest.
func ParseQuery(g *graph.Graph, address url.Values) (q Query, err error) {
	for name, values := range address {
		if !slices.Contains(asks, name) {
			return q, problem.New(problem.BadRequest, "History cannot be asked for “%.80s”. Known are: %s.", strings.ToValidUTF8(name, "\ufffd"), And(asks))
		}
		if len(values) > 1 {
			return q, problem.New(problem.BadRequest, "The address gives “%s” more than once. Give it once.", name)
		}
	}
	q.Actor = address.Get("actor")
	if table := address.Get("kind"); table != "" {
		if q.Kind = g.ByTable(table); q.Kind == nil {
			return q, problem.New(problem.BadRequest, "There is no history of “%.80s”. Known are: %s.", strings.ToValidUTF8(table, "\ufffd"), And(tables(g)))
		}
	}
	if day := address.Get("day"); day != "" {
		if q.Day, err = time.Parse(DayLayout, day); err != nil {
			return q, problem.New(problem.BadRequest, "“%.80s” is no day. Write year, month and day, as in 2026-11-23.", strings.ToValidUTF8(day, "\ufffd"))
		}
	}
	if before := address.Get("before"); before != "" {
		if q.Before, err = strconv.ParseInt(before, 10, 64); err != nil || q.Before < 1 {
			return q, problem.New(problem.BadRequest, "The address names a page that cannot be found. Start again from the newest change.")
		}
	}
	if record := address.Get("record"); record != "" {
		err = q.parseRecord(g, record)
	}
	return q, err
}

func (q *Query) parseRecord(g *graph.Graph, record string) (err error) {
	table, identity, _ := strings.Cut(record, "-")
	q.Of = g.ByTable(table)
	q.Identity, err = strconv.ParseInt(identity, 10, 64)
	if q.Of == nil || err != nil {
		return problem.New(problem.BadRequest, "“%.80s” names no record. Write one of %s and a number, as in %s-1.",
			strings.ToValidUTF8(record, "\ufffd"), strings.Join(tables(g), ", "), tables(g)[0])
	}
	if q.Filtered() {
		return problem.New(problem.BadRequest, "The history of one record cannot be narrowed further. Leave out record, or actor, kind and day.")
	}
	return nil
}

func tables(g *graph.Graph) (names []string) {
	for _, k := range g.Kinds() {
		names = append(names, k.Table)
	}
	return names
}

// Filtered says that the list shows the changes of one person, kind or day only.
func (q Query) Filtered() bool { return q.Actor != "" || q.Kind != nil || !q.Day.IsZero() }

// List returns the changes that the query asks for, newest first, limit at most, each with its
// number, time, actor, author and sentence, what it undoes and what undid it; and whether there are more.
func List(ctx context.Context, s *store.Store, q Query, limit int) (changes []*Change, more bool, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		order, mark, err := q.from(ctx, tx)
		if err != nil {
			return err
		}
		page, err := keyset.Read(order, mark, limit, func(part keyset.Part) ([]*Change, error) {
			query, args := q.sql(part)
			return tell(ctx, s, tx, query, args...)
		})
		if err == nil {
			changes, more = page.Rows, page.Next
		}
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("list changes: %w", err)
	}
	return changes, more, nil
}

// byTime says that the list is in the order of time, in which the indexes of narrowed lists are;
// changes of the same millisecond are in that of their numbers.
func (q Query) byTime() bool { return q.Filtered() || q.Author != 0 }

// from is the order of the list and the mark that its page begins after.
func (q Query) from(ctx context.Context, tx bun.Tx) (keyset.Order, *keyset.Mark, error) {
	order := keyset.Order{Key: "changes.id", Desc: true, SQL: dialect.Of(tx)}
	switch {
	case q.Of != nil:
		order.Key = "change_id"
	case q.Author != 0:
		order.Value, order.Key = "authors.at", "authors.change_id"
	case q.byTime():
		order.Value = "changes.at"
	}
	if q.Before == 0 {
		return order, nil, nil
	}
	mark := &keyset.Mark{Key: q.Before}
	if q.byTime() {
		at := ""
		err := tx.NewRaw("SELECT at FROM changes WHERE id <= ? ORDER BY id DESC LIMIT 1", q.Before).Scan(ctx, &at)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return order, nil, err
		}
		if !q.Day.IsZero() && at >= dayAfter(q.Day) {
			return order, nil, nil
		}
		mark.Value = at
	}
	return order, mark, nil
}

// dayAfter is when a day is over.
func dayAfter(day time.Time) string { return day.AddDate(0, 0, 1).Format(timeLayout) }

// sql reads a part of the list. Its text depends only on what is asked for at all, so that there are
// few.
func (q Query) sql(part keyset.Part) (query string, args []any) {
	var where []string
	add := func(condition string, more ...any) {
		where, args = append(where, condition), append(args, more...)
	}
	from, table := told, "changes"
	if q.Author != 0 { // by the copies of kind and time beside the author, which an index is in the order of
		from, table = told+" JOIN authors ON authors.change_id = changes.id", "authors"
		add("authors.user_id = ?", q.Author)
	}
	if q.Actor != "" {
		add("changes.actor = ?", q.Actor)
	}
	if q.Kind != nil {
		add(table+".kind = ?", q.Kind.Table)
	}
	if !q.Day.IsZero() {
		add(table+".at >= ?", q.Day.Format(timeLayout))
	}
	if q.Of != nil {
		add("kind = ? AND identity = ?", q.Of.Table, q.Identity)
	}
	if condition, more := part.Where(); condition != "" {
		add(condition, more...)
	} else if !q.Day.IsZero() { // a mark is before that: of two bounds the database might use the wrong one
		add(table+".at < ?", dayAfter(q.Day))
	}
	order, limit := part.Order()
	if where != nil {
		order = " WHERE " + strings.Join(where, " AND ") + order
	}
	if q.Of != nil {
		order = " WHERE id IN (SELECT change_id FROM change_rows" + order + ") ORDER BY id DESC"
	}
	return from + order, append(args, limit...)
}

// mostActors bounds how many persons Actors returns.
const mostActors = 1000

// Actors returns who ever acted, in the order of a list of names.
func Actors(ctx context.Context, s *store.Store) (actors []string, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw(distinct("changes", "actor", "TRUE"), mostActors).Scan(ctx, &actors)
	})
	if err != nil {
		return nil, fmt.Errorf("read who ever acted: %w", err)
	}
	slices.SortFunc(actors, func(a, b string) int {
		return cmp.Or(strings.Compare(text.Normalise(a), text.Normalise(b)), strings.Compare(a, b))
	})
	return actors, nil
}

// distinct is a query for the first different values of a column, ?0 at most. It goes from one to
// the next through an index that begins with the columns of the condition and the column, and does
// not read the rows between.
func distinct(table, column, condition string) string {
	return fmt.Sprintf(`WITH RECURSIVE found(value, n) AS (
			SELECT min(%[2]s), 1 FROM %[1]s WHERE %[3]s
			UNION ALL
			SELECT (SELECT min(%[2]s) FROM %[1]s WHERE %[3]s AND %[2]s > found.value), n + 1 FROM found WHERE found.value IS NOT NULL AND n < ?0
		) SELECT value FROM found WHERE value IS NOT NULL ORDER BY value`, table, column, condition)
}
