package kind

import (
	"maitred/models/graph"
)

// Field is one column of a kind in a file of its records: what is exported, and what an import knows.
type Field struct {
	Name string     // in the first line of the file: "place_name"
	Path graph.Path // of what it shows
	Part Part
}

// Part is what a field says of a record.
type Part string

// The parts.
const (
	KeyPart    Part = "key"    // which record it is
	OwnPart    Part = "own"    // what people fill in
	ParentPart Part = "parent" // the key of the record that it belongs to
	TextPart   Part = "text"   // a text by which people know that one, or one further up
	CountPart  Part = "count"  // how many belong to it; written, and not read
)

// Fields are the columns of a kind in a file, in their order. They are read off the graph: the key, what
// people fill in, the keys of its parents, and the texts by which a search finds it through them. Where a
// record is called by its parent, these come first.
func Fields(k *graph.Kind) []Field {
	var own, parents, texts, counts []Field
	for _, c := range k.Columns {
		field := Field{Name: c.Name, Path: graph.Path{Column: c}, Part: OwnPart}
		switch {
		case c == k.Key || c.Inside:
		case k.ParentBy(c) != nil:
			field.Part = ParentPart
			parents = append(parents, field)
		default:
			own = append(own, field)
		}
	}
	for _, search := range k.Search {
		path := k.Must(search)
		if n := len(path.Relations); n > 0 {
			texts = append(texts, Field{Name: path.Relations[n-1].Name + "_" + path.Column.Name, Path: path, Part: TextPart})
		}
	}
	for _, down := range k.Children {
		if down.Many && down.Count != nil {
			counts = append(counts, Field{Name: down.To.Table, Path: graph.Path{Column: down.Count}, Part: CountPart})
		}
	}
	fields := []Field{{Name: k.Key.Name, Path: graph.Path{Column: k.Key}, Part: KeyPart}}
	if k.BorrowsLabel() {
		fields, texts = append(fields, texts...), nil
	}
	fields = append(fields, own...)
	fields = append(fields, parents...)
	fields = append(fields, texts...)
	return append(fields, counts...)
}
