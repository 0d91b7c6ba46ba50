// Package search finds records by words: all words must occur, in any of the columns that the kind
// names, case and accents ignored. A word of three letters or more may stand anywhere, a shorter one
// starts a word. What is found can be put in an order, best first, that depends on nothing but the
// record.
package search

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"maitred/models/graph"
	"maitred/models/store"
	"maitred/models/text"
)

// maxWords bounds what one search can make the database do; further words are ignored.
const maxWords = 10

// Search is the words that are searched for in records of one kind. The zero Search finds all.
type Search struct {
	kind  *graph.Kind
	whole string // all of it, normalised, with one space between words
	words []string
}

// Parse reads what was typed into a search field.
func Parse(k *graph.Kind, typed string) Search {
	words := text.Words(text.Normalise(typed))
	return Search{kind: k, whole: strings.Join(words, " "), words: words[:min(len(words), maxWords)]}
}

// Empty says that there is no word to search for.
func (s Search) Empty() bool { return len(s.words) == 0 }

// Paths lead to the normalised texts that a search of the kind reads.
func Paths(k *graph.Kind) []graph.Path {
	paths := make([]graph.Path, len(k.Search))
	for i, name := range k.Search {
		paths[i] = k.Must(name)
		paths[i].Column = paths[i].Column.Norm
	}
	return paths
}

// texts are the texts of one record on the way from the kind, which one index holds.
type texts struct {
	way     []*graph.Relation
	end     *graph.Kind
	columns []*graph.Column
}

// places are the records whose texts a search reads: its own kind's, and some of those it belongs to.
func (s Search) places() (all []texts) {
	at := map[string]int{}
	for _, p := range Paths(s.kind) {
		name := p.Alias(s.kind.Name)
		i, known := at[name]
		if !known {
			i = len(all)
			at[name] = i
			all = append(all, texts{way: p.Relations, end: p.End(s.kind)})
		}
		all[i].columns = append(all[i].columns, p.Column)
	}
	return all
}

// SQL returns the search as a condition on the table that the query calls alias, and its
// arguments; "" when there is no word to search for.
func (s Search) SQL(alias string) (string, []any) {
	var parts []string
	var args []any
	for _, w := range s.words {
		var ways []string
		for _, t := range s.places() {
			way, more := t.contains(alias, w)
			ways, args = append(ways, way), append(args, more...)
		}
		parts = append(parts, "("+strings.Join(ways, " OR ")+")")
	}
	return strings.Join(parts, " AND "), args
}

// contains is the condition that a word occurs in one of the texts.
func (t texts) contains(alias, word string) (string, []any) {
	at := alias
	if len(t.way) > 0 {
		at = t.end.Table
	}
	var ways []string
	var args []any
	for _, c := range t.columns {
		in, what := at+"."+c.Name, word
		switch {
		case utf8.RuneCountInString(word) < 3:
			in, what = store.Marked(t.end, at, c), text.Start[1:]+word
		case strings.Contains(word, "'"): // which of them stands in the text?
			in = store.Marked(t.end, at, c)
		}
		ways, args = append(ways, c.SQL.Contains(in)), append(args, what)
	}
	condition := strings.Join(ways, " OR ")
	if len(t.way) == 0 {
		return condition, args
	}
	return fmt.Sprintf("EXISTS (SELECT 1 FROM %s WHERE %s.%s = %s AND (%s)%s)",
		t.end.Table, t.end.Table, t.end.Key.Name, graph.KeyAt(t.way, alias), condition, t.end.SQL.RowByRow()), args
}
