package importer

import (
	"slices"
	"strings"

	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/text"
)

// ref is how rows name a parent: by its key, or by texts of the record that it shares its key with.
type ref struct {
	*graph.Relation
	key     int         // the column with its key; -1: none
	end     *graph.Kind // whose texts they are; nil where texts do not tell one parent
	texts   []*graph.Column
	names   []string // of the fields of these texts
	columns []int    // and of the file; -1: none
	from    int      // where they are, of all texts by which a row names its parents
	opens   bool     // a row can bring the parent along
}

func newRef(k *graph.Kind, rel *graph.Relation, place func(string) int) *ref {
	r := &ref{Relation: rel, key: place(rel.Column.Name)}
	for _, f := range kind.Fields(k) {
		if f.Part != kind.TextPart || f.Path.Relations[0] != rel {
			continue
		}
		for _, further := range f.Path.Relations[1:] {
			if further.From.OneToOne() != further { // there may be several
				return r
			}
		}
		r.end = f.Path.End(k)
		r.texts, r.names, r.columns = append(r.texts, f.Path.Column), append(r.names, f.Name), append(r.columns, place(f.Name))
	}
	r.opens = rel == k.OneToOne() && r.end == rel.To && r.whole()
	return r
}

// given are the columns of the file with the texts; none where the file has none of them.
func (r *ref) given() []int {
	if !slices.ContainsFunc(r.columns, func(at int) bool { return at >= 0 }) {
		return nil
	}
	return r.columns
}

// read takes the texts of a row.
func (r *ref) read(cell func(int) string, into []string) {
	for i := range into {
		into[i] = cell(r.columns[i])
		if clean, flaw := text.Line(into[i], 1<<20); flaw == text.Sound {
			into[i] = clean
		} else if flaw == text.Blank {
			into[i] = ""
		}
	}
}

// textsOf are the texts by which a row names a parent; none where the file has none of them.
func (m *match) textsOf(r *row, ref *ref) []string {
	return part(m, r, m.named)[ref.from:][:len(ref.given())]
}

// names says that a row names a parent by its texts.
func (m *match) names(r *row, ref *ref) bool {
	return slices.ContainsFunc(m.textsOf(r, ref), func(t string) bool { return t != "" })
}

// whole says that the texts are all there is to say of the record at the end.
func (r *ref) whole() bool {
	for _, f := range kind.Fields(r.end) {
		if f.Part == kind.ParentPart || f.Part == kind.OwnPart && !slices.Contains(r.texts, f.Path.Column) {
			return false
		}
	}
	return true
}

// said are the texts of a row as a sentence names them: “Demon Dogs, 944 W. Fullerton”.
func said(texts []string) string {
	var some []string
	for _, t := range texts {
		if t != "" {
			some = append(some, t)
		}
	}
	return "“" + short(strings.Join(some, ", ")) + "”"
}

// findParents finds the parents that rows name by their texts, and compares the texts with the parents
// that are named by key.
func (m *match) findParents(rows []*row) error {
	for i, ref := range m.refs {
		keys := keysOf(rows, func(r *row) int64 { return r.parentKey(m, i) })
		if err := m.known.load(ref.To, keys); err != nil {
			return err
		}
		if ref.end == nil {
			continue
		}
		if err := m.known.load(ref.end, keys); err != nil {
			return err
		}
		if err := m.loadNamed(ref, i, rows); err != nil {
			return err
		}
	}
	for _, r := range rows {
		for i, ref := range m.refs {
			if r.fine() {
				m.findParent(r, i, ref)
			}
		}
	}
	return nil
}

// parentKey is the key by which a row names a parent: also by its own, where they share it.
func (r *row) parentKey(m *match, i int) int64 {
	if m.refs[i].Column == m.Kind.Key {
		return r.key
	}
	return m.parentsOf(r)[i]
}

// loadNamed reads the records that have a text of those by which rows name a parent: the last one that a
// row has, which tells more than those before it.
func (m *match) loadNamed(ref *ref, i int, rows []*row) error {
	wanted := make([][]string, len(ref.texts))
	for _, r := range rows {
		if at := m.probe(r, ref); at >= 0 && r.parentKey(m, i) == 0 && r.fine() {
			wanted[at] = append(wanted[at], text.Normalise(m.textsOf(r, ref)[at]))
		}
	}
	for at, texts := range wanted {
		if err := m.known.loadTexts(ref.end, ref.texts[at], texts); err != nil {
			return err
		}
	}
	var ends []int64
	for _, r := range rows {
		ends = append(ends, m.candidates(r, i, ref)...)
	}
	return m.known.load(ref.To, ends) // which share their keys
}

// probe is which of its texts a row is looked for by; -1: none.
func (m *match) probe(r *row, ref *ref) int {
	texts := m.textsOf(r, ref)
	for at := len(texts) - 1; at >= 0; at-- {
		if texts[at] != "" {
			return at
		}
	}
	return -1
}

// candidates are the keys of the records that have the texts of a row: the very same, or, where there are
// none, but for case and accents.
func (m *match) candidates(r *row, i int, ref *ref) []int64 {
	at, texts := m.probe(r, ref), m.textsOf(r, ref)
	if at < 0 || r.parentKey(m, i) != 0 || !r.fine() {
		return nil
	}
	var same, alike []int64
	for _, key := range m.known.byText[ref.texts[at]][text.Normalise(texts[at])] {
		record := m.known.record(ref.end, key)
		is, seems := true, true
		for n, c := range ref.texts {
			if t := texts[n]; t != "" {
				is = is && c.Value(record) == t
				seems = seems && c.Norm.Value(record) == text.Normalise(t)
			}
		}
		switch {
		case is:
			same = append(same, key)
		case seems:
			alike = append(alike, key)
		}
	}
	if same != nil {
		return same
	}
	return alike
}

// findParent finds one parent of a row.
func (m *match) findParent(r *row, i int, ref *ref) {
	shared, texts := ref.Column == m.Kind.Key, m.textsOf(r, ref)
	if key := r.parentKey(m, i); key != 0 {
		if !m.known.record(ref.To, key).IsValid() {
			if !shared { // else it was said already
				r.reject("There is no %s with the number %d.", ref.To.Singular(), key)
			}
			return
		}
		m.parentsOf(r)[i] = key
		m.compareTexts(r, ref, key)
		return
	}
	if r.forced != 0 && shared {
		m.parentsOf(r)[i] = r.forced
		return
	}
	if !m.names(r, ref) {
		if r.key == 0 {
			r.reject("Nothing says which %s it is. %s", ref.To.Singular(), m.howToName(ref))
		}
		return
	}
	found := m.candidates(r, i, ref)
	switch {
	case len(found) > 1:
		r.reject("There are %d %s like %s. Say which one by its number, in %s.", len(found), ref.end.Plural(), said(texts), Words(ref.Column.Name))
	case len(found) == 1 && m.known.record(ref.To, found[0]).IsValid():
		m.parentsOf(r)[i] = found[0]
	case len(found) == 1:
		r.reject("At %s there is no %s.", said(texts), ref.To.Singular())
	case ref.opens && !slices.Contains(texts, ""):
		r.opens = m.newParent(texts, ref)
	case ref.opens:
		r.reject("There is no %s like %s. To add it too, fill in %s.", ref.end.Singular(), said(texts), missing(texts, ref))
	default:
		r.reject("There is no %s like %s. Add it first, or correct the row.", ref.end.Singular(), said(texts))
	}
}

// howToName says how rows can name a parent.
func (m *match) howToName(ref *ref) string {
	if ref.end == nil {
		return "Fill in " + Words(ref.Column.Name) + "."
	}
	var names []string
	for _, n := range ref.names {
		names = append(names, Words(n))
	}
	return "Fill in " + Words(ref.Column.Name) + ", or " + strings.Join(names, " and ") + "."
}

// missing names the texts that are left out.
func missing(texts []string, ref *ref) string {
	var names []string
	for n, t := range texts {
		if t == "" {
			names = append(names, Words(ref.names[n]))
		}
	}
	return strings.Join(names, " and ")
}

// compareTexts makes sure that a parent which is named by key has the texts that the row says.
func (m *match) compareTexts(r *row, ref *ref, key int64) {
	texts, end := m.textsOf(r, ref), m.known.record(ref.end, key)
	if !m.names(r, ref) || !end.IsValid() {
		return
	}
	is := make([]string, len(ref.texts))
	differs := false
	for n, c := range ref.texts {
		is[n] = spelled(c.Value(end))
		differs = differs || texts[n] != "" && text.Normalise(is[n]) != text.Normalise(texts[n])
	}
	if differs {
		r.reject("The %s with the number %d is %s, and the row says %s. Correct one of the two; to rename it, import %s.",
			ref.end.Singular(), key, said(is), said(texts), ref.end.Plural())
	}
}
