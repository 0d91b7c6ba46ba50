package models_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/check"
	"maitred/models/graph"
)

// mustBeSound checks what is true of every database at every time: foreign keys hold, kept counts
// are the numbers of rows, and history, told again from an empty database, ends in the tables as
// they are. It tells history change by change, where maitred check, which must find nothing either,
// tells it record by record.
func (w *world) mustBeSound() {
	w.t.Helper()
	now := w.tables()
	w.view(func(tx bun.Tx) {
		if broken := w.query(tx, brokenForeignKeys()); len(broken) > 0 {
			w.t.Errorf("broken foreign keys: %v", broken)
		}
		w.same("what history ends in", w.replay(tx), w.stored(now))
	})
	w.mustCountRight(now)
	report, err := check.Run(ctx, w.Store)
	w.must(err)
	if report.Count() > 0 {
		w.t.Errorf("a check finds\n%v", report)
	}
}

// brokenForeignKeys is the query for rows that belong to nothing, which PostgreSQL has no way to hold.
func brokenForeignKeys() string {
	if onServer {
		return "SELECT 1 WHERE FALSE"
	}
	return "PRAGMA foreign_key_check"
}

// mustCountRight compares every kept count with the rows it counts.
func (w *world) mustCountRight(now tables) {
	w.t.Helper()
	for _, k := range w.Graph.Kinds() {
		for _, down := range k.Children {
			if down.Count == nil {
				continue
			}
			live := map[int64]int64{}
			for _, r := range now[down.To.Table] {
				live[r[down.Column.Name].(int64)]++
			}
			for key, r := range now[k.Table] {
				if r[down.Count.Name] != live[key] {
					w.t.Errorf("%s %d says it has %d %s, there are %d", k.Name, key, r[down.Count.Name], down.To.Table, live[key])
				}
			}
		}
	}
}

// stored is the tables without the kept counts: exactly what history must know. Columns that the
// models do not know would be left in, and so be missed by history.
func (w *world) stored(all tables) tables {
	cut := tables{}
	for _, k := range w.Graph.Kinds() {
		cut[k.Table] = map[int64]row{}
		for key, r := range all[k.Table] {
			cut[k.Table][key] = row{}
			for column, v := range r {
				if !strings.HasSuffix(column, "_count") {
					cut[k.Table][key][column] = v
				}
			}
		}
	}
	return cut
}

// replay does all changes again, from nothing. On the way each row must have been what the change
// says it was before.
func (w *world) replay(tx bun.Tx) tables {
	w.t.Helper()
	all := tables{}
	for _, k := range w.Graph.Kinds() {
		all[k.Table] = map[int64]row{}
	}
	rows := w.query(tx, `SELECT c.row_count, c.kind AS about_kind, c.identity AS about_identity, c.key AS about_key, r.* FROM changes AS c LEFT JOIN change_rows AS r ON r.change_id = c.id ORDER BY c.id, r.kind, r.identity`)
	for len(rows) > 0 {
		n := 0
		for n < len(rows) && rows[n]["change_id"] == rows[0]["change_id"] {
			n++
		}
		w.replayOne(all, rows[:n])
		rows = rows[n:]
	}
	return all
}

func (w *world) replayOne(all tables, rows []row) {
	w.t.Helper()
	id := rows[0]["change_id"]
	if rows[0]["row_count"] != int64(len(rows)) {
		w.t.Errorf("change %v says it wrote %v rows and recorded %d", id, rows[0]["row_count"], len(rows))
	}
	if !slices.ContainsFunc(rows, isAbout) {
		w.t.Errorf("change %v is about %v %v at %v, which it did not write", id, rows[0]["about_kind"], rows[0]["about_identity"], rows[0]["about_key"])
	}
	for _, r := range rows {
		table := r["kind"].(string)
		if (r["before_key"] == nil) != (r["before"] == nil) || (r["after_key"] == nil) != (r["after"] == nil) {
			w.t.Errorf("change %v: a key without an image, or an image without a key: %v", id, r)
		}
		if r["before"] == nil {
			continue
		}
		key, before := r["before_key"].(int64), w.image(r["before"])
		if d := cmp.Diff(all[table][key], before); d != "" {
			w.t.Errorf("change %v: %s %d was not what the change says (- was, + said):\n%s", id, table, key, d)
		}
		delete(all[table], key)
	}
	for _, r := range rows {
		if r["after"] == nil {
			continue
		}
		table, key, after := r["kind"].(string), r["after_key"].(int64), w.image(r["after"])
		if all[table][key] != nil {
			w.t.Errorf("change %v overwrites %s %d", id, table, key)
		}
		if after["version"] != id {
			w.t.Errorf("change %v gives %s %d the version %v", id, table, key, after["version"])
		}
		all[table][key] = after
	}
}

// isAbout says that a row is the one its change is about: where it is afterwards, or was.
func isAbout(r row) bool {
	at := r["after_key"]
	if at == nil {
		at = r["before_key"]
	}
	return r["kind"] == r["about_kind"] && r["identity"] == r["about_identity"] && at == r["about_key"]
}

// image reads a row as history keeps it.
func (w *world) image(text any) row {
	w.t.Helper()
	d := json.NewDecoder(strings.NewReader(text.(string)))
	d.UseNumber()
	var r row
	w.must(d.Decode(&r))
	for column, v := range r {
		if n, ok := v.(json.Number); ok {
			i, err := n.Int64()
			w.must(err)
			r[column] = i
		}
	}
	return r
}

func TestHistoryToldAgainFromNothingEndsInTheTablesAsTheyAre(t *testing.T) {
	t.Parallel()
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
	w.mustBeSound()

	// The same check must see what a change did not record.
	w.tamper("UPDATE places SET address = 'elsewhere' WHERE id = ?", demonDogs)
	w.tamper("INSERT INTO waiters (id, restaurant_id, name, name_norm, version) VALUES (999, ?, 'Ghost', 'ghost', 1)", demonDogs)
	found := &complaints{}
	w.watchedBy(found).mustBeSound()
	if len(*found) != 3 { // the tables differ from history, a count from the rows, and a check finds both
		t.Errorf("tampering was noticed as %q", *found)
	}
	w.tamper("UPDATE places SET address = '944 W. Fullerton' WHERE id = ?", demonDogs)
	w.tamper("DELETE FROM waiters WHERE name = 'Ghost'")
}

func TestARecordedRowIsSpelledAsTheDatabaseSpellsIt(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	for _, name := range []string{`<script>"&'\/</script>`, "Zoë 😀 \u200f", "100% _ \u007e ?0 ?"} {
		key := w.addPlace(name, name)
		w.open(&models.Restaurant{PlaceID: key, ServesPizza: true})
	}
	w.view(func(tx bun.Tx) {
		for _, k := range w.Graph.Kinds() {
			for _, r := range w.query(tx, fmt.Sprintf(
				"SELECT r.after AS recorded, %s AS stored FROM change_rows AS r JOIN %s AS t ON t.%s = r.after_key WHERE r.kind = ?",
				k.Image(func(c *graph.Column) string { return "t." + c.Name }), k.Table, k.Key.Name), k.Table) {
				w.same("a recorded "+k.Name, r["recorded"], r["stored"])
			}
		}
	})
}

// complaints collects what a check finds instead of failing.
type complaints []string

func (c *complaints) Helper()        {}
func (c *complaints) Cleanup(func()) {}
func (c *complaints) Errorf(format string, args ...any) {
	*c = append(*c, fmt.Sprintf(format, args...))
}
func (c *complaints) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (w *world) watchedBy(t tester) *world {
	other := *w
	other.t = t
	return &other
}
