package sheet

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// utf16Text is a text in UTF-16, as programs on Windows save "Unicode Text".
func utf16Text(text string, bigEndian bool) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		if bigEndian {
			out = append(out, byte(unit>>8), byte(unit))
		} else {
			out = append(out, byte(unit), byte(unit>>8))
		}
	}
	return string(out)
}

// twoPlaces is what most files below hold.
var twoPlaces = [][]string{{"name", "address"}, {"Café Müller", "3 Lake St"}, {"Joe’s “Grill”", "5 Oak St, Chicago"}}

// Each file is as the program writes it whose name stands before it; lines are where its rows begin.
func TestTheFilesOfPeoplesProgramsAreRead(t *testing.T) {
	t.Parallel()
	const (
		semicolons = "The cells are parted by semicolons."
		commas     = "The cells are parted by commas."
		tabs       = "The cells are parted by tabs."
		western    = "The letters are not in UTF-8; they were read as Windows-1252, which is used in Western Europe and America. Check that those with accents are right."
		wide       = "The letters are in UTF-16."
	)
	for _, c := range []struct {
		program, file string
		want          [][]string
		lines         []int
		notes         []string
	}{
		{"Excel in Germany, “CSV”", "name;address\r\nCaf\xe9 M\xfcller;3 Lake St\r\nJoe\x92s \x93Grill\x94;5 Oak St, Chicago\r\n", twoPlaces, []int{1, 2, 3}, []string{semicolons, western}},
		{"Excel, “CSV UTF-8”", bom + "name,address\r\nCafé Müller,3 Lake St\r\nJoe’s “Grill”,\"5 Oak St, Chicago\"\r\n", twoPlaces, []int{1, 2, 3}, []string{commas}},
		{"Excel in France, “CSV UTF-8”", bom + "name;address\r\nCafé Müller;3 Lake St\r\nJoe’s “Grill”;5 Oak St, Chicago\r\n", twoPlaces, []int{1, 2, 3}, []string{semicolons}},
		{"Excel, “Unicode Text”", "\xff\xfe" + utf16Text("name\taddress\r\nCafé Müller\t3 Lake St\r\nJoe’s “Grill”\t\"5 Oak St, Chicago\"\r\n", false), twoPlaces, []int{1, 2, 3}, []string{tabs, wide}},
		{"Excel of a Mac, lines ended by CR", "name,address\rCaf\xe9 M\xfcller,3 Lake St\rJoe\x92s \x93Grill\x94,\"5 Oak St, Chicago\"\r", twoPlaces, []int{1, 2, 3}, []string{commas, western}},
		{"a database, UTF-16 the other way round", "\xfe\xff" + utf16Text("name,address\nCafé Müller,3 Lake St\nJoe’s “Grill”,\"5 Oak St, Chicago\"", true), twoPlaces, []int{1, 2, 3}, []string{commas, wide}},
		{"a script, UTF-16 without a mark", utf16Text("name,address\r\nCafé Müller,3 Lake St\r\nJoe’s “Grill”,\"5 Oak St, Chicago\"", false), twoPlaces, []int{1, 2, 3}, []string{commas, wide}},
		{"a script, UTF-16 without a mark the other way round", utf16Text("name,address\r\nCafé Müller,3 Lake St\r\nJoe’s “Grill”,\"5 Oak St, Chicago\"", true), twoPlaces, []int{1, 2, 3}, []string{commas, wide}},
		{"LibreOffice, all texts in quotes", "\"name\",\"address\"\n\"Café Müller\",\"3 Lake St\"\n\"Joe’s “Grill”\",\"5 Oak St, Chicago\"\n", twoPlaces, []int{1, 2, 3}, []string{commas}},
		{"LibreOffice, tabs", "name\taddress\nCafé Müller\t3 Lake St\nJoe’s “Grill”\t5 Oak St, Chicago\n", twoPlaces, []int{1, 2, 3}, []string{tabs}},
		{"Google Sheets, no line break at the end", "name,address\r\nCafé Müller,3 Lake St\r\nJoe’s “Grill”,\"5 Oak St, Chicago\"", twoPlaces, []int{1, 2, 3}, []string{commas}},
		{"Numbers in Germany", "name;address\nCafé Müller;3 Lake St\nJoe’s “Grill”;5 Oak St, Chicago", twoPlaces, []int{1, 2, 3}, []string{semicolons}},
		{"Numbers, with the name of the table's empty columns", "name,address,,\nCafé Müller,3 Lake St,,\nJoe’s “Grill”,\"5 Oak St, Chicago\",,\n", twoPlaces, []int{1, 2, 3}, []string{commas}},
		{"a program that tells Excel its separator", "sep=;\r\nname;address\r\nCafé Müller;3 Lake St\r\nJoe’s “Grill”;5 Oak St, Chicago\r\n", twoPlaces, []int{2, 3, 4}, []string{semicolons}},
		{"a program that tells Excel a rare one", bom + "SEP=|\nname|address\nCafé Müller|3 Lake St\nJoe’s “Grill”|5 Oak St, Chicago\n", twoPlaces, []int{2, 3, 4}, []string{"The cells are parted by vertical bars."}},
		{"empty lines before, between and after", "\n  \n,\nname,address\n\nCafé Müller,3 Lake St\n,\n\nJoe’s “Grill”,\"5 Oak St, Chicago\"\n\n,,\n", twoPlaces, []int{4, 6, 9}, []string{commas}},
		{"line breaks in cells, of all sorts", "name,address\r\n\"a\nb\r\nc\rd\",1\r\ne,2\r\n", [][]string{{"name", "address"}, {"a\nb\r\nc\rd", "1"}, {"e", "2"}}, []int{1, 2, 6}, []string{commas}},
		{"quotes in cells", "name,address\n\"\"\"Joe\"\"\",5\" pipe\n\"\",\"\"\"\"\n", [][]string{{"name", "address"}, {`"Joe"`, `5" pipe`}, {"", `"`}}, []int{1, 2, 3}, []string{commas}},
		{"spaces around quotes, which are no part of the cell", "name, \"address\" \n\"Joe\" , \"1, Oak St\"\n", [][]string{{"name", "address"}, {"Joe", "1, Oak St"}}, []int{1, 2}, []string{commas}},
		{"spaces that are part of the cell", "name,address\n  a  b  , c\n", [][]string{{"name", "address"}, {"  a  b  ", " c"}}, []int{1, 2}, []string{commas}},
		{"commas in each line, but semicolons part them", "name;address\n\"Joe\";\"5 Oak St, Chicago\"\nAce, Inc.;7 Elm St, Chicago\n", [][]string{{"name", "address"}, {"Joe", "5 Oak St, Chicago"}, {"Ace, Inc.", "7 Elm St, Chicago"}}, []int{1, 2, 3}, []string{semicolons}},
		{"one column", "name\r\nDemon Dogs\r\nAce Hardware\r\n", [][]string{{"name"}, {"Demon Dogs"}, {"Ace Hardware"}}, []int{1, 2, 3}, nil},
		{"a header alone", "name,address", [][]string{{"name", "address"}}, []int{1}, []string{commas}},
		{"a column that has neither a name nor anything in it", "name,,address\na,,b\n", [][]string{{"name", "address"}, {"a", "b"}}, []int{1, 2}, []string{commas}},
		{"zeros in front, which are kept", "id,zip\n007,060614\n", [][]string{{"id", "zip"}, {"007", "060614"}}, []int{1, 2}, []string{commas}},
		{"Windows-1252 that looks a little like UTF-8", "name,address\nM\xfcller,Stra\xdfe\n\xc4\xb0,\xe9\n", [][]string{{"name", "address"}, {"Müller", "Straße"}, {"Ä°", "é"}}, []int{1, 2, 3}, []string{commas, western}},
	} {
		book, err := Read(t.Context(), strings.NewReader(c.file), int64(len(c.file)), "", Limits{Columns: 10, Cell: 100})
		if err != nil {
			t.Errorf("%s: %v", c.program, err)
			continue
		}
		got := [][]string{book.Tables[0].Header}
		lines := []int{book.Tables[0].Line}
		for _, row := range book.Tables[0].Rows {
			got, lines = append(got, row.Cells), append(lines, row.Line)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s:\n%s", c.program, d)
		}
		if d := cmp.Diff(c.lines, lines); d != "" {
			t.Errorf("%s: the lines are others:\n%s", c.program, d)
		}
		if d := cmp.Diff(c.notes, book.Notes); d != "" {
			t.Errorf("%s: other notes:\n%s", c.program, d)
		}
	}
}

func TestOurOwnFilesAreWrittenAsExcelNeedsThem(t *testing.T) {
	t.Parallel()
	got := string(written(t, CSV, []string{"id", "name"}, [][]Cell{{{Kind: Number, Number: -7}, {Text: `Joe's "Grill"; =1, or so`}}, {{Kind: Number, Number: 8}, {Text: "-"}}}))
	want := bom + "id,name\r\n-7,\"Joe's \"\"Grill\"\"; '=1, or so\"\r\n8,'-\r\n"
	if got != want {
		t.Errorf("it is\n%q, want\n%q", got, want)
	}
	if got := string(written(t, CSV, []string{"name"}, [][]Cell{{{Text: "a\x00b\xff"}}})); got != bom+"name\r\na\ufffdb\ufffd\r\n" {
		t.Errorf("what no text can hold is written as %q", got)
	}
}

func TestAWriterRefusesWhatIsNoTable(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{CSV, XLSX} {
		w, err := NewWriter(&bytes.Buffer{}, f, "Places")
		if err != nil {
			t.Fatal(err)
		}
		if w.Write([]Cell{{Text: "a"}}) == nil {
			t.Errorf("%s: a row can come before the header", f)
		}
		if w.Header() == nil {
			t.Errorf("%s: a header can be empty", f)
		}
		if err := w.Header("a", "b"); err != nil {
			t.Errorf("%s: %v", f, err)
		}
		if w.Header("a", "b") == nil {
			t.Errorf("%s: a second header can be written", f)
		}
		if w.Write([]Cell{{Text: "a"}}) == nil {
			t.Errorf("%s: a row can be shorter than the header", f)
		}
	}
	for _, name := range []string{"", "a/b", "a:b", "'a", "a'", strings.Repeat("x", 32), "a\x00"} {
		if _, err := NewWriter(&bytes.Buffer{}, XLSX, name); err == nil {
			t.Errorf("a sheet can be called %q", name)
		}
	}
	if _, err := NewWriter(&bytes.Buffer{}, "PDF", "Places"); err == nil {
		t.Error("a PDF can be written")
	}
	w, err := NewWriter(&bytes.Buffer{}, XLSX, "Places")
	if err != nil {
		t.Fatal(err)
	}
	if w.Close() == nil {
		t.Error("a workbook can do without a header")
	}
	if err := w.Header("a"); err != nil {
		t.Fatal(err)
	}
	if w.Write([]Cell{{Text: strings.Repeat("é", 32_768)}}) == nil {
		t.Error("a cell can hold more than Excel can")
	}
	if err := w.Write([]Cell{{Text: strings.Repeat("é", 32_767)}}); err != nil {
		t.Error(err)
	}
}
