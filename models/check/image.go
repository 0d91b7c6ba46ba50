package check

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"maitred/models/change"
	"maitred/models/graph"
)

// image is a row as history keeps it: each column as it is spelled in JSON. Rows are equal when
// their columns are spelled alike, in whatever order: every image is spelled by the database, or
// exactly as it would.
type image []field

type field struct{ column, value string }

// readImage reads an image. Errors say what is wrong with it.
func readImage(text string) (image, error) {
	d := json.NewDecoder(strings.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("is no JSON object")
	}
	var row image
	for d.More() {
		t, err := d.Token()
		column, ok := t.(string)
		if err != nil || !ok {
			return nil, errors.New("is no JSON object")
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("cannot be read at %s", quoted(column))
		}
		if _, twice := row.value(column); twice {
			return nil, fmt.Errorf("has %s twice", quoted(column))
		}
		row = append(row, field{column, string(value)})
	}
	if _, err := d.Token(); err != nil {
		return nil, errors.New("ends too early")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("has something behind its end")
	}
	return row, nil
}

func (row image) value(column string) (string, bool) {
	for _, f := range row {
		if f.column == column {
			return f.value, true
		}
	}
	return "", false
}

// flaws says in which columns the image is not one of a row of this kind.
func (row image) flaws(k *graph.Kind) (words []string) {
	columns := k.Images()
	for _, c := range columns {
		if _, ok := row.value(c.Name); !ok {
			words = append(words, c.Name+" is missing")
		}
	}
	if len(row) == len(columns) && words == nil {
		return nil
	}
	for _, f := range row {
		if c := k.Column(f.column); c == nil || c.Kept {
			words = append(words, quoted(f.column)+" is no column of it")
		}
	}
	return words
}

// differences says of two images, by column, what one is and what it should be; "" when the rows
// are equal. What cannot be told column by column is told whole.
func differences(is, should string) string {
	a, err := readImage(is)
	b, err2 := readImage(should)
	if err != nil || err2 != nil {
		return "it is " + quoted(is) + " instead of " + quoted(should)
	}
	for _, row := range []image{a, b} { // the order of the database is no order for people
		slices.SortFunc(row, func(a, b field) int { return strings.Compare(a.column, b.column) })
	}
	var words []string
	for _, f := range b {
		if value, ok := a.value(f.column); !ok {
			words = append(words, quoted(f.column)+" is missing instead of "+spelled(f.value))
		} else if value != f.value {
			words = append(words, f.column+" is "+spelled(value)+" instead of "+spelled(f.value))
		}
	}
	for _, f := range a {
		if _, ok := b.value(f.column); !ok {
			words = append(words, quoted(f.column)+" is "+spelled(f.value)+" instead of missing")
		}
	}
	return change.And(words)
}

// spelled is a JSON value as it stands in a finding.
func spelled(value string) string {
	if _, err := strconv.ParseFloat(value, 64); err == nil {
		return value
	}
	var s string
	if json.Unmarshal([]byte(value), &s) == nil && strings.HasPrefix(value, `"`) {
		return quoted(s)
	}
	return quoted(value)
}

// longest is how many characters of a text a finding tells.
const longest = 100

// quoted is a text as it stands in a finding: on one line, with nothing invisible in it.
func quoted(s string) string {
	if r := []rune(s); len(r) > longest {
		s = string(r[:longest]) + "…"
	}
	return change.Isolate(strconv.Quote(s))
}
