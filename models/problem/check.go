package problem

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"maitred/models/text"
)

// Check collects what is wrong with a record, one sentence at each field.
type Check struct{ fields []Field }

// Line cleans the one-line text that value points to (trimmed, NFC) and notes what is wrong with
// it: blank, longer than max characters, line breaks or control characters, broken UTF-8.
// A text with a flaw stays as it was typed. label starts the sentence: "The name".
func (c *Check) Line(field, label string, value *string, max int) {
	clean, flaw := text.Line(*value, max)
	switch flaw {
	case text.Sound:
		*value = clean
	case text.Broken:
		c.Add(field, label+" contains characters that cannot be read. Please type it again.")
	case text.Control:
		c.Add(field, label+" must be one line without control characters.")
	case text.Blank:
		c.Add(field, label+" is missing. Please type it.")
	case text.TooLong:
		c.Add(field, label+tooLong(clean, max))
	}
}

// Add notes a sentence at a field.
func (c *Check) Add(field, sentence string) {
	c.fields = append(c.fields, Field{field, sentence})
}

// Remove takes back what was noted at a field.
func (c *Check) Remove(field string) {
	c.fields = slices.DeleteFunc(c.fields, func(f Field) bool { return f.Name == field })
}

// Err returns what was noted as an Invalid problem, or nil.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return &Error{Code: Invalid, Message: "Nothing was saved.", Fields: c.fields}
}

func tooLong(s string, max int) string {
	return fmt.Sprintf(" has %d characters; it can have %d at most.", utf8.RuneCountInString(s), max)
}
