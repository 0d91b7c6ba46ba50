package sheet

import (
	"bufio"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
)

// errDamaged says that a part of a workbook is not what it should be; errTokenTooLarge that a text or tag in
// it is larger than any that is wanted.
var (
	errDamaged       = errors.New("the file is damaged")
	errTokenTooLarge = errors.New("a piece of XML is too large")
)

// maxDepth is how deep the elements of a part may be nested; those of a sheet are about ten deep.
const maxDepth = 100

// part reads the XML of one part of a workbook, in bounded memory whatever is in it. It knows no entities
// but those of XML itself, since a part may declare none.
type part struct {
	ctx   context.Context
	xml   *xml.Decoder
	bytes *meter
	token int64    // how many bytes one token may have
	path  []string // the local names of the elements that are open
	n     int
}

func newPart(ctx context.Context, r io.Reader, token int64) *part {
	m := &meter{r: bufio.NewReaderSize(r, 32<<10)}
	return &part{ctx: ctx, xml: xml.NewDecoder(m), bytes: m, token: token}
}

// meter hands out single bytes, as many as it may. The decoder takes no more than it needs, because of it.
type meter struct {
	r    *bufio.Reader
	left int64
}

func (m *meter) ReadByte() (byte, error) {
	if m.left--; m.left < 0 {
		return 0, errTokenTooLarge
	}
	return m.r.ReadByte()
}

func (m *meter) Read([]byte) (int, error) {
	return 0, errors.New("read XML: not byte by byte")
}

// next returns the next start or end of an element, or text; io.EOF after the last.
func (p *part) next() (xml.Token, error) {
	for {
		if p.n++; p.n%1024 == 0 {
			if err := p.ctx.Err(); err != nil {
				return nil, err
			}
		}
		p.bytes.left = p.token
		token, err := p.xml.RawToken()
		if err != nil {
			return nil, p.failure(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if len(p.path) == maxDepth {
				return nil, fmt.Errorf("%w: its elements are nested too deep", errDamaged)
			}
			p.path = append(p.path, token.Name.Local)
			return token, nil
		case xml.EndElement:
			if len(p.path) == 0 || p.path[len(p.path)-1] != token.Name.Local {
				return nil, fmt.Errorf("%w: </%s> closes another element", errDamaged, token.Name.Local)
			}
			p.path = p.path[:len(p.path)-1]
			return token, nil
		case xml.CharData:
			return token, nil
		case xml.Directive:
			return nil, fmt.Errorf("%w: it declares a document type", errDamaged)
		}
	}
}

// failure is an error of reading; io.EOF is one unless everything that was opened is closed.
func (p *part) failure(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF) && len(p.path) == 0:
		return io.EOF
	case errors.Is(err, io.EOF), errors.As(err, &syntax):
		return fmt.Errorf("%w: %s", errDamaged, err.Error()) // not %w: io.EOF would look like the end
	}
	return err
}

// attribute is the value of an attribute by its local name, or "".
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// each calls f with every start of an element, until the part is at its end.
func (p *part) each(f func(xml.StartElement) error) error {
	for {
		token, err := p.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok {
			if err := f(start); err != nil {
				return err
			}
		}
	}
}

// within says that the elements that are open are these, from the outermost on.
func (p *part) within(names ...string) bool {
	return slices.Equal(p.path, names)
}
