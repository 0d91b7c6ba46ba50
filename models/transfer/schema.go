package transfer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"maitred/models/store"
)

// table is a table as the schema tells of it.
type table struct {
	name     string
	columns  []column
	key      []int    // where its columns are among those
	parents  []string // tables that its foreign keys lead to
	onServer bool

	ctx context.Context // of the transaction, which also knows its connection
	tx  bun.Tx
}

// column is a column, and what it is meant to hold.
type column struct {
	name  string
	holds content
}

// content is what a column is meant to hold.
type content string

const (
	number  content = "number"
	text    content = "text"
	yesOrNo content = "yes or no"
	blob    content = "bytes"
	image   content = "JSON" // SQLite keeps it as text, and its schema does not tell
)

// contents are the types of columns, as the schemas spell them.
var contents = map[string]content{
	"INTEGER": number, "BIGINT": number, "TEXT": text, "BOOLEAN": yesOrNo, "BLOB": blob, "BYTEA": blob, "JSONB": image,
}

// What the schema says: each column of each table, its type, and its place in the primary key, from 1; and which
// table leads to which. SQLite's own tables and those of its search indexes are none.
const (
	columnsOfFile = `SELECT t.name AS "table", c.name AS name, upper(c.type) AS type, c.pk AS key
		FROM pragma_table_list AS t, pragma_table_info(t.name) AS c
		WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY t.name, c.cid`
	parentsOfFile = `SELECT DISTINCT t.name AS "table", f."table" AS parent
		FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS f WHERE t.schema = 'main' AND t.type = 'table' ORDER BY 1, 2`

	columnsOfServer = `SELECT t.relname AS "table", a.attname AS name, upper(format_type(a.atttypid, NULL)) AS type, coalesce(array_position(p.conkey, a.attnum), 0) AS key
		FROM pg_class AS t JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_constraint AS p ON p.conrelid = t.oid AND p.contype = 'p'
		WHERE t.relkind IN ('r', 'p') AND t.relnamespace = current_schema()::regnamespace ORDER BY t.relname, a.attnum`
	parentsOfServer = `SELECT DISTINCT t.relname AS "table", p.relname AS parent
		FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = c.conrelid JOIN pg_class AS p ON p.oid = c.confrelid
		WHERE c.contype = 'f' AND t.relnamespace = current_schema()::regnamespace ORDER BY 1, 2`
)

// listsOfMigrations is how the names of the tables begin in which it is noted how far the schema is.
const listsOfMigrations = "bun_"

// read adds the tables that a database has, without those that are the program's own notes.
func (o *opened) read(ctx context.Context, tx bun.Tx, s *store.Store) error {
	onServer := tx.Dialect().Name() == dialect.PG
	columns, parents := columnsOfFile, parentsOfFile
	if onServer {
		columns, parents = columnsOfServer, parentsOfServer
	}
	var found []struct {
		Table, Name, Type string
		Key               int
	}
	if err := tx.NewRaw(columns).Scan(ctx, &found); err != nil {
		return fmt.Errorf("read the columns: %w", err)
	}
	var t *table
	var tables []*table
	place := map[int]int{} // in the key → among the columns
	end := func() error {
		if t == nil {
			return nil
		}
		for n := range len(place) {
			t.key = append(t.key, place[n+1])
		}
		clear(place)
		if len(t.key) == 0 {
			return fmt.Errorf("the table %s has no primary key, so its rows cannot be compared", t.name)
		}
		tables = append(tables, t)
		return nil
	}
	for _, f := range found {
		if strings.HasPrefix(f.Table, listsOfMigrations) || s.IsOwn(f.Table) {
			continue
		}
		if t == nil || t.name != f.Table {
			if err := end(); err != nil {
				return err
			}
			t = &table{name: f.Table, onServer: onServer, ctx: ctx, tx: tx}
		}
		holds, ok := contents[f.Type]
		if !ok {
			return fmt.Errorf("the column %s of %s is of the type %s, which cannot be copied", f.Name, f.Table, f.Type)
		}
		if f.Key > 0 {
			place[f.Key] = len(t.columns)
		}
		t.columns = append(t.columns, column{f.Name, holds})
	}
	if err := end(); err != nil {
		return err
	}
	var ways []struct{ Table, Parent string }
	if err := tx.NewRaw(parents).Scan(ctx, &ways); err != nil {
		return fmt.Errorf("read the foreign keys: %w", err)
	}
	for _, w := range ways {
		for _, t := range tables {
			if t.name == w.Table {
				t.parents = append(t.parents, w.Parent)
			}
		}
	}
	o.tables = append(o.tables, tables...)
	return nil
}

func (o *opened) table(name string) *table {
	for _, t := range o.tables {
		if t.name == name {
			return t
		}
	}
	return nil
}

func (t *table) quoted() string { return quoted(t.name) }

func quoted(name string) string { return `"` + name + `"` }

// names are the names of the columns.
func (t *table) names() (names []string) {
	for _, c := range t.columns {
		names = append(names, c.name)
	}
	return names
}

// pair is a table of the source with that of the target. The columns of both are in the same order.
type pair struct{ from, to *table }

// pairs are the tables of the source with those of the target, parents before their children.
func pairs(source, target *opened) (all []pair, err error) {
	byName := map[string]pair{}
	for _, from := range source.tables {
		to := target.table(from.name)
		if to == nil {
			return nil, fmt.Errorf("there is a table %s, of which this maitred knows nothing, so it would be lost", from.name)
		}
		if from, err = from.like(to); err != nil {
			return nil, err
		}
		byName[from.name] = pair{from, to}
	}
	done, within := map[string]bool{}, map[string]bool{}
	var add func(name string) error
	add = func(name string) error {
		p, ok := byName[name]
		if !ok || done[name] {
			return nil
		}
		if within[name] {
			return fmt.Errorf("the tables around %s lead to each other in a circle, so none of them can be the first", name)
		}
		within[name] = true
		for _, parent := range p.to.parents {
			if parent == name {
				continue
			}
			if err := add(parent); err != nil {
				return err
			}
		}
		done[name] = true
		all = append(all, p)
		return nil
	}
	for _, t := range source.tables {
		if err := add(t.name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// like is the table with its columns in the order of the other. Errors: they differ in more than that.
func (t *table) like(other *table) (*table, error) {
	differs := fmt.Errorf("the two sides have different columns in %s: bring both to the schema of this maitred", t.name)
	if len(t.columns) != len(other.columns) || len(t.key) != len(other.key) {
		return nil, differs
	}
	same := *t
	same.columns, same.key = nil, other.key
	for _, want := range other.columns {
		at := slices.IndexFunc(t.columns, func(c column) bool {
			return c.name == want.name && (c.holds == want.holds || c.isText() && want.isText())
		})
		if at < 0 {
			return nil, differs
		}
		same.columns = append(same.columns, t.columns[at])
	}
	for i := range t.key {
		if t.columns[t.key[i]].name != other.columns[other.key[i]].name {
			return nil, differs
		}
	}
	return &same, nil
}

// isText says that SQLite keeps it as text.
func (c column) isText() bool { return c.holds == text || c.holds == image }
