package migrations_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite"

	"maitred/migrations"
	"maitred/models/dialect/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func opened(t *testing.T, driver, name string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Each query tells one thing of the schema, a line each, in a spelling that both databases are brought to.
var (
	ofSQLite = map[string]string{
		"columns": `SELECT m.name || '.' || c.name || ' ' || CASE c.type WHEN 'INTEGER' THEN 'BIGINT' WHEN 'BLOB' THEN 'BYTEA' ELSE c.type END
				|| CASE WHEN c."notnull" OR c.pk THEN ' required' ELSE '' END || coalesce(' or ' || lower(c.dflt_value), '')
			FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'`,
		"primary keys": `SELECT name || ': ' || group_concat(c, ', ') FROM
			(SELECT m.name, c.name AS c FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table' AND c.pk > 0 ORDER BY m.name, c.pk) GROUP BY name`,
		"foreign keys": `SELECT m.name || '.' || f."from" || ' → ' || f."table" || '.' || f."to" || ', deleted: ' || f.on_delete || ', updated: ' || f.on_update
			FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table'`,
		"indexes": `SELECT tbl || ' ' || CASE WHEN own THEN name ELSE 'unique' END || ': ' || group_concat(c, ', ') || CASE WHEN partial THEN ' where' ELSE '' END FROM
			(SELECT m.name AS tbl, i.name, i.origin = 'c' AS own, i.partial, c.name AS c FROM sqlite_master AS m, pragma_index_list(m.name) AS i, pragma_index_info(i.name) AS c
			 WHERE m.type = 'table' AND i.origin <> 'pk' ORDER BY m.name, i.name, c.seqno) GROUP BY tbl, name, own, partial`,
	}
	ofPostgreSQL = map[string]string{
		"columns": `SELECT table_name || '.' || column_name || ' ' || CASE data_type WHEN 'jsonb' THEN 'TEXT' ELSE upper(data_type) END
				|| CASE WHEN is_nullable = 'NO' THEN ' required' ELSE '' END || coalesce(' or ' || column_default, '')
			FROM information_schema.columns WHERE table_schema = current_schema()`,
		"primary keys": `SELECT c.conrelid::regclass || ': ' || (SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY AS k (attnum, n)
				JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum) FROM pg_constraint AS c WHERE c.contype = 'p' AND c.connamespace = current_schema()::regnamespace`,
		"foreign keys": `SELECT c.conrelid::regclass || '.' || a.attname || ' → ' || c.confrelid::regclass || '.' || b.attname
				|| ', deleted: ' || CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'r' THEN 'RESTRICT' WHEN 'n' THEN 'SET NULL' END
				|| ', updated: ' || CASE c.confupdtype WHEN 'c' THEN 'CASCADE' WHEN 'r' THEN 'RESTRICT' WHEN 'n' THEN 'SET NULL' END
			FROM pg_constraint AS c JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
			WHERE c.contype = 'f'`,
		"indexes": `SELECT i.indrelid::regclass || ' ' || CASE WHEN u.conname IS NULL THEN i.indexrelid::regclass::text ELSE 'unique' END || ': '
				|| (SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, n) JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum)
				|| CASE WHEN i.indpred IS NULL THEN '' ELSE ' where' END
			FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid AND c.relnamespace = current_schema()::regnamespace
			LEFT JOIN pg_constraint AS u ON u.conindid = i.indexrelid AND u.contype = 'u' WHERE NOT i.indisprimary`,
	}
)

// told are the lines of a query but those of Bun's own tables and of SQLite's.
func told(t *testing.T, query string, databases ...*sql.DB) (lines []string) {
	t.Helper()
	for _, db := range databases {
		rows, err := db.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(line, "bun_") && !strings.HasPrefix(line, "sqlite_") {
				lines = append(lines, line)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(lines)
	return lines
}

func TestBothDatabasesHaveTheSameSchemaAndBearItTwice(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	records, sessions := opened(t, "sqlite", filepath.Join(t.TempDir(), "records.db")), opened(t, "sqlite", filepath.Join(t.TempDir(), "sessions.db"))
	great := opened(t, "pgx", postgrestest.Database(t))
	for range 2 {
		for _, err := range []error{
			migrations.Apply(ctx, bun.NewDB(records, sqlitedialect.New())), migrations.ApplySessions(ctx, bun.NewDB(sessions, sqlitedialect.New())),
			migrations.Apply(ctx, bun.NewDB(great, pgdialect.New())), migrations.ApplySessions(ctx, bun.NewDB(great, pgdialect.New())),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, forget := range []string{"DELETE FROM bun_migrations", "DELETE FROM bun_migrations_of_sessions"} { // as if the program had been killed before it noted them
			if _, err := great.Exec(forget); err != nil {
				t.Fatal(err)
			}
		}
	}
	for what := range ofSQLite {
		want, got := told(t, ofSQLite[what], records, sessions), told(t, ofPostgreSQL[what], great)
		if len(want) == 0 {
			t.Errorf("SQLite tells nothing of %s", what)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s of SQLite and of PostgreSQL:\n%s", what, d)
		}
	}
	for _, text := range told(t, `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'`, great) {
		t.Errorf("%s does not sort by its bytes", text)
	}
}
