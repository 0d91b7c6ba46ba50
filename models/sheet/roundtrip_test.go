package sheet

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// written is a table as a file.
func written(t interface {
	Helper()
	Fatal(...any)
}, f Format, header []string, rows [][]Cell) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := NewWriter(&file, f, "Places")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Header(header...); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// nasty are pieces of text that something or other trips over.
var nasty = []string{
	"=1+1", "+", "-", "@SUM(A1)", "＝", "＋1", "－", "＠x", "'", "''", "'=", `"`, `""`, ",", ";", ";=", `; "-`, "\t", "\n", "\r", "\r\n", "|",
	"_x0041_", "_x005F_", "_x005f_x0041_", "_x", "_", "_xD83D_", "_x000D_", "&", "<", ">", "&amp;", "]]>", "<![CDATA[", " ", "  ", "\u00a0", "\u3000",
	"é", "e\u0301", "ß", "İ", "漢字", "👩‍🍳", "\u200b", "\u200f", "\ufeff", "\ufffd", "\ufffe", "\uffff", "\u2028", "\u0085", "\x01", "\x0b", "\x1f", "\x7f",
	"007", "1e5", "TRUE", "1/2", "2024-01-01", "sep=;", "ID", "a", "Demon Dogs", "944 W. Fullerton", "#REF!", "%", "{=1}",
}

func nastyText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		pieces := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(nasty), rapid.StringN(0, 5, -1)), 0, 5).Draw(t, "pieces")
		return strings.ReplaceAll(strings.Join(pieces, ""), "\x00", "")
	})
}

func TestRandomTablesAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{CSV, XLSX} {
		t.Run(string(f), rapid.MakeCheck(func(t *rapid.T) {
			header := rapid.SliceOfNDistinct(nastyText().Filter(func(s string) bool { return !blank(s) }), 1, 5, columnKey).Draw(t, "header")
			rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) []Cell {
				cells := make([]Cell, len(header))
				for i := range cells {
					if rapid.IntRange(0, 4).Draw(t, "kind") == 0 {
						cells[i] = Cell{Kind: Number, Number: rapid.Int64Range(-1<<53, 1<<53).Draw(t, "number")}
					} else {
						cells[i] = Cell{Text: nastyText().Draw(t, "text")}
					}
				}
				return cells
			}).Filter(func(cells []Cell) bool { return !emptyLine(texts(cells)) }), 0, 6).Draw(t, "rows")
			var want [][]string
			for _, row := range rows {
				want = append(want, texts(row))
			}

			file := written(t, f, header, rows)
			book, err := Read(t.Context(), bytes.NewReader(file), int64(len(file)), "random", Limits{})

			if err != nil {
				t.Fatal(err)
			}
			var got [][]string
			for _, row := range book.Tables[0].Rows {
				got = append(got, row.Cells)
			}
			if d := cmp.Diff(header, book.Tables[0].Header); d != "" {
				t.Errorf("the header differs:\n%s", d)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("the rows differ:\n%s", d)
			}
		}))
	}
}

// texts is a row as it should be read.
func texts(cells []Cell) (all []string) {
	for _, c := range cells {
		if c.Kind == Number {
			all = append(all, fmt.Sprint(c.Number))
			continue
		}
		all = append(all, strings.ToValidUTF8(c.Text, string(utf8.RuneError)))
	}
	return all
}
