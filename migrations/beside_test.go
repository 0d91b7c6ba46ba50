package migrations_test

import (
	"context"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"maitred/migrations"
	"maitred/models/dialect/postgrestest"
)

// firstBeside is the migration since which several instances use one database.
const firstBeside = "20261130000001"

// What a migration may do beside programs that do not know it. All else is taken for something that they would mind.
var adds = []*regexp.Regexp{
	regexp.MustCompile(`^CREATE TABLE IF NOT EXISTS `),
	regexp.MustCompile(`^CREATE INDEX IF NOT EXISTS `),
	regexp.MustCompile(`^ALTER TABLE \w+ ADD COLUMN IF NOT EXISTS \w+ (?:[^,]* DEFAULT [^,]*|(?:[^,N]|N[^O])*)$`), // not NOT NULL without a default
	regexp.MustCompile(`^INSERT INTO `),
	regexp.MustCompile(`^UPDATE site SET since = '\d{14}' WHERE id = 1$`),
}

var (
	comment = regexp.MustCompile(`--(?:[^b\n].*|)\n`)
	blank   = regexp.MustCompile(`\s+`)
	says    = regexp.MustCompile(`UPDATE site SET since = '(\d{14})'`)
)

// mindedBy says what of a migration programs would mind that do not know it, and how it breaks the rule; "" if not.
func mindedBy(name, text string) string {
	said := says.FindStringSubmatch(text)
	for _, statement := range strings.Split(comment.ReplaceAllString(text+"\n", ""), "--bun:split") {
		statement = strings.TrimSuffix(strings.TrimSpace(blank.ReplaceAllString(statement, " ")), ";")
		if slices.ContainsFunc(adds, func(r *regexp.Regexp) bool { return r.MatchString(statement) }) {
			continue
		}
		if said == nil {
			return "it does not say whom it breaks: " + statement
		}
	}
	if said != nil && said[1] >= name {
		return "it breaks even the version before it"
	}
	return ""
}

func TestMigrationsAddFirst(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(migrations.OfPostgreSQL, "postgres/*.up.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name, _, _ := strings.Cut(path.Base(file), "_")
		text, err := fs.ReadFile(migrations.OfPostgreSQL, file)
		if err != nil {
			t.Fatal(err)
		}
		if minds := mindedBy(name, string(text)); name >= firstBeside && minds != "" {
			t.Errorf("%s: %s", file, minds)
		}
	}
	for text, sound := range map[string]bool{
		"CREATE TABLE IF NOT EXISTS menus (id BIGINT PRIMARY KEY);":                    true,
		"-- A word.\nALTER TABLE places ADD COLUMN IF NOT EXISTS menu TEXT;":           true,
		"ALTER TABLE places ADD COLUMN IF NOT EXISTS stars BIGINT NOT NULL DEFAULT 0;": true,
		"ALTER TABLE places ADD COLUMN IF NOT EXISTS stars BIGINT NOT NULL;":           false,
		"ALTER TABLE places DROP COLUMN address;":                                      false,
		"ALTER TABLE places RENAME COLUMN address TO street;":                          false,
		"ALTER TABLE places ALTER COLUMN address TYPE BIGINT;":                         false,
		"DELETE FROM places;": false,
		"ALTER TABLE places DROP COLUMN address;\n--bun:split\nUPDATE site SET since = '20261231000001' WHERE id = 1;": true,
		"ALTER TABLE places DROP COLUMN address;\n--bun:split\nUPDATE site SET since = '20270101000001' WHERE id = 1;": false,
	} {
		if minds := mindedBy("20270101000001", text); (minds == "") != sound {
			t.Errorf("%s: found %q", text, minds)
		}
	}
}

// What a newer program added is no reason for an older one not to start beside it; that it must know it, is.
func TestAnOldProgramRunsBesideANewOneThatOnlyAdded(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := bun.NewDB(opened(t, "pgx", postgrestest.Database(t)), pgdialect.New())
	if err := migrations.Apply(ctx, db); err != nil {
		t.Fatal(err)
	}
	newer := fstest.MapFS{}
	known, err := fs.Glob(migrations.OfPostgreSQL, "postgres/*.up.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range known {
		text, err := fs.ReadFile(migrations.OfPostgreSQL, file)
		if err != nil {
			t.Fatal(err)
		}
		newer[file] = &fstest.MapFile{Data: text}
	}
	newer["postgres/20270101000001_menus.up.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE IF NOT EXISTS menus (id BIGINT PRIMARY KEY)")}
	newest := maps.Clone(newer)
	newest["postgres/20270101000002_no_menus.up.sql"] = &fstest.MapFile{Data: []byte("DROP TABLE menus;\n--bun:split\nUPDATE site SET since = '20270101000001' WHERE id = 1")}

	if err := migrations.ApplyThose(ctx, db, newer); err != nil {
		t.Fatal(err)
	}
	for what, open := range map[string]func(context.Context, *bun.DB) error{"to write": migrations.Apply, "to read": migrations.Current} {
		if err := open(ctx, db); err != nil {
			t.Errorf("an old program cannot start beside a newer one, %s: it %v", what, err)
		}
	}
	if err := migrations.ApplyThose(ctx, db, newest); err != nil {
		t.Fatal(err)
	}
	if err := migrations.Apply(ctx, db); err == nil || !strings.Contains(err.Error(), "is from a newer maitred") {
		t.Errorf("beside one that took something away it is told %v", err)
	}
	if err := migrations.ApplyThose(ctx, db, newer); err != nil {
		t.Errorf("the version before that cannot start: %v", err)
	}
}
