package text

import (
	"strings"
	"unicode"
)

// Words parts a normalised text where a space, a control character or punctuation stands: "o’neil's,
// 4" has the words o, neil, s and 4. Symbols, emoji among them, are words or parts of words.
func Words(s string) []string { return strings.FieldsFunc(s, isBetweenWords) }

// Start stands before every word of a text made by Marked, so that three letters of it say that a
// word starts: two of them with one letter, one with two.
const Start = "  "

// Marked is the words of a normalised text, each with Start before it. It is what an index of three
// letters is made from.
func Marked(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 8)
	inside := false
	for _, r := range s {
		between := isBetweenWords(r)
		if between {
			inside = false
			continue
		}
		if !inside {
			b.WriteString(Start)
			inside = true
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isBetweenWords(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.IsPunct(r)
}
