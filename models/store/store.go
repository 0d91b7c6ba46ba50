// Package store is an open database together with the graph of its kinds, and with who is acting
// and what time it is: everything that an operation on records needs. It comes with the request,
// never from a global.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/graph"
)

// maxWait bounds how long a change waits for the one before it. It is below the server's write
// timeout (30 s), so that people get a sentence and not a cut connection.
const maxWait = 10 * time.Second

// patience is below the half second after which people wonder whether anything happens.
const patience = 450 * time.Millisecond

// Store is a database opened for one actor. Copies are cheap and share the database.
type Store struct {
	Graph  *graph.Graph
	Actor  string           // who acts, as history will name them
	User   int64            // the number of that person; 0 where nobody signs in
	Person string           // whose preferences count, never shown; "" for someone who saved none yet
	Now    func() time.Time // the clock
	Log    *slog.Logger     // for how work ended that nobody may have waited for

	// Patience is how long a search or a filter may take before it is stopped; 0: as long as it takes.
	Patience time.Duration

	// ReadOnly says that the database cannot be written to since it was opened: who tries to change
	// something is told so.
	ReadOnly bool

	path        string                      // of the file; "" for one in memory
	upToDate    func(context.Context) error // says that the schema is that of this program; nil: there is none
	onServer    bool                        // it is one of PostgreSQL, and not a file
	sorts       bool                        // and can be told not to sort
	turns       int                         // which row of the table of turns a change holds there
	shares      bool                        // its pools are another store's, which closes them
	read, write *bun.DB
	replica     *replica // nil: there is none
	turn        *turn
	locks       *locks // nil for a store that only looks
	statements  *statements
	works       *works
	notes       *notes
}

// Nobody is the actor of a store that was not told who is acting.
const Nobody = "Someone"

// compare makes the graph of the models and compares it with the schema.
func (s *Store) compare(ctx context.Context, models []any) (err error) {
	if s.Graph, err = graph.New(s.read, models...); err != nil {
		return fmt.Errorf("relations of the models: %w", err)
	}
	if err := s.noteIndexes(ctx); err != nil {
		return err
	}
	return s.checkForeignKeys(ctx)
}

// As returns the same store for another actor.
func (s *Store) As(actor string) *Store {
	c := *s
	c.Actor = actor
	return &c
}

// By returns the same store for a person who signed in, by number and name.
func (s *Store) By(user int64, name string) *Store {
	c := s.As(name)
	c.User, c.Person = user, "user "+strconv.FormatInt(user, 10)
	return c
}

// For returns the same store for another person's preferences.
func (s *Store) For(person string) *Store {
	c := *s
	c.Person = person
	return &c
}

// Patient returns the same store for what is never stopped.
func (s *Store) Patient() *Store { return s.Within(0) }

// Within returns the same store with another Patience.
func (s *Store) Within(patience time.Duration) *Store {
	c := *s
	c.Patience = patience
	return &c
}

// momentKey is under what a context carries the read transaction of a moment.
type momentKey struct{}

// Moment runs fn so that all that is read in it, with the context it is given, is seen as of one
// moment: a page whose parts agree. It holds a connection, so fn must not wait for anyone.
func (s *Store) Moment(ctx context.Context, fn func(ctx context.Context) error) error {
	in := func(elsewhere bool) func(context.Context, bun.Tx) error {
		return func(ctx context.Context, tx bun.Tx) error {
			return fn(context.WithValue(ctx, momentKey{}, moment{s.read, tx, elsewhere}))
		}
	}
	if done, err := s.replica.view(ctx, s, in(true)); done {
		return err
	}
	return s.View(ctx, in(false))
}

// moment is a read transaction with the database it belongs to.
type moment struct {
	db        *bun.DB
	tx        bun.Tx
	elsewhere bool // at a replica of it
}

// View runs fn in a read transaction, that of the moment if there is one: everything in it is seen
// as of one moment. From a server nobody reads longer than maxRead but whose Patience is longer, or without end.
func (s *Store) View(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	if m, ok := ctx.Value(momentKey{}).(moment); ok && m.db == s.read {
		return toProblem(fn(ctx, m.tx))
	}
	if s.onServer {
		return s.viewOnServer(ctx, fn)
	}
	conn, tx, err := s.begin(ctx, ctx, s.read, nil)
	if err != nil {
		return toProblem(err)
	}
	return inTx(ctx, conn, tx, fn, func(tx bun.Tx) error { return toProblem(tx.Rollback()) })
}

// Change runs fn in the one write transaction, which commits when fn returns nil and leaves no
// trace otherwise. It answers Busy when other changes take longer than ten seconds, and at once when too
// many wait for them already. Only with an *Unconfirmed error it is not known whether the transaction left a trace.
func (s *Store) Change(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	waiting, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	return s.changeWithin(ctx, waiting, fn)
}

// changeWithin is Change that waits for its turn as long as waiting does.
func (s *Store) changeWithin(ctx, waiting context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	if s.ReadOnly {
		return onlyRead(nil)
	}
	leave, err := s.turn.take(ctx, waiting)
	if err != nil {
		return err
	}
	defer leave()
	if s.onServer {
		return s.changeOnServer(ctx, waiting, fn)
	}
	conn, tx, err := s.begin(ctx, waiting, s.write, nil)
	if errors.Is(err, context.DeadlineExceeded) {
		return waitedTooLong(ctx)
	}
	if err != nil {
		return notWritten(toProblem(err))
	}
	return notWritten(inTx(ctx, conn, tx, fn, func(tx bun.Tx) error {
		if err := tx.Commit(); err != nil {
			return &Unconfirmed{toProblem(err)}
		}
		return nil
	}))
}

// Unconfirmed says that the database answered a commit with an error: what was to be written may
// be there or not.
type Unconfirmed struct{ Cause error }

func (u *Unconfirmed) Error() string { return "the commit was not confirmed: " + u.Cause.Error() }
func (u *Unconfirmed) Unwrap() error { return u.Cause }

// inTx runs fn in the transaction on the connection, then end, and gives the connection back.
//
// One whose transaction the database did not confirm to be over is closed instead. A pool takes it
// back like any other, and as it may still be inside the transaction, every BEGIN on it would fail
// from then on: with one write connection, nothing could be written until a restart. Closing needs
// no answer from the database.
//
// When ctx ends, the statements in the transaction stop, and it ends here like after any other
// error: database/sql would roll it back by itself and keep to itself how that went.
func inTx(ctx context.Context, conn bun.Conn, tx bun.Tx, fn func(ctx context.Context, tx bun.Tx) error, end func(bun.Tx) error) error {
	over, lost := false, false
	defer func() {
		if over && !lost {
			_ = conn.Close()
		} else {
			drop(conn)
		}
	}()
	defer func() { over = over || tx.Rollback() == nil }()
	if err := fn(ctx, tx); err != nil {
		lost = IsLost(err) // also where it goes on, at a server that takes no changes any more
		return toProblem(err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err := end(tx)
	over = err == nil
	return err
}

// Close ends the work that goes on, which leaves no trace, and closes the database.
func (s *Store) Close() error {
	s.works.close()
	s.statements.close()
	var errs []error
	for _, db := range []*bun.DB{s.read, s.write, s.replica.pool()} {
		if db != nil && !s.shares {
			watchOf(db).rest()
			errs = append(errs, db.Close())
		}
	}
	if s.locks != nil {
		errs = append(errs, s.locks.release())
	}
	return errors.Join(errs...)
}
