package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/graph"
)

// What makes it bearable to add a million rows in one transaction.

// Index is an index of a table that was put off, to be made again.
type Index struct{ name, sql string }

// PutOffIndexes drops the indexes of a kind's table, in the transaction, if more rows are to be added
// than are there: sorting all of them once is then faster than finding a place for each.
func PutOffIndexes(ctx context.Context, tx bun.Tx, k *graph.Kind, adding int64) (indexes []Index, err error) {
	var few bool
	if err := tx.NewRaw(fmt.Sprintf("SELECT count(*) <= ? FROM (SELECT 1 FROM %s LIMIT ?)", k.Table), adding, adding+1).Scan(ctx, &few); err != nil || !few {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL ORDER BY rowid", k.Table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var i Index
		if err := rows.Scan(&i.name, &i.sql); err != nil {
			return nil, err
		}
		indexes = append(indexes, i)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, i := range indexes {
		if _, err := tx.ExecContext(ctx, "DROP INDEX "+i.name); err != nil {
			return nil, fmt.Errorf("put off the index %s: %w", i.name, err)
		}
	}
	return indexes, nil
}

// MakeIndex makes an index again that was put off.
func MakeIndex(ctx context.Context, tx bun.Tx, i Index) error {
	if _, err := tx.ExecContext(ctx, i.sql); err != nil {
		return fmt.Errorf("make the index %s again: %w", i.name, err)
	}
	return nil
}

// indexMemory is how many bytes a search index gathers before it writes them: FTS5's own choice, and
// what a million rows want.
const (
	usualIndexMemory  = 1 << 20
	raisedIndexMemory = 16 << 20
)

// RaiseIndexMemory lets the kind's search index gather more before it writes.
func RaiseIndexMemory(ctx context.Context, tx bun.Tx, k *graph.Kind) error {
	return setIndexMemory(ctx, tx, k, raisedIndexMemory)
}

// LowerIndexMemory ends that.
func LowerIndexMemory(ctx context.Context, tx bun.Tx, k *graph.Kind) error {
	return setIndexMemory(ctx, tx, k, usualIndexMemory)
}

func setIndexMemory(ctx context.Context, tx bun.Tx, k *graph.Kind, bytes int) error {
	name := IndexOf(k)
	_, err := tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO %[1]s (%[1]s, rank) VALUES ('hashsize', ?)", name), bytes)
	return err
}
