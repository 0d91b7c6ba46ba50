package store

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/gofrs/flock"
)

// making is a file that is being made under another name than it will have: its own with "-unfinished-" and
// some letters. Whoever makes it has a lock of the operating system, on an empty file beside it, before the
// file is there and until it is gone again. So what a killed program left can be told from what a living
// one makes. The lock is not on the file itself: over a network that would keep SQLite from writing it.
type making struct {
	name string
	lock *flock.Flock
}

// unfinishedName are the names of what is being made, and of what stands beside it, with the name that it
// will have.
var unfinishedName = regexp.MustCompile(`^(.+)(` + unfinished + `-[a-z2-7]{8})(?:-lock|-journal|-wal|-shm)?$`)

const lockOfMaking = "-lock"

// newMaking begins to make a file. It is not there yet, and there is nothing of its name.
func newMaking(file string) (*making, error) {
	for {
		name := file + unfinished + "-" + strings.ToLower(rand.Text()[:8])
		m := &making{name: name, lock: flock.New(name+lockOfMaking, flock.SetPermissions(0o600))}
		taken, err := m.lock.TryLock()
		if err != nil && !errors.Is(err, errors.ErrUnsupported) { // where nobody can lock, nobody clears away either
			return nil, errors.Join(err, m.end())
		}
		if err != nil || taken && m.isNamed() {
			return m, nil
		}
		_ = m.lock.Close() // somebody cleared it away before it was locked
	}
}

// isNamed says that the lock is on the file that others find.
func (m *making) isNamed() bool {
	mine, err := m.lock.Stat()
	if err != nil {
		return false
	}
	found, err := os.Lstat(m.name + lockOfMaking)
	return err == nil && os.SameFile(mine, found)
}

// end removes what is there under the other name.
func (m *making) end() error {
	return errors.Join(removeIfThere(m.name), removeBeside(m.name), removeIfThere(m.name+lockOfMaking), m.lock.Close())
}

// ClearUnfinished removes from a folder what programs that were killed left of making files; of says by
// their names of which. What a living one is making stays.
func ClearUnfinished(folder string, of func(name string) bool) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var errs []error
	done := map[string]bool{}
	for _, e := range entries {
		parts := unfinishedName.FindStringSubmatch(e.Name())
		if parts == nil || !of(parts[1]) || done[parts[1]+parts[2]] {
			continue
		}
		done[parts[1]+parts[2]] = true
		name := filepath.Join(folder, parts[1]+parts[2])
		m := &making{name: name, lock: flock.New(name+lockOfMaking, flock.SetPermissions(0o600))}
		if free, err := m.lock.TryLock(); err == nil && free {
			errs = append(errs, m.end())
		} else {
			errs = append(errs, err, m.lock.Close())
		}
	}
	return errors.Join(errs...)
}
