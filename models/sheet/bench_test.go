package sheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"testing"
)

// aRow is one of the rows that are written to measure: five cells, two of them numbers.
func aRow(i int, cells []Cell) []Cell {
	return append(cells[:0],
		Cell{Kind: Number, Number: int64(i)},
		Cell{Text: "Demon Dogs " + strconv.Itoa(i)},
		Cell{Text: strconv.Itoa(i) + " W. Fullerton Avenue, Chicago"},
		Cell{Text: "yes"},
		Cell{Kind: Number, Number: int64(i % 17)})
}

var fiveColumns = []string{"id", "name", "address", "serves_pizza", "waiters"}

func writeRows(t interface {
	Helper()
	Fatal(...any)
}, to io.Writer, f Format, rows int) {
	t.Helper()
	w, err := NewWriter(to, f, "Places")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Header(fiveColumns...); err != nil {
		t.Fatal(err)
	}
	var cells []Cell
	for i := range rows {
		cells = aRow(i, cells)
		if err := w.Write(cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func rowsPerSecond(b *testing.B, rows int) {
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkWrite(b *testing.B) {
	const rows = 100_000
	for _, f := range []Format{CSV, XLSX} {
		b.Run(string(f), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				writeRows(b, io.Discard, f, rows)
			}
			rowsPerSecond(b, rows)
		})
	}
	b.Run("the limit for CSV: encoding/csv", func(b *testing.B) {
		for b.Loop() {
			w := csv.NewWriter(io.Discard)
			var cells []Cell
			record := make([]string, len(fiveColumns))
			for i := range rows {
				cells = aRow(i, cells)
				copy(record, texts(cells))
				if err := w.Write(record); err != nil {
					b.Fatal(err)
				}
			}
			w.Flush()
		}
		rowsPerSecond(b, rows)
	})
	b.Run("the limit for XLSX: packing the same bytes", func(b *testing.B) {
		_, sheet := unpackedSheet(b, rows)
		for b.Loop() {
			w, err := flate.NewWriter(io.Discard, flate.DefaultCompression)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := w.Write(sheet); err != nil {
				b.Fatal(err)
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
		}
		rowsPerSecond(b, rows)
	})
}

// unpackedSheet is a workbook of that many rows, and its sheet as XML.
func unpackedSheet(t interface {
	Helper()
	Fatal(...any)
}, rows int) (file, sheet []byte) {
	t.Helper()
	var all bytes.Buffer
	writeRows(t, &all, XLSX, rows)
	z, err := zip.NewReader(bytes.NewReader(all.Bytes()), int64(all.Len()))
	if err != nil {
		t.Fatal(err)
	}
	part, err := z.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	sheet, err = io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	return all.Bytes(), sheet
}

func BenchmarkRead(b *testing.B) {
	const rows = 100_000
	for _, f := range []Format{CSV, XLSX} {
		b.Run(string(f), func(b *testing.B) {
			var file bytes.Buffer
			writeRows(b, &file, f, rows)
			b.ReportAllocs()
			for b.Loop() {
				book, err := Read(b.Context(), bytes.NewReader(file.Bytes()), int64(file.Len()), "places", Limits{})
				if err != nil || len(book.Tables[0].Rows) != rows {
					b.Fatal(err)
				}
			}
			rowsPerSecond(b, rows)
		})
	}
	b.Run("the limit for CSV: encoding/csv", func(b *testing.B) {
		var file bytes.Buffer
		writeRows(b, &file, CSV, rows)
		for b.Loop() {
			if all, err := csv.NewReader(bytes.NewReader(file.Bytes())).ReadAll(); err != nil || len(all) != rows+1 {
				b.Fatal(err)
			}
		}
		rowsPerSecond(b, rows)
	})
	b.Run("the limit for XLSX: the tokens of its XML", func(b *testing.B) {
		_, sheet := unpackedSheet(b, rows)
		for b.Loop() {
			d := xml.NewDecoder(bytes.NewReader(sheet))
			for {
				if _, err := d.RawToken(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
		rowsPerSecond(b, rows)
	})
}
