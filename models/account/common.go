package account

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"unicode"

	"maitred/models/text"
)

// commonList are common passwords of 4 and more characters, in lower case, sorted, one a line. It
// joins
//
//   - the 20,000 most common of @zxcvbn-ts/language-common 4.1.3 (passwords.json): MIT, © 2012–2016
//     Dan Wheeler and Dropbox, Inc., © 2021 @zxcvbn-ts;
//   - all of Django 3.2's common-passwords.txt.gz, Royce Williams' list: BSD 3-clause, © Django
//     Software Foundation and individual contributors;
//   - those of 12 and more characters among the first 600,000 of SecLists'
//     10-million-password-list-top-1000000.txt: MIT, © Daniel Miessler.
//
// As hardly any of the most common ones has 12 characters, the short ones count as what a longer
// password is made of.
//
//go:embed common.txt.gz
var commonList []byte

// common is the list, each password without its disguise.
var common = sync.OnceValue(func() map[string]struct{} {
	known := map[string]struct{}{}
	for _, password := range commonPasswords() {
		folded := fold(password)
		known[undisguised(folded)] = struct{}{}
		// Punctuation within is a disguise, too, as long as enough is left without it.
		for _, plain := range [][]rune{joined(folded), bare(folded)} {
			if len(plain) >= shortestWord {
				known[undisguised(plain)] = struct{}{}
			}
		}
	}
	return known
})

// commonPasswords reads the list. It stands in the program, so that it cannot be read is a mistake
// of ours.
func commonPasswords() []string {
	unpacked, err := gzip.NewReader(bytes.NewReader(commonList))
	if err != nil {
		panic(err)
	}
	all, err := io.ReadAll(unpacked)
	if err != nil {
		panic(err)
	}
	return strings.Split(strings.TrimSuffix(string(all), "\n"), "\n")
}

// shortestWord is the length of the shortest words on the list.
const shortestWord = 4

// isCommon says that the password is a common one in any disguise.
func isCommon(folded []rune) bool {
	return disguises(folded, func(s string) bool {
		_, known := common()[s]
		return known
	})
}

// beside is how many characters on each side of the letters may belong to the word.
const beside = 16

// disguises says whether there is a word under the usual disguises of the password: capitals,
// accents, digits and signs for letters, padding at the ends, punctuation within, backwards, or the
// word, perhaps with its own padding, several times. known is asked for words without a disguise.
func disguises(folded []rune, known func(string) bool) bool {
	for word := range forms(folded) {
		if knownEitherWay(word, known) {
			return true
		}
		for part := range forms(word[:repeated(word)]) {
			if knownEitherWay(part, known) {
				return true
			}
		}
	}
	return false
}

// forms are the password with and without what stands within and around its letters.
func forms(folded []rune) iter.Seq[[]rune] {
	return func(yield func([]rune) bool) {
		before := -1
		for _, whole := range [][]rune{folded, joined(folded), bare(folded)} {
			if len(whole) == before {
				continue // nothing was left out
			}
			before = len(whole)
			if !yield(whole) {
				return
			}
			first := slices.IndexFunc(whole, isLetter)
			if first < 0 {
				continue
			}
			last := len(whole) - 1
			for !isLetter(whole[last]) {
				last--
			}
			// What stands right beside the letters may be padding, a letter in disguise ("$unshine") or
			// one of the word's own digits.
			for from := first; from >= max(first-beside, 0); from-- {
				for to := last + 1; to <= min(last+1+beside, len(whole)); to++ {
					if !yield(whole[from:to]) {
						return
					}
				}
			}
		}
	}
}

// repeated is the length of the piece that the word repeats, 0 when it repeats none.
func repeated(word []rune) int {
	if piece := period([]rune(undisguised(word))); piece*2 <= len(word) {
		return piece
	}
	return 0
}

// knownEitherWay asks for the word, for the word backwards, and for what repeats in either.
func knownEitherWay(word []rune, known func(string) bool) bool {
	if len(word) < 3 {
		return false
	}
	forwards := []rune(undisguised(word))
	backwards := slices.Clone(forwards)
	slices.Reverse(backwards)
	if known(string(forwards)) || known(string(backwards)) {
		return true
	}
	// A piece may itself repeat something, as "coco" does.
	piece := period(forwards)
	for size := piece; size*2 <= len(word); size += piece {
		if known(string(forwards[:size])) || known(string(backwards[:size])) {
			return true
		}
	}
	return false
}

// fold is the password as comparisons see it: without capitals, accents and other spellings of the
// same character. Some characters stand for up to 18 others; of these no more are compared than a
// password may have anyway, so that nobody can make much work of a few.
func fold(password string) []rune {
	folded := []rune(text.Normalise(password))
	return folded[:min(len(folded), maxPassword)]
}

// undisguised puts one letter for all that is usually written for it. It is no spelling: "i" also
// stands for "l", since "1" is written for both.
func undisguised(s []rune) string {
	plain := make([]rune, len(s))
	for i, r := range s {
		if letter, ok := letters[r]; ok {
			r = letter
		}
		plain[i] = r
	}
	return string(plain)
}

// letters are the usual substitutions.
var letters = map[rune]rune{
	'0': 'o', '1': 'i', 'l': 'i', '!': 'i', '|': 'i', '2': 'z', '3': 'e', '€': 'e', '4': 'a', '@': 'a',
	'5': 's', '$': 's', '7': 't', '+': 't', '8': 'b', '9': 'g', '6': 'g',
}

// joined leaves letters, digits and the signs that are written for letters.
func joined(s []rune) []rune {
	return slices.DeleteFunc(slices.Clone(s), func(r rune) bool {
		_, sign := letters[r]
		return !sign && !isLetter(r) && !isDigit(r)
	})
}

// bare leaves letters and digits.
func bare(s []rune) []rune {
	return slices.DeleteFunc(slices.Clone(s), func(r rune) bool { return !isLetter(r) && !isDigit(r) })
}

func isLetter(r rune) bool { return unicode.IsLetter(r) }
func isDigit(r rune) bool  { return unicode.IsDigit(r) }
