package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words parts a normalised text where a space or a control character stands; what else is in it, a
// percent sign or an emoji, is part of a word and means itself. All apostrophes are one.
func Words(s string) []string { return strings.FieldsFunc(oneApostrophe(s), isBetweenWords) }

// Start stands before every word of a text made by Marked, so that three letters of it say that a
// word starts: two of them with one letter, one with two.
const Start = "  "

// Marked is the words of a normalised text, each with Start before it. It is what an index of three
// letters is made from. Where a word goes on after a hyphen, an apostrophe or the like, what comes then
// starts a word too, and its first letters stand once more at the end: "o’neil" is marked "  o'neil  ne".
func Marked(s string) string {
	var all, starts strings.Builder
	all.Grow(len(s) + 8)
	before, copying := ' ', 0
	for _, r := range oneApostrophe(s) {
		if isBetweenWords(r) {
			before, copying = ' ', 0
			continue
		}
		switch {
		case before == ' ':
			all.WriteString(Start)
		case unicode.IsPunct(before) && !unicode.IsPunct(r):
			starts.WriteString(Start)
			copying = 2
		}
		if copying > 0 {
			starts.WriteRune(r)
			copying--
		}
		all.WriteRune(r)
		before = r
	}
	return all.String() + starts.String()
}

// StartsWord says that one of the words of a normalised text, as Words parts it, starts with this one,
// or that it does where Marked says that a word starts.
func StartsWord(s, word string) bool {
	s = oneApostrophe(s)
	before := ' '
	for i, r := range s {
		starts := isBetweenWords(before) || unicode.IsPunct(before) && !unicode.IsPunct(r)
		if starts && strings.HasPrefix(s[i:], word) {
			return true
		}
		before = r
	}
	return false
}

// Squeezed is a normalised text with one space between its words, and one kind of apostrophe: as a
// search sees what was typed.
func Squeezed(s string) string {
	if isPlain(s) && !strings.Contains(s, "  ") {
		return s
	}
	return strings.Join(Words(s), " ")
}

// oneApostrophe writes all apostrophes alike: people type the one of the keyboard.
func oneApostrophe(s string) string {
	if isPlain(s) {
		return s
	}
	return apostrophes.Replace(s)
}

var apostrophes = strings.NewReplacer("’", "'", "‘", "'", "ʼ", "'", "′", "'")

// Trigrams are trigrams that cover the words of three and more characters in a normalised text. A text
// that has s in it has all of them in what Marked makes of it.
func Trigrams(s string) (some []string) {
	for _, w := range Words(s) {
		if utf8.RuneCountInString(w) >= 3 {
			some = append(some, WordTrigrams(w)...)
		}
	}
	return some
}

// WordTrigrams are trigrams by which a word is found that stands anywhere in a word or, if it is of
// one or two characters, where one starts. They cover the word, but are not all that it has: an index
// reads a list for each, and who wants to be sure has to look at the text anyway.
func WordTrigrams(word string) (some []string) {
	runes := []rune(word)
	n := len(runes)
	if n < 3 {
		return []string{Start[:3-n] + word}
	}
	for i := 0; i < n-3; i += 3 {
		some = append(some, string(runes[i:i+3]))
	}
	if last := string(runes[n-3:]); !slices.Contains(some, last) {
		some = append(some, last)
	}
	return some
}

// Pieces are all three letters that stand together in a word, with the start of it: what is left of them
// where there are slips in it.
func Pieces(word string) (all []string) {
	runes := []rune(" " + word)
	if len(runes) < 3 {
		runes = []rune(Start + word)
	}
	for i := range len(runes) - 2 {
		all = append(all, string(runes[i:i+3]))
	}
	return all
}

func isBetweenWords(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
