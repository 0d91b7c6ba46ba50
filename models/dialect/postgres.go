package dialect

import (
	"fmt"
	"strconv"
)

// PostgreSQL is the dialect of PostgreSQL 15 and later, and of the databases that speak like it. It uses nothing
// beyond what those know: no function, type or operator of an extension.
type PostgreSQL struct{}

// In implements Dialect.
func (PostgreSQL) In(number string) string {
	return number + " IN (" + PostgreSQL{}.Listed() + ")"
}

// InTexts implements Dialect.
func (PostgreSQL) InTexts(text string) string {
	return text + " IN (SELECT value FROM json_array_elements_text(?::json))"
}

// Listed implements Dialect. PostgreSQL reads an array of its own in a quarter of the time that one of JSON takes.
func (PostgreSQL) Listed() string {
	return "SELECT unnest(translate(?, '[]', '{}')::bigint[]) AS key"
}

// CollectList implements Dialect.
func (PostgreSQL) CollectList(key string) string {
	return "'[' || coalesce(btrim(array_agg(" + key + ")::text, '{}'), '') || ']'"
}

// GivenRows implements Dialect.
func (PostgreSQL) GivenRows() string { return "json_array_elements(?::json) AS given (value)" }

// Given implements Dialect.
func (PostgreSQL) Given(at int, t Type) string {
	value := fmt.Sprintf("(given.value ->> %d)", at)
	if t == Text {
		return value
	}
	return value + "::bigint"
}

// LookUp implements Dialect.
func (PostgreSQL) LookUp(key string) string { return "(?::jsonb ->> (" + key + ")::text)::bigint" }

// Image implements Dialect.
func (PostgreSQL) Image(columns []Value) string {
	return "jsonb_build_object(" + pairs(columns, inImage, "'%s'") + ")"
}

// inImage is a value as an image holds it.
func inImage(v Value) string {
	if v.Type == Boolean {
		return "(" + v.SQL + ")::int"
	}
	return v.SQL
}

// FromImage implements Dialect.
func (PostgreSQL) FromImage(image string, c Column) string {
	value := fmt.Sprintf("(%s ->> '%s')", image, c.Name)
	switch c.Type {
	case Integer:
		return value + "::bigint"
	case Boolean:
		return value + "::int::boolean"
	default:
		return value
	}
}

// ImageWith implements Dialect.
func (p PostgreSQL) ImageWith(image string, columns []Value) string {
	return "(" + image + " || " + p.Image(columns) + ")"
}

// ImageWithout implements Dialect.
func (PostgreSQL) ImageWithout(image, column string) string {
	return "(" + image + " - '" + column + "')"
}

// Legible implements Dialect: a column holds what it is meant to.
func (PostgreSQL) Legible(value string) string { return value }

// Contains implements Dialect.
func (PostgreSQL) Contains(text string) string { return "strpos(" + text + ", ?) > 0" }

// EndsWith implements Dialect.
func (PostgreSQL) EndsWith(text string) string { return "right(" + text + ", length(?)) = ?" }

// FindsAllFirst implements Dialect.
func (PostgreSQL) FindsAllFirst() bool { return true }

// DeletesScatter implements Dialect. What is gone is taken out of the indexes later, by a vacuum.
func (PostgreSQL) DeletesScatter() bool { return false }

// Greater implements Dialect.
func (PostgreSQL) Greater(a, b string) string { return "greatest(" + a + ", " + b + ")" }

// Limit implements Dialect. PostgreSQL reads in the order of an index only where it sees that the rows are few.
func (PostgreSQL) Limit(rows int) (string, []any) { return " LIMIT " + strconv.Itoa(rows), nil }

// JoinFew implements Dialect. PostgreSQL would look at all rows of the table for each row of the others, if they
// were asked for by their keys.
func (p PostgreSQL) JoinFew(table, alias, _, rest string) string {
	return fmt.Sprintf(" %[1]s LATERAL (SELECT * FROM %[2]s AS %[3]s%[4]s) AS %[3]s ON TRUE", p.JoinInOrder(), table, alias, rest)
}

// Join implements Dialect. Of tables that are simply joined PostgreSQL chooses by itself which it reads first, by what
// it guesses.
func (p PostgreSQL) Join(table, alias, on string) string {
	return p.JoinFew(table, alias, "", " WHERE "+on+p.RowByRow())
}

// RowByRow implements Dialect. It would answer for all rows there are before it looks at the first.
func (PostgreSQL) RowByRow() string { return " OFFSET 0" }

// JoinInOrder implements Dialect.
func (PostgreSQL) JoinInOrder() string { return "JOIN" }

// ByKey implements Dialect.
func (PostgreSQL) ByKey() string { return "" }

// Unindexed implements Dialect.
func (PostgreSQL) Unindexed(expression string) string { return expression }
