// Package sheet reads and writes the files that spreadsheets make: tables of text, as CSV in the ways that
// people's programs write it, and as XLSX. It knows nothing of records.
//
// A file that is broken, or larger than it may be, is refused whole, with what is wrong on which line, for
// the person who brought it: see [Refused]. What is written here reads again as it was, to the letter.
package sheet

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// Format is how a file holds its tables.
type Format string

// The formats.
const (
	CSV  Format = "CSV"
	XLSX Format = "XLSX"
)

// Limits are how much of a file is read; 0 stands for no limit. An XLSX file, which is packed, may unpack to
// no more than 20 times Bytes, 64 MiB at least, and what is kept of it in memory is no more than 4 times
// Bytes, 32 MiB at least; so are the texts of all cells together, where a shared one counts for each.
type Limits struct {
	Bytes   int64 // of the file
	Rows    int   // of one sheet, without its first line
	Columns int
	Cell    int // bytes of one cell
}

// Book is a file that was read.
type Book struct {
	Format Format
	Notes  []string // how it was understood, in sentences for people: "The cells are parted by semicolons."
	Tables []*Table // those that are not empty; one for CSV, and of several one at least can be read
}

// Table is one sheet.
type Table struct {
	Name   string   // of the sheet; "" for CSV
	Header []string // the first line that is not empty; no two are the same but for case and space around
	Line   int      // where that is, from 1
	Rows   []Row    // those that are not empty, in their order; each with as many cells as the header

	Refused *Refused // why this sheet cannot be read, though others can; then it has no header and no rows
}

// Row is one line of a sheet.
type Row struct {
	Line  int // where it begins in the file, from 1
	Cells []string
}

// Read reads the file f, which is size bytes long and came under the given name, which is only for the
// sentences. What it is, its content says. The error is a [*Refused] if the fault is the file's; that of ctx
// if that ended; else f could not be read.
func Read(ctx context.Context, f io.ReaderAt, size int64, name string, l Limits) (*Book, error) {
	if l.Bytes > 0 && size > l.Bytes {
		return nil, tooLarge(0, "The file is larger than %s. Split it into several files.", bytesInWords(l.Bytes))
	}
	what, err := recognise(ctx, f, size)
	if err != nil {
		return nil, fmt.Errorf("recognise the file: %w", err)
	}
	switch what {
	case isText:
		return readCSV(ctx, f, size, l)
	case isZip:
		return readXLSX(ctx, f, size, name, l)
	case isLocked:
		return nil, refuse(0, "%s is %s. Open it, take the password away, save it as XLSX, and choose that file.", called(name), what)
	default:
		return nil, refuse(0, "%s is %s. Save it as XLSX or CSV, and choose that file.", called(name), what)
	}
}

// called is how a sentence names a file.
func called(name string) string {
	if name = strings.TrimSpace(name); name == "" {
		return "The file"
	}
	if runes := []rune(name); len(runes) > 60 {
		name = string(runes[:60]) + "…"
	}
	return "The file “" + name + "”"
}
