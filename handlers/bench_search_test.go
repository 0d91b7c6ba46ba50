package handlers_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"maitred/models/store"
	"maitred/models/text"
)

// BenchmarkSearch searches for what people type, best first: something that few records have, a name,
// two words, one letter, and a word that stands in every tenth address. The bare SQL asks the same index
// for at most 10,001 candidates, looks at their texts, ranks them in the same way and counts them.
func BenchmarkSearch(b *testing.B) {
	site, bare, _ := benchSite(b)
	for _, search := range []struct{ name, table, words string }{
		{"few", "places", "demon"},
		{"nothing", "places", "unicorn"},
		{"thousands", "places", "thistle"},
		{"address", "places", "944 fullerton"},
		{"two-words", "places", "silver street"},
		{"one-letter", "places", "e"},
		{"every-tenth", "places", "street"},
		{"few", "restaurants", "demon"},
		{"two-words", "restaurants", "silver street"},
		{"one-letter", "restaurants", "e"},
		{"every-tenth", "restaurants", "street"},
		{"few", "waiters", "demon"},
		{"full-name", "waiters", "aaliyah booker"},
		{"surname", "waiters", "kowalski"},
		{"two-words", "waiters", "joe demon"},
		{"one-letter", "waiters", "e"},
		{"every-tenth", "waiters", "street"},
	} {
		name, address := search.table+"-"+search.name, "/"+search.table+"?q="+url.QueryEscape(search.words)
		b.Run(name+"/page", func(b *testing.B) { pages(b, site, address) })
		b.Run(name+"-last/page", func(b *testing.B) { pages(b, site, address+"&before=end") })
		b.Run(name+"-by-name/page", func(b *testing.B) { pages(b, site, address+"&sort=name") })
		b.Run(name+"/sql", func(b *testing.B) {
			statements(b, bare, append(bareSearch(search.table, search.words), statement{bareViews, []any{search.table}})...)
		})
	}
	for _, words := range []string{"demon", "kowalski", "street", "e", "move demon"} {
		b.Run("everything-"+strings.ReplaceAll(words, " ", "-")+"/page", func(b *testing.B) { pages(b, site, "/search?q="+url.QueryEscape(words)) })
	}
}

// bareSearch is the first page of a search, and how many there are, up to 10,001.
func bareSearch(table, typed string) []statement {
	columns, key, label, texts := barePlaces, "p.id", "p.name_norm", []string{"p.name_norm", "p.address_norm"}
	switch table {
	case "restaurants":
		columns, key = bareRestaurants, "r.place_id"
	case "waiters":
		columns, key, label, texts = bareWaiters, "w.id", "w.name_norm", append(texts, "w.name_norm")
	}
	words := strings.Fields(typed)
	candidates, args := bareCandidates(table, words)
	head, tables, _ := strings.Cut(columns, "FROM ")
	var where []string
	var more []any
	for _, w := range words {
		var in []string
		if len(w) < 3 { // it starts a word
			w = " " + w
		}
		for _, t := range texts {
			in, more = append(in, "instr(' ' || "+t+", ?) > 0"), append(more, w)
		}
		where = append(where, "("+strings.Join(in, " OR ")+")")
	}
	found := fmt.Sprintf("FROM %s WHERE %s IN (%s) AND %s", tables, key, candidates, strings.Join(where, " AND "))
	rank := fmt.Sprintf("CASE WHEN %s THEN 0 WHEN %s THEN 1 WHEN %s THEN 2 ELSE 3 END",
		anyText(texts, "%s = ?1"), anyText(texts, "instr(%s, ?1) = 1"), anyText(texts, "instr(' ' || %s, ' ' || ?1) > 0"))
	all := append(append([]any{typed}, args...), more...)
	return []statement{
		{strings.Replace(head, "SELECT", "SELECT ?1,", 1) + found + " ORDER BY " + rank + ", " + label + ", " + key + " LIMIT 51", all},
		{"SELECT count(*), ?1 FROM (SELECT 1 " + found + " LIMIT 10001) AS found", all},
	}
}

func anyText(texts []string, condition string) string {
	var all []string
	for _, t := range texts {
		all = append(all, fmt.Sprintf(condition, t))
	}
	return "(" + strings.Join(all, " OR ") + ")"
}

// bareCandidates are the keys that the indexes know for the longest word, or for all of them where one
// index has all texts.
func bareCandidates(table string, words []string) (string, []any) {
	var trigrams, longest []string
	for _, w := range words {
		some := text.WordTrigrams(w)
		if trigrams = append(trigrams, some...); len(some) > len(longest) {
			longest = some
		}
	}
	all, one := store.AllOf(asked, trigrams), store.AllOf(asked, longest)
	switch table {
	case "restaurants":
		return "SELECT place_id FROM places_search CROSS JOIN restaurants ON place_id = places_search.rowid WHERE places_search MATCH ? LIMIT 10001", []any{all}
	case "waiters":
		return `SELECT key FROM (SELECT waiters_search.rowid AS key FROM waiters_search WHERE waiters_search MATCH ? UNION ALL
			SELECT waiters.id FROM places_search CROSS JOIN waiters ON restaurant_id = places_search.rowid WHERE places_search MATCH ?) AS found LIMIT 10001`, []any{one, one}
	}
	return "SELECT rowid FROM places_search WHERE places_search MATCH ? LIMIT 10001", []any{all}
}
