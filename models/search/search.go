// Package search finds records by words: all words must occur, in any of the columns that the kind
// names, case and accents ignored. A word of three letters or more may stand anywhere in a word, a
// shorter one starts one. What is found can be put in an order, best first, that depends on nothing
// but the record.
package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"maitred/models/graph"
	"maitred/models/source"
	"maitred/models/store"
	"maitred/models/text"
)

// maxWords bounds what one search can make the database do; further words are ignored.
const maxWords = 10

// Search is the words that are searched for in records of one kind. The zero Search finds all.
type Search struct {
	kind    *graph.Kind
	whole   string   // all of it, normalised, with one space between words
	words   []string // parted as the index parts them
	literal []string // what consists of punctuation alone, which no index knows
}

// Parse reads what was typed into a search field.
func Parse(k *graph.Kind, typed string) Search {
	s := Search{kind: k}
	chunks := strings.FieldsFunc(text.Normalise(typed), isBetween)
	s.whole = strings.Join(chunks, " ")
	for _, chunk := range chunks {
		words := text.Words(chunk)
		if words == nil {
			s.literal = append(s.literal, chunk)
		}
		s.words = append(s.words, words...)
	}
	s.words = s.words[:min(len(s.words), maxWords)]
	s.literal = s.literal[:min(len(s.literal), maxWords)]
	return s
}

// isBetween parts at spaces; NUL, which no stored text contains and no statement may, is dropped.
func isBetween(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// Empty says that there is no word to search for.
func (s Search) Empty() bool { return len(s.words)+len(s.literal) == 0 }

// Paths lead to the normalised texts that a search of the kind reads.
func Paths(k *graph.Kind) []graph.Path {
	paths := make([]graph.Path, len(k.Search))
	for i, name := range k.Search {
		paths[i] = k.Must(name)
		paths[i].Column = paths[i].Column.Norm
	}
	return paths
}

// SQL returns the search as a condition on the table that the query calls alias, and its
// arguments; "" when there is no word to search for.
func (s Search) SQL(alias string) (string, []any) {
	var parts []string
	var args []any
	occurs := func(word string, in func(column string) string) {
		var ways []string
		for _, p := range Paths(s.kind) {
			ways = append(ways, store.Contains(in(p.SQL(alias))))
			args = append(args, word)
		}
		parts = append(parts, "("+strings.Join(ways, " OR ")+")")
	}
	for _, w := range s.words {
		if utf8.RuneCountInString(w) < 3 {
			occurs(text.Start+w, store.Marked)
		} else {
			occurs(w, itself)
		}
	}
	for _, w := range s.literal {
		occurs(w, itself)
	}
	return strings.Join(parts, " AND "), args
}

func itself(column string) string { return column }

// texts are the ways to the texts that one index holds.
type texts struct {
	way []*graph.Relation
	end *graph.Kind
}

// indexes are the search indexes that hold the texts of a search.
func (s Search) indexes() (all []texts) {
	seen := map[string]bool{}
	for _, p := range Paths(s.kind) {
		if name := p.Alias(s.kind.Name); !seen[name] {
			seen[name] = true
			all = append(all, texts{p.Relations, p.End(s.kind)})
		}
	}
	return all
}

// Sources are the ways to start from the search index. Where one index holds all texts, it is asked
// for all words at once; otherwise each word can be started from, in any of the indexes.
func (s Search) Sources() []source.Source {
	if len(s.words) == 0 {
		return nil
	}
	indexes := s.indexes()
	if len(indexes) == 1 {
		var all []string
		for _, w := range s.words {
			all = append(all, text.WordTrigrams(w)...)
		}
		return []source.Source{indexed(indexes, all)}
	}
	sources := make([]source.Source, len(s.words))
	for i, w := range s.words {
		sources[i] = indexed(indexes, text.WordTrigrams(w))
	}
	return sources
}

// indexed is the source of what has all the trigrams in any one of the indexes.
func indexed(indexes []texts, trigrams []string) source.Source {
	all := source.Source{Weight: source.Some}
	var parts []string
	for i, x := range indexes {
		one := source.Start{
			From:  store.IndexOf(x.end),
			Key:   store.IndexOf(x.end) + ".rowid",
			Where: store.Matching(x.end),
			Args:  []any{store.AllOf(trigrams)},
		}.Back(x.way, i)
		parts = append(parts, one.SQL)
		all.Args = append(all.Args, one.Args...)
		all.Repeats = all.Repeats || one.Repeats || i > 0
	}
	all.SQL = strings.Join(parts, " UNION ALL ")
	all.Probe, all.ProbeArgs = all.SQL, all.Args
	return all
}
