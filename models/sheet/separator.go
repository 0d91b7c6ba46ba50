package sheet

import (
	"bytes"
	"strings"
)

// separator is what parts the cells of a line, and how a sentence names it.
type separator struct {
	char  byte
	named string
}

// separators are those that are looked for, the likeliest first.
var separators = []separator{{',', "commas"}, {';', "semicolons"}, {'\t', "tabs"}}

// statedSeparator reads the line "sep=;" with which a file tells Excel its separator, and how many bytes it
// takes, line break included; 0 if the file does not begin so.
func statedSeparator(start []byte) (s separator, length int) {
	if len(start) < 5 || !strings.EqualFold(string(start[:4]), "sep=") {
		return s, 0
	}
	for _, s := range append(separators, separator{'|', "vertical bars"}) {
		if s.char != start[4] {
			continue
		}
		switch rest := start[5:]; {
		case bytes.HasPrefix(rest, []byte("\r\n")):
			return s, 7
		case len(rest) == 0:
			return s, 5
		case rest[0] == '\r' || rest[0] == '\n':
			return s, 6
		}
	}
	return s, 0
}

// likelySeparator looks for the separator in the first lines of a file: the one by which the most lines have
// as many cells as the first. It is a comma if the first line has none of them, being one cell.
func likelySeparator(sample []byte, whole bool) separator {
	lines := countSeparators(sample, whole)
	if len(lines) == 0 {
		return separators[0]
	}
	best, most, widest := 0, 0, 0
	for i := range separators {
		width, alike := lines[0][i], 0
		if width == 0 {
			continue
		}
		for _, line := range lines {
			if line[i] == width {
				alike++
			}
		}
		if alike > most || alike == most && width > widest {
			best, most, widest = i, alike, width
		}
	}
	return separators[best]
}

// sampleLines is how many lines are looked at for the separator.
const sampleLines = 100

// countSeparators counts, for each line that is not empty, each separator outside of quotes. The last line
// is left out unless the sample is the whole file, since the rest of it is elsewhere.
func countSeparators(sample []byte, whole bool) (lines [][3]int) {
	var line [3]int
	quoted, start, empty := false, true, true // inside of quotes; at the start of a cell; nothing on this line yet
	for i := 0; i < len(sample) && len(lines) < sampleLines; i++ {
		char := sample[i]
		if quoted {
			quoted = char != '"' // a doubled quote ends and begins again, below
			start = !quoted
			continue
		}
		at := bytes.IndexByte([]byte(",;\t"), char)
		switch {
		case char == '\r' || char == '\n':
			if !empty {
				lines = append(lines, line)
			}
			line, start, empty = [3]int{}, true, true
			continue
		case char == '"' && start:
			quoted = true
		case at >= 0:
			line[at]++
		}
		start = at >= 0 || start && char == ' '
		empty = empty && char == ' '
	}
	if whole && !empty && !quoted {
		lines = append(lines, line)
	}
	return lines
}
