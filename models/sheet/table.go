package sheet

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// tableReader makes a table of lines as they are read, and finds what is wrong with them.
type tableReader struct {
	limits Limits
	flaws  *flaws // of all lines but the first
	first  flaws  // of the first, which are told before the others
	words  words
	kept   *budget

	table  *Table
	named  []bool // of the columns of the first line, as it stands in the file
	width  int    // of the rows: up to the last column that has a name
	filled []int  // for each column without a name up to width, the first line that has something in it
	slab   []string
}

// words are what sentences call things: in one format they are lines, in the other rows.
type words struct {
	line, where string // "Line"; " of the sheet “Places”" or nothing
}

// line takes the cells of a line; they are copied. Its error is final.
func (t *tableReader) line(line int, cells []string) error {
	filled := len(cells) // up to the last that is not blank
	for filled > 0 && blank(cells[filled-1]) {
		filled--
	}
	switch {
	case filled == 0:
		return nil
	case t.limits.Columns > 0 && filled > t.limits.Columns:
		return t.tooManyColumns(line)
	case t.table == nil:
		t.header(line, cells[:filled])
		return nil
	case t.limits.Rows > 0 && len(t.table.Rows) == t.limits.Rows:
		return tooLarge(line, "There are more than %s below the first%s. Split the file into several.", count(t.limits.Rows, strings.ToLower(t.words.line)), t.words.where)
	}
	for i := t.width; i < filled; i++ {
		if !blank(cells[i]) {
			t.flaws.add(line, "%s %s%s has something in column %s, which has no name in the first line.", t.words.line, grouped(line), t.words.where, columnName(i+1))
			break
		}
	}
	for i, named := range t.named[:min(t.width, len(cells))] {
		if !named && !blank(cells[i]) && t.filled[i] == 0 {
			t.filled[i] = line
		}
	}
	if err := t.kept.spend(int64(64 + 16*t.width)); err != nil {
		return err
	}
	if len(t.slab) < t.width {
		t.slab = make([]string, max(1024, t.width))
	}
	row := t.slab[:t.width:t.width]
	t.slab = t.slab[t.width:]
	copy(row, cells)
	t.table.Rows = append(t.table.Rows, Row{line, row})
	return nil
}

func (t *tableReader) tooManyColumns(line int) error {
	return tooLarge(line, "%s %s%s has more than %s. Leave out the columns that are not needed.", t.words.line, grouped(line), t.words.where, count(t.limits.Columns, "column"))
}

// header takes the first line.
func (t *tableReader) header(line int, cells []string) {
	t.table = &Table{Line: line, Header: append([]string(nil), cells...)}
	t.width = len(cells)
	t.named, t.filled = make([]bool, t.width), make([]int, t.width)
	seen := map[string]int{}
	for i, name := range cells {
		if t.named[i] = !blank(name); !t.named[i] {
			continue
		}
		key := columnKey(name)
		if before, twice := seen[key]; twice {
			t.first.add(line, "The columns %s and %s%s have the same name, “%s”. Give each column a name of its own.", columnName(before+1), columnName(i+1), t.words.where, shown(name))
		}
		seen[key] = i
	}
}

// columnKey is what two names of columns must not have in common.
func columnKey(name string) string {
	return strings.ToLower(norm.NFC.String(strings.TrimSpace(name)))
}

// done returns the table, or nil if there was nothing in it, without the columns that have neither a name
// nor anything in them.
func (t *tableReader) done() *Table {
	if t.table == nil {
		return nil
	}
	var leave []int // columns
	for i, named := range t.named {
		switch {
		case named:
			leave = append(leave, i)
		case t.filled[i] > 0:
			t.first.add(t.table.Line, "Column %s%s has no name in the first line, but something in %s %s. Give it a name, or empty it.", columnName(i+1), t.words.where, strings.ToLower(t.words.line), grouped(t.filled[i]))
		}
	}
	if len(leave) < t.width {
		only := func(cells []string) []string {
			for to, from := range leave {
				cells[to] = cells[from]
			}
			return cells[:len(leave):len(leave)]
		}
		t.table.Header = only(t.table.Header)
		for i := range t.table.Rows {
			t.table.Rows[i].Cells = only(t.table.Rows[i].Cells)
		}
	}
	return t.table
}

// blank says that a cell has nothing in it that one sees.
func blank(cell string) bool {
	return cell == "" || strings.TrimSpace(cell) == ""
}

// shown is a cell as a sentence quotes it.
func shown(cell string) string {
	cell = strings.Join(strings.Fields(cell), " ")
	if runes := []rune(cell); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return cell
}

// columnName is how spreadsheets name the column of this number, from 1: "A", "Z", "AA".
func columnName(n int) (name string) {
	for ; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// budget is how much may still be used of something.
type budget struct {
	left    int64
	refusal func() error
}

func (b *budget) spend(n int64) error {
	if b.left -= n; b.left < 0 {
		return b.refusal()
	}
	return nil
}
