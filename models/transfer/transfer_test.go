package transfer_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/dialect/postgrestest"
	"maitred/models/transfer"
)

func TestARoundTripGivesTheSameToTheByte(t *testing.T) {
	t.Parallel()
	first := filled(t)
	want := dump(t, first)
	at := first
	for _, next := range []string{"SQLite", "PostgreSQL", "PostgreSQL", "SQLite", "SQLite"} {
		to := newDatabase[next](t)
		done, err := copies(t, ctx, at, to, quietly)
		if err != nil {
			t.Fatalf("to %s: %v", next, err)
		}
		if done.Tables != 17 || done.Rows < 200 {
			t.Errorf("to %s there were copied %d rows of %d tables", next, done.Rows, done.Tables)
		}
		if next == "SQLite" {
			same(t, "the file", dump(t, to), want)
		}
		if _, err := compares(t, first, to); err != nil {
			t.Errorf("the first and the one at %s: %v", next, err)
		}
		at = to
	}
}

func TestACopyIsGoneOnWith(t *testing.T) {
	t.Parallel()
	from := filled(t)
	for which, make := range newDatabase {
		t.Run(which, func(t *testing.T) {
			t.Parallel()
			to := make(t)
			_, err := copies(t, ctx, from, to, quietly)
			must(t, err)
			s, err := models.Open(ctx, to, migrations.Apply)
			must(t, err)
			defer func() { must(t, s.Close()) }()
			create(t, s, models.Waiters, &models.Waiter{RestaurantID: 2, Name: "New"})
			runOn(t, to,
				"INSERT INTO saved_views (kind, name, name_norm, query, owner, owner_name, shared) VALUES ('places', 'Third', 'third', '', 'user 1', 'Anna', FALSE)",
				"INSERT INTO users (name, name_norm, role, password, created_at) VALUES ('Cleo', 'cleo', 'viewer', '', '')")
			_, err = compares(t, from, to)
			says(t, err, "waiters 16: only the copy has such a row", "saved_views 3: only", "users 4: only") // 3 was given out before
		})
	}
}

// says expects that these are among the differences, by how they begin.
func says(t *testing.T, err error, words ...string) {
	t.Helper()
	var d *transfer.Different
	if !errors.As(err, &d) {
		t.Fatalf("got %v, want differences", err)
	}
	for _, w := range words {
		if !slices.ContainsFunc(d.Found, func(f string) bool { return strings.HasPrefix(f, w) }) {
			t.Errorf("it does not say %q, but %q", w, d.Found)
		}
	}
}

func TestADifferenceIsToldByTableKeyAndColumn(t *testing.T) {
	t.Parallel()
	from := filled(t)
	for which, make := range newDatabase {
		t.Run(which, func(t *testing.T) {
			t.Parallel()
			to := make(t)
			_, err := copies(t, ctx, from, to, quietly)
			must(t, err)
			beside := to
			if which == "SQLite" {
				beside += "-sessions"
			}
			runOn(t, to,
				"UPDATE places SET name = 'demon dogs', version = version + 1 WHERE id = 1",
				"DELETE FROM waiters WHERE id = 1",
				"INSERT INTO waiters (id, restaurant_id, name, name_norm, version) VALUES (99, 2, 'X', 'x', 1)",
				"UPDATE restaurants SET serves_pizza = NOT serves_pizza",
				"UPDATE users SET secret = NULL WHERE id = 2",
				`UPDATE change_rows SET after = '{"b":1,"a":" ","cc":[]}' WHERE kind = 'forgotten' AND identity = 1`,
				`UPDATE change_rows SET after = '[1,2]' WHERE kind = 'forgotten' AND identity = 3`,
				"DELETE FROM recovery_codes WHERE user_id = 1 AND hash = 'b'")
			runOn(t, beside, "UPDATE last_seen SET at = at + 1")
			_, err = compares(t, from, to)
			var d *transfer.Different
			if !errors.As(err, &d) {
				t.Fatalf("got %v", err)
			}
			want := []string{
				`change_rows 1 "forgotten" 1: after is not the same`, `change_rows 1 "forgotten" 3: after is not the same`,
				"last_seen 1: at is not the same", "places 1: name is not the same", "places 1: version is not the same",
				`recovery_codes 1 "b": the copy has no such row`, "restaurants 2: serves_pizza is not the same", "users 2: secret is not the same",
				"waiters 1: the copy has no such row", "waiters 99: only the copy has such a row",
			}
			found := slices.Sorted(slices.Values(d.Found))
			same(t, "what is told", found, want)
			if d.Count != int64(len(want)) {
				t.Errorf("%d differences are counted", d.Count)
			}
		})
	}
}

func TestOfManyDifferencesTheFirstAreToldAndAllAreCounted(t *testing.T) {
	t.Parallel()
	from, to := filled(t), newFile(t)
	_, err := copies(t, ctx, from, to, quietly)
	must(t, err)
	runOn(t, to, "UPDATE change_rows SET label = label || 'x'")
	_, err = compares(t, from, to)
	var d *transfer.Different
	if !errors.As(err, &d) || len(d.Found) != transfer.Shown || d.Count < 50 || !strings.Contains(err.Error(), fmt.Sprintf("and %d more", d.Count-20)) {
		t.Errorf("got %v", err)
	}
}

func TestACopyGoesOnlyWhereNothingIs(t *testing.T) {
	t.Parallel()
	from := filled(t)
	for which, make := range newDatabase {
		t.Run(which, func(t *testing.T) {
			t.Parallel()
			rows := []string{
				"INSERT INTO places (id, name, name_norm, address, address_norm, version) VALUES (1, 'x', 'x', 'x', 'x', 1)",
				"INSERT INTO links (hash, expires_at) VALUES ('x', '')",
				"INSERT INTO events (at, user_id, actor, sentence, address, request) VALUES (1, 1, '', '', '', '')",
				"INSERT INTO tries (at, name, address, device) VALUES (1, '', '', '')",
			}
			for _, statement := range rows {
				to := make(t)
				_, end := opened(t, to, false)
				end()
				at, table := to, strings.Fields(statement)[2]
				if which == "SQLite" && (table == "events" || table == "tries") {
					at += "-sessions"
				}
				runOn(t, at, statement)
				_, err := copies(t, ctx, from, to, quietly)
				var refused *transfer.NotEmpty
				if !errors.As(err, &refused) || refused.Table != table {
					t.Errorf("where there is a row in %s, it is answered with %v", table, err)
				}
				if n := rowsIn(t, to); n < 1 || n > 2 { // and its entry in the search index
					t.Errorf("there are %d rows now", n)
				}
			}
		})
	}
}

func TestACopyThatIsStoppedLeavesNothingAndCanBeMadeAgain(t *testing.T) {
	t.Parallel()
	from := filled(t)
	for which, make := range newDatabase {
		t.Run(which, func(t *testing.T) {
			t.Parallel()
			to := make(t)
			for _, at := range []string{"Copying changes", "Copying change rows", "Copying events", "Copying waiters", "Comparing places", "Comparing waiters"} {
				stopped, stop := context.WithCancel(ctx)
				reached := false
				_, err := copies(t, stopped, from, to, func(doing string, _ float64) {
					if doing == at {
						reached = true
						stop()
					}
				})
				stop()
				if !reached || !errors.Is(err, context.Canceled) {
					t.Errorf("stopped at %s (%t) it is answered with %v", at, reached, err)
				}
				if n := rowsIn(t, to); n != 0 {
					t.Errorf("stopped at %s it leaves %d rows", at, n)
				}
			}
			_, err := copies(t, ctx, from, to, quietly)
			must(t, err)
			_, err = compares(t, from, to)
			must(t, err)
		})
	}
}

// Who is killed between the two confirmations leaves what is beside the records, and no records.
func TestWhatAKilledCopyLeftBesideTheRecordsIsTakenAway(t *testing.T) {
	t.Parallel()
	from, to := filled(t), newFile(t)
	_, end := opened(t, to, false)
	end()
	runOn(t, to+"-sessions", "INSERT INTO events (at, user_id, actor, sentence, address, request) VALUES (1, 1, '', 'left', '', '')", "PRAGMA user_version = 1")
	_, err := copies(t, ctx, from, to, quietly)
	must(t, err)
	same(t, "the file", dump(t, to), dump(t, from))
	again, end := opened(t, to, false)
	defer end()
	var mark int
	must(t, again.Beside.View(ctx, markOf(&mark)))
	if mark != 0 {
		t.Errorf("the mark is %d after a copy that is done", mark)
	}
}

// untilMarked is a context that ends once the file beside the records is confirmed, which is before the records are.
type untilMarked struct {
	context.Context
	path string
	last *atomic.Bool // the last rows are being compared
}

func (u untilMarked) Err() error {
	if !u.last.Load() {
		return u.Context.Err()
	}
	db, err := sql.Open("sqlite", "file:"+u.path+"-sessions?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	var mark int
	if err := db.QueryRow("PRAGMA user_version").Scan(&mark); err != nil || mark != 0 {
		return context.Canceled
	}
	return nil
}

func TestACopyThatIsStoppedBetweenTheTwoConfirmationsTakesAwayWhatIsThere(t *testing.T) {
	t.Parallel()
	from, to := filled(t), newFile(t)
	var last atomic.Bool
	_, err := copies(t, untilMarked{ctx, to, &last}, from, to, func(doing string, _ float64) { last.Store(doing == "Comparing used steps") })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it is answered with %v", err)
	}
	if n := rowsIn(t, to); n != 0 {
		t.Errorf("it leaves %d rows", n)
	}
	_, err = copies(t, ctx, from, to, quietly)
	must(t, err)
	same(t, "the file", dump(t, to), dump(t, from))
}

func TestASiteThatIsServedIsCopiedAsOfOneMoment(t *testing.T) {
	t.Parallel()
	from := filled(t)
	want := dump(t, from)
	s, err := models.Open(ctx, from, migrations.Apply)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	for which, make := range newDatabase {
		at := make(t)
		wrote := false
		_, err := copies(t, ctx, from, at, func(doing string, _ float64) {
			if doing == "Copying change rows" && !wrote {
				wrote = true
				create(t, s, models.Places, &models.Place{Name: "Meanwhile " + which, Address: "1"})
			}
		})
		must(t, err)
		_, err = compares(t, from, at)
		says(t, err, "changes", "change_rows")
		if which == "SQLite" && wrote {
			got := dump(t, at)
			same(t, "the copy", slices.DeleteFunc(got, func(row string) bool { return strings.Contains(row, "Meanwhile PostgreSQL") }), want)
		}
	}
}

func TestWhatTheOtherDatabaseCannotHoldIsToldByItsRow(t *testing.T) {
	t.Parallel()
	target := map[string]string{"SQLite": newFile(t), "PostgreSQL": postgrestest.Database(t)} // nothing is ever left there
	for _, one := range []struct{ to, statement, says string }{
		{"PostgreSQL", "UPDATE places SET name_norm = 'a' || char(0) WHERE id = 5", "places 5: name_norm has a character NUL"},
		{"PostgreSQL", "UPDATE places SET name_norm = CAST(x'ff' AS TEXT) WHERE id = 5", "places 5: name_norm is no text in UTF-8"},
		{"PostgreSQL", "UPDATE places SET name_norm = x'00' WHERE id = 5", "places 5: name_norm is no text"},
		{"SQLite", "UPDATE places SET version = 1.5 WHERE id = 5", "places 5: version is no number"},
		{"SQLite", "UPDATE restaurants SET serves_pizza = 2", "restaurants 2: serves_pizza is no yes or no"},
		{"PostgreSQL", `UPDATE change_rows SET before = '{"a"' WHERE kind = 'places' AND identity = 900`, `change_rows 1 "places" 900: before is no JSON`},
		{"PostgreSQL", `UPDATE change_rows SET before = '{"a":"\u0000"}' WHERE kind = 'places' AND identity = 900`, `change_rows 1 "places" 900: before has a character NUL`},
		{"PostgreSQL", `UPDATE change_rows SET before = '{"a":"\ud800"}' WHERE kind = 'places' AND identity = 900`, `change_rows cannot be copied`},
		{"SQLite", "CREATE TABLE more (id INTEGER PRIMARY KEY)", "a table more, of which this maitred knows nothing"},
		{"PostgreSQL", "ALTER TABLE users ADD COLUMN more TEXT", "different columns in users"},
		{"PostgreSQL", "PRAGMA foreign_keys = 0; UPDATE waiters SET restaurant_id = 77 WHERE id = 1", "waiters cannot be copied"},
		{"SQLite", "PRAGMA foreign_keys = 0; UPDATE waiters SET restaurant_id = 77 WHERE id = 1", "waiters cannot be copied"},
	} {
		from, to := filled(t), target[one.to]
		runOn(t, from, one.statement)
		_, err := copies(t, ctx, from, to, quietly)
		if err == nil || errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), one.says) { // nobody stopped it
			t.Errorf("after %s it is answered with %v, want %q", one.statement, err, one.says)
		}
		if n := rowsIn(t, to); n != 0 {
			t.Errorf("after %s it leaves %d rows", one.statement, n)
		}
	}
}

func TestHowFarItIsNeverGoesBack(t *testing.T) {
	t.Parallel()
	last := 0.0
	_, err := copies(t, ctx, filled(t), newFile(t), func(doing string, part float64) {
		if part < last || part > 1 || doing == "" {
			t.Errorf("after %v comes %v, %q", last, part, doing)
		}
		last = part
	})
	must(t, err)
	if last < .8 {
		t.Errorf("it ends at %v", last)
	}
}
