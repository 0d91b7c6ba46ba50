package sheet

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxRows is how many rows a sheet has in Excel and LibreOffice, its first one included.
const maxRows = 1_048_576

// maxCharacters is how long a text in a cell may be there, in units of UTF-16.
const maxCharacters = 32_767

// xlsxWriter writes an Office Open XML workbook (ECMA-376) as it goes: a sheet, or several where there are
// more rows than one can hold, and at the end the small parts that say what there is. Texts stand in their
// cells, not in a table of shared ones, which would have to be kept.
type xlsxWriter struct {
	zip    *zip.Writer
	shape  shape
	name   string
	header []byte   // row 1 of every sheet
	begins []string // of the cells of each column, up to the number of the row: `<c r="AB`
	sheets int
	rows   int // of the sheet that is open, how many are full
	most   int // rows of a sheet
	sheet  *bufio.Writer
	buf    []byte // of one row
}

func newXLSXWriter(w io.Writer, name string) (*xlsxWriter, error) {
	if n := utf8.RuneCountInString(name); n == 0 || n > 31 || !utf8.ValidString(name) || strings.ContainsAny(name, "[]:*?/\\\x00") || strings.HasPrefix(name, "'") || strings.HasSuffix(name, "'") {
		return nil, fmt.Errorf("write a sheet: it cannot be called %q", name)
	}
	return &xlsxWriter{zip: zip.NewWriter(w), name: name, most: maxRows}, nil
}

func (x *xlsxWriter) Header(names ...string) error {
	if err := x.shape.header(names); err != nil {
		return err
	}
	x.header = append(x.header, `<row r="1">`...)
	for i, name := range names {
		if err := checkLength(name); err != nil {
			return err
		}
		x.begins = append(x.begins, `<c r="`+columnName(i+1))
		x.header = append(x.header, x.begins[i]+`1" s="2" t="inlineStr"><is><t xml:space="preserve">`...)
		x.header = appendXML(x.header, name)
		x.header = append(x.header, `</t></is></c>`...)
	}
	x.header = append(x.header, "</row>"...)
	return x.open()
}

// open begins the next sheet.
func (x *xlsxWriter) open() error {
	x.sheets++
	part, err := x.zip.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", x.sheets))
	if err != nil {
		return err
	}
	x.sheet = bufio.NewWriterSize(part, 32<<10)
	x.rows = 1
	if _, err := x.sheet.WriteString(xmlStart + `<worksheet xmlns="` + mainNamespace + `"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols><col min="1" max="` + strconv.Itoa(x.shape.width) + `" width="24" customWidth="1"/></cols><sheetData>`); err != nil {
		return err
	}
	_, err = x.sheet.Write(x.header)
	return err
}

func (x *xlsxWriter) Write(cells []Cell) error {
	if err := x.shape.line(cells); err != nil {
		return err
	}
	if x.rows == x.most {
		if err := x.shut(); err != nil {
			return err
		}
		if err := x.open(); err != nil {
			return err
		}
	}
	x.rows++
	x.buf = append(strconv.AppendInt(append(x.buf[:0], `<row r="`...), int64(x.rows), 10), `">`...)
	for i, cell := range cells {
		if cell.Kind == Text && cell.Text == "" {
			continue
		}
		x.buf = strconv.AppendInt(append(x.buf, x.begins[i]...), int64(x.rows), 10)
		if cell.Kind == Number {
			x.buf = strconv.AppendInt(append(x.buf, `"><v>`...), cell.Number, 10)
			x.buf = append(x.buf, `</v></c>`...)
			continue
		}
		if err := checkLength(cell.Text); err != nil {
			return err
		}
		x.buf = append(x.buf, `" s="1" t="inlineStr"><is><t xml:space="preserve">`...)
		x.buf = appendXML(x.buf, cell.Text)
		x.buf = append(x.buf, `</t></is></c>`...)
	}
	x.buf = append(x.buf, "</row>"...)
	_, err := x.sheet.Write(x.buf)
	return err
}

// checkLength refuses what Excel would cut off.
func checkLength(text string) error {
	if len(text) <= maxCharacters {
		return nil
	}
	n := 0
	for _, char := range text {
		if n++; char > 0xffff {
			n++
		}
	}
	if n > maxCharacters {
		return fmt.Errorf("write a sheet: a text has %d characters, and a cell holds %d", n, maxCharacters)
	}
	return nil
}

// shut ends the sheet that is open.
func (x *xlsxWriter) shut() error {
	if _, err := x.sheet.WriteString("</sheetData></worksheet>"); err != nil {
		return err
	}
	return x.sheet.Flush()
}

// Close ends the workbook with what says which parts it has.
func (x *xlsxWriter) Close() error {
	if x.shape.width == 0 {
		return fmt.Errorf("write a sheet: it has no header")
	}
	if err := x.shut(); err != nil {
		return err
	}
	var types, sheets, links strings.Builder
	for i := 1; i <= x.sheets; i++ {
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, i)
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, x.sheetName(i), i, i)
		fmt.Fprintf(&links, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i, linkNamespace, i)
	}
	for _, part := range [][2]string{
		{"xl/workbook.xml", `<workbook xmlns="` + mainNamespace + `" xmlns:r="` + linkNamespace + `"><bookViews><workbookView/></bookViews><sheets>` + sheets.String() + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + packageNamespace + `/relationships">` + links.String() + fmt.Sprintf(`<Relationship Id="rId%d" Type="%s/styles" Target="styles.xml"/></Relationships>`, x.sheets+1, linkNamespace)},
		{"xl/styles.xml", styles},
		{"_rels/.rels", `<Relationships xmlns="` + packageNamespace + `/relationships"><Relationship Id="rId1" Type="` + linkNamespace + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"[Content_Types].xml", `<Types xmlns="` + packageNamespace + `/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` + types.String() + `</Types>`},
	} {
		w, err := x.zip.Create(part[0])
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, xmlStart+part[1]); err != nil {
			return err
		}
	}
	return x.zip.Close()
}

// sheetName is the name of a sheet, as an attribute of XML: "Places", "Places 2".
func (x *xlsxWriter) sheetName(i int) string {
	name := x.name
	if i > 1 {
		number := " " + strconv.Itoa(i)
		if runes := []rune(name); len(runes)+len(number) > 31 {
			name = string(runes[:31-len(number)])
		}
		name += number
	}
	return strings.ReplaceAll(string(appendXML(nil, name)), `"`, "&quot;")
}

const (
	xmlStart         = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainNamespace    = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	linkNamespace    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageNamespace = "http://schemas.openxmlformats.org/package/2006"
)

// styles are those of numbers, of texts, and of the header, in this order. Texts have the format of texts,
// "@" (49), so that "007" and "=x" also stay what they are when someone edits the cell.
const styles = `<styleSheet xmlns="` + mainNamespace + `"><fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
