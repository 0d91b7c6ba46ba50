package importer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"maitred/models/text"
)

// yes and no are the words for them, normalised: also those that spreadsheets of other languages write.
var (
	yes = []string{"yes", "y", "true", "1", "x", "on", "✓", "✔", "ja", "wahr", "oui", "vrai", "si", "verdadero", "vero", "sim"}
	no  = []string{"", "no", "n", "false", "0", "off", "-", "–", "—", "nein", "falsch", "non", "faux", "falso", "nao"}
)

// yesOrNo reads a cell; false where it is neither.
func yesOrNo(cell string) (is, known bool) {
	word := text.Normalise(strings.TrimSpace(cell))
	if slices.Contains(yes, word) {
		return true, true
	}
	return false, slices.Contains(no, word)
}

// number reads a key; 0 for an empty cell, false for what is no key.
func number(cell string) (int64, bool) {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		return 0, true
	}
	if strings.ContainsFunc(cell, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, false
	}
	n, err := strconv.ParseInt(cell, 10, 64)
	return n, err == nil && n > 0
}

func blank(cell string) bool { return strings.TrimSpace(cell) == "" }

// short is a cell as a sentence can hold it.
func short(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

// spelled is a value as people read it.
func spelled(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

// keysOf are the keys of rows, each once; 0 is none.
func keysOf(rows []*row, key func(*row) int64) (keys []int64) {
	seen := map[int64]bool{0: true}
	for _, r := range rows {
		if k := key(r); !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	return keys
}
