package models_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/importer"
	"maitred/models/kind"
	"maitred/models/sheet"
	lines "maitred/models/text"
)

// Whatever records are called, a file of them that is brought in again changes nothing; one in which some
// cells were changed changes just these, and its undo brings back what was exported before.
func TestAFileThatWasExportedAndComesBackChangesWhatWasChangedInItAndNothingElse(t *testing.T) {
	repeats(t)
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := townOf(t)
		defer w.Close()
		for _, k := range w.Graph.Kinds() {
			for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
				table := w.comesBack(w.file(k, format))
				w.changesNothing(k, table)
				w.changesNothing(k, w.without(k, table))
				w.changesThat(t, k, format, table)
			}
		}
		w.mustBeSound()
	})
}

// awkward are names that spreadsheets, separators, formulas or writing systems make trouble of.
var awkward = rapid.SampledFrom([]string{
	"Joe", "joe", "JOE", "O'Brien", "'quoted", "''", "=1+1", "'=1+1", "''=1+1", "a'=1", "' =1", "'\u200b=1", "+49 30 1", "-2", "@SUM(A1)", "\"", "\"\"", "a\"b", ";", ",", "a;b;c;d", "a,b", "|",
	"007", "1e5", "TRUE", "no", "2024-01-01", "1/2", "12:30", "NULL", "#N/A", "_x000D_", "_x0041_", "sep=;", "id", "name", "&amp;", "<b>", "]]>", "%s", "\\", "\\N",
	"Café", "Cafe\u0301", "Straße", "İzmir", "ﬁsh", "Ⅻ", "مطعم", "שלום \u200fx", "a\u202eb", "日本語", "🌭🍕", "👩‍👩‍👧", "a\u00a0b", "a  b", "x\ufffd", "x\ufffe", "x\uffff", "\ufeffx", "x\u200b", "x\u00ad",
	strings.Repeat("x", 50), strings.Repeat("é", 50), strings.Repeat("\"", 50), strings.Repeat("🌭", 50),
})

// called draws a text that is a name.
var called = rapid.Custom(func(t *rapid.T) string {
	s := awkward.Draw(t, "awkward")
	for range rapid.IntRange(0, 2).Draw(t, "more") {
		s += rapid.OneOf(awkward, rapid.StringN(1, 5, -1)).Draw(t, "and")
	}
	clean, flaw := lines.Line(s, 50)
	if flaw != lines.Sound {
		return "Joe"
	}
	return clean
})

// townOf draws a town: places of which some are the very same, restaurants at some, and waiters of whom
// some are called the same.
func townOf(t *rapid.T) *world {
	dir, err := os.MkdirTemp("", "maitred")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	w := openWorld(t, filepath.Join(dir, "town.db"))
	name, address := "Demon Dogs", "944 W. Fullerton"
	for range rapid.IntRange(0, 6).Draw(t, "places") {
		if rapid.IntRange(0, 3).Draw(t, "the same as the last") > 0 {
			name, address = called.Draw(t, "name"), called.Draw(t, "address")
		}
		key := w.addPlace(name, address)
		if rapid.Bool().Draw(t, "free") {
			continue
		}
		w.open(&models.Restaurant{PlaceID: key, ServesHotDogs: rapid.Bool().Draw(t, "hot dogs"), ServesPizza: rapid.Bool().Draw(t, "pizza")})
		for range rapid.IntRange(0, 2).Draw(t, "waiters") {
			w.hire(key, slices.Repeat([]string{called.Draw(t, "waiter")}, rapid.IntRange(1, 2).Draw(t, "of that name"))...)
		}
	}
	return w
}

// file is all of a kind as it is downloaded.
func (w *world) file(k *graph.Kind, format sheet.Format) *bytes.Buffer {
	w.t.Helper()
	fields := kind.Fields(k)
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return w.written(format, names, func(write func([]sheet.Cell) error) error { return w.asks(k, "").Each(ctx, w.Store, fields, write) })
}

func (w *world) written(format sheet.Format, header []string, rows func(func([]sheet.Cell) error) error) *bytes.Buffer {
	w.t.Helper()
	b := new(bytes.Buffer)
	to, err := sheet.NewWriter(b, format, "Sheet")
	w.must(err)
	w.must(to.Header(header...))
	w.must(rows(to.Write))
	w.must(to.Close())
	return b
}

// comesBack is the table of a file as it is read.
func (w *world) comesBack(file *bytes.Buffer) *sheet.Table {
	w.t.Helper()
	book, err := sheet.Read(ctx, bytes.NewReader(file.Bytes()), int64(file.Len()), "file", sheet.Limits{Bytes: 10 << 20, Rows: 1000, Columns: 20, Cell: 1000})
	if err != nil || len(book.Tables) != 1 {
		w.t.Fatalf("a file of ours is read as %+v: %v\n%q", book, err, file)
	}
	return book.Tables[0]
}

// brought plans an import.
func (w *world) brought(k *graph.Kind, table *sheet.Table) (*models.Import, *change.Plan) {
	w.t.Helper()
	columns := importer.Recognise(k, table.Header)
	w.must(importer.Unfit(k, columns))
	i := models.NewImport(w.Store, k, "file", table, columns)
	plan, err := change.Preview(ctx, w.Store, i)
	if !errors.Is(err, importer.ErrProblems) {
		w.must(err)
	}
	return i, plan
}

// mustBe expects the group of each row, and tells of one that is in another one.
func (w *world) mustBe(i *models.Import, group func(cells []string) importer.Group) {
	w.t.Helper()
	for _, l := range i.Outcome.Lines {
		if want := group(l.Cells); l.Group != want {
			w.t.Fatalf("the row %q of %s is %s, want %s: %q %+v", l.Cells, i.Kind.Table, l.Group, want, l.Reasons, l)
		}
	}
}

func (w *world) changesNothing(k *graph.Kind, table *sheet.Table) {
	w.t.Helper()
	before, changes := w.tables(), w.changes()
	i, plan := w.brought(k, table)
	w.mustBe(i, func([]string) importer.Group { return importer.Same })
	if done, err := w.commit(i, plan); err != nil || done != nil {
		w.t.Fatalf("a file that says what is so already does %+v: %v", done, err)
	}
	w.mustBeAsBefore(before, changes)
}

// without is a table without the keys of its records, of those rows that say enough without them.
func (w *world) without(k *graph.Kind, table *sheet.Table) *sheet.Table {
	less := &sheet.Table{Header: table.Header[1:], Line: table.Line}
	for _, r := range table.Rows {
		if k.OneToOne() == nil || w.placesCalled(r.Cells[1], r.Cells[2]) == 1 { // of two places alike, nobody can tell which
			less.Rows = append(less.Rows, sheet.Row{Line: r.Line, Cells: r.Cells[1:]})
		}
	}
	return less
}

func (w *world) placesCalled(name, address string) (n int) {
	w.t.Helper()
	w.must(w.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw("SELECT count(*) FROM places WHERE name = ? AND address = ?", name, address).Scan(ctx, &n)
	}))
	return n
}

// addsRows writes new records into a file, between those that are there, and returns how many.
func (w *world) addsRows(t *rapid.T, k *graph.Kind, table *sheet.Table) int {
	n := rapid.IntRange(0, 2).Draw(t, "new rows")
	for i := range n {
		cells := make([]string, len(table.Header))
		set := func(name, value string) { cells[slices.Index(table.Header, name)] = value }
		switch address := fmt.Sprintf("%d Newly Made Street", 9000+500*i); k {
		case w.places:
			set("name", called.Draw(t, "new place"))
			set("address", address)
		case w.restaurants:
			set("place_name", called.Draw(t, "at the new place"))
			set("place_address", address)
			set("serves_pizza", rapid.SampledFrom([]string{"", "no", "yes", "X"}).Draw(t, "pizza"))
		default:
			if len(table.Rows) == 0 {
				return i
			}
			copy(cells, rapid.SampledFrom(table.Rows).Draw(t, "a colleague of").Cells)
			set("id", "")
			set("name", fmt.Sprintf("%d newly hired", i))
		}
		at := rapid.IntRange(0, len(table.Rows)).Draw(t, "at")
		table.Rows = slices.Insert(table.Rows, at, sheet.Row{Cells: cells})
	}
	return n
}

// changesThat changes some cells of a file, brings it, and takes that back.
func (w *world) changesThat(t *rapid.T, k *graph.Kind, format sheet.Format, table *sheet.Table) {
	w.t.Helper()
	before, was := withoutVersions(w.tables()), cellsOf(table)
	changed := map[string]bool{} // by key
	for n := range table.Rows {
		if rapid.IntRange(0, 2).Draw(t, "is changed") == 0 {
			w.changesRow(t, k, table, n)
			changed[was[n][0]] = !slices.Equal(table.Rows[n].Cells, was[n])
		}
	}
	fresh := w.addsRows(t, k, table)
	want := cellsOf(table)
	file := w.written(format, table.Header, func(write func([]sheet.Cell) error) error {
		for _, r := range want {
			cells := make([]sheet.Cell, len(r))
			for i, c := range r {
				cells[i].Text = c
			}
			if err := write(cells); err != nil {
				return err
			}
		}
		return nil
	})
	i, plan := w.brought(k, w.comesBack(file))
	w.mustBe(i, func(cells []string) importer.Group {
		switch key := cells[0]; {
		case key == "":
			return importer.New
		case changed[key]:
			return importer.Changed
		}
		return importer.Same
	})
	done, err := w.commit(i, plan)
	w.must(err)
	if some := fresh > 0 || slices.Contains(slices.Collect(maps.Values(changed)), true); some != (done != nil) {
		t.Fatalf("of %v changed rows and %d new ones history says %+v", changed, fresh, done)
	}
	is := byKey(cellsOf(w.comesBack(w.file(k, format))))
	for _, cells := range want {
		if cells[0] == "" {
			cells[0] = newKey(is, was, cells)
		}
	}
	w.same("the file after the import", is, byKey(want))
	if done != nil {
		w.undo(done)
	}
	w.same("the tables after the undo", withoutVersions(w.tables()), before)
	w.same("the file after the undo", cellsOf(w.comesBack(w.file(k, format))), was)
}

// changesRow changes what a person can change of one record.
func (w *world) changesRow(t *rapid.T, k *graph.Kind, table *sheet.Table, n int) {
	cells := slices.Clone(table.Rows[n].Cells)
	at := func(name string) *string { return &cells[slices.Index(table.Header, name)] }
	switch k {
	case w.places:
		*at(rapid.SampledFrom([]string{"name", "address"}).Draw(t, "what")) = called.Draw(t, "instead")
	case w.restaurants:
		what := at(rapid.SampledFrom([]string{"serves_hot_dogs", "serves_pizza"}).Draw(t, "what"))
		*what = map[string]string{"yes": "no", "no": "yes"}[*what]
	default:
		if rapid.Bool().Draw(t, "moves") {
			to := rapid.SampledFrom(table.Rows).Draw(t, "to the restaurant of").Cells
			for _, name := range []string{"restaurant_id", "place_name", "place_address"} {
				*at(name) = to[slices.Index(table.Header, name)]
			}
			break
		}
		*at("name") = called.Draw(t, "instead")
	}
	table.Rows[n].Cells = cells
}

func cellsOf(table *sheet.Table) (rows [][]string) {
	for _, r := range table.Rows {
		rows = append(rows, slices.Clone(r.Cells))
	}
	return rows
}

func byKey(rows [][]string) map[string][]string {
	all := map[string][]string{}
	for _, r := range rows {
		all[r[0]] = r
	}
	return all
}

// newKey is the key that a new row got, and fills in what it left out; "" if it got none.
func newKey(is map[string][]string, was [][]string, cells []string) string {
	for key, found := range is {
		if slices.ContainsFunc(was, func(r []string) bool { return r[0] == key }) {
			continue
		}
		fits := true
		filled := slices.Clone(cells)
		for i, c := range cells[1:] {
			switch at := i + 1; {
			case c == "" && (found[at] == "no" || found[at] == "0"), c == "X" && found[at] == "yes":
				filled[at] = found[at]
			default:
				fits = fits && c == found[at]
			}
		}
		if fits {
			copy(cells, filled)
			return key
		}
	}
	return ""
}
