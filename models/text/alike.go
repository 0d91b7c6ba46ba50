package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// AlikeNames says that two names are probably meant to be the same one, spelling slips included:
// "Demon Dogs" and "the Deamon Dog's". Words may stand in another order or be written together. A
// number in one must stand in the other: "Pizza 1" is not "Pizza 2".
func AlikeNames(a, b string) bool {
	x, y := NameWords(a), NameWords(b)
	if len(x) == 0 || len(y) == 0 {
		return Squeezed(Normalise(a)) == Squeezed(Normalise(b))
	}
	return paired(x, y) == max(len(x), len(y)) || closeTo(strings.Join(x, ""), strings.Join(y, ""))
}

// AlikeAddresses says that two addresses are probably the same one: "944 West Fullerton" and
// "944 W. Fulerton Ave". Their numbers must be the same and in the same order, as far as both have them
// and one at least, and so must the side of a street and what sort of way it is. What only one of them
// goes on with, a city or a code, does not part them.
func AlikeAddresses(a, b string) bool {
	x, y := parseAddress(a), parseAddress(b)
	if x.side != y.side && x.side != "" && y.side != "" || x.way != y.way && x.way != "" && y.way != "" {
		return false
	}
	if (len(x.numbers) == 0) != (len(y.numbers) == 0) {
		return false
	}
	for i := range min(len(x.numbers), len(y.numbers)) {
		if x.numbers[i] != y.numbers[i] {
			return false
		}
	}
	if len(x.names) == 0 || len(y.names) == 0 {
		return Squeezed(Normalise(a)) == Squeezed(Normalise(b))
	}
	return paired(x.names, y.names) == min(len(x.names), len(y.names))
}

// NameWords are the words of a name that say which one it is, normalised, or all if none does.
func NameWords(s string) []string {
	all := plainWords(s)
	some := slices.DeleteFunc(slices.Clone(all), func(w string) bool { return slices.Contains(slight, w) })
	if len(some) == 0 {
		return all
	}
	return some
}

// slight are words that say little of which house it is.
var slight = []string{"the", "a", "an", "and", "of", "at", "restaurant", "inc", "llc", "ltd"}

// address is an address by its parts.
type address struct {
	numbers   []string // in their order
	side, way string   // "w", "ave"; "" where it does not say
	names     []string
}

// AddressWords are the words of an address by which it is found: its numbers, and its names.
func AddressWords(s string) (numbers, names []string) {
	a := parseAddress(s)
	return a.numbers, a.names
}

func parseAddress(s string) (a address) {
	for _, w := range plainWords(s) {
		side, way := sides[w], ways[w]
		switch {
		case strings.ContainsFunc(w, unicode.IsDigit):
			a.numbers = append(a.numbers, w)
		case side != "" && a.side == "":
			a.side = side
		case way != "" && a.way == "" && len(a.names) > 0: // "St. James St.": the first is a saint
			a.way = way
		default:
			a.names = append(a.names, w)
		}
	}
	if len(a.names) == 0 && a.side != "" { // "12 North"
		a.names, a.side = []string{a.side}, ""
	}
	return a
}

// sides are the parts of a city that streets begin in, as people write them.
var sides = shortened("n north, s south, w west, e east, ne northeast, nw northwest, se southeast, sw southwest")

// ways are sorts of streets, as people write them.
var ways = shortened("st street str, ave avenue av, rd road, blvd boulevard, dr drive, ln lane, ct court, sq square, pl place, pkwy parkway, hwy highway, ter terrace")

// shortened says of each word how it is written here: as the first of its group.
func shortened(groups string) map[string]string {
	short := map[string]string{}
	for group := range strings.SplitSeq(groups, ", ") {
		words := strings.Fields(group)
		for _, w := range words {
			short[w] = words[0]
		}
	}
	return short
}

// plainWords are the runs of letters and digits in a text, normalised; an apostrophe parts nothing.
func plainWords(s string) []string {
	s = strings.ReplaceAll(oneApostrophe(Normalise(s)), "'", "")
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
}

// paired counts the words of x that each have a word of their own in y that is close to it.
func paired(x, y []string) (n int) {
	y = slices.Clone(y)
	for _, closely := range []func(a, b string) bool{func(a, b string) bool { return a == b }, closeTo} {
		x = slices.DeleteFunc(slices.Clone(x), func(w string) bool {
			i := slices.IndexFunc(y, func(other string) bool { return closely(w, other) })
			if i < 0 {
				return false
			}
			y = slices.Delete(y, i, i+1)
			n++
			return true
		})
	}
	return n
}

// closeTo says that two words differ by slips only: one letter that is wrong, missing, too many or
// has changed places with its neighbour, two in words of eight letters or more. Short words have no
// slips, and neither have numbers.
func closeTo(a, b string) bool {
	longest := max(utf8.RuneCountInString(a), utf8.RuneCountInString(b))
	slips := min(longest/4, 2)
	if a == b || slips == 0 || strings.ContainsFunc(a+b, unicode.IsDigit) {
		return a == b
	}
	return distance([]rune(a), []rune(b), slips) <= slips
}

// distance is how many letters have to be changed, put in, left out or swapped with their neighbour to
// make b of a, or something greater than limit.
func distance(a, b []rune, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
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
