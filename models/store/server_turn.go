package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/uptrace/bun"
)

// Of several instances at one server, one writes at a time: each change holds a row of the table of turns. So what
// was planned is what is done, as with SQLite, whichever isolation the server has: READ COMMITTED sees all that was
// written by those before it, and under SERIALIZABLE a change that had to wait is run again.

// The rows of the table of turns.
const (
	recordsTurn = 1
	sideTurn    = 2
)

// asOfOneMoment is how a transaction sees that only reads.
var asOfOneMoment = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}

// changeOnServer is Change once it is this instance's turn. It takes that of all instances, and runs fn again from
// the beginning if the database cannot do it beside something else, or was lost before the end, for as long as people
// wait. fn must not mind.
func (s *Store) changeOnServer(ctx, waiting context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	failing := time.Time{}
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		committing := false
		err := s.tryOnServer(ctx, waiting, &committing, fn)
		if err == nil {
			return nil
		}
		if committing && !isNotDone(err) {
			return &Unconfirmed{toProblem(err)}
		}
		if failing.IsZero() {
			failing = time.Now()
		}
		if !isToBeRepeated(err) || ctx.Err() != nil || time.Since(failing) > maxWait {
			return toProblem(err)
		}
		if waiting.Err() != nil { // it had its turn, and may have it once more
			var stop context.CancelFunc
			waiting, stop = context.WithTimeout(ctx, maxWait-time.Since(failing))
			defer stop()
		}
		select {
		case <-time.After(rand.N(pause)): // #nosec G404 -- so that not all come again at once
		case <-ctx.Done():
		}
	}
}

// How long is waited at most before a change is run again.
const (
	firstPause   = 10 * time.Millisecond
	longestPause = 500 * time.Millisecond
)

// tryOnServer runs fn once. committing says, where there is an error, that it is one of the commit.
func (s *Store) tryOnServer(ctx, waiting context.Context, committing *bool, fn func(ctx context.Context, tx bun.Tx) error) error {
	conn, tx, err := s.begin(ctx, waiting, s.write, nil)
	if errors.Is(err, context.DeadlineExceeded) && waiting.Err() != nil {
		return waitedTooLong(ctx)
	}
	if err != nil {
		return err
	}
	return inTx(ctx, conn, tx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.waitForTurn(waiting, tx); err != nil {
			return err
		}
		return fn(context.WithValue(context.WithValue(ctx, savedKey{}, false), connKey{}, conn), tx)
	}, func(tx bun.Tx) error {
		*committing = true
		return tx.Commit()
	})
}

// waitForTurn holds the turn of all instances until the transaction ends. Errors: Busy.
func (s *Store) waitForTurn(waiting context.Context, tx bun.Tx) error {
	left := maxWait
	if end, ok := waiting.Deadline(); ok {
		left = max(time.Millisecond, time.Until(end))
	}
	// As one message: each way to the server and back takes as long as the smallest change.
	_, err := tx.Tx.ExecContext(waiting, fmt.Sprintf("SET LOCAL lock_timeout = %d; UPDATE turns SET n = n + 1 WHERE id = %d; SET LOCAL lock_timeout = 0", left.Milliseconds(), s.turns))
	if err != nil && waiting.Err() != nil {
		return waitedTooLong(waiting)
	}
	return err
}

// AfterOthers runs fn in a transaction that sees all changes that were begun before, wherever their connections
// are: one whose commit was not confirmed is there then, or never will be.
func (s *Store) AfterOthers(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	if s.onServer && !s.ReadOnly {
		return s.Change(ctx, fn)
	}
	return s.View(ctx, fn)
}
