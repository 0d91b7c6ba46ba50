package models

import (
	"cmp"
	"slices"
	"sort"

	"maitred/models/text"
)

// crowd is new places in their order, put so that those that may be like another one are found beside each
// other: in the block of what slips leave alone, and there by the length of the name. A place that differs
// from an earlier one in case and accents only is the same one.
type crowd struct {
	places []*Place
	ones   []one
	of     []int32           // of each place: which one it is
	known  map[uint64]int32  // which one a name with an address may be, by a hash of both
	seen   []sight           // block by block, in each by length and then in their order
	blocks map[uint64]*block // by mark

	bound             int // what comparing one costs at most, with those that exist and with earlier ones each
	nameless          int // how many existing places whose addresses begin with no number are read at most, if not all are
	read              int // how many existing places were read
	glances, compared int // how many comparisons there were at a glance, and of them word by word
}

// one is a new place, or several that are the same.
type one struct {
	first   int // the index of the first of them
	look    text.Look
	partial bool
	*found  // nil: nothing
}

// found is what is like one, as much as is told.
type found struct{ earlier, existing []likely }

// likely is a place that is like one in a crowd: an earlier one by its index, an existing one by its key.
type likely struct{ key, sameness int64 }

// sight is one as it is seen in a block, and what is left to be spent there on comparing it with those that exist.
type sight struct {
	text.Glance
	one, left int32
}

// block is a part of what is seen, and how often one was met there that had spent all since those were taken out.
type block struct{ from, to, idle int }

// costOfWords is how many glances take as long as comparing word by word, about.
const costOfWords = 400

// newCrowd puts places so that they can be compared, each with others for what so many glances cost at most.
func newCrowd(places []*Place, bound int) *crowd {
	c := &crowd{
		places: places, bound: bound, nameless: alikeNameless,
		ones: make([]one, 0, len(places)), of: make([]int32, len(places)), seen: make([]sight, 0, len(places)),
		known: make(map[uint64]int32, len(places)), blocks: map[uint64]*block{},
	}
	for i, p := range places {
		texts := normalised(p)
		n, isKnown := c.which(texts)
		if !isKnown {
			n = int32(len(c.ones)) // #nosec G115 -- there are not as many rows in a file
			c.known[text.Hash(texts[0], texts[1])] = n
			c.ones = append(c.ones, one{first: i, look: text.LookOf(texts[0], texts[1])})
			g := text.GlanceAt(texts[0], texts[1])
			in := marks(g, c.ones[n].look)
			for _, g.Mark = range in {
				c.seen = append(c.seen, sight{g, n, int32(bound / len(in))}) // #nosec G115 -- a bound of thousands
			}
		}
		c.of[i] = n
	}
	slices.SortFunc(c.seen, func(a, b sight) int {
		return cmp.Or(cmp.Compare(a.Mark, b.Mark), cmp.Compare(a.Length, b.Length), cmp.Compare(a.one, b.one))
	})
	for i, s := range c.seen {
		if c.blocks[s.Mark] == nil {
			c.blocks[s.Mark] = &block{from: i}
		}
		c.blocks[s.Mark].to = i + 1
	}
	return c
}

// which one a name with an address is, that differ from its own in case and accents only; -1, false if it is none
// of them. Of two that share a hash, which nobody has seen, one is not found.
func (c *crowd) which(texts [2]string) (n int32, isKnown bool) {
	n, isKnown = c.known[text.Hash(texts[0], texts[1])]
	if !isKnown || normalised(c.places[c.ones[n].first]) != texts {
		return -1, false
	}
	return n, true
}

// normalised are the name and the address of a place.
func normalised(p *Place) [2]string {
	return [2]string{text.Normalise(p.Name), text.Normalise(p.Address)}
}

// marks are those of the blocks where what is like a place is looked for: that of its numbers or, where its
// address has none, those of the ends of the words of its name.
func marks(g text.Glance, l text.Look) []uint64 {
	if g.Numbered {
		return []uint64{g.Mark}
	}
	all := g.EndMarks(l.Name)
	slices.Sort(all)
	return slices.Compact(all)
}

// compareEarlier finds for each one the earlier ones that are like it.
func (c *crowd) compareEarlier() {
	for n := range c.ones {
		o := &c.ones[n]
		texts := normalised(c.places[o.first])
		g := text.GlanceAt(texts[0], texts[1])
		in := marks(g, o.look)
		for _, mark := range in {
			left := c.bound / len(in)
			_, seen := c.around(mark, &g)
			for i := range seen {
				other := &seen[i]
				if left <= 0 {
					o.partial = true
					break
				}
				left--
				c.glances++
				if int(other.one) >= n || !other.MayBeAlike(&g) {
					continue
				}
				left -= costOfWords
				c.compared++
				if before := &c.ones[other.one]; o.look.Alike(before.look) {
					c.add(&o.like().earlier, int64(before.first), texts, normalised(c.places[before.first]))
				}
			}
		}
	}
}

// meet compares an existing place, whose texts are normalised, with all that it may be like.
func (c *crowd) meet(key int64, texts [2]string) {
	same, isKnown := c.which(texts)
	if isKnown {
		c.add(&c.ones[same].like().existing, key, texts, texts)
	}
	g := text.GlanceAt(texts[0], texts[1])
	if g.Numbered {
		c.meetIn(g.Mark, &g, key, texts, same)
		return
	}
	for _, mark := range marks(g, text.LookOf(texts[0], texts[1])) {
		c.meetIn(mark, &g, key, texts, same)
	}
}

// meetIn compares an existing place with those in a block but the one that is the same.
func (c *crowd) meetIn(mark uint64, g *text.Glance, key int64, texts [2]string, same int32) {
	var look text.Look
	b, seen := c.around(mark, g)
	for i := range seen {
		s := &seen[i]
		if s.one == same {
			continue
		}
		if s.left <= 0 {
			b.idle++
			c.glances++
			c.ones[s.one].partial = true
			continue
		}
		s.left--
		c.glances++
		if !s.MayBeAlike(g) {
			continue
		}
		s.left -= costOfWords
		c.compared++
		if look == (text.Look{}) {
			look = text.LookOf(texts[0], texts[1])
		}
		if o := &c.ones[s.one]; o.look.Alike(look) {
			c.add(&o.like().existing, key, normalised(c.places[o.first]), texts)
		}
	}
	if b != nil && b.idle > b.to-b.from {
		c.thin(b)
	}
}

// around is a block, nil if there is none, and what is seen there; in a long one, of names that are about as long
// as the one of a glance.
func (c *crowd) around(mark uint64, g *text.Glance) (*block, []sight) {
	b := c.blocks[mark]
	if b == nil {
		return nil, nil
	}
	seen := c.seen[b.from:b.to]
	if len(seen) < 64 {
		return b, seen
	}
	shortest, longest := int(g.Length)-int(g.Slips), int(g.Length)+int(g.Slips)
	from := sort.Search(len(seen), func(i int) bool { return int(seen[i].Length) >= shortest })
	to := sort.Search(len(seen), func(i int) bool { return int(seen[i].Length) > longest })
	return b, seen[from:to]
}

// thin takes out of a block those that have spent all, so that nobody goes past them again and again.
func (c *crowd) thin(b *block) {
	left := slices.DeleteFunc(c.seen[b.from:b.to], func(s sight) bool { return s.left <= 0 })
	b.to, b.idle = b.from+len(left), 0
}

func (o *one) like() *found {
	if o.found == nil {
		o.found = new(found)
	}
	return o.found
}

// add puts a place among those that one is like, of which only as many are kept as are told: the most like
// first, then those at the same address, then in their order.
func (c *crowd) add(to *[]likely, key int64, texts, others [2]string) {
	l := likely{key: key}
	for i := range texts {
		if texts[i] == others[i] {
			l.sameness += int64(i) + 3 // 7: both, 4: the address, 3: the name
		}
	}
	at, _ := slices.BinarySearchFunc(*to, l, func(a, b likely) int {
		return cmp.Or(cmp.Compare(b.sameness, a.sameness), cmp.Compare(a.key, b.key))
	})
	if at < alikeTold && !slices.ContainsFunc(*to, func(a likely) bool { return a.key == key }) {
		*to = slices.Insert(*to, at, l)
		*to = (*to)[:min(len(*to), alikeTold)]
	}
}
