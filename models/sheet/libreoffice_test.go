package sheet

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// office is LibreOffice with settings and files in a folder of the test, so that it neither finds nor leaves
// any.
type office struct{ soffice, folder string }

func startOffice(t *testing.T) office {
	t.Helper()
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("LibreOffice is not installed; .ci/run should have done it")
		}
		t.Skip("LibreOffice is not installed: apt-get install --no-install-recommends libreoffice-calc-nogui")
	}
	return office{soffice, t.TempDir()}
}

// convert opens files by their names and returns each as LibreOffice saves it.
func (o office) convert(t *testing.T, files map[string][]byte, to string) map[string][]byte {
	t.Helper()
	in, out := filepath.Join(o.folder, "in"), filepath.Join(o.folder, "out")
	if err := os.MkdirAll(in, 0o700); err != nil {
		t.Fatal(err)
	}
	args := []string{"-env:UserInstallation=file://" + filepath.ToSlash(o.folder) + "/profile", "--headless", "--infilter=CSV:44,34,UTF8,1", "--convert-to", to, "--outdir", out}
	for name, file := range files {
		if err := os.WriteFile(filepath.Join(in, name), file, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, filepath.Join(in, name))
	}
	cmd := exec.CommandContext(t.Context(), o.soffice, args...) // #nosec G204 -- of this test
	cmd.Env = append(os.Environ(), "HOME="+o.folder, "LC_ALL=C.UTF-8")
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("LibreOffice: %v\n%s", err, said)
	}
	extension, _, _ := strings.Cut(to, ":")
	saved := map[string][]byte{}
	for name := range files {
		saved[name], err = os.ReadFile(filepath.Join(out, strings.TrimSuffix(name, filepath.Ext(name))+"."+extension)) // #nosec G304 -- of this test
		if err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
	}
	return saved
}

// asShown has LibreOffice save CSV in UTF-8 with commas, every text in quotes, and every cell as it shows it,
// not as the formula it may have made of it.
const asShown = `csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false,false,false`

// shownRows are rows that spreadsheets are tempted to understand as something else than text.
var shownRows = [][]Cell{
	{{Kind: Number, Number: 1}, {Text: "Demon Dogs"}, {Text: "944 W. Fullerton"}},
	{{Kind: Number, Number: -2}, {Text: "=1+1"}, {Text: "+1-2"}},
	{{Kind: Number, Number: 9007199254740991 / 10}, {Text: "-1-2"}, {Text: `@SUM(A1;A2)`}},
	{{Kind: Number, Number: 4}, {Text: "'=1+1"}, {Text: `;"=1+1`}},
	{{Kind: Number, Number: 5}, {Text: "a;=1+1"}, {Text: "a,=1+1"}},
	{{Kind: Number, Number: 6}, {Text: `=HYPERLINK("http://example.com";"Joe")`}, {Text: `"Joe"`}},
	{{Kind: Number, Number: 7}, {Text: "Café Müller ß €"}, {Text: "拉麵 🌭 👩‍🍳"}},
	{{Kind: Number, Number: 8}, {Text: "  spaces  around "}, {Text: "in  side"}},
	{{Kind: Number, Number: 9}, {Text: "two\nlines"}, {Text: "<b>&amp;</b>"}},
	{{Kind: Number, Number: 10}, {Text: ""}, {Text: "'quoted'"}},
	{{Kind: Number, Number: 11}, {Text: "＝1+1"}, {Text: "Joe's"}},
}

// onlyText are texts that any program reads as numbers and such where a file does not say what is text.
var onlyText = [][]Cell{
	{{Kind: Number, Number: 20}, {Text: "007"}, {Text: "1e5"}},
	{{Kind: Number, Number: 21}, {Text: "2024-02-29"}, {Text: "1/2"}},
	{{Kind: Number, Number: 22}, {Text: "TRUE"}, {Text: "50%"}},
	{{Kind: Number, Number: 23}, {Text: "12345678901234567890"}, {Text: "#REF!"}},
}

func rowsOf(t *testing.T, file []byte) (header []string, rows [][]string) {
	t.Helper()
	book, err := Read(t.Context(), bytes.NewReader(file), int64(len(file)), "", Limits{})
	if err != nil {
		t.Fatalf("%v\n%.500q", err, file)
	}
	if len(book.Tables) != 1 {
		t.Fatalf("it has %d tables", len(book.Tables))
	}
	for _, row := range book.Tables[0].Rows {
		rows = append(rows, row.Cells)
	}
	return book.Tables[0].Header, rows
}

func allTexts(rows [][]Cell) (all [][]string) {
	for _, row := range rows {
		all = append(all, texts(row))
	}
	return all
}

// everyRow are both.
func everyRow() [][]Cell { return append(append([][]Cell(nil), shownRows...), onlyText...) }

func TestLibreOfficeShowsWhatWasWrittenAndWhatItSavesIsRead(t *testing.T) {
	t.Parallel()
	office := startOffice(t)
	names := []string{"id", "name", "=address"}
	plain, packed := written(t, CSV, names, shownRows), written(t, XLSX, names, everyRow())

	shown := office.convert(t, map[string][]byte{"plain.csv": plain, "packed.xlsx": packed}, asShown)
	for name, want := range map[string][][]string{
		"plain.csv":   append([][]string{{"id", "name", "'=address"}}, guarded(shownRows)...), // what it shows are texts, the apostrophes too
		"packed.xlsx": append([][]string{names}, allTexts(everyRow())...),
	} {
		got, err := csv.NewReader(bytes.NewReader(shown[name])).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("LibreOffice shows %s otherwise:\n%s", name, d)
		}
	}

	saved := office.convert(t, map[string][]byte{"packed.xlsx": packed}, "xlsx")
	_, rows := rowsOf(t, saved["packed.xlsx"])
	if d := cmp.Diff(allTexts(everyRow()), rows); d != "" {
		t.Errorf("the rows that LibreOffice saved differ:\n%s", d)
	}

	saved = office.convert(t, map[string][]byte{"packed.xlsx": packed}, "ods")
	_, err := Read(t.Context(), bytes.NewReader(saved["packed.xlsx"]), int64(len(saved["packed.xlsx"])), "places.ods", Limits{})
	if want := "The file “places.ods” is a document of LibreOffice or OpenOffice. Save it as XLSX or CSV, and choose that file."; sentences(err) != want {
		t.Errorf("%q, want %q", sentences(err), want)
	}
}

func guarded(rows [][]Cell) (all [][]string) {
	for _, row := range rows {
		line := texts(row)
		for i := range row {
			if row[i].Kind == Text {
				line[i] = guard(line[i])
			}
		}
		all = append(all, line)
	}
	return all
}
