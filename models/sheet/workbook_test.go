package sheet

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// zipped is an archive of parts by their names.
func zipped(t interface {
	Helper()
	Fatal(...any)
}, parts map[string]string) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := newZip(t, &file, parts).Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// newZip is an archive with parts, which more may be added to.
func newZip(t interface {
	Helper()
	Fatal(...any)
}, file io.Writer, parts map[string]string) *zip.Writer {
	t.Helper()
	z := zip.NewWriter(file)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, parts[name]); err != nil {
			t.Fatal(err)
		}
	}
	return z
}

const (
	inMain  = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`
	oneLink = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
)

// withSheet are the parts of a workbook of one sheet, which is given as what is in <worksheet>.
func withSheet(sheet string, others ...string) map[string]string {
	parts := map[string]string{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"_rels/.rels":                oneLink + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": oneLink + `worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   inMain + sheet + `</worksheet>`,
	}
	for i := 0; i+1 < len(others); i += 2 {
		parts[others[i]] = others[i+1]
	}
	return parts
}

// inline is a row of texts: "<row>…".
func inline(texts ...string) string {
	row := "<row>"
	for _, text := range texts {
		row += `<c t="inlineStr"><is><t>` + text + `</t></is></c>`
	}
	return row + "</row>"
}

func TestTheWorkbooksOfPeoplesProgramsAreRead(t *testing.T) {
	t.Parallel()
	want := [][]string{{"name", "zip"}, {"Café Müller", "060614"}}
	for _, c := range []struct {
		program string
		parts   map[string]string
		want    [][]string
		notes   []string
	}{
		{"Excel: shared texts, one of several forms and with a reading aid, spaces kept", withSheet(
			`<dimension ref="A1:B2"/><sheetData><row r="1" spans="1:2" x14ac:dyDescent="0.25"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1" t="s"><v>1</v></c></row><row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="s"><v>3</v></c></row></sheetData><pageMargins left="0.7"/>`,
			"xl/sharedStrings.xml", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="4" uniqueCount="4"><si><t>name</t></si><si><t>zip</t></si><si><r><t xml:space="preserve">Café </t></r><r><rPr><b/></rPr><t>Müller</t></r><rPh sb="0" eb="2"><t>カフェ</t></rPh><phoneticPr fontId="1"/></si><si><t xml:space="preserve">  06 0614 _x005F_x0041__x0009_</t></si></sst>`),
			[][]string{{"name", "zip"}, {"Café Müller", "  06 0614 _x0041_\t"}}, nil},
		{"LibreOffice: inline texts and numbers of a format with zeros in front", withSheet(
			`<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="B1" t="inlineStr"><is><t>zip</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><r><t>Café </t></r><r><t>Müller</t></r></is></c><c r="B2" s="1"><v>60614</v></c></row></sheetData>`,
			"xl/styles.xml", `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="000000"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>`),
			want, nil},
		{"Google Sheets: empty cells with a style, rows far below", withSheet(
			`<sheetData><row r="1"><c r="A1" s="1" t="str"><v>name</v></c><c r="B1" t="str"><v>zip</v></c><c r="C1" s="1"/><c r="Z1" s="1"/></row><row r="2"><c r="A2" t="str"><v>Café Müller</v></c><c r="B2" t="str"><v>060614</v></c></row><row r="1000"><c r="A1000" s="1"/></row></sheetData>`),
			want, nil},
		{"Numbers and others: neither rows nor cells say where they are", withSheet(
			`<sheetData>` + inline("name", "zip") + inline("Café Müller", "060614") + `</sheetData>`),
			want, nil},
		{"a library: prefixes, CDATA, comments, a byte order mark", withSheet("",
			"xl/worksheets/sheet1.xml", bom+`<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><!-- by hand --><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>name</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:t>zip</x:t></x:is></x:c></x:row><x:row><x:c t="inlineStr"><x:is><x:t><![CDATA[Café ]]>M&#252;ller</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:t>060614</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>`),
			want, nil},
		{"Excel, “Strict Open XML”", withSheet("",
			"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="/book/main.xml"/></Relationships>`,
			"book/main.xml", `<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main" xmlns:r="http://purl.oclc.org/ooxml/officeDocument/relationships" conformance="strict"><sheets><sheet name="Sheet1" sheetId="1" r:id="b"/></sheets></workbook>`,
			"book/_rels/main.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="b" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="../sheets/1.xml"/></Relationships>`,
			"sheets/1.xml", `<worksheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"><sheetData>`+inline("name", "zip")+inline("Café Müller", "060614")+`</sheetData></worksheet>`),
			want, nil},
		{"an old library: names with backslashes and other case", func() map[string]string {
			parts := withSheet(`<sheetData>` + inline("name", "zip") + inline("Café Müller", "060614") + `</sheetData>`)
			parts[`XL\Worksheets\Sheet1.xml`] = parts["xl/worksheets/sheet1.xml"]
			delete(parts, "xl/worksheets/sheet1.xml")
			return parts
		}(), want, nil},
		{"cells missing inside and at the end of rows", withSheet(
			`<sheetData><row r="2"><c r="B2" t="str"><v>name</v></c><c r="C2" t="str"><v>zip</v></c><c r="D2" t="str"><v>note</v></c></row><row r="4"><c r="C4" t="str"><v>060614</v></c></row><row r="5"><c r="B5"><v>1</v></c><c r="D5" t="b"><v>1</v></c></row></sheetData>`),
			[][]string{{"name", "zip", "note"}, {"", "060614", ""}, {"1", "", "TRUE"}}, nil},
		{"rows that a filter hides", withSheet(
			`<sheetData>` + inline("name", "zip") + `<row hidden="1"><c t="str"><v>Café Müller</v></c><c t="str"><v>060614</v></c></row></sheetData>`),
			want, []string{"1 row that is hidden, by a filter for example, was read as well."}},
	} {
		file := zipped(t, c.parts)
		book, err := Read(t.Context(), bytes.NewReader(file), int64(len(file)), "", Limits{Columns: 10, Cell: 100, Bytes: 1 << 20})
		if err != nil {
			t.Errorf("%s: %v", c.program, err)
			continue
		}
		got := [][]string{book.Tables[0].Header}
		for _, row := range book.Tables[0].Rows {
			got = append(got, row.Cells)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s:\n%s", c.program, d)
		}
		if d := cmp.Diff(c.notes, book.Notes); d != "" {
			t.Errorf("%s: other notes:\n%s", c.program, d)
		}
	}
}

func TestNumbersInAWorkbookAreReadAsPeopleSeeThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ format, value, want string }{
		{"General", "7", "7"},
		{"General", "-7", "-7"},
		{"General", "12000000", "12000000"},
		{"General", "1.2E+7", "12000000"},
		{"General", "1.2E7", "12000000"},
		{"General", "123456789012345678", "123456789012345678"},
		{"General", "0.1", "0.1"},
		{"General", "0.30000000000000004", "0.3"},
		{"General", "1E-7", "0.0000001"},
		{"General", "-0", "0"},
		{"General", "007", "7"},
		{"General", "-2.50", "-2.5"},
		{"0", "3.7", "4"},
		{"0", "-3", "-3"},
		{"00000", "614", "00614"},
		{"00000", "-614", "-00614"},
		{"00000", "1234567", "1234567"},
		{`00000\-0000`, "606141234", "60614-1234"},
		{`[<=9999999]###\-####;\(###\)\ ###\-####`, "5551234", "555-1234"},
		{`[<=9999999]###\-####;\(###\)\ ###\-####`, "3125551234", "(312) 555-1234"},
		{`000\-00\-0000`, "12345678", "012-34-5678"},
		{`"No. "0`, "12", "No. 12"},
		{"0.00", "2.5", "2.50"},
		{"0.00", "1.005", "1.01"},
		{"0.00", "9.999", "10.00"},
		{"0.0#", "2.5", "2.5"},
		{"0.0#", "2.25", "2.25"},
		{"#", "0", ""},
		{"#.##", "0.5", ".5"},
		{".00", "12.5", "12.50"},
		{"#,##0", "1234567", "1234567"},
		{"#,##0.00", "-1234.5", "-1234.50"},
		{"#,##0,", "1234567", "1234567"},
		{`#,##0.00\ "€"`, "1234.5", "1234.50 €"},
		{`#,##0.00\ [$€-407]`, "3", "3.00 €"},
		{`_-* #,##0_-;\-* #,##0_-;_-* "-"_-;_-@_-`, "-12", "-12"},
		{`_-* #,##0_-;\-* #,##0_-;_-* "-"_-;_-@_-`, "0", "-"},
		{"0;-0;;@", "0", "0"},
		{`"yes";;"no"`, "1", "yes"},
		{`"yes";;"no"`, "0", "no"},
		{"0_);(0)", "-5", "(5)"},
		{"0_);[Red](0)", "-5", "(5)"},
		{"0.00;[Red]-0.00", "-0.001", "-0.00"},
		{"0.00", "-0.001", "0.00"},
		{"0%", "0.5", "50%"},
		{"0.0%", "0.125", "12.5%"},
		{"0.00E+00", "12000000", "12000000"},
		{"# ?/?", "0.5", "0.5"},
		{`General" kg"`, "5", "5 kg"},
		{"@", "42", "42"},
		{"[Blue]0", "42", "42"},
		{"yyyy-mm-dd", "45351", "2024-02-29"},
		{"m/d/yy", "45351", "2024-02-29"},
		{"dd.mm.yyyy", "45351.75", "2024-02-29"},
		{`[$-F800]dddd\,\ mmmm\ dd\,\ yyyy`, "45351", "2024-02-29"},
		{`d" of "mmm`, "1", "1900-01-01"},
		{"yyyy-mm-dd", "59", "1900-02-28"},
		{"yyyy-mm-dd", "60", "1900-02-29"},
		{"yyyy-mm-dd", "61", "1900-03-01"},
		{"yyyy-mm-dd", "2958465", "9999-12-31"},
		{"yyyy-mm-dd", "2958466", "2958466"},
		{"yyyy-mm-dd", "-1", "-1"},
		{"d/m/yy h:mm", "45351.75", "2024-02-29 18:00"},
		{"d/m/yy h:mm:ss", "45351.999999", "2024-03-01 00:00:00"},
		{"h:mm", "0.5", "12:00"},
		{"h:mm AM/PM", "0.75", "18:00"},
		{"mm:ss", "0.0207060185", "00:29:49"},
		{"[h]:mm", "1.5", "36:00"},
		{"[hh]:mm:ss", "1.5", "36:00:00"},
		{"mmm yyyy", "45351", "2024-02-29"},
	} {
		got, ok := parseFormat(c.format).show(c.value, false)
		if !ok || got != c.want {
			t.Errorf("%s in the format %s is read as %q (%v), want %q", c.value, c.format, got, ok, c.want)
		}
	}
	for _, value := range []string{"x", "NaN", "Inf", "0x10", "1_000", "1e999", "--1", "e"} {
		if got, ok := parseFormat("0").show(value, false); ok {
			t.Errorf("%s is read as the number %q", value, got)
		}
	}
}

func TestDatesOfTheOldMacBeginIn1904(t *testing.T) {
	t.Parallel()
	styles := `<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`
	file := zipped(t, withSheet(`<sheetData>`+inline("day", "moment", "time")+`<row><c s="1"><v>43889</v></c><c t="d"><v>2024-02-29T18:30:00</v></c><c t="d"><v>2024-02-29T00:00:00.000</v></c></row></sheetData>`,
		"xl/styles.xml", styles,
		"xl/workbook.xml", `<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="A" r:id="rId1"/></sheets></workbook>`))
	_, rows := rowsOf(t, file)
	if d := cmp.Diff([][]string{{"2024-02-29", "2024-02-29 18:30:00", "2024-02-29"}}, rows); d != "" {
		t.Error(d)
	}
}

func TestSeveralSheetsAreReadAndHiddenOnesTold(t *testing.T) {
	t.Parallel()
	const types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	names := []string{"Places", "Empty", "Secret", "More", "Very secret", "Chart"}
	sheets, links := "", ""
	parts := withSheet("")
	for i, name := range names {
		id := string(rune('a' + i))
		state := map[string]string{"Secret": ` state="hidden"`, "Very secret": ` state="veryHidden"`}[name]
		kind := map[bool]string{true: "chartsheet", false: "worksheet"}[name == "Chart"]
		sheets += `<sheet name="` + name + `" r:id="` + id + `"` + state + `/>`
		links += `<Relationship Id="` + id + `" Type="` + types + kind + `" Target="` + id + `.xml"/>`
		parts["xl/"+id+".xml"] = inMain + `<sheetData>` + map[bool]string{false: inline("name") + inline(name)}[name == "Empty"] + `</sheetData></worksheet>`
	}
	parts["xl/workbook.xml"] = `<workbook xmlns:r="r"><sheets>` + sheets + `</sheets></workbook>`
	parts["xl/_rels/workbook.xml.rels"] = `<Relationships>` + links + `</Relationships>`
	file := zipped(t, parts)

	book, err := Read(t.Context(), bytes.NewReader(file), int64(len(file)), "", Limits{})

	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, table := range book.Tables {
		got = append(got, table.Name, table.Rows[0].Cells[0])
	}
	if want := []string{"Places", "Places", "More", "More"}; !slices.Equal(got, want) {
		t.Errorf("the tables are %q, want %q", got, want)
	}
	if d := cmp.Diff([]string{"The file has 2 sheets: “Places” and “More”.", "The hidden sheets “Secret” and “Very secret” were left out."}, book.Notes); d != "" {
		t.Error(d)
	}

	parts["xl/a.xml"] = inMain + `<sheetData>` + inline("name", "Name") + `</sheetData></worksheet>`
	parts["xl/d.xml"] = inMain + `<sheetData>` + inline("name") + `<row><c><f>1+1</f><v>2</v></c></row></sheetData></worksheet>`
	parts["xl/c.xml"] = parts["xl/d.xml"] // nobody asks for what is hidden
	file = zipped(t, parts)
	_, err = Read(t.Context(), bytes.NewReader(file), int64(len(file)), "", Limits{})
	if want := "The columns A and B of the sheet “Places” have the same name, “Name”. Give each column a name of its own.\nCell A2 of the sheet “More” contains a formula. Replace it by its value."; sentences(err) != want {
		t.Errorf("%q, want %q", sentences(err), want)
	}

	parts["xl/a.xml"] = inMain + `<sheetData>` + inline("name") + inline("Places") + `</sheetData></worksheet>`
	file = zipped(t, parts)
	book, err = Read(t.Context(), bytes.NewReader(file), int64(len(file)), "", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(book.Tables) != 2 || book.Tables[0].Refused != nil || len(book.Tables[0].Rows) != 1 || book.Tables[1].Rows != nil {
		t.Fatalf("where one of two sheets has a flaw, there are %v", book.Tables)
	}
	if got, want := sentences(book.Tables[1].Refused), "Cell A2 of the sheet “More” contains a formula. Replace it by its value."; got != want {
		t.Errorf("that one is refused with %q, want %q", got, want)
	}
}

func TestMoreRowsThanASheetHoldsGoOnInAnother(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	w, err := newXLSXWriter(&file, "Places of a very long name here")
	if err != nil {
		t.Fatal(err)
	}
	w.most = 3 // as if a sheet had 3 rows, not 1,048,576
	if err := w.Header("id"); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if err := w.Write([]Cell{{Kind: Number, Number: int64(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	book, err := Read(t.Context(), bytes.NewReader(file.Bytes()), int64(file.Len()), "", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, table := range book.Tables {
		got = append(got, table.Name, table.Header[0])
		for _, row := range table.Rows {
			got = append(got, row.Cells...)
		}
	}
	if want := strings.Split("Places of a very long name here,id,0,1,Places of a very long name he 2,id,2,3,Places of a very long name he 3,id,4", ","); !slices.Equal(got, want) {
		t.Errorf("it holds %q, want %q", got, want)
	}
}
