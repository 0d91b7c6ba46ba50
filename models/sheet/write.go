package sheet

import (
	"errors"
	"fmt"
	"io"
)

// Writer writes one table, a line at a time, in constant memory. Header comes first and once; Close must come
// last, and leaves the writer beneath open. After an error nothing more can be written.
type Writer interface {
	Header(names ...string) error
	Write(cells []Cell) error // as many as there are names
	Close() error
}

// Cell is what is written into one place of a table.
type Cell struct {
	Kind   CellKind
	Text   string // of a Text
	Number int64  // of a Number; spreadsheets are exact to 15 digits
}

// CellKind is what is in a cell.
type CellKind byte

// The kinds of cells.
const (
	Text CellKind = iota
	Number
)

// NewWriter returns a writer of the format. The name is that of the sheet, for those formats that have one:
// it has 31 characters at most, and none of []:*?/\ in it.
func NewWriter(w io.Writer, f Format, sheetName string) (Writer, error) {
	switch f {
	case CSV:
		return newCSVWriter(w), nil
	case XLSX:
		return newXLSXWriter(w, sheetName)
	}
	return nil, fmt.Errorf("write a sheet: there is no format %q", f)
}

// shape sees to it that the lines of a table are as wide as its header.
type shape struct{ width int }

func (s *shape) header(names []string) error {
	switch {
	case s.width > 0:
		return errors.New("write a sheet: it has its header already")
	case len(names) == 0 || len(names) > maxColumns:
		return fmt.Errorf("write a sheet: it cannot have %d columns", len(names))
	}
	s.width = len(names)
	return nil
}

func (s *shape) line(cells []Cell) error {
	if s.width == 0 || len(cells) != s.width {
		return fmt.Errorf("write a sheet: %d cells are given for %d columns", len(cells), s.width)
	}
	return nil
}
