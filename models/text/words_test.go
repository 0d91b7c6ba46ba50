package text_test

import (
	"slices"
	"testing"

	"maitred/models/text"
)

func TestWordsPartAtSpacesAndPunctuation(t *testing.T) {
	for s, want := range map[string][]string{
		"o’neil's, 4":   {"o", "neil", "s", "4"},
		"hot-dog (big)": {"hot", "dog", "big"},
		"944 w. fuller": {"944", "w", "fuller"},
		"🍕 c++":         {"🍕", "c++"},
		" \t%_ ":        nil,
	} {
		if got := text.Words(s); !slices.Equal(got, want) {
			t.Errorf("the words of %q are %q", s, got)
		}
		marked := ""
		for _, w := range want {
			marked += "  " + w
		}
		if got := text.Marked(s); got != marked {
			t.Errorf("%q is marked %q", s, got)
		}
	}
}
