package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
	sqlite3 "modernc.org/sqlite/lib"

	"maitred/models/graph"
)

// This file is all the SQL that only SQLite speaks, but for the settings in pool.go.

// SQLite is the version of the SQLite that is part of the program.
const SQLite = sqlite3.SQLITE_VERSION

// noteIndexes tells the graph which columns an index begins with.
func (s *Store) noteIndexes(ctx context.Context) error {
	for _, k := range s.Graph.Kinds() {
		var names []string
		err := s.read.NewRaw(`SELECT c.name FROM pragma_index_list(?) AS i, pragma_index_info(i.name) AS c
			WHERE c.seqno = 0 AND i.partial = 0 AND c.name IS NOT NULL ORDER BY c.name`, k.Table).Scan(ctx, &names)
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
	err := s.read.NewRaw(`SELECT t.name AS "in", f."from", f."table", f."to", f.on_delete, f.on_update
		FROM sqlite_master AS t, pragma_foreign_key_list(t.name) AS f WHERE t.type = 'table'`).Scan(ctx, &keys)
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

// Image is the SQL expression for a row as JSON; value gives the expression for each column.
func Image(columns []*graph.Column, value func(*graph.Column) string) string {
	var b strings.Builder
	b.WriteString("json_object(")
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "'%s', %s", c.Name, value(c))
	}
	b.WriteString(")")
	return b.String()
}

// Legible is the SQL expression for a value as JSON can hold it: bytes, which it cannot, are spelled
// out. No column is meant to hold any.
func Legible(value string) string {
	return fmt.Sprintf("CASE typeof(%[1]s) WHEN 'blob' THEN 'bytes ' || hex(%[1]s) ELSE %[1]s END", value)
}

// ImageValue makes a Go value what Image would have made of the stored one: SQLite knows no
// booleans.
func ImageValue(v any) any {
	if b, ok := v.(bool); ok {
		if b {
			return 1
		}
		return 0
	}
	return v
}

// FromImage is the SQL expression for one column of the row in the JSON expression image.
func FromImage(image, column string) string {
	return fmt.Sprintf("%s ->> '$.%s'", image, column)
}

// Contains is an SQL condition with one placeholder, for a value that
// is not empty. LIKE would not do: it ignores the case of ASCII letters, and % and _ are not
// themselves in it.
func Contains(column string) string { return "instr(" + column + ", ?) > 0" }

// EndsWith is like Contains; its placeholder stands twice.
func EndsWith(column string) string { return "substr(" + column + ", -length(?)) = ?" }

// JoinInOrder joins tables in the order they are written. SQLite would not think of reading a list
// in the order of a parent's index when that leaves the last term of the order to be sorted.
const JoinInOrder = "CROSS JOIN"

// ByKey follows a table that is to be read by its key and no index.
const ByKey = "NOT INDEXED"

// Unindexed is a column, or a condition, as an expression that no index serves: for what is to be
// looked at row by row, in the order of another index.
func Unindexed(column string) string { return "+" + column }

// In is an SQL condition with one placeholder, for a list made by ListOf: however long the list is,
// it is one argument.
func In(column string) string { return column + " IN (SELECT value FROM json_each(?))" }

// Listed is a query with one placeholder, for a list made by ListOf: its keys, in the column "key".
func Listed() string { return "SELECT value AS key FROM json_each(?)" }

// CollectList is an SQL aggregate that makes of keys the list that ListOf makes of them.
func CollectList(key string) string { return "json_group_array(" + key + ")" }

// ListOf is a list of keys as the argument of In.
func ListOf(keys []int64) string {
	b := append(make([]byte, 0, 2+8*len(keys)), '[')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, k, 10)
	}
	return string(append(b, ']'))
}

// GivenRows is a table of rows that we give, with one placeholder for a JSON array of arrays.
func GivenRows() string { return "json_each(?) AS given" }

// Given is the SQL expression for the value that stands at a place, from 0, in a row of GivenRows.
func Given(at int) string { return fmt.Sprintf("(given.value ->> %d)", at) }

// LookUp is an SQL expression with one placeholder, for a map made by MapOf: what the key stands
// for, NULL when it is not in the map. It reads the whole map for each row, so maps must be short.
func LookUp(key string) string {
	return "(SELECT m.value FROM json_each(?) AS m WHERE CAST(m.key AS INTEGER) = " + key + ")"
}

// MapOf is a map from keys to keys as the argument of LookUp.
func MapOf(m map[int64]int64) string {
	text, _ := json.Marshal(m) // of numbers alone; it sorts by key
	return string(text)
}

// ImageWithout is the SQL expression for the JSON expression image without one column.
func ImageWithout(image, column string) string {
	return "json_remove(" + image + ", '$." + column + "')"
}

// ImageWith is the SQL expression for the JSON expression image with other values in some columns,
// which it must have; values gives an expression for each.
func ImageWith(image string, columns, values []string) string {
	var b strings.Builder
	b.WriteString("json_set(" + image)
	for i, c := range columns {
		b.WriteString(", '$." + c + "', " + values[i])
	}
	b.WriteString(")")
	return b.String()
}
