package handlers_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"maitred/models"
)

// This file lets the people of the property test undo what was done, and do it again.

// records are the site's records by their keys.
type records struct {
	places      map[string]place
	restaurants map[string]restaurant
	waiters     map[string]waiter
}

func (r records) clone() records {
	return records{maps.Clone(r.places), maps.Clone(r.restaurants), maps.Clone(r.waiters)}
}

func (r records) keys() map[string][]string {
	return map[string][]string{
		"/places":      slices.Collect(maps.Keys(r.places)),
		"/restaurants": slices.Collect(maps.Keys(r.restaurants)),
		"/waiters":     slices.Collect(maps.Keys(r.waiters)),
	}
}

func (r records) differs(from records) bool {
	return !maps.Equal(r.places, from.places) || !maps.Equal(r.restaurants, from.restaurants) || !maps.Equal(r.waiters, from.waiters)
}

// past is what was done and holds, and what was undone since.
type past struct {
	now          records // after the last change that is remembered
	noted        int     // its number
	done, undone []step
}

// step is what was done in one go: its changes and then its undos, oldest first, and the records
// before and after.
type step struct {
	changes, undos []int
	before, after  records
}

// remember puts what was just done on top of what can be undone. What was undone before that can
// not be done again simply.
func (d *desk) remember() {
	if d.changes == d.noted {
		return
	}
	s := step{before: d.now, after: d.records.clone()}
	for n := d.noted + 1; n <= d.changes; n++ {
		s.changes = append(s.changes, n)
	}
	d.done, d.undone, d.now, d.noted = append(d.done, s), nil, s.after, d.changes
}

func pathToUndo(change int) string { return fmt.Sprintf("/history/%d/undo", change) }

// press presses Undo beside some changes, from the last to the first: each is undone at once, and
// only once.
func (d *desk) press(changes []int) (undos []int) {
	for _, n := range slices.Backward(changes) {
		d.wrote(d.post(pathToUndo(n)))
		undos = append(undos, d.changes)
		d.writesNothing(func() {
			d.post(pathToUndo(n)).status(http.StatusConflict).leads("/history/" + strconv.Itoa(d.changes))
		})
	}
	return undos
}

// become says what the records are now.
func (d *desk) become(now records) {
	for list, keys := range d.records.keys() {
		for _, key := range keys {
			if address := list + "/" + key; !slices.Contains(d.gone, address) {
				d.gone = append(d.gone, address)
			}
		}
	}
	d.records = now.clone()
}

// undo takes back the last steps that hold, one after the other, and does some of them again. Each
// time the records must be what they were.
func (d *desk) undo(t *rapid.T) {
	if len(d.done) == 0 {
		t.Skip("nothing done yet")
	}
	n := rapid.IntRange(1, min(3, len(d.done))).Draw(t, "steps")
	for range n {
		s := d.done[len(d.done)-1]
		d.done = d.done[:len(d.done)-1]
		s.undos = d.press(s.changes)
		d.undone = append(d.undone, s)
		d.isAgain(s.before)
	}
	for range rapid.IntRange(0, n).Draw(t, "again") {
		d.redo(t)
	}
}

// redo undoes the undo of the last step that was taken back, so that it holds again.
func (d *desk) redo(t *rapid.T) {
	if len(d.undone) == 0 {
		t.Skip("nothing undone")
	}
	s := d.undone[len(d.undone)-1]
	d.undone = d.undone[:len(d.undone)-1]
	d.press(s.undos)
	d.done = append(d.done, s)
	d.isAgain(s.after)
}

// isAgain says that the records are what they were at some time.
func (d *desk) isAgain(then records) {
	d.become(then)
	d.now, d.noted = then, d.changes
	if d.stored().differs(then) {
		d.t.Fatalf("after change %d there is stored\n%v, want\n%v", d.changes, d.stored(), then)
	}
}

// undoOld presses Undo beside any change. If a row of it was written since, or something newer would
// go with it, nothing happens but that a page shows what would; now and then the form of that page is
// sent. What the records are then is read from the tables: that a part of a change is undone as it
// should be has tests of its own. Here all pages must agree with that, and it must be possible to
// take it back like any other change.
func (d *desk) undoOld(t *rapid.T) {
	if d.changes == 0 {
		t.Skip("nothing done yet")
	}
	n := rapid.IntRange(1, d.changes).Draw(t, "change")
	if len(d.done) > 0 && rapid.IntRange(0, 4).Draw(t, "of those that hold") > 0 {
		s := d.done[rapid.IntRange(0, len(d.done)-1).Draw(t, "step")]
		n = rapid.SampledFrom(s.changes).Draw(t, "change of it")
	}
	before, changes := d.dump(), d.changes
	answer := d.post(pathToUndo(n))
	if answer.Status != http.StatusSeeOther {
		if answer.status(http.StatusConflict); d.dump() != before {
			t.Fatalf("%s was refused, and wrote", answer.what)
		}
		if answer.Find("main input[name=fingerprint]").Length() == 0 || rapid.IntRange(0, 3).Draw(t, "leave it") == 0 {
			return
		}
		d.wrote(answer.form("post").send())
	} else if d.wrote(answer); d.touched(n, changes) || d.beyond(n) {
		t.Fatalf("change %d is undone with one press, though a row of it was written since, or something newer depends on it", n)
	}
	d.become(d.stored())
}

// touched says whether a row of a change was written again, up to some later change, by anything but
// an undo that brought back what the change had left.
func (d *desk) touched(change, until int) bool {
	sql := models.Places.Kind(d.Store).SQL
	return d.counted(`SELECT count(*) FROM change_rows r JOIN change_rows l ON l.kind = r.kind AND l.identity = r.identity
		AND l.change_id = (SELECT max(m.change_id) FROM change_rows m WHERE m.kind = r.kind AND m.identity = r.identity AND m.change_id <= ?1)
		WHERE r.change_id = ?0 AND l.change_id > ?0 AND (l.change_id NOT IN (SELECT change_id FROM undos)
			OR `+sql.ImageWithout("l.after", "version")+` IS DISTINCT FROM `+sql.ImageWithout("r.after", "version")+`)`, change, until) > 0
}

// beyond says whether the newest change wrote a row that another one did not.
func (d *desk) beyond(change int) bool {
	return d.counted(`SELECT count(*) FROM change_rows u WHERE u.change_id = ?1
		AND NOT EXISTS (SELECT 1 FROM change_rows r WHERE r.change_id = ?0 AND r.kind = u.kind AND r.identity = u.identity)`, change, d.changes) > 0
}

// stored is what the tables hold.
func (d *desk) stored() records {
	all := records{map[string]place{}, map[string]restaurant{}, map[string]waiter{}}
	err := d.View(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		read := func(query string, add func(key string, texts [2]string)) error {
			rows, err := tx.QueryContext(ctx, query)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var key string
				var texts [2]string
				if err := rows.Scan(&key, &texts[0], &texts[1]); err != nil {
					return err
				}
				add(key, texts)
			}
			return rows.Err()
		}
		if err := read("SELECT id, name, address FROM places ORDER BY id", func(key string, is [2]string) {
			all.places[key] = place{is[0], is[1]}
		}); err != nil {
			return err
		}
		if err := read("SELECT place_id, CASE WHEN serves_hot_dogs THEN 1 ELSE 0 END, CASE WHEN serves_pizza THEN 1 ELSE 0 END FROM restaurants ORDER BY place_id", func(key string, is [2]string) {
			all.restaurants[key] = restaurant{is[0] == "1", is[1] == "1"}
		}); err != nil {
			return err
		}
		return read("SELECT id, name, restaurant_id FROM waiters ORDER BY id", func(key string, is [2]string) {
			all.waiters[key] = waiter{is[0], is[1]}
		})
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

// restart ends the site and starts it again on the same file.
func (d *desk) restart(t *rapid.T) {
	if rapid.IntRange(0, 2).Draw(t, "luck") > 0 {
		t.Skip("seldom")
	}
	d.stop()
	d.start()
}
