package sheet

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// format is how a number is shown in a cell (ECMA-376 part 1, 18.8.31): up to three sections, for numbers
// above, below and at zero, or as their conditions say. The zero format is General.
//
// Numbers are shown as people see them, with two differences, so that they stay numbers: thousands are not
// parted, and none is shown by a power of ten, as a fraction or in thousands. Dates and times are shown as
// ISO 8601 has them.
type format struct{ sections []section }

type section struct {
	condition string  // "<", ">=" or such; "" if the section's place says it
	bound     float64 // of the condition
	tokens    []token
	when      clock // if it shows a date or time
	plain     bool  // show as General whatever the rest says
	percent   bool
}

// token is a piece of a section: digit placeholders, one each, and what stands around them.
type token struct {
	kind byte // '0', '#', '?', '.', 'G' for General, '"' for text
	text string
}

// clock is which parts of a moment a format shows.
type clock struct{ date, time, seconds, elapsed bool }

// parseFormat reads the code of a format. Any text is one; what is not understood stands for itself.
func parseFormat(code string) *format {
	f := &format{}
	p := &formatParser{rest: code}
	for more := true; more && len(f.sections) < 4; {
		var s section
		s, more = p.section()
		f.sections = append(f.sections, s)
	}
	return f
}

type formatParser struct{ rest string }

// section reads up to the next semicolon, and says whether there was one.
func (p *formatParser) section() (s section, more bool) {
	var dates strings.Builder // the letters of dates and times, in their order
	literal := func(text string) {
		if text != "" {
			s.tokens = append(s.tokens, token{'"', text})
		}
	}
	for p.rest != "" {
		if cut, ok := cutFold(p.rest, "general"); ok {
			s.tokens = append(s.tokens, token{kind: 'G'})
			p.rest = cut
			continue
		}
		if cut, ok := cutFold(p.rest, "am/pm"); ok {
			p.rest = cut
			continue
		}
		if cut, ok := cutFold(p.rest, "a/p"); ok {
			p.rest = cut
			continue
		}
		char, width := utf8.DecodeRuneInString(p.rest)
		p.rest = p.rest[width:]
		switch char {
		case ';':
			s.when = clockOf(dates.String())
			return s, true
		case '"':
			text, rest, _ := strings.Cut(p.rest, `"`)
			p.rest = rest
			literal(text)
		case '\\':
			_, width := utf8.DecodeRuneInString(p.rest)
			literal(p.rest[:width])
			p.rest = p.rest[width:]
		case '_', '*': // space as wide as the next character, or filled with it
			_, width := utf8.DecodeRuneInString(p.rest)
			p.rest = p.rest[width:]
		case '[':
			text, rest, _ := strings.Cut(p.rest, "]")
			p.rest = rest
			switch lower := strings.ToLower(text); {
			case strings.HasPrefix(text, "$"):
				symbol, _, _ := strings.Cut(text[1:], "-")
				literal(symbol)
			case lower != "" && strings.Trim(lower, lower[:1]) == "" && strings.Contains("hms", lower[:1]):
				dates.WriteString("[" + lower[:1])
			case text != "" && strings.Contains("<>=", text[:1]):
				s.condition = text[:len(text)-len(strings.TrimLeft(text, "<>="))]
				s.bound, _ = strconv.ParseFloat(text[len(s.condition):], 64)
			}
		case '0', '#', '?', '.':
			s.tokens = append(s.tokens, token{kind: byte(char)})
		case ',':
			// Between digits it parts thousands; after the last it leaves them out.
			s.plain = s.plain || !strings.HasPrefix(strings.TrimLeft(p.rest, ","), "0") && !strings.HasPrefix(p.rest, "#") && !strings.HasPrefix(p.rest, "?")
		case '@': // the text, which a number is shown as
			s.tokens = append(s.tokens, token{kind: 'G'})
		case '%':
			s.percent = true
			literal("%")
		case '/':
			s.plain = true // a fraction, unless it is a date
			literal("/")
		case 'y', 'Y', 'm', 'M', 'd', 'D', 'h', 'H', 's', 'S', 'g', 'G', 'b', 'B':
			dates.WriteRune(char | 0x20)
		case 'e', 'E':
			if strings.HasPrefix(p.rest, "+") || strings.HasPrefix(p.rest, "-") {
				s.plain = true
			} else {
				dates.WriteByte('y')
			}
		default:
			literal(string(char))
		}
	}
	s.when = clockOf(dates.String())
	return s, false
}

func cutFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// clockOf reads the letters of a date format: m are minutes after hours and before seconds, else the month.
func clockOf(letters string) (c clock) {
	c.elapsed = strings.Contains(letters, "[")
	letters = strings.ReplaceAll(letters, "[", "")
	before := byte(0) // the last letter that is another one
	for i := 0; i < len(letters); i++ {
		switch letter := letters[i]; letter {
		case 'h':
			c.time = true
		case 's':
			c.time, c.seconds = true, true
		case 'm':
			if before == 'h' || c.elapsed || strings.HasPrefix(strings.TrimLeft(letters[i:], "m"), "s") {
				c.time = true
			} else {
				c.date = true
			}
		default:
			c.date = true
		}
		if i+1 < len(letters) && letters[i+1] != letters[i] {
			before = letters[i]
		}
	}
	return c
}

// show is the number as the format shows it; false if value is no number.
func (f *format) show(value string, from1904 bool) (string, bool) {
	if isPlainInteger(value) && (f == nil || len(f.sections) == 0) {
		return value, true
	}
	if strings.Trim(value, "0123456789+-.eE") != "" {
		return "", false
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return "", false
	}
	general := value
	if !isPlainInteger(value) {
		general = plainDecimal(n)
	}
	if f == nil || len(f.sections) == 0 {
		return general, true
	}
	s, unsigned := f.choose(n)
	if s.when != (clock{}) {
		if text, ok := s.when.show(n, from1904); ok {
			return text, true
		}
		return general, true
	}
	if s.plain || !s.hasDigits() {
		text := s.literals(general)
		if s.plain || text == "" {
			text = general
		}
		return text, true
	}
	if s.percent {
		n *= 100
	}
	return s.digits(n, unsigned), true
}

// isPlainInteger says that a number is written as it is shown: such ones keep all their digits, of which a
// float64 has 15.
func isPlainInteger(value string) bool {
	digits := strings.TrimPrefix(value, "-")
	if digits == "" || len(digits) > 18 || digits[0] == '0' && value != "0" {
		return false
	}
	return strings.Trim(digits, "0123456789") == ""
}

// plainDecimal is a number with up to 15 digits, which is as exact as spreadsheets are, and no power of ten.
func plainDecimal(n float64) string {
	n, _ = strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64)
	if n == 0 {
		return "0" // not "-0"
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// choose returns the section that shows the number, and whether that leaves out its sign.
func (f *format) choose(n float64) (s *section, unsigned bool) {
	sections := f.sections[:min(len(f.sections), 3)]
	for i := range sections {
		s := &sections[i]
		holds := false
		switch s.condition {
		case "<":
			holds = n < s.bound
		case "<=":
			holds = n <= s.bound
		case ">":
			holds = n > s.bound
		case ">=":
			holds = n >= s.bound
		case "=":
			holds = n == s.bound
		case "<>":
			holds = n != s.bound
		default:
			switch {
			case i == len(sections)-1:
				holds = true
			case i == 0:
				holds = n > 0 || n == 0 && len(sections) < 3
			case i == 1:
				holds = n < 0
			}
		}
		if holds {
			return s, i == 1 && s.condition == "" && sections[0].condition == ""
		}
	}
	return &section{plain: true}, false
}

func (s *section) hasDigits() bool {
	for _, t := range s.tokens {
		if t.kind == '0' || t.kind == '#' || t.kind == '?' {
			return true
		}
	}
	return false
}

// literals is the text of a section without digits, the number standing where General does.
func (s *section) literals(general string) string {
	var out strings.Builder
	for _, t := range s.tokens {
		if t.kind == 'G' {
			out.WriteString(general)
		}
		out.WriteString(t.text)
	}
	return strings.TrimSpace(out.String())
}

// digits puts the digits of a number in the places of a section.
func (s *section) digits(n float64, unsigned bool) string {
	point := len(s.tokens)
	decimals, least := 0, 0 // places after the point; how many of them are always filled
	for i, t := range s.tokens {
		switch {
		case t.kind == '.' && point == len(s.tokens):
			point = i
		case point < i && (t.kind == '0' || t.kind == '#' || t.kind == '?'):
			if decimals++; t.kind == '0' {
				least = decimals
			}
		}
	}
	whole, fraction, _ := strings.Cut(rounded(math.Abs(n), decimals), ".")
	whole = strings.TrimLeft(whole, "0")
	negative := n < 0 && !unsigned && strings.Trim(whole+fraction, "0") != ""
	for len(fraction) > least && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}

	before, places := "", 0 // built from its end
	for _, t := range s.tokens[:point] {
		if t.kind == '0' || t.kind == '#' || t.kind == '?' {
			places++
		}
	}
	for i := point - 1; i >= 0; i-- {
		switch t := s.tokens[i]; t.kind {
		case '0', '#', '?':
			places--
			switch {
			case places == 0:
				if whole == "" && t.kind == '0' {
					whole = "0"
				}
				before, whole = whole+before, ""
			case whole != "":
				before, whole = whole[len(whole)-1:]+before, whole[:len(whole)-1]
			case t.kind == '0':
				before = "0" + before
			}
		default:
			before = t.text + before
		}
	}
	before = whole + before // of a format like ".00"
	var out strings.Builder
	if negative {
		out.WriteByte('-')
	}
	out.WriteString(before)
	for i, t := range s.tokens[point:] {
		switch {
		case i == 0 && fraction != "":
			out.WriteByte('.')
		case t.kind == '"':
			out.WriteString(t.text)
		case t.kind != '.' && fraction != "":
			out.WriteByte(fraction[0])
			fraction = fraction[1:]
		}
	}
	return strings.TrimSpace(out.String())
}

// rounded is a number with so many decimals, rounded as people do: by its decimal digits, a half upwards.
func rounded(n float64, decimals int) string {
	whole, fraction, _ := strings.Cut(plainDecimal(n), ".")
	if len(fraction) <= decimals {
		return whole + "." + fraction + strings.Repeat("0", decimals-len(fraction))
	}
	digits := []byte("0" + whole + fraction[:decimals])
	if fraction[decimals] >= '5' {
		i := len(digits) - 1
		for ; digits[i] == '9'; i-- {
			digits[i] = '0'
		}
		digits[i]++
	}
	return string(digits[:1+len(whole)]) + "." + string(digits[1+len(whole):])
}
