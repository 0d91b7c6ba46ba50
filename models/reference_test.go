package models_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"maitred/models"
	"maitred/models/kind"
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

func randomQuestion(random *rand.Rand, table string, all tables) question {
	q := question{exclude: random.IntN(3) == 0}
	var words []string
	for random.IntN(5) < 2 && len(q.way) < 5 {
		word := anyOf(random, keysOf(vocabulary[table].relations))
		q.way, words = append(q.way, word), append(words, word)
		table = vocabulary[table].relations[word]
	}
	v := vocabulary[table]
	q.column = anyOf(random, v.columns)
	switch {
	case v.counted != "" && random.IntN(6) == 0:
		q.count = v.counted
		words = append(words, v.counted, "count")
	case q.column == v.key && random.IntN(3) == 0:
		words = append(words, "pk")
	case q.column == v.key && len(q.way) > 0 && random.IntN(2) == 0: // the path ends in the relation
	default:
		words = append(words, q.column)
	}
	q.chooseOperator(random)
	q.chooseValues(random, table, all)
	if q.exclude {
		words = append([]string{"exclude"}, words...)
	}
	if q.op != "exact" || random.IntN(3) == 0 {
		words = append(words, q.op)
	}
	q.name, q.value = strings.Join(words, "__"), strings.Join(q.values, ",")
	return q
}

func (q *question) isText() bool {
	return q.count == "" && (q.column == "name" || q.column == "address")
}
func (q *question) isYesNo() bool {
	return q.op == "isnull" || q.count == "" && strings.HasPrefix(q.column, "serves")
}

func (q *question) chooseOperator(random *rand.Rand) {
	ops := []string{"exact", "in", "gt", "gte", "lt", "lte", "isnull"}
	switch {
	case q.isText():
		ops = []string{"exact", "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "in", "isnull"}
	case q.isYesNo():
		ops = []string{"exact", "in", "isnull"}
	case q.count != "":
		ops = ops[:6]
	}
	q.op = anyOf(random, ops)
}

func (q *question) chooseValues(random *rand.Rand, table string, all tables) {
	n := 1
	if q.op == "in" {
		n += random.IntN(3)
	}
	for range n {
		switch {
		case q.isYesNo():
			q.values = append(q.values, anyOf(random, []string{"true", "false", "1", "0"}))
		case q.count != "":
			q.values = append(q.values, strconv.Itoa(random.IntN(4)))
		case !q.isText():
			q.values = append(q.values, strconv.Itoa(random.IntN(len(all[table])+2)))
		default:
			r := all[table][anyOf(random, keysOf(all[table]))]
			q.values = append(q.values, randomPart(random, r[q.column].(string), q.op))
		}
	}
}

// randomPart cuts a text so that the operator may find it, and sometimes changes its case.
func randomPart(random *rand.Rand, s, op string) string {
	runes := []rune(s)
	from, to := 0, len(runes)
	switch {
	case strings.HasSuffix(op, "contains"):
		from = random.IntN(len(runes) + 1)
		to = from + random.IntN(len(runes)-from+1)
	case strings.HasSuffix(op, "startswith"):
		to = random.IntN(len(runes) + 1)
	case strings.HasSuffix(op, "endswith"):
		from = random.IntN(len(runes) + 1)
	}
	part := string(runes[from:to])
	switch random.IntN(4) {
	case 0:
		return strings.ToUpper(part)
	case 1:
		return norm.NFD.String(part)
	}
	return part
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

// lookupRuns is how many random lookups are compared; MAITRED_LOOKUPS sets another number.
const lookupRuns = 3000

func TestRandomLookupsFindWhatPlainGoFinds(t *testing.T) {
	t.Parallel()
	runs := lookupRuns
	if n, err := strconv.Atoi(os.Getenv("MAITRED_LOOKUPS")); err == nil {
		runs = n
	}
	const worlds = 3
	for seed := range uint64(worlds) {
		t.Run(fmt.Sprint("world ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 5))
			w := aRandomWorld(t, random)
			all := w.tables()
			var some int
			for range runs / worlds {
				table := anyOf(random, []string{"places", "restaurants", "waiters"})
				questions := make([]question, 1+random.IntN(3))
				address := url.Values{}
				for i := range questions {
					questions[i] = randomQuestion(random, table, all)
					address.Add(questions[i].name, questions[i].value)
				}
				want := expected(all, table, questions)
				if len(want) > 0 && len(want) < len(all[table]) {
					some++
				}
				got := w.keysOfList(table, address.Encode())
				if !slices.Equal(got, want) {
					t.Fatalf("/%s?%s lists %v, want %v", table, address.Encode(), got, want)
				}
			}
			if some < runs/worlds/4 {
				t.Errorf("only %d lookups found some rows but not all", some)
			}
		})
	}
}

// aRandomWorld has fewer rows of each kind than a page of a list.
func aRandomWorld(t testing.TB, random *rand.Rand) *world {
	t.Helper()
	w := emptyWorld(t)
	words := []string{"Demon", "demon", "DÉMON", "Dogs", "Zoë", "zoe", "Straße", "STRASSE", "100%", "a_b", "aXb", "O'Neil", `back\slash`, "😀", "ﬃ", "?", "e\u0301e"}
	for range 26 {
		key := w.addPlace(anyOf(random, words)+" "+anyOf(random, words), anyOf(random, words))
		if random.IntN(3) == 0 {
			continue
		}
		w.open(&models.Restaurant{PlaceID: key, ServesHotDogs: random.IntN(2) == 0, ServesPizza: random.IntN(2) == 0})
		for range random.IntN(4) {
			w.hire(key, anyOf(random, words))
		}
	}
	return w
}

func (w *world) keysOfList(table, address string) (keys []int64) {
	w.t.Helper()
	switch table {
	case "places":
		keys = listedKeys(w, models.Places, address)
	case "restaurants":
		keys = listedKeys(w, models.Restaurants, address)
	default:
		keys = listedKeys(w, models.Waiters, address)
	}
	slices.Sort(keys)
	return keys
}

func listedKeys[T any](w *world, of kind.Of[T], address string) (keys []int64) {
	w.t.Helper()
	for _, r := range pages(w, of, address) {
		keys = append(keys, keyOf(r))
	}
	return keys
}

func anyOf[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

// keysOf returns the keys of a map in order.
func keysOf[K ~int64 | ~string, V any](m map[K]V) (keys []K) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
