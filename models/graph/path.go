package graph

import (
	"fmt"
	"reflect"
	"strings"
)

// Path is a way from a kind through relations to one column.
type Path struct {
	Relations []*Relation
	Column    *Column
}

// ToOne resolves a path of the kind's own description ("place__name"): through relations to one
// record only, ending in a column or, as "waiter__count", in a kept count.
func (k *Kind) ToOne(path string) (Path, error) {
	var p Path
	at := k
	words := strings.Split(path, "__")
	for i, w := range words {
		last := i == len(words)-1
		if c := at.Column(w); c != nil && last {
			p.Column = c
			return p, nil
		}
		r := at.Relation(w)
		if r == nil {
			return p, fmt.Errorf("%s: %s has no %q", path, at.Name, w)
		}
		if i == len(words)-2 && words[i+1] == "count" && r.Count != nil {
			p.Column = r.Count
			return p, nil
		}
		if !r.Parent {
			return p, fmt.Errorf("%s: %s may have none or several of %q", path, at.Name, w)
		}
		p.Relations = append(p.Relations, r)
		at = r.To
	}
	return p, fmt.Errorf("%s does not end in a column", path)
}

// Alias is the name that Bun gives to the joined table the path ends in: "place",
// "restaurant__place"; base for a path without relations.
func (p Path) Alias(base string) string {
	if len(p.Relations) == 0 {
		return base
	}
	words := make([]string, len(p.Relations))
	for i, r := range p.Relations {
		words[i] = r.Name
	}
	return strings.Join(words, "__")
}

// End is the kind whose column the path ends in; from is where it begins.
func (p Path) End(from *Kind) *Kind {
	if n := len(p.Relations); n > 0 {
		return p.Relations[n-1].To
	}
	return from
}

// SQL is the path as an expression on its own, over the table that the query calls base: a column,
// or subqueries that lead to one. It needs no join.
func (p Path) SQL(base string) string {
	if len(p.Relations) == 0 {
		return base + "." + p.Column.Name
	}
	r := p.Relations[0]
	return fmt.Sprintf("(SELECT %s FROM %s WHERE %s.%s = %s.%s)",
		Path{p.Relations[1:], p.Column}.SQL(r.To.Table), r.To.Table, r.To.Table, r.To.Key.Name, base, r.Column.Name)
}

// KeyAt is the primary key of the record that a way through parents leads to, as an expression over
// the table that the query calls base. Records that share their key with the next one are passed over.
func KeyAt(way []*Relation, base string) string {
	key := base + "." + way[0].Column.Name
	for i, r := range way[1:] {
		if at := way[i].To; r.Column != at.Key {
			key = fmt.Sprintf("(SELECT %s.%s FROM %s WHERE %s.%s = %s)", at.Table, r.Column.Name, at.Table, at.Table, at.Key.Name, key)
		}
	}
	return key
}

// Must is ToOne for the paths of a kind's own description, where an error is a mistake in the
// program, found by the first page or plan that needs the path.
func (k *Kind) Must(path string) Path {
	p, err := k.ToOne(path)
	if err != nil {
		panic(err)
	}
	return p
}

// Value reads what the path leads to from a record that was loaded with the records on the way.
func (p Path) Value(record reflect.Value) any {
	for _, r := range p.Relations {
		record = r.Record(record)
	}
	return p.Column.Value(record)
}

// Record returns the related record that was loaded with this one; it is invalid when none was.
func (r *Relation) Record(record reflect.Value) reflect.Value {
	return reflect.Indirect(reflect.Indirect(record).FieldByName(r.Field))
}

// LabelOf is what a record is called.
func (k *Kind) LabelOf(record reflect.Value) string {
	s, _ := k.Must(k.Label).Value(record).(string)
	return s
}
