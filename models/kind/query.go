package kind

import (
	"net/url"
	"reflect"
	"slices"
	"strings"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/keyset"
	"maitred/models/lookup"
	"maitred/models/problem"
	"maitred/models/search"
	"maitred/models/source"
)

// Query is what a list is asked for, read from an address.
type Query struct {
	Search string
	Sort   string // as in the address: "name", "-name"; empty: best first, where words are searched for
	Rows   int    // of a page; 0 for PageSize
	Exact  bool   // count exactly, however long that takes
	Along  bool   // read along the order of the list though few rows match: to compare both ways

	kind   *graph.Kind
	order  keyset.Order
	sorted graph.Path
	filter lookup.Filter
	words  search.Search
	mark   *keyset.Mark
}

// reserved are the names in a list's address that are not conditions.
var reserved = []string{"q", "sort", "after", "before", "count"}

// ParseQuery reads an address. Errors: BadRequest.
func ParseQuery(k *graph.Kind, address url.Values) (Query, error) {
	q := Query{Search: strings.ToValidUTF8(address.Get("q"), "\ufffd"), Sort: address.Get("sort"), kind: k}
	q.words = search.Parse(k, q.Search)
	if err := q.parseSort(); err != nil {
		return q, err
	}
	switch address.Get("count") {
	case "":
	case "exact":
		q.Exact = true
	default:
		return q, problem.New(problem.BadRequest, "In an address, count can only be exact.")
	}
	var err error
	if q.filter, err = lookup.Parse(k, address, reserved...); err != nil {
		return q, err
	}
	q.mark, err = keyset.Parse(address.Get("after"), address.Get("before"), q.sample())
	return q, err
}

func (q *Query) parseSort() error {
	if q.Sort == "" && q.BestFirst() {
		return nil
	}
	if q.Sort == "" {
		q.Sort = q.kind.Sorts[0].Name
	}
	name, desc := strings.CutPrefix(q.Sort, "-")
	var known []string
	for _, s := range q.kind.Sorts {
		known = append(known, s.Name)
		if s.Name != name {
			continue
		}
		q.sorted = q.kind.Must(s.Path)
		if q.sorted.Column.Norm != nil {
			q.sorted.Column = q.sorted.Column.Norm
		}
		q.order = keyset.Order{
			Value: q.sorted.Alias(q.kind.Name) + "." + q.sorted.Column.Name,
			Key:   q.key(),
			Desc:  desc,
			SQL:   q.kind.SQL,
		}
		return nil
	}
	return problem.New(problem.BadRequest, "The address asks to sort by “%.80s”, but %s can only be sorted by: %s.",
		strings.ToValidUTF8(name, "\ufffd"), q.kind.Plural(), strings.Join(known, ", "))
}

// sample is a value of the type that the list's marks have.
func (q Query) sample() any {
	if q.BestFirst() {
		return ""
	}
	switch q.sorted.Column.Type {
	case graph.Text:
		return ""
	case graph.Boolean:
		return false
	default:
		return int64(0)
	}
}

// BestFirst says that the list is in the order of how well its records fit the search.
func (q Query) BestFirst() bool { return q.Sort == "" && !q.words.Empty() }

// Filtered says that the list shows less than all there is.
func (q Query) Filtered() bool { return !q.words.Empty() || !q.filter.Empty() }

// key is the primary key of the list's records in SQL.
func (q Query) key() string { return q.kind.Name + "." + q.kind.Key.Name }

// where is what the address asks of a row, as a condition on the kind's own table; "" for nothing.
func (q Query) where() (sql string, args []any) {
	filter, args := q.filter.SQL(q.kind.Name)
	words, more := q.words.SQL(q.kind.Name)
	return conjunction(filter, words), append(args, more...)
}

// whereAlong is where for rows that are read in the order of the list.
func (q Query) whereAlong() (sql string, args []any) {
	along := lookup.Along{Way: q.sorted.Relations, Sorted: q.sorted.Column, Alias: q.alias}
	filter, args := q.filter.SQLAlong(along)
	words, more := q.words.SQL(q.kind.Name)
	return conjunction(filter, words), append(args, more...)
}

// alias is what a query calls the table that is n relations up the way to the sorted column.
func (q Query) alias(n int) string {
	return graph.Path{Relations: q.sorted.Relations[:n]}.Alias(q.kind.Name)
}

// sources are the ways to start with the few rows that an index finds for a condition, those that
// promise fewest first.
func (q Query) sources() []source.Source {
	sources := q.filter.Sources()
	slices.SortStableFunc(sources, func(a, b source.Source) int { return a.Weight - b.Weight })
	for i := range sources {
		sources[i].Exact = sources[i].Exact && q.words.Empty()
	}
	return sources
}

// Selection is all that the list shows, on all its pages.
func (q Query) Selection() *change.Selection {
	where, args := q.where()
	sources := q.sources()
	switch {
	case len(sources) > 0 && (q.words.Empty() || sources[0].Weight == source.One):
		return change.Matching(q.kind, &sources[0], where, args...)
	case !q.words.Empty():
		return change.Matching(q.kind, q.words.Guess(), where, args...)
	}
	return change.Matching(q.kind, nil, where, args...)
}

// at is the mark of a row in the order of the query; stood is how many rows are before it, 0 if that is not known.
func (q Query) at(record any, stood int64) string {
	v := reflect.ValueOf(record)
	return keyset.Mark{Value: q.sorted.Value(v), Key: q.kind.Key.Value(v).(int64), Stood: stood}.String()
}

// conjunction joins conditions that are not empty.
func conjunction(conditions ...string) string {
	return strings.Join(slices.DeleteFunc(conditions, func(c string) bool { return c == "" }), " AND ")
}
