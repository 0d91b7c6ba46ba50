package models_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"maitred/migrations"
	"maitred/models"
)

func TestEveryForeignKeyHasAnIndexThatStartsWithIt(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	w.view(func(tx bun.Tx) {
		keys := w.query(tx, either(`SELECT m.name AS "table", f."from" AS "column" FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table'`,
			`SELECT c.conrelid::regclass::text AS "table", a.attname::text AS "column" FROM pg_constraint AS c JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'`))
		if len(keys) < 3 {
			t.Fatalf("only %d foreign keys were found", len(keys))
		}
		for _, key := range keys {
			first := w.query(tx, either(`SELECT c.name FROM pragma_index_list(?0) AS i, pragma_index_info(i.name) AS c WHERE c.seqno = 0 AND c.name = ?1 AND i.partial = 0
				UNION ALL SELECT name FROM pragma_table_info(?0) WHERE pk = 1 AND name = ?1`,
				"SELECT a.attname FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = (?0)::regclass AND a.attname = ?1 AND i.indpred IS NULL"),
				key["table"], key["column"])
			if len(first) == 0 {
				t.Errorf("no index starts with %s.%s", key["table"], key["column"])
			}
		}
	})
}

func TestTheModelsKnowEveryColumnOfTheirTables(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	w.view(func(tx bun.Tx) {
		for _, k := range w.Graph.Kinds() {
			stored := map[string]bool{}
			for _, c := range w.query(tx, columns, k.Table) {
				stored[c["name"].(string)] = true
				if k.Column(c["name"].(string)) == nil {
					t.Errorf("the model of %s does not know the column %s", k.Table, c["name"])
				}
			}
			for _, c := range k.Columns {
				if !stored[c.Name] {
					t.Errorf("%s has no column %s", k.Table, c.Name)
				}
			}
		}
	})
}

func TestASchemaThatDiffersFromTheModelsRefusesToStart(t *testing.T) {
	t.Parallel()
	const references = "REFERENCES places (id) ON DELETE CASCADE ON UPDATE CASCADE"
	for name, schema := range map[string]struct{ tables, said string }{
		"a key is missing":               {"DROP TABLE waiters; CREATE TABLE waiters (id INTEGER PRIMARY KEY, restaurant_id INTEGER)", "foreign keys of waiters"},
		"a key too many":                 {"ALTER TABLE waiters ADD COLUMN place_id INTEGER " + references, "foreign keys of waiters"},
		"a key that does not take along": {"DROP TABLE waiters; CREATE TABLE waiters (id INTEGER PRIMARY KEY, restaurant_id INTEGER REFERENCES restaurants (place_id))", "NO ACTION"},
		"a key to another table":         {"DROP TABLE waiters; CREATE TABLE waiters (id INTEGER PRIMARY KEY, restaurant_id INTEGER " + references + ")", "places.id"},
		"a table no model knows of":      {"CREATE TABLE reviews (id INTEGER PRIMARY KEY, place_id INTEGER " + references + ")", "reviews"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := models.Open(ctx, databaseAt(t, filepath.Join(t.TempDir(), "maitred.db")), migrateAnd(schema.tables))
			if err == nil {
				s.Close()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), schema.said) {
				t.Errorf("%q does not say %q", err, schema.said)
			}
		})
	}
}

func TestATableBesideTheRecordsIsNoObstacle(t *testing.T) {
	t.Parallel()
	s, err := models.Open(ctx, databaseAt(t, filepath.Join(t.TempDir(), "maitred.db")),
		migrateAnd("CREATE TABLE guests (id INTEGER PRIMARY KEY); CREATE TABLE views (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES guests (id) ON DELETE CASCADE)"))
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

func migrateAnd(statements string) func(context.Context, *bun.DB) error {
	return func(ctx context.Context, db *bun.DB) error {
		if err := migrations.Apply(ctx, db); err != nil {
			return err
		}
		_, err := db.ExecContext(ctx, statements)
		return err
	}
}

func TestAMigratedFileIsOpenedAgainWithAllItHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.tables()
	w.must(w.Close())
	w.Store = openWorld(t, w.path).Store
	w.same("the tables", w.tables(), before)
}

// A process killed between a migration and the note that it was applied runs it again.
func TestEveryMigrationBearsBeingRunTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.tables()
	w.must(w.Close())
	w.tamper("DELETE FROM bun_migrations")
	w.Store = openWorld(t, w.path).Store
	w.same("the tables", w.tables(), before)
}

func TestAnEmptyFileIsRefusedAndAMissingOneIsCreated(t *testing.T) {
	onlyOfSQLite(t, "a server makes no database when it is asked for one")
	t.Parallel()
	path := filepath.Join(t.TempDir(), "maitred.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := models.Open(ctx, path, migrations.Apply); err == nil {
		s.Close()
		t.Error("an empty file was opened")
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("the file is now %v, %v", info, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	openWorld(t, path).Close()
}

func TestAFileMayHaveAnyName(t *testing.T) {
	onlyOfSQLite(t, "its files have names")
	t.Parallel()
	for _, name := range []string{"a b.db", "50%.db", "what?.db", "#1.db", "Zoë 😀.db", "a&b=c.db", "a'b.db"} {
		path := filepath.Join(t.TempDir(), name)
		w := openWorld(t, path)
		w.addPlace("Demon Dogs", "944 W. Fullerton")
		w.must(w.Close())
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

func TestReadingNeverWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	err := w.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM waiters")
		return err
	})
	if err == nil {
		t.Error("a read transaction deleted the waiters")
	}
	w.same("the waiters", waitersOf(w)(""), []string{"Joe"})
}

// A setting sent to a pool reaches one connection; these must reach all.
func TestEveryConnectionHasTheSettings(t *testing.T) {
	onlyOfSQLite(t, "only its connections have to be told to mind foreign keys and the power supply")
	t.Parallel()
	w := newWorld(t)
	setting := func(tx bun.Tx, name string) (n int) {
		if err := tx.NewRaw("PRAGMA "+name).Scan(ctx, &n); err != nil {
			t.Error(err)
		}
		return n
	}
	const readers = 4
	var inside atomic.Int32
	atOnce(readers, func(int) {
		err := w.View(ctx, func(_ context.Context, tx bun.Tx) error {
			if setting(tx, "foreign_keys") != 1 || setting(tx, "query_only") != 1 {
				t.Error("a reader does not mind foreign keys, or may write")
			}
			// Stay until all are inside, so that each has a connection of its own.
			inside.Add(1)
			for end := time.Now().Add(10 * time.Second); inside.Load() < readers && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	w.must(w.Change(ctx, func(_ context.Context, tx bun.Tx) error {
		if setting(tx, "foreign_keys") != 1 || setting(tx, "synchronous") != 2 {
			t.Error("the writer does not mind foreign keys, or the power supply")
		}
		return nil
	}))
}
