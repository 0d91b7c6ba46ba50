package transfer

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

const (
	ofFile   = `{"id":57,"name":"Silver \"Street\" Grill","name_norm":"silver \"street\" grill","address":"944 W. Fullerton","address_norm":"944 w. fullerton","version":1}`
	ofServer = `{"id": 57, "name": "Silver \"Street\" Grill", "address": "944 W. Fullerton", "version": 1, "name_norm": "silver \"street\" grill", "address_norm": "944 w. fullerton"}`
)

var places = map[string]int{"id": 0, "name": 1, "name_norm": 2, "address": 3, "address_norm": 4, "version": 5}

func BenchmarkSameJSON(b *testing.B) {
	for b.Loop() {
		if !sameJSON(ofFile, ofServer) {
			b.Fatal("no")
		}
	}
}

func BenchmarkInOrder(b *testing.B) {
	for b.Loop() {
		if s := inOrder(ofServer, places); s != ofFile {
			b.Fatal(s)
		}
	}
}

func TestImagesAreTheSameWhateverTheOrderOfTheirFields(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		a, b string
		same bool
	}{
		{ofFile, ofServer, true},
		{`{"a":1,"b":2}`, `{"b": 2, "a": 1}`, true},
		{`{"a":1,"b":2}`, `{"b": 1, "a": 2}`, false},
		{`{"a":1}`, `{"a": "1"}`, false},
		{`{"a":1}`, `{"a": 1, "b": null}`, false},
		{`{"a":9007199254740993}`, `{"a": 9007199254740992}`, false},
		{`{"a":"\u2028"}`, "{\"a\": \"\u2028\"}", true},
		{`{"a":"\\u2028"}`, "{\"a\": \"\u2028\"}", false},
		{`{"a":"x \" , } y"}`, `{"a": "x \" , } y"}`, true},
		{`{"a":[1,{"b":2}]}`, `{"a": [1, {"b": 2}]}`, true},
		{`{"a":[1,{"b":2}]}`, `{"a": [1, {"b": 3}]}`, false},
		{`{"a":1,"b":1}`, `{"a":1,"c":1}`, false},
		{`{"a":1,"a":2}`, `{"a": 2}`, true}, // the last one counts, as in PostgreSQL
		{`{"a":1,"a":1}`, `{"a":1,"b":1}`, false},
		{`{}`, `{ }`, true},
		{`{}`, `[]`, false},
		{`{"a":1`, `{"a": 1`, false},
		{`{"a":}`, `{"a": }`, false},
		{`{"a":1}x`, `{"a": 1}x`, false},
	} {
		if sameJSON(one.a, one.b) != one.same || sameJSON(one.b, one.a) != one.same {
			t.Errorf("%s and %s are found to be the same: %t", one.a, one.b, !one.same)
		}
	}
}

func TestAnImageIsSpelledInTheOrderOfItsKind(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]string{
		ofServer:                           ofFile,
		`{"b": 1, "id": 2, "aa": 3}`:       `{"id":2,"b":1,"aa":3}`,
		`{"b": [1, {"c": 2}], "id": null}`: `{"id":null,"b":[1,{"c":2}]}`,
		`{"ü\"": "a\\", "id": 1}`:          `{"id":1,"ü\"":"a\\"}`,
		`{}`:                               `{}`,
		`[1, "a b"]`:                       `[1,"a b"]`,
		`"a"`:                              `"a"`,
		`null`:                             `null`,
	} {
		if got := inOrder(image, places); got != want {
			t.Errorf("%s is spelled %s, want %s", image, got, want)
		}
	}
}

// What is read fast is what a decoder reads.
func FuzzFieldsOf(f *testing.F) {
	for _, image := range []string{ofFile, ofServer, `{"a":1,"a":2}`, `{"a":"\\","b":true}`, `{"a" : 1 }`, `{"a":1 2}`, `{"a":-}`, `{"a":"\u00"}`} {
		f.Add(image)
	}
	f.Fuzz(func(t *testing.T, image string) {
		fields, ok := fieldsOf(image, nil)
		var want map[string]json.RawMessage
		if !ok || !utf8.ValidString(image) || !json.Valid([]byte(image)) || json.Unmarshal([]byte(image), &want) != nil {
			return
		}
		got := map[string]json.RawMessage{}
		for _, f := range fields {
			got[f.name] = json.RawMessage(f.value)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("of %s (- want, + got):\n%s", image, d)
		}
	})
}

func TestTheCharacterNULIsFoundInJSON(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]bool{`"\u0000"`: true, `"a\\\u0000"`: true, `"\\u0000"`: false, `"\\u0000 \u0000"`: true, `"\\\\u0000"`: false, `"u0000"`: false} {
		if hasNUL(image) != want {
			t.Errorf("in %s it is found: %t", image, !want)
		}
	}
}
