package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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

// Trigrams are the runs of three characters in a normalised text that cross no end of a word, each
// once. A text that has s in it has all of them in what Marked makes of it.
func Trigrams(s string) (found []string) {
	for _, w := range Words(s) {
		found = appendTrigrams(found, w)
	}
	return found
}

// WordTrigrams are the trigrams by which a word is found that stands anywhere in a word or, if it is
// of one or two characters, where one starts.
func WordTrigrams(word string) []string {
	if n := utf8.RuneCountInString(word); n < 3 {
		return []string{Start[:3-n] + word}
	}
	return appendTrigrams(nil, word)
}

func appendTrigrams(found []string, word string) []string {
	runes := []rune(word)
	for i := 0; i+3 <= len(runes); i++ {
		if t := string(runes[i : i+3]); !slices.Contains(found, t) {
			found = append(found, t)
		}
	}
	return found
}

func isBetweenWords(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.IsPunct(r)
}
