package lookup

import (
	"slices"
	"strings"

	"maitred/models/graph"
	"maitred/models/source"
	"maitred/models/store"
	"maitred/models/text"
)

// Sources are the ways to start from an index that one of the conditions can use. Excluded records,
// and what is asked about records that are missing, are found in no index.
func (f Filter) Sources() []source.Source {
	root := f.tree()
	alone := root.nodes() == 1 && !slices.ContainsFunc(f.conditions, func(c condition) bool { return c.exclude })
	var sources []source.Source
	root.visit(nil, func(n *node, way []*graph.Relation) {
		for i := range n.conditions {
			if s, ok := n.source(i, way); ok {
				s.Exact = alone
				sources = append(sources, s)
			}
		}
		for i, next := range n.to {
			exists, ok := next.existence(n.via[i])
			if !exists && n != root && n.holdsForNone() { // it is also true of those where this row is missing
				continue
			}
			if ok && n.via[i].Count.Listed {
				s := n.withOrWithout(n.via[i], exists, way)
				s.Exact = alone
				sources = append(sources, s)
			}
		}
	})
	return sources
}

// OfOneParent returns the relation and the key, where the filter is for the records of one parent and
// nothing else.
func (f Filter) OfOneParent() (up *graph.Relation, key int64, ok bool) {
	if len(f.conditions) != 1 {
		return nil, 0, false
	}
	c := f.conditions[0]
	if c.exclude || c.op != exact || c.count != nil || len(c.path) > 0 {
		return nil, 0, false
	}
	up = f.kind.ParentBy(c.column)
	key, ok = c.values[0].(int64)
	return up, key, ok && up != nil
}

// nodes is how many rows conditions speak of.
func (n *node) nodes() (count int) {
	if len(n.conditions) > 0 {
		count++
	}
	for _, next := range n.to {
		count += next.nodes()
	}
	return count
}

// visit calls fn for the row and all related ones, with the way that leads to each.
func (n *node) visit(way []*graph.Relation, fn func(*node, []*graph.Relation)) {
	fn(n, way)
	for i, next := range n.to {
		next.visit(append(slices.Clip(way), n.via[i]), fn)
	}
}

// here is what the sources call the table that they start from.
const here = "t"

// source starts from one condition on the row; the others on it are looked at on the way.
func (n *node) source(i int, way []*graph.Relation) (source.Source, bool) {
	c := n.conditions[i]
	var b builder
	start := source.Start{From: n.kind.Table + " AS " + here, Key: here + "." + n.kind.Key.Name, Alias: here}
	weight, ok := b.seek(c, &start)
	if !ok && !trigrams(n.kind, c, &start) {
		return source.Source{}, false
	}
	if c.count == nil && c.column == n.kind.Key { // a whole index that is short would seem cheaper than a part of the table
		start.From += " " + n.kind.SQL.ByKey()
	}
	start.Args = append(start.Args, b.args...)
	probe := source.Source{Probe: "SELECT 1 FROM " + start.From + " WHERE " + start.Where, ProbeArgs: start.Args}
	var rest builder
	rest.along = &Along{Alias: func(int) string { return here }} // no other index than the one started from
	start.Where = conjunction(start.Where, rest.all(&node{kind: n.kind, conditions: n.conditions}, here, 0))
	start.Args = append(slices.Clip(start.Args), rest.args...)
	s := start.Back(way, 0)
	s.Weight, s.Probe, s.ProbeArgs = weight, probe.Probe, probe.ProbeArgs
	return s, true
}

// seek lets a start begin at the rows that an index of a column finds, and guesses how many they are.
func (b *builder) seek(c condition, start *source.Start) (weight int, ok bool) {
	if norm, ok := c.normalised(); ok {
		c = norm
	} else if plain, ok := strings.CutPrefix(string(c.op), "i"); ok && c.column != nil && c.column.Norm != nil && c.op != isnull && c.op != in {
		c.op, c.column, c.values = operator(plain), c.column.Norm, []any{text.Normalise(c.values[0].(string))}
	}
	column := c.column
	if c.count != nil {
		column = c.count.Count
	}
	if column == nil || !column.Listed {
		return 0, false
	}
	weight, ok = weights[c.op]
	if !ok || c.op == startswith && c.values[0] == "" {
		return 0, false
	}
	if column.Type == graph.Boolean {
		weight = source.Half
	}
	start.Where = b.condition(c, here, offTheWay)
	return weight, true
}

// weights are the operators that an index of a column serves.
var weights = map[operator]int{
	exact: source.One, in: source.Some, startswith: source.Some,
	gt: source.Many, gte: source.Many, lt: source.Many, lte: source.Many,
}

// trigrams lets a start begin at the rows that the search index finds for a part of a text.
func trigrams(k *graph.Kind, c condition, start *source.Start) bool {
	if c.count != nil || c.op == in || c.op == isnull || !slices.Contains(k.Searched, c.column) {
		return false
	}
	value, _ := c.values[0].(string)
	if !strings.HasPrefix(string(c.op), "i") && !text.Separable(value) {
		return false
	}
	all := text.Trigrams(text.Normalise(value))
	if all == nil {
		return false
	}
	index := store.IndexOf(k)
	start.From = index + " " + k.SQL.JoinInOrder() + " " + start.From + " ON " + start.Key + " = " + index + ".rowid"
	start.Where = store.Matching(k)
	start.Args = []any{store.AllOf(k, all)}
	return true
}

// withOrWithout starts from the kept number of related rows.
func (n *node) withOrWithout(r *graph.Relation, with bool, way []*graph.Relation) source.Source {
	start := source.Start{From: n.kind.Table + " AS " + here, Key: here + "." + n.kind.Key.Name, Alias: here}
	start.Where = here + "." + r.Count.Name + " = 0"
	if with {
		start.Where = here + "." + r.Count.Name + " > 0"
	}
	s := start.Back(way, 0)
	s.Weight, s.Probe = source.Half, "SELECT 1 FROM "+start.From+" WHERE "+start.Where
	return s
}

func conjunction(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " AND " + b
}
