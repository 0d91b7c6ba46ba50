// Package dialect is the SQL that databases spell differently. Whoever builds a statement asks the dialect of
// the database that it is for; all other SQL of this program is what each of them understands.
package dialect

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/schema"
)

// Type is what a column holds.
type Type string

// The types of columns.
const (
	Integer Type = "number"
	Text    Type = "text"
	Boolean Type = "yes or no"
)

// Column is a column as far as it matters how it is spelled.
type Column struct {
	Name string
	Type Type
}

// Value is a column with the SQL expression for what it gets.
type Value struct {
	Column
	SQL string
}

// Dialect spells SQL. All methods give expressions or conditions, and say which placeholders these have. A row's
// image is a JSON object by column, in which yes is 1 and no is 0.
type Dialect interface {
	// In is the condition, with one placeholder for a list made by ListOf, that a number is in it: however long
	// the list is, it is one argument. InTexts is the same for texts, in a JSON array.
	In(number string) string
	InTexts(text string) string

	// Listed is a query with one placeholder, for a list made by ListOf: its keys, in the column "key".
	Listed() string
	// CollectList is the aggregate that makes of keys the list that ListOf makes of them.
	CollectList(key string) string

	// GivenRows is a table of rows that we give, with one placeholder for a JSON array of arrays. Given is the
	// value that stands at a place, from 0, in such a row; yes is 1 and no is 0.
	GivenRows() string
	Given(at int, t Type) string

	// LookUp is the expression, with one placeholder for a map made by MapOf, for what the key stands for; NULL
	// when it is not in the map. The key must be qualified by its table. It may read the whole map for each row, so maps must be short.
	LookUp(key string) string

	// Image is a row as JSON, FromImage one column of the row in the JSON expression image, ImageWith that image
	// with other values in some columns, which it must have, and ImageWithout the image without one column.
	Image(columns []Value) string
	FromImage(image string, c Column) string
	ImageWith(image string, columns []Value) string
	ImageWithout(image, column string) string

	// Legible is a value as JSON can hold it, also where the database lets columns hold what they are not meant to.
	Legible(value string) string

	// Contains is the condition, with one placeholder, that a text contains another, which is not empty; EndsWith
	// is the same for its end, and its placeholder stands twice. LIKE would not do: it may ignore the case of
	// letters, and % and _ are not themselves in it.
	Contains(text string) string
	EndsWith(text string) string

	// FindsAllFirst says that a SELECT DISTINCT finds all rows before it has one.
	FindsAllFirst() bool

	// DeletesScatter says that a DELETE takes each row out of the indexes at once, wherever in them it stands.
	DeletesScatter() bool

	// Greater is the greater of two numbers.
	Greater(a, b string) string

	// Limit ends a statement that reads in the order of an index after so many rows, with its arguments.
	Limit(rows int) (sql string, args []any)

	// JoinFew joins, to tables that are read in an order, those rows of a table that a query finds: rest is its
	// WHERE, ORDER BY and LIMIT, and may speak of the tables before. It is asked once for each of their rows.
	JoinFew(table, alias, key, rest string) string

	// RowByRow ends a subquery of EXISTS that is to be asked for one row after the other, of which few will be looked at.
	RowByRow() string

	// Join joins, to tables that are read first, the rows of another one that belong to each of theirs: on says which.
	Join(table, alias, on string) string

	// JoinInOrder joins tables that are best read in the order in which they are written, and whose rows come in
	// that of the first table's index, as those of Join may not. ByKey follows a
	// table that is to be read by its key and no index. Unindexed is a column or a condition as an expression
	// that is to be looked at row by row, in the order of another index. To a database that decides better by
	// itself they say nothing.
	JoinInOrder() string
	ByKey() string
	Unindexed(expression string) string
}

// Of is the dialect that a database, or a transaction on it, speaks.
func Of(db interface{ Dialect() schema.Dialect }) Dialect {
	if db.Dialect().Name() == dialect.PG {
		return PostgreSQL{}
	}
	return SQLite{}
}

// ListOf is a list of keys as an argument of In and Listed.
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

// MapOf is a map from keys to keys as the argument of LookUp.
func MapOf(m map[int64]int64) string {
	text, _ := json.Marshal(m) // of numbers alone; it sorts by key
	return string(text)
}

// ImageValue makes a Go value what an image holds of it.
func ImageValue(v any) any {
	if b, ok := v.(bool); ok {
		if b {
			return 1
		}
		return 0
	}
	return v
}

// pairs are the columns as the arguments of a function that makes a JSON object.
func pairs(columns []Value, value func(Value) string, name string) string {
	var b strings.Builder
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, name+", %s", c.Name, value(c))
	}
	return b.String()
}
