package text_test

import (
	"slices"
	"testing"

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
