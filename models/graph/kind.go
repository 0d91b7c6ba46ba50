package graph

import (
	"reflect"
	"strings"

	"maitred/models/dialect"
)

// Model is the type of the kind's records.
func (k *Kind) Model() reflect.Type { return k.bun.Type }

// Column returns the column of that name, or nil.
func (k *Kind) Column(name string) *Column {
	for _, c := range k.Columns {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Images returns the columns that make up a row: all but the kept counts, which follow from
// other rows.
func (k *Kind) Images() []*Column {
	var cs []*Column
	for _, c := range k.Columns {
		if !c.Kept {
			cs = append(cs, c)
		}
	}
	return cs
}

// Image is the SQL expression for a row of the kind as JSON; value gives the expression for each column.
func (k *Kind) Image(value func(*Column) string) string {
	var values []dialect.Value
	for _, c := range k.Images() {
		values = append(values, dialect.Value{Column: c.Column, SQL: value(c)})
	}
	return k.SQL.Image(values)
}

// FromImage is the SQL expression for the column in the JSON expression image.
func (c *Column) FromImage(image string) string { return c.SQL.FromImage(image, c.Column) }

// ParentBy returns the relation whose foreign key is the column, or nil.
func (k *Kind) ParentBy(column *Column) *Relation {
	for _, r := range k.Parents {
		if r.Column == column {
			return r
		}
	}
	return nil
}

// Relation returns the relation that a lookup calls by this name, or nil.
func (k *Kind) Relation(name string) *Relation {
	for _, rs := range [][]*Relation{k.Parents, k.Children} {
		for _, r := range rs {
			if r.Name == name {
				return r
			}
		}
	}
	return nil
}

// OneToOne returns the relation to the parent that shares its primary key with this kind, or nil.
func (k *Kind) OneToOne() *Relation { return k.ParentBy(k.Key) }

// Questions returns the columns that people answer with yes or no.
func (k *Kind) Questions() []*Column {
	var cs []*Column
	for _, c := range k.Columns {
		if c.Type == Boolean && !c.Inside {
			cs = append(cs, c)
		}
	}
	return cs
}

// MovesTogether says that many of the kind can be brought to one parent: those that share their
// parent's key have no room for each other.
func (k *Kind) MovesTogether() bool { return k.Home() != nil && k.Home() != k.OneToOne() }

// BorrowsLabel says that the kind has no name of its own and is called by its parent's.
func (k *Kind) BorrowsLabel() bool { return strings.Contains(k.Label, "__") }

// IsNorm says that the column is another text without case and accents.
func (c *Column) IsNorm() bool { return strings.HasSuffix(c.Name, "_norm") }

// NormOf returns the column whose text this one is without case and accents, or nil.
func (k *Kind) NormOf(norm *Column) *Column {
	for _, c := range k.Columns {
		if c.Norm == norm {
			return c
		}
	}
	return nil
}

// Value reads the column from a record: an int64, a string or a bool.
func (c *Column) Value(record reflect.Value) any {
	v := reflect.Indirect(record).FieldByIndex(c.field.Index)
	switch c.Type {
	case Boolean:
		return v.Bool()
	case Text:
		return v.String()
	default:
		return v.Int()
	}
}

// Set writes a value into the column of a record; record is a pointer to the model.
func (c *Column) Set(record reflect.Value, value any) {
	reflect.Indirect(record).FieldByIndex(c.field.Index).Set(reflect.ValueOf(value))
}

// Pointer points to the column of a record, for a row to be read into; record is the model itself.
func (c *Column) Pointer(record reflect.Value) any {
	return record.FieldByIndex(c.field.Index).Addr().Interface()
}

// Home returns the relation to the parent that a record is at and can be moved from: the first
// that the model declares. It is nil for a kind that belongs to nothing.
func (k *Kind) Home() *Relation {
	if len(k.Parents) == 0 {
		return nil
	}
	return k.Parents[0]
}

// Counterpart returns the same relation seen from its other end.
func (r *Relation) Counterpart() *Relation {
	others := r.To.Parents
	if r.Parent {
		others = r.To.Children
	}
	for _, o := range others {
		if o.To == r.From && o.Column == r.Column {
			return o
		}
	}
	return nil // New refuses such a graph
}

// Above says that other is one of the kinds that this one belongs to, directly or through others.
func (k *Kind) Above(other *Kind) bool {
	for _, r := range k.Parents {
		if r.To == other || r.To.Above(other) {
			return true
		}
	}
	return false
}

// Named returns the columns that the kind's description names, of this kind and of others.
func (k *Kind) Named() []*Column {
	columns := []*Column{k.Must(k.Label).Column}
	for _, s := range k.Sorts {
		columns = append(columns, k.Must(s.Path).Column)
	}
	for _, path := range k.Search {
		columns = append(columns, k.Must(path).Column)
	}
	return columns
}
