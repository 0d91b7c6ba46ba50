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

	"golang.org/x/text/unicode/norm"

	"maitred/models"
	"maitred/models/kind"
)

// lookupRuns is how many random lookups are compared; MAITRED_LOOKUPS sets another number.
// PostgreSQL answers fewer in the same time, as they are many and small, and it is asked from another process.
var lookupRuns = either(12_000, 3_000)

func TestRandomLookupsFindWhatPlainGoFinds(t *testing.T) {
	repeats(t)
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
				order := randomOrder(random, w, table)
				address.Set("sort", order.Sort)
				want = order.of(all, table, want)
				for _, along := range []bool{false, true} {
					if got := w.keysOfList(table, address.Encode(), along); !slices.Equal(got, want) {
						t.Fatalf("/%s?%s lists %v, want %v (along its order: %v)", table, address.Encode(), got, want, along)
					}
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
	words := []string{"Demon", "demon", "DÉMON", "Dogs", "Zoë", "zoe", "Straße", "STRASSE", "100%", "a_b", "aXb", "O'Neil", `back\slash`, "😀", "ﬃ", "?", "e\u0301e",
		"O’Neil", "neil", "hot-dog", "DOG-hot", "don't-do", "12-b", "2023", "東京都", "東京", "京都", "한국어", "한", "हिन्दी", "की", "İstanbul", "ISTANBUL", "ıĺ", "ǅ", "Ⅷ", "½",
		"👩\u200d👩\u200d👧", "👩", "🇩🇪", "ﷺ", "Ω\u0345", "ς", "ΣΑΣ", "שָׁלוֹם", "a\u3000b", "a  b", "x`y", "\ufffd", "x\ufffey", "AND", "NEAR(", `"*"`, "^a:", "\U0001D165b", "ก็", "ｶﾞ"}
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

// randomQuestion asks something about a table that makes sense, and that some rows may answer.
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

// sortedBy is an order of a list.
type sortedBy struct {
	Sort string
	path []string
	desc bool
}

func randomOrder(random *rand.Rand, w *world, table string) sortedBy {
	s := anyOf(random, w.Graph.ByTable(table).Sorts)
	o := sortedBy{Sort: s.Name, path: strings.Split(s.Path, "__"), desc: random.IntN(2) == 0}
	if o.desc {
		o.Sort = "-" + o.Sort
	}
	return o
}

// of puts keys in this order, in plain Go.
func (o sortedBy) of(all tables, table string, keys []int64) []int64 {
	slices.SortFunc(keys, func(a, b int64) int {
		c := compare(sortValue(all, table, all[table][a], o.path), sortValue(all, table, all[table][b], o.path))
		if c == 0 {
			c = compare(a, b)
		}
		if o.desc {
			return -c
		}
		return c
	})
	return keys
}

// keysOfList are the keys of a list of one page, in its order.
func (w *world) keysOfList(table, address string, along bool) (keys []int64) {
	w.t.Helper()
	switch table {
	case "places":
		return listedKeys(w, models.Places, address, along)
	case "restaurants":
		return listedKeys(w, models.Restaurants, address, along)
	default:
		return listedKeys(w, models.Waiters, address, along)
	}
}

func listedKeys[T any](w *world, of kind.Of[T], address string, along bool) (keys []int64) {
	w.t.Helper()
	values, err := url.ParseQuery(address)
	w.must(err)
	q, err := kind.ParseQuery(of.Kind(w.Store), values)
	w.must(err)
	q.Along = along
	l, err := of.List(ctx, w.Store, q)
	w.must(err)
	if l.More || l.After != "" || int(l.Count) != len(l.Rows) {
		w.t.Fatalf("%s shows %d rows and counts %d", address, len(l.Rows), l.Count)
	}
	for _, r := range l.Rows {
		keys = append(keys, keyOf(r))
	}
	if all := w.exportedKeys(of.Kind(w.Store), q); !slices.Equal(all, keys) {
		w.t.Errorf("%s?%s is exported as %v and lists %v (along its order: %v)", of.Kind(w.Store).Table, address, all, keys, along)
	}
	return keys
}

func anyOf[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }
