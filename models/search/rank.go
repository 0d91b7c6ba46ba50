package search

import (
	"slices"
	"strings"

	"maitred/models/graph"
	"maitred/models/source"
	"maitred/models/text"
)

// Rank says how well a record fits, by its normalised texts in the order of Paths; lower is better.
// It depends on nothing but the record, so that what was on one page is not on the next one because
// others wrote meanwhile.
type Rank byte

// The ranks, best first.
const (
	Exact      Rank = '0' + iota // one of the texts is what was typed
	Begins                       // one of them begins with it
	WordStarts                   // each word starts a word
	Inside
)

// Rank returns the rank of a record that the search finds.
func (s Search) Rank(texts []string) Rank {
	best := Inside
	for _, t := range texts {
		t = text.Squeezed(t)
		if t == s.whole {
			return Exact
		}
		if strings.HasPrefix(t, s.whole) {
			best = Begins
		}
	}
	if best == Inside && s.startsWords(texts) {
		return WordStarts
	}
	return best
}

func (s Search) startsWords(texts []string) bool {
	for _, w := range s.words {
		if !slices.ContainsFunc(texts, func(t string) bool { return text.StartsWord(t, w) }) {
			return false
		}
	}
	return true
}

// Best are the sources of the records that rank first, in the order of their ranks: those with a
// text that is what was typed, then those with one that begins with it. Records that fit both are
// in both.
func (s Search) Best() []source.Source {
	var exact, begins []source.Source
	for i, p := range Paths(s.kind) {
		if !p.Column.Listed {
			continue
		}
		for _, whole := range s.written() {
			exact = append(exact, seek(s.kind, p, i, " = ?", whole))
			if after, ok := text.Successor(whole); ok {
				column := "t." + p.Column.Name
				begins = append(begins, seek(s.kind, p, i, " >= ? AND "+column+" < ?", whole, after))
			}
		}
	}
	return append(exact, begins...)
}

// written is how what was typed may stand in an index of texts: with either apostrophe.
func (s Search) written() []string {
	if !strings.Contains(s.whole, "'") {
		return []string{s.whole}
	}
	return []string{s.whole, strings.ReplaceAll(s.whole, "'", "’")}
}

// seek is the source of the records for which a condition holds for the text that a path leads to.
func seek(k *graph.Kind, p graph.Path, n int, condition string, args ...any) source.Source {
	end := p.End(k)
	from := source.Start{
		From:  end.Table + " AS t",
		Key:   "t." + end.Key.Name,
		Alias: "t",
		Where: "t." + p.Column.Name + condition,
		Args:  args,
	}.Back(p.Relations, n)
	from.SQL += " ORDER BY t." + p.Column.Name + ", t." + end.Key.Name
	return from
}
