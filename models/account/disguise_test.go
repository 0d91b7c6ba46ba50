package account

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// disguised draws what people make of a common word when a form asks for more of it.
func disguised(t *rapid.T, word string) string {
	signs := map[rune]string{'a': "4@", 'e': "3", 'i': "1!", 'l': "1|", 'o': "0", 's': "5$", 't': "7+", 'b': "8", 'g': "9", 'z': "2"}
	var made strings.Builder
	for _, r := range word {
		switch how := rapid.IntRange(0, 5).Draw(t, "how"); {
		case how == 0 && unicode.IsLetter(r):
			made.WriteRune(unicode.ToUpper(r))
		case how == 1 && signs[r] != "":
			made.WriteByte(signs[r][rapid.IntRange(0, len(signs[r])-1).Draw(t, "sign")])
		case how == 2 && unicode.IsLetter(r):
			made.WriteString(string(r) + "\u0301")
		default:
			made.WriteRune(r)
		}
	}
	disguise := made.String()
	if !strings.ContainsFunc(disguise, unicode.IsLetter) {
		disguise = word // digits alone are no longer a disguise of it
	}
	padding := rapid.StringOfN(rapid.RuneFrom([]rune("0123456789.,-_ #%&/()🎉")), 0, 8, -1)
	between := rapid.SampledFrom([]string{"", " ", "-", "."})
	switch rapid.IntRange(0, 3).Draw(t, "disguise") {
	case 0:
		disguise = strings.Repeat(disguise+between.Draw(t, "between"), rapid.IntRange(2, 4).Draw(t, "times"))
	case 1:
		runes := []rune(norm.NFC.String(disguise))
		for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
			runes[i], runes[j] = runes[j], runes[i]
		}
		disguise = string(runes)
	case 2:
		disguise = strings.Join(strings.Split(disguise, ""), between.Draw(t, "between"))
	}
	return padding.Draw(t, "before") + disguise + padding.Draw(t, "after")
}

// letterWords are those of the list of which at least four characters are letters: the others are
// what padding is made of.
func letterWords() (words []string) {
	for _, word := range commonPasswords() {
		letters := 0
		for _, r := range word {
			if unicode.IsLetter(r) {
				letters++
			}
		}
		if letters >= 4 {
			words = append(words, word)
		}
	}
	return words
}

func TestNoPasswordOnTheListIsTakenInAnyDisguise(t *testing.T) {
	words := letterWords()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom(words).Draw(t, "word")
		password := disguised(t, word)
		if CheckPassword("Joe", password) == nil {
			t.Fatalf("%q is taken, which is %q", password, word)
		}
	})
}

func TestNoNameIsTakenInAnyDisguise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z]{3,10}( [a-z]{3,10})?`).Draw(t, "name")
		password := disguised(t, name)
		if CheckPassword(name, password) == nil {
			t.Fatalf("%q is taken by %q", password, name)
		}
	})
}

func FuzzCheckPassword(f *testing.F) {
	for _, password := range []string{
		"", "correct horse battery staple", "Password123!!!!", "\x00\xff", "йцукенгшщзхъ", "cafe\u0301 au lait noir",
		strings.Repeat("kT9#vLq2!xWz", 43), "🦆🚲🍋🪑🎺🧦🌵🔑🐙🥐🧭🎈", "\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301",
	} {
		f.Add("Wilhelmina Oz", password)
	}
	f.Fuzz(func(t *testing.T, name, password string) {
		err := CheckPassword(name, password)
		if said, good := Strength(name, password); good != (err == nil) || said == "" {
			t.Errorf("the meter says %q, %v and the form %v", said, good, err)
		}
		if err != nil {
			return
		}
		if !utf8.ValidString(password) || strings.ContainsRune(password, 0) || len(password) > maxPassword ||
			utf8.RuneCountInString(norm.NFC.String(password)) < minPassword {
			t.Errorf("%q is taken", password)
		}
		for _, other := range []string{norm.NFD.String(password), norm.NFC.String(password)} {
			if normalised(other) != normalised(password) {
				t.Errorf("%q and %q are two passwords", other, password)
			}
			if err := CheckPassword(name, other); err != nil && len(other) <= maxPassword {
				t.Errorf("%q is taken and %q is not: %v", password, other, err)
			}
		}
	})
}
