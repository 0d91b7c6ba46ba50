package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
)

// A replica answers what pages show as long as it has everything that the database has itself, which is asked each
// time: nobody ever sees less than was answered before. Every change counts in the table of turns, of which a replica
// has what it has of the changes. One that is behind is passed over, and one that is gone or does not answer is not
// asked for a while.

// passedOver is for how long a replica is not asked that failed.
const passedOver = 5 * time.Second

// replica is a copy of a database at another server, which it follows. A nil one is there for nothing.
type replica struct {
	db    *bun.DB
	after atomic.Int64 // when it may be asked again, in nanoseconds since 1970

	answered, behind, failed atomic.Int64 // how often
}

// ReadFrom lets pages be read from a replica of the database, by its address. Errors: it is no address, or of another
// database. That it cannot be reached is none: it is asked again.
func (s *Store) ReadFrom(ctx context.Context, named string) error {
	if !s.onServer {
		return errors.New("a replica is of a database of a server")
	}
	db, err := openServer(named, visitor, asWritten...)
	if err != nil {
		return fmt.Errorf("the replica %w", err)
	}
	r := &replica{db: db}
	const word = "SELECT word FROM site WHERE id = 1"
	var ours, theirs string
	if err := s.read.NewRaw(word).Scan(ctx, &ours); err != nil {
		return errors.Join(err, db.Close())
	}
	if err := db.NewRaw(word).Scan(ctx, &theirs); IsLost(err) {
		r.passOver(s, err)
	} else if err != nil || ours != theirs {
		return errors.Join(fmt.Errorf("%s is no replica of this database", Shown(named)), err, db.Close())
	}
	s.replica = r
	return nil
}

// counted is how much was written.
const counted = "SELECT sum(n) FROM turns"

// view runs fn in a transaction at the replica, if that has all that s has. done says that it did, or tried: with an
// error for which IsLost holds, fn may be run again, and the replica is not asked then.
func (r *replica) view(ctx context.Context, s *Store, fn func(ctx context.Context, tx bun.Tx) error) (done bool, err error) {
	if r == nil || time.Now().UnixNano() < r.after.Load() {
		return false, nil
	}
	var written, has int64
	if err := s.read.NewRaw(counted).Scan(ctx, &written); err != nil {
		return false, nil // which is told by who reads there
	}
	conn, tx, err := s.begin(ctx, ctx, r.db, asOfOneMoment)
	if err != nil {
		r.passOver(s, err)
		return false, nil
	}
	err = inTx(context.WithValue(ctx, savedKey{}, true), conn, tx, func(ctx context.Context, tx bun.Tx) error {
		if err := tx.NewRaw(counted).Scan(ctx, &has); err != nil || has < written {
			return err
		}
		done = true
		return fn(ctx, tx)
	}, func(tx bun.Tx) error { return tx.Rollback() })
	switch {
	case ctx.Err() != nil:
	case IsLost(err) || isToBeRepeated(err): // it also ends who reads what it must change
		r.passOver(s, err)
		err = fmt.Errorf("%w: %w", driver.ErrBadConn, err)
	case done:
		r.answered.Add(1)
	case err == nil:
		r.behind.Add(1)
	default:
		r.passOver(s, err)
	}
	return done, err
}

// passOver lets the replica be for a while.
func (r *replica) passOver(s *Store, err error) {
	r.failed.Add(1)
	r.after.Store(time.Now().Add(passedOver).UnixNano())
	s.Log.Warn("the replica is not asked for a while", slog.Any("error", err))
}

func (r *replica) pool() *bun.DB {
	if r == nil {
		return nil
	}
	return r.db
}

// Replica tells how often pages were read from the replica, and how often it was passed over, because it was behind or
// failed. false: there is none.
func (s *Store) Replica() (answered, behind, failed int64, is bool) {
	if s.replica == nil {
		return 0, 0, 0, false
	}
	return s.replica.answered.Load(), s.replica.behind.Load(), s.replica.failed.Load(), true
}
