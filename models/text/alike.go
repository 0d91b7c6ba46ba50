package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Name is a name, taken apart once to be compared with others.
type Name struct {
	words string // those that say which one it is, with a space between them; all of it, if it has none
	none  bool   // that it has none: "🌭"
}

// NameOf takes a name apart.
func NameOf(s string) Name {
	s = Normalise(s)
	words := nameWords(nil, s)
	if len(words) == 0 {
		return Name{words: Squeezed(s), none: true}
	}
	return Name{words: strings.Join(words, " ")}
}

// Words are the words of a name that say which one it is, normalised, or all if none does.
func (n Name) Words() []string {
	if n.none {
		return nil
	}
	return strings.Fields(n.words)
}

// Alike says that two names are probably meant to be the same one, spelling slips included:
// "Demon Dogs" and "the Deamon Dog's". Words may stand in another order or be written together. A
// number in one must stand in the other: "Pizza 1" is not "Pizza 2".
func (n Name) Alike(o Name) bool {
	if n.none || o.none {
		return n == o
	}
	return paired(n.words, o.words) == max(count(n.words), count(o.words)) || closeTo(strings.ReplaceAll(n.words, " ", ""), strings.ReplaceAll(o.words, " ", ""))
}

// AlikeNames says that two names are alike.
func AlikeNames(a, b string) bool { return NameOf(a).Alike(NameOf(b)) }

// Address is an address by its parts, taken apart once to be compared with others.
type Address struct {
	numbers   string // in their order, with a space between them
	names     string // the same of its names; all of it, if it has none
	none      bool   // that it has no names: "12"
	side, way short  // 0 where it does not say
}

// AddressOf takes an address apart.
func AddressOf(s string) Address {
	s = Normalise(s)
	p := addressParts(nil, nil, s)
	a := Address{numbers: strings.Join(p.numbers, " "), names: strings.Join(p.names, " "), none: len(p.names) == 0, side: p.side, way: p.way}
	if a.none {
		a.names = Squeezed(s)
	}
	return a
}

// Numbers are the numbers of an address in their order, normalised.
func (a Address) Numbers() []string { return strings.Fields(a.numbers) }

// Names are the words of an address that are its names, normalised.
func (a Address) Names() []string {
	if a.none {
		return nil
	}
	return strings.Fields(a.names)
}

// Alike says that two addresses are probably the same one: "944 West Fullerton" and
// "944 W. Fulerton Ave". Their numbers must be the same and in the same order, as far as both have them
// and one at least, and so must the side of a street and what sort of way it is. What only one of them
// goes on with, a city or a code, does not part them.
func (a Address) Alike(o Address) bool {
	if a.side != o.side && a.side != 0 && o.side != 0 || a.way != o.way && a.way != 0 && o.way != 0 {
		return false
	}
	if !beginAlike(a.numbers, o.numbers) {
		return false
	}
	if a.none || o.none {
		return a.none == o.none && a.names == o.names
	}
	return paired(a.names, o.names) == min(count(a.names), count(o.names))
}

// AlikeAddresses says that two addresses are alike.
func AlikeAddresses(a, b string) bool { return AddressOf(a).Alike(AddressOf(b)) }

// beginAlike says that one of two rows of words goes on where the other ends, which is not at once.
func beginAlike(x, y string) bool {
	if len(x) > len(y) {
		x, y = y, x
	}
	return x == y || x != "" && strings.HasPrefix(y, x) && y[len(x)] == ' '
}

// nameWords appends the words that a Name has to none. The name is normalised.
func nameWords(none []string, name string) []string {
	all := appendPlainWords(none, name)
	for _, w := range all {
		if !isSlight(w) {
			return slices.DeleteFunc(all, isSlight)
		}
	}
	return all
}

// isSlight says that a word says little of which house it is.
func isSlight(word string) bool {
	switch word {
	case "the", "a", "an", "and", "of", "at", "restaurant", "inc", "llc", "ltd":
		return true
	}
	return false
}

// parts are the words that an Address has.
type parts struct {
	numbers, names []string
	side, way      short
}

// addressParts takes a normalised address apart. The words are appended to these two, of which both are empty.
func addressParts(words, numbers []string, address string) parts {
	words = appendPlainWords(words, address)
	names := words[:0]
	var side, way short
	for _, w := range words {
		var isSide, isWay short
		if len(w) <= longestShortened {
			isSide, isWay = sides[w], ways[w]
		}
		switch {
		case strings.ContainsFunc(w, isDigit):
			numbers = append(numbers, w)
		case isSide != 0 && side == 0:
			side = isSide
		case isWay != 0 && way == 0 && len(names) > 0: // "St. James St.": the first is a saint
			way = isWay
		default:
			names = append(names, w)
		}
	}
	if len(names) == 0 && side != 0 { // "12 North"
		names, side = append(names, sideWords[side]), 0
	}
	return parts{numbers, names, side, way}
}

// short is a side or a way, however people write it: the number of its group, from 1.
type short uint8

// sides are the parts of a city that streets begin in, as people write them, and the first way to write each.
var sides, sideWords = shortened("n north, s south, w west, e east, ne northeast, nw northwest, se southeast, sw southwest")

// ways are sorts of streets, as people write them.
var ways, _ = shortened("st street str, ave avenue av, rd road, blvd boulevard, dr drive, ln lane, ct court, sq square, pl place, pkwy parkway, hwy highway, ter terrace")

// longestShortened is how long the longest of both is: "boulevard".
const longestShortened = 9

// shortened says of each word which group it is of, and of each group which word is its first.
func shortened(groups string) (of map[string]short, first []string) {
	of, first = map[string]short{}, []string{""}
	for group := range strings.SplitSeq(groups, ", ") {
		words := strings.Fields(group)
		for _, w := range words {
			of[w] = short(len(first)) // #nosec G115 -- a handful
		}
		first = append(first, words[0])
	}
	return of, first
}

// appendPlainWords appends the runs of letters and digits in a normalised text; an apostrophe parts nothing.
func appendPlainWords(words []string, s string) []string {
	if s = oneApostrophe(s); strings.IndexByte(s, '\'') >= 0 {
		s = strings.ReplaceAll(s, "'", "")
	}
	start, plain := -1, isPlain(s)
	for i := 0; i < len(s); {
		r, width := rune(s[i]), 1
		if !plain {
			r, width = utf8.DecodeRuneInString(s[i:])
		}
		switch in := isOfWord(r); {
		case in && start < 0:
			start = i
		case !in && start >= 0:
			words = append(words, s[start:i])
			start = -1
		}
		i += width
	}
	if start >= 0 {
		words = append(words, s[start:])
	}
	return words
}

func isOfWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

func isDigit(r rune) bool {
	if r < utf8.RuneSelf {
		return '0' <= r && r <= '9'
	}
	return unicode.IsDigit(r)
}

// count is how many words stand in a text with one space between them; one at least.
func count(words string) int { return strings.Count(words, " ") + 1 }

// paired counts the words of x that each have a word of their own in y that is close to it: the same one
// where there is one.
func paired(x, y string) (n int) {
	var some, others [8]string // on the stack: most that are compared are not alike
	xs, ys := appendWords(some[:0], x), appendWords(others[:0], y)
	for _, closely := range []func(a, b string) bool{func(a, b string) bool { return a == b }, closeTo} {
		xs = slices.DeleteFunc(xs, func(w string) bool {
			i := slices.IndexFunc(ys, func(other string) bool { return closely(w, other) })
			if i < 0 {
				return false
			}
			ys = slices.Delete(ys, i, i+1)
			n++
			return true
		})
	}
	return n
}

// appendWords appends what stands in a text with one space between.
func appendWords(all []string, words string) []string {
	for w := range strings.SplitSeq(words, " ") {
		all = append(all, w)
	}
	return all
}

// closeTo says that two words differ by slips only: one letter that is wrong, missing, too many or
// has changed places with its neighbour, two in words of eight letters or more. Short words have no
// slips, and neither have numbers.
func closeTo(a, b string) bool {
	longest := max(utf8.RuneCountInString(a), utf8.RuneCountInString(b))
	slips := min(longest/4, 2)
	if a == b || slips == 0 || strings.ContainsFunc(a, isDigit) || strings.ContainsFunc(b, isDigit) {
		return a == b
	}
	var some, others [64]rune
	return distance(appendRunes(some[:0], a), appendRunes(others[:0], b), slips) <= slips
}

func appendRunes(all []rune, s string) []rune {
	for _, r := range s {
		all = append(all, r)
	}
	return all
}

// distance is how many letters have to be changed, put in, left out or swapped with their neighbour to
// make b of a, or something greater than limit.
func distance(a, b []rune, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) > limit {
		return limit + 1
	}
	var rows [3][65]int
	before, last, row := rows[0][:], rows[1][:], rows[2][:]
	if len(b) >= len(last) {
		before, last, row = make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	}
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
