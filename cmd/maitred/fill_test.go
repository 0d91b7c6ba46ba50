package main

import (
	"bytes"
	"database/sql"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// filled runs maitred fill on a database and returns its exit code and what it said.
func filled(t *testing.T, database string, args ...string) (code int, out, said string) {
	t.Helper()
	return runs(t, programFile(t), append([]string{"fill", "--database", database}, args...)...)
}

func TestAFillIsServedCheckedAndUndone(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	code, out, said := filled(t, database, "--places", "200")
	if code != 0 || said != "" {
		t.Fatalf("the exit code is %d, it said %s", code, said)
	}
	for _, line := range []string{"  0 %  Writing the places\n", "Making the waiters easy to find\n", "Someone filled the site with 200 places, 100 restaurants and 500 waiters", "undo that; it is change 1.\n"} {
		if !strings.Contains(out, line) {
			t.Errorf("it does not say %q, but\n%s", line, out)
		}
	}
	if strings.ContainsAny(out, "\r\x1b") {
		t.Errorf("where there is no terminal it draws %q", out)
	}
	isSound(t, programFile(t), database, "1 change with 800 rows", "200 places, 100 restaurants and 500 waiters")

	p := start(t, database)
	p.get("/places?q=demon+dogs").answers(http.StatusOK).says("Demon Dogs", "944 W. Fullerton")
	p.get("/history/1").answers(http.StatusOK).says("filled the site with 200 places")
	p.post("/history/1/undo").answers(http.StatusSeeOther)
	p.get("/places").lists(0)
	if code, _, said := filled(t, database, "--places", "10"); code != 0 { // while it is served
		t.Errorf("the exit code is %d, it said %s", code, said)
	}
	p.get("/places").lists(10)
	p.stop()
	isSound(t, programFile(t), database, "3 changes with 1,640 rows", "10 places, 5 restaurants and 25 waiters")
}

func TestWhatCannotBeFilledIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing, empty, garbage := filepath.Join(dir, "missing.db"), filepath.Join(dir, "empty.db"), filepath.Join(dir, "garbage.db")
	for file, content := range map[string]string{empty: "", garbage: strings.Repeat("this is no database ", 100)} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, number := range []string{"0", "-5", "10000001"} {
		refuses(t, []string{"fill", "--database", missing, "--places=" + number}, "cannot be added", "from 1 to 10,000,000")
	}
	refuses(t, []string{"fill", "--database", missing, "--places=many"}, "--places", "many")
	refuses(t, []string{"fill", "--database", empty}, empty, "is empty")
	refuses(t, []string{"fill", "--database", garbage}, garbage, "not a database", "--database")
	refuses(t, []string{"fill", "--database", filepath.Join(dir, "no", "folder.db")}, "folder.db", "--database")
	if _, err := os.Stat(missing); !os.IsNotExist(err) {
		t.Errorf("a refused fill made the file: %v", err)
	}
	if content, err := os.ReadFile(garbage); err != nil || !bytes.HasPrefix(content, []byte("this is no database")) {
		t.Errorf("the file that is no database was touched: %v", err)
	}
}

func TestAFillThatIsToldToStopLeavesTheFileAsItWas(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	if code, _, said := filled(t, database, "--places", "2"); code != 0 {
		t.Fatal(said)
	}
	cmd := exec.CommandContext(t.Context(), programFile(t), "fill", "--database", database, "--places", "1000000")
	cmd.Dir = t.TempDir()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	said := new(bytes.Buffer)
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // it has begun
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_, _ = new(bytes.Buffer).ReadFrom(out)
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("it ended with %v", err)
	}
	if want := "maitred: stopped before the end, so " + database + " is as it was, without any of the new places\n"; said.String() != want {
		t.Errorf("it said %q, want %q", said, want)
	}
	isSound(t, programFile(t), database, "1 change with 8 rows")
}

func TestAFillWaitsForAnotherProgramOnlyAWhile(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	if code, _, said := filled(t, database, "--places", "2"); code != 0 {
		t.Fatal(said)
	}
	done := holdWriteLock(t, database)
	defer done()
	code, _, said := filled(t, database, "--places", "2")
	if want := "maitred: Other changes are still being saved. Nothing was done yet; please try again in a moment.\n"; code != 1 || said != want {
		t.Errorf("the exit code is %d, it said %q", code, said)
	}
}

// holdWriteLock keeps everyone else from writing until it is done.
func holdWriteLock(t *testing.T, database string) (done func()) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+database+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		_ = tx.Rollback()
		_ = db.Close()
	}
}
