package models_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/databasetest"
)

// This file is what tests say of a database in the words of either: SQLite's, or PostgreSQL's.

// onServer says that these tests are run on PostgreSQL.
var onServer = databasetest.OnServer

// databaseAt is the database that is meant by a path.
func databaseAt(t tester, path string) string {
	t.Helper()
	return databasetest.At(t, path, migrated)
}

// either is the first on SQLite, and the second on PostgreSQL.
func either[T any](onFile, otherwise T) T { return databasetest.Either(onFile, otherwise) }

// copied copies the database to one of its own that nobody has open, so that it can be damaged.
func (w *world) copied(t *testing.T) *world {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy.db")
	if !onServer {
		w.tamper("VACUUM INTO ?", path)
		return &world{t: t, path: path}
	}
	if w.Store != nil { // what somebody has open cannot be copied
		w.must(w.Close())
		defer func() { w.Store = openWorld(w.t, w.path).Store }()
	}
	databasetest.CopyOf(t, databaseAt(t, w.path), path)
	return &world{t: t, path: path}
}

// tamper writes past the models, and past foreign keys, as no part of the program does.
func (w *world) tamper(query string, args ...any) {
	w.t.Helper()
	driver, address := "sqlite", databaseAt(w.t, w.path)
	if onServer {
		driver, address, query = "pgx", address+"&session_replication_role=replica", dollars(query)
	}
	db, err := sql.Open(driver, address)
	w.must(err)
	defer db.Close()
	_, err = db.ExecContext(ctx, query, args...)
	w.must(err)
}

// dollars is a statement with placeholders as the bare driver of PostgreSQL has them.
func dollars(query string) string {
	for n := 1; strings.Contains(query, "?"); n++ {
		query = strings.Replace(query, "?", fmt.Sprint("$", n), 1)
	}
	return query
}

// onlyOfSQLite skips a test that looks into its file, or writes its own SQL, when the tests are run on PostgreSQL.
func onlyOfSQLite(t testing.TB, why string) {
	t.Helper()
	if onServer {
		t.Skip("it is about SQLite: " + why)
	}
}

// What a trigger does, beside any statement.
var (
	nothing  = either("SELECT RAISE(IGNORE)", "RETURN NULL") // instead of what was to be done
	refusing = either("SELECT RAISE(ABORT, 'no')", "RAISE 'no' USING ERRCODE = 'foreign_key_violation'")
	// Only PostgreSQL can be made to say this.
	diskFull = "RAISE 'no' USING ERRCODE = 'disk_full'"
)

// trigger makes one by the name, for an event like "BEFORE DELETE ON waiters" of rows that fulfil a condition.
func (w *world) trigger(name, event, condition, does string) {
	w.t.Helper()
	if !onServer {
		w.exec(fmt.Sprintf("CREATE TRIGGER %s %s WHEN %s BEGIN %s; END", name, event, condition, does))
		return
	}
	w.exec(fmt.Sprintf(`CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF %s THEN %s; END IF;
		IF TG_OP = 'DELETE' THEN RETURN old; END IF;
		RETURN new;
	END $$`, name, condition, does))
	w.exec(fmt.Sprintf("CREATE TRIGGER %[1]s %s FOR EACH ROW EXECUTE FUNCTION %[1]s()", name, event))
}

// noTrigger takes it away.
func (w *world) noTrigger(name string) {
	w.t.Helper()
	w.exec(either("DROP TRIGGER "+name, "DROP FUNCTION "+name+" CASCADE"))
}

// holdsByLock lets a trigger of the server wait at a gate: for a lock that the test has.
func (w *world) holdsByLock(t *testing.T, g *gate) (wait string) {
	t.Helper()
	db, err := sql.Open("pgx", databaseAt(t, w.path))
	w.must(err)
	holder, err := db.Conn(ctx)
	w.must(err)
	_, err = holder.ExecContext(ctx, "SELECT pg_advisory_lock(1)")
	w.must(err)
	watching, stop := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		for waits := false; !waits && watching.Err() == nil; time.Sleep(time.Millisecond) {
			_ = db.QueryRowContext(watching, `SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&waits)
			if waits {
				g.reach()
			}
		}
	})
	g.letGo = sync.OnceFunc(func() {
		stop()
		watch.Wait()
		_ = holder.Close()
		_ = db.Close() // with which the lock is gone
	})
	return "PERFORM pg_advisory_xact_lock(1)"
}

// columns are the names of the columns of a table, by a query with one placeholder.
var columns = either("SELECT name FROM pragma_table_info(?)",
	"SELECT column_name AS name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?")

// indexedRows is how many rows a search index has.
func (w *world) indexedRows(index string) int {
	w.t.Helper()
	return w.count("SELECT count(*) FROM " + either(index+"_docsize", index))
}

// serverTools are functions of SQLite that tests damage history by, and one that makes the trigrams of an index.
const serverTools = `
	CREATE FUNCTION json_set(jsonb, text, text) RETURNS jsonb LANGUAGE sql AS $$ SELECT $1 || jsonb_build_object(substr($2, 3), $3) $$;
	CREATE FUNCTION json_set(jsonb, text, bigint) RETURNS jsonb LANGUAGE sql AS $$ SELECT $1 || jsonb_build_object(substr($2, 3), $3) $$;
	CREATE FUNCTION json_remove(jsonb, text) RETURNS jsonb LANGUAGE sql AS $$ SELECT $1 - substr($2, 3) $$;
	CREATE FUNCTION cut(text) RETURNS tsvector LANGUAGE sql AS $$ SELECT array_to_tsvector(array_agg(DISTINCT substr($1, i, 3))) FROM generate_series(1, length($1) - 2) AS i $$;`

// toDamage is a copy with the tools.
func (w *world) toDamage(t *testing.T) *world {
	t.Helper()
	w = w.copied(t)
	if onServer {
		w.tamper(serverTools)
	}
	return w
}

// migrated makes an empty database one without a record.
func migrated(address string) error {
	s, err := models.Open(ctx, address, migrations.Apply)
	if err != nil {
		return err
	}
	return s.Close()
}
