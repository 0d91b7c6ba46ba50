package main

import (
	"database/sql"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// The program is killed again and again, while four people write without a break and while it starts
// for the first time. It always starts again by itself, with all that was confirmed and nothing half.
// MAITRED_KILLS says how often.
func TestWhateverAKillInterruptsNothingConfirmedIsLost(t *testing.T) {
	t.Parallel()
	kills := times(t, "MAITRED_KILLS", 50)
	did := map[string]int{}
	undone := func() (missing []string) {
		for _, what := range []string{"create", "update", "open", "hire", "move", "serves", "delete", "undo"} {
			if did[what] == 0 {
				missing = append(missing, what)
			}
		}
		return missing
	}
	// On a busy machine people get little done before the next kill, and there are more of them.
	for done := 0; (done < kills || kills >= 50 && undone() != nil && done < 6*kills) && !t.Failed(); {
		done += killedAtFirst(t, min(5, max(kills-done, 1)))
		done += killedAtWork(t, min(20, max(kills-done, 5)), did)
	}
	if missing := undone(); kills >= 50 && missing != nil {
		t.Errorf("nobody did %v: %v", missing, did)
	}
	t.Logf("%d kills; what was confirmed: %v", kills, did)
}

// killedAtFirst kills the program so many times while it makes a new site.
func killedAtFirst(t *testing.T, kills int) int {
	t.Helper()
	database := filepath.Join(t.TempDir(), "first.db")
	for range kills {
		cmd := exec.CommandContext(t.Context(), programFile(t), "--addr", "localhost:0", "--database", database)
		cmd.Dir = filepath.Dir(database)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(60 * time.Millisecond))
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if info, err := os.Stat(database); err == nil && info.Size() == 0 {
			t.Error("a kill left an empty file")
		}
		if rand.IntN(3) == 0 { // as often as not what was made stays for the next one
			for _, part := range []string{"", "-wal", "-shm"} {
				_ = os.Remove(database + part)
			}
		}
	}
	p := start(t, database)
	p.post("/places", "name", "Demon Dogs", "address", "944 W. Fullerton").answers(http.StatusSeeOther)
	p.stop()
	isSound(t, programFile(t), database)
	return kills
}

// killedAtWork kills the program so many times while people write, and counts what was confirmed.
func killedAtWork(t *testing.T, kills int, did map[string]int) int {
	t.Helper()
	database := filepath.Join(t.TempDir(), "work.db")
	var people []*keeper
	for _, name := range []string{"Ann", "Ben", "Cleo", "Dan"} {
		people = append(people, &keeper{t: t, name: name, keys: map[string]string{}, did: map[string]int{}})
	}
	for range kills {
		p := start(t, database)
		comeBack(t, database, people)
		if t.Failed() {
			return kills
		}
		var all sync.WaitGroup
		for _, k := range people {
			k.site = p.url
			all.Go(k.works)
		}
		time.Sleep(rand.N(200 * time.Millisecond))
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		all.Wait()
		_ = p.cmd.Wait()
		if rand.IntN(10) == 0 {
			isSound(t, programFile(t), database)
		}
	}
	p := start(t, database)
	comeBack(t, database, people)
	p.get("/history").answers(http.StatusOK)
	p.stop()
	isSound(t, programFile(t), database)
	for _, k := range people {
		for what, n := range k.did {
			did[what] += n
		}
	}
	return kills
}

// comeBack lets people compare what is stored with what they wrote down.
func comeBack(t *testing.T, database string, people []*keeper) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+database+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, k := range people {
		k.comesBack(db)
	}
}
