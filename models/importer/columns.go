package importer

import (
	"slices"
	"strings"
	"unicode"

	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/text"
)

// Recognise says for each column, by what stands above it, which field it fills: "" for one that is not
// known or was recognised before.
func Recognise(k *graph.Kind, header []string) []string {
	columns := make([]string, len(header))
	fields := kind.Fields(k)
	for i, h := range header {
		word := squeezed(h)
		for _, f := range fields {
			if slices.Contains(spellings(k, f), word) && !slices.Contains(columns, f.Name) {
				columns[i] = f.Name
				break
			}
		}
	}
	return columns
}

// The columns that are added to rows which are given back: importing these once more leaves them out.
const (
	LineColumn   = "import_line"
	ResultColumn = "import_result"
)

// Unknown says that there are columns of which nobody knows what they are.
func Unknown(header, columns []string) bool {
	for i, c := range columns {
		if word := squeezed(header[i]); c == "" && word != squeezed(LineColumn) && word != squeezed(ResultColumn) {
			return true
		}
	}
	return false
}

// squeezed is a heading without case, accents and all that is no letter or digit; "#" and "№" are words.
func squeezed(s string) string {
	s = text.Normalise(strings.NewReplacer("#", "number", "№", "number").Replace(s))
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// spellings are the headings, squeezed, by which a field is known: its own name and how people call it.
func spellings(k *graph.Kind, f kind.Field) []string {
	words := squeezed(f.Name)
	known := []string{words}
	switch f.Part {
	case kind.KeyPart:
		of := squeezed(k.Name)
		if up := k.OneToOne(); up != nil {
			known = append(known, numbered(squeezed(up.Name))...)
		}
		known = append(append(known, numbered(of)...), numbered("")...)
	case kind.OwnPart:
		known = append(known, squeezed(k.Name)+words, strings.TrimPrefix(words, "serves"))
		if f.Path.Column.Name == k.Label {
			known = append(known, squeezed(k.Name))
		}
	case kind.ParentPart:
		known = append(known, numbered(squeezed(k.ParentBy(f.Path.Column).Name))...)
	case kind.TextPart:
		end := f.Path.Relations[len(f.Path.Relations)-1]
		for _, r := range f.Path.Relations {
			known = append(known, squeezed(r.Name)+squeezed(f.Path.Column.Name))
			if f.Path.Column.Name == end.To.Label {
				known = append(known, squeezed(r.Name))
			}
		}
		if k.Column(f.Path.Column.Name) == nil {
			known = append(known, squeezed(f.Path.Column.Name))
		}
		if k.BorrowsLabel() && f.Path.Column.Name == end.To.Label {
			known = append(known, squeezed(k.Name), squeezed(k.Name)+squeezed(f.Path.Column.Name))
		}
	case kind.CountPart:
		known = append(known, "numberof"+words)
	}
	for _, w := range known {
		known = append(known, also[w]...)
	}
	return known
}

// also are other words for some headings.
var also = map[string][]string{
	"name":    {"title", "called"},
	"address": {"street", "streetaddress", "addr"},
}

// numbered are the ways to write that a column holds the numbers of something; "" stands for the record itself.
func numbered(of string) (all []string) {
	for _, w := range []string{"id", "key", "no", "nr", "number", "pk"} {
		all = append(all, of+w)
	}
	return all
}

// Unfit says what is wrong with a choice of columns, as an Invalid problem; nil when rows can be read by it.
func Unfit(k *graph.Kind, columns []string) error {
	fields, known := kind.Fields(k), map[string]bool{}
	for _, name := range columns {
		if name == "" {
			continue
		}
		if known[name] {
			return problem.New(problem.Invalid, "Two columns are both taken for %s. Choose one of them.", Words(name))
		}
		known[name] = true
		if !slices.ContainsFunc(fields, func(f kind.Field) bool { return f.Name == name }) {
			return problem.New(problem.Invalid, "%s have no %s.", titled(k.Plural()), Words(name))
		}
	}
	if known[k.Key.Name] {
		return nil
	}
	for _, f := range fields {
		need := f.Part == kind.OwnPart && f.Path.Column.Type == graph.Text || f.Part == kind.TextPart && !known[parentOf(fields, f)]
		if need && !known[f.Name] {
			return problem.New(problem.Invalid, "No column is taken for %s yet. It is needed, unless one holds the %s of the %s.", Words(f.Name), Words(k.Key.Name), k.Plural())
		}
	}
	return nil
}

// parentOf is the field that names by key what a text is about, "" for none.
func parentOf(fields []kind.Field, of kind.Field) string {
	for _, f := range fields {
		if f.Part == kind.ParentPart && f.Path.Column == of.Path.Relations[0].Column {
			return f.Name
		}
	}
	return ""
}

// Words is a field's name as people read it.
func Words(name string) string { return strings.ReplaceAll(name, "_", " ") }

func titled(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
