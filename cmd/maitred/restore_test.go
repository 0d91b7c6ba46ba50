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
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// restores runs maitred restore and returns its exit code and what it said.
func restores(t *testing.T, database, file string) (code int, out, said string) {
	t.Helper()
	return runs(t, programFile(t), "restore", "--database", database, file)
}

// everything is what is in the tables of a database, history and people included, line by line.
func everything(t *testing.T, database string) string {
	t.Helper()
	var b strings.Builder
	for _, table := range []string{"places", "restaurants", "waiters", "changes", "change_rows", "users", "bun_migrations"} {
		b.WriteString(table + "\n" + rowsIn(t, database, table))
	}
	return b.String()
}

func rowsIn(t *testing.T, database, table string) string {
	t.Helper()
	db, err := sql.Open("sqlite", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT * FROM " + table + " ORDER BY 1, 2, 3")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			fmt.Fprintf(&b, "%v|", *v.(*any))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// A rehearsal: the restored site is the one that was backed up, history and people included, whoever was
// signed in is so no longer, and what was there since stays beside it.
func TestARestoredSiteIsTheOneThatWasBackedUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database, backup := filepath.Join(dir, "maitred.db"), filepath.Join(dir, "backup.db")
	p := start(t, database)
	p.post("/sample").answers(http.StatusSeeOther)
	p.post("/places", "name", "Third", "address", "3").answers(http.StatusSeeOther)
	if code, _, said := backsUp(t, database, backup); code != 0 {
		t.Fatal(said)
	}
	was := everything(t, backup)
	p.post("/places", "name", "Later", "address", "4").answers(http.StatusSeeOther)
	refuses(t, []string{"restore", "--database", database, backup}, "is open in another maitred", "stop that one first")
	p.get("/places?q=later").lists(1)
	if err := p.cmd.Process.Kill(); err != nil { // the newest changes are in the log
		t.Fatal(err)
	}
	_ = p.cmd.Wait()

	code, out, said := restores(t, database, backup)
	if code != 0 || said != "" || !strings.Contains(out, database+" is what "+backup+" was. Everyone has to sign in again.\nWhat was there before is "+database+"-before-") {
		t.Fatalf("the exit code is %d, it said %s%s", code, out, said)
	}
	if is := everything(t, database); is != was {
		t.Errorf("it was\n%s\nand is\n%s", was, is)
	}
	if info, err := os.Stat(database); err != nil || info.Mode() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	isSound(t, programFile(t), database)
	aside, _, _ := strings.Cut(out[strings.LastIndex(out, database):], ";")
	if n := marked(t, aside, "Later"); n != 1 {
		t.Errorf("what was there before is not whole: it has the newest place %d times", n)
	}
	if n := answer(t, database+"-sessions", "SELECT count(*) FROM sessions"); n != "0" {
		t.Errorf("%s are still signed in", n)
	}
	if said := answer(t, database+"-sessions", "SELECT sentence FROM events ORDER BY id DESC LIMIT 1"); !strings.HasPrefix(said, "restored the records") {
		t.Errorf("the trail ends with %q", said)
	}
	p = start(t, database)
	p.get("/places?q=third").lists(1)
	p.get("/places?q=later").lists(0)
	p.post("/history/2/undo").answers(http.StatusSeeOther)
	p.stop()

	// A backup from an older maitred is brought up to date.
	older := filepath.Join(dir, "older.db")
	tamper(t, backup, "VACUUM INTO '"+older+"'")
	tamper(t, older, "DELETE FROM bun_migrations WHERE name = '20261128000001'")
	tamper(t, older, "DROP INDEX restaurants_serves")
	if code, _, said := restores(t, database, older); code != 0 {
		t.Fatal(said)
	}
	if n := answer(t, database, "SELECT count(*) FROM sqlite_master WHERE name = 'restaurants_serves'"); n != "1" {
		t.Error("the older one was not brought up to date")
	}
	isSound(t, programFile(t), database)

	// Where there is no database yet.
	fresh := filepath.Join(t.TempDir(), "new.db")
	if code, out, said := restores(t, fresh, backup); code != 0 || strings.Contains(out, "before") {
		t.Fatalf("the exit code is %d, it said %s%s", code, out, said)
	}
	if is := everything(t, fresh); is != was {
		t.Error("a new site is not what was backed up")
	}
}

func TestWhatIsNoBackupIsNotRestored(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	database := at("maitred.db")
	start(t, database).stop()
	good := at("good.db")
	if code, _, said := backsUp(t, database, good); code != 0 {
		t.Fatal(said)
	}
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	torn := append([]byte{}, content...)
	copy(torn[len(torn)/2:], bytes.Repeat([]byte{0x5a}, 4096))
	for name, content := range map[string][]byte{"empty.db": nil, "text.db": []byte("no database at all, but a text of some length"), "half.db": content[:len(content)/2], "torn.db": torn} {
		if err := os.WriteFile(at(name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tamper(t, at("other.db"), "CREATE TABLE t (a)")
	tamper(t, good, "VACUUM INTO '"+at("newer.db")+"'")
	tamper(t, at("newer.db"), "INSERT INTO bun_migrations (name, group_id) VALUES ('29990101000001', 99)")

	before := listed(t, dir)
	for file, words := range map[string][]string{
		"none.db":    {"none.db does not exist", "name the file of a backup"},
		"empty.db":   {"empty.db exists and is empty"},
		"text.db":    {"text.db is not a database of maitred"},
		"half.db":    {"half.db", "damaged"},
		"other.db":   {"other.db", "is not a database of maitred"},
		"newer.db":   {"newer.db", "is from a newer maitred"},
		"maitred.db": {"is the database itself"},
	} {
		refuses(t, []string{"restore", "--database", database, at(file)}, words...)
	}
	visitor := flock.New(database + "-lock") // as who fills it, or adds a person, has it open
	if open, err := visitor.TryRLock(); err != nil || !open {
		t.Fatal(open, err)
	}
	refuses(t, []string{"restore", "--database", database, good}, "is open in another program", "stop that one first")
	if err := visitor.Close(); err != nil {
		t.Fatal(err)
	}
	if code, _, said := restores(t, database, at("torn.db")); code != 1 || !strings.Contains(said, "torn.db was not restored, and nothing was changed") || strings.Count(said, "\n") != 1 {
		t.Errorf("a torn one: the exit code is %d, it said %s", code, said)
	}
	if after := listed(t, dir); after != before {
		t.Errorf("there was\n%s and is\n%s", before, after)
	}
}

// Whoever is killed while restoring has the old database or the new one, whole.
func TestARestoreThatIsKilledLeavesTheOldOrTheNew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database, backup := filepath.Join(dir, "maitred.db"), filepath.Join(dir, "backup.db")
	if code, _, said := filled(t, database, "--places", "2000"); code != 0 {
		t.Fatal(said)
	}
	if code, _, said := backsUp(t, database, backup); code != 0 {
		t.Fatal(said)
	}
	p := start(t, database)
	p.post("/places", "name", "Later", "address", "4").answers(http.StatusSeeOther)
	p.stop()
	took := time.Second
	for i := range 8 {
		cmd := exec.Command(programFile(t), "restore", "--database", database, backup)
		began := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			time.Sleep(took * time.Duration(i) / 8)
			_ = cmd.Process.Signal(syscall.SIGKILL)
		}
		_ = cmd.Wait()
		if i == 0 {
			took = time.Since(began)
		}
		isSound(t, programFile(t), database)
		p := start(t, database)
		p.post("/places", "name", "Later", "address", "4").answers(http.StatusSeeOther)
		p.stop()
	}
}
