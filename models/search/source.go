package search

import (
	"slices"
	"strings"

	"maitred/models/source"
	"maitred/models/store"
	"maitred/models/text"
)

// Probe counts the rows that a query finds, up to a limit of its own.
type Probe func(query string, args ...any) (int64, error)

// maxWays bounds in how many ways words are parted among indexes.
const maxWays = 9

// part is words that are all looked for in one index.
type part struct {
	place int  // which of the records on the way
	words mask // which of the words
}

// mask is a set of words, by their numbers.
type mask uint

// Source is where the search index lets a query start, and how many rows it is known to find at
// least, up to the limit of the probe. Errors are those of the probe.
//
// Each word may occur in the texts of a record itself or of one that it belongs to, and there is an
// index for each of these. So it is the union, over all ways to part the words among the indexes, of
// what one of them finds that has all its words: the one that finds the fewest. Where one finds
// nothing, that way is left out.
func (s Search) Source(probe Probe) (*source.Source, int64, error) {
	p := planner{Search: s, places: s.places(), probe: probe, counts: map[part]int64{}}
	all := mask(1)<<len(s.words) - 1
	if len(p.places) == 1 {
		n, err := p.count(part{0, all})
		return p.union([]part{{0, all}}), n, err
	}
	words, err := p.rarest()
	if err != nil {
		return nil, 0, err
	}
	var parts []part
	var found int64
	for n := range power(len(p.places), len(words)) {
		best, fewest, err := p.best(words, n)
		if err != nil {
			return nil, 0, err
		}
		if fewest > 0 && !slices.Contains(parts, best) {
			parts, found = append(parts, best), found+fewest
		}
	}
	return p.union(parts), found, nil
}

// Guess is Source without a look at what the indexes hold: it starts from the longest word.
func (s Search) Guess() *source.Source {
	p := planner{Search: s, places: s.places()}
	if len(p.places) == 1 {
		return p.union([]part{{0, mask(1)<<len(s.words) - 1}})
	}
	longest := 0
	for i, w := range s.words {
		if len(w) > len(s.words[longest]) {
			longest = i
		}
	}
	parts := make([]part, len(p.places))
	for i := range parts {
		parts[i] = part{i, 1 << longest}
	}
	return p.union(parts)
}

// planner decides where a search starts.
type planner struct {
	Search
	places []texts
	probe  Probe
	counts map[part]int64
}

// rare is how many rows an index finds of a word so that no other is asked for.
const rare = 200

// rarest are the words by which to start, those that the indexes know least of, as many as can be
// parted in maxWays ways. What else is searched for is looked at in the texts.
func (p *planner) rarest() ([]int, error) {
	words, counts := make([]int, len(p.words)), make([]int64, len(p.words))
	for w := range p.words {
		words[w] = w
	}
	slices.SortStableFunc(words, func(a, b int) int { return len(p.words[b]) - len(p.words[a]) }) // the longest is likely to be rare
	for _, w := range words {
		for place := range p.places {
			n, err := p.count(part{place, 1 << w})
			if err != nil {
				return nil, err
			}
			counts[w] += n
		}
		if counts[w] <= rare {
			return []int{w}, nil
		}
	}
	slices.SortStableFunc(words, func(a, b int) int { return int(counts[a] - counts[b]) })
	n := 1
	for n < len(words) && power(len(p.places), n+1) <= maxWays {
		n++
	}
	return words[:n], nil
}

func power(base, exponent int) int {
	n := 1
	for range exponent {
		n *= base
	}
	return n
}

// best is the part of the nth way to part the words that finds the fewest rows; 0 if one finds none.
func (p *planner) best(words []int, n int) (best part, fewest int64, err error) {
	masks := make([]mask, len(p.places))
	for _, w := range words {
		masks[n%len(masks)] |= 1 << w
		n /= len(masks)
	}
	fewest = -1
	for place, m := range masks {
		if m == 0 {
			continue
		}
		count, err := p.count(part{place, m})
		if err != nil {
			return best, 0, err
		}
		if fewest < 0 || count < fewest {
			best, fewest = part{place, m}, count
		}
		if count == 0 {
			break
		}
	}
	return best, fewest, nil
}

// count asks the index of a part how many rows it finds. Without one of the words there is none with
// all.
func (p *planner) count(x part) (n int64, err error) {
	n, known := p.counts[x]
	if known {
		return n, nil
	}
	for w := range p.words {
		if one := (part{x.place, 1 << w}); x.words&one.words != 0 && one != x {
			if n, known := p.counts[one]; known && n == 0 {
				return 0, nil
			}
		}
	}
	index := p.places[x.place].end
	n, err = p.probe("SELECT 1 FROM "+store.IndexOf(index)+" WHERE "+store.Matching(index), p.question(x))
	p.counts[x] = n
	return n, err
}

// question is what the index of a part is asked for.
func (p *planner) question(x part) string {
	var all []string
	for i, w := range p.words {
		if x.words&(1<<i) != 0 {
			all = append(all, text.WordTrigrams(w)...)
		}
	}
	return store.AllOf(p.places[x.place].end, all)
}

// union is the source of what any of the parts finds.
func (p *planner) union(parts []part) *source.Source {
	all := &source.Source{Weight: source.Some}
	var queries []string
	for i, x := range parts {
		index := p.places[x.place].end
		one := source.Start{
			From:  store.IndexOf(index),
			Key:   store.IndexOf(index) + ".rowid",
			Where: store.Matching(index),
			Args:  []any{p.question(x)},
		}.Back(p.places[x.place].way, i)
		queries = append(queries, one.SQL)
		all.Args = append(all.Args, one.Args...)
		all.Repeats = all.Repeats || one.Repeats
	}
	if len(parts) > 1 && !all.Repeats {
		all.Repeats, all.Times = true, len(parts)
	}
	if all.SQL = strings.Join(queries, " UNION ALL "); queries == nil {
		all.SQL = "SELECT 0 AS key WHERE FALSE"
	}
	return all
}
