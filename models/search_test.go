package models_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/uptrace/bun"

	"maitred/models"
	"maitred/models/kind"
	"maitred/models/search"
)

// searched are the texts that a search of a kind reads, in plain Go; the first is the record's name.
func searched(all tables, table string, r row) []string {
	switch table {
	case "places":
		return []string{folded(r["name"].(string)), folded(r["address"].(string))}
	case "restaurants":
		_, places := related(all, table, r, "place")
		return searched(all, "places", places[0])
	}
	_, restaurants := related(all, table, r, "restaurant")
	return append([]string{folded(r["name"].(string))}, searched(all, "restaurants", restaurants[0])...)
}

// oneApostrophe writes all apostrophes that people type as the one of the keyboard.
func oneApostrophe(s string) string {
	for _, other := range []string{"’", "‘", "ʼ", "′"} {
		s = strings.ReplaceAll(s, other, "'")
	}
	return s
}

// occurs says whether a word stands in a text as a search wants it: a long one anywhere, a short one
// where a word starts.
func occurs(word, text string) bool {
	if len([]rune(word)) >= 3 {
		return strings.Contains(text, word)
	}
	return startsAWord(word, text)
}

func startsAWord(word, text string) bool {
	before := ' '
	for i, r := range text {
		starts := unicode.IsSpace(before) || unicode.IsPunct(before) && !unicode.IsPunct(r)
		if starts && strings.HasPrefix(text[i:], word) {
			return true
		}
		before = r
	}
	return false
}

// rankOf is the rank of a record that a search finds; found is false when it does not.
func rankOf(search string, texts []string) (rank int, found bool) {
	words := strings.Fields(oneApostrophe(folded(search)))
	texts = slices.Clone(texts)
	for i, text := range texts {
		texts[i] = strings.Join(strings.Fields(oneApostrophe(text)), " ")
	}
	in := func(word string, how func(word, text string) bool) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return how(word, text) })
	}
	starts := true
	for _, w := range words {
		if !in(w, occurs) {
			return 0, false
		}
		starts = starts && in(w, startsAWord)
	}
	whole := strings.Join(words, " ")
	switch {
	case slices.Contains(texts, whole):
		return 0, true
	case in(whole, func(whole, text string) bool { return strings.HasPrefix(text, whole) }):
		return 1, true
	case starts:
		return 2, true
	}
	return 3, true
}

// bestFirst is what a search finds, in its order.
func bestFirst(all tables, table, search string) []int64 {
	type hit struct {
		rank int
		name string
		key  int64
	}
	var hits []hit
	for key, r := range all[table] {
		texts := searched(all, table, r)
		if rank, found := rankOf(search, texts); found {
			hits = append(hits, hit{rank, texts[0], key})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		if a.name != b.name {
			return strings.Compare(a.name, b.name)
		}
		return int(a.key - b.key)
	})
	keys := []int64{}
	for _, h := range hits {
		keys = append(keys, h.key)
	}
	return keys
}

func TestRandomSearchesFindWhatPlainGoFindsInItsOrder(t *testing.T) {
	repeats(t)
	t.Parallel()
	runs := either(1000, 250)
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("world ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 9))
			w := aRandomWorld(t, random)
			all := w.tables()
			some := 0
			for range runs {
				table := anyOf(random, []string{"places", "restaurants", "waiters"})
				search := randomSearch(random, all, table)
				want := bestFirst(all, table, search)
				if len(want) > 0 && len(want) < len(all[table]) {
					some++
				}
				address := "q=" + url.QueryEscape(search)
				if strings.TrimSpace(search) == "" {
					continue
				}
				if got := w.keysOfList(table, address, false); !slices.Equal(got, want) {
					t.Fatalf("/%s?%s lists %v, want %v", table, address, got, want)
				}
				order := randomOrder(random, w, table)
				asked := randomQuestion(random, table, all)
				address += "&sort=" + order.Sort + "&" + url.QueryEscape(asked.name) + "=" + url.QueryEscape(asked.value)
				want = order.of(all, table, slices.DeleteFunc(expected(all, table, []question{asked}), func(key int64) bool { return !slices.Contains(want, key) }))
				for _, along := range []bool{false, true} {
					if got := w.keysOfList(table, address, along); !slices.Equal(got, want) {
						t.Fatalf("/%s?%s lists %v, want %v (along its order: %v)", table, address, got, want, along)
					}
				}
			}
			if some < runs/4 {
				t.Errorf("only %d searches found some rows but not all", some)
			}
		})
	}
}

// randomSearch is one to four words, cut from texts of one record most of the time.
func randomSearch(random *rand.Rand, all tables, table string) string {
	var words []string
	texts := searched(all, table, all[table][anyOf(random, keysOf(all[table]))])
	for range 1 + random.IntN(4) {
		if random.IntN(4) == 0 {
			texts = searched(all, table, all[table][anyOf(random, keysOf(all[table]))])
		}
		fields := strings.Fields(anyOf(random, texts))
		word := []rune(anyOf(random, fields))
		from := random.IntN(len(word))
		if random.IntN(2) == 0 {
			from = 0
		}
		part := string(word[from : from+1+random.IntN(len(word)-from)])
		if random.IntN(3) == 0 {
			part = strings.ToUpper(part)
		}
		if random.IntN(3) == 0 {
			part = strings.NewReplacer("'", "’", "’", "'").Replace(part)
		}
		words = append(words, part)
	}
	return strings.Join(words, anyOf(random, []string{" ", "  ", "\t"}))
}

func TestASearchOfManyHitsListsTheBestFirst(t *testing.T) {
	repeats(t)
	t.Parallel()
	w := emptyWorld(t)
	w.addStreetOf(kind.CountLimit + 60)
	exact, begins, starts := w.addPlace("Street", "Zed"), w.addPlace("Street Food", "Zed"), w.addPlace("Zed", "A Streetcar")
	l, err := list(w, models.Places, "q=street")
	w.must(err)
	w.same("how many are found", []any{l.Count, l.More, l.First}, []any{int64(kind.CountLimit), true, int64(1)})
	w.same("the best", []int64{l.Rows[0].ID, l.Rows[1].ID}, []int64{exact, begins})
	last, err := list(w, models.Places, "q=street&before=end")
	w.must(err)
	w.same("the last page", []any{len(last.Rows), last.First, last.After}, []any{kind.PageSize, int64(kind.CountLimit - kind.PageSize + 1), ""})
	counted, err := list(w, models.Places, "q=street&count=exact")
	w.must(err)
	w.same("counted exactly", []any{counted.Count, counted.More}, []any{int64(kind.CountLimit + 63), false})
	sorted, err := list(w, models.Places, "q=street&sort=-name")
	w.must(err)
	w.same("sorted", []any{sorted.Rows[0].ID, sorted.More}, []any{starts, true})
}

// Where more match than are ranked, those that rank first come from the indexes of the texts.
func TestTheBestAreKnownWhicheverApostropheTheyHave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := []int64{w.addPlace("O'Neil", "1"), w.addPlace("O’Neil", "2"), w.addPlace("O’Neil’s Diner", "3"), w.addPlace("o'neils", "4")}
	w.addPlace("The O'Neil", "5")
	for _, typed := range []string{"o'neil", "O’NEIL", " o‘neil "} {
		found := map[int64]bool{}
		for _, best := range search.Parse(w.places, typed).Best() {
			w.view(func(tx bun.Tx) {
				for _, r := range w.query(tx, best.SQL, best.Args...) {
					found[r["key"].(int64)] = true
				}
			})
		}
		w.same("what "+typed+" is or begins", keysOf(found), want)
	}
}
