package importer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"maitred/models/change"
	"maitred/models/graph"
)

// outcome is what the file comes to.
func (m *match) outcome() *Outcome {
	o := &Outcome{Counts: map[Group]int{}, Cut: m.Import.cut}
	for _, r := range m.rows {
		o.Lines = append(o.Lines, r.Line)
		o.Counts[r.Group]++
		if r.Group == New && r.opens.IsValid() {
			o.Opens++
		}
	}
	return o
}

// digest is all that is shown, in short: of each row what the file says, what becomes of it and which
// records it is about.
func (m *match) digest() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n", m.Columns)
	for _, r := range m.rows {
		fmt.Fprintf(h, "%d %q %s %d %d", r.Number, r.Cells, r.Group, r.Key, r.Earlier)
		for _, t := range r.Twins {
			fmt.Fprintf(h, " %d", t.Key)
		}
		for i := range m.refs {
			fmt.Fprintf(h, " at %d", m.parentsOf(r)[i])
		}
		h.Write([]byte("\n"))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// relies are the records that rows are about, that they look like, and that they belong to.
func (m *match) relies() []change.Relied {
	keys, absent := map[*graph.Kind][]int64{}, map[*graph.Kind][]string{}
	for _, r := range m.rows {
		for _, key := range []int64{r.Key, r.key} {
			if key != 0 {
				keys[m.Kind] = append(keys[m.Kind], key)
			}
		}
		if r.Group == New {
			absent[m.Kind] = append(absent[m.Kind], r.Label)
		}
		twinsOf := m.Kind
		if up := m.Kind.OneToOne(); up != nil {
			twinsOf = up.To
		}
		for _, t := range r.Twins {
			keys[twinsOf] = append(keys[twinsOf], t.Key)
		}
		for i, ref := range m.refs {
			if key := m.parentsOf(r)[i]; key != 0 {
				keys[ref.To] = append(keys[ref.To], key)
			}
		}
	}
	var relied []change.Relied
	for _, k := range m.Graph.Kinds() {
		if list := keys[k]; list != nil || absent[k] != nil {
			slices.Sort(list)
			relied = append(relied, change.Relied{Kind: k, Keys: slices.Compact(list), Absent: absent[k]})
		}
	}
	return relied
}

// collect is what is to be written.
func (m *match) collect(into *change.Merged) {
	edits := change.Edits{Kind: m.Kind, Columns: m.columns()}
	into.Added = make([]change.Added, 0, m.adds())
	for _, r := range m.rows {
		switch r.Group {
		case New:
			if r.opens.IsValid() {
				into.Added = append(into.Added, change.Added{Record: change.Record{Model: r.opens.Interface()}, Label: r.Label})
			}
			into.Added = append(into.Added, change.Added{Record: change.Record{Model: r.record.Interface(), Bind: m.bind(r)}, Label: r.Label})
		case Changed:
			edits.Models = append(edits.Models, r.record.Interface())
		}
	}
	if edits.Models != nil {
		into.Edits = []change.Edits{edits}
	}
	into.Sentence = m.sentence(into)
}

// adds is how many records are new.
func (m *match) adds() (n int) {
	for _, r := range m.rows {
		if r.Group == New {
			n++
			if r.opens.IsValid() {
				n++
			}
		}
	}
	return n
}

// bind gives a record the key of the parent that comes along, once that has one; nil where none does.
func (m *match) bind(r *row) func() {
	if !r.opens.IsValid() {
		return nil
	}
	up, record, opens := m.Kind.OneToOne(), r.record, r.opens // and not the row: it is needed no longer
	return func() { up.Column.Set(record, up.To.Key.Value(opens)) }
}

// columns are those that rows can change.
func (m *match) columns() (columns []*graph.Column) {
	for _, f := range slices.Concat(m.lines, m.asks) {
		if f.at >= 0 {
			columns = append(columns, f.Column)
			if f.Norm != nil {
				columns = append(columns, f.Norm)
			}
		}
	}
	for _, ref := range m.refs {
		if ref.Column != m.Kind.Key {
			columns = append(columns, ref.Column)
		}
	}
	return columns
}

// sentence is what history says: “imported the file “places.csv”: added 12 places and changed 3”.
func (m *match) sentence(what *change.Merged) string {
	added := map[*graph.Kind]int64{}
	for _, a := range what.Added {
		added[m.Graph.Of(reflect.TypeOf(a.Model).Elem())]++
	}
	var parts, counted []string
	for _, k := range m.Graph.Kinds() {
		if n := added[k]; n > 0 {
			counted = append(counted, k.Counted(n))
		}
	}
	if counted != nil {
		parts = append(parts, "added "+change.And(counted))
	}
	if what.Edits != nil {
		parts = append(parts, "changed "+m.Kind.Counted(int64(len(what.Edits[0].Models))))
	}
	said := "imported"
	if m.File != "" {
		said += " “" + change.Isolate(short(m.File)) + "”"
	}
	return said + ": " + strings.Join(parts, " and ")
}
