package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"

	"maitred/models/graph"
)

// This file writes many rows into a table that nobody else writes to: those of another database.

// How much one statement of SQLite writes at most: more rows save little, and large ones are not gathered.
const (
	pouredRows  = 50
	pouredBytes = 1 << 20
)

// connKey is under what a context carries the connection of a write transaction of PostgreSQL.
type connKey struct{}

// Pour writes rows into a table, in the write transaction that ctx is of, in the fastest way the database has.
// next returns the values of one row after another, in the order of the columns, and nil after the last; they must
// be of the columns' types. A bounded number of rows is in memory. Indexes and foreign keys are kept. next may be
// called by another goroutine, but not after Pour has returned. Errors: those of next as they are.
func Pour(ctx context.Context, tx bun.Tx, table string, columns []string, next func() ([]any, error)) (rows int64, err error) {
	var failed error
	counted := func() ([]any, error) {
		row, err := next()
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			failed = err
			return nil, err
		}
		if row != nil {
			rows++
		}
		return row, nil
	}
	if onServer(tx) {
		err = pourIntoServer(ctx, table, columns, counted)
	} else {
		err = pourIntoFile(ctx, tx, table, columns, counted)
	}
	if failed != nil { // the database only knows that it was told to give up
		err = failed
	}
	return rows, err
}

// pourIntoServer uses COPY, which is below database/sql.
func pourIntoServer(ctx context.Context, table string, columns []string, next func() ([]any, error)) error {
	conn, ok := ctx.Value(connKey{}).(bun.Conn)
	if !ok {
		return errors.New("there is no write transaction to pour rows into")
	}
	return conn.Raw(func(c any) error {
		of, ok := c.(*watchedConn).conn.(*stdlib.Conn)
		if !ok {
			return errors.New("this driver cannot copy rows")
		}
		_, err := of.Conn().CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(next))
		return err
	})
}

// pourIntoFile uses a statement for some rows at a time.
func pourIntoFile(ctx context.Context, tx bun.Tx, table string, columns []string, next func() ([]any, error)) error {
	one := "(?" + strings.Repeat(", ?", len(columns)-1) + ")"
	insert := func(rows int) string {
		return fmt.Sprintf(`INSERT INTO "%s" ("%s") VALUES %s%s`, table, strings.Join(columns, `", "`), one, strings.Repeat(", "+one, rows-1))
	}
	var full *sql.Stmt
	for more := true; more; {
		values, rows, bytes := make([]any, 0, pouredRows*len(columns)), 0, 0
		for rows < pouredRows && bytes < pouredBytes {
			row, err := next()
			if err != nil {
				return err
			}
			if row == nil {
				more = false
				break
			}
			values = append(values, row...)
			rows, bytes = rows+1, bytes+sizeOf(row)
		}
		var err error
		switch {
		case rows == 0:
		case rows < pouredRows:
			_, err = tx.Tx.ExecContext(ctx, insert(rows), values...)
		case full == nil:
			if full, err = tx.Tx.PrepareContext(ctx, insert(rows)); err != nil {
				break
			}
			defer full.Close()
			fallthrough
		default:
			_, err = full.ExecContext(ctx, values...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sizeOf is about how many bytes the values take.
func sizeOf(row []any) (n int) {
	for _, v := range row {
		switch v := v.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		}
	}
	return n
}

// IsOwn says that a table is none of the schema's contents, but what a store makes and keeps for itself: its search
// indexes, and whose turn it is to write.
func (s *Store) IsOwn(table string) bool {
	return slices.Contains([]string{"turns", "site", "works"}, table) || s.Graph != nil && slices.ContainsFunc(s.Graph.Kinds(), func(k *graph.Kind) bool { return table == IndexOf(k) })
}
