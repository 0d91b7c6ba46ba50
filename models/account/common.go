package account

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
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
		known[undisguised(fold(password))] = struct{}{}
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

// isCommon says that the password is a common one in any disguise.
func isCommon(folded []rune) bool {
	return disguises(folded, func(s string) bool {
		_, known := common()[s]
		return known
	})
}

// disguises says whether there is a word under the usual disguises of the password: capitals,
// accents, digits and signs for letters, padding at the ends, punctuation within, the word twice or
// backwards. known is asked for words without their disguise.
func disguises(folded []rune, known func(string) bool) bool {
	for _, whole := range [][]rune{folded, bare(folded)} {
		if knownEitherWay(whole, known) || knownEitherWay(trimmed(whole), known) {
			return true
		}
		first := slices.IndexFunc(whole, isLetter)
		if first < 0 {
			continue
		}
		last := len(whole) - 1
		for !isLetter(whole[last]) {
			last--
		}
		// What stands right beside the letters may be padding or a letter in disguise: "$unshine".
		for from := first; from >= max(first-4, 0); from-- {
			for to := last + 1; to <= min(last+5, len(whole)); to++ {
				if knownEitherWay(whole[from:to], known) {
					return true
				}
			}
		}
	}
	return false
}

// knownEitherWay asks for the word, for the word backwards, and, where it is one several times, for
// that.
func knownEitherWay(word []rune, known func(string) bool) bool {
	if len(word) < 3 {
		return false
	}
	plain := []rune(undisguised(word))
	backwards := slices.Clone(plain)
	slices.Reverse(backwards)
	if known(string(plain)) || known(string(backwards)) {
		return true
	}
	piece := period(plain)
	return piece*2 <= len(plain) && disguises(word[:piece], known)
}

// fold is the password as comparisons see it: without capitals, accents and other spellings of the
// same character.
func fold(password string) []rune { return []rune(text.Normalise(password)) }

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

// bare leaves letters and digits.
func bare(s []rune) []rune {
	return slices.DeleteFunc(slices.Clone(s), func(r rune) bool { return !isLetter(r) && !isDigit(r) })
}

// trimmed cuts what is neither letter nor digit from both ends.
func trimmed(s []rune) []rune {
	for len(s) > 0 && !isLetter(s[0]) && !isDigit(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && !isLetter(s[len(s)-1]) && !isDigit(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func isLetter(r rune) bool { return unicode.IsLetter(r) }
func isDigit(r rune) bool  { return unicode.IsDigit(r) }
