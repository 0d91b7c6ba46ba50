package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/uptrace/bun"
)

// resolve is the absolute path of the file itself, through all links, so that one file has one lock
// and one log. The file need not be there, but its folder.
func resolve(path string) (string, error) {
	if path == "" {
		path = "."
	}
	real, err := filepath.EvalSymlinks(path)
	for links := 0; errors.Is(err, fs.ErrNotExist) && links < 40; links++ {
		to, linkErr := os.Readlink(path)
		if linkErr != nil { // the file itself is what is missing, if anything
			var folder string
			folder, err = filepath.EvalSymlinks(filepath.Dir(path))
			real = filepath.Join(folder, filepath.Base(path))
			break
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
		real, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", err
	}
	return filepath.Abs(real)
}

func isMissing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// existing is the absolute path of a database that must exist. Errors are sentences; advice says what to name
// instead of one that is not there.
func existing(named, advice string) (path string, err error) {
	if path, err = resolve(named); err == nil && isMissing(path) {
		err = fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s does not exist: %s", named, advice)
	}
	if err == nil {
		err = refuseWhatIsNone(path)
	}
	if err != nil {
		return "", fmt.Errorf("%s %w", named, err)
	}
	return path, nil
}

// refuseWhatIsNone refuses what was a database, or never was one. An empty file would open as a
// healthy database without a row. Errors go on in a sentence about the file.
func refuseWhatIsNone(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("cannot be opened: %w", err)
	case info.IsDir():
		return errors.New("is a folder: name the file of the records with --database")
	case info.Size() == 0:
		return errors.New("exists and is empty: remove it to start a new site, or put the real file there")
	}
	return nil
}

// unfinished follows the name of a database that is being made.
const unfinished = "-unfinished"

// create makes a database: under another name, so that whoever is killed meanwhile leaves nothing
// that the next start takes for a database. It must be alone with the file.
func create(ctx context.Context, path string, migrate func(context.Context, *bun.DB) error) error {
	for _, log := range []string{"-wal", "-journal"} {
		if size(path+log) > 0 {
			return fmt.Errorf("does not exist, but what belongs to it does, %s%s, with changes that are nowhere else: put the file back beside it, or move that one away", path, log)
		}
	}
	making := path + unfinished
	if err := removeUnfinished(path); err != nil {
		return err
	}
	f, err := os.OpenFile(making, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // #nosec G304 -- named by whoever runs the program, and nobody else's business
	if err != nil {
		return fmt.Errorf("cannot be made: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("cannot be made: %w", err)
	}
	db, err := openPool(making, writer)
	if err != nil {
		return err
	}
	err = errors.Join(migrate(ctx, db), db.Close())
	if err == nil && size(making+"-wal") > 0 {
		err = errors.New("its log was not moved into it")
	}
	if err == nil {
		err = os.Rename(making, path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("cannot be made: %w", err), removeUnfinished(path))
	}
	return nil
}

func removeUnfinished(path string) error {
	if err := errors.Join(removeIfThere(path+unfinished), removeBeside(path+unfinished)); err != nil {
		return fmt.Errorf("cannot be made: %w", err)
	}
	return nil
}

// removeBeside removes what SQLite keeps beside a file, in which nothing must be any more.
func removeBeside(path string) error {
	return errors.Join(removeIfThere(path+"-wal"), removeIfThere(path+"-shm"), removeIfThere(path+"-journal"))
}

func removeIfThere(name string) error {
	if isMissing(name) { // which is no reason to write
		return nil
	}
	return os.Remove(name)
}

// syncFolder makes a new name in a folder survive a power cut.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" { // where folders cannot be opened, and need not
		return nil
	}
	d, err := os.Open(path) // #nosec G304 -- the folder of the file that whoever runs the program named
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
