package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"modernc.org/sqlite"

	"maitred/models/graph"
	"maitred/models/text"
)

// The search index is an FTS5 table of trigrams beside each kind that has texts of its own to search.
// It holds no text, only which rows have which three letters, in the form that text.Marked gives
// them: so one and two letters can be found too, where a word starts. Like every index it follows
// from the tables: it is made when a store opens and finds none, or one of another definition or with too few rows.
//
// It is without detail because positions would triple its size and double the time of every write;
// whoever asks for more than three letters looks at the text as well.

func init() {
	sqlite.MustRegisterDeterministicScalarFunction("search_words", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		if s, ok := args[0].(string); ok {
			return text.Marked(s), nil
		}
		return nil, nil
	})
}

// Marked is the SQL expression for a normalised text of a row of the kind, which the query calls by an alias, as
// text.Marked gives it.
func Marked(k *graph.Kind, alias string, norm *graph.Column) string {
	if isOnServer(k) {
		return fmt.Sprintf("(SELECT marked.%s FROM %s AS marked WHERE marked.rowid = %s.%s)", k.NormOf(norm).Name, IndexOf(k), alias, k.Key.Name)
	}
	return marked(alias + "." + norm.Name)
}

func marked(norm string) string { return "search_words(" + norm + ")" }

// IndexOf is the name of the kind's search index.
func IndexOf(k *graph.Kind) string { return k.Table + "_search" }

// indexColumns are the names of the index's columns and, by value, the expressions they are filled with.
func indexColumns(k *graph.Kind, value func(*graph.Column) string) (names, values string) {
	var ns, vs []string
	for _, c := range k.Searched {
		ns, vs = append(ns, c.Name), append(vs, marked(value(c.Norm)))
	}
	return strings.Join(ns, ", "), strings.Join(vs, ", ")
}

// ensureIndexes makes the search indexes that are missing or of another definition.
func (s *Store) ensureIndexes(ctx context.Context) error {
	for _, k := range s.Graph.Kinds() {
		if len(k.Searched) == 0 {
			continue
		}
		// Looked at before, so that a start does not wait for one that has been writing for minutes.
		if as, err := s.hasIndex(ctx, k); err != nil {
			return fmt.Errorf("read the search index of %s: %w", k.Table, err)
		} else if as {
			continue
		}
		if err := s.Change(ctx, func(ctx context.Context, tx bun.Tx) error { return ensureIndex(ctx, tx, k) }); err != nil {
			return fmt.Errorf("make the search index of %s: %w", k.Table, err)
		}
	}
	return nil
}

func ensureIndex(ctx context.Context, tx bun.Tx, k *graph.Kind) error {
	made, err := isIndexed(ctx, tx, k)
	if made || err != nil {
		return err
	}
	if onServer(tx) {
		return makeServerIndex(ctx, tx, k)
	}
	name := IndexOf(k)
	columns, values := indexColumns(k, func(c *graph.Column) string { return c.Name })
	for _, q := range append([]string{
		"DROP TABLE IF EXISTS " + name + entries,
		"DROP TABLE IF EXISTS " + name,
	}, append(definition(k),
		// Rows that are gone stay until they are half of a part, which is then written anew. At the
		// usual tenth, to delete a million rows would write all of the others again and again.
		fmt.Sprintf("INSERT INTO %s (%s, rank) VALUES ('deletemerge', 50)", name, name),
		// In the order of keys: a lower one than the last makes the index begin another part.
		fmt.Sprintf("INSERT INTO %s (rowid, %s) SELECT %s, %s FROM %s ORDER BY %s", name, columns, k.Key.Name, values, k.Table, k.Key.Name),
	)...) {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// entries is what the name of an index is followed by in that of the table of its entries. That one
// holds nothing: it shows what is in the index, so that it can be checked.
const entries = "_entries"

// definition is the statements that make the index and the table of its entries.
func definition(k *graph.Kind) []string {
	name := IndexOf(k)
	columns, _ := indexColumns(k, func(c *graph.Column) string { return c.Name })
	return []string{
		fmt.Sprintf("CREATE VIRTUAL TABLE %s USING fts5(%s, tokenize = 'trigram case_sensitive 1', content = '', contentless_delete = 1, detail = none)", name, columns),
		fmt.Sprintf("CREATE VIRTUAL TABLE %s USING fts5vocab(%s, instance)", name+entries, name),
	}
}

// hasIndex is isIndexed as of one moment, without waiting for whoever writes.
func (s *Store) hasIndex(ctx context.Context, k *graph.Kind) (is bool, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		is, err = isIndexed(ctx, tx, k)
		return err
	})
	return is, err
}

// isIndexed says that the kind's search index is there as it would be made, with all rows.
func isIndexed(ctx context.Context, tx bun.Tx, k *graph.Kind) (bool, error) {
	made, err := indexIsMade(ctx, tx, k)
	if !made || err != nil {
		return false, err
	}
	return indexIsFull(ctx, tx, k)
}

// indexIsMade says that the kind's search index is there as it would be made.
func indexIsMade(ctx context.Context, tx bun.IDB, k *graph.Kind) (bool, error) {
	if onServer(tx) {
		return serverIndexIsMade(ctx, tx, k)
	}
	var found []string
	err := tx.NewRaw("SELECT sql FROM sqlite_master WHERE name IN (?, ?) ORDER BY name", IndexOf(k), IndexOf(k)+entries).Scan(ctx, &found)
	return slices.Equal(found, definition(k)), err
}

// indexIsFull says that the kind's search index has as many rows as the kind. It has not where something
// else than this program wrote to the database. Whether it is right in each is for a check to say.
func indexIsFull(ctx context.Context, tx bun.IDB, k *graph.Kind) (full bool, err error) {
	if onServer(tx) {
		return serverIndexIsFull(ctx, tx, k)
	}
	err = tx.NewRaw(fmt.Sprintf("SELECT (SELECT count(*) FROM %s_docsize) = (SELECT count(*) FROM %s)", IndexOf(k), k.Table)).Scan(ctx, &full)
	return full, err
}

// RemoveFromIndex takes the rows with these keys, a query, out of the kind's search index, and returns how many.
func RemoveFromIndex(ctx context.Context, tx bun.Tx, k *graph.Kind, keys string, args ...any) (int64, error) {
	return execRows(ctx, tx, fmt.Sprintf("DELETE FROM %s WHERE rowid IN (%s)", IndexOf(k), keys), args...)
}

// PutIntoIndex puts rows, whose image is the JSON expression image, into the kind's search index, over what is
// there of them, and returns how many.
func PutIntoIndex(ctx context.Context, tx bun.Tx, k *graph.Kind, key, image, from string, args ...any) (int64, error) {
	value := func(c *graph.Column) string { return c.FromImage(image) }
	if onServer(tx) {
		keys, err := putIntoServerIndex(ctx, tx, k, key, value, from+" ORDER BY "+key, args...)
		return int64(len(keys)), err
	}
	columns, values := indexColumns(k, value)
	// In the order of keys: a lower one than the last makes the index begin another part.
	return execRows(ctx, tx, fmt.Sprintf("INSERT OR REPLACE INTO %s (rowid, %s) SELECT %s, %s %s ORDER BY %s", IndexOf(k), columns, key, values, from, key), args...)
}

// IndexRows adds the rows with keys from the first to the last to the search index of their kind.
func IndexRows(ctx context.Context, tx bun.Tx, k *graph.Kind, first, last int64) (int64, error) {
	value := func(c *graph.Column) string { return c.Name }
	from := fmt.Sprintf("FROM %s WHERE %[2]s BETWEEN ? AND ? ORDER BY %[2]s", k.Table, k.Key.Name)
	if onServer(tx) {
		keys, err := putIntoServerIndex(ctx, tx, k, k.Key.Name, value, from, first, last)
		return int64(len(keys)), err
	}
	columns, values := indexColumns(k, value)
	return execRows(ctx, tx, fmt.Sprintf("INSERT INTO %s (rowid, %s) SELECT %s, %s %s", IndexOf(k), columns, k.Key.Name, values, from), first, last)
}

func execRows(ctx context.Context, tx bun.Tx, query string, args ...any) (int64, error) {
	res, err := tx.NewRaw(query, args...).Exec(ctx)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// NoIndex says that a file that is only read has no search index of a table as this program makes it.
type NoIndex struct{ table string }

func (n *NoIndex) Error() string {
	return "has no search index of " + n.table + " as this maitred makes it: start it on the file once, which makes it"
}

// checkIndexes says which search index is missing, or of another definition, in a file that is only read.
func (s *Store) checkIndexes(ctx context.Context) error {
	var errs []error
	for _, k := range s.Graph.Kinds() {
		if len(k.Searched) == 0 {
			continue
		}
		made, err := indexIsMade(ctx, s.read, k)
		if err != nil {
			return err
		}
		if !made {
			errs = append(errs, &NoIndex{k.Table})
		}
	}
	return errors.Join(errs...)
}

// Matching is an SQL condition with one placeholder, for a question made by AllOf: the row of the
// index that the query calls by its own name has all these trigrams.
func Matching(k *graph.Kind) string {
	if isOnServer(k) {
		return IndexOf(k) + "." + trigrams + " @@ ?::tsquery"
	}
	return IndexOf(k) + " MATCH ?"
}

// maxTrigrams is how many trigrams one question has. A few find nearly as little as many, and FTS5
// takes quadratic time to read a long question.
const maxTrigrams = 16

// AllOf is the question for rows that have all of these trigrams, as the argument of Matching. Of
// very many only the first are asked for.
func AllOf(k *graph.Kind, trigrams []string) string {
	trigrams = trigrams[:min(len(trigrams), maxTrigrams)]
	quoted := make([]string, len(trigrams))
	for i, t := range trigrams {
		quoted[i] = quotedIn(k, t)
	}
	if isOnServer(k) {
		return strings.Join(quoted, " & ")
	}
	return strings.Join(quoted, " AND ")
}

func quotedIn(k *graph.Kind, trigram string) string {
	if isOnServer(k) {
		return quotedForServer(trigram)
	}
	return `"` + strings.ReplaceAll(trigram, `"`, `""`) + `"`
}

// AnyOfEach is the question for rows that have, of each of these groups of trigrams, any. Of very many
// in a group only the first are asked for.
func AnyOfEach(k *graph.Kind, groups ...[]string) string {
	or, and := " OR ", " AND "
	if isOnServer(k) {
		or, and = " | ", " & "
	}
	all := make([]string, len(groups))
	for i, trigrams := range groups {
		var any []string
		for _, t := range trigrams[:min(len(trigrams), maxTrigrams)] {
			any = append(any, quotedIn(k, t))
		}
		all[i] = "(" + strings.Join(any, or) + ")"
	}
	return strings.Join(all, and)
}
