package sheet

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// csvWriter writes what RFC 4180 says, with a byte order mark, without which Excel shows "MÃ¼ller". Texts
// are guarded, so that none is taken for a formula. What no text file can hold, NUL and broken UTF-8, is
// written as the replacement character, U+FFFD.
type csvWriter struct {
	w     *bufio.Writer
	shape shape
	buf   []byte // of one line
}

func newCSVWriter(w io.Writer) *csvWriter {
	return &csvWriter{w: bufio.NewWriterSize(w, 32<<10)}
}

func (c *csvWriter) Header(names ...string) error {
	if err := c.shape.header(names); err != nil {
		return err
	}
	c.buf = append(c.buf[:0], bom...)
	for i, name := range names {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		c.text(name)
	}
	return c.end()
}

func (c *csvWriter) Write(cells []Cell) error {
	if err := c.shape.line(cells); err != nil {
		return err
	}
	c.buf = c.buf[:0]
	for i, cell := range cells {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		if cell.Kind == Number {
			c.buf = strconv.AppendInt(c.buf, cell.Number, 10)
			continue
		}
		c.text(cell.Text)
	}
	return c.end()
}

func (c *csvWriter) end() error {
	c.buf = append(c.buf, "\r\n"...)
	_, err := c.w.Write(c.buf)
	return err
}

func (c *csvWriter) Close() error {
	return c.w.Flush()
}

// text writes a text, in quotes if a program might else take a part of it for something of its own.
func (c *csvWriter) text(text string) {
	text = guard(text)
	if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
	}
	if !needsQuotes(text) {
		c.buf = append(c.buf, text...)
		return
	}
	c.buf = append(c.buf, '"')
	for {
		before, after, found := strings.Cut(text, `"`)
		c.buf = append(c.buf, before...)
		if !found {
			break
		}
		c.buf = append(c.buf, `""`...)
		text = after
	}
	c.buf = append(c.buf, '"')
}

func needsQuotes(text string) bool {
	return strings.ContainsAny(text, ",;|\t\r\n\"") || strings.HasPrefix(text, " ") || strings.HasSuffix(text, " ") || strings.HasPrefix(text, bom)
}
