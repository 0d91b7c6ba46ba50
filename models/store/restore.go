package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/uptrace/bun"
	sqlite3 "modernc.org/sqlite/lib"
)

// Restore puts a copy of the file backup in the place of the database at path, for which nobody may be
// running, and returns the name under which what was there stays, "" if there was nothing. migrate brings
// the copy up to date before it gets its name. ready is called when all is prepared, right before the
// database is replaced; its error stops it. tell is told what is done and which part of all is, from 0 to 1.
//
// The database is replaced in one step: whoever is killed leaves the old one or the new one. Errors are
// sentences; then the database is what it was.
func Restore(ctx context.Context, backup, path string, migrate func(context.Context, *bun.DB) error,
	ready func() error, tell func(doing string, part float64), models ...any) (aside string, err error) {
	from, to, err := bothFiles(backup, path)
	if err != nil {
		return "", err
	}
	l := newLocks(to)
	if err := l.take(ctx, true); err != nil {
		return "", errors.Join(fmt.Errorf("%s %w", path, err), l.release())
	}
	defer func() { err = errors.Join(err, l.release()) }()
	if !l.alone {
		return "", fmt.Errorf("%s is open in another program: stop that one first", path)
	}
	if err := settle(ctx, to); err != nil {
		return "", fmt.Errorf("%s %w", path, err)
	}
	if err := removeUnfinished(to); err != nil {
		return "", fmt.Errorf("%s %w", path, err)
	}
	making := to + unfinished
	if err = prepare(ctx, backup, from, making, migrate, tell, models); err == nil {
		err = ready()
	}
	if err != nil {
		return "", errors.Join(err, removeUnfinished(to))
	}
	if aside, err = replace(making, to); err != nil {
		return "", errors.Join(fmt.Errorf("%s cannot be replaced: %w", path, err), removeUnfinished(to))
	}
	return aside, nil
}

// bothFiles finds the backup, which must be there, and the database, which must be another file.
func bothFiles(backup, path string) (from, to string, err error) {
	if from, err = existing(backup, "name the file of a backup"); err != nil {
		return "", "", err
	}
	if to, err = resolve(path); err != nil {
		return "", "", fmt.Errorf("%s cannot be opened: %w", path, err)
	}
	if from == to {
		return "", "", fmt.Errorf("%s is the database itself: name the file of a backup", backup)
	}
	return from, to, nil
}

// settle moves the log of a database into it, so that one file is all of it. A log that stayed would be
// taken for that of whatever comes to stand there.
func settle(ctx context.Context, path string) error {
	if !isMissing(path) && size(path) > 0 {
		db, err := openAs(ctx, path, writer)
		if err != nil {
			return fmt.Errorf("cannot be read, so it would not be whole beside the restored one: move it away, with the files whose names begin with its own, and try again (%w)", noDatabase(err))
		}
		if err := db.Close(); err != nil { // the last one to close a file moves its log into it
			return err
		}
	}
	for _, log := range []string{"-wal", "-journal"} {
		if size(path+log) > 0 {
			return fmt.Errorf("has changes in %s%s that are nowhere else: move that file away, or put back what it belongs to", path, log)
		}
	}
	return nil
}

// prepare makes of a backup a whole database of the newest schema.
func prepare(ctx context.Context, named, from, making string, migrate func(context.Context, *bun.DB) error, tell func(string, float64), models []any) error {
	db, err := openToLook(ctx, from)
	if err != nil {
		return fmt.Errorf("%s %w", named, noDatabase(err))
	}
	if err := migrate(ctx, db); err != nil && !hasClass(err, sqlite3.SQLITE_READONLY) { // an older one will be brought up to date
		return errors.Join(fmt.Errorf("%s %w", named, err), db.Close())
	}
	f, err := os.OpenFile(making, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) // #nosec G304 -- beside the database that whoever runs the program named
	if err != nil {
		return errors.Join(fmt.Errorf("%s cannot be copied: %w", named, err), db.Close())
	}
	tables, err := copyTo(ctx, db, making, func(part float64) { tell("copying", .5*part) })
	if err = errors.Join(err, db.Close()); err == nil && len(tables) == 0 {
		err = errors.New("there is nothing in it")
	}
	if err == nil {
		tell("reading it back", .5)
		err = readBack(ctx, making, tables)
	}
	if err == nil {
		tell("bringing it up to date", .9)
		err = current(ctx, making, migrate, models)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s was not restored, and nothing was changed: %w", named, err)
	}
	tell("", 1)
	return nil
}

// current brings a file that nobody else knows of to the newest schema and makes sure that it is one of ours.
func current(ctx context.Context, path string, migrate func(context.Context, *bun.DB) error, models []any) error {
	o := opening{named: path, path: path, migrate: migrate, models: models}
	err := o.bringUpToDate(ctx, true)
	if err == nil {
		s := newStore()
		err = errors.Join(o.openBoth(ctx, s), s.Close())
	}
	if err != nil {
		return fmt.Errorf("it %w", err)
	}
	return nil
}

// asideLayout is the moment in the name of a database that was replaced, in UTC.
const asideLayout = "20060102-150405"

// replace gives the database another name as well, and then its own to the new one.
func replace(making, path string) (aside string, err error) {
	if !isMissing(path) {
		aside = path + "-before-" + time.Now().UTC().Format(asideLayout)
		if err := os.Link(path, aside); err != nil {
			return "", err
		}
	}
	if err := errors.Join(removeBeside(path), removeBeside(making)); err != nil {
		return "", err
	}
	if err := os.Rename(making, path); err != nil {
		return "", err
	}
	return aside, syncFolder(filepath.Dir(path))
}
