package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/uptrace/bun"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/kind"
	"maitred/models/problem"
)

// leaveRoom lets the file grow by this many pages; then it is full, as on a full disk.
func (w *world) leaveRoom(pages int) {
	w.t.Helper()
	must(w.t, w.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		var n int
		if err := tx.NewRaw("PRAGMA page_count").Scan(ctx, &n); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", n+pages))
		return err
	}))
}

// Wherever the room ends, a change is not done, reading goes on, and with room it is done.
func TestOnAFullDiskAChangeIsNotHalfDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	hire := change.Create{Sentence: "hired many"}
	for i := range 200 {
		joe := &models.Waiter{RestaurantID: demonDogs, Name: fmt.Sprint("Joe ", i)}
		must(t, kind.Check(w.Store, joe))
		hire.Records = append(hire.Records, change.Record{Model: joe})
	}
	fire := change.Delete{Kind: models.Places.Kind(w.Store), Key: demonDogs}
	for _, op := range []change.Operation{hire, fire} {
		before, refusals := w.stored(), 0
		for room := 0; ; room++ {
			w.leaveRoom(room)
			plan, err := change.Preview(ctx, w.Store, op)
			must(t, err)
			_, err = change.Commit(ctx, w.Store, op, change.Form{Fingerprint: plan.Fingerprint()})
			must(t, w.readOnAll(ctx, 4))
			if err == nil {
				break
			}
			refusals++
			if now := w.stored(); !problem.Is(err, problem.Full) || now != before {
				t.Fatalf("with room for %d pages it answers %v, and there is stored:\n%s", room, err, now)
			}
		}
		if refusals < 5 {
			t.Errorf("%s was done on a full disk, after %d refusals", w.last(), refusals)
		}
		if w.stored() == before {
			t.Error("with room nothing was done")
		}
	}
}

// last is the newest sentence of history.
func (w *world) last() (sentence string) {
	w.t.Helper()
	must(w.t, w.clean.QueryRowContext(ctx, "SELECT sentence FROM changes ORDER BY id DESC LIMIT 1").Scan(&sentence))
	return sentence
}
