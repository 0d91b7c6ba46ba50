// Package text decides what a line of text may be and when two of them count as equal.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/unicode/norm"
)

// Normalise returns s as search, sorting and the lookups that ignore case and accents see it:
// decomposed (NFKD), combining marks removed, full case folding, so that "ß" equals "SS" and
// "Café" equals "CAFE". Invalid UTF-8 comes back as replacement characters.
func Normalise(s string) string {
	if isPlain(s) {
		return strings.ToLower(s)
	}
	s = norm.NFKD.String(strings.ToValidUTF8(s, "\ufffd"))
	return cases.Fold().String(runes.Remove(runes.In(unicode.Mn)).String(s))
}

// Separable says that what s is normalised to stands in whatever a text with s in it is normalised
// to. It does unless a mark that normalising keeps can change places with one beside it.
func Separable(s string) bool {
	if isPlain(s) {
		return true
	}
	for _, r := range Normalise(s) {
		if norm.NFKD.PropertiesString(string(r)).CCC() != 0 {
			return false
		}
	}
	return true
}

// isPlain says that s is ASCII, where folding is lower case and nothing can carry an accent.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Flaw is what keeps a text from being a line; the zero Flaw is none.
type Flaw string

// The flaws that Line finds, in the order it looks for them.
const (
	Sound   Flaw = ""
	Broken  Flaw = "broken"  // not valid UTF-8
	Control Flaw = "control" // a control character, a line break or NUL among them
	Blank   Flaw = "blank"
	TooLong Flaw = "long"
)

// Line trims s, brings it to NFC and checks that it is one line of 1 to max characters.
// Characters are Unicode code points after NFC, which is what people's limits ("50 characters")
// and the database's length() both count.
func Line(s string, max int) (string, Flaw) {
	if !utf8.ValidString(s) {
		return s, Broken
	}
	s = norm.NFC.String(strings.TrimSpace(s))
	for _, r := range s {
		// U+2028 and U+2029 break lines without being control characters.
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return s, Control
		}
	}
	if !strings.ContainsFunc(s, isVisible) {
		return s, Blank
	}
	if utf8.RuneCountInString(s) > max {
		return s, TooLong
	}
	return s, Sound
}

// isVisible says that r leaves ink: a name of zero-width joiners alone would be an empty cell
// that nobody can click.
func isVisible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != '\u2800' && // the empty Braille cell
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Successor returns the first string, in the order of bytes, after all that start with prefix;
// false when there is none. The texts that start with prefix are then prefix <= x < Successor.
func Successor(prefix string) (string, bool) {
	runes := []rune(prefix)
	for i := len(runes) - 1; i >= 0; i-- {
		switch r := runes[i]; {
		case r == unicode.MaxRune:
			continue
		case r == '\ud7ff': // surrogates are no characters
			return string(runes[:i]) + "\ue000", true
		default:
			return string(runes[:i]) + string(r+1), true
		}
	}
	return "", false
}
