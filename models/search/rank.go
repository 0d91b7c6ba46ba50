package search

import (
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
	marked := make([]string, len(texts))
	for i, t := range texts {
		marked[i] = text.Marked(t)
	}
	for _, w := range s.words {
		found := false
		for _, m := range marked {
			found = found || strings.Contains(m, text.Start+w)
		}
		if !found {
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
		exact = append(exact, seek(s.kind, p, i, " = ?", s.whole))
		if after, ok := text.Successor(s.whole); ok {
			column := "t." + p.Column.Name
			begins = append(begins, seek(s.kind, p, i, " >= ? AND "+column+" < ?", s.whole, after))
		}
	}
	return append(exact, begins...)
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
