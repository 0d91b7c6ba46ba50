package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// checked runs maitred check on a database and returns its exit code and what it said.
func checked(t *testing.T, file, database string) (code int, out, said string) {
	t.Helper()
	return runs(t, file, "check", "--database", database)
}

// isSound expects maitred check to find nothing.
func isSound(t *testing.T, file, database string, words ...string) {
	t.Helper()
	code, out, said := checked(t, file, database)
	if code != 0 || said != "" || !strings.HasSuffix(out, "Everything agrees.\n"+database+" is sound.\n") {
		t.Errorf("maitred check: the exit code is %d, it said\n%s%s", code, out, said)
	}
	for _, w := range words {
		if !strings.Contains(out, w) {
			t.Errorf("maitred check: does not say %q, but\n%s", w, out)
		}
	}
}

func programFile(t *testing.T) string {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestACheckOfADatabaseChangesNothingAndMayBeMadeWhileItIsServed(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	p := start(t, database)
	p.post("/sample").answers(http.StatusSeeOther)
	isSound(t, programFile(t), database, "1 change with 75 rows", "24 places, 16 restaurants and 35 waiters")
	p.post("/places", "name", "Third", "address", "3").answers(http.StatusSeeOther)
	before := files(t, database)
	isSound(t, programFile(t), database, "2 changes with 76 rows")
	same(t, "while it is served", files(t, database), before)

	// After a kill the newest changes are in the log beside the file. They are read and left there.
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	isSound(t, programFile(t), database, "2 changes with 76 rows")
	same(t, "after a kill", files(t, database), before)

	start(t, database).stop()
	before = files(t, database)
	isSound(t, programFile(t), database, "2 changes with 76 rows")
	same(t, "after the server has ended", files(t, database), before)
	start(t, database).stop()
}

// files is what is in the database's file and in the log beside it, empty when there is none.
func files(t *testing.T, database string) (content [2]string) {
	t.Helper()
	for i, name := range []string{database, database + "-wal"} {
		b, err := os.ReadFile(name)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		content[i] = string(b)
	}
	return content
}

func same(t *testing.T, when string, is, was [2]string) {
	t.Helper()
	if is != was {
		t.Errorf("%s a check changed the file or its log: %d and %d bytes became %d and %d", when, len(was[0]), len(was[1]), len(is[0]), len(is[1]))
	}
}

func TestACheckThatFindsSomethingTellsItAndFails(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	p := start(t, database)
	p.post("/sample").answers(http.StatusSeeOther)
	p.stop()
	tamper(t, database, "DELETE FROM waiters WHERE id = 1; UPDATE places SET restaurant_count = 7 WHERE id = 2")
	before := files(t, database)
	code, out, said := checked(t, programFile(t), database)
	if code != 1 || strings.Count(said, "\n") != 1 {
		t.Errorf("the exit code is %d, it said %s", code, said)
	}
	for _, sentence := range []string{
		"- The waiter 1 is not there, but change 1 left it at 1.\n",
		"- The restaurant 1 has a waiter_count of 1, but the number of its waiters is 0.\n",
		"- The place 2 has a restaurant_count of 7, but the number of its restaurants is 0.\n",
		"- The search index has the waiter 1, which is not there.\n",
	} {
		if !strings.Contains(out, sentence) {
			t.Errorf("it does not say %q, but\n%s", sentence, out)
		}
	}
	if want := "maitred: " + database + " is not sound, there are findings: 4. "; !strings.HasPrefix(said, want) {
		t.Errorf("it does not say %q, but %q", want, said)
	}
	same(t, "with findings", files(t, database), before)
}

// tamper writes past the program.
func tamper(t *testing.T, database, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
}

// answer asks the database past the program.
func answer(t *testing.T, database, query string) (said string) {
	t.Helper()
	db, err := sql.Open("sqlite", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&said); err != nil {
		t.Fatal(err)
	}
	return said
}

func TestACheckOfADamagedFileFails(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	p := start(t, database)
	p.post("/sample").answers(http.StatusSeeOther)
	p.stop()
	content, err := os.ReadFile(database)
	if err != nil {
		t.Fatal(err)
	}
	middle := len(content) / 2 / 4096 * 4096
	flipped := bytes.Clone(content)
	for i := range 64 {
		flipped[middle+i] ^= 0xff
	}
	for what, damaged := range map[string][]byte{"flipped bytes in the middle": flipped, "only the first half": content[:middle]} {
		if err := os.WriteFile(database, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, said := checked(t, programFile(t), database)
		found := strings.Contains(out+said, "database disk image is malformed") || strings.Contains(out+said, "btreeInitPage() returns error code 11")
		if code != 1 || strings.Count(said, "\n") != 1 || !found {
			t.Errorf("%s: the exit code is %d, it said\n%s%s", what, code, out, said)
		}
	}
}

func TestACheckOfWhatIsNoDatabaseOfThisProgramIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, content string) {
		if err := os.WriteFile(in(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	start(t, in("newer.db")).stop()
	tamper(t, in("newer.db"), "INSERT INTO bun_migrations (name, group_id, migrated_at) VALUES ('29990101000000', 9, '2999-01-01')")
	tamper(t, in("other.db"), "CREATE TABLE recipes (id INTEGER PRIMARY KEY)")
	write("empty.db", "")
	write("garbage.db", strings.Repeat("this is no database ", 500))
	for name, words := range map[string][]string{
		"missing.db":     {"does not exist", "--database"},
		"no/folder/a.db": {"does not exist"},
		"":               {"is a folder"},
		"empty.db":       {"is empty"},
		"garbage.db":     {"is not a database of maitred", "file is not a database"},
		"other.db":       {"is not a database of maitred", "no such table"},
		"newer.db":       {"is from a newer maitred: try again with that one", "migrations unknown here: 1"},
	} {
		before, err := os.ReadFile(in(name))
		refuses(t, []string{"check", "--database", in(name)}, append(words, "maitred: "+in(name))...)
		after, err2 := os.ReadFile(in(name))
		if !bytes.Equal(before, after) || fmt.Sprint(err) != fmt.Sprint(err2) {
			t.Errorf("%q was touched: %v, %v", name, err, err2)
		}
	}
	refuses(t, []string{"check", "--addr", "localhost:0"}, "maitred:", "--addr")
}

func TestTheEnvironmentNamesTheDatabaseToBeChecked(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	start(t, database).stop()
	cmd := exec.CommandContext(t.Context(), programFile(t), "check")
	cmd.Env = append(os.Environ(), "MAITRED_DATABASE="+database)
	if out, err := cmd.Output(); err != nil || !strings.HasSuffix(string(out), database+" is sound.\n") {
		t.Errorf("it ended with %v and said\n%s", err, out)
	}
}
