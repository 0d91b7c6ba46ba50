package account

import (
	"strings"
	"unicode"

	"maitred/models/text"
)

// nameKey is a name as no other may be: two that read alike are one, whatever their capital letters,
// accents and characters that nobody sees. What a keyboard adds after a word that it completes does
// not count.
func nameKey(name string) string {
	seen := strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, name)
	return strings.TrimSpace(text.Squeezed(text.Normalise(seen)))
}

// unseen says that a character changes at most how others are drawn: what Unicode calls ignorable by
// default (UAX #44), and the marks of direction and form among its format characters.
func unseen(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
