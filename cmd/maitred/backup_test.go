package main

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// backsUp runs maitred backup and returns its exit code and what it said.
func backsUp(t *testing.T, database, file string) (code int, out, said string) {
	t.Helper()
	return runs(t, programFile(t), "backup", "--database", database, file)
}

// alone expects nothing in a folder but these files.
func alone(t *testing.T, dir string, files ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if strings.Join(names, " ") != strings.Join(files, " ") {
		t.Errorf("in the folder is %q, want %q", names, files)
	}
}

// Four people write all the time. Whatever was confirmed before a backup begins is in it.
func TestABackupUnderWritesHoldsWhatWasConfirmedJustBefore(t *testing.T) {
	t.Parallel()
	database, dir := filepath.Join(t.TempDir(), "maitred.db"), t.TempDir()
	p := start(t, database)
	p.post("/sample").answers(http.StatusSeeOther)

	var writers sync.WaitGroup
	stop := make(chan struct{})
	for w := range 4 {
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					p.post("/places", "name", fmt.Sprintf("Busy %d %d", w, n), "address", "1").answers(http.StatusSeeOther)
				}
			}
		})
	}
	var names []string
	for i := range 20 {
		mark := fmt.Sprintf("Mark %d", i)
		p.post("/places", "name", mark, "address", "1").answers(http.StatusSeeOther)
		name := fmt.Sprintf("backup-%02d.db", i)
		file := filepath.Join(dir, name)
		names = append(names, name)
		code, out, said := backsUp(t, database, file)
		if code != 0 || said != "" || !strings.Contains(out, "is a backup of "+database+", read back and whole") {
			t.Fatalf("the exit code is %d, it said %s%s", code, out, said)
		}
		if n := marked(t, file, mark); n != 1 {
			t.Errorf("%s is %d times in the backup that was begun after it was confirmed", mark, n)
		}
	}
	close(stop)
	writers.Wait()
	alone(t, dir, names...)

	last := filepath.Join(dir, names[19])
	if info, err := os.Stat(last); err != nil || info.Mode() != 0o600 {
		t.Errorf("the backup's mode is %v, %v", info.Mode(), err)
	}
	isSound(t, programFile(t), last)
	start(t, last).get("/places?q=mark").says("Mark 0", "Mark 19")
}

// marked counts the places of a name in a file, in which nobody writes.
func marked(t *testing.T, file, name string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro&immutable=1")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("SELECT count(*) FROM places WHERE name = ?", name).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestABackupNeverTakesThePlaceOfAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database, empty, there := filepath.Join(dir, "maitred.db"), filepath.Join(dir, "empty.db"), filepath.Join(dir, "there.db")
	start(t, database).stop()
	for file, content := range map[string]string{empty: "", there: "precious", filepath.Join(dir, "log.db-wal"): "a log"} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := listed(t, dir)
	at := func(database, file string) []string { return []string{"backup", "--database", database, file} }
	refuses(t, at(database, there), there+" exists", "nothing is written over it")
	refuses(t, at(database, database), database+" exists")
	refuses(t, at(database, filepath.Join(dir, "log.db")), "log.db-wal exists")
	refuses(t, at(database, filepath.Join(dir, "no", "folder.db")), "no such file or directory")
	refuses(t, at(filepath.Join(dir, "none.db"), filepath.Join(dir, "new.db")), "none.db does not exist", "--database")
	refuses(t, at(empty, filepath.Join(dir, "new.db")), "empty.db exists and is empty")
	refuses(t, at(there, filepath.Join(dir, "new.db")), "there.db is not a database of maitred")
	if after := listed(t, dir); after != before {
		t.Errorf("there was\n%s and is\n%s", before, after)
	}
}

// listed is what is in a folder, as sums of the content. Who reads a database leaves an empty log and
// the memory that is shared for it.
func listed(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if name := e.Name(); !strings.HasSuffix(name, "-shm") && (len(content) > 0 || !strings.HasSuffix(name, "-wal")) {
			fmt.Fprintf(&b, "%s %x\n", name, sha256.Sum256(content))
		}
	}
	return b.String()
}

func TestABackupThatIsKilledOrStoppedLeavesNothingOfItsName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database := filepath.Join(dir, "maitred.db")
	if code, _, said := filled(t, database, "--places", "5000"); code != 0 {
		t.Fatal(said)
	}
	began := time.Now()
	whole := filepath.Join(dir, "whole.db")
	if code, _, said := backsUp(t, database, whole); code != 0 {
		t.Fatal(said)
	}
	took := time.Since(began)

	unfinished := 0
	for i := range 12 {
		into := t.TempDir()
		file := filepath.Join(into, "backup.db")
		cmd := exec.Command(programFile(t), "backup", "--database", database, file)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(took * time.Duration(i) / 12)
		how := []os.Signal{syscall.SIGKILL, syscall.SIGTERM}[i%2]
		_ = cmd.Process.Signal(how)
		_ = cmd.Wait()
		if _, err := os.Stat(file); err == nil {
			isSound(t, programFile(t), file)
			continue
		}
		unfinished++
		if how == syscall.SIGTERM {
			alone(t, into)
		}
		if code, _, said := backsUp(t, database, file); code != 0 { // what was left is in nobody's way
			t.Errorf("a second try says %s", said)
		}
		alone(t, into, "backup.db") // and is gone by now
	}
	if unfinished == 0 {
		t.Error("none was interrupted")
	}
}
