package sheet

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"
)

// readXLSX reads an Office Open XML workbook (ECMA-376), as it comes from Excel, LibreOffice, Google Sheets,
// Numbers and the many libraries that write it.
func readXLSX(ctx context.Context, f io.ReaderAt, size int64, name string, l Limits) (*Book, error) {
	source := &source{f: f}
	a, err := openArchive(ctx, source, size, l)
	if err == nil {
		if what := a.what(); what != isWorkbook {
			return nil, refuse(0, "%s is %s. Save it as XLSX or CSV, and choose that file.", called(name), what)
		}
		w := &workbook{archive: a, limits: l, kept: &budget{left: math.MaxInt64, refusal: unpacksTooLarge}, texts: &budget{left: math.MaxInt64, refusal: unpacksTooLarge}}
		if l.Bytes > 0 {
			w.kept.left = max(32<<20, 4*l.Bytes)
			w.texts.left = w.kept.left
		}
		var book *Book
		if book, err = w.read(); err == nil {
			return book, nil
		}
	}
	var refused *Refused
	switch {
	case source.err != nil:
		return nil, fmt.Errorf("read the file: %w", source.err)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &refused):
		return nil, refused
	case errors.Is(err, errUnpacksTooLarge):
		return nil, unpacksTooLarge()
	case errors.Is(err, errTokenTooLarge):
		return nil, tooLarge(0, "There is something in the file that is too large to be read.")
	}
	// Whatever else ZIP and XML complain about, the file could be read.
	return nil, refuse(0, "%s is damaged and cannot be read. Open it in the program that made it, and save it again as XLSX or CSV.", called(name))
}

// source is a file that remembers if it could not be read, which is no fault of what is in it.
type source struct {
	f   io.ReaderAt
	err error
}

func (s *source) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 {
		return 0, errDamaged
	}
	n, err := s.f.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func unpacksTooLarge() error {
	return tooLarge(0, "There is more in the file than can be read at once. Split it into several files.")
}

// isWorkbook is what an archive is that is an XLSX file.
const isWorkbook content = "a workbook"

// what says what the archive holds.
func (a *archive) what() content {
	has := func(name string) bool { return a.parts[name] != nil }
	switch {
	case has("xl/workbook.bin"):
		return "a binary workbook of Excel (XLSB)"
	case has("word/document.xml"):
		return "a text document"
	case has("ppt/presentation.xml"):
		return "a presentation"
	case has("[content_types].xml"):
		return isWorkbook
	case has("mimetype") && has("content.xml"):
		return "a document of LibreOffice or OpenOffice"
	case has("index/document.iwa"), has("index.zip"):
		return "a document of Numbers, Pages or Keynote"
	}
	return isZip
}

// workbook is what is known of all sheets while they are read.
type workbook struct {
	archive *archive
	limits  Limits
	kept    *budget // bytes in memory
	texts   *budget // bytes of all cells; a shared one counts for each, as whoever copies the table has it so often

	from1904 bool      // which day has the number 0
	formats  []*format // of numbers, by the number of a style
	shared   pile
	notes    []string
}

// sheetEntry is what a workbook says of a sheet.
type sheetEntry struct {
	name, part string
	hidden     bool
}

func (w *workbook) read() (*Book, error) {
	root, err := w.archive.links("")
	if err != nil {
		return nil, err
	}
	name := "xl/workbook.xml"
	for _, l := range root {
		if l.kind == "officeDocument" {
			name = l.target
		}
	}
	links, err := w.archive.links(name)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		var err error
		switch l.kind {
		case "styles":
			err = w.readStyles(l.target)
		case "sharedStrings":
			err = w.readShared(l.target)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	entries, err := w.readEntries(name, links)
	if err != nil {
		return nil, err
	}
	return w.readSheets(entries)
}

// readEntries reads which sheets there are; those that hold no cells, but a chart, are left out.
func (w *workbook) readEntries(name string, links map[string]link) (entries []sheetEntry, err error) {
	p, err := w.archive.open(name, smallToken)
	if err != nil {
		return nil, err
	}
	err = p.each(func(e xml.StartElement) error {
		switch {
		case p.within("workbook", "workbookPr"):
			w.from1904 = isTrue(attribute(e, "date1904"))
		case p.within("workbook", "sheets", "sheet"):
			var id string
			for _, a := range e.Attr {
				if a.Name.Local == "id" && a.Name.Space != "" {
					id = a.Value
				}
			}
			l, ok := links[id]
			if !ok {
				return fmt.Errorf("%w: there is no sheet %q", errDamaged, id)
			}
			if len(entries) == maxParts {
				return errUnpacksTooLarge
			}
			if state := attribute(e, "state"); l.kind == "worksheet" {
				entries = append(entries, sheetEntry{unescape(attribute(e, "name")), l.target, state == "hidden" || state == "veryHidden"})
			}
		}
		return nil
	})
	return entries, err
}

func (w *workbook) readSheets(entries []sheetEntry) (*Book, error) {
	var hidden, visible []sheetEntry
	for _, e := range entries {
		if e.hidden {
			hidden = append(hidden, e)
		} else {
			visible = append(visible, e)
		}
	}
	book := &Book{Format: XLSX}
	var all flaws
	var refused *Refused
	canBeRead := false
	for _, e := range visible {
		t, found, err := w.readSheet(e, len(visible) > 1)
		if err != nil {
			return nil, err
		}
		if errors.As(found.refused(), &refused) {
			t = &Table{Refused: refused}
			all = *together(&all, found)
		}
		if t != nil {
			t.Name = e.name
			book.Tables = append(book.Tables, t)
			canBeRead = canBeRead || t.Refused == nil
		}
	}
	if !canBeRead && len(book.Tables) > 0 {
		return nil, all.refused()
	}
	switch {
	case len(book.Tables) == 0 && len(hidden) > 0:
		return nil, refuse(0, "There is nothing in the sheets of the file that are not hidden.")
	case len(book.Tables) == 0:
		return nil, refuse(0, "There is nothing in the file.")
	case len(book.Tables) > 1:
		var names []string
		for _, t := range book.Tables {
			names = append(names, t.Name)
		}
		book.Notes = append(book.Notes, "The file has "+count(len(names), "sheet")+": "+listed(names)+".")
	}
	switch len(hidden) {
	case 0:
	case 1:
		book.Notes = append(book.Notes, "The hidden sheet "+listed([]string{hidden[0].name})+" was left out.")
	default:
		var names []string
		for _, e := range hidden {
			names = append(names, e.name)
		}
		book.Notes = append(book.Notes, "The hidden sheets "+listed(names)+" were left out.")
	}
	book.Notes = append(book.Notes, w.notes...)
	return book, nil
}

// listed is names as a sentence lists them, the first five.
func listed(names []string) string {
	var some []string
	for _, name := range names[:min(len(names), 5)] {
		some = append(some, "“"+shown(name)+"”")
	}
	if more := len(names) - len(some); more > 0 {
		some = append(some, grouped(more)+" more")
	}
	if last := len(some) - 1; last > 0 {
		return strings.Join(some[:last], ", ") + " and " + some[last]
	}
	return some[0]
}

// readShared reads the texts that cells refer to by their number.
func (w *workbook) readShared(name string) error {
	p, err := w.archive.open(name, w.cellToken())
	if err != nil {
		return err
	}
	if err := w.readTexts(p); errors.Is(err, errTokenTooLarge) {
		return tooLarge(0, "A cell is larger than it may be (%s). Shorten it.", w.cellLimit())
	} else if err != nil {
		return err
	}
	return nil
}

func (w *workbook) readTexts(p *part) error {
	var t richText
	for {
		token, err := p.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if p.within("sst", "si") {
				t.text = t.text[:0]
			}
		case xml.CharData:
			if len(p.path) > 2 && p.path[1] == "si" {
				if w.tooLong(t.add(p.path[2:], token)) {
					return errTokenTooLarge
				}
			}
		case xml.EndElement:
			if token.Name.Local == "si" && len(p.path) == 1 {
				if err := w.kept.spend(int64(32 + len(t.text))); err != nil {
					return err
				}
				w.shared.add(unescape(string(t.text)))
			}
		}
	}
}

// pile is a list of texts in chunks, which need not be copied to make room for more.
type pile [][]string

const pileChunk = 4096

func (p *pile) add(text string) {
	last := len(*p) - 1
	if last < 0 || len((*p)[last]) == pileChunk {
		*p = append(*p, make([]string, 0, pileChunk))
		last++
	}
	(*p)[last] = append((*p)[last], text)
}

// at is the text of this number, from 0; false if there is none.
func (p pile) at(n int) (string, bool) {
	if n < 0 || n/pileChunk >= len(p) || n%pileChunk >= len(p[n/pileChunk]) {
		return "", false
	}
	return p[n/pileChunk][n%pileChunk], true
}

// richText gathers the text of a shared or inline string, of which parts may have a form of their own. How it
// is spoken, for Japanese (rPh), is no part of it.
type richText struct{ text []byte }

// add takes a piece of text, by the path of elements below that of the string, and returns how long all is.
func (t *richText) add(path []string, piece []byte) int {
	if len(path) == 1 && path[0] == "t" || len(path) == 2 && path[0] == "r" && path[1] == "t" {
		t.text = append(t.text, piece...)
	}
	return len(t.text)
}

// maxToken is what cellToken is where cells have no limit.
const maxToken = 64 << 20

// cellToken is how many bytes a tag or text may have where there are cells: each of their bytes may be
// written as "&quot;" or longer.
func (w *workbook) cellToken() int64 {
	if w.limits.Cell == 0 {
		return maxToken
	}
	return int64(w.limits.Cell)*12 + smallToken
}

// tooLong says that a text is longer than a cell may be, whatever in it is an escape.
func (w *workbook) tooLong(length int) bool {
	return w.limits.Cell > 0 && length > w.limits.Cell*escapeLength
}

func (w *workbook) cellLimit() string {
	if w.limits.Cell == 0 {
		return bytesInWords(maxToken)
	}
	return bytesInWords(int64(w.limits.Cell))
}

func isTrue(value string) bool {
	return value == "1" || value == "true" || value == "on"
}
