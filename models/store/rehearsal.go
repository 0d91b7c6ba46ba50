package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/uptrace/bun"
)

// Rehearsal is a start of this program on a copy of a database, to see whether one on the database itself would
// go well. Close removes the copy.
type Rehearsal struct {
	*Store               // the copy as the start left it
	Took   time.Duration // what the start did, the making of the copy not counted
	Room   int64         // bytes by which the database and its log grew meanwhile, at most

	making *making
}

// rehearsalSuffix follows the name of the database in that of its copy.
const rehearsalSuffix = "-check"

// Needed is how many bytes a rehearsal takes at most: the copy, and once more as much in its log and in what is
// made anew.
func Needed(path string) (int64, error) {
	size, err := SizeOf(path)
	return 3 * size, err
}

// Rehearse copies the database at path, which is only read and may be served meanwhile, and does to the copy what
// a start would do. The copy is beside the database or, where it finds no room or may not be written, in the
// folder for temporary files. tell is told what is being done and which part of all is, from 0 to 1. Errors go on
// in a sentence about the database; then nothing of the copy is left.
func Rehearse(ctx context.Context, path string, migrate func(context.Context, *bun.DB) error, tell func(doing string, part float64), models ...any) (r *Rehearsal, err error) {
	from, err := resolve(path)
	if err != nil {
		return nil, fmt.Errorf("cannot be opened: %w", err)
	}
	r = new(Rehearsal)
	if r.making, err = copyForRehearsal(ctx, from, tell); err != nil {
		return nil, fmt.Errorf("cannot be copied, so nobody knows: %w", err)
	}
	tell("bringing the copy up to date", .5)
	watched, began := watchSize(r.making.name), time.Now()
	o := opening{named: path, path: r.making.name, migrate: migrate, models: models}
	r.Store = newStore()
	if err = o.bringUpToDate(ctx, true); err == nil {
		err = o.openBoth(ctx, r.Store)
	}
	r.Took, r.Room = time.Since(began), watched()
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close closes the copy and removes it.
func (r *Rehearsal) Close() error { return errors.Join(r.Store.Close(), r.making.end()) }

// copyForRehearsal copies the database to where there is room.
func copyForRehearsal(ctx context.Context, from string, tell func(string, float64)) (*making, error) {
	m, err := placeForRehearsal(from)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(m.name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, errors.Join(err, m.end())
	}
	db, err := openToLook(ctx, from)
	if err == nil {
		_, err = copyTo(ctx, db, m.name, func(part float64) { tell("copying", .5*part) })
		err = errors.Join(err, db.Close())
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, errors.Join(err, m.end())
	}
	return m, nil
}

// placeForRehearsal finds a folder that the copy has room in, and leaves room there for a site that is served.
func placeForRehearsal(from string) (*making, error) {
	needed, err := Needed(from)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(from) + rehearsalSuffix
	var reasons []error
	for _, folder := range []string{filepath.Dir(from), os.TempDir()} {
		_ = ClearUnfinished(folder, func(other string) bool { return other == name }) // what stays is in nobody's way
		if all, free, ok := RoomFor(folder, needed); !ok {
			reasons = append(reasons, fmt.Errorf("it takes up to %.1f MB of room, and in %s are %.1f MB", float64(all)/1e6, folder, float64(free)/1e6))
			continue
		}
		m, err := newMaking(filepath.Join(folder, name))
		if err == nil {
			return m, nil
		}
		reasons = append(reasons, err)
	}
	return nil, errors.Join(reasons...)
}

// watchSize looks at how large a database and its log become, until what it returns is asked by how much they grew.
func watchSize(path string) (grown func() int64) {
	all := func() int64 { return size(path) + size(path+"-wal") + size(path+"-journal") }
	before, stop, result := all(), make(chan struct{}), make(chan int64)
	go func() {
		most, every := before, time.NewTicker(10*time.Millisecond)
		defer every.Stop()
		for {
			select {
			case <-every.C:
				most = max(most, all())
			case <-stop:
				result <- max(most, all()) - before
				return
			}
		}
	}()
	return func() int64 {
		close(stop)
		return <-result
	}
}
