package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"syscall"
	"time"

	"github.com/uptrace/bun"
	sqlite3 "modernc.org/sqlite/lib"
)

// Open opens the SQLite file at path for the one who serves it: until the store closes, no other
// program can open it so, migrate or replace it. The file is made when it does not exist. migrate
// brings its schema up to date; it is given a database that can only be read first, and another only
// when it fails on that. The schema's foreign keys are compared with the relations of the models,
// and the search indexes that are missing are made.
//
// A file that cannot be written to is opened as well, with ReadOnly set. Refused, and left as they
// are: one that exists and is empty, one that is damaged, of another program or a newer one, and one
// that another has opened so. These errors are sentences about the file that say what to do.
func Open(ctx context.Context, path string, migrate func(context.Context, *bun.DB) error, models ...any) (*Store, error) {
	return open(ctx, path, true, migrate, models)
}

// OpenBeside is Open for who may write while another serves the file. Then, or while yet another
// has it open, the schema must be up to date.
func OpenBeside(ctx context.Context, path string, migrate func(context.Context, *bun.DB) error, models ...any) (*Store, error) {
	return open(ctx, path, false, migrate, models)
}

// OpenToRead opens a file that must exist, in order to look at it: nothing is created, migrated,
// locked or written, and a server may be running on it. current says with an error when the schema
// is not the one that the models know.
func OpenToRead(ctx context.Context, path string, current func(context.Context, *bun.DB) error, models ...any) (*Store, error) {
	o := opening{named: path, migrate: current, models: models}
	if IsServer(path) {
		s := newStore()
		if err := o.serverToRead(ctx, s); err != nil {
			return nil, errors.Join(fmt.Errorf("%s %w", Shown(path), err), s.Close())
		}
		return s, nil
	}
	if isMissing(path) {
		return nil, o.about(errors.New("does not exist: name the file of the records with --database"))
	}
	s := newStore()
	if err := o.toRead(ctx, s); err != nil {
		return nil, errors.Join(o.about(err), s.Close())
	}
	return s, nil
}

func newStore() *Store {
	return &Store{Actor: Nobody, Now: time.Now, Patience: patience, Log: slog.New(slog.DiscardHandler), statements: newStatements(), works: newWorks(), notes: new(notes), turn: newTurn()}
}

// opening is a file that is being opened.
type opening struct {
	named   string // as people called it
	path    string // the file itself
	serves  bool
	migrate func(context.Context, *bun.DB) error
	models  []any
}

// about makes an error, which goes on in a sentence about the file, that sentence.
func (o *opening) about(err error) error { return fmt.Errorf("%s %w", o.named, err) }

func open(ctx context.Context, path string, serves bool, migrate func(context.Context, *bun.DB) error, models []any) (*Store, error) {
	o := opening{named: path, serves: serves, migrate: migrate, models: models}
	s := newStore()
	if IsServer(path) {
		if err := o.onServer(ctx, s); err != nil {
			return nil, errors.Join(fmt.Errorf("%s %w", Shown(path), err), s.Close())
		}
		return s, nil
	}
	err := o.toWrite(ctx, s)
	if err != nil && cannotBeWritten(err) && !isMissing(o.path) {
		reading, readErr := o.onlyToRead(ctx, s.locks)
		if readErr == nil {
			s.locks = nil // they are the other's now
			_ = s.Close() // nothing was written
			return reading, nil
		}
		if !cannotBeOpened(readErr) {
			err = readErr // it says what else is wrong
		}
	}
	if err != nil {
		return nil, errors.Join(o.about(err), s.Close())
	}
	return s, nil
}

// toWrite opens the file for reading and writing. Errors go on in a sentence about the file.
func (o *opening) toWrite(ctx context.Context, s *Store) (err error) {
	if o.path, err = resolve(o.named); err != nil {
		return fmt.Errorf("cannot be opened: %w", err)
	}
	if err := refuseWhatIsNone(o.path); err != nil {
		return err
	}
	s.locks = newLocks(o.path)
	if err := s.locks.take(ctx, o.serves); err != nil {
		return err
	}
	if err := o.bringUpToDate(ctx, s.locks.alone); err != nil {
		return err
	}
	if s.locks.alone {
		if err := s.locks.share(o.serves); err != nil {
			return fmt.Errorf("cannot be locked: %w", err)
		}
	}
	return o.openBoth(ctx, s)
}

// openBoth opens the file, which is up to date, for writing and reading, and makes the search indexes that are missing.
func (o *opening) openBoth(ctx context.Context, s *Store) (err error) {
	if s.write, err = openPool(o.path, writer); err != nil {
		return err
	}
	if s.read, err = openPool(o.path, reader); err != nil {
		return err
	}
	if err := s.tryToWrite(ctx); err != nil {
		return err
	}
	o.note(s)
	if err := s.compare(ctx, o.models); err != nil {
		return err
	}
	return s.ensureIndexes(ctx)
}

// note lets a store know what it was opened from.
func (o *opening) note(s *Store) {
	s.path = o.path
	s.upToDate = func(ctx context.Context) error { return o.migrate(ctx, s.read) }
}

// bringUpToDate makes the file if there is none, and migrates it if it has to be.
func (o *opening) bringUpToDate(ctx context.Context, alone bool) error {
	if isMissing(o.path) {
		if !alone {
			return errors.New("does not exist: name the file of the records with --database")
		}
		return create(ctx, o.path, o.migrate)
	}
	if alone {
		if err := removeUnfinished(o.path); err != nil {
			return err
		}
	}
	db, err := openToLook(ctx, o.path)
	if err != nil {
		return noDatabase(err)
	}
	err = errors.Join(o.migrate(ctx, db), db.Close())
	if !hasClass(err, sqlite3.SQLITE_READONLY) {
		return err
	}
	if !alone {
		// Without the cause: the disk can be written to, and is no reason to open the file to be read.
		return errors.New("is from an older maitred and has to be brought up to date, which cannot be done while another program has it open: stop that one and try again")
	}
	if db, err = openPool(o.path, writer); err != nil {
		return err
	}
	return errors.Join(o.migrate(ctx, db), db.Close())
}

// noDatabase says of what SQLite cannot read what to do with it.
func noDatabase(err error) error {
	if hasClass(err, sqlite3.SQLITE_NOTADB) || hasClass(err, sqlite3.SQLITE_CORRUPT) {
		return fmt.Errorf("is not a database of maitred, or a damaged one: leave it as it is and look for a copy (%w)", err)
	}
	return err
}

// tryToWrite finds out whether the file can be written to. That another is writing says that it can.
func (s *Store) tryToWrite(ctx context.Context) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil)
	if hasClass(err, sqlite3.SQLITE_BUSY) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "CREATE TABLE attempt (n INTEGER)") // BEGIN IMMEDIATE is content to read where it cannot write
	return errors.Join(err, tx.Rollback())
}

// onlyToRead opens the file as what can only be read.
func (o *opening) onlyToRead(ctx context.Context, held *locks) (*Store, error) {
	s := newStore()
	if err := o.toRead(ctx, s); err != nil {
		if hasClass(err, sqlite3.SQLITE_READONLY) {
			err = fmt.Errorf("is from an older maitred and has to be brought up to date, but it cannot be written to: start this one where it can be, once (%w)", err)
		}
		return nil, errors.Join(err, s.Close())
	}
	s.locks, s.ReadOnly = held, true
	return s, nil
}

// toRead opens the file for reading. Errors go on in a sentence about the file.
func (o *opening) toRead(ctx context.Context, s *Store) (err error) {
	if o.path, err = resolve(o.named); err != nil {
		return fmt.Errorf("cannot be opened: %w", err)
	}
	if err := refuseWhatIsNone(o.path); err != nil {
		return err
	}
	if s.read, err = openToLook(ctx, o.path); err != nil {
		return noDatabase(err)
	}
	s.write = s.read // whoever tries is told that it cannot be written to
	o.note(s)
	if err := o.migrate(ctx, s.read); err != nil {
		return err
	}
	if err := s.compare(ctx, o.models); err != nil {
		return err
	}
	return s.checkIndexes(ctx)
}

// cannotBeWritten says that the cause of an error is an operating system that does not let us write,
// or not even read.
func cannotBeWritten(err error) bool {
	return cannotBeOpened(err) || errors.Is(err, syscall.EROFS) || hasClass(err, sqlite3.SQLITE_READONLY)
}

func cannotBeOpened(err error) bool {
	return errors.Is(err, fs.ErrPermission) || hasClass(err, sqlite3.SQLITE_CANTOPEN)
}
