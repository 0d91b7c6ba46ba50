package sheet

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

func TestNoTextIsTakenForAFormula(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Demon Dogs":       "Demon Dogs",
		"":                 "",
		"Joe's":            "Joe's",
		"'quoted'":         "'quoted'",
		"5 - 3 = 2":        "5 - 3 = 2",
		"=1+1":             "'=1+1",
		"+1":               "'+1",
		"-1":               "'-1",
		"@SUM(A1)":         "'@SUM(A1)",
		"＝1":               "'＝1",
		"＋1":               "'＋1",
		"－1":               "'－1",
		"＠x":               "'＠x",
		"\tx":              "'\tx",
		"\rx":              "'\rx",
		"\t=1":             "'\t'=1",
		" =1":              " '=1",
		`"=1`:              `"'=1`,
		"'=1":              "''=1",
		"''=1":             "'''=1",
		"' =1":             "' =1",
		"a;=1":             "a;'=1",
		"a; =1":            "a; '=1",
		`a;" "=1`:          `a;" "'=1`,
		"a;'=1":            "a;''=1",
		"a\n=1":            "a\n'=1",
		"a\r\n-1":          "a\r\n'-1",
		"a;b":              "a;b",
		"a,=1":             "a,=1",
		"-":                "'-",
		"=;=;=":            "'=;'=;'=",
		"Rock; - and roll": "Rock; '- and roll",
	} {
		if got := guard(text); got != want {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
		if got := unguard(want); got != text {
			t.Errorf("%q is read as %q, want %q", want, got, text)
		}
	}
}

// formula is where a spreadsheet may find one, told otherwise than guard does.
var formula = regexp.MustCompile(`(?:^|[;\t\r\n])[\s\p{Z}\x{85}"]*[=+\-@＝＋－＠]|^[\t\r]`)

func TestEveryTextIsSafeWhenGuardedAndTheSameAfterwards(t *testing.T) {
	t.Parallel()
	pieces := []string{"=", "+", "-", "@", "＝", "＋", "－", "＠", "'", "''", `"`, ";", ",", "\t", "\r", "\n", " ", "\u00a0", "\u3000", "\u0085", "x", "é", "\xff"}
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for _, piece := range rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "text") {
			text += piece
		}
		safe := guard(text)
		if at := formula.FindString(safe); at != "" {
			t.Errorf("%q is written as %q, in which %q may begin a formula", text, safe, at)
		}
		if got := unguard(safe); got != text {
			t.Errorf("%q is written as %q and read as %q", text, safe, got)
		}
	})
}
