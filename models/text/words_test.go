package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"maitred/models/text"
)

func TestWordsPartAtSpacesAndStartAfterPunctuationToo(t *testing.T) {
	for s, want := range map[string]struct {
		words  []string
		marked string
	}{
		"demon dogs":    {[]string{"demon", "dogs"}, "  demon  dogs"},
		"o’neil's, 4":   {[]string{"o'neil's,", "4"}, "  o'neil's,  4  ne  s,"},
		"hot-dog (big)": {[]string{"hot-dog", "(big)"}, "  hot-dog  (big)  do  bi"},
		"🍕 100% c++":    {[]string{"🍕", "100%", "c++"}, "  🍕  100%  c++"},
		"a.b-cd":        {[]string{"a.b-cd"}, "  a.b-cd  b-  cd"},
		" \t\n":         {nil, ""},
	} {
		if got := text.Words(s); !slices.Equal(got, want.words) {
			t.Errorf("the words of %q are %q", s, got)
		}
		if got := text.Marked(s); got != want.marked {
			t.Errorf("%q is marked %q", s, got)
		}
	}
}

func TestAWordIsFoundByTrigramsOfTheMarkedText(t *testing.T) {
	for word, want := range map[string][]string{
		"d": {"  d"}, "do": {" do"}, "dog": {"dog"}, "dogs": {"dog", "ogs"}, "🍕": {"  🍕"}, "aaaa": {"aaa"}, "street": {"str", "eet"}, "ashland": {"ash", "lan", "and"},
	} {
		if got := text.WordTrigrams(word); !slices.Equal(got, want) {
			t.Errorf("%q is found by %q", word, got)
		}
	}
	if got := text.Trigrams("off_c ab ’abc"); !slices.Equal(got, []string{"off", "f_c", "'ab", "abc"}) {
		t.Errorf("got %q", got)
	}
}

// anyText is a text of letters that are awkward in one way or another.
func anyText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.OneOf(
			rapid.SampledFrom([]string{
				"a", "b", "ab", "A", " ", "  ", "-", "'", "’", "`", "´", ".", "ß", "İ", "ı", "ﬃ", "é", "e\u0301", "\u0301", "\u0345", "ᾳ", "Σ", "ς", "한", "ᄒ", "\u1161", "東", "कि", "क", "\u094d", "\u093f",
				"😀", "\u200d", "\ufe0f", "🇩", "\u302e", "\u302f", "\U0001d165", "\U0001d16d", "\u0327", "\u3099", "が", "ｶﾞ", "\u034f", "Ⅷ", "½", "ŉ", "ǰ", "ẞ", "\ufffe", "\ufffd", "\u3000", "\u2028", "\u0085", "%", "_", "\"", "*", "ﷺ", "ཱི", "\u0f71", "ꭰ", "Ꭰ",
			}),
			rapid.StringN(1, 1, -1),
		), 0, 8).Draw(t, "parts"), "")
	})
}

// Whatever stands in a text can be found by its trigrams: an index may find too much, never too little.
func TestWhatStandsInATextIsFoundByItsTrigrams(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, part, after := anyText().Draw(t, "before"), anyText().Draw(t, "part"), anyText().Draw(t, "after")
		whole := text.Normalise(before + part + after)
		marked := text.Marked(whole)
		if text.Separable(part) {
			if part = text.Normalise(part); !strings.Contains(whole, part) {
				t.Fatalf("%+q is not in %+q", part, whole)
			}
		}
		if norm := text.Normalise(part); strings.Contains(whole, norm) {
			for _, trigram := range text.Trigrams(norm) {
				if !strings.Contains(marked, trigram) {
					t.Fatalf("%+q is in %+q, which has no %+q but is marked %+q", norm, whole, trigram, marked)
				}
			}
		}
	})
}

// A word of one or two letters is found where one starts and nowhere else, a longer one anywhere.
func TestAWordIsFoundWhereASearchFindsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := text.Normalise(anyText().Draw(t, "text"))
		marked := text.Marked(s)
		for _, word := range text.Words(text.Normalise(anyText().Draw(t, "word") + " " + s[rapid.SampledFrom(starts(s)).Draw(t, "from"):])) {
			runes := []rune(word)
			word = string(runes[:rapid.IntRange(1, len(runes)).Draw(t, "letters")])
			found := true
			for _, trigram := range text.WordTrigrams(word) {
				if n := utf8.RuneCountInString(trigram); n != 3 {
					t.Fatalf("%+q is asked for by %d letters, %+q", word, n, trigram)
				}
				found = found && strings.Contains(marked, trigram)
			}
			if utf8.RuneCountInString(word) < 3 {
				if found != text.StartsWord(s, word) {
					t.Fatalf("%+q starts a word of %+q: %v, and by %+q it is found: %v", word, s, !found, marked, found)
				}
				continue
			}
			stands := slices.ContainsFunc(text.Words(s), func(w string) bool { return strings.Contains(w, word) })
			if stands && !found || stands != strings.Contains(marked, word) {
				t.Fatalf("%+q stands in %+q: %v, and by %+q it is found: %v", word, s, stands, marked, found)
			}
		}
	})
}

// starts are the bytes at which the letters of a text start.
func starts(s string) []int {
	at := []int{0}
	for i := range s {
		at = append(at, i)
	}
	return at
}
