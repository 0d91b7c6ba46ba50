package change

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/models/store"
	"maitred/models/text"
)

// Query is which changes a list shows. All that is given must hold.
type Query struct {
	Actor  string      // who acted; "" for everyone
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
		return q, q.parseRecord(g, record)
	}
	return q, nil
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
// number, time, actor and sentence, what it undoes and what undid it.
func List(ctx context.Context, s *store.Store, q Query, limit int) (changes []*Change, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		query, args := q.sql()
		changes, err = tell(ctx, s, tx, query, append(args, limit)...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list changes: %w", err)
	}
	return changes, nil
}

// sql is the query without its last argument, how many rows. Its text depends only on what is
// asked for at all, so that there are few.
//
// Filtered lists are in the order of time, in which their indexes are; two changes of the same
// millisecond in that of their numbers.
func (q Query) sql() (query string, args []any) {
	var where []string
	add := func(condition string, more ...any) {
		where, args = append(where, condition), append(args, more...)
	}
	order := "id DESC"
	switch {
	case q.Of != nil:
		before := ""
		args = append(args, q.Of.Table, q.Identity)
		if q.Before > 0 {
			before = " AND change_id < ?"
			args = append(args, q.Before)
		}
		return told + " WHERE id IN (SELECT change_id FROM change_rows WHERE kind = ? AND identity = ?" + before +
			" ORDER BY change_id DESC LIMIT ?) ORDER BY id DESC", args
	case q.Filtered():
		order = "at DESC, id DESC"
		if q.Before > 0 {
			add("(at, id) < (coalesce((SELECT c.at FROM changes AS c WHERE c.id <= ? ORDER BY c.id DESC LIMIT 1), ''), ?)", q.Before, q.Before)
		}
	case q.Before > 0:
		add("id < ?", q.Before)
	}
	if q.Actor != "" {
		add("actor = ?", q.Actor)
	}
	if q.Kind != nil {
		add("kind = ?", q.Kind.Table)
	}
	if !q.Day.IsZero() {
		add("at >= ? AND at < ?", q.Day.Format(timeLayout), q.Day.AddDate(0, 0, 1).Format(timeLayout))
	}
	query = told
	if where != nil {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	return query + " ORDER BY " + order + " LIMIT ?", args
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
