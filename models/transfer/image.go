package transfer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"maitred/models/graph"
)

// isJSON says what is wrong with a text that PostgreSQL is to keep as JSON.
func isJSON(image string) error {
	switch {
	case !json.Valid([]byte(image)) || !utf8.ValidString(image):
		return errors.New("is no JSON")
	case hasNUL(image):
		return errors.New("has a character NUL in it, which PostgreSQL cannot hold")
	}
	return nil
}

// hasNUL says that a text in the JSON has the character NUL in it. A backslash of its own stands there twice.
func hasNUL(image string) bool {
	for rest := image; ; {
		at := strings.Index(rest, `\u0000`)
		if at < 0 {
			return false
		}
		before := rest[:at]
		if slashes := len(before) - len(strings.TrimRight(before, `\`)); slashes%2 == 0 {
			return true
		}
		rest = rest[at+1:]
	}
}

// sameJSON says that two texts are the same JSON value, whatever the order of its fields.
func sameJSON(a, b string) bool {
	if a == b {
		return true
	}
	if as, ok := fieldsOf(a, nil); ok {
		if bs, ok := fieldsOf(b, nil); ok && sameFields(as, bs) {
			return true
		}
	}
	x, ok := valueOf(a)
	y, ok2 := valueOf(b)
	return ok && ok2 && reflect.DeepEqual(x, y)
}

// field is a field of a JSON object as it is spelled.
type field struct{ name, value string }

// fieldsOf adds the fields of a JSON object to those that are there. It understands objects as all images are, in a
// fraction of the time that a decoder takes: of texts, numbers and words alone, with names that have nothing in them
// that is spelled otherwise. Others, and what is no JSON, are not ok.
func fieldsOf(image string, fields []field) (_ []field, ok bool) {
	at := 0
	skip := func() {
		for at < len(image) && image[at] == ' ' {
			at++
		}
	}
	next := func(c byte) bool {
		skip()
		if at < len(image) && image[at] == c {
			at++
			return true
		}
		return false
	}
	quoted := func() (plain, ok bool) { // at has passed the first quote
		for plain = true; at < len(image); at++ {
			switch image[at] {
			case '"':
				at++
				return plain, true
			case '\\':
				plain = false
				at++
			}
		}
		return plain, false
	}
	if !next('{') {
		return nil, false
	}
	for more := !next('}'); more; {
		if !next('"') {
			return nil, false
		}
		from := at
		if plain, ok := quoted(); !ok || !plain {
			return nil, false
		}
		f := field{name: image[from : at-1]}
		if !next(':') {
			return nil, false
		}
		skip()
		from = at
		if next('"') {
			if _, ok := quoted(); !ok {
				return nil, false
			}
		} else {
			for at < len(image) && strings.IndexByte(",} {[", image[at]) < 0 {
				at++
			}
		}
		if f.value = image[from:at]; f.value == "" {
			return nil, false
		}
		fields = append(fields, f)
		if more = next(','); !more && !next('}') {
			return nil, false
		}
	}
	skip()
	return fields, at == len(image)
}

// sameFields says that the fields are spelled alike, in whatever order. No name stands there twice.
func sameFields(as, bs []field) bool {
	if len(as) != len(bs) {
		return false
	}
	for i, a := range as {
		if bs[i] == a {
			continue
		}
		if slices.ContainsFunc(as[:i], func(f field) bool { return f.name == a.name }) || !slices.Contains(bs, a) {
			return false
		}
	}
	return true
}

// valueOf reads a JSON value. Numbers are as they are spelled, since two of them may round to the same.
func valueOf(image string) (v any, ok bool) {
	d := json.NewDecoder(strings.NewReader(image))
	d.UseNumber()
	err := d.Decode(&v)
	return v, err == nil && !d.More()
}

// kindColumn is the column that says of which table the images are that stand beside it.
const kindColumn = "kind"

// spelling makes of an image as PostgreSQL keeps it the text that SQLite would have written: the columns in the order of the
// kind, without white space. Both spell values alike.
func (p pair) spelling(g *graph.Graph) func(row []any, image string) string {
	at := slices.IndexFunc(p.to.columns, func(c column) bool { return c.name == kindColumn && c.holds == text })
	order := map[string]map[string]int{} // by table and column
	return func(row []any, image string) string {
		var places map[string]int
		if at >= 0 {
			name, _ := row[at].(string)
			if places = order[name]; places == nil {
				places = map[string]int{}
				if k := g.ByTable(name); k != nil {
					for i, c := range k.Images() {
						places[c.Name] = i
					}
				}
				order[name] = places
			}
		}
		return inOrder(image, places)
	}
}

// inOrder is a JSON object with its fields in the order of their places, those without one at its end, and without
// white space. What is no object is only without white space.
func inOrder(image string, places map[string]int) string {
	fields, ok := fieldsOf(image, make([]field, 0, 16))
	if !ok {
		var values map[string]json.RawMessage
		if json.Unmarshal([]byte(image), &values) != nil || values == nil {
			return compact(image)
		}
		for name, value := range values {
			fields = append(fields, field{name, compact(string(value))})
		}
	}
	slices.SortFunc(fields, func(a, b field) int {
		return cmp.Or(cmp.Compare(placeOf(a.name, places), placeOf(b.name, places)), cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name)) // those without a place as PostgreSQL has them
	})
	text := append(make([]byte, 0, len(image)), '{')
	for i, f := range fields {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(spelled(text, f.name), ':')
		text = append(text, f.value...)
	}
	return string(append(text, '}'))
}

func placeOf(name string, places map[string]int) int {
	if at, ok := places[name]; ok {
		return at
	}
	return len(places)
}

// spelled adds a name as a JSON text.
func spelled(to []byte, name string) []byte {
	if !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r > '~' }) {
		return append(append(append(to, '"'), name...), '"')
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(name) // a string always can be
	return append(to, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// compact is a JSON value without white space.
func compact(value string) string {
	var b bytes.Buffer
	_ = json.Compact(&b, []byte(value)) // it is from a database that lets nothing else in
	return b.String()
}
