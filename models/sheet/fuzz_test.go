package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// fuzzLimits keep every run short, and let the limits themselves be found.
var fuzzLimits = Limits{Bytes: 1 << 20, Rows: 200, Columns: 50, Cell: 2000}

// readAgain says that what was read of a file, whichever it was, reads the same when it was written.
func readAgain(t *testing.T, file []byte) {
	t.Helper()
	book, err := Read(t.Context(), bytes.NewReader(file), int64(len(file)), "fuzz", fuzzLimits)
	if err != nil {
		var r *Refused
		if !errors.As(err, &r) || len(r.Flaws) == 0 || len(r.Flaws) > maxFlaws || book != nil {
			t.Fatalf("%#v", err)
		}
		for _, f := range r.Flaws {
			if f.Sentence == "" || strings.Contains(f.Sentence, "%!") || f.Line < 0 {
				t.Errorf("it says %q of line %d", f.Sentence, f.Line)
			}
		}
		return
	}
	if len(book.Tables) == 0 {
		t.Fatal("it has no table")
	}
	for _, table := range book.Tables {
		last := table.Line
		var rows [][]Cell
		for _, row := range table.Rows {
			if len(row.Cells) != len(table.Header) || row.Line <= last {
				t.Fatalf("line %d follows line %d, %d cells are below %d names", row.Line, last, len(row.Cells), len(table.Header))
			}
			last = row.Line
			var cells []Cell
			for _, cell := range row.Cells {
				cells = append(cells, Cell{Text: cell})
			}
			rows = append(rows, cells)
		}
		for _, format := range []Format{CSV, XLSX} {
			file := written(t, format, table.Header, rows)
			again, err := Read(t.Context(), bytes.NewReader(file), int64(len(file)), "again", Limits{})
			if err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			got := again.Tables[0]
			same := func(a, b []string) bool {
				if format == CSV { // no text file holds NUL, which XLSX can
					a = slices.Clone(a)
					for i := range a {
						a[i] = strings.ReplaceAll(a[i], "\x00", "\ufffd")
					}
				}
				return slices.Equal(a, b)
			}
			if !same(table.Header, got.Header) {
				t.Fatalf("%s: the header %q is read as %q", format, table.Header, got.Header)
			}
			if !slices.EqualFunc(table.Rows, got.Rows, func(a, b Row) bool { return same(a.Cells, b.Cells) }) {
				t.Fatalf("%s: the rows %v are read as %v", format, table.Rows, got.Rows)
			}
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, file := range []string{
		"name,address\r\nDemon Dogs,944 W. Fullerton\r\n",
		bom + "sep=;\nname;address\n\"a\"\"b\n\";'=1\n;;;\n",
		"\xff\xfe" + utf16Text("name\taddress\r\n👩‍🍳\t\"x\"", false),
		"\xfe\xff" + utf16Text("a,b\rc,d", true),
		utf16Text("name,address\na,b", false),
		"name;address\nM\xfcller;Stra\xdfe\n",
		"name,Name\n\"a\" b,c\n\"",
		"a, \"b\" ,\n=1;=2,'-\t-,\n",
		"a|b\n\x00",
		"\xc3\xa9,\xc3\n",
		"<html>", "%PDF", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
	} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if bytes.HasPrefix(file, []byte("PK")) {
			t.Skip("FuzzReadXLSX has those")
		}
		readAgain(t, file)
	})
}

// FuzzReadXLSX gives the parts of a workbook; made of random bytes none would have parts.
func FuzzReadXLSX(f *testing.F) {
	sheet := inMain + `<sheetData>` + inline("name", "zip") + `<row r="3" hidden="1"><c r="A3" t="s"><v>0</v></c><c r="B3" s="1"><v>614</v></c></row><row><c t="b"><v>1</v></c><c s="2"><v>45351.5</v></c></row></sheetData></worksheet>`
	shared := `<sst><si><r><t xml:space="preserve"> a_x0009_</t></r><rPh><t>x</t></rPh></si></sst>`
	styles := `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[&lt;=9]00000;\(0\)-&quot;x&quot;0.0#%"/></numFmts><cellXfs><xf/><xf numFmtId="164"/><xf numFmtId="22"/></cellXfs></styleSheet>`
	book := withSheet("")["xl/workbook.xml"]
	f.Add([]byte(sheet), []byte(shared), []byte(styles), []byte(book))
	f.Add([]byte(strings.ReplaceAll(sheet, "<v>614</v>", "<f>1</f>")), []byte("<sst/>"), []byte(""), []byte(`<workbook xmlns:r="r"><workbookPr date1904="true"/><sheets><sheet name="A" r:id="rId1"/><sheet state="hidden" name="B" r:id="rId1"/></sheets></workbook>`))
	f.Add([]byte(inMain+`<sheetData/><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>`), []byte(`<!DOCTYPE x>`), []byte(styles), []byte(book))
	f.Fuzz(func(t *testing.T, sheet, shared, styles, book []byte) {
		readAgain(t, zipped(t, withSheet("", "xl/worksheets/sheet1.xml", string(sheet), "xl/sharedStrings.xml", string(shared), "xl/styles.xml", string(styles), "xl/workbook.xml", string(book))))
	})
}

// FuzzReadZIP gives the whole file.
func FuzzReadZIP(f *testing.F) {
	f.Add(written(f, XLSX, []string{"name"}, [][]Cell{{{Text: "Demon Dogs"}}}))
	var stored bytes.Buffer
	z := zip.NewWriter(&stored)
	for name, part := range withSheet("<sheetData>" + inline("name") + inline("Demon Dogs") + "</sheetData>") {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name})
		if err != nil {
			f.Fatal(err)
		}
		if _, err := io.WriteString(w, part); err != nil {
			f.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(stored.Bytes())
	f.Fuzz(func(t *testing.T, file []byte) { readAgain(t, file) })
}
