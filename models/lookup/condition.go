package lookup

import (
	"slices"
	"strings"

	"maitred/models/graph"
)

// Condition is one condition of a filter, to be told in words and changed by a form.
type Condition struct {
	Name, Value string // as in the address

	Exclude  bool
	Path     []*graph.Relation
	Kind     *graph.Kind     // where the path ends
	Column   *graph.Column   // of Kind; nil where rows are counted
	Count    *graph.Relation // of Kind, whose rows are counted; nil where a column is compared
	Operator string          // "exact", "icontains", …
	Values   []any           // an int64, a string or a bool; several for in
}

// Conditions returns what must hold, and after it what is excluded. However a key was spelled, it is
// that of the nearest record: "place__id" and "place__pk" are told as "place".
func (f Filter) Conditions() []Condition {
	var all []Condition
	for _, exclude := range []bool{false, true} {
		for _, c := range f.conditions {
			if c.exclude == exclude {
				all = append(all, f.told(c))
			}
		}
	}
	return all
}

func (f Filter) told(c condition) Condition {
	out := Condition{
		Name: c.name, Value: c.value,
		Exclude: c.exclude, Path: c.path, Kind: f.kind, Column: c.column, Count: c.count,
		Operator: string(c.op), Values: c.values,
	}
	last := len(c.path) - 1
	if last < 0 {
		return out
	}
	r := c.path[last]
	out.Kind = r.To
	// The key of a parent is the foreign key to it. Where that key is a foreign key itself, a path
	// that does not say "pk" speaks of the record behind it.
	own := r.To.OneToOne() == nil || slices.Contains(strings.Split(c.name, "__"), "pk")
	if r.Parent && c.column == r.To.Key && own {
		out.Path, out.Kind, out.Column = c.path[:last], r.From, r.Column
	}
	return out
}

// Record returns the kind whose records a condition on a key speaks of, nil for any other condition.
// They are reached by the relation or, where it is nil, are those at the end of the path.
func (c Condition) Record() (*graph.Kind, *graph.Relation) {
	if c.Column == nil {
		return nil, nil
	}
	if last := len(c.Path) - 1; last >= 0 && !c.Path[last].Parent && c.Column == c.Kind.Key {
		return c.Kind, nil
	}
	if r := c.Kind.ParentBy(c.Column); r != nil {
		return r.To, r
	}
	if c.Column == c.Kind.Key {
		return c.Kind, nil
	}
	return nil, nil
}

// Keys are the keys that a condition compares with; nil for one that does not speak of records by
// name.
func (c Condition) Keys() []int64 {
	if k, _ := c.Record(); k == nil || c.Operator != string(exact) && c.Operator != string(in) {
		return nil
	}
	keys := make([]int64, 0, len(c.Values))
	for _, v := range c.Values {
		keys = append(keys, v.(int64))
	}
	return keys
}

// Downwards is how many relations of the path lead up before one leads to a child; -1 where none
// does, so that there is exactly one record at its end.
func (c Condition) Downwards() int {
	return slices.IndexFunc(c.Path, func(r *graph.Relation) bool { return !r.Parent })
}

// MindsCase says that the condition compares a text as it is written.
func (c Condition) MindsCase() bool {
	return c.Column != nil && c.Column.Type == graph.Text && c.Operator != string(isnull) &&
		(c.Operator == string(in) || !strings.HasPrefix(c.Operator, "i"))
}
