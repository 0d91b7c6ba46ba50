package dialect

import "fmt"

// SQLite is the dialect of SQLite.
type SQLite struct{}

// In implements Dialect.
func (SQLite) In(number string) string { return number + " IN (SELECT value FROM json_each(?))" }

// InTexts implements Dialect.
func (s SQLite) InTexts(text string) string { return s.In(text) }

// Listed implements Dialect.
func (SQLite) Listed() string { return "SELECT value AS key FROM json_each(?)" }

// CollectList implements Dialect.
func (SQLite) CollectList(key string) string { return "json_group_array(" + key + ")" }

// GivenRows implements Dialect.
func (SQLite) GivenRows() string { return "json_each(?) AS given" }

// Given implements Dialect. Values have their own types.
func (SQLite) Given(at int, _ Type) string { return fmt.Sprintf("(given.value ->> %d)", at) }

// LookUp implements Dialect.
func (SQLite) LookUp(key string) string {
	return "(SELECT m.value FROM json_each(?) AS m WHERE CAST(m.key AS INTEGER) = " + key + ")"
}

// Image implements Dialect. It knows no booleans: yes is 1.
func (SQLite) Image(columns []Value) string {
	return "json_object(" + pairs(columns, func(v Value) string { return v.SQL }, "'%s'") + ")"
}

// FromImage implements Dialect.
func (SQLite) FromImage(image string, c Column) string {
	return fmt.Sprintf("%s ->> '$.%s'", image, c.Name)
}

// ImageWith implements Dialect.
func (SQLite) ImageWith(image string, columns []Value) string {
	return "json_set(" + image + ", " + pairs(columns, func(v Value) string { return v.SQL }, "'$.%s'") + ")"
}

// ImageWithout implements Dialect.
func (SQLite) ImageWithout(image, column string) string {
	return "json_remove(" + image + ", '$." + column + "')"
}

// Legible implements Dialect: bytes, which JSON cannot hold, are spelled out.
func (SQLite) Legible(value string) string {
	return fmt.Sprintf("CASE typeof(%[1]s) WHEN 'blob' THEN 'bytes ' || hex(%[1]s) ELSE %[1]s END", value)
}

// Contains implements Dialect.
func (SQLite) Contains(text string) string { return "instr(" + text + ", ?) > 0" }

// EndsWith implements Dialect.
func (SQLite) EndsWith(text string) string { return "substr(" + text + ", -length(?)) = ?" }

// FindsAllFirst implements Dialect.
func (SQLite) FindsAllFirst() bool { return false }

// DeletesScatter implements Dialect.
func (SQLite) DeletesScatter() bool { return true }

// Greater implements Dialect.
func (SQLite) Greater(a, b string) string { return "max(" + a + ", " + b + ")" }

// Limit implements Dialect. The text is the same however many rows there are, so that a store can keep the statement
// prepared; and SQLite does not see that they are few, or it would rather read all and keep the first than read in
// order.
func (SQLite) Limit(rows int) (string, []any) { return " LIMIT coalesce(?, 0)", []any{rows} }

// JoinFew implements Dialect.
func (s SQLite) JoinFew(table, alias, key, rest string) string {
	return fmt.Sprintf(" %[1]s %[2]s AS %[3]s ON %[3]s.%[4]s IN (SELECT %[3]s.%[4]s FROM %[2]s AS %[3]s%[5]s)", s.JoinInOrder(), table, alias, key, rest)
}

// Join implements Dialect.
func (s SQLite) Join(table, alias, on string) string {
	return " " + s.JoinInOrder() + " " + table + " AS " + alias + " ON " + on
}

// RowByRow implements Dialect: so it does by itself.
func (SQLite) RowByRow() string { return "" }

// JoinInOrder implements Dialect. SQLite would not think of reading a list in the order of a parent's index when
// that leaves the last term of the order to be sorted.
func (SQLite) JoinInOrder() string { return "CROSS JOIN" }

// ByKey implements Dialect.
func (SQLite) ByKey() string { return "NOT INDEXED" }

// Unindexed implements Dialect.
func (SQLite) Unindexed(expression string) string { return "+" + expression }
