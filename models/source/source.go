// Package source is where reading a list can start other than at its first row: from the few rows
// that an index finds for one of its conditions, back along the relations to the records of the list.
package source

import (
	"fmt"

	"maitred/models/graph"
)

// Source is a query for keys of records, among which are all that a list shows.
type Source struct {
	SQL     string // one column, "key"
	Args    []any
	Repeats bool // a key may come several times
	Times   int  // where it does and that is known, how many times at most; 0: it is not
	Exact   bool // every key is one that the list shows
	Weight  int  // a guess at how many it finds, where nothing better is known; lower is fewer

	Probe     string // a query for one row for each that the index finds
	ProbeArgs []any
}

// The guesses, from what finds one record to what finds every second.
const (
	One = iota
	Some
	Many
	Half
)

// Start is where a source starts: the rows that an index finds.
type Start struct {
	From  string // the tables, the first of which the database is to start with
	Key   string // the expression for the key of the kind that the way leads to
	Alias string // what From calls that kind's table; "" where it is only an index
	Where string
	Args  []any // of Where
}

// Back is the source of records of the kind where the way begins, from rows of the kind where it
// ends. n tells the aliases of several sources in one query apart.
func (s Start) Back(way []*graph.Relation, n int) Source {
	from, key, alias, repeats := s.From, s.Key, s.Alias, false
	for i := len(way) - 1; i >= 0; i-- {
		r := way[i]
		next := fmt.Sprintf("s%d_%d", n, i)
		if r.Parent { // the records that belong to this one
			from += r.From.SQL.Join(r.From.Table, next, fmt.Sprintf("%s.%s = %s", next, r.Column.Name, key))
			alias, key = next, next+"."+r.From.Key.Name
			continue
		}
		if alias == "" && r.Column == r.To.Key {
			continue // its key is the one that is looked for
		}
		if alias == "" {
			from += r.From.SQL.Join(r.To.Table, next, fmt.Sprintf("%s.%s = %s", next, r.To.Key.Name, key))
			alias = next
		}
		key, alias = alias+"."+r.Column.Name, ""
		repeats = repeats || r.Many
	}
	return Source{
		SQL:     fmt.Sprintf("SELECT %s AS key FROM %s WHERE %s", key, from, s.Where),
		Args:    s.Args,
		Repeats: repeats,
	}
}

// Keys is the source as a query in which no key repeats.
func (s Source) Keys() string {
	if s.Repeats {
		return "SELECT DISTINCT key FROM (" + s.SQL + ") AS found"
	}
	return s.SQL
}
