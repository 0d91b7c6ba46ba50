// Package search finds records by words: all words must occur, in any of the columns that the
// kind names, case and accents ignored. A word of three letters or more may stand anywhere, a
// shorter one starts a word.
package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"maitred/models/graph"
	"maitred/models/store"
	"maitred/models/text"
)

// maxWords bounds what one search can make the database do; further words are ignored.
const maxWords = 10

// SQL returns the search as a condition on the table that the query calls alias, and its
// arguments; "" when there is no word to search for.
func SQL(k *graph.Kind, alias, words string) (string, []any) {
	var parts []string
	var args []any
	fields := strings.FieldsFunc(text.Normalise(words), isBetweenWords)
	for _, w := range fields[:min(len(fields), maxWords)] {
		var ways []string
		for _, column := range columns(k, alias) {
			ways = append(ways, store.Contains("' ' || "+column))
			if utf8.RuneCountInString(w) < 3 {
				args = append(args, " "+w)
			} else {
				args = append(args, w)
			}
		}
		parts = append(parts, "("+strings.Join(ways, " OR ")+")")
	}
	return strings.Join(parts, " AND "), args
}

// columns are the normalised texts that a search reads.
func columns(k *graph.Kind, alias string) []string {
	var names []string
	for _, s := range k.Search {
		path := k.Must(s)
		path.Column = path.Column.Norm
		names = append(names, path.SQL(alias))
	}
	return names
}

// isBetweenWords also drops NUL, which no stored text contains and no statement may.
func isBetweenWords(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
