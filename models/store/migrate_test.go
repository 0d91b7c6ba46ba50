package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"

	"maitred/migrations"
	"maitred/models"
)

// schemaOf is all that a start makes of a file: tables, indexes, and the list of what was applied.
func schemaOf(t *testing.T, file string) (all string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=query_only(1)")
	must(t, err)
	must(t, db.QueryRow(`SELECT (SELECT group_concat(type || ' ' || name || ' ' || coalesce(sql, ''), char(10)) FROM (SELECT * FROM sqlite_master ORDER BY name))
		|| char(10) || (SELECT group_concat(name) FROM (SELECT name FROM bun_migrations ORDER BY name))`).Scan(&all))
	must(t, db.Close())
	return all
}

// bare is a database that SQLite made and nobody has migrated, so that this happens in the file itself
// and not in one that is being made.
func bare(t *testing.T, file string) string {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	must(t, err)
	_, err = db.Exec("PRAGMA journal_mode = WAL; PRAGMA user_version = 1")
	must(t, errors.Join(err, db.Close()))
	return file
}

func missing(_ *testing.T, file string) string { return file }

// starts opens a file as the next start does, uses it, and returns its schema.
func starts(t *testing.T, file, after string) string {
	t.Helper()
	s, err := models.Open(ctx, file, migrations.Apply)
	if err != nil {
		t.Fatalf("after %s the next start answers %v", after, err)
	}
	must(t, create(s, models.Places, &models.Place{Name: "Demon Dogs", Address: "944 W. Fullerton"}))
	must(t, s.Close())
	return schemaOf(t, file)
}

func TestMigrationsThatEndAtAnyStatementAreEndedByTheNextStart(t *testing.T) {
	t.Parallel()
	want := starts(t, filepath.Join(t.TempDir(), "undisturbed.db"), "nothing")
	silence := failure{name: "silence", code: sqlite3.SQLITE_IOERR_WRITE, stays: true}
	for n := 1; ; n++ {
		file := bare(t, filepath.Join(t.TempDir(), "maitred.db"))
		f := faultsOf(file)
		f.arm(n, silence, nil)
		if s, err := models.Open(ctx, file, migrations.Apply); err == nil {
			must(t, s.Close())
		}
		call := f.heal()
		if is := starts(t, file, fmt.Sprintf("silence from call %d, %q,", n, call)); is != want {
			t.Fatalf("after silence from call %d, %q, the schema is\n%s\nwant\n%s", n, call, is, want)
		}
		if call == "" {
			break
		}
	}
}

// killedAt and killedFile say that this process is to be killed at a call to the database.
const killedAt, killedFile = "MAITRED_KILLED_AT", "MAITRED_KILLED_FILE"

func TestMigrationsThatAreKilledAreEndedByTheNextStart(t *testing.T) {
	t.Parallel()
	if file := os.Getenv(killedFile); file != "" {
		n, err := strconv.Atoi(os.Getenv(killedAt))
		must(t, err)
		self, err := os.FindProcess(os.Getpid())
		must(t, err)
		faultsOf(file).arm(n, failure{name: "kill"}, func() {
			_ = self.Kill()
			select {}
		})
		s, err := models.Open(ctx, file, migrations.Apply)
		must(t, err)
		must(t, s.Close())
		return
	}
	want := starts(t, filepath.Join(t.TempDir(), "undisturbed.db"), "nothing")
	step := 7
	if os.Getenv("MAITRED_KILLS") != "" {
		step = 1
	}
	for name, begin := range map[string]func(*testing.T, string) string{"a bare file": bare, "no file": missing} {
		killed := 0
		for n := 1; ; n += step {
			file := begin(t, filepath.Join(t.TempDir(), "maitred.db"))
			cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
			cmd.Env = append(os.Environ(), killedFile+"="+file, killedAt+"="+strconv.Itoa(n))
			said, err := cmd.CombinedOutput()
			if err != nil && cmd.ProcessState.Exited() {
				t.Fatalf("%v\n%s", err, said)
			}
			if is := starts(t, file, fmt.Sprintf("a kill at call %d", n)); is != want {
				t.Fatalf("after a kill at call %d the schema is\n%s\nwant\n%s", n, is, want)
			}
			if err == nil {
				break
			}
			killed++
		}
		if killed < 10 {
			t.Errorf("with %s it was killed %d times", name, killed)
		}
	}
}

func TestAFileOfAnotherProgramIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"is not a database of maitred": "CREATE TABLE recipes (id INTEGER PRIMARY KEY)",
		"is from a newer maitred":      "CREATE TABLE bun_migrations (id INTEGER PRIMARY KEY, name TEXT, group_id INTEGER, migrated_at TEXT); INSERT INTO bun_migrations VALUES (1, '29990101000000', 1, '2999-01-01')",
	} {
		file := filepath.Join(t.TempDir(), "other.db")
		db, err := sql.Open("sqlite", file)
		must(t, err)
		_, err = db.Exec(statement)
		must(t, errors.Join(err, db.Close()))
		before, err := os.ReadFile(file)
		must(t, err)
		for _, open := range []func() (*models.Store, error){
			func() (*models.Store, error) { return models.Open(ctx, file, migrations.Apply) },
			func() (*models.Store, error) { return models.OpenBeside(ctx, file, migrations.Apply) },
		} {
			s, err := open()
			refused(t, s, err, file+" "+name)
		}
		after, err := os.ReadFile(file)
		must(t, err)
		if string(after) != string(before) {
			t.Errorf("the file that %s was touched", name)
		}
	}
}
