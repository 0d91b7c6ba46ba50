package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestWhatPeopleCallTheSameIsNormalisedToTheSame(t *testing.T) {
	for _, same := range [][]string{
		{"cafe", "Café", "CAFE", "Cafe\u0301", "ｃａｆｅ"},
		{"strasse", "Straße", "STRASSE", "STRAẞE"},
		{"zoe", "Zoë", "ZOË", "zOE\u0308"},
		{"angstrom", "Ångström", "A\u030angstro\u0308m", "\u212bngström"},
		{"efficient", "eﬃcient"},
		{"σισυφοσ", "Σίσυφος", "ΣΊΣΥΦΟΣ"},
		{"ʼn", "ŉ", "\u02bcN"},
		{"i", "I", "İ"},
		{"100% _a\\'", "100% _A\\'"},
		{"", "\u0301"},
	} {
		for _, s := range same {
			if got := Normalise(s); got != same[0] {
				t.Errorf("%q becomes %q, want %q", s, got, same[0])
			}
		}
	}
}

func TestWhatPeopleCallDifferentStaysDifferent(t *testing.T) {
	for _, two := range [][2]string{{"a", "b"}, {"ı", "i"}, {"a b", "ab"}, {"ø", "o"}, {"漢", "汉"}, {"😀", "😁"}} {
		if Normalise(two[0]) == Normalise(two[1]) {
			t.Errorf("%q and %q become the same", two[0], two[1])
		}
	}
}

// Cherokee is left out: cases.Fold exchanges its capitals and small letters instead of making one
// of the other. Each finds itself, and not the other.
func TestNormalisingEveryCharacterTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if isCherokee(r) || !unicode.IsGraphic(r) {
			continue
		}
		once := Normalise(string(r))
		if twice := Normalise(once); twice != once {
			t.Errorf("%U becomes %+q and then %+q", r, once, twice)
		}
		if !norm.NFKD.IsNormalString(Normalise(string(r))) || strings.ContainsFunc(Normalise(string(r)), isMark) {
			t.Errorf("%U becomes %+q, which could be decomposed further", r, Normalise(string(r)))
		}
	}
}

func TestBrokenTextIsNormalisedToReadableText(t *testing.T) {
	if got := Normalise("a\xffB"); got != "a\ufffdb" {
		t.Errorf("got %q", got)
	}
	if got := Normalise(strings.Repeat("0", 251) + "\xf1¼"); !strings.HasSuffix(got, "0\ufffd1\u20444") { // "¼" is "1⁄4"
		t.Errorf("got %+q", got)
	}
}

func TestALineIsTrimmedComposedAndCountedInCharacters(t *testing.T) {
	for _, l := range []struct {
		typed, clean string
		flaw         Flaw
	}{
		{"Joe", "Joe", Sound},
		{" \t\r\n Joe \u00a0\u2003\u0085", "Joe", Sound},
		{"Jo\u0301", "Jó", Sound},
		{"12345", "12345", Sound},
		{"e\u0301e\u0301e\u0301e\u0301e\u0301", "ééééé", Sound},
		{"😀😀😀😀😀", "😀😀😀😀😀", Sound},
		{"123456", "123456", TooLong},
		{"😀😀😀😀😀😀", "😀😀😀😀😀😀", TooLong},
		{"", "", Blank},
		{" \t", "", Blank},
		{"\u200b", "\u200b", Blank},
		{"\u202e\u2066", "\u202e\u2066", Blank},
		{"\u2800", "\u2800", Blank},
		{"\u115f", "\u115f", Blank},
		{"\u180b", "\u180b", Blank},
		{"\u200dx", "\u200dx", Sound},
		{".", ".", Sound},
		{"a\nb", "a\nb", Control},
		{"a\x00b", "a\x00b", Control},
		{"a\u2029b", "a\u2029b", Control},
		{"a\xf0\x9f\x98", "a\xf0\x9f\x98", Broken},
	} {
		clean, flaw := Line(l.typed, 5)
		if clean != l.clean || flaw != l.flaw {
			t.Errorf("%q becomes %q, %q; want %q, %q", l.typed, clean, flaw, l.clean, l.flaw)
		}
	}
}

func TestTheSuccessorComesRightAfterAllThatStartsWithAPrefix(t *testing.T) {
	for prefix, want := range map[string]string{
		"Demon": "Demoo", "a": "b", "\x7f": "\u0080", "\u07ff": "\u0800", "\ud7ff": "\ue000", "\uffff": "\U00010000",
		"a\U0010ffff": "b", "ab\U0010ffff\U0010ffff": "ac", "100%": "100&", "_": "`",
	} {
		if got, ok := Successor(prefix); got != want || !ok {
			t.Errorf("after %+q comes %+q, want %+q", prefix, got, want)
		}
	}
	for _, prefix := range []string{"", "\U0010ffff", "\U0010ffff\U0010ffff"} {
		if got, ok := Successor(prefix); ok {
			t.Errorf("after %+q comes %+q, want nothing", prefix, got)
		}
	}
}

func FuzzSuccessor(f *testing.F) {
	f.Add("Demon", "Demon Dogs", "Demoo")
	f.Add("a\U0010ffff", "a\U0010ffff\U0010ffff", "b")
	f.Add("\ud7ff", "\ud7ff\U0010ffff", "\ue000")
	f.Fuzz(func(t *testing.T, prefix, rest, other string) {
		if !utf8.ValidString(prefix) || !utf8.ValidString(rest) || !utf8.ValidString(other) {
			return
		}
		after, ok := Successor(prefix)
		for _, s := range []string{prefix, prefix + rest, other, rest} {
			inRange := prefix <= s && (!ok || s < after)
			if inRange != strings.HasPrefix(s, prefix) {
				t.Errorf("%+q from %+q to %+q: in the range %v, starts with it %v", s, prefix, after, inRange, !inRange)
			}
		}
		if ok && !utf8.ValidString(after) {
			t.Errorf("after %+q comes %+q", prefix, after)
		}
	})
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"Joe", " \u0301x", "\u2000\u0338", "e\u0301\u0085", "\xff", "\u1100\u1161"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		clean, flaw := Line(typed, 50)
		if flaw != Sound {
			return
		}
		if again, flaw := Line(clean, 50); again != clean || flaw != Sound {
			t.Errorf("%+q becomes %+q and then %+q, %q", typed, clean, again, flaw)
		}
		if n := utf8.RuneCountInString(clean); n < 1 || n > 50 || !norm.NFC.IsNormalString(clean) || strings.ContainsAny(clean, "\n\x00") {
			t.Errorf("%+q becomes %+q", typed, clean)
		}
	})
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"Café", "ŉ", "\u0345", "\u0130", "ﬃ", "\u1e9b\u0323", "\xff", "\u0344"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsFunc(s, isCherokee) {
			return
		}
		once := Normalise(s)
		if twice := Normalise(once); twice != once {
			t.Errorf("%+q becomes %+q and then %+q", s, once, twice)
		}
		if !utf8.ValidString(once) {
			t.Errorf("%+q becomes %+q", s, once)
		}
		if utf8.ValidString(s) && Normalise(norm.NFC.String(s)) != Normalise(norm.NFD.String(s)) {
			t.Errorf("%+q composed and decomposed become different", s)
		}
	})
}

func isMark(r rune) bool { return unicode.Is(unicode.Mn, r) }

func isCherokee(r rune) bool { return unicode.Is(unicode.Cherokee, r) }
