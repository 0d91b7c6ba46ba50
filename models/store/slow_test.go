package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"
)

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// slow is a statement that the log tells of.
type slow struct {
	Level, Msg, Statement string
	Ms                    float64
	Times                 int
	Plan                  []string
}

// about waits until the log tells of a statement with these words, and returns all that it tells of.
func (j *journal) about(t *testing.T, words string) (found slow, all []slow) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		all = nil
		for line := range strings.Lines(j.String()) {
			var s slow
			must(t, json.Unmarshal([]byte(line), &s))
			if all = append(all, s); strings.Contains(s.Statement, words) {
				found = s
			}
		}
		if found.Statement != "" {
			return found, all
		}
	}
	t.Fatalf("the log does not tell of %q, but of %+v", words, all)
	return found, all
}

// watching is a world where whatever takes longer is told of.
func watching(t *testing.T, after time.Duration) (*world, *journal) {
	t.Helper()
	w, j := newWorld(t, false), new(journal)
	w.Log = slog.New(slog.NewJSONHandler(j, nil))
	w.WatchSlow(after)
	return w, j
}

func TestASlowStatementIsToldOfWithItsPlanAndWithoutWhatWasTyped(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		run  func(w *world, tx bun.Tx) error
		says string
		plan string
	}{
		"one that Bun writes": {func(_ *world, tx bun.Tx) error {
			var n int
			return tx.NewRaw("SELECT count(*) FROM places WHERE name_norm = ? AND id IN (?)", "xylophone's", bun.List([]int{71, 72, 7117})).Scan(ctx, &n)
		}, "SELECT count(*) FROM places WHERE name_norm = ? AND id IN (?)", "places"},
		"one that is prepared": {func(w *world, tx bun.Tx) error {
			rows, err := w.Query(ctx, tx, "SELECT name FROM waiters AS t1 WHERE name = ? LIMIT 7117", "xylophone")
			if err != nil {
				return err
			}
			return rows.Close()
		}, "SELECT name FROM waiters AS t1 WHERE name = ? LIMIT ?", "t1"},
		"one that writes": {func(_ *world, tx bun.Tx) error {
			_, err := tx.NewRaw("UPDATE places SET address = ? WHERE name = 'xylophone' OR id = 7117", "xylophone").Exec(ctx)
			return err
		}, "UPDATE places SET address = ? WHERE name = ? OR id = ?", "places"},
		"one that fails": {func(_ *world, tx bun.Tx) error {
			_, _ = tx.ExecContext(ctx, "INSERT INTO places (name) VALUES ('xylophone', 7117)")
			return nil
		}, "INSERT INTO places (name) VALUES (?)", "not known"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w, log := watching(t, time.Nanosecond)
			in := w.View
			if strings.HasPrefix(c.says, "UPDATE") {
				in = w.Change
			}
			must(t, in(ctx, func(_ context.Context, tx bun.Tx) error { return c.run(w, tx) }))
			told, all := log.about(t, c.says)
			if told.Level != "WARN" || told.Msg != "a statement was slow" || told.Statement != c.says || told.Ms < 0 || told.Times != 1 {
				t.Errorf("told is %+v", told)
			}
			if plan := strings.Join(told.Plan, "\n"); !strings.Contains(plan, c.plan) {
				t.Errorf("the plan is %q", told.Plan)
			}
			if len(all) != 1 {
				t.Errorf("all that is told is %+v", all)
			}
			if said := log.String(); strings.Contains(said, "ylophone") || strings.Contains(said, "7117") {
				t.Errorf("what was typed is told: %s", said)
			}
		})
	}
}

func TestAStatementThatIsSlowAgainAndAgainIsToldOfNowAndThen(t *testing.T) {
	t.Parallel()
	w, log := watching(t, time.Nanosecond)
	for i := range 20 {
		must(t, w.View(ctx, func(ctx context.Context, tx bun.Tx) error {
			var n int
			return tx.NewRaw("SELECT count(*) FROM places WHERE id > ?", i).Scan(ctx, &n)
		}))
	}
	if _, all := log.about(t, "SELECT count(*) FROM places WHERE id > ?"); len(all) != 1 {
		t.Errorf("told is %+v", all)
	}
}

func TestWhatIsFastEnoughIsNotToldOfAndNothingIsUnlessAskedFor(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{0, time.Hour} {
		w, log := watching(t, after)
		w.goesOn("a start")
		must(t, w.Close())
		w.open() // for the end of the test
		if said := log.String(); said != "" {
			t.Errorf("told is %s", said)
		}
	}
}
