package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gofrs/flock"
)

// Two locks of the operating system keep programs off a database file. They die with the process
// that holds them, however it ends; the files they are on are empty and stay.
//
//	<file>-server  has the one that serves the file, and whoever wants to be alone with it
//	<file>-lock    all have together who have the file open, and whoever makes, migrates or replaces
//	               the file has for itself
//
// They are on files of their own because of how SQLite locks the database file: a process loses all
// those locks as soon as it closes any descriptor of the file. So SQLite alone opens it, ever.
type locks struct {
	server, file *flock.Flock
	alone        bool
}

// lockPatience is how long a program waits for one that is about to end, or has a short look.
const (
	lockPatience = time.Second
	lockPause    = 20 * time.Millisecond
)

func newLocks(path string) *locks {
	on := func(what string) *flock.Flock { return flock.New(path+what, flock.SetPermissions(0o600)) }
	return &locks{server: on("-server"), file: on("-lock")}
}

// take locks the file for this process: alone, if nobody else has it open. Errors, of which those of
// the first kind say what to do: another has it, or the locks cannot be made.
func (l *locks) take(ctx context.Context, serves bool) error {
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	var first bool
	var err error
	if serves {
		first, err = within(l.server.TryLockContext(ctx, lockPause))
	} else {
		first, err = l.server.TryLock()
	}
	if err == nil && serves && !first {
		return errors.New("is open in another maitred: stop that one first, or name another file with --database")
	}
	if err == nil && first {
		l.alone, err = l.file.TryLock()
	}
	if err == nil && !l.alone {
		var shared bool
		if shared, err = within(l.file.TryRLockContext(ctx, lockPause)); err == nil && !shared {
			return errors.New("is being made, brought up to date or replaced by another maitred: try again when that has ended")
		}
	}
	if err == nil && !l.alone && !serves {
		err = l.server.Unlock()
	}
	if err != nil {
		return fmt.Errorf("cannot be locked: %w", err)
	}
	return nil
}

// within makes of a lock that was not to be had in time one that is not to be had.
func within(taken bool, err error) (bool, error) {
	if errors.Is(err, context.DeadlineExceeded) {
		return false, nil
	}
	return taken, err
}

// share ends being alone. Nobody can come in between: who wants to be alone needs the server's lock,
// which is given up last.
func (l *locks) share(serves bool) error {
	if _, err := l.file.TryRLock(); err != nil {
		return err
	}
	l.alone = false
	if serves {
		return nil
	}
	return l.server.Unlock()
}

func (l *locks) release() error {
	l.alone = false
	return errors.Join(l.file.Unlock(), l.server.Unlock())
}
