package account

import (
	"slices"
	"strings"
)

// spare is how many characters beside a pattern do not make a password of it.
const spare = 3

// rows are the orders that fingers and heads know, each read as a circle and in both directions.
// Digits, letters and keys stand as fold leaves them.
var rows = []string{
	"1234567890", "abcdefghijklmnopqrstuvwxyz",
	"qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./",
	"qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
	"!@#$%^&*()", "!\"£$%^&*()", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
	"абвгдежзиклмнопрстуфхцчшщъыьэюя", "ицукенгшщзхъ", "фывапролджэ", "ячсмитьбю",
}

// isRun says that the password is little more than pieces, each of 3 and more characters, of one
// character repeated or of neighbours in a row.
func isRun(folded []rune) bool {
	// left[i] is how few characters from i on stand outside such a piece.
	left := make([]int, len(folded)+1)
	for i := len(folded) - 1; i >= 0; i-- {
		left[i] = left[i+1] + 1
		for n := runAt(folded[i:]); n >= 3; n-- {
			left[i] = min(left[i], left[i+n])
		}
	}
	return left[0] <= spare
}

// runAt is the length of the longest piece that s starts with.
func runAt(s []rune) int {
	longest := follow(s, func(r rune) rune { return r })
	for _, circle := range circles {
		longest = max(longest, follow(s, func(r rune) rune { return circle[r] }))
	}
	return longest
}

// follow counts the characters of s of which each is the one that next says.
func follow(s []rune, next func(rune) rune) int {
	n := 1
	for n < len(s) && s[n] == next(s[n-1]) {
		n++
	}
	return n
}

// circles say which character comes after another, for each row and each row backwards.
var circles = func() (all []map[rune]rune) {
	for _, row := range rows {
		forth, back := map[rune]rune{}, map[rune]rune{}
		keys := []rune(row)
		for i, r := range keys {
			after := keys[(i+1)%len(keys)]
			forth[r], back[after] = after, r
		}
		all = append(all, forth, back)
	}
	return all
}()

// isRepetition says that the password is little more than a piece again and again, where the piece
// alone would be too short. Spaces and punctuation between the pieces change nothing.
func isRepetition(folded []rune) bool {
	if repeats(folded) {
		return true
	}
	together := bare(folded)
	return len(together)*3 >= len(folded)*2 && repeats(together)
}

func repeats(s []rune) bool {
	for front := range spare + 1 {
		for back := range spare + 1 - front {
			if len(s) < front+back+2 {
				continue
			}
			part := s[front : len(s)-back]
			if piece := period(part); piece < minPassword && piece*2 <= len(part) {
				return true
			}
		}
	}
	return false
}

// period is the length of the shortest piece that s is made of when it is set again and again, the
// last of them perhaps cut short: Knuth, Morris and Pratt's failure function.
func period(s []rune) int {
	fail := make([]int, len(s)+1)
	k := 0
	for i := 1; i < len(s); i++ {
		for k > 0 && s[i] != s[k] {
			k = fail[k]
		}
		if s[i] == s[k] {
			k++
		}
		fail[i+1] = k
	}
	return len(s) - fail[len(s)]
}

// isNamed says that the password is little more than the name or words of it, in any disguise.
func isNamed(folded []rune, name string) bool {
	words := strings.FieldsFunc(string(fold(name)), func(r rune) bool { return !isLetter(r) && !isDigit(r) })
	words = append(words, strings.Join(words, ""))
	for i, word := range words {
		words[i] = undisguised([]rune(word))
	}
	// The whole name and long words first, lest a short one take a piece out of them.
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	words = slices.DeleteFunc(words, func(word string) bool { return len([]rune(word)) < 3 })
	if len(words) == 0 {
		return false
	}
	if disguises(folded, func(s string) bool { return slices.Contains(words, s) }) {
		return true
	}
	whole := undisguised(bare(folded))
	rest := whole
	for _, word := range words {
		rest = strings.ReplaceAll(rest, word, "")
	}
	return rest != whole && len([]rune(rest)) <= 2*spare-1
}
