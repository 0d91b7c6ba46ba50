package lookup

import (
	"slices"

	"maitred/models/graph"
)

// Kinds are the kinds whose rows decide what the filter finds: its own, those that its paths lead
// through and those whose rows are counted.
func (f Filter) Kinds() []*graph.Kind {
	kinds := []*graph.Kind{f.kind}
	add := func(r *graph.Relation) {
		if !slices.Contains(kinds, r.To) {
			kinds = append(kinds, r.To)
		}
	}
	for _, c := range f.conditions {
		for _, r := range c.path {
			add(r)
		}
		if c.count != nil {
			add(c.count)
		}
	}
	return kinds
}

// OfHalf returns the relation to the one record that shares a row's key, where the filter asks whether
// it is there and nothing else.
func (f Filter) OfHalf() (r *graph.Relation, there, ok bool) {
	if len(f.conditions) != 1 || f.conditions[0].exclude {
		return nil, false, false
	}
	root := f.tree()
	if len(root.to) != 1 || root.via[0].Parent || root.via[0].Many {
		return nil, false, false
	}
	there, ok = root.to[0].existence(root.via[0])
	return root.via[0], there, ok
}
