package models_test

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// This file answers questions across relations in plain Go, from the rows themselves and without
// any of the code under test, to compare it with.

// related follows a relation: the kind at its other end, and the rows there.
func related(all tables, table string, r row, word string) (string, []row) {
	switch table + "." + word {
	case "places.restaurant":
		return "restaurants", having(all["restaurants"], "place_id", r["id"])
	case "restaurants.place":
		return "places", having(all["places"], "id", r["place_id"])
	case "restaurants.waiter":
		return "waiters", having(all["waiters"], "restaurant_id", r["place_id"])
	case "waiters.restaurant":
		return "restaurants", having(all["restaurants"], "place_id", r["restaurant_id"])
	}
	panic(table + " have no " + word)
}

func having(rows map[int64]row, column string, value any) (found []row) {
	for _, r := range rows {
		if r[column] == value {
			found = append(found, r)
		}
	}
	return found
}

// vocabulary is what can be asked about each kind.
var vocabulary = map[string]struct {
	key       string
	columns   []string
	relations map[string]string // the word and the table it leads to
	counted   string
}{
	"places":      {"id", []string{"id", "name", "address"}, map[string]string{"restaurant": "restaurants"}, "restaurant"},
	"restaurants": {"place_id", []string{"place_id", "serves_hot_dogs", "serves_pizza"}, map[string]string{"place": "places", "waiter": "waiters"}, "waiter"},
	"waiters":     {"id", []string{"id", "restaurant_id", "name"}, map[string]string{"restaurant": "restaurants"}, ""},
}

// question is one condition: relations to follow, then a column, or a relation to count.
type question struct {
	exclude bool
	way     []string
	column  string
	count   string
	op      string
	values  []string

	name, value string // as in the address
}

// holds says that one row and rows related to it answer all questions together. A nil row is one
// that is missing: all its columns are NULL, and so are those of everything beyond it.
func holds(all tables, table string, r row, questions []question) bool {
	beyond := map[string][]question{}
	for _, q := range questions {
		if len(q.way) > 0 {
			word := q.way[0]
			q.way = q.way[1:]
			beyond[word] = append(beyond[word], q)
		} else if !q.holds(all, table, r) {
			return false
		}
	}
	for word, questions := range beyond {
		to, rows := vocabulary[table].relations[word], []row(nil)
		if r != nil {
			_, rows = related(all, table, r, word)
		}
		if len(rows) == 0 {
			rows = []row{nil}
		}
		if !slices.ContainsFunc(rows, func(r row) bool { return holds(all, to, r, questions) }) {
			return false
		}
	}
	return true
}

func (q *question) holds(all tables, table string, r row) bool {
	if q.op == "isnull" {
		return (r == nil) == (q.values[0] == "true" || q.values[0] == "1")
	}
	if r == nil {
		return false
	}
	if q.count != "" {
		_, rows := related(all, table, r, q.count)
		return q.holdsForNumber(int64(len(rows)))
	}
	switch v := r[q.column].(type) {
	case string:
		return q.holdsForText(v)
	case int64:
		return q.holdsForNumber(v)
	}
	panic("a column that is neither text nor number")
}

func (q *question) holdsForText(s string) bool {
	if q.op == "in" {
		return slices.Contains(strings.Split(q.value, ","), s)
	}
	op, value := q.op, q.values[0]
	if plain, ok := strings.CutPrefix(op, "i"); ok {
		op, s, value = plain, folded(s), folded(value)
	}
	switch op {
	case "exact":
		return s == value
	case "contains":
		return strings.Contains(s, value)
	case "startswith":
		return strings.HasPrefix(s, value)
	case "endswith":
		return strings.HasSuffix(s, value)
	}
	panic(op)
}

// folded is the contract's own recipe: NFKD, combining marks removed, full case folding.
func folded(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return cases.Fold().String(b.String())
}

func (q *question) holdsForNumber(n int64) bool {
	var values []int64
	for _, text := range q.values {
		switch text {
		case "true":
			text = "1"
		case "false":
			text = "0"
		}
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			panic(err)
		}
		values = append(values, v)
	}
	v := values[0]
	return map[string]bool{"exact": n == v, "in": slices.Contains(values, n), "gt": n > v, "gte": n >= v, "lt": n < v, "lte": n <= v}[q.op]
}

// expected is the keys of all rows that a list with these questions shows, in order.
func expected(all tables, table string, questions []question) (keys []int64) {
	var together []question
	for _, q := range questions {
		if !q.exclude {
			together = append(together, q)
		}
	}
	for _, key := range keysOf(all[table]) {
		r := all[table][key]
		removed := slices.ContainsFunc(questions, func(q question) bool { return q.exclude && holds(all, table, r, []question{q}) })
		if !removed && holds(all, table, r, together) {
			keys = append(keys, key)
		}
	}
	return keys
}

// keysOf returns the keys of a map in order.
func keysOf[K ~int64 | ~string, V any](m map[K]V) (keys []K) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
