package store

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// withoutValues is an SQL statement with a question mark for each value in it, a list of them being one,
// and its white space squeezed: what is left are words of ours. Names in double quotes are none of
// theirs, as no name of a table or column comes from people.
func withoutValues(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\'' || (c == 'x' || c == 'X') && i+1 < len(text) && text[i+1] == '\'' && !inWord(text, i):
			i = afterQuote(text, strings.IndexByte(text[i:], '\'')+i)
			b.WriteByte('?')
		case c == '"' || c == '`':
			end := afterQuote(text, i)
			b.WriteString(text[i:end])
			i = end
		case c >= '0' && c <= '9' && !inWord(text, i):
			i = afterNumber(text, i)
			b.WriteByte('?')
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			for i < len(text) && strings.IndexByte(" \t\n\r", text[i]) >= 0 {
				i++
			}
			b.WriteByte(' ')
		default:
			b.WriteByte(c)
			i++
		}
	}
	return manyAsOne(strings.TrimSpace(b.String()))
}

// inWord says that what stands at i goes on with a word, as the 1 of t1 and ?1 do.
func inWord(text string, i int) bool {
	if i == 0 {
		return false
	}
	c := text[i-1]
	return c == '_' || c == '?' || c == '$' || c == ':' || c == '@' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

// afterQuote is where a quoted text ends that begins at i; two quotes in it are one of its characters.
func afterQuote(text string, i int) int {
	quote := text[i]
	for i++; i < len(text); i++ {
		if text[i] != quote {
			continue
		}
		if i+1 == len(text) || text[i+1] != quote {
			return i + 1
		}
		i++
	}
	return len(text)
}

// afterNumber is where a number ends that begins at i: 12, 1.5, 1e9, 0xff.
func afterNumber(text string, i int) int {
	for ; i < len(text); i++ {
		c := text[i]
		if !(c >= '0' && c <= '9' || c == '.' || c|0x20 >= 'a' && c|0x20 <= 'z') {
			break
		}
	}
	return i
}

// manyAsOne makes of a list of values one, so that lists of all lengths are one statement.
func manyAsOne(text string) string {
	for _, more := range []string{"?, ?", "?,?"} {
		for strings.Contains(text, more) {
			text = strings.ReplaceAll(text, more, "?")
		}
	}
	return text
}

// numbered is a statement with its placeholders as PostgreSQL has them, $1 instead of ?. Those of Bun have none: it
// writes the values into them.
func numbered(text string) string {
	if !strings.Contains(text, "?") {
		return text
	}
	var b strings.Builder
	n := 0
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case '\'', '"':
			end := afterQuote(text, i)
			b.WriteString(text[i:end])
			i = end
		case '?':
			n++
			fmt.Fprintf(&b, "$%d", n)
			i++
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// storable is a text as PostgreSQL takes it, which has neither NUL nor broken UTF-8. Nothing that is written has
// either; who asks for such a text asks for one that is nowhere.
func storable(s string) string {
	if !strings.Contains(s, "\x00") && utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}
