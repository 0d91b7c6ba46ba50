package sheet

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// In XLSX the characters that XML cannot hold are written by their number, "_x000B_", and an underscore that
// would begin such a thing, but does not, is written so itself, "_x005F_" (ECMA-376 part 1, 22.9.2.19).

// appendXML appends the text as the content of an XML element of XLSX. Broken UTF-8 becomes U+FFFD.
func appendXML(to []byte, text string) []byte {
	done := 0
	for i := 0; i < len(text); {
		char, width := rune(text[i]), 1
		if char >= utf8.RuneSelf {
			char, width = utf8.DecodeRuneInString(text[i:])
		}
		var as string
		switch {
		case char == '&':
			as = "&amp;"
		case char == '<':
			as = "&lt;"
		case char == '>':
			as = "&gt;"
		case char == '_' && escaped(text[i:]) >= 0:
			as = "_x005F_"
		case char == utf8.RuneError && width == 1:
			as = "\ufffd"
		case char < ' ' && char != '\t' && char != '\n', char == '\ufffe', char == '\uffff':
			as = "_x" + strings.ToUpper(strconv.FormatInt(0x10000+int64(char), 16)[1:]) + "_"
		default:
			i += width
			continue
		}
		to = append(append(to, text[done:i]...), as...)
		i += width
		done = i
	}
	return append(to, text[done:]...)
}

// unescape is the text in which such numbers are the characters again.
func unescape(text string) string {
	at := strings.Index(text, "_x")
	if at < 0 {
		return text
	}
	var out strings.Builder
	for ; at >= 0; at = strings.Index(text, "_x") {
		unit := escaped(text[at:])
		if unit < 0 {
			out.WriteString(text[:at+1])
			text = text[at+1:]
			continue
		}
		out.WriteString(text[:at])
		text = text[at+escapeLength:]
		if second := escaped(text); utf16.IsSurrogate(unit) && second >= 0 && utf16.DecodeRune(unit, second) != utf8.RuneError {
			unit = utf16.DecodeRune(unit, second)
			text = text[escapeLength:]
		}
		out.WriteRune(unit) // half of a pair becomes U+FFFD
	}
	out.WriteString(text)
	return out.String()
}

const escapeLength = len("_x000B_")

// escaped is the number of the character with whose escape the text begins, or -1.
func escaped(text string) rune {
	if len(text) < escapeLength || text[:2] != "_x" || text[6] != '_' {
		return -1
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}
