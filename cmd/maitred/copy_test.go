package main

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"maitred/models/dialect/postgrestest"
)

// copied runs maitred copy and returns its exit code and what it said.
func copied(t *testing.T, from, to string) (code int, out, said string) {
	t.Helper()
	return runs(t, programFile(t), "copy", "--from", from, "--to", to)
}

func TestASiteThatIsServedMovesToPostgreSQLAndBack(t *testing.T) {
	t.Parallel()
	database, server, back := filepath.Join(t.TempDir(), "maitred.db"), postgrestest.Database(t), filepath.Join(t.TempDir(), "back.db")
	p := start(t, database)
	p.post("/sample").answers(http.StatusSeeOther)
	mustUser(t, database, "nine green bottles", "add", "Anna", "--role", "editor")
	for _, way := range []struct{ from, to, says string }{
		{database, server, "Give the new site " + database + "-secret as well, for without it no second step can be checked."},
		{server, back, "Give the new site the secret of the old site as well, as " + back + "-secret,"},
	} {
		code, out, said := copied(t, way.from, way.to)
		if code != 0 || said != "" {
			t.Fatalf("the exit code is %d, it said %s%s", code, out, said)
		}
		for _, words := range []string{
			"  0 %  Copying ", "%  Comparing waiters\n", "%  Making everything easy to find\n", "%  Checking the copy\n", "Everything agrees.\n",
			way.to + " has all that was in " + way.from + ": ", " rows of 17 tables, copied and compared row by row in ", "Both are the same, and the copy is sound. Everyone has to sign in again.\n", way.says,
		} {
			if !strings.Contains(out, words) {
				t.Errorf("it does not say %q, but\n%s", words, out)
			}
		}
		if strings.ContainsAny(out, "\r\x1b") {
			t.Errorf("where there is no terminal it draws %q", out)
		}
	}
	if here, there := mustUser(t, database, "", "list"), mustUser(t, back, "", "list"); here != there || !strings.Contains(there, "Anna") {
		t.Errorf("there were\n%s and are\n%s", here, there)
	}
	isSound(t, programFile(t), back)
	if code, _, said := copied(t, database, server); code != 1 || !strings.HasPrefix(said, "maitred: "+server+" is not empty, there are rows in ") || !strings.HasSuffix(said, "Nothing was copied\n") {
		t.Errorf("a second copy: the exit code is %d, it said %s", code, said)
	}
}

func TestWhatCannotBeCopiedIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing, database := filepath.Join(dir, "missing.db"), filepath.Join(dir, "maitred.db")
	if code, _, said := filled(t, database, "--places", "2"); code != 0 {
		t.Fatal(said)
	}
	at := func(from, to string) []string { return []string{"copy", "--from", from, "--to", to} }
	refuses(t, at(missing, filepath.Join(dir, "new.db")), "missing.db does not exist")
	refuses(t, at(database, database), database+" is not empty")
	refuses(t, at(database, filepath.Join(dir, "no", "folder.db")), "folder.db")
	refuses(t, []string{"copy", "--from", database}, "--to")
	for _, file := range []string{"new.db", "missing.db"} {
		if _, err := os.Stat(filepath.Join(dir, file)); !os.IsNotExist(err) {
			t.Errorf("%s was made: %v", file, err)
		}
	}
	for _, address := range []string{ // whose servers are not there, or that are none
		"postgres://me:hunter2@127.0.0.1:1/none", "postgres://me@127.0.0.1:1/none?password=hunter2", "postgresql://me:hunter2@127.0.0.1:no/none", "postgres://me:hunter2@[/none",
	} {
		for _, args := range [][]string{at(database, address), at(address, filepath.Join(dir, "new.db"))} {
			code, out, said := runs(t, programFile(t), args...)
			if code != 1 || strings.Count(said, "\n") != 1 || strings.Contains(out+said, "hunter2") {
				t.Errorf("maitred %q: the exit code is %d, it said %q", args, code, out+said)
			}
		}
	}
}

// Whenever it is killed, the next one begins as if nothing had been; unless all was done.
func TestACopyThatIsKilledOrStoppedCanBeMadeAgain(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	if code, _, said := filled(t, database, "--places", "2000"); code != 0 {
		t.Fatal(said)
	}
	began := time.Now()
	if code, _, said := copied(t, database, filepath.Join(t.TempDir(), "whole.db")); code != 0 {
		t.Fatal(said)
	}
	took := time.Since(began)
	interrupted := 0
	for which, target := range map[string]func() string{
		"file":   func() string { return filepath.Join(t.TempDir(), "new.db") },
		"server": func() string { return postgrestest.Database(t) },
	} {
		for i := range 4 {
			to := target()
			cmd := exec.Command(programFile(t), "copy", "--from", database, "--to", to)
			said := new(bytes.Buffer)
			cmd.Stderr = said
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(took * time.Duration(i) / 4)
			how := []os.Signal{syscall.SIGKILL, syscall.SIGINT}[i%2]
			_ = cmd.Process.Signal(how)
			_ = cmd.Wait()
			code, out, again := copied(t, database, to)
			if code == 0 && strings.Contains(out, "16,001 rows of 14 tables") {
				interrupted++
				continue
			}
			if !strings.Contains(again, "is not empty") || strings.Contains(said.String(), "there is nothing of") {
				t.Errorf("%s: after it was ended by %v and said %q, another one says %s", which, how, said, again)
			}
		}
	}
	if interrupted == 0 {
		t.Error("none was interrupted")
	}
}
