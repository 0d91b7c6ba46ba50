package sheet

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// Excelize is another reader and writer of the format, which knows nothing of this one.
func TestWhatIsWrittenIsWhatExcelizeReadsAndTheOtherWayRound(t *testing.T) {
	t.Parallel()
	ours := written(t, XLSX, []string{"id", "name", "=address"}, everyRow())
	f, err := excelize.OpenReader(bytes.NewReader(ours))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	got, err := f.GetRows("Places")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(append([][]string{{"id", "name", "=address"}}, allTexts(everyRow())...), got); d != "" {
		t.Errorf("excelize reads otherwise:\n%s", d)
	}
	if formula, err := f.GetCellFormula("Places", "B3"); formula != "" || err != nil {
		t.Errorf("excelize finds the formula %q, %v", formula, err)
	}

	for cell, value := range map[string]any{"A17": 24, "B17": true, "C17": "  Joe  ", "A18": 25.5, "B18": "+1", "C18": "a\nb"} {
		if err := f.SetCellValue("Places", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	var theirs bytes.Buffer
	if err := f.Write(&theirs); err != nil {
		t.Fatal(err)
	}
	_, rows := rowsOf(t, theirs.Bytes())
	if d := cmp.Diff(append(allTexts(everyRow()), []string{"24", "TRUE", "  Joe  "}, []string{"25.5", "+1", "a\nb"}), rows); d != "" {
		t.Errorf("what excelize wrote is read otherwise:\n%s", d)
	}

	if err := f.SetCellFormula("Places", "B18", "1+1"); err != nil {
		t.Fatal(err)
	}
	if err := f.MergeCell("Places", "A17", "B17"); err != nil {
		t.Fatal(err)
	}
	theirs.Reset()
	if err := f.Write(&theirs); err != nil {
		t.Fatal(err)
	}
	_, err = Read(t.Context(), bytes.NewReader(theirs.Bytes()), int64(theirs.Len()), "", Limits{})
	if want := "Cell B18 contains a formula. Replace it by its value.\nThe cells A17:B17 are merged into one. Take them apart, and fill in each."; sentences(err) != want {
		t.Errorf("it says %q, want %q", sentences(err), want)
	}
}
