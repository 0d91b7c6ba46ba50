package check

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/store"
	"maitred/models/text"
)

// index compares the search index of a kind with the texts it is made from. The index knows which
// rows have a trigram and not which trigrams a row has, and there are far too many of either to be
// held in memory. So the trigrams are dealt out to groups; for each group the entries that the texts
// ask for are added up and those of the index taken away, and only where anything is left the rows
// are looked for.
type index struct {
	kind *graph.Kind
	part *Part
	left [groups]struct{ entries, hash uint64 }

	doubted map[uint64]bool // groups whose rows are looked for
}

const (
	groups     = 1 << 16
	mostGroups = 256    // are looked into, of those that disagree
	stretch    = 10_000 // rows whose doubted entries are held in memory
)

// group is that of the trigram with this hash.
func group(hash uint64) uint64 { return (hash ^ hash>>32) % groups }

// hashOf is FNV-1a, of 64 bits.
func hashOf(trigram string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(trigram) {
		h = (h ^ uint64(trigram[i])) * 1099511628211
	}
	return h
}

// add counts entries with a trigram, with the sum of store.HashOfKey over the rows that have it.
func (x *index) add(trigram uint64, entries, hash uint64) {
	l := &x.left[group(trigram)]
	l.entries += entries
	l.hash += (trigram | 1) * hash
}

// lookAtIndex returns how many entries the kind's search index has.
func lookAtIndex(ctx context.Context, tx bun.Tx, k *graph.Kind, p *Part) (entries int64, err error) {
	x := &index{kind: k, part: p, doubted: map[uint64]bool{}}
	var trigrams []uint64
	err = x.texts(ctx, tx, math.MinInt64, math.MaxInt64, func(key int64, norms []string) {
		trigrams = trigrams[:0]
		for _, norm := range norms {
			store.Trigrams(norm, func(t string) { trigrams = append(trigrams, hashOf(t)) })
		}
		slices.Sort(trigrams)
		for _, t := range slices.Compact(trigrams) {
			x.add(t, 1, uint64(store.HashOfKey(key))) // #nosec G115 -- a hash is any 64 bits
		}
	})
	if err != nil {
		return 0, err
	}
	var trigram string
	var rows, hash int64
	err = each(ctx, tx, store.EntriesByTrigram(k), nil, []any{&trigram, &rows, &hash}, func() {
		entries += rows
		x.add(hashOf(trigram), -uint64(rows), -uint64(hash)) // #nosec G115 -- sums that may wrap around, as those that they are compared with
	})
	if err != nil {
		return entries, err
	}
	if err := x.findRows(ctx, tx); err != nil {
		return entries, err
	}
	return entries, x.findTexts(ctx, tx)
}

// findTexts names the rows whose texts are not in the index as they should be, where it has texts.
func (x *index) findTexts(ctx context.Context, tx bun.Tx) error {
	q := store.TextsInIndex(x.kind)
	if q == "" {
		return nil
	}
	var key int64
	n := len(x.kind.Searched)
	texts, into := make([]string, 2*n), []any{&key}
	for i := range texts {
		into = append(into, &texts[i])
	}
	return each(ctx, tx, q, nil, into, func() {
		for i := range n {
			if is, should := texts[n+i], text.Marked(texts[i]); is != should {
				x.part.find("The search index has the %s %d with the text %s instead of %s.", x.kind.Singular(), key, quoted(is), quoted(should))
			}
		}
	})
}

// texts reads the normalised texts of the rows after a key, up to another.
func (x *index) texts(ctx context.Context, tx bun.Tx, after, end int64, row func(key int64, norms []string)) error {
	key, norms := int64(0), make([]string, len(x.kind.Searched))
	names, into := []string{x.kind.Key.Name}, []any{&key}
	for i, c := range x.kind.Searched {
		names, into = append(names, c.Norm.Name), append(into, &norms[i])
	}
	q := fmt.Sprintf("SELECT %s FROM %s WHERE %[3]s > ? AND %[3]s <= ? ORDER BY %[3]s", strings.Join(names, ", "), x.kind.Table, x.kind.Key.Name)
	return each(ctx, tx, q, []any{after, end}, into, func() { row(key, norms) })
}

// findRows names the rows whose entries are not what their texts ask for.
func (x *index) findRows(ctx context.Context, tx bun.Tx) error {
	disagree := 0
	for g, l := range x.left {
		if l.entries != 0 || l.hash != 0 {
			if disagree++; disagree <= mostGroups {
				x.doubted[uint64(g)] = true
			}
		}
	}
	if disagree == 0 {
		return nil
	}
	if disagree > mostGroups {
		x.part.find("So much of the search index of %s is wrong that not all of it is told.", x.kind.Plural())
	}
	var doubted []string // trigrams
	var trigram string
	var rows, hash int64
	err := each(ctx, tx, store.EntriesByTrigram(x.kind), nil, []any{&trigram, &rows, &hash}, func() {
		if x.doubted[group(hashOf(trigram))] {
			doubted = append(doubted, trigram)
		}
	})
	if err != nil {
		return err
	}
	slices.Sort(doubted)
	for after, end := int64(math.MinInt64), int64(0); end < math.MaxInt64; after = end {
		var last sql.NullInt64
		if err := tx.NewRaw(store.LastOf(x.kind), after, stretch-1).Scan(ctx, &last); err != nil {
			return err
		}
		if end = last.Int64; !last.Valid {
			end = math.MaxInt64
		}
		if err := x.findBetween(ctx, tx, doubted, after, end); err != nil {
			return err
		}
	}
	return nil
}

// findBetween compares the doubted entries of the rows after a key, up to another.
func (x *index) findBetween(ctx context.Context, tx bun.Tx, doubted []string, after, end int64) error {
	should, are := map[int64][]string{}, map[int64][]string{}
	err := x.texts(ctx, tx, after, end, func(key int64, norms []string) {
		should[key] = []string{}
		for _, norm := range norms {
			store.Trigrams(norm, func(t string) {
				if x.doubted[group(hashOf(t))] && !slices.Contains(should[key], t) {
					should[key] = append(should[key], t)
				}
			})
		}
	})
	if err != nil {
		return err
	}
	for _, t := range doubted {
		var key int64
		err := each(ctx, tx, store.RowsWith(x.kind), []any{store.AllOf(x.kind, []string{t}), after, end}, []any{&key}, func() { are[key] = append(are[key], t) })
		if err != nil {
			return err
		}
	}
	all := maps.Clone(should)
	maps.Copy(all, are)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		texts, there := should[key]
		x.compare(key, there, without(texts, are[key]), without(are[key], texts))
	}
	return nil
}

// compare tells of a row what it is not found by, and what it is wrongly found by.
func (x *index) compare(key int64, there bool, missing, wrong []string) {
	switch who := fmt.Sprintf("%s %d", x.kind.Singular(), key); {
	case !there:
		x.part.find("The search index has the %s, which is not there.", who)
	case missing != nil && wrong != nil:
		x.part.find("The search index has the %s under %s instead of %s.", who, some(wrong), some(missing))
	case missing != nil:
		x.part.find("The search index does not have the %s under %s.", who, some(missing))
	case wrong != nil:
		x.part.find("The search index has the %s under %s, which is not in its texts.", who, some(wrong))
	}
}

// without are those of the texts that are not among others.
func without(texts, others []string) (rest []string) {
	for _, t := range texts {
		if !slices.Contains(others, t) {
			rest = append(rest, t)
		}
	}
	return rest
}

// some names the first three trigrams.
func some(trigrams []string) string {
	var words []string
	for i, t := range trigrams {
		if i == 3 {
			words = append(words, graph.Number(int64(len(trigrams)-3))+" more")
			break
		}
		words = append(words, quoted(t))
	}
	return change.And(words)
}
