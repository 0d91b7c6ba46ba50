package sheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestABrokenTextFileIsRefusedWithItsLines(t *testing.T) {
	t.Parallel()
	limits := Limits{Bytes: 10 << 20, Rows: 5, Columns: 10, Cell: 100}
	for _, c := range []struct {
		what, file, want string
		tooLarge         bool
	}{
		{"nothing", "", "There is nothing in the file.", false},
		{"nothing but white space", bom + "\r\n  \n,,\n", "There is nothing in the file.", false},
		{"NUL", "name\na\nb\x00\n", "Line 3 contains a character that no text has (NUL). Save the file again as CSV or XLSX.", false},
		{"broken UTF-8", "name\nCafé\nM\xc3ller\nJoë\n", "Line 3 contains a character that is broken (it is not valid UTF-8). Save the file again as “CSV UTF-8” or as XLSX.", false},
		{"broken UTF-8 that says it is UTF-8", bom + "name\nM\xfcller\r\rx\r\n\xff\n", "Line 2 contains a character that is broken (it is not valid UTF-8). Save the file again as “CSV UTF-8” or as XLSX.\nLine 5 contains a character that is broken (it is not valid UTF-8). Save the file again as “CSV UTF-8” or as XLSX.", false},
		{"neither UTF-8 nor Windows-1252", "name\nM\xfcller\nx\x81\n", "Line 3 contains a character that could not be understood. Save the file as “CSV UTF-8” or as XLSX.", false},
		{"broken UTF-16", "\xff\xfe" + utf16Text("name\na\n", false) + "\x00\xd8x\x00", "Line 3 contains a character that is broken (it is not valid UTF-16). Save the file again as “CSV UTF-8” or as XLSX.", false},
		{"half a character of UTF-16", "\xff\xfe" + utf16Text("name\na\nb", false) + "\x00", "Line 3 contains a character that is broken (it is not valid UTF-16). Save the file again as “CSV UTF-8” or as XLSX.", false},
		{"NUL in UTF-16", "\xff\xfe" + utf16Text("name\na\x00", false), "Line 2 contains a character that is broken (it is not valid UTF-16). Save the file again as “CSV UTF-8” or as XLSX.", false},
		{"a header twice", "name,address, NAME\na,b,c\n", "The columns A and C have the same name, “NAME”. Give each column a name of its own.", false},
		{"a header twice, otherwise composed", "é,e\u0301\n", "The columns A and B have the same name, “e\u0301”. Give each column a name of its own.", false},
		{"something below no name", "name,,address\na,,b\nc,d,e\n", "Column B has no name in the first line, but something in line 3. Give it a name, or empty it.", false},
		{"an open quote", "name,address\na,\"b\nc,d\ne,f\n", "Line 2 has a quote (\") that is never closed.", false},
		{"an open quote in the header", "\"name,address\n", "Line 1 has a quote (\") that is never closed.", false},
		{"a quote closed too early", "name,address\n\"Joe\" Smith,b\n", "Line 2 has a quote (\") that is closed in the middle of a cell. A quote inside of a cell must be doubled (\"\").", false},
		{"an open quote closed by the next one", "name,address\na,\"b\nc,\"d\"\n", "Line 2 has a quote (\") that is closed in the middle of a cell, in line 3. A quote inside of a cell must be doubled (\"\").", false},
		{"short and long rows", "name,address\na\n\nb,c,\nd,e,f\n", "Line 2 has 1 cell, but the first line has 2.\nLine 5 has something in column C, which has no name in the first line.", false},
		{"more rows than may be", "name\n1\n2\n3\n\n4\n5\n6\n", "There are more than 5 lines below the first. Split the file into several.", true},
		{"more columns than may be", "1,2,3,4,5,6,7,8,9,10,11\n", "Line 1 has more than 10 columns. Leave out the columns that are not needed.", true},
		{"100,000 columns", strings.Repeat(",", 100_000), "Line 1 has more than 10 columns. Leave out the columns that are not needed.", true},
		{"a cell larger than may be", "name\n\na" + strings.Repeat("x", 100) + "\n", "A cell in line 3 is larger than 100 bytes. Perhaps a quote (\") is missing where it should end.", true},
		{"a cell in quotes larger than may be", "name\na\n\"\n" + strings.Repeat("x", 100) + "\"\n", "A cell in line 3 is larger than 100 bytes. Perhaps a quote (\") is missing where it should end.", true},
		{"a PDF", "%PDF-1.7", "The file “a” is a PDF document. Save it as XLSX or CSV, and choose that file.", false},
		{"a picture", "\x89PNG\r\n\x1a\n", "The file “a” is a picture. Save it as XLSX or CSV, and choose that file.", false},
		{"a web page", " \n<!DOCTYPE html><table>", "The file “a” is a web page. Save it as XLSX or CSV, and choose that file.", false},
		{"XML", bom + "<?xml version=\"1.0\"?>", "The file “a” is an XML document. Save it as XLSX or CSV, and choose that file.", false},
		{"an old file of Excel", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 1000), "The file “a” is in the old format of Excel, Word or PowerPoint. Save it as XLSX or CSV, and choose that file.", false},
		{"a workbook with a password", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 65_520) + string(utf16le("EncryptedPackage")), "The file “a” is protected by a password. Open it, take the password away, save it as XLSX, and choose that file.", false},
		{"a packed folder", string(zipped(t, map[string]string{"a.csv": "name"})), "The file “a” is a ZIP archive. Save it as XLSX or CSV, and choose that file.", false},
		{"a text document", string(zipped(t, map[string]string{"[Content_Types].xml": "", "word/document.xml": ""})), "The file “a” is a text document. Save it as XLSX or CSV, and choose that file.", false},
		{"a file of Numbers", string(zipped(t, map[string]string{"Index/Document.iwa": ""})), "The file “a” is a document of Numbers, Pages or Keynote. Save it as XLSX or CSV, and choose that file.", false},
		{"a binary workbook", string(zipped(t, map[string]string{"[Content_Types].xml": "", "xl/workbook.bin": ""})), "The file “a” is a binary workbook of Excel (XLSB). Save it as XLSX or CSV, and choose that file.", false},
	} {
		book, err := Read(t.Context(), strings.NewReader(c.file), int64(len(c.file)), "a", limits)
		if got := sentences(err); got != c.want {
			t.Errorf("%s: it says\n%s\nwant\n%s", c.what, got, c.want)
			continue
		}
		var r *Refused
		if errors.As(err, &r); r.TooLarge != c.tooLarge || book != nil {
			t.Errorf("%s: too large is %v, and the book %v", c.what, r.TooLarge, book)
		}
		for _, f := range r.Flaws {
			if named := fmt.Sprintf("ine %d ", f.Line); f.Line > 0 && !strings.Contains(f.Sentence, named) && !strings.Contains(f.Sentence, "The columns") && !strings.Contains(f.Sentence, "below") && !strings.Contains(f.Sentence, "Column") {
				t.Errorf("%s: the line is %d, but the sentence %q", c.what, f.Line, f.Sentence)
			}
		}
	}
}

func TestABrokenWorkbookIsRefusedWithItsCells(t *testing.T) {
	t.Parallel()
	const damaged = "The file “a” is damaged and cannot be read. Open it in the program that made it, and save it again as XLSX or CSV."
	rows := func(rows ...string) map[string]string {
		return withSheet("<sheetData>" + inline("name", "address") + strings.Join(rows, "") + "</sheetData>")
	}
	deep := strings.Repeat("<a>", 200) + strings.Repeat("</a>", 200)
	for _, c := range []struct {
		what, want string
		parts      map[string]string
		tooLarge   bool
	}{
		{"nothing", "There is nothing in the file.", withSheet("<sheetData/>"), false},
		{"a formula", "Cell B14 contains a formula. Replace it by its value.", rows(`<row r="14"><c r="B14"><f>A1&amp;"x"</f><v>2</v></c></row>`), false},
		{"a shared formula and one of an array", "Cell A2 contains a formula. Replace it by its value.\nCell B2 contains a formula. Replace it by its value.", rows(`<row><c t="str"><f t="shared" si="0"/><v>2</v></c><c><f t="array" ref="B2:B9">1</f></c></row>`), false},
		{"merged cells", "The cells A2:B3 are merged into one. Take them apart, and fill in each.", withSheet("<sheetData>" + inline("name", "address") + inline("a", "b") + `</sheetData><mergeCells count="1"><mergeCell ref="A2:B3"/></mergeCells>`), false},
		{"an error", "Cell B2 contains the error #REF!. Correct it, or empty the cell.", rows(`<row><c t="str"><v>a</v></c><c t="e"><v>#REF!</v></c></row>`), false},
		{"something beyond the header", "Row 2 has something in column D, which has no name in the first line.", rows(inline("a", "b", "", "c")), false},
		{"a header twice", "The columns A and B have the same name, “name”. Give each column a name of its own.", withSheet("<sheetData>" + inline("Name", "name ") + "</sheetData>"), false},
		{"something below no name", "Column B has no name in the first line, but something in row 2. Give it a name, or empty it.", withSheet("<sheetData>" + inline("a", "", "c") + inline("", "x") + "</sheetData>"), false},
		{"more rows than may be", "There are more than 5 rows below the first. Split the file into several.", rows(strings.Repeat(inline("a"), 6)), true},
		{"more columns than may be", "Row 2 has more than 10 columns. Leave out the columns that are not needed.", rows(`<row><c r="K2"><v>1</v></c></row>`), true},
		{"a cell larger than may be", "Cell A2 is larger than it may be (100 bytes). Shorten it.", rows(inline(strings.Repeat("x", 101))), true},
		{"a cell of a million pieces", "Cell A2 is larger than it may be (100 bytes). Shorten it.", rows(inline(strings.Repeat("<![CDATA[x]]>", 1_000_000))), true},
		{"a cell larger than a piece may be", "Cell A2 is larger than it may be (100 bytes). Shorten it.", rows(inline(strings.Repeat("x", 1_000_000))), true},
		{"a shared text larger than may be", "A cell is larger than it may be (100 bytes). Shorten it.", withSheet("<sheetData/>", "xl/sharedStrings.xml", `<sst><si><t>`+strings.Repeat("x", 1_000_000)+`</t></si></sst>`), true},
		{"a name larger than may be", "There is something in the file that is too large to be read.", withSheet("<sheetData/>", "xl/workbook.xml", `<workbook><a b="`+strings.Repeat("x", 1_000_000)+`"/></workbook>`), true},
		{"entities that multiply", damaged, withSheet("", "xl/worksheets/sheet1.xml", `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>`), false},
		{"an entity of a file", damaged, withSheet("", "xl/worksheets/sheet1.xml", `<worksheet><sheetData><row><c t="str"><v>&passwd;</v></c></row></sheetData></worksheet>`), false},
		{"elements nested deep", damaged, withSheet(deep + "<sheetData/>"), false},
		{"elements that cross", damaged, withSheet("<sheetData><row></sheetData></row>"), false},
		{"XML that ends early", damaged, withSheet("", "xl/worksheets/sheet1.xml", "<worksheet><sheetData><row>"), false},
		{"no XML", damaged, withSheet("", "xl/worksheets/sheet1.xml", "<worksheet a=1/>"), false},
		{"NUL", damaged, rows("<row><c t=\"str\"><v>\x00</v></c></row>"), false},
		{"broken UTF-8", damaged, rows(inline("M\xfcller")), false},
		{"rows out of order", damaged, withSheet(`<sheetData><row r="2"/><row r="2"/></sheetData>`), false},
		{"cells out of order", damaged, withSheet(`<sheetData><row r="2"><c r="B2"/><c r="A2"/></row></sheetData>`), false},
		{"a cell in another row", damaged, withSheet(`<sheetData><row r="2"><c r="B3"/></row></sheetData>`), false},
		{"a row too many", damaged, withSheet(`<sheetData><row r="1048577"/></sheetData>`), false},
		{"a row beyond all numbers", damaged, withSheet(`<sheetData><row r="99999999999999999999"/></sheetData>`), false},
		{"a column too many", damaged, withSheet(`<sheetData><row r="1"><c r="XFD1"/><c/></row></sheetData>`), false},
		{"a column beyond all names", damaged, withSheet(`<sheetData><row r="1"><c r="ZZZZZZZZZZZZZZZZ1"/></row></sheetData>`), false},
		{"a shared text that is missing", damaged, rows(`<row><c t="s"><v>0</v></c></row>`), false},
		{"a number that is none", damaged, rows(`<row><c><v>x</v></c></row>`), false},
		{"a sheet that is missing", damaged, withSheet("", "xl/_rels/workbook.xml.rels", "<Relationships/>"), false},
		{"a sheet of another kind", damaged, withSheet("", "xl/worksheets/sheet1.xml", "<chartsheet><sheetData><row/></sheetData></chartsheet>"), false},
		{"no workbook", damaged, map[string]string{"[Content_Types].xml": ""}, false},
		{"the same part twice", damaged, withSheet("<sheetData/>", "XL/workbook.xml", ""), false},
	} {
		file := zipped(t, c.parts)
		book, err := Read(t.Context(), bytes.NewReader(file), int64(len(file)), "a", Limits{Bytes: 10 << 20, Rows: 5, Columns: 10, Cell: 100})
		if got := sentences(err); got != c.want {
			t.Errorf("%s: it says\n%s\nwant\n%s", c.what, got, c.want)
			continue
		}
		var r *Refused
		if errors.As(err, &r); r.TooLarge != c.tooLarge || book != nil {
			t.Errorf("%s: too large is %v, and the book %v", c.what, r.TooLarge, book)
		}
	}
}

func TestAWorkbookThatWasCutOffOrChangedOnItsWayIsRefused(t *testing.T) {
	t.Parallel()
	whole := written(t, XLSX, []string{"name"}, [][]Cell{{{Text: "Demon Dogs"}}})
	want := "The file “a” is damaged and cannot be read. Open it in the program that made it, and save it again as XLSX or CSV."
	for _, n := range []int{4, 100, len(whole) / 2, len(whole) - 1} {
		if _, err := Read(t.Context(), bytes.NewReader(whole[:n]), int64(n), "a", Limits{}); sentences(err) != want {
			t.Errorf("the first %d bytes: %q", n, sentences(err))
		}
	}
	for i := range whole {
		changed := bytes.Clone(whole)
		changed[i] ^= 0x55
		book, err := Read(t.Context(), bytes.NewReader(changed), int64(len(changed)), "a", Limits{})
		var r *Refused
		switch {
		case err == nil && (book.Tables[0].Header[0] != "name" || len(book.Tables[0].Rows) != 1 || book.Tables[0].Rows[0].Cells[0] != "Demon Dogs"):
			t.Errorf("byte %d was changed, and it reads %v", i, book.Tables[0])
		case err != nil && !errors.As(err, &r):
			t.Errorf("byte %d was changed: %v", i, err)
		}
	}
}

func TestOnlyTheFirstTwentyFlawsAreTold(t *testing.T) {
	t.Parallel()
	file := "name,Name\n" + strings.Repeat("a\n", 100)
	_, err := Read(t.Context(), strings.NewReader(file), int64(len(file)), "", Limits{})
	var r *Refused
	if !errors.As(err, &r) || len(r.Flaws) != 20 || r.More != 81 {
		t.Fatalf("it is %v", err)
	}
	if r.Flaws[0].Line != 1 || r.Flaws[1].Line != 2 || r.Flaws[19].Line != 20 {
		t.Errorf("the lines are %v", r.Flaws)
	}
}

// inMemory runs f and returns how many bytes of memory it needed more at the most, as far as looking at it
// every millisecond shows.
func inMemory(f func()) int64 {
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	runtime.GC()
	before := inUse()
	var stop atomic.Bool
	most := make(chan uint64)
	go func() {
		top := before
		for !stop.Load() {
			top = max(top, inUse())
			time.Sleep(time.Millisecond)
		}
		most <- top
	}()
	f()
	after := inUse()
	stop.Store(true)
	return int64(max(<-most, after) - before) // #nosec G115 -- it is no more than the machine has
}

// endless is a file of a start and then the same byte, again and again, which is nowhere in memory.
type endless struct {
	start string
	then  byte
	size  int64
}

func (e endless) ReadAt(p []byte, at int64) (n int, err error) {
	if left := e.size - at; int64(len(p)) > left {
		p, err = p[:max(left, 0)], io.EOF
	}
	for i := range p {
		p[i] = e.then
	}
	if at < int64(len(e.start)) {
		copy(p, e.start[at:])
	}
	return len(p), err
}

// The tests of memory do not run beside others, whose memory would count.

func TestAHugeCellNeedsLittleMemory(t *testing.T) {
	for _, c := range []struct {
		what   string
		file   endless
		limits Limits
	}{
		{"a file that is too large", endless{"name\n", 'x', 200 << 20}, Limits{Bytes: 10 << 20}},
		{"a cell", endless{"name\n", 'x', 200 << 20}, Limits{Cell: 32 << 10}},
		{"a cell in quotes", endless{"name\n\"", 'x', 200 << 20}, Limits{Cell: 32 << 10}},
		{"a cell in the header", endless{"", '\n' + 'x' - '\n', 200 << 20}, Limits{Cell: 32 << 10}},
		{"columns", endless{"name", ',', 200 << 20}, Limits{Columns: 100}},
		{"lines", endless{"name\n", '\n', 50 << 20}, Limits{}},
	} {
		begun := time.Now()
		used := inMemory(func() {
			_, err := Read(t.Context(), c.file, c.file.size, "", c.limits)
			var r *Refused
			if c.what != "lines" && (!errors.As(err, &r) || !r.TooLarge) {
				t.Errorf("%s: %v", c.what, err)
			}
		})
		if used > 16<<20 {
			t.Errorf("%s needs %d MiB of memory", c.what, used>>20)
		}
		t.Logf("%s: %d kB, %v", c.what, used>>10, time.Since(begun))
	}
}

// bomb is an XLSX file whose sheet is the same text again and again, packed to a thousandth of it or not at
// all.
func bomb(t *testing.T, sheet string, size int, method uint16) []byte {
	t.Helper()
	parts := withSheet("")
	delete(parts, "xl/worksheets/sheet1.xml")
	var file bytes.Buffer
	z := newZip(t, &file, parts)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	w, err := z.CreateHeader(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: method})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, inMain+"<sheetData>"); err != nil {
		t.Fatal(err)
	}
	many := strings.Repeat(sheet, (1<<20)/len(sheet))
	for n := 0; n < size; n += len(many) {
		if _, err := io.WriteString(w, many); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestAWorkbookThatUnpacksToGigabytesNeedsLittleMemory(t *testing.T) {
	const damaged = "The file “a” is damaged and cannot be read. Open it in the program that made it, and save it again as XLSX or CSV."
	const much = "There is more in the file than can be read at once. Split it into several files."
	for _, c := range []struct {
		what, sheet string
		size        int
		method      uint16
		want        string
	}{
		{"a gigabyte of zeros", "\x00", 1 << 30, zip.Deflate, much},
		{"spaces that would do", " ", 256 << 20, zip.Deflate, much},
		{"zeros", "\x00", 32 << 20, zip.Store, damaged},
		{"spaces", " ", 32 << 20, zip.Store, "There is something in the file that is too large to be read."},
		{"a tag", "<row ", 32 << 20, zip.Store, damaged},
		{"a comment", "<!--", 32 << 20, zip.Store, damaged},
		{"empty rows", "<row/>", 16 << 20, zip.Store, damaged},
		{"rows", `<row><c><v>0</v></c></row>`, 32 << 20, zip.Store, "There are more than 50,000 rows below the first. Split the file into several."},
		{"cells of one row", `<row>` + strings.Repeat(`<c/>`, 100_000), 1 << 20, zip.Store, damaged},
		{"elements within each other", `<row>`, 16 << 20, zip.Store, damaged},
	} {
		file := bomb(t, c.sheet, c.size, c.method)
		begun := time.Now()
		used := inMemory(func() {
			_, err := Read(t.Context(), bytes.NewReader(file), int64(len(file)), "a", Limits{Bytes: 40 << 20, Rows: 50_000, Columns: 100, Cell: 32 << 10})
			if got := sentences(err); got != c.want {
				t.Errorf("%s: it says %q, want %q", c.what, got, c.want)
			}
		})
		if used > 64<<20 {
			t.Errorf("%s need %d MiB of memory", c.what, used>>20)
		}
		t.Logf("%s: %d kB packed, %d kB of memory, %v", c.what, len(file)>>10, used>>10, time.Since(begun))
	}
}

func TestATextThatManyCellsShareIsCountedForEach(t *testing.T) {
	read := func(text string) error {
		parts := withSheet("<sheetData>" + `<row><c t="inlineStr"><is><t>name</t></is></c></row>` + strings.Repeat(`<row><c t="s"><v>0</v></c></row>`, 10_000) + "</sheetData>")
		parts["xl/sharedStrings.xml"] = "<sst><si><t>" + text + "</t></si></sst>"
		file := zipped(t, parts)
		_, err := Read(t.Context(), bytes.NewReader(file), int64(len(file)), "a", Limits{Bytes: 10 << 20, Rows: 50_000, Columns: 100, Cell: 32 << 10})
		return err
	}
	if got := sentences(read(strings.Repeat("x", 30_000))); got != "There is more in the file than can be read at once. Split it into several files." {
		t.Errorf("300 MB of text: it says %q", got)
	}
	if err := read("yes"); err != nil {
		t.Errorf("a short text in many cells: %v", err)
	}
}

func TestAWorkbookOfManyPartsOrTextsNeedsLittleMemory(t *testing.T) {
	limits := Limits{Bytes: 10 << 20, Rows: 50_000, Columns: 100, Cell: 32 << 10}
	parts := withSheet("<sheetData/>")
	delete(parts, "xl/sharedStrings.xml")
	var texts bytes.Buffer
	z := newZip(t, &texts, parts)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "xl/sharedStrings.xml"}) // not packed
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "<sst>"+strings.Repeat("<si/>", 1_900_000)+"</sst>"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	used := inMemory(func() {
		_, err := Read(t.Context(), bytes.NewReader(texts.Bytes()), int64(texts.Len()), "", limits)
		if sentences(err) != "There is more in the file than can be read at once. Split it into several files." {
			t.Error(err)
		}
	})
	if used > 96<<20 {
		t.Errorf("shared texts need %d MiB", used>>20)
	}
	t.Logf("shared texts: %d kB", used>>10)

	many := withSheet("<sheetData/>")
	for i := range 50_000 {
		many[fmt.Sprintf("part%d", i)] = ""
	}
	file := zipped(t, many)
	used = inMemory(func() {
		_, err := Read(t.Context(), bytes.NewReader(file), int64(len(file)), "", limits)
		if sentences(err) != "There is more in the file than can be read at once. Split it into several files." {
			t.Error(err)
		}
	})
	t.Logf("parts: %d kB", used>>10)
	if used > 32<<20 {
		t.Errorf("parts need %d MiB", used>>20)
	}
}

func TestAHundredThousandRowsNeedLittleMemory(t *testing.T) {
	for format, most := range map[Format]int64{CSV: 64 << 20, XLSX: 80 << 20} {
		var file bytes.Buffer
		writeRows(t, &file, format, 100_000)
		var book *Book
		used := inMemory(func() {
			var err error
			if book, err = Read(t.Context(), bytes.NewReader(file.Bytes()), int64(file.Len()), "", Limits{Bytes: 20 << 20, Rows: 100_000}); err != nil {
				t.Error(err)
			}
		})
		if used > most || len(book.Tables[0].Rows) != 100_000 {
			t.Errorf("%s: %d rows need %d MiB", format, len(book.Tables[0].Rows), used>>20)
		}
		t.Logf("%s: %d kB", format, used>>10)
	}
}

func TestWritingNeedsTheSameMemoryForAnyNumberOfRows(t *testing.T) {
	for _, format := range []Format{CSV, XLSX} {
		used := inMemory(func() { writeRows(t, io.Discard, format, 200_000) })
		if used > 16<<20 {
			t.Errorf("%s: writing needs %d MiB", format, used>>20)
		}
		t.Logf("%s: %d kB", format, used>>10)
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	var plain, packed bytes.Buffer
	writeRows(t, &plain, CSV, 10_000)
	writeRows(t, &packed, XLSX, 10_000)
	for name, file := range map[string][]byte{"CSV": plain.Bytes(), "XLSX": packed.Bytes(), "UTF-16": []byte("\xff\xfe" + utf16Text(plain.String(), false)), "an old file": []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 1<<20))} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Read(ctx, bytes.NewReader(file), int64(len(file)), "", Limits{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// unreadable is a file whose disk fails after some bytes.
type unreadable struct {
	file  []byte
	after int64
}

var errDisk = errors.New("the disk is broken")

func (u unreadable) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > u.after {
		return 0, errDisk
	}
	return bytes.NewReader(u.file).ReadAt(p, at)
}

func TestADiskThatFailsIsNoFaultOfTheFile(t *testing.T) {
	t.Parallel()
	var plain, packed bytes.Buffer
	writeRows(t, &plain, CSV, 10_000)
	writeRows(t, &packed, XLSX, 10_000)
	for name, file := range map[string]unreadable{"CSV": {plain.Bytes(), 100 << 10}, "CSV at once": {plain.Bytes(), 0}, "XLSX": {packed.Bytes(), 100 << 10}} {
		if _, err := Read(t.Context(), file, int64(len(file.file)), "", Limits{}); !errors.Is(err, errDisk) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFileOfManyEmptyCellsIsRefused(t *testing.T) {
	t.Parallel()
	header := strings.TrimSuffix(strings.Repeat("c,", 200), ",")
	for i := range 200 {
		header = strings.Replace(header, "c", "x"+strconv.Itoa(i), 1)
	}
	file := header + "\n" + strings.Repeat("a"+strings.Repeat(",", 199)+"\n", 40_000)
	_, err := Read(t.Context(), strings.NewReader(file), int64(len(file)), "wide.csv", Limits{Bytes: 10 << 20, Rows: 50_000, Columns: 200, Cell: 32 << 10})
	var refused *Refused
	if !errors.As(err, &refused) || !refused.TooLarge || !strings.Contains(refused.Flaws[0].Sentence, "more cells") {
		t.Errorf("got %v", err)
	}
}
