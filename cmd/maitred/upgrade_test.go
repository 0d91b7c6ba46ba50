package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/migrate"
)

// released are the schemas that there were, by the number of their migrations, with the last stage of a site's
// life whose rows fit into them (stages).
var released = map[int]int{1: 0, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 5, 8: 5, 9: 5, 10: 5}

// stages is a site at each stage of its life, as backups: 0 has nothing, 1 places, 2 restaurants, 3 waiters, 4 undos, 5
// views and settings.
func stages(t *testing.T) (files []string) {
	t.Helper()
	dir := t.TempDir()
	p := start(t, filepath.Join(dir, "maitred.db"))
	p.post("/places", "name", "Short Lived", "address", "0").answers(http.StatusSeeOther)
	end := func() {
		file := filepath.Join(dir, fmt.Sprint("stage", len(files), ".db"))
		if code, _, said := backsUp(t, p.database, file); code != 0 {
			t.Fatal(said)
		}
		files = append(files, file)
	}
	end()
	for _, name := range []string{"Demon Dogs", "Ace Hardware", "Café Zoë"} {
		p.post("/places", "name", name, "address", "944 W. Fullerton").answers(http.StatusSeeOther)
	}
	p.get("/places/1/delete").confirm().answers(http.StatusSeeOther)
	end()
	p.post("/restaurants", "place_id", "2", "serves_hot_dogs", "1").answers(http.StatusSeeOther)
	end()
	for _, name := range []string{"Joe", "Ann"} {
		p.post("/waiters", "restaurant_id", "2", "name", name).answers(http.StatusSeeOther)
	}
	p.get("/restaurants/2/move?place_id=4").confirm().answers(http.StatusSeeOther)
	end()
	p.get("/waiters/1/delete").confirm().answers(http.StatusSeeOther)
	p.post("/history/10/undo").answers(http.StatusSeeOther)
	end()
	p.post("/places/views?q=dogs", "name", "Dogs", "shared", "1").answers(http.StatusSeeOther)
	p.post("/waiters/columns", "column", "restaurant", "rows", "25").answers(http.StatusSeeOther)
	end()
	return files
}

// older makes a database of the schema of the first migrations, with the rows of a site that fit into it, but for
// a site without records.
func older(t *testing.T, file string, migrations int, rows string) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(root, "migrations", "*.tx.up.sql"))
	if err != nil || len(all) <= migrations {
		t.Fatal(all, err)
	}
	these := t.TempDir()
	for _, name := range all[:migrations] {
		content, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Join(these, filepath.Base(name)), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	conn, err := sql.Open("sqlite", file+"?_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetMaxOpenConns(1)
	found := migrate.NewMigrations()
	if err := found.Discover(os.DirFS(these)); err != nil {
		t.Fatal(err)
	}
	m := migrate.NewMigrator(bun.NewDB(conn, sqlitedialect.New()), found, migrate.WithMarkAppliedOnSuccess(true))
	if err := m.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if migrations == 1 {
		return
	}
	statements := []string{"ATTACH '" + rows + "' AS site", "DELETE FROM sqlite_sequence WHERE name NOT LIKE 'bun%'"}
	for table, columns := range columnsOf(t, file) {
		statements = append(statements, fmt.Sprintf("INSERT INTO main.%s (%s) SELECT %[2]s FROM site.%[1]s", table, columns))
	}
	statements = append(statements, "UPDATE sqlite_sequence SET seq = (SELECT s.seq FROM site.sqlite_sequence AS s WHERE s.name = sqlite_sequence.name) WHERE name NOT LIKE 'bun%'")
	for _, q := range statements {
		if _, err := conn.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// columnsOf are the tables of the site in a file, with their columns.
func columnsOf(t *testing.T, file string) map[string]string {
	t.Helper()
	tables := map[string]string{}
	for _, line := range strings.Split(answer(t, file, `SELECT coalesce(group_concat(line, char(10)), '') FROM (
		SELECT t.name || ' ' || group_concat(c.name, ', ') AS line FROM sqlite_master AS t, pragma_table_info(t.name) AS c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE 'bun%' GROUP BY t.name)`), "\n") {
		table, columns, _ := strings.Cut(line, " ")
		tables[table] = columns
	}
	return tables
}

// rowsOf is what is in some columns of some tables of a file.
func rowsOf(t *testing.T, file string, tables map[string]string) map[string]string {
	t.Helper()
	rows := map[string]string{}
	for table, columns := range tables {
		rows[table] = answer(t, file, fmt.Sprintf("SELECT coalesce(group_concat(line, char(10)), '') FROM (SELECT json_array(%s) AS line FROM %s ORDER BY line)", columns, table))
	}
	return rows
}

func copyFile(t testing.TB, from, to string) string {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func TestEachReleasedSchemaIsBroughtUpToDateWithAllThatIsInIt(t *testing.T) {
	t.Parallel()
	lives := stages(t)
	if all, _ := filepath.Glob(filepath.Join(root, "migrations", "*.tx.up.sql")); len(all) != len(released)+1 {
		t.Fatalf("there are %d migrations: say which rows fit into the schema before the newest", len(all))
	}
	for migrations, stage := range released {
		dir := t.TempDir()
		old := filepath.Join(dir, "old.db")
		older(t, old, migrations, lives[stage])
		tables := columnsOf(t, old)
		was := rowsOf(t, old, tables)
		arrived := func(how, file string) {
			isSound(t, programFile(t), file)
			for table, is := range rowsOf(t, file, tables) {
				if is != was[table] {
					t.Errorf("from %d migrations, by %s: in %s was\n%s\nand is\n%s", migrations, how, table, was[table], is)
				}
			}
		}

		before := listed(t, dir)
		code, out, said := checked(t, programFile(t), old)
		if code != 0 || said != "" || !strings.Contains(out, old+" is from an older maitred.") || !strings.Contains(out, "Bringing "+old+" up to date will go well.") || strings.Count(out, "Everything agrees.") != 6 {
			t.Errorf("with %d migrations: the exit code of the check is %d, it said\n%s%s", migrations, code, out, said)
		}
		if after := listed(t, dir); after != before {
			t.Errorf("with %d migrations a check made of\n%s\nthis:\n%s", migrations, before, after)
		}

		restored := filepath.Join(dir, "restored.db")
		if code, _, said := restores(t, restored, old); code != 0 {
			t.Fatalf("with %d migrations a restore says %s", migrations, said)
		}
		arrived("a restore", restored)

		served := copyFile(t, old, filepath.Join(dir, "served.db"))
		start(t, served).stop()
		arrived("a start", served)
		p := start(t, served)
		if stage > 0 {
			p.get("/places?q=zoe").lists(1)
			p.get("/places/1").answers(http.StatusNotFound).says("deleted")
		}
		if stage >= 4 {
			p.get("/history/11").answers(http.StatusOK).says("Joe")
			p.post("/history/11/undo").answers(http.StatusSeeOther)
		}
		if stage >= 5 {
			p.get("/places").says("Dogs")
		}
		p.post("/places", "name", "New", "address", "1").answers(http.StatusSeeOther)
		p.stop()
		isSound(t, programFile(t), served)
	}
}

func TestACheckOfAnOlderDatabaseWritesNothingWhileItIsServed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database := filepath.Join(dir, "maitred.db")
	older(t, database, 8, stages(t)[5])
	serving, err := sql.Open("sqlite", database) // as the old one has it open
	if err != nil {
		t.Fatal(err)
	}
	defer serving.Close()
	if _, err := serving.Exec("INSERT INTO list_settings (person, kind) VALUES ('user 9', 'places')"); err != nil {
		t.Fatal(err)
	}
	before := files(t, database)
	if len(before[1]) == 0 {
		t.Fatal("nothing is in the log")
	}
	if code, out, said := checked(t, programFile(t), database); code != 0 || !strings.Contains(out, "will go well") {
		t.Errorf("the exit code is %d, it said\n%s%s", code, out, said)
	}
	same(t, "of an older database, while it is served,", files(t, database), before)
	alone(t, dir, "maitred.db", "maitred.db-shm", "maitred.db-wal")
}

func TestAnUpgradeThatWouldFailIsToldBefore(t *testing.T) {
	t.Parallel()
	life := stages(t)[5]
	for statement, words := range map[string][]string{
		"CREATE TABLE restaurants_serves (a)":                {"cannot be brought up to date", "restaurants_serves", "It was only read: stay with the old maitred"},
		"DELETE FROM waiters WHERE id = 1":                   {"would not be sound when it is brought up to date, there would be findings: 2", "stay with the old maitred"},
		"CREATE TABLE guests (id, p REFERENCES places (id))": {"the table guests points at places", "stay with the old maitred"},
	} {
		dir := t.TempDir()
		database := filepath.Join(dir, "maitred.db")
		older(t, database, 8, life)
		tamper(t, database, statement)
		before := listed(t, dir)
		code, out, said := checked(t, programFile(t), database)
		if code != 1 || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: the exit code is %d, it said\n%s%s", statement, code, out, said)
		}
		for _, w := range words {
			if !strings.Contains(said, w) {
				t.Errorf("%s: it does not say %q, but %s", statement, w, said)
			}
		}
		if after := listed(t, dir); after != before {
			t.Errorf("%s: there was\n%s\nand is\n%s", statement, before, after)
		}
	}
}
