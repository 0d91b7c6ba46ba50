package dialect_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite"

	"maitred/models/dialect"
	"maitred/models/dialect/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// databases are an empty one of each.
func databases(t *testing.T) map[string]*bun.DB {
	t.Helper()
	lite, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		t.Fatal(err)
	}
	lite.SetMaxOpenConns(1)
	great, err := sql.Open("pgx", postgrestest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*bun.DB{"SQLite": bun.NewDB(lite, sqlitedialect.New()), "PostgreSQL": bun.NewDB(great, pgdialect.New())}
	t.Cleanup(func() {
		for _, db := range all {
			_ = db.Close()
		}
	})
	return all
}

var (
	id       = dialect.Column{Name: "id", Type: dialect.Integer}
	name     = dialect.Column{Name: "name", Type: dialect.Text}
	isOpen   = dialect.Column{Name: "is_open", Type: dialect.Boolean}
	awkwards = []string{"Joe", "O'Brien", `"`, `\`, "50 %", "_", "Ünïcödé 🌭", "", "a?b", "$1", "\u2028"}
)

// Whatever the spelling, the two databases answer alike.
func TestAllThatIsSpelledDifferentlyMeansTheSame(t *testing.T) {
	t.Parallel()
	for which, db := range databases(t) {
		t.Run(which, func(t *testing.T) {
			ctx := context.Background()
			d := dialect.Of(db)
			for _, s := range []string{
				"CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT NOT NULL, is_open BOOLEAN NOT NULL)",
				"CREATE TABLE u (id BIGINT PRIMARY KEY)",
				"INSERT INTO u (id) VALUES (2), (3)",
			} {
				if _, err := db.ExecContext(ctx, s); err != nil {
					t.Fatal(err)
				}
			}
			for i, n := range awkwards {
				if _, err := db.NewRaw("INSERT INTO t (id, name, is_open) VALUES (?, ?, ?)", i+1, n, i%2 == 0).Exec(ctx); err != nil {
					t.Fatal(err)
				}
			}
			says := func(want, query string, args ...any) {
				t.Helper()
				rows, err := db.QueryContext(ctx, query, args...)
				if err != nil {
					t.Fatalf("%s: %v", query, err)
				}
				defer rows.Close()
				columns, _ := rows.Columns()
				var all []string
				for rows.Next() {
					into, values := make([]any, len(columns)), make([]sql.NullString, len(columns))
					for i := range into {
						into[i] = &values[i]
					}
					if err := rows.Scan(into...); err != nil {
						t.Fatal(err)
					}
					var one []string
					for _, v := range values {
						if !v.Valid {
							v.String = "NULL"
						}
						one = append(one, strings.Replace(strings.Replace(v.String, "true", "1", 1), "false", "0", 1))
					}
					all = append(all, strings.Join(one, " "))
				}
				if got := strings.Join(all, ", "); rows.Err() != nil || got != want {
					t.Errorf("%s says %q, want %q (%v)", query, got, want, rows.Err())
				}
			}
			keys := dialect.ListOf([]int64{3, 1, 99})
			says("1, 3", "SELECT id FROM t WHERE "+d.In("id")+" ORDER BY id", keys)
			says("", "SELECT id FROM t WHERE "+d.In("id"), dialect.ListOf(nil))
			says("1, 2, 4, 5, 9", "SELECT id FROM t WHERE "+d.InTexts("name")+" ORDER BY id", `["Joe", "O'Brien", "\\", "50 %", "a?b", "nobody"]`)
			says("1, 3, 99", "SELECT key FROM ("+d.Listed()+") AS l ORDER BY key", keys)
			says("[2,3]", "SELECT replace("+d.CollectList("id")+", ' ', '') FROM (SELECT id FROM u ORDER BY id) AS s")
			says("[]", "SELECT "+d.CollectList("id")+" FROM u WHERE id > 9")
			says("1 Joseph 1, 3 Jim 0", fmt.Sprintf("SELECT t.id, %s, %s FROM %s %s t ON t.id = %s ORDER BY t.id", d.Given(1, dialect.Text), d.Given(2, dialect.Boolean), d.GivenRows(), d.JoinInOrder(), d.Given(0, dialect.Integer)),
				`[[3, "Jim", 0], [1, "Joseph", 1]]`)
			says("1 70, 2 NULL, 3 90", "SELECT id, "+d.LookUp("t.id")+" FROM t WHERE id < 4 ORDER BY id", dialect.MapOf(map[int64]int64{1: 70, 3: 90}))
			says("2 O'Brien, 3 \"", "SELECT u.id, a.name FROM u"+d.Join("t", "a", "a.id = u.id")+" WHERE a.id > 1 ORDER BY u.id")
			says("2 3, 2 4, 3 4, 3 5", "SELECT u.id, a.id FROM u"+d.JoinFew("t", "a", "id", " WHERE a.id > u.id ORDER BY a.id LIMIT 2")+" ORDER BY u.id, a.id")
			says("7", "SELECT "+d.Greater("3", "7"))
			for _, n := range awkwards[:4] {
				says(n, "SELECT name FROM t WHERE "+d.EndsWith("name")+" AND id < 5 ORDER BY id LIMIT 1", n, n)
			}
			says("4, 5, 6", "SELECT id FROM t WHERE "+d.Contains("name")+" OR "+d.Contains("name")+" OR "+d.Contains("name")+" ORDER BY id", `\`, "%", "_")
			says("", "SELECT id FROM t WHERE "+d.Contains("name"), "joe")
			says("7", "SELECT id FROM t WHERE "+d.EndsWith("name"), "é 🌭", "é 🌭")
			says("1, 2", "SELECT id FROM t "+d.ByKey()+" WHERE "+d.Unindexed("id")+" < 3 ORDER BY id")

			image := d.Image([]dialect.Value{{id, "id"}, {name, "name"}, {isOpen, "is_open"}})
			says("", "SELECT id FROM (SELECT id, name, is_open, "+image+" AS image FROM t) AS i WHERE "+
				d.FromImage("image", id)+" <> id OR "+d.FromImage("image", name)+" <> name OR "+d.FromImage("image", isOpen)+" <> is_open")
			says("1 Jim 0", "SELECT "+d.FromImage("image", id)+", "+d.FromImage("image", name)+", "+d.FromImage("image", isOpen)+" FROM (SELECT "+
				d.ImageWith("image", []dialect.Value{{name, "'Jim'"}, {isOpen, "FALSE"}})+" AS image FROM (SELECT "+image+" AS image FROM t WHERE id = 1) AS i) AS j")
			says("2", "SELECT count(*) FROM (SELECT "+image+" AS image, id FROM t WHERE id < 3) AS i WHERE "+
				d.ImageWithout("image", "name")+" IS NOT DISTINCT FROM "+d.ImageWithout(d.ImageWith("image", []dialect.Value{{name, "'other'"}}), "name"))
			says("NULL", "SELECT "+d.FromImage(d.ImageWithout("image", "name"), name)+" FROM (SELECT "+image+" AS image FROM t WHERE id = 1) AS i")
			says("Joe", "SELECT "+d.Legible("name")+" FROM t WHERE id = 1")
		})
	}
}
