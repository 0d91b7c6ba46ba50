package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
	sqlite3 "modernc.org/sqlite/lib"

	"maitred/models/graph"
)

// This file asks SQLite about itself.

// SQLite is the version of the SQLite that is part of the program.
const SQLite = sqlite3.SQLITE_VERSION

// noteIndexes tells the graph which columns an index begins with.
func (s *Store) noteIndexes(ctx context.Context) error {
	q := `SELECT c.name FROM pragma_index_list(?) AS i, pragma_index_info(i.name) AS c
		WHERE c.seqno = 0 AND i.partial = 0 AND c.name IS NOT NULL ORDER BY c.name`
	if s.onServer {
		q = firstColumnsOfIndexes
	}
	for _, k := range s.Graph.Kinds() {
		var names []string
		err := s.read.NewRaw(q, k.Table).Scan(ctx, &names)
		if err != nil {
			return fmt.Errorf("read the indexes of %s: %w", k.Table, err)
		}
		k.Key.Listed = true
		for _, n := range names {
			if c := k.Column(n); c != nil {
				c.Listed = true
			}
		}
	}
	return nil
}

// checkForeignKeys compares the foreign keys of the schema with the relations of the models, both
// ways. A difference would make a preview blind for what the database takes along. Tables that no
// model knows of may point at each other, but not at records.
func (s *Store) checkForeignKeys(ctx context.Context) error {
	var keys []struct {
		In, From, Table, To string
		OnDelete, OnUpdate  string
	}
	q := `SELECT t.name AS "in", f."from", f."table", f."to", f.on_delete, f.on_update
		FROM sqlite_master AS t, pragma_foreign_key_list(t.name) AS f WHERE t.type = 'table'`
	if s.onServer {
		q = foreignKeys
	}
	err := s.read.NewRaw(q).Scan(ctx, &keys)
	if err != nil {
		return fmt.Errorf("read the foreign keys: %w", err)
	}
	inSchema := map[*graph.Kind][]string{}
	for _, f := range keys {
		k := s.Graph.ByTable(f.In)
		if k == nil && s.Graph.ByTable(f.Table) != nil {
			return fmt.Errorf("the table %s points at %s, and no model leads there", f.In, f.Table)
		}
		inSchema[k] = append(inSchema[k], foreignKey(f.From, f.Table, f.To, f.OnDelete, f.OnUpdate))
	}
	for _, k := range s.Graph.Kinds() {
		var inModels []string
		for _, r := range k.Parents {
			inModels = append(inModels, foreignKey(r.Column.Name, r.To.Table, r.To.Key.Name, "CASCADE", "CASCADE"))
		}
		if !sameSet(inSchema[k], inModels) {
			return fmt.Errorf("foreign keys of %s: the schema has %q, the models declare %q", k.Table, inSchema[k], inModels)
		}
	}
	return nil
}

func foreignKey(column, table, to, onDelete, onUpdate string) string {
	return fmt.Sprintf("%s → %s.%s, on delete %s, on update %s", column, table, to, onDelete, onUpdate)
}

func sameSet(a, b []string) bool {
	count := map[string]int{}
	for _, x := range a {
		count[x]++
	}
	for _, x := range b {
		count[x]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// IsFile says that a database is a file of SQLite, whose pages can be looked at.
func IsFile(db bun.IDB) bool { return !onServer(db) }

// Damage tells what is wrong with the file itself, its pages and its indexes: a hundred things at
// most, none when it is whole. The CHECK constraints of the schema are not looked at in a file that
// was opened to be read: SQLite does not even parse them there.
func Damage(ctx context.Context, tx bun.Tx, g *graph.Graph, found func(what string)) error {
	readIndexesAgain(ctx, tx, g)
	return integrity(ctx, tx, found)
}

func integrity(ctx context.Context, db bun.IDB, found func(what string)) error {
	rows, err := db.QueryContext(ctx, "PRAGMA integrity_check")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var what string
		if err := rows.Scan(&what); err != nil {
			return err
		}
		if what != "ok" {
			found(what)
		}
	}
	return rows.Err()
}

// tablesIn names the tables that have rows of their own.
func tablesIn(ctx context.Context, db bun.IDB) (names []string, err error) {
	err = db.NewRaw("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name").Scan(ctx, &names)
	return names, err
}

// Orphan is a row whose foreign key leads nowhere.
type Orphan struct {
	Table  string
	Key    *int64 // nil where the table's rows have no number; then it stands for Rows of them
	Rows   int64
	Column string // the foreign key
	Parent string // the table it leads to
}

// Orphans finds the rows of all tables whose foreign keys lead nowhere.
func Orphans(ctx context.Context, tx bun.Tx, found func(Orphan)) error {
	if onServer(tx) {
		return orphansOnServer(ctx, tx, found)
	}
	rows, err := tx.QueryContext(ctx, `SELECT c."table", c.rowid, count(*), k."from", c.parent
		FROM pragma_foreign_key_check AS c JOIN pragma_foreign_key_list(c."table") AS k ON k.id = c.fkid
		GROUP BY c."table", c.rowid, k."from", c.parent ORDER BY c."table", c.rowid, k."from"`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var o Orphan
		if err := rows.Scan(&o.Table, &o.Key, &o.Rows, &o.Column, &o.Parent); err != nil {
			return err
		}
		found(o)
	}
	return rows.Err()
}
