// Package graph is the one picture of how kinds of records hang together. It is read off Bun's
// own relations when a store opens; pages, lookups, previews and history walk it, and names that
// reach SQL come from here and from nowhere else.
//
// Columns that every kind may carry, by convention:
//
//   - version: the change that last wrote the row;
//   - identity: who the row is, where its primary key is also a foreign key and can change;
//   - x_norm: the text column x without case and accents (package text);
//   - x_count: how many rows of the kind x point here, kept in the same transaction.
package graph

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"maitred/models/dialect"
)

// Graph is the kinds in the order of their foreign keys: parents before children. It does not
// change after the store that made it is open.
type Graph struct {
	SQL    dialect.Dialect // of the database that its tables are in
	kinds  []*Kind
	byType map[reflect.Type]*Kind
}

// Kind is one kind of record: a table and how it is told about.
type Kind struct {
	Name     string // one of them, and the word for it in lookups: "waiter"
	Table    string // many of them: the table, and the first part of the address: "waiters"
	Key      *Column
	Identity *Column // Key, where the key never changes
	Columns  []*Column
	Parents  []*Relation // belongs-to, one for each foreign key
	Children []*Relation // has-one and has-many
	Searched []*Column   // its own texts that a search of any kind reads
	SQL      dialect.Dialect
	Description

	bun *schema.Table
}

// Type is what a column holds.
type Type = dialect.Type

// The types of columns.
const (
	Integer = dialect.Integer
	Text    = dialect.Text
	Boolean = dialect.Boolean
)

// Column is one column of a kind.
type Column struct {
	dialect.Column
	Norm   *Column // without case and accents; nil where there is none
	Inside bool    // ours, not a person's: version, identity, x_norm, x_count
	Kept   bool    // x_count: derived from other rows, so no part of a row's image
	Listed bool    // an index of the table begins with it

	field *schema.Field
	SQL   dialect.Dialect // of the database that its table is in
}

// Relation leads from one kind to another.
type Relation struct {
	Name     string  // the word for it in lookups: "place", "waiter"
	Field    string  // Bun's name for it, the field of the model: "Place", "Waiters"
	From, To *Kind   //
	Column   *Column // the foreign key: of From for a parent, of To for a child
	Parent   bool    // From belongs to To
	Many     bool    // From has many To
	Count    *Column // From's kept number of To; nil where there is none
}

// Describer is what a model tells about itself beyond its columns.
type Describer interface{ Describe() Description }

// Description is the allow-list of a kind. Paths are in the words of lookups: "place__name".
type Description struct {
	Label  string   // path to the text that names a record
	Sorts  []Sort   // what lists can be sorted by; the first is the default
	Search []string // paths to the texts that a search reads
}

// Sort is one order of a list: the name in the address and the path to its column.
type Sort struct{ Name, Path string }

// New reads the graph that can be reached from the models given, by their relations.
// Errors are mistakes in the models: a relation declared on one side only, a circle.
func New(db *bun.DB, models ...any) (*Graph, error) {
	g := &Graph{SQL: dialect.Of(db), byType: map[reflect.Type]*Kind{}}
	for _, m := range models {
		if err := g.add(db, reflect.TypeOf(m)); err != nil {
			return nil, err
		}
	}
	for _, k := range g.kinds {
		if err := g.relate(k); err != nil {
			return nil, err
		}
	}
	if err := g.checkSides(); err != nil {
		return nil, err
	}
	if err := g.order(); err != nil {
		return nil, err
	}
	for _, k := range g.kinds {
		if err := k.checkDescription(); err != nil {
			return nil, err
		}
	}
	for _, k := range g.kinds {
		k.markSearched()
	}
	return g, nil
}

func (g *Graph) add(db *bun.DB, typ reflect.Type) error {
	t := db.Table(typ)
	if g.byType[t.Type] != nil {
		return nil
	}
	d, ok := reflect.New(t.Type).Interface().(Describer)
	if !ok {
		return fmt.Errorf("model %s does not describe itself", t.Type.Name())
	}
	if len(t.PKs) != 1 {
		return fmt.Errorf("model %s needs a primary key of one column", t.Type.Name())
	}
	k := &Kind{Name: t.ModelName, Table: t.Name, SQL: g.SQL, Description: d.Describe(), bun: t}
	for _, f := range t.Fields {
		k.Columns = append(k.Columns, g.column(f))
	}
	for _, c := range k.Columns {
		c.Norm = k.Column(c.Name + "_norm")
	}
	k.Key = k.Column(t.PKs[0].Name)
	k.Identity = k.Key
	if c := k.Column("identity"); c != nil {
		k.Identity = c
	}
	if k.Column("version") == nil {
		return fmt.Errorf("model %s has no version", t.Type.Name())
	}
	g.kinds = append(g.kinds, k)
	g.byType[t.Type] = k
	for _, r := range sorted(t.Relations) {
		if err := g.add(db, r.JoinTable.Type); err != nil {
			return err
		}
	}
	return nil
}

func (g *Graph) column(f *schema.Field) *Column {
	c := &Column{field: f, SQL: g.SQL}
	c.Name = f.Name
	switch f.IndirectType.Kind() {
	case reflect.Bool:
		c.Type = Boolean
	case reflect.String:
		c.Type = Text
	default:
		c.Type = Integer
	}
	c.Kept = strings.HasSuffix(c.Name, "_count")
	c.Inside = c.Kept || c.Name == "version" || c.Name == "identity" || c.IsNorm()
	return c
}

func (g *Graph) relate(k *Kind) error {
	for _, r := range sorted(k.bun.Relations) {
		to := g.byType[r.JoinTable.Type]
		rel := &Relation{Field: r.Field.GoName, From: k, To: to}
		if len(r.BasePKs) != 1 || len(r.JoinPKs) != 1 {
			return fmt.Errorf("%s.%s: a relation joins one column with one column", k.Name, rel.Field)
		}
		switch r.Type {
		case schema.BelongsToRelation:
			rel.Name, rel.Parent = r.Field.Name, true
			rel.Column = k.Column(r.BasePKs[0].Name)
			k.Parents = append(k.Parents, rel)
		case schema.HasOneRelation, schema.HasManyRelation:
			rel.Name, rel.Many = to.Name, r.Type == schema.HasManyRelation
			rel.Column = to.Column(r.JoinPKs[0].Name)
			rel.Count = k.Column(to.Name + "_count")
			k.Children = append(k.Children, rel)
		default:
			return fmt.Errorf("%s.%s: only belongs-to, has-one and has-many are known", k.Name, rel.Field)
		}
	}
	return nil
}

// checkSides makes sure that each relation is declared at both ends, so that a page can show it
// from both sides.
func (g *Graph) checkSides() error {
	for _, k := range g.kinds {
		for _, r := range slices.Concat(k.Parents, k.Children) {
			other := r.To.Parents
			if r.Parent {
				other = r.To.Children
			}
			if !slices.ContainsFunc(other, func(o *Relation) bool { return o.To == k && o.Column == r.Column }) {
				return fmt.Errorf("%s.%s has no counterpart in %s", k.Name, r.Field, r.To.Name)
			}
		}
	}
	return nil
}

// checkDescription makes sure that what a kind says of itself leads to columns, texts that are
// searched to normalised ones.
func (k *Kind) checkDescription() error {
	if len(k.Sorts) == 0 {
		return fmt.Errorf("%s has no order", k.Name)
	}
	paths := append([]string{k.Label}, k.Search...)
	for _, s := range k.Sorts {
		paths = append(paths, s.Path)
	}
	for i, path := range paths {
		p, err := k.ToOne(path)
		if err != nil {
			return fmt.Errorf("description of %s: %w", k.Name, err)
		}
		if searched := i > 0 && i <= len(k.Search); searched && p.Column.Norm == nil {
			return fmt.Errorf("description of %s: %s is searched but has no normalised column", k.Name, path)
		}
	}
	if k.OneToOne() != nil && k.Identity == k.Key {
		return fmt.Errorf("%s shares its parent's key, which changes when it moves, and so needs an identity", k.Name)
	}
	return nil
}

// markSearched notes at each kind the texts that a search of this one reads.
func (k *Kind) markSearched() {
	for _, path := range k.Search {
		p := k.Must(path)
		if end := p.End(k); !slices.Contains(end.Searched, p.Column) {
			end.Searched = append(end.Searched, p.Column)
		}
	}
}

// order puts parents before children. A circle of foreign keys has no such order; nothing here
// would know where a cascade ends, so it is refused.
func (g *Graph) order() error {
	var done []*Kind
	for len(done) < len(g.kinds) {
		before := len(done)
		for _, k := range g.kinds {
			ready := !slices.ContainsFunc(k.Parents, func(r *Relation) bool { return !slices.Contains(done, r.To) })
			if ready && !slices.Contains(done, k) {
				done = append(done, k)
			}
		}
		if len(done) == before {
			return fmt.Errorf("the foreign keys form a circle")
		}
	}
	g.kinds = done
	return nil
}

// sorted returns relations in the order of the model's fields, not of a map.
func sorted(relations map[string]*schema.Relation) []*schema.Relation {
	var rs []*schema.Relation
	for _, r := range relations {
		rs = append(rs, r)
	}
	slices.SortFunc(rs, func(a, b *schema.Relation) int { return slices.Compare(a.Field.Index, b.Field.Index) })
	return rs
}

// Kinds returns all kinds, parents before children.
func (g *Graph) Kinds() []*Kind { return g.kinds }

// ByTable returns the kind of a table, or nil.
func (g *Graph) ByTable(table string) *Kind {
	for _, k := range g.kinds {
		if k.Table == table {
			return k
		}
	}
	return nil
}

// Of returns the kind of a model's type. It panics on a type that no opened model leads to: a
// mistake in the program, found at the first start.
func (g *Graph) Of(t reflect.Type) *Kind {
	k := g.byType[t]
	if k == nil {
		panic("no relation leads to the model " + t.String())
	}
	return k
}
