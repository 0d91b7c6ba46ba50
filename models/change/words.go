package change

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"

	"maitred/models/graph"
)

// Named is a record in the middle of a sentence: "the place Demon Dogs", "the restaurant at Demon
// Dogs", "the waiter Joe".
func Named(k *graph.Kind, label string) string {
	if k.BorrowsLabel() {
		return "the " + k.Singular() + " at " + Isolate(label)
	}
	return "the " + k.Singular() + " " + Isolate(label)
}

// Isolate keeps a name from turning the direction of the sentence around it: names that contain
// right-to-left letters or marks are wrapped in U+2068 and U+2069. Marks of that family inside the
// name are left out, since they would end the isolation early or never.
func Isolate(name string) string {
	for _, r := range name {
		if r < 0x590 {
			continue
		}
		p, _ := bidi.LookupRune(r)
		if c := p.Class(); c == bidi.R || c == bidi.AL || unicode.Is(unicode.Bidi_Control, r) {
			return "\u2068" + strings.Map(withoutIsolates, name) + "\u2069"
		}
	}
	return name
}

func withoutIsolates(r rune) rune {
	if r >= '\u2066' && r <= '\u2069' {
		return -1
	}
	return r
}

// Counts says how many rows of each kind the steps write: "1 restaurant and 12 waiters".
func Counts(steps []*Step) string {
	var kinds []*graph.Kind
	counts := map[*graph.Kind]int64{}
	for _, s := range steps {
		if _, known := counts[s.Kind]; !known {
			kinds = append(kinds, s.Kind)
		}
		counts[s.Kind] += s.Count
	}
	var words []string
	for _, k := range kinds {
		words = append(words, k.Counted(counts[k]))
	}
	return And(words)
}

// And joins words as a sentence does: "a, b and c".
func And(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// Quoted is a value as it stands in a sentence of history.
func Quoted(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case string:
		return "“" + Isolate(v) + "”"
	default:
		return fmt.Sprint(v)
	}
}
