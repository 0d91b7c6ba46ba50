// Package sheet reads and writes the files that spreadsheets make: tables of text, as CSV in the ways that
// people's programs write it, and as XLSX. It knows nothing of records.
package sheet

// Format is how a file holds its tables.
type Format string

// The formats.
const (
	CSV  Format = "CSV"
	XLSX Format = "XLSX"
)

// Limits are how much of a file is read; 0 stands for no limit.
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
	Tables []*Table // those that are not empty; one for CSV
}

// Table is one sheet.
type Table struct {
	Name   string   // of the sheet; "" for CSV
	Header []string // the first line that is not empty
	Line   int      // where that is, from 1
	Rows   []Row    // those that are not empty, in their order; each with as many cells as the header
}

// Row is one line of a sheet.
type Row struct {
	Line  int // where it begins in the file, from 1
	Cells []string
}
