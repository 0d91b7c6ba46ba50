package sheet

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
)

// readCSV reads a file of text: comma-separated values as RFC 4180 has them, and as the programs write them
// that don't know it.
func readCSV(ctx context.Context, f io.ReaderAt, size int64, l Limits) (*Book, error) {
	e, err := encodingOf(ctx, f, size)
	if err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(newDecoder(io.NewSectionReader(f, 0, size), e), 64<<10)
	c := &csvReader{ctx: ctx, r: r, limits: l, next: 1}
	book := &Book{Format: CSV}
	sample, err := r.Peek(64 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the start of the file: %w", err)
	}
	parted, length := statedSeparator(sample)
	if length > 0 {
		_, _ = r.Discard(length)
		c.next++
	} else {
		parted = likelySeparator(sample, err != nil)
	}
	c.comma = parted.char

	var found flaws
	t := &tableReader{limits: l, flaws: &found, words: words{line: "Line"}, kept: &budget{left: math.MaxInt64, refusal: tooManyCells}}
	if l.Bytes > 0 {
		t.kept.left = max(32<<20, 4*l.Bytes)
	}
	for {
		cells, err := c.record()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if t.table != nil && !emptyLine(cells) && len(cells) < t.width {
			found.add(c.line, "Line %s has %s, but the first line has %d.", grouped(c.line), count(len(cells), "cell"), t.width)
		}
		if err := t.line(c.line, cells); err != nil {
			return nil, err
		}
	}
	table := t.done()
	if table == nil {
		return nil, refuse(0, "There is nothing in the file.")
	}
	if err := together(&t.first, &found).refused(); err != nil {
		return nil, err
	}
	book.Tables = []*Table{table}
	if len(table.Header) > 1 {
		book.Notes = append(book.Notes, "The cells are parted by "+parted.named+".")
	}
	switch e {
	case as1252:
		book.Notes = append(book.Notes, "The letters are not in UTF-8; they were read as Windows-1252, which is used in Western Europe and America. Check that those with accents are right.")
	case asUTF16LE, asUTF16BE:
		book.Notes = append(book.Notes, "The letters are in UTF-16.")
	}
	return book, nil
}

// together is the flaws of both, in their order.
func together(a, b *flaws) *flaws {
	all := &flaws{told: append(a.told, b.told...), more: a.more + b.more}
	if over := len(all.told) - maxFlaws; over > 0 {
		all.told, all.more = all.told[:maxFlaws], all.more+over
	}
	return all
}

func emptyLine(cells []string) bool {
	for _, cell := range cells {
		if !blank(cell) {
			return false
		}
	}
	return true
}

// csvReader parts text into records and these into cells.
type csvReader struct {
	ctx    context.Context
	r      *bufio.Reader
	comma  byte
	limits Limits

	line, next int // where the last record begins, and the next one; from 1

	text  []byte   // of the record's cells, one after the other
	ends  []int    // where each of them ends in text
	cells []string // of the record
}

// record returns the cells of the next record, which may be one of an empty line. The slice is used again
// for the next. Its errors are io.EOF, a refusal, and those of reading.
func (c *csvReader) record() ([]string, error) {
	if err := c.ctx.Err(); err != nil {
		return nil, err
	}
	c.line, c.text, c.ends = c.next, c.text[:0], c.ends[:0]
	if _, err := c.r.Peek(1); err != nil {
		return nil, err
	}
	for more := true; more; {
		var err error
		if more, err = c.cell(); err != nil {
			return nil, err
		}
		if len(c.ends) > c.most() {
			return nil, tooLarge(c.line, "Line %s has more than %s. Leave out the columns that are not needed.", grouped(c.line), count(c.limits.Columns, "column"))
		}
	}
	all, from := string(c.text), 0
	c.cells = c.cells[:0]
	for _, end := range c.ends {
		c.cells = append(c.cells, unguard(all[from:end]))
		from = end
	}
	return c.cells, nil
}

// most is how many cells a line may have, empty ones included: programs write those of columns that were
// once in use.
func (c *csvReader) most() int {
	if c.limits.Columns == 0 {
		return math.MaxInt
	}
	return max(c.limits.Columns, maxColumns)
}

// cell reads one cell and what comes after it, and says whether there is another one in the record.
func (c *csvReader) cell() (more bool, err error) {
	from, begin := len(c.text), c.next
	for {
		b, err := c.upTo(c.comma, from, begin)
		switch {
		case errors.Is(err, io.EOF):
			c.ends = append(c.ends, len(c.text))
			return false, nil
		case err != nil:
			return false, err
		case b == '\r', b == '\n':
			c.ends = append(c.ends, len(c.text))
			c.lineBreak(b)
			return false, nil
		case b == c.comma:
			c.ends = append(c.ends, len(c.text))
			return true, nil
		case len(bytes.Trim(c.text[from:], " ")) == 0: // a quote at the start
			c.text = c.text[:from]
			return c.quoted()
		}
		c.text = append(c.text, b)
	}
}

// upTo reads the text of the cell that began at from, in the line begin, until one of these is read: the
// byte comma, a quote, or the first of a line break.
func (c *csvReader) upTo(comma byte, from, begin int) (byte, error) {
	for {
		if c.r.Buffered() == 0 {
			if err := c.ctx.Err(); err != nil {
				return 0, err
			}
			if _, err := c.r.Peek(1); errors.Is(err, io.EOF) {
				return 0, io.EOF
			} else if err != nil {
				return 0, fmt.Errorf("read line %d: %w", c.next, err)
			}
		}
		chunk, _ := c.r.Peek(c.r.Buffered())
		n := 0
		for n < len(chunk) && chunk[n] != comma && chunk[n] != '"' && chunk[n] != '\r' && chunk[n] != '\n' {
			n++
		}
		c.text = append(c.text, chunk[:n]...)
		if c.limits.Cell > 0 && len(c.text)-from > c.limits.Cell {
			return 0, c.cellTooLarge(begin)
		}
		if n < len(chunk) {
			b := chunk[n]
			_, _ = c.r.Discard(n + 1)
			return b, nil
		}
		_, _ = c.r.Discard(n)
	}
}

// lineBreak goes on to the next line after the line break that begins with b, and says whether it was CRLF.
func (c *csvReader) lineBreak(b byte) (two bool) {
	c.next++
	if b == '\r' {
		if after, err := c.r.Peek(1); err == nil && after[0] == '\n' {
			_, _ = c.r.Discard(1)
			return true
		}
	}
	return false
}

// quoted reads the rest of a cell whose quote was opened, and what comes after it.
func (c *csvReader) quoted() (more bool, err error) {
	from, begin := len(c.text), c.next
	for {
		b, err := c.upTo('"', from, begin)
		switch {
		case errors.Is(err, io.EOF):
			return false, refuse(begin, "Line %s has a quote (\") that is never closed.", grouped(begin))
		case err != nil:
			return false, err
		case b != '"':
			c.text = append(c.text, b)
			if c.lineBreak(b) {
				c.text = append(c.text, '\n')
			}
			continue
		}
		if after, err := c.r.Peek(1); err == nil && after[0] == '"' {
			_, _ = c.r.Discard(1)
			c.text = append(c.text, '"')
			continue
		}
		c.ends = append(c.ends, len(c.text))
		return c.afterQuote(begin)
	}
}

// afterQuote reads what comes after a closing quote: the next cell or line, or the end. Anything else shows
// that a quote is missing or one too many, and all that follows would be read wrongly.
func (c *csvReader) afterQuote(begin int) (more bool, err error) {
	for {
		b, err := c.r.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return false, nil
		case err != nil:
			return false, fmt.Errorf("read line %d: %w", c.next, err)
		case b == c.comma:
			return true, nil
		case b == '\r' || b == '\n':
			c.lineBreak(b)
			return false, nil
		case b != ' ':
			return false, refuse(begin, "Line %s has a quote (\") that is closed in the middle of a cell%s. A quote inside of a cell must be doubled (\"\").", grouped(begin), inLine(begin, c.next))
		}
	}
}

// inLine names the line where something ended, if it is not the one where it began.
func inLine(begin, end int) string {
	if begin == end {
		return ""
	}
	return ", in line " + grouped(end)
}

func (c *csvReader) cellTooLarge(begin int) error {
	return tooLarge(begin, "A cell in line %s is larger than %s. Perhaps a quote (\") is missing where it should end.", grouped(begin), bytesInWords(int64(c.limits.Cell)))
}

// maxColumns is how many columns a sheet has in Excel and LibreOffice.
const maxColumns = 16_384

// tooManyCells is the answer to a file of many cells with little in them: each takes room in memory.
func tooManyCells() error {
	return tooLarge(0, "The file has more cells than can be read at once. Take out the columns that are not needed, or split it into several files.")
}
