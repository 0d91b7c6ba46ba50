package transfer_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"
	_ "modernc.org/sqlite"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
	"maitred/models/change"
	"maitred/models/dialect/postgrestest"
	"maitred/models/kind"
	"maitred/models/store"
	"maitred/models/transfer"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var ctx = context.Background()

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// awkward are texts that one of the two databases, or JSON, spells in its own way.
var awkward = []string{
	"O'Brien", `"quoted"`, `back\slash`, `\u0000`, `\\u0000`, "50 %_", "Ünïcödé 🌭", "a?b $1", "</script>&", "e\u0301 \ufeff", "x \U0010fffd \ufffd", "null", "NaN",
}

// newFile is the path of a database that is not there yet.
func newFile(t *testing.T) string { return filepath.Join(t.TempDir(), "maitred.db") }

// newDatabase is a database of each kind, empty.
var newDatabase = map[string]func(*testing.T) string{
	"SQLite":     newFile,
	"PostgreSQL": func(t *testing.T) string { return postgrestest.Database(t) },
}

// filled is a file with all that a site can have, and the one beside it.
func filled(t *testing.T) string {
	t.Helper()
	once.Do(func() {
		path := fill(t)
		for suffix := range prepared {
			content, err := os.ReadFile(path + suffix)
			must(t, err)
			prepared[suffix] = content
		}
	})
	path := newFile(t)
	for suffix, content := range prepared {
		must(t, os.WriteFile(path+suffix, content, 0o600))
	}
	return path
}

// prepared is that file, made once, and the one beside it.
var (
	prepared = map[string][]byte{"": nil, "-sessions": nil}
	once     sync.Once
)

// fill makes a file with records that were added, changed, moved, deleted and brought back, with people and what
// belongs to them, and with a trail.
func fill(t *testing.T) string {
	t.Helper()
	path := newFile(t)
	s, err := models.Open(ctx, path, migrations.Apply)
	must(t, err)
	for i, name := range append([]string{"Demon Dogs", "Ace Hardware", "Taco Hut"}, awkward...) {
		create(t, s, models.Places, &models.Place{Name: name, Address: fmt.Sprintf("%d %s", i, name)})
	}
	create(t, s, models.Restaurants, &models.Restaurant{PlaceID: 1, ServesHotDogs: true})
	for _, name := range append([]string{"Joe", "Ann"}, awkward...) {
		create(t, s, models.Waiters, &models.Waiter{RestaurantID: 1, Name: name})
	}
	for i := range awkward { // whose image the database wrote, not we
		p, err := models.Places.Find(ctx, s, int64(4+i))
		must(t, err)
		p.Name += " 2"
		_, err = models.Places.Update(ctx, s, "", p.ID, p.Version, p)
		must(t, err)
	}
	do(t, s, change.Move{Kind: models.Restaurants.Kind(s), Key: 1, To: 2})
	gone := do(t, s, change.Delete{Kind: models.Places.Kind(s), Key: 2})
	do(t, s, change.Undo{Change: gone})
	do(t, s, change.Delete{Kind: models.Places.Kind(s), Key: 3})

	accounts, err := account.Open(ctx, s, account.Beside(path), migrations.ApplySessions)
	must(t, err)
	for i, name := range []string{"Anna", "Ben"} {
		_, err := accounts.Add(ctx, account.Shell, name, "nine green bottles", []account.Role{account.Manager, account.Editor}[i])
		must(t, err)
	}
	must(t, accounts.Close())
	must(t, s.Close())
	runOn(t, path,
		`UPDATE users SET secret = x'00ff5c00', epoch = 9223372036854775807 WHERE id = 1`,
		`UPDATE users SET secret = x'', disabled = TRUE WHERE id = 2`,
		`INSERT INTO users (name, name_norm, role, password, created_at) VALUES ('Gone', 'gone', 'viewer', '', ''); DELETE FROM users WHERE name = 'Gone'`,
		`INSERT INTO recovery_codes (user_id, hash) VALUES (1, 'b'), (1, 'a'), (2, 'a')`,
		`INSERT INTO links (hash, user_id, expires_at) VALUES ('Zz', NULL, '2027'), ('a', 2, '2027')`,
		`INSERT INTO account_settings (name, value) VALUES ('second step', 'everyone')`,
		`INSERT INTO saved_views (kind, name, name_norm, query, owner, owner_name, shared) VALUES ('places', 'Mine', 'mine', 'q=a&b', 'user 1', 'Anna', FALSE), ('waiters', 'All', 'all', '', 'user 2', 'Ben', TRUE)`,
		`INSERT INTO list_settings (person, kind, columns, page_rows, start) VALUES ('user 1', 'places', NULL, 20, 1), ('user 2', 'waiters', '', 0, NULL)`,
		`INSERT INTO authors (change_id, user_id, kind, at) SELECT id, 1, kind, at FROM changes WHERE id % 2 = 0`,
		`INSERT INTO uploads (id, kind, name, user_id, at, content) VALUES ('word', 'places', 'ünï.csv', 1, '2026', zeroblob(3000000)), ('WORD', 'places', '', 0, '2026', x'')`,
		// As history may have it from an older program: a column that is not there any more, and texts with what no field lets in.
		`INSERT INTO change_rows (change_id, kind, identity, before_key, label, before) SELECT 1, 'places', 900, 900, 'x', json_object('id', 900, 'name', char(1, 8, 9, 10, 12, 13, 27, 31, 127, 8232, 65534), 'name_norm', NULL, 'address', json_array(1, json_object('a', 1.5, 'b', 2)), 'address_norm', json_object(), 'version', -1, 'colour', 'red')`,
		`INSERT INTO change_rows (change_id, kind, identity, after_key, label, after) VALUES (1, 'forgotten', 1, 1, '', '{"a":"  ","b":1,"cc":[]}'), (1, 'forgotten', 2, 1, '', '{}'), (1, 'forgotten', 3, 1, '', '[1,"2"]')`,
	)
	runOn(t, path+"-sessions",
		`INSERT INTO sessions (hash, user_id, epoch, began_at, seen_at, address, agent) VALUES ('h', 1, 1, 1, 1, '', '')`,
		`INSERT INTO tries (at, name, address, device) VALUES (1, 'n', '', '')`,
		`INSERT INTO last_seen (user_id, at) VALUES (1, 1764403200000)`,
		`INSERT INTO used_steps (user_id, step) VALUES (1, 58813440), (1, 58813439)`,
		`INSERT INTO events (at, user_id, actor, sentence, address, request) VALUES (7, 1, 'Anna', 'left', '::1', 'r'); DELETE FROM events WHERE at = 7`,
	)
	return path
}

func create[T any](t *testing.T, s *models.Store, of kind.Of[T], record *T) {
	t.Helper()
	_, err := of.Create(ctx, s, "", record)
	must(t, err)
}

// do shows an operation, does it, and returns the number of the change.
func do(t *testing.T, s *models.Store, op change.Operation) int64 {
	t.Helper()
	plan, err := change.Preview(ctx, s, op)
	must(t, err)
	done, err := change.Commit(ctx, s, op, change.Form{Fingerprint: plan.Fingerprint()})
	must(t, err)
	return done.ID
}

// runOn runs statements on a database that nobody has open, with nothing in their way.
func runOn(t *testing.T, path string, statements ...string) {
	t.Helper()
	driver, name := "sqlite", "file:"+path
	if store.IsServer(path) {
		driver, name = "pgx", path
	}
	db, err := sql.Open(driver, name)
	must(t, err)
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// dump is every row of every table of a file and of that beside it, to the byte, and the last keys that were given
// out of the tables whose keys the database gives out, and its indexes.
func dump(t *testing.T, path string) (all []string) {
	t.Helper()
	for _, file := range []string{path, path + "-sessions"} {
		db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
		must(t, err)
		defer db.Close()
		texts := func(query string) (found []string) {
			rows, err := db.QueryContext(ctx, query)
			must(t, err)
			defer rows.Close()
			for rows.Next() {
				var s string
				must(t, rows.Scan(&s))
				found = append(found, s)
			}
			must(t, rows.Err())
			return found
		}
		for _, table := range texts(`SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'bun%' AND name NOT IN ('sessions', 'tries', 'site') ORDER BY name`) {
			var columns []string
			for _, c := range texts("SELECT name FROM pragma_table_info('" + table + "') ORDER BY cid") {
				columns = append(columns, "'"+c+" ' || quote("+c+")")
			}
			all = append(all, texts("SELECT '"+table+": ' || "+strings.Join(columns, " || ', ' || ")+" AS row FROM "+table+" ORDER BY row")...)
		}
		all = append(all, texts("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")...)
		all = append(all, texts("SELECT name || ' ' || seq FROM sqlite_sequence WHERE name IN ('users', 'saved_views', 'events') ORDER BY name")...)
	}
	return all
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s is not as it should be (- want, + got):\n%.3000s", what, d)
	}
}

// opened opens a side, and closes it when the test is over.
func opened(t *testing.T, path string, source bool) (side transfer.Side, closes func()) {
	t.Helper()
	var err error
	beside := account.Beside(path).Sessions
	if store.IsServer(path) {
		beside = ""
	}
	if source {
		side.Records, err = models.OpenToRead(ctx, path, migrations.Current)
		must(t, err)
		if _, err := os.Stat(beside); beside != "" && err == nil {
			side.Beside, err = store.OpenSideToRead(ctx, beside)
			must(t, err)
		}
	} else {
		side.Records, err = models.Open(ctx, path, migrations.ApplyWhole)
		must(t, err)
		if beside != "" {
			side.Beside, err = store.OpenSide(ctx, beside, migrations.ApplySessions)
			must(t, err)
		}
	}
	return side, func() {
		if side.Beside != nil {
			must(t, side.Beside.Close())
		}
		must(t, side.Records.Close())
	}
}

// copies copies one database into another, told about how far it is.
func copies(t *testing.T, ctx context.Context, from, to string, tell func(doing string, part float64)) (*transfer.Done, error) {
	t.Helper()
	source, end := opened(t, from, true)
	defer end()
	target, end := opened(t, to, false)
	defer end()
	return transfer.Copy{From: source, To: target, Without: account.Passing, Tell: tell}.Run(ctx)
}

func quietly(string, float64) {}

// compares compares two databases.
func compares(t *testing.T, from, to string) (*transfer.Done, error) {
	t.Helper()
	source, end := opened(t, from, true)
	defer end()
	target, end := opened(t, to, true)
	defer end()
	return transfer.Copy{From: source, To: target, Without: account.Passing, Tell: quietly}.Compare(ctx)
}

// rowsIn counts the rows of all tables of a database, and of the file beside it.
func rowsIn(t *testing.T, path string) (n int) {
	t.Helper()
	side, end := opened(t, path, false)
	defer end()
	for _, s := range []*store.Store{side.Records, side.Beside} {
		if s == nil {
			continue
		}
		must(t, s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
			q := "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%'"
			if store.IsServer(path) {
				q = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
			}
			var tables []string
			if err := tx.NewRaw(q).Scan(ctx, &tables); err != nil {
				return err
			}
			var errs []error
			for _, table := range tables {
				var some int
				if !strings.HasPrefix(table, "bun") && !slices.Contains([]string{"turns", "site", "works"}, table) {
					errs = append(errs, tx.NewRaw("SELECT count(*) FROM "+table).Scan(ctx, &some))
				}
				n += some
			}
			return errors.Join(errs...)
		}))
	}
	return n
}

// markOf reads the mark of a file beside the records.
func markOf(mark *int) func(context.Context, bun.Tx) error {
	return func(ctx context.Context, tx bun.Tx) error { return tx.NewRaw("PRAGMA user_version").Scan(ctx, mark) }
}
