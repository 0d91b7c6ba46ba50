package models_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/uptrace/bun"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/check"
	"maitred/models/problem"
	"maitred/models/store"
)

func (w *world) fillIn(places int64) *change.Change {
	w.t.Helper()
	c, err := models.Fill(ctx, w.Store, places, nil)
	w.must(err)
	return c
}

// schema is the definition of every table and index.
func (w *world) schema() (definitions []string) {
	w.t.Helper()
	w.view(func(tx bun.Tx) {
		w.must(tx.NewRaw(either("SELECT name || ': ' || coalesce(sql, '') FROM sqlite_master ORDER BY name",
			`SELECT indexdef AS said FROM pg_indexes WHERE schemaname = current_schema()
				UNION ALL SELECT table_name || '.' || column_name || ' ' || data_type || is_nullable FROM information_schema.columns WHERE table_schema = current_schema()
				UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = current_schema()::regnamespace ORDER BY said`)).Scan(ctx, &definitions))
	})
	return definitions
}

// found is how many rows of a kind's search index have all of these three letters.
func (w *world) found(table string, trigrams ...string) (n int) {
	w.t.Helper()
	k := w.Graph.ByTable(table)
	w.view(func(tx bun.Tx) {
		q := fmt.Sprintf("SELECT count(*) FROM %s JOIN %s ON %[2]s.%[3]s = %[1]s.rowid WHERE %[4]s", store.IndexOf(k), k.Table, k.Key.Name, store.Matching(k))
		w.must(tx.NewRaw(q, store.AllOf(k, trigrams)).Scan(ctx, &n))
	})
	return n
}

func (w *world) count(query string) (n int) {
	w.t.Helper()
	w.view(func(tx bun.Tx) { w.must(tx.NewRaw(query).Scan(ctx, &n)) })
	return n
}

func TestAFillAddsEverythingInProportionAsOneChange(t *testing.T) {
	t.Parallel()
	for places, all := range map[int64][3]int{200: {200, 100, 500}, 7: {7, 4, 19}, 1: {1, 1, 4}} {
		w := emptyWorld(t)
		before := w.schema()
		c := w.fillIn(places)
		now := w.tables()
		w.same("what was filled in", [3]int{len(now["places"]), len(now["restaurants"]), len(now["waiters"])}, all)
		w.same("the definitions after a fill", w.schema(), before)
		large := 0
		for _, r := range now["restaurants"] {
			switch n := r["waiter_count"].(int64); n {
			case 3:
			case 3 + places:
				large++
			default:
				t.Errorf("a restaurant has %d waiters", n)
			}
		}
		w.same("the number of restaurants with many waiters", large, 1)
		w.same("the change", []any{c.Operation, c.Kind, c.Key, c.RowCount, w.changes()}, []any{"fill", "places", int64(1), int64(all[0] + all[1] + all[2]), 1})
		w.same("the texts that are indexed", [2]int{w.indexedRows("places_search"), w.indexedRows("waiters_search")}, [2]int{all[0], all[2]})
	}
}

// A fill of so many is written in several portions.
func TestAFillLeavesTheSearchIndexInOnePartAndAsItWasSetUp(t *testing.T) {
	repeats(t)
	t.Parallel()
	w := openWorld(t, filepath.Join(t.TempDir(), "maitred.db"))
	defer w.Close()
	w.fillIn(12_000)
	for _, index := range either([]string{"places_search", "waiters_search"}, nil) { // that of PostgreSQL has neither parts nor settings
		w.same("the parts of "+index, w.count("SELECT count(DISTINCT segid) FROM "+index+"_idx"), 1)
		w.same("the memory of "+index, w.count("SELECT v FROM "+index+"_config WHERE k = 'hashsize'"), 1<<20)
		w.same("the merging of "+index, w.count("SELECT v FROM "+index+"_config WHERE k = 'automerge'"), 4)
	}
	w.same("the waiters that are indexed", w.indexedRows("waiters_search"), 30_000)
	report, err := check.Run(ctx, w.Store)
	w.must(err)
	if report.Count() > 0 {
		t.Errorf("a check finds\n%v", report)
	}
}

func TestAFillIsToldInHistoryAndFoundBySearches(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	c := w.fillIn(2000)
	w.same("the sentence", c.Sentence, "filled the site with 2,000 places, 1,000 restaurants and 5,000 waiters")
	w.same("the history of Demon Dogs", history(w, models.Places, demonDogs), []string{c.Sentence})
	w.same("the history of its restaurant", history(w, models.Restaurants, demonDogs), []string{c.Sentence})
	rows, err := change.RowsOf(ctx, w.Store, c.ID, "", 0, 1)
	w.must(err)
	w.same("what the change is about", rows[0].Label, "Demon Dogs")
	w.same("who works at Demon Dogs first", w.waiter(joe).Name, "Joe")
	for table, words := range map[string][]string{"places": {"demon dogs", "944 w. fullerton", "pizza", "street", "avenue"}, "waiters": {"joe", "garcia", "kowalski"}} {
		for _, word := range words {
			column := "name_norm"
			if table == "places" {
				column = "name_norm || ' ' || address_norm"
			}
			var trigrams []string
			for part := range strings.FieldsSeq(strings.ReplaceAll(word, ".", "")) {
				for i := range len(part) - 2 {
					trigrams = append(trigrams, part[i:i+3])
				}
			}
			should := w.count(fmt.Sprintf("SELECT count(*) FROM %s WHERE "+either("instr", "0 < strpos")+"(%s, '%s')", table, column, word))
			if n := w.found(table, trigrams...); n < should || should == 0 {
				t.Errorf("of %d %s with %q a search finds %d", should, table, word, n)
			}
		}
	}
}

func TestTwoFillsOfTheSameSizeAreEqual(t *testing.T) {
	t.Parallel()
	one, other := emptyWorld(t), emptyWorld(t)
	one.fillIn(200)
	other.fillIn(200)
	one.same("the other world", other.tables(), one.tables())
	const images = "SELECT change_id, kind, identity, before_key, after_key, label, before, after FROM change_rows ORDER BY 1, 2, 3"
	one.view(func(tx bun.Tx) {
		other.view(func(otherTx bun.Tx) {
			one.same("the other history", other.query(otherTx, images), one.query(tx, images))
		})
	})
}

func TestAFillIsUndoneWholeAndItsKeysAreNeverGivenOutAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.tables()
	c := w.fillIn(200)
	plan := w.preview(change.Undo{Change: c.ID})
	if !plan.Back.Exact || plan.Total() != 800 {
		t.Errorf("the undo takes back %d rows, exactly: %v", plan.Total(), plan.Back.Exact)
	}
	w.do(change.Undo{Change: c.ID})
	w.same("what is there after the undo", w.tables(), before)
	w.fillIn(1)
	w.same("the newest place", w.place(203).Version, int64(w.changes()))
	w.same("the newest waiter", w.waiter(505).RestaurantID, int64(203))
	if r := w.restaurant(203); r.Identity != 102 {
		t.Errorf("the newest restaurant has the identity %d", r.Identity)
	}
}

func TestAFillLeavesWhatIsThereAndAddsToIt(t *testing.T) {
	t.Parallel()
	w := aColourfulDay(t)
	before, schema := w.tables(), w.schema()
	for i, places := range []int64{300, 10} { // with more than are there, and with fewer
		c := w.fillIn(places)
		now := w.tables()
		for table, rows := range before {
			for key, r := range rows {
				w.same(fmt.Sprint("the ", table, " ", key, " after the fill"), now[table][key], r)
			}
		}
		w.same("the rows of the fill", c.RowCount, 4*places)
		w.same("the definitions after the fill", w.schema(), schema)
		if n := w.found("waiters", "joe"); n < i+1 {
			t.Errorf("%d waiters are called Joe", n)
		}
	}
	if n := w.count("SELECT count(*) FROM places AS a JOIN places AS b ON b.version = a.version - 1 AND b.address = a.address WHERE a.version = (SELECT max(version) FROM places)"); n > 2 {
		t.Errorf("of 10 places %d are at addresses of the fill before", n)
	}
}

func TestNumbersThatCannotBeFilledAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.tables()
	for _, places := range []int64{0, -1, models.MostFilled + 1} {
		_, err := models.Fill(ctx, w.Store, places, nil)
		w.refused(err, problem.Invalid, "Choose a number from 1 to 10,000,000")
	}
	w.mustBeAsBefore(before, 4)
}

// At whatever it is stopped, a fill leaves nothing, the indexes it put off among them.
func TestAFillThatIsStoppedLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, schema := w.tables(), w.schema()
	var told []string
	_, err := models.Fill(ctx, emptyWorld(t).Store, 200, func(doing string, part float64) {
		if part < 0 || part > 1 {
			t.Errorf("%s: it is %v done", doing, part)
		}
		if !slices.Contains(told, doing) && part < 1 {
			told = append(told, doing)
		}
	})
	w.must(err)
	if len(told) != either(12, 9) { // with PostgreSQL no index is put off
		t.Fatalf("it did %q", told)
	}
	for _, moment := range told {
		stopped, stop := context.WithCancel(ctx)
		_, err := models.Fill(stopped, w.Store, 200, func(doing string, _ float64) {
			if doing == moment {
				stop()
			}
		})
		stop()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("stopped while %q it says %v", moment, err)
		}
		w.mustBeAsBefore(before, 4)
		w.same("the definitions after a stop", w.schema(), schema)
	}
	w.fillIn(10)
}

func TestAFillOnAFullDiskLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, schema := w.tables(), w.schema()
	for _, table := range either(nil, []string{"places", "restaurants", "waiters", "change_rows", "places_search", "waiters_search", "changes"}) {
		w.trigger("no_room", "BEFORE INSERT ON "+table, "TRUE", diskFull)
		_, err := models.Fill(ctx, w.Store, 1000, nil)
		w.refused(err, problem.Full, "The disk is full. Nothing was saved")
		w.noTrigger("no_room")
		w.mustBeAsBefore(before, 4)
	}
	if onServer {
		w.fillIn(10)
		return
	}
	room := func(pages int) {
		w.must(w.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
			return err
		}))
	}
	used := w.count("PRAGMA page_count")
	for pages := used; pages < used+100; pages += 20 {
		room(pages)
		_, err := models.Fill(ctx, w.Store, 1000, nil)
		w.refused(err, problem.Full, "The disk is full. Nothing was saved")
		w.mustBeAsBefore(before, 4)
		w.same("the definitions on a full disk", w.schema(), schema)
	}
	room(1 << 30)
	w.fillIn(10)
}

// Filled names are what a person could have typed, and what software stumbles over is among them.
func TestTheNamesOfAFillAreLikeThoseOfACity(t *testing.T) {
	repeats(t)
	t.Parallel()
	w := emptyWorld(t)
	w.fillIn(4000)
	var names []string
	w.view(func(tx bun.Tx) {
		w.must(tx.NewRaw("SELECT name FROM places UNION ALL SELECT address FROM places UNION ALL SELECT name FROM waiters").Scan(ctx, &names))
	})
	all := strings.Join(names, "\n")
	for what, is := range map[string]func(rune) bool{
		"accents":     func(r rune) bool { return strings.ContainsRune("éíñłüç", r) },
		"apostrophes": func(r rune) bool { return r == '’' || r == '\'' },
		"ampersands":  func(r rune) bool { return r == '&' },
		"CJK":         func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana) },
		"emoji":       func(r rune) bool { return r > 0x1f300 },
		"Arabic":      func(r rune) bool { return unicode.Is(unicode.Arabic, r) },
	} {
		if !strings.ContainsFunc(all, is) {
			t.Errorf("no name has %s", what)
		}
	}
	if n := w.count("SELECT count(DISTINCT name) FROM places"); n < 1500 || n > 3500 {
		t.Errorf("4,000 places have %d names", n)
	}
	for serves, share := range map[string][2]int{"serves_hot_dogs": {400, 900}, "serves_pizza": {400, 1100}} {
		if n := w.count("SELECT count(*) FROM restaurants WHERE " + serves); n < share[0] || n > share[1] {
			t.Errorf("of 2,000 restaurants %d have %s", n, serves)
		}
	}
	if n := w.count("SELECT count(*) FROM places WHERE address LIKE '% Street%'"); n < 300 || n > 500 {
		t.Errorf("of 4,000 addresses %d have the word Street", n)
	}
}
