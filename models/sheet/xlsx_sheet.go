package sheet

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// sheetReader reads the cells of one sheet.
type sheetReader struct {
	*workbook
	part  *part
	table *tableReader
	flaws flaws
	where string // " of the sheet “Places”", or nothing

	row, column int // of the cell that is read, from 1
	cells       []string
	kind        string // of the cell, as its attribute t says
	style       int
	formula     bool
	value       []byte
	inline      richText
	hiddenRows  int
}

// readSheet returns the table of a sheet, or nil if there is nothing in it, and what is wrong with it.
func (w *workbook) readSheet(e sheetEntry, several bool) (*Table, *flaws, error) {
	p, err := w.archive.open(e.part, w.cellToken())
	if err != nil {
		return nil, nil, err
	}
	s := &sheetReader{workbook: w, part: p}
	if several {
		s.where = " of the sheet “" + shown(e.name) + "”"
	}
	s.table = &tableReader{limits: w.limits, flaws: &s.flaws, kept: w.kept, words: words{"Row", s.where}}
	if err := s.read(); err != nil {
		if errors.Is(err, errTokenTooLarge) && s.column > 0 {
			return nil, nil, s.cellTooLarge()
		}
		return nil, nil, err
	}
	table := s.table.done()
	found := together(&s.table.first, &s.flaws)
	if s.hiddenRows > 0 && table != nil && found.told == nil {
		note := fmt.Sprintf("%s%s that are hidden, by a filter for example, were read as well.", count(s.hiddenRows, "row"), s.where)
		if s.hiddenRows == 1 {
			note = fmt.Sprintf("1 row%s that is hidden, by a filter for example, was read as well.", s.where)
		}
		w.notes = append(w.notes, note)
	}
	return table, found, nil
}

func (s *sheetReader) read() error {
	for {
		token, err := s.part.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch path := s.part.path; token := token.(type) {
		case xml.StartElement:
			err = s.start(path, token)
		case xml.CharData:
			err = s.text(path, token)
		case xml.EndElement:
			err = s.end(path, token.Name.Local)
		}
		if err != nil {
			return err
		}
	}
}

// start takes the start of an element; it is the last of the path.
func (s *sheetReader) start(path []string, e xml.StartElement) error {
	switch {
	case len(path) == 1 && path[0] != "worksheet":
		return fmt.Errorf("%w: a sheet is a %q", errDamaged, path[0])
	case len(path) == 3 && path[1] == "sheetData" && path[2] == "row":
		return s.startRow(e)
	case len(path) == 4 && path[1] == "sheetData" && path[2] == "row" && path[3] == "c":
		return s.startCell(e)
	case len(path) == 5 && path[1] == "sheetData" && path[3] == "c" && path[4] == "f":
		s.formula = true
	case len(path) == 3 && path[1] == "mergeCells" && path[2] == "mergeCell":
		ref := attribute(e, "ref")
		_, row, _ := parseReference(strings.SplitN(ref, ":", 2)[0])
		s.flaws.add(row, "The cells %s%s are merged into one. Take them apart, and fill in each.", shown(ref), s.where)
	}
	return nil
}

func (s *sheetReader) startRow(e xml.StartElement) error {
	before := s.row
	s.row++
	s.column = 0
	s.cells = s.cells[:0]
	if r := attribute(e, "r"); r != "" {
		n, err := strconv.Atoi(r)
		if err != nil || n <= before {
			return fmt.Errorf("%w: row %q follows row %d", errDamaged, r, before)
		}
		s.row = n
	}
	if s.row > maxRows {
		return fmt.Errorf("%w: there is no row %d", errDamaged, s.row)
	}
	if isTrue(attribute(e, "hidden")) {
		s.hiddenRows++
	}
	return nil
}

func (s *sheetReader) startCell(e xml.StartElement) error {
	before := s.column
	s.column++
	s.kind, s.style, s.formula = "", 0, false
	s.value, s.inline.text = s.value[:0], s.inline.text[:0]
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "r":
			column, row, ok := parseReference(a.Value)
			if !ok || row != s.row || column <= before {
				return fmt.Errorf("%w: cell %q stands in row %d after column %d", errDamaged, a.Value, s.row, before)
			}
			s.column = column
		case "t":
			s.kind = a.Value
		case "s":
			n, err := strconv.Atoi(a.Value)
			if err != nil || n < 0 {
				return fmt.Errorf("%w: there is no style %q", errDamaged, a.Value)
			}
			s.style = n
		}
	}
	if s.column > maxColumns {
		return fmt.Errorf("%w: there is no column %d", errDamaged, s.column)
	}
	return nil
}

// text takes a piece of text; it is in the last element of the path.
func (s *sheetReader) text(path []string, piece []byte) error {
	if len(path) < 5 || path[1] != "sheetData" || path[2] != "row" || path[3] != "c" {
		return nil
	}
	length := 0
	switch {
	case len(path) == 5 && path[4] == "v":
		s.value = append(s.value, piece...)
		length = len(s.value)
	case path[4] == "is":
		length = s.inline.add(path[5:], piece)
	}
	if s.tooLong(length) {
		return s.cellTooLarge()
	}
	return nil
}

// end takes the end of an element; the path is that of the one around it.
func (s *sheetReader) end(path []string, name string) error {
	switch {
	case len(path) == 3 && path[1] == "sheetData" && path[2] == "row" && name == "c":
		return s.endCell()
	case len(path) == 2 && path[1] == "sheetData" && name == "row":
		s.column = 0
		return s.table.line(s.row, s.cells)
	}
	return nil
}

func (s *sheetReader) endCell() error {
	if s.formula {
		s.flaws.add(s.row, "Cell %s contains a formula. Replace it by its value.", s.cell())
		return nil
	}
	value, err := s.shown()
	if err != nil || blank(value) && value == "" {
		return err
	}
	if limit := s.limits.Cell; limit > 0 && len(value) > limit {
		return s.cellTooLarge()
	}
	if limit := s.limits.Columns; limit > 0 && s.column > limit && !blank(value) {
		return s.table.tooManyColumns(s.row)
	}
	if err := s.texts.spend(int64(len(value))); err != nil {
		return err
	}
	if s.kind != "s" { // the shared ones were counted
		if err := s.kept.spend(int64(len(value))); err != nil {
			return err
		}
	}
	s.cells = append(s.cells, slices.Repeat([]string{""}, s.column-1-len(s.cells))...)
	s.cells = append(s.cells, value)
	return nil
}

func (s *sheetReader) cellTooLarge() error {
	return tooLarge(s.row, "Cell %s is larger than it may be (%s). Shorten it.", s.cell(), s.cellLimit())
}

// shown is the cell as people see it.
func (s *sheetReader) shown() (string, error) {
	value := string(s.value)
	switch s.kind {
	case "inlineStr":
		return unescape(string(s.inline.text)), nil
	case "str":
		return unescape(value), nil
	}
	if value = strings.TrimSpace(value); value == "" {
		return "", nil
	}
	switch s.kind {
	case "s":
		n, err := strconv.Atoi(value)
		text, ok := s.shared.at(n)
		if err != nil || !ok {
			return "", fmt.Errorf("%w: there is no text %q", errDamaged, value)
		}
		return text, nil
	case "b":
		if isTrue(value) {
			return "TRUE", nil
		}
		return "FALSE", nil
	case "e":
		s.flaws.add(s.row, "Cell %s contains the error %s. Correct it, or empty the cell.", s.cell(), shown(value))
		return "", nil
	case "d":
		return isoDate(value), nil
	case "", "n":
		return s.number(value)
	}
	return "", fmt.Errorf("%w: there is no kind of cell %q", errDamaged, s.kind)
}

func (s *sheetReader) number(value string) (string, error) {
	var f *format
	if s.style < len(s.formats) {
		f = s.formats[s.style]
	}
	shown, ok := f.show(value, s.from1904)
	if !ok {
		return "", fmt.Errorf("%w: cell %s has the number %q", errDamaged, s.cell(), value)
	}
	return shown, nil
}

// cell is how a sentence names the cell that is read: "B14", "B14 of the sheet “Places”".
func (s *sheetReader) cell() string {
	return columnName(s.column) + strconv.Itoa(s.row) + s.where
}

// parseReference reads the name of a cell: "B14" is in column 2 and row 14.
func parseReference(ref string) (column, row int, ok bool) {
	i := 0
	for ; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && column <= maxColumns; i++ {
		column = column*26 + int(ref[i]-'A') + 1
	}
	if i == 0 || i == len(ref) || ref[i] < '1' || ref[i] > '9' || column > maxColumns {
		return 0, 0, false
	}
	row, err := strconv.Atoi(ref[i:])
	return column, row, err == nil && row <= maxRows
}
