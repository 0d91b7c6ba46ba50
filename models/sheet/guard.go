package sheet

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// guard returns the text so that no spreadsheet takes it, or a part of it, for a formula: where one would
// begin stands an apostrophe. Where a text has apostrophes before such a character already, it gets one more,
// so that [unguard] can tell them apart: unguard(guard(x)) == x for every x.
//
// A formula begins with one of = + - @, or their full-width forms; some programs leave out a tab or a
// carriage return before it, so these count as well. It may begin where a cell does: at the start of the
// text, after a semicolon, since Excel parts by these in half of the world, also what commas part, and then
// minds no quotes that are not at the start of a cell; therefore also after a tab and after a line break.
// Spaces and quotes before it are passed over.
func guard(text string) string {
	return rewrite(text, func(out *strings.Builder, apostrophes int) {
		writeApostrophes(out, apostrophes+1)
	}, 0)
}

// unguard is the inverse of guard.
func unguard(text string) string {
	return rewrite(text, func(out *strings.Builder, apostrophes int) {
		writeApostrophes(out, apostrophes-1)
	}, 1)
}

func writeApostrophes(out *strings.Builder, n int) {
	for range n {
		out.WriteByte('\'')
	}
}

// rewrite replaces the apostrophes, least of them or more, that stand where a cell may begin and before a
// character that may begin a formula. It returns the same string where there are none.
func rewrite(text string, replace func(out *strings.Builder, apostrophes int), least int) string {
	if !strings.ContainsAny(text, formulaStarts) {
		return text
	}
	var out strings.Builder
	done, start := 0, true // what is copied; whether a cell may begin here
	for i := 0; i < len(text); {
		char, width := utf8.DecodeRuneInString(text[i:])
		if start {
			n := len(text[i:]) - len(strings.TrimLeft(text[i:], "'"))
			next, _ := utf8.DecodeRuneInString(text[i+n:])
			if n >= least && i+n < len(text) && strings.ContainsRune(formulaStarts, next) {
				out.WriteString(text[done:i])
				replace(&out, n)
				done, i = i+n, i+n
				_, width = utf8.DecodeRuneInString(text[i:])
				char = next
			}
		}
		start = char == ';' || char == '\t' || char == '\r' || char == '\n' || start && (char == '"' || unicode.IsSpace(char))
		i += width
	}
	if done == 0 && out.Len() == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// formulaStarts are the characters that may begin a formula, or stand before one unseen.
const formulaStarts = "=+-@＝＋－＠\t\r"
