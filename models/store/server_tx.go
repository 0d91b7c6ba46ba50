package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
)

// How long a server may take to begin a transaction, or to roll one back, and to commit one. One that has hung holds
// nobody longer; what it did with a commit is asked afterwards.
const (
	beginWithin  = 5 * time.Second
	commitWithin = 15 * time.Second
)

// maxRead is how long a page may read from a server that hangs. It is below the server's write timeout (30 s).
const maxRead = 20 * time.Second

// viewOnServer is View of a server.
func (s *Store) viewOnServer(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	bounded := ctx
	if s.Patience > 0 && s.Patience < maxRead {
		var stop context.CancelFunc
		bounded, stop = context.WithTimeoutCause(ctx, maxRead, errHung)
		defer stop()
	}
	conn, tx, err := s.begin(bounded, bounded, s.read, asOfOneMoment)
	if err == nil {
		err = inTx(context.WithValue(bounded, savedKey{}, true), conn, tx, fn, func(tx bun.Tx) error { return tx.Rollback() })
	}
	if err != nil && ctx.Err() == nil && context.Cause(bounded) == errHung {
		err = errHung
	}
	return toProblem(err)
}

// begin takes a connection of the pool and begins a transaction on it. A server may have ended connections while they
// idled, all of them when it was started again: then others are taken.
func (s *Store) begin(ctx, waiting context.Context, db *bun.DB, options *sql.TxOptions) (conn bun.Conn, tx bun.Tx, err error) {
	for try := 0; ; try++ {
		if conn, err = db.Conn(waiting); err != nil {
			return conn, tx, err
		}
		if tx, err = conn.BeginTx(context.WithoutCancel(ctx), options); err == nil {
			return conn, tx, nil
		}
		drop(conn)
		if !s.onServer || try > max(readers, serverWriters) || !IsLost(err) || waiting.Err() != nil {
			return conn, tx, err
		}
	}
}

// drop closes a connection, which the pool does not get back.
func drop(conn bun.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = conn.Close()
}

// BeginTx implements driver.ConnBeginTx. With PostgreSQL neither beginning nor ending can take for ever.
func (c *watchedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	pg, ok := c.conn.(*stdlib.Conn)
	if !ok {
		return c.conn.BeginTx(ctx, o)
	}
	var options pgx.TxOptions
	switch (sql.TxOptions{Isolation: sql.IsolationLevel(o.Isolation), ReadOnly: o.ReadOnly}) {
	case sql.TxOptions{}:
	case *asOfOneMoment:
		options.BeginQuery = beginSaved
	default:
		return nil, errors.New("no transaction of this kind is begun here")
	}
	ctx, stop := context.WithTimeout(ctx, beginWithin)
	defer stop()
	tx, err := pg.Conn().BeginTx(ctx, options)
	if err != nil {
		return nil, inTime(ctx, err)
	}
	return serverTx{tx}, nil
}

// beginSaved begins asOfOneMoment with a savepoint, to which who read in vain goes back: nothing is lost by it, and it
// costs no way to the server of its own.
const beginSaved = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SAVEPOINT beginning"

// savedKey is under what a context says whether the transaction it is given with was begun so.
type savedKey struct{}

func begunSaved(ctx context.Context) bool {
	saved, _ := ctx.Value(savedKey{}).(bool)
	return saved
}

// errHung is what became of a server that does not answer.
var errHung = fmt.Errorf("the server does not answer: %w", driver.ErrBadConn)

func inTime(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errHung
	}
	return err
}

// serverTx is a transaction that ends within a time. pgx closes the connection of one that does not.
type serverTx struct{ tx pgx.Tx }

func (t serverTx) Commit() error {
	ctx, stop := context.WithTimeout(context.Background(), commitWithin)
	defer stop()
	return inTime(ctx, t.tx.Commit(ctx))
}

func (t serverTx) Rollback() error {
	ctx, stop := context.WithTimeout(context.Background(), beginWithin)
	defer stop()
	return inTime(ctx, t.tx.Rollback(ctx))
}

// InOrder runs fn in a read transaction, which reads in the order of an index until it has what it needs. PostgreSQL
// would rather read all that it believes to be little, and sort that.
func (s *Store) InOrder(ctx context.Context, tx bun.Tx, fn func() error) error {
	if !s.sorts {
		return fn()
	}
	if _, err := tx.ExecContext(ctx, "SET LOCAL enable_sort = off"); err != nil {
		return err
	}
	if err := fn(); err != nil {
		return err // the setting ends with what was tried
	}
	_, err := tx.ExecContext(ctx, "SET LOCAL enable_sort = on")
	return err
}

// Try runs fn so that the transaction can go on when fn fails or takes too long, as it does by itself with SQLite:
// PostgreSQL would answer nothing more until it ends.
func Try(ctx context.Context, tx bun.Tx, fn func(ctx context.Context) error) error {
	if !onServer(tx) {
		return fn(ctx)
	}
	after := context.WithoutCancel(ctx)
	if begunSaved(ctx) {
		err := fn(ctx)
		if err != nil {
			_, failed := tx.ExecContext(after, "ROLLBACK TO SAVEPOINT beginning")
			err = errors.Join(err, failed)
		}
		return err
	}
	if _, err := tx.ExecContext(ctx, "SAVEPOINT attempt"); err != nil {
		return err
	}
	err := fn(ctx)
	if err == nil {
		if _, err = tx.ExecContext(after, "RELEASE SAVEPOINT attempt"); err == nil {
			return nil
		}
	}
	if _, failed := tx.ExecContext(after, "ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt"); failed != nil {
		return errors.Join(err, failed)
	}
	return err
}
