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
	if onServer(tx) {
		return nil, nil
	}
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

// How many bytes a search index gathers before it writes them, and how many parts of it are merged at
// a time: FTS5's own choice, and what a million rows want, which are merged once, at the end.
const (
	usualIndexMemory, usualMerging = 1 << 20, 4
	bulkIndexMemory, bulkMerging   = 16 << 20, 0
)

// BeginBulk prepares the kind's search index for many rows, in the transaction.
func BeginBulk(ctx context.Context, tx bun.Tx, k *graph.Kind) error {
	if onServer(tx) {
		return nil
	}
	return setUpIndex(ctx, tx, k, bulkIndexMemory, bulkMerging)
}

// EndBulk merges what was written and makes the index what it was.
func EndBulk(ctx context.Context, tx bun.Tx, k *graph.Kind) error {
	if onServer(tx) {
		return nil
	}
	if err := tellIndex(ctx, tx, k, "optimize", nil); err != nil {
		return err
	}
	return setUpIndex(ctx, tx, k, usualIndexMemory, usualMerging)
}

func setUpIndex(ctx context.Context, tx bun.Tx, k *graph.Kind, memory, merging int) error {
	if err := tellIndex(ctx, tx, k, "hashsize", memory); err != nil {
		return err
	}
	return tellIndex(ctx, tx, k, "automerge", merging)
}

// tellIndex gives a search index one of FTS5's orders, which are insertions into a column of its name.
func tellIndex(ctx context.Context, tx bun.Tx, k *graph.Kind, order string, value any) error {
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO %[1]s (%[1]s, rank) VALUES (?, ?)", IndexOf(k)), order, value); err != nil {
		return fmt.Errorf("%s %s: %w", order, IndexOf(k), err)
	}
	return nil
}
