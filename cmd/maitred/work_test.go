package main

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"maitred/migrations"
	"maitred/models"
)

// crowd is a database whose place Demon Dogs has a restaurant of 10,000 waiters, all to be deleted
// with it, which never comes to an end: each time a place goes, something is counted for ever.
func crowd(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "crowd.db")
	rewrite(t, file,
		`INSERT INTO changes (id, at, actor, operation, sentence, kind, identity, key, row_count)
			VALUES (1, '2026-01-01T00:00:00.000Z', 'Someone', 'create', 'opened Demon Dogs', 'places', 1, 1, 10002)`,
		`INSERT INTO places (id, name, name_norm, address, address_norm, version, restaurant_count)
			VALUES (1, 'Demon Dogs', 'demon dogs', '944 W. Fullerton', '944 w. fullerton', 1, 1)`,
		`INSERT INTO restaurants (place_id, identity, version, waiter_count) VALUES (1, 1, 1, 10000)`,
		`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
			INSERT INTO waiters (restaurant_id, name, name_norm, version) SELECT 1, 'Waiter ' || i, 'waiter ' || i, 1 FROM n`,
		`CREATE VIEW forever AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n`,
		`CREATE TRIGGER never BEFORE DELETE ON places BEGIN SELECT count(*) FROM forever; END`)
	return file
}

// rewrite runs statements on a database that no program has open.
func rewrite(t *testing.T, file string, statements ...string) {
	t.Helper()
	s, err := models.Open(context.Background(), file, migrations.Apply)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Change(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		for _, q := range statements {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// begun deletes Demon Dogs and waits until all but the place is written.
func begun(t *testing.T, p *program) (work string) {
	t.Helper()
	work = p.get("/places/1/delete").confirm().answers(http.StatusSeeOther).to
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(p.get(work).answers(http.StatusOK).sentence(), "10,001 of 10,002 records are written.") {
			p.get("/places/1").answers(http.StatusOK).says("Demon Dogs") // as everyone else sees it
			return work
		}
	}
	t.Fatalf("%s does not go on", work)
	return ""
}

// nothingOf expects that a program that is started again has nothing of the work.
func nothingOf(t *testing.T, work, file string) {
	t.Helper()
	p := start(t, file)
	p.get(work).answers(http.StatusNotFound).says("Nothing was done")
	p.get("/restaurants/1").answers(http.StatusOK).says("10,000 waiters")
	p.get("/history/2").answers(http.StatusNotFound)
	p.stop()
	rewrite(t, file, "DROP TRIGGER never")
	p = start(t, file)
	work = p.get("/places/1/delete").confirm().answers(http.StatusSeeOther).to
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if g := p.get(work); g.status != http.StatusOK {
			if g.answers(http.StatusSeeOther).to != "/history/2" {
				t.Errorf("%s leads to %s", work, g.to)
			}
			break
		}
	}
	p.stop()
	again := start(t, file)
	if to := again.get(work).answers(http.StatusSeeOther).to; to != "/history/2" {
		t.Errorf("after another start %s leads to %s", work, to)
	}
	again.get("/places").answers(http.StatusOK).says("no places")
	again.stop()
}

func TestALongChangeThatIsKilledLeavesNothingAndItsPageSaysSo(t *testing.T) {
	t.Parallel()
	file := crowd(t)
	p := start(t, file)
	work := begun(t, p)
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	nothingOf(t, work, file)
}

func TestAProgramThatIsToldToStopGivesUpALongChangeAndSaysSo(t *testing.T) {
	t.Parallel()
	file := crowd(t)
	p := start(t, file)
	work := begun(t, p)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.ends()
	if said := p.said.String(); !strings.Contains(said, "given up because the program stops; nothing of it was done") || !strings.Contains(said, "rows=10002") || strings.Contains(said, "Demon Dogs") {
		t.Errorf("the log says\n%s", said)
	}
	nothingOf(t, work, file)
}
