package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/dialect"
	"maitred/models/graph"
	"maitred/models/text"
)

// With PostgreSQL the search index is a table beside each kind, of the same texts as the one of SQLite: a row for
// each record, with each text as text.Marked gives it, and the trigrams of all of them as a tsvector, whose words
// they are. It needs no extension, so that whoever owns a database can use it, and cuts texts by our own rules:
// pg_trgm would know no letter beyond ASCII in a database whose locale is C, and none of ours that begin a word.

// trigrams is the column of the index with the trigrams of all texts.
const trigrams = "trigrams"

// serverIndex is the statements that make the index's table, and the index that it is searched by once it is full.
func serverIndex(k *graph.Kind) (table, search string) {
	var columns []string
	for _, c := range k.Searched {
		columns = append(columns, c.Name+` TEXT COLLATE "C" NOT NULL`)
	}
	name := IndexOf(k)
	return fmt.Sprintf("CREATE TABLE %s (rowid BIGINT PRIMARY KEY, %s, %s TSVECTOR NOT NULL)", name, strings.Join(columns, ", "), trigrams),
		fmt.Sprintf("CREATE INDEX %[1]s_%[2]s ON %[1]s USING gin (%[2]s)", name, trigrams)
}

// indexPortion is how many rows are indexed at once: their texts are in memory.
const indexPortion = 5000

// makeServerIndex makes the index anew, of all rows.
func makeServerIndex(ctx context.Context, tx bun.Tx, k *graph.Kind) error {
	table, search := serverIndex(k)
	for _, q := range []string{"DROP TABLE IF EXISTS " + IndexOf(k), table} {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	for after, n := int64(-1<<63), int64(indexPortion); n == indexPortion; {
		from := fmt.Sprintf("FROM %s WHERE %[2]s > ? ORDER BY %[2]s LIMIT %[3]d", k.Table, k.Key.Name, indexPortion)
		keys, err := putIntoServerIndex(ctx, tx, k, k.Key.Name, func(c *graph.Column) string { return c.Name }, from, after)
		if err != nil {
			return err
		}
		if n = int64(len(keys)); n > 0 {
			after = keys[n-1]
		}
	}
	_, err := tx.ExecContext(ctx, search)
	return err
}

// serverIndexIsMade says that the index is there as it would be made.
func serverIndexIsMade(ctx context.Context, db bun.IDB, k *graph.Kind) (bool, error) {
	var columns []string
	err := db.NewRaw("SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position", IndexOf(k)).Scan(ctx, &columns)
	if err != nil {
		return false, err
	}
	want := []string{"rowid"}
	for _, c := range k.Searched {
		want = append(want, c.Name)
	}
	if !slices.Equal(columns, append(want, trigrams)) {
		return false, nil
	}
	var searched bool
	err = db.NewRaw("SELECT count(*) = 1 FROM pg_indexes WHERE schemaname = current_schema() AND tablename = ? AND indexname = ?", IndexOf(k), IndexOf(k)+"_"+trigrams).Scan(ctx, &searched)
	return searched, err
}

// mostCounted is how many rows of an index and of its kind are counted at a start. To count a hundred million, a
// server needs twenty seconds.
const mostCounted = 100_000

// serverIndexIsFull is indexIsFull. Where there are more rows than are counted it sees whether their ends agree.
func serverIndexIsFull(ctx context.Context, db bun.IDB, k *graph.Kind) (full bool, err error) {
	const seen = "(SELECT count(*) FROM (SELECT 1 FROM %[1]s LIMIT %[3]d) AS counted), (SELECT min(%[2]s) FROM %[1]s), (SELECT max(%[2]s) FROM %[1]s)"
	q := fmt.Sprintf("SELECT ("+seen+")", IndexOf(k), "rowid", mostCounted) + " IS NOT DISTINCT FROM " + fmt.Sprintf("("+seen+")", k.Table, k.Key.Name, mostCounted)
	err = db.NewRaw(q).Scan(ctx, &full)
	return full, err
}

// TextsInIndex is the query for the key of each row of the kind that its search index has, its normalised texts,
// and, in the same order, what the index has of them; "" where it has none.
func TextsInIndex(k *graph.Kind) string {
	if !isOnServer(k) {
		return ""
	}
	columns := []string{"t." + k.Key.Name}
	for _, c := range k.Searched {
		columns = append(columns, "t."+c.Norm.Name)
	}
	for _, c := range k.Searched {
		columns = append(columns, "i."+c.Name)
	}
	return fmt.Sprintf("SELECT %s FROM %s AS t JOIN %s AS i ON i.rowid = t.%[4]s ORDER BY t.%[4]s", strings.Join(columns, ", "), k.Table, IndexOf(k), k.Key.Name)
}

// putIntoServerIndex reads keys and normalised texts, by value the expressions for these, and puts them into the
// index, over what is there of them. It returns the keys, in the order in which they came.
func putIntoServerIndex(ctx context.Context, tx bun.Tx, k *graph.Kind, key string, value func(*graph.Column) string, from string, args ...any) (keys []int64, err error) {
	values := []string{key}
	for _, c := range k.Searched {
		values = append(values, value(c.Norm))
	}
	rows, err := tx.QueryContext(ctx, "SELECT "+strings.Join(values, ", ")+" "+from, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	norms := make([][]string, len(k.Searched)) // by column, then by row
	read := make([]string, len(k.Searched))
	into := []any{new(int64)}
	for i := range read {
		into = append(into, &read[i])
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		keys = append(keys, *into[0].(*int64))
		for i, norm := range read {
			norms[i] = append(norms[i], norm)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil { // the connection is needed
		return nil, err
	}
	return keys, writeIntoServerIndex(ctx, tx, k, keys, norms)
}

// indexedAtOnce is how many rows one statement puts into the index.
const indexedAtOnce = 1000

// writeIntoServerIndex puts rows into the index. What a statement is given is made beside, on another processor.
func writeIntoServerIndex(ctx context.Context, tx bun.Tx, k *graph.Kind, keys []int64, norms [][]string) error {
	q := intoServerIndex(k)
	made := make(chan []any, 1)
	stopped := make(chan struct{})
	defer close(stopped)
	go func() {
		defer close(made)
		for from := 0; from < len(keys); from += indexedAtOnce {
			select {
			case made <- indexed(keys, norms, from, min(from+indexedAtOnce, len(keys))):
			case <-stopped:
				return
			}
		}
	}()
	for some := range made {
		if _, err := tx.Tx.ExecContext(ctx, q, some...); err != nil {
			return err
		}
	}
	return nil
}

// indexed are rows of the index: a JSON array for each of its columns, of the keys, of the texts as they are marked,
// and of all their trigrams.
func indexed(keys []int64, norms [][]string, from, to int) []any {
	words := make([]string, to-from)
	marked := make([][]string, len(norms))
	for c := range marked {
		marked[c] = make([]string, to-from)
	}
	for i := range words {
		var all strings.Builder
		for c, texts := range norms {
			marked[c][i] = text.Marked(texts[from+i])
			trigramsOf(marked[c][i], func(trigram string) { all.WriteString("'" + quoted.Replace(trigram) + "' ") })
		}
		words[i] = all.String()
	}
	columns := []any{dialect.ListOf(keys[from:to])}
	for _, texts := range marked {
		columns = append(columns, jsonOf(texts))
	}
	return append(columns, jsonOf(words))
}

// jsonOf is texts as a JSON array.
func jsonOf(texts []string) string {
	list, _ := json.Marshal(texts) // of texts alone
	return string(list)
}

// intoServerIndex is the statement that puts rows into the index, with the arguments of indexed.
func intoServerIndex(k *graph.Kind) string {
	names, sets := []string{"rowid"}, []string{trigrams + " = excluded." + trigrams}
	for _, c := range k.Searched {
		names, sets = append(names, c.Name), append(sets, c.Name+" = excluded."+c.Name)
	}
	columns := strings.Join(names, ", ") + ", " + trigrams
	given := strings.TrimSuffix(strings.Repeat("json_array_elements_text(?::json), ", len(names)+1), ", ")
	values := strings.Replace(columns, "rowid", "rowid::bigint", 1) + "::tsvector"
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM ROWS FROM (%s) AS given (%s) ON CONFLICT (rowid) DO UPDATE SET %s",
		IndexOf(k), columns, values, given, columns, strings.Join(sets, ", "))
}

// quotedForServer is a trigram as a word of a tsquery.
func quotedForServer(trigram string) string {
	return "'" + quoted.Replace(noCharacters.Replace(trigram)) + "'"
}

var quoted = strings.NewReplacer("'", "''", `\`, `\\`)
