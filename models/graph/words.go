package graph

import (
	"strconv"
	"strings"
)

// Singular is what one of the kind is called in a sentence.
func (k *Kind) Singular() string { return strings.ReplaceAll(k.Name, "_", " ") }

// Plural is what several of the kind are called in a sentence.
func (k *Kind) Plural() string { return strings.ReplaceAll(k.Table, "_", " ") }

// Counted is a number of the kind: "1 waiter", "12,408 waiters".
func (k *Kind) Counted(n int64) string {
	if n == 1 {
		return "1 " + k.Singular()
	}
	return Number(n) + " " + k.Plural()
}

// Number writes n with a comma at each thousand.
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Words is a column's name as people read it: "serves hot dogs".
func (c *Column) Words() string { return strings.ReplaceAll(c.Name, "_", " ") }
