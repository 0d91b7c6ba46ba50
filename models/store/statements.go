package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/uptrace/bun"
)

// statements are the few statements that pages send again and again, prepared. Reading their text
// costs the database more than running them.
type statements struct {
	known sync.Map // text → *sql.Stmt; nil while it is being prepared

	ctx       context.Context // ends when the store closes
	stop      context.CancelFunc
	preparing sync.WaitGroup
}

func newStatements() *statements {
	s := new(statements)
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Query runs a statement in a read transaction of this store. Its text must not depend on what
// people ask for, only its arguments may: every text is kept, prepared, as long as the store is
// open.
//
// The first time it runs as it is and is prepared beside: that takes a connection, and whoever is
// in a transaction must not wait for one.
func (s *Store) Query(ctx context.Context, tx bun.Tx, text string, args ...any) (*sql.Rows, error) {
	if m, ok := ctx.Value(momentKey{}).(moment); s.statements == nil || ok && m.elsewhere {
		return tx.Tx.QueryContext(ctx, text, args...)
	}
	found, known := s.statements.known.LoadOrStore(text, (*sql.Stmt)(nil))
	if stmt := found.(*sql.Stmt); stmt != nil {
		return tx.Tx.StmtContext(ctx, stmt).QueryContext(ctx, args...)
	}
	if !known {
		s.statements.preparing.Go(func() { s.statements.prepare(s.read.DB, text) })
	}
	return tx.Tx.QueryContext(ctx, text, args...)
}

// Ask runs a statement in a read transaction whose text says how it is asked, and whose arguments what for. A server
// keeps the newest few hundred texts of each connection, with how it goes about them: to find that out takes it longer
// than most pages' statements run. SQLite, which is quick at it, has the arguments written into the text, and sees how
// many rows they are likely to find.
func Ask(ctx context.Context, tx bun.Tx, text string, args ...any) (*sql.Rows, error) {
	if onServer(tx) {
		return tx.Tx.QueryContext(ctx, text, args...)
	}
	return tx.QueryContext(ctx, text, args...)
}

// AskOne is Ask for what has one row.
func AskOne(ctx context.Context, tx bun.Tx, text string, args []any, into ...any) error {
	rows, err := Ask(ctx, tx, text, args...)
	if err != nil {
		return err
	}
	return ScanOne(rows, into...)
}

// Number is the number that a statement answers which is one of a few, as for Query.
func (s *Store) Number(ctx context.Context, tx bun.Tx, text string) (n int64, err error) {
	rows, err := s.Query(ctx, tx, text)
	if err != nil {
		return 0, err
	}
	return n, ScanOne(rows, &n)
}

// ScanOne reads the one row of an answer, and closes that. Errors: sql.ErrNoRows where there is none.
func ScanOne(rows *sql.Rows, into ...any) error {
	defer rows.Close()
	if !rows.Next() {
		return errors.Join(sql.ErrNoRows, rows.Err())
	}
	if err := rows.Scan(into...); err != nil {
		return err
	}
	return rows.Close()
}

func (s *statements) prepare(db *sql.DB, text string) {
	stmt, err := db.PrepareContext(s.ctx, text)
	if err != nil { // the store is closing, or the disk fails: it goes on as it is
		s.known.Delete(text)
		return
	}
	s.known.Store(text, stmt)
}

// close waits until nothing is being prepared: that would open the file again behind whoever closed
// it.
func (s *statements) close() {
	if s == nil {
		return
	}
	s.stop()
	s.preparing.Wait()
}
