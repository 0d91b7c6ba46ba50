package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// folder is where a demo has its files. As long as the program lives it has a lock in it, which dies with
// the program however that ends: so the next demo knows what was left behind.
type folder struct {
	path string
	lock *flock.Flock
}

const (
	folderName = "maitred-demo-"
	makingName = "making-" + folderName
	lockName   = "lock"

	ownMark = "The files of a demo of maitred. The next one removes them when this one has ended.\n"
)

// openFolder makes a folder for a demo beside others, and removes those that nobody has any more.
func openFolder(parent string, log *slog.Logger) (*folder, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	clearFolders(parent, log)
	making, err := os.MkdirTemp(parent, makingName)
	if err != nil {
		return nil, fmt.Errorf("make a folder for the demo: %w", err)
	}
	f := &folder{path: making, lock: flock.New(filepath.Join(making, lockName), flock.SetPermissions(0o600))}
	if err := os.WriteFile(f.lock.Path(), []byte(ownMark), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("make a folder for the demo: %w", err), os.RemoveAll(making))
	}
	locked, err := f.lock.TryLock()
	if err == nil && !locked {
		err = errors.New("another has its lock")
	}
	if err == nil { // under its name nobody finds it without its lock
		f.path = filepath.Join(parent, folderName+filepath.Base(making)[len(makingName):])
		err = os.Rename(making, f.path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a folder for the demo: %w", err), os.RemoveAll(making))
	}
	return f, nil
}

// clearFolders removes the folders of demos that were killed.
func clearFolders(parent string, log *slog.Logger) {
	entries, _ := os.ReadDir(parent) // where it cannot be read, none can be made either
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), folderName) && !strings.HasPrefix(e.Name(), makingName) {
			continue
		}
		path := filepath.Join(parent, e.Name())
		left := &folder{path: path, lock: flock.New(filepath.Join(path, lockName))}
		if !left.isOurs() {
			continue
		}
		if locked, err := left.lock.TryLock(); err != nil || !locked {
			continue // it is in use, or not ours to remove
		}
		if err := left.remove(); err != nil {
			log.Warn("what a demo left behind was not removed", slog.String("folder", path), slog.Any("error", err))
			continue
		}
		log.Info("what a demo left behind was removed", slog.String("folder", path))
	}
}

// isOurs says that a folder is one that this program made, for the same user of the machine, and not what
// somebody else calls like one.
func (f *folder) isOurs() bool {
	info, err := os.Lstat(f.path)
	if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 || !isOwn(info) {
		return false
	}
	lock, err := os.Lstat(f.lock.Path())
	if err != nil || !lock.Mode().IsRegular() || !isOwn(lock) {
		return false
	}
	said, err := os.ReadFile(f.lock.Path())
	return err == nil && string(said) == ownMark
}

func (f *folder) remove() error { return errors.Join(os.RemoveAll(f.path), f.lock.Unlock()) }

// removeDatabase removes a file that is closed, with all that was kept beside it.
func removeDatabase(file string) error {
	var errs []error
	for _, part := range []string{"", "-wal", "-shm", "-journal", "-lock", "-server", "-sessions", "-secret"} {
		if err := os.Remove(file + part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
