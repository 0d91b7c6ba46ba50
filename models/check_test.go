package models_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/change"
	"maitred/models/check"
	"maitred/models/problem"
)

// aColourfulDay is a world in which everything has happened once. At its end a copy of the
// restaurant is at Demon Dogs, and another restaurant, where Tim works, at Ace.
func aColourfulDay(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	w.hire(demonDogs, "Ann", "Zoë")
	w.rename(aceHardware, "Ace")
	w.move(w.restaurants, demonDogs, aceHardware)
	third := w.addRestaurant("Third", "3 Third St")
	w.hire(third, "Tim")
	w.swap(aceHardware, third)
	w.do(change.Copy{Kind: w.restaurants, Key: third, To: demonDogs})
	w.move(w.waiters, joe, aceHardware)
	w.delete(w.waiters, joe)
	w.delete(w.places, third)
	return w
}

// check looks at the file as maitred check does.
func (w *world) check() (*check.Report, error) {
	w.t.Helper()
	s, err := models.OpenToRead(ctx, databaseAt(w.t, w.path), migrations.Current)
	if err != nil {
		return nil, err
	}
	report, err := check.Run(ctx, s)
	return report, errors.Join(err, s.Close())
}

// mustFind expects findings in the parts named, in this order, and nowhere else.
func (w *world) mustFind(parts []string, sentences ...string) {
	w.t.Helper()
	report, err := w.check()
	w.must(err)
	var found []string
	for _, p := range report.Parts {
		if p.Count > 0 {
			found = append(found, p.Name)
		}
	}
	if !slices.Equal(found, parts) {
		w.t.Errorf("there are findings in %q, want them in %q:\n%v", found, parts, report)
	}
	for _, s := range sentences {
		if !strings.Contains(report.String()+"\n", s+"\n") {
			w.t.Errorf("the report does not say\n%s\nbut\n%v", s, report)
		}
	}
}

func TestACheckOfASoundDatabaseSaysWhatItSaw(t *testing.T) {
	t.Parallel()
	w := aColourfulDay(t).copied(t)
	w.mustFind(nil,
		"History: 16 changes with 27 rows, replayed from nothing, were compared with 2 places, 2 restaurants and 1 waiter. Everything agrees.",
		"Search: What a search reads was compared with 5 texts, and its index, which has 50 entries, with what it reads. Everything agrees.")
	w = emptyWorld(t)
	w.mustFind(nil, "History: 0 changes with 0 rows, replayed from nothing, were compared with 0 places, 0 restaurants and 0 waiters. Everything agrees.")
}

// Change 4 hired Joe, 5 Ann; 7 renamed Ace Hardware; 8 moved the restaurant with them, 12 swapped
// it with that of Tim, whom change 11 hired; 14 moved Joe and 15 deleted him; 16 deleted a place
// with the restaurant and Ann and Zoë.
func TestACheckNamesWhateverIsNotAsHistoryTells(t *testing.T) {
	t.Parallel()
	w := aColourfulDay(t).toDamage(t)
	for name, damage := range map[string]struct {
		done  string
		found []string
		said  []string
	}{
		"a row was changed": {"UPDATE places SET address = 'elsewhere' WHERE id = 1", []string{"History", "Search"}, []string{
			`- The place 1 is not what change 1 left: address is "elsewhere" instead of "944 W. Fullerton".`,
			`- The place 1: address_norm is "944 w. fullerton" instead of "elsewhere".`}},
		"a flag was changed": {"UPDATE restaurants SET serves_pizza = NOT serves_pizza", []string{"History"}, []string{
			"History: 16 changes with 27 rows, replayed from nothing, were compared with 2 places, 2 restaurants and 1 waiter. 2 findings:",
			"- The restaurant with the identity 2 is not what change 12 left: serves_pizza is 1 instead of 0.",
			"- The restaurant with the identity 3 is not what change 13 left: serves_pizza is 1 instead of 0."}},
		"a row was deleted": {"DELETE FROM waiters WHERE id = 4", []string{"History", "Counts", "Search"}, []string{
			"- The waiter 4 is not there, but change 12 left it at 4.",
			"- The restaurant 2 has a waiter_count of 1, but the number of its waiters is 0.",
			"- The search index has the waiter 4, which is not there."}},
		"a row was invented": {"INSERT INTO waiters (id, restaurant_id, name, name_norm, version) VALUES (99, 1, 'Ghost', 'ghost', 3)", []string{"History", "Counts", "Search"}, []string{
			"- The waiter 99 is there, at 99, but no change wrote it.",
			"- The restaurant 1 has a waiter_count of 0, but the number of its waiters is 1.",
			`- The search index does not have the waiter 99 under "  g", " gh", "gho" and 2 more.`}},
		"a deleted row is back": {"INSERT INTO waiters (id, restaurant_id, name, name_norm, version) VALUES (1, 1, 'Joe', 'joe', 15); UPDATE restaurants SET waiter_count = 1", []string{"History", "Search"}, []string{
			"- The waiter 1 is there, at 1, but change 15 deleted it."}},
		"a row moved": {"UPDATE restaurants SET place_id = 3 WHERE place_id = 1; INSERT INTO places (id, name, name_norm, address, address_norm, version, restaurant_count) VALUES (3, 'x', 'x', 'x', 'x', 1, 1); UPDATE places SET restaurant_count = 0 WHERE id = 1",
			[]string{"History", "Search"}, []string{
				"- The restaurant with the identity 3 is not what change 13 left: place_id is 3 instead of 1.",
				"- The place 3 is there, at 3, but change 16 deleted it."}},
		"two rows are the same record": {"UPDATE restaurants SET identity = 2", []string{"History"}, []string{
			"- The restaurant with the identity 2 is there more than once, also at 2.",
			"- The restaurant with the identity 3 is not there, but change 13 left it at 1."}},
		"a text is none": {"UPDATE waiters SET name = CAST('Tim' AS BLOB)", []string{"History"}, []string{
			`- The waiter 4 is not what change 12 left: name is "bytes 54696D" instead of "Tim".`}},
		"a number of history is none": {"UPDATE change_rows SET before_key = 'one' WHERE kind = 'waiters' AND change_id = 8 AND identity = 2", []string{"History"}, []string{
			`- The waiters could not be read to their end, but up to the number 2: sql: Scan error on column index 2, name "before_key": converting driver.Value type string ("one") to a int64: invalid syntax.`}},
		"a text is not characters": {"UPDATE waiters SET name = CAST(x'54696dff' AS TEXT)", []string{"History", "Search"}, []string{
			"- The waiter 4 is not what change 12 left: name is \"Tim\uFFFD\" instead of \"Tim\"."}},

		"a count is wrong": {"UPDATE restaurants SET waiter_count = 3 WHERE place_id = 2; UPDATE places SET restaurant_count = 0 WHERE id = 1", []string{"Counts"}, []string{
			"- The restaurant 2 has a waiter_count of 3, but the number of its waiters is 1.",
			"- The place 1 has a restaurant_count of 0, but the number of its restaurants is 1."}},
		"a count is none": {"UPDATE restaurants SET waiter_count = 'many' WHERE place_id = 2", []string{"Counts"}, []string{
			`- This could not be read to its end: count the waiters of restaurants: sql: Scan error on column index 1, name "says": converting driver.Value type string ("many") to a int64: invalid syntax.`}},
		"a text for searching is wrong everywhere": {"UPDATE places SET name_norm = 'mace' WHERE id = 2; UPDATE change_rows SET after = json_set(after, '$.name_norm', 'mace') WHERE change_id = 7", []string{"Search"}, []string{
			`- The place 2: name_norm is "mace" instead of "ace".`,
			`- The search index has the place 2 under " ac" instead of "  m", " ma" and "mac".`}},

		"the search index lost a row": {"DELETE FROM waiters_search WHERE rowid = 4", []string{"Search"}, []string{
			`- The search index does not have the waiter 4 under "  t", " ti" and "tim".`}},
		"the search index kept a row": {"INSERT INTO waiters_search (rowid, name) VALUES (1, '  joe')", []string{"Search"}, []string{
			"- The search index has the waiter 1, which is not there."}},
		"the search index has rows before and after all": {"INSERT INTO waiters_search (rowid, name) VALUES (-7, '  joe'), (9223372036854775807, '  joe')", []string{"Search"}, []string{
			"- The search index has the waiter -7, which is not there.",
			"- The search index has the waiter 9223372036854775807, which is not there."}},
		"the search index has another text": {"INSERT OR REPLACE INTO waiters_search (rowid, name) VALUES (4, '  tom')", []string{"Search"}, []string{
			`- The search index has the waiter 4 under " to" and "tom" instead of " ti" and "tim".`}},
		"the search index has a text too many": {"INSERT OR REPLACE INTO waiters_search (rowid, name) VALUES (4, '  tim  x')", []string{"Search"}, []string{
			`- The search index has the waiter 4 under "  x", "im " and "m  ", which is not in its texts.`}},
		"the search index mixed two rows up": {"INSERT OR REPLACE INTO places_search (rowid, name) VALUES (1, '  ace'), (2, '  demon  dogs')", []string{"Search"}, nil},
		"the search index is empty": {"INSERT INTO places_search (places_search) VALUES ('delete-all')", []string{"Search"}, []string{
			"Search: What a search reads was compared with 5 texts, and its index, which has 3 entries, with what it reads. 2 findings:"}},
		"the search index is in pieces": {"DELETE FROM places_search_data WHERE id > 10", []string{"File", "Search"}, nil},

		"a foreign key is broken": {"UPDATE waiters SET restaurant_id = 77", []string{"Foreign keys", "History", "Counts"}, []string{
			"- The waiter 4 belongs to nothing: its restaurant_id leads to no row of restaurants.",
			"- The waiter 4 is not what change 12 left: restaurant_id is 77 instead of 2."}},
		"a change is lost": {"DELETE FROM changes WHERE id = 16", []string{"Foreign keys", "Changes"}, []string{
			"- Rows of change_rows belong to nothing: the change_id of 4 leads to no row of changes.",
			"- Change 16 is not there, but rows of it are, 4 in number."}},
		"a change is lost with its rows": {"DELETE FROM change_rows WHERE change_id = 8; DELETE FROM changes WHERE id = 8", []string{"History"}, []string{
			"- The waiter 1: change 12 found something else than change 4 had left: restaurant_id is 2 instead of 1 and version is 8 instead of 4."}},
		"a table that no model knows leads nowhere": {"CREATE TABLE notes (id INTEGER PRIMARY KEY, change_id INTEGER REFERENCES changes (id)); INSERT INTO notes VALUES (1, 1), (2, 77)", []string{"Foreign keys"}, []string{
			"- The row 2 of notes belongs to nothing: its change_id leads to no row of changes."}},

		"a row of a change is lost": {"DELETE FROM change_rows WHERE change_id = 8 AND kind = 'waiters' AND identity = 2", []string{"Changes", "History"}, []string{
			"- Change 8 has a row_count of 4, but the number of its rows is 3.",
			"- The waiter 2: change 12 found something else than change 5 had left: restaurant_id is 2 instead of 1 and version is 8 instead of 5."}},
		"the first row of a record is lost": {"DELETE FROM change_rows WHERE change_id = 4; DELETE FROM changes WHERE id = 4", []string{"History"}, []string{
			"- The waiter 1: change 8 says what it was before, but no change had written it."}},
		"the last row of a record is lost": {"DELETE FROM change_rows WHERE change_id = 15; DELETE FROM changes WHERE id = 15", []string{"History"}, []string{
			"- The waiter 1 is not there, but change 14 left it at 1."}},
		"a row_count is wrong": {"UPDATE changes SET row_count = 5 WHERE id = 7", []string{"Changes"}, []string{
			"- Change 7 has a row_count of 5, but the number of its rows is 1."}},
		"a change has no rows": {"INSERT INTO changes (id, at, actor, operation, sentence, kind, identity, key, row_count) VALUES (17, '', '', '', '', '', 1, 1, 0)", []string{"Changes"}, []string{
			"- Change 17 wrote nothing: its row_count is 0, and it has no rows."}},
		"a person's own history is another": {`INSERT INTO users (id, name, name_norm, role, password, created_at) VALUES (1, 'Ann', 'ann', 'editor', '', '');
			INSERT INTO authors SELECT id, 1, kind, at FROM changes WHERE id < 9;
			UPDATE authors SET kind = 'waiters' WHERE change_id = 7; UPDATE authors SET at = '' WHERE change_id = 8`, []string{"Changes"}, []string{
			"- Change 7 has another kind or time than stands beside its author: it is missing from that person's history, or in the wrong place.",
			"- Change 8 has another kind or time than stands beside its author: it is missing from that person's history, or in the wrong place."}},
		"an author is nobody and another made nothing": {`INSERT INTO users (id, name, name_norm, role, password, created_at) VALUES (1, 'Ann', 'ann', 'editor', '', '');
			INSERT INTO authors SELECT id, 5, kind, at FROM changes WHERE id = 7; INSERT INTO authors VALUES (99, 1, 'places', '')`, []string{"Foreign keys"}, []string{
			"- The row 7 of authors belongs to nothing: its user_id leads to no row of users.",
			"- The row 99 of authors belongs to nothing: its change_id leads to no row of changes."}},
		"a kind is unknown": {"UPDATE change_rows SET kind = 'weiters' WHERE kind = 'waiters' AND identity = 1", []string{"Changes"}, []string{
			`- Changes wrote rows of "weiters", 5 in number, and there is no such kind.`}},

		"what was after is wrong": {"UPDATE change_rows SET after = json_set(after, '$.name', 'Jim') WHERE change_id = 8 AND identity = 2", []string{"History"}, []string{
			`- The waiter 2: change 12 found something else than change 8 had left: name is "Ann" instead of "Jim".`}},
		"what was before is wrong": {"UPDATE change_rows SET before = json_set(before, '$.name', 'Jim') WHERE change_id = 16 AND kind = 'waiters' AND identity = 2", []string{"History"}, []string{
			`- The waiter 2: change 16 found something else than change 12 had left: name is "Jim" instead of "Ann".`}},
		"a version is wrong": {"UPDATE change_rows SET after = json_set(after, '$.version', 6) WHERE change_id = 7; UPDATE places SET version = 6 WHERE id = 2", []string{"History"}, []string{
			"- The place 2: change 7 says wrongly what it was after: version is 6 instead of 7."}},
		"a key before is wrong": {"UPDATE change_rows SET before_key = 9 WHERE change_id = 15", []string{"History"}, []string{
			"- The waiter 1: change 15 found something else than change 14 had left: its key is 9 instead of 1."}},
		"a key after is wrong": {"UPDATE change_rows SET after_key = 9 WHERE change_id = 7", []string{"History"}, []string{
			"- The place 2: change 7 says wrongly what it was after: id is 2 instead of 9.",
			"- The place 2 is not what change 7 left: its key is 2 instead of 9."}},
		"an identity is wrong": {"UPDATE change_rows SET identity = 9 WHERE kind = 'restaurants' AND identity = 1", []string{"History"}, []string{
			"- The restaurant with the identity 9: change 3 says wrongly what it was after: identity is 1 instead of 9."}},
		"a number is wrong": {"UPDATE change_rows SET after = json_set(after, '$.id', 9) WHERE change_id = 11", []string{"History"}, []string{
			"- The waiter 4: change 11 says wrongly what it was after: id is 9 instead of 4.",
			"- The waiter 4: change 12 found something else than change 11 had left: id is 4 instead of 9."}},
		"a key has no row": {"UPDATE change_rows SET after = NULL WHERE change_id = 14", []string{"History"}, []string{
			"- The waiter 1: change 14 has a key without its row, or a row without its key."}},
		"a row has no key": {"UPDATE change_rows SET before_key = NULL WHERE change_id = 14", []string{"History"}, []string{
			"- The waiter 1: change 14 has a key without its row, or a row without its key."}},
		"a row says nothing": {"INSERT INTO change_rows (change_id, kind, identity, label) VALUES (15, 'waiters', 99, ''); UPDATE changes SET row_count = 2 WHERE id = 15", []string{"History"}, []string{
			"- The waiter 99: change 15 says neither what was before nor what was after."}},
		"a record begins twice": {"UPDATE change_rows SET before = NULL, before_key = NULL WHERE change_id = 14", []string{"History"}, []string{
			"- The waiter 1: change 14 says that it was new, but change 12 had left it at 1."}},
		"a record is changed after its deletion": {"UPDATE change_rows SET after = NULL, after_key = NULL WHERE change_id = 14", []string{"History"}, []string{
			"- The waiter 1: change 15 says what it was before, but change 14 had deleted it."}},
		"a column is missing": {"UPDATE change_rows SET after = json_remove(after, '$.name') WHERE change_id = 4; UPDATE change_rows SET before = json_remove(before, '$.name') WHERE change_id = 8 AND kind = 'waiters' AND identity = 1", []string{"History"}, []string{
			"- The waiter 1: change 4 says wrongly what it was after: name is missing."}},
		"a column is too many": {"UPDATE change_rows SET after = json_set(after, '$.colour', 'red') WHERE change_id = 12 AND kind = 'restaurants'", []string{"History"}, []string{
			`- The restaurant with the identity 2: change 12 says wrongly what it was after: "colour" is no column of it.`,
			`- The restaurant with the identity 2 is not what change 12 left: "colour" is missing instead of "red".`}},
		"a column is too many before": {"UPDATE change_rows SET before = json_set(before, '$.colour', 'red') WHERE change_id = 15", []string{"History"}, []string{
			`- The waiter 1: change 15 found something else than change 14 had left: "colour" is "red" instead of missing.`}},
		"a count is recorded": {"UPDATE change_rows SET after = json_set(after, '$.waiter_count', 0) WHERE change_id = 13", []string{"History"}, []string{
			`- The restaurant with the identity 3: change 13 says wrongly what it was after: "waiter_count" is no column of it.`}},
		"a column is there twice": {`UPDATE change_rows SET after = replace(after, '"name":', '"name":"Hidden","name":') WHERE change_id = 7`, []string{"History"}, []string{
			`- The place 2: change 7 does not say what it was after: the text has "name" twice: "{\"id\":2,\"name\":\"Hidden\",\"name\":\"Ace\",\"name_norm\":\"ace\",\"address\":\"1013 N. Ashland\",\"address_norm\":\"1…".`}},
		"what was after is cut off": {"UPDATE change_rows SET after = substr(after, 1, length(after) - 1) WHERE change_id = 7", []string{"History"}, nil},
		"what was after is no row": {"UPDATE change_rows SET after = '[]' WHERE change_id = 7", []string{"History"}, []string{`- The place 2: change 7 does not say what it was after: the text is no JSON object: "[]".`,
			`- The place 2 is not what change 7 left: it is "{\"id\":2,\"name\":\"Ace\",\"name_norm\":\"ace\",\"address\":\"1013 N. Ashland\",\"address_norm\":\"1013 n. ashland\",…" instead of "[]".`}},
		"what was after goes on": {"UPDATE change_rows SET after = after || '{}' WHERE change_id = 7", []string{"History"}, nil},

		"an index is wrong": {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'name_norm', 'address_norm') WHERE name = 'places_name'", []string{"File"}, []string{
			"- The database says: row 1 missing from index places_name."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			damaged := w.copied(t)
			done := damage.done
			if other, ok := doneOnServer[name]; ok && onServer {
				if other == "" {
					onlyOfSQLite(t, "PostgreSQL holds no such thing")
				}
				done = other
			}
			damaged.tamper(done)
			damaged.mustFind(damage.found, damage.said...)
		})
	}
}

// doneOnServer are the damages that are done in other words with PostgreSQL; "" where it does not let them be done.
var doneOnServer = map[string]string{
	"a text is none":                                 "",
	"a number of history is none":                    "",
	"a text is not characters":                       "",
	"a count is none":                                "",
	"the search index is in pieces":                  "",
	"a column is there twice":                        "",
	"what was after is cut off":                      "",
	"what was after is no row":                       "",
	"what was after goes on":                         "",
	"an index is wrong":                              "",
	"the search index kept a row":                    "INSERT INTO waiters_search (rowid, name, trigrams) VALUES (1, '  joe', cut('  joe'))",
	"the search index has rows before and after all": "INSERT INTO waiters_search (rowid, name, trigrams) VALUES (-7, '  joe', cut('  joe')), (9223372036854775807, '  joe', cut('  joe'))",
	"the search index has another text":              "UPDATE waiters_search SET name = '  tom', trigrams = cut('  tom') WHERE rowid = 4",
	"the search index has a text too many":           "UPDATE waiters_search SET name = '  tim  x', trigrams = cut('  tim  x') WHERE rowid = 4",
	"the search index mixed two rows up":             "UPDATE places_search SET trigrams = (SELECT o.trigrams FROM places_search AS o WHERE o.rowid <> places_search.rowid)",
	"the search index is empty":                      "DELETE FROM places_search",
}

// With PostgreSQL the search index has texts as well, and history what JSON there can be.
func TestACheckNamesWhateverIsWrongOnAServer(t *testing.T) {
	if !onServer {
		t.Skip("it is about PostgreSQL")
	}
	t.Parallel()
	w := aColourfulDay(t).toDamage(t)
	w.tamper("UPDATE waiters_search SET name = '  tom' WHERE rowid = 4")
	w.mustFind([]string{"Search"}, `- The search index has the waiter 4 with the text "  tom" instead of "  tim".`)
	w.tamper("UPDATE change_rows SET after = '[]' WHERE change_id = 7")
	w.mustFind([]string{"History", "Search"}, `- The place 2: change 7 does not say what it was after: the text is no JSON object: "[]".`)
	w.tamper("ALTER TABLE waiters RENAME COLUMN name_norm TO norm")
	w.mustFind([]string{"History", "Search"}, "Counts: Counted again were the restaurants of places and the waiters of restaurants. Everything agrees.", "- The waiters could not be read to their end, but up to the number 0: ERROR: column t.name_norm does not exist (SQLSTATE 42703).")
}

func TestACheckCountsAllFindingsAndTellsTheFirstTwenty(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	for range 25 {
		w.addPlace("Demon Dogs", "944 W. Fullerton")
	}
	w = w.copied(t)
	w.tamper("UPDATE places SET name = ? WHERE id > 3", "A\n\x1b\u202eB")
	w.tamper("UPDATE places SET restaurant_count = 1 WHERE id = 1")
	w.mustFind([]string{"History", "Counts", "Search"},
		"History: 25 changes with 25 rows, replayed from nothing, were compared with 25 places, 0 restaurants and 0 waiters. 22 findings, of which these are the first 20:",
		`- The place 4 is not what change 4 left: name is "A\n\x1b\u202eB" instead of "Demon Dogs".`,
		"Counts: Counted again were the restaurants of places and the waiters of restaurants. 1 finding:")
	report, err := w.check()
	w.must(err)
	if told := len(report.Parts[len(report.Parts)-3].Findings); told != 20 || report.Count() != 22+1+22 {
		t.Errorf("%d findings are told, and %d counted:\n%v", told, report.Count(), report)
	}
}

func TestACheckFindsWhereverPagesOfTheFileAreDamaged(t *testing.T) {
	onlyOfSQLite(t, "its file has pages")
	t.Parallel()
	w := aColourfulDay(t)
	// The last page of the file is that of the newest index; without a row, it ends with nothing.
	w.as(w.person("Ann")).addPlace("Dogs", "Street")
	w = w.copied(t)
	sound, err := os.ReadFile(w.path)
	w.must(err)
	const page = 4096
	mustBeFound := func(what string, content []byte) {
		t.Helper()
		w.must(os.WriteFile(w.path, content, 0o600))
		if report, err := w.check(); err == nil && report.Count() == 0 {
			t.Errorf("%s was not found:\n%v", what, report)
		}
	}
	for at := 0; at < len(sound); at += page {
		flipped := slices.Clone(sound)
		for i := range 64 { // where a page says what is on it
			flipped[at+i] ^= 0xff
		}
		mustBeFound(fmt.Sprintf("the damage of page %d of %d", at/page+1, len(sound)/page), flipped)
	}
	for _, size := range []int{50, page, len(sound)/2 + 100, len(sound) - page, len(bytes.TrimRight(sound, "\x00")) - 1} {
		mustBeFound(fmt.Sprintf("a cut at %d bytes of %d", size, len(sound)), sound[:size])
	}
	w.must(os.WriteFile(w.path, sound, 0o600))
	w.mustFind(nil)
}

func TestACheckSeesOneMomentAndWritesNothing(t *testing.T) {
	t.Parallel()
	w := aColourfulDay(t)
	s, err := models.OpenToRead(ctx, databaseAt(w.t, w.path), migrations.Current)
	w.must(err)
	defer s.Close()
	w.must(s.Moment(ctx, func(moment context.Context) error {
		var n int
		w.must(s.View(moment, func(ctx context.Context, tx bun.Tx) error {
			return tx.NewRaw("SELECT count(*) FROM changes").Scan(ctx, &n)
		}))
		w.delete(w.places, aceHardware)
		report, err := check.Run(moment, s)
		w.must(err)
		if report.Count() > 0 || !strings.Contains(report.String(), "16 changes with 27 rows") {
			t.Errorf("the report is\n%v", report)
		}
		return nil
	}))
	_, err = models.Places.Create(ctx, s, "", &models.Place{Name: "Third", Address: "3"})
	w.refused(err, problem.ReadOnly)
	w.mustFind(nil, "History: 17 changes with 30 rows, replayed from nothing, were compared with 1 place, 1 restaurant and 0 waiters. Everything agrees.")
}

func TestACheckThatIsStoppedSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stopped, stop := context.WithCancel(ctx)
	err := w.Moment(stopped, func(moment context.Context) error {
		stop()
		report, err := check.Run(moment, w.Store)
		if report != nil {
			t.Errorf("the report is\n%v", report)
		}
		return err
	})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "the check was stopped before its end") {
		t.Errorf("it ended with %v", err)
	}
}

func TestACheckKnowsEveryCharacterThatTheSearchIndexDoes(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	for _, name := range []string{"x", "xy", "Größe", "e\u0301", "日本語", "a\uffffb\ufffec", "🦀🦀 🦀", "a-b/c'd\"e", "a\U0010ffff\U0001fffe", "100%_", "a\u00adb\u200dc"} {
		w.addPlace(name, "1")
	}
	w.mustFind(nil)
}

// Far more rows are wrong than are held in memory at a time, and more trigrams than are looked into.
func TestACheckOfAWhollyWrongSearchIndexComesToItsEnd(t *testing.T) {
	repeats(t)
	t.Parallel()
	w := newWorld(t).toDamage(t)
	w.tamper(either(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
		INSERT INTO waiters_search (rowid, name) SELECT 1000 + i, '  ' || i || '  ' || char(1000 + i % 1000) FROM n`,
		`INSERT INTO waiters_search (rowid, name, trigrams) SELECT 1000 + i, t, cut(t) FROM (SELECT i, '  ' || i || '  ' || chr(1000 + i % 1000) AS t FROM generate_series(1, 25000) AS i) AS n`))
	report, err := w.check()
	w.must(err)
	found := report.Parts[len(report.Parts)-1]
	if found.Count < 5000 || found.Findings[0] != "So much of the search index of waiters is wrong that not all of it is told." ||
		!strings.HasSuffix(found.Findings[1], ", which is not there.") {
		t.Errorf("the report is\n%v", report)
	}
}

// Sixteen small writes let the search index throw away the parts that the first check has read.
func TestACheckAfterOthersWroteFindsTheSearchIndexAsItIsNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		report, err := check.Run(ctx, w.Store)
		w.must(err)
		if report.Count() > 0 {
			t.Errorf("the report is\n%v", report)
		}
		for range 20 {
			w.addPlace("Demon Dogs", "944 W. Fullerton")
		}
	}
}
