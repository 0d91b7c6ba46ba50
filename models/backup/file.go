package backup

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// File is a backup in the folder.
type File struct {
	Name string
	At   time.Time // the moment whose records are in it
	Size int64     // bytes

	Read    time.Time // when all of it was read last; zero: not since the program started
	Damaged bool      // it could not be read as what it should be
}

// nameLayout is the moment in a backup's name.
const nameLayout = "20060102-150405"

func (b *Backups) nameAt(t time.Time) string {
	return b.stem + "-" + t.UTC().Format(nameLayout) + ".db"
}

// momentIn is the moment in the name of a backup of this database; false for any other name.
func (b *Backups) momentIn(name string) (time.Time, bool) {
	text, ours := strings.CutPrefix(name, b.stem+"-")
	t, err := time.Parse(nameLayout+".db", text)
	return t, ours && err == nil && b.nameAt(t) == name
}

func (b *Backups) isOurs(name string) bool {
	_, ours := b.momentIn(name)
	return ours
}

// fromFuture says that a backup was made by a clock that was wrong. How fresh it is nobody knows.
func (b *Backups) fromFuture(f File) bool { return f.At.After(b.Now().Add(time.Minute)) }

// files are the backups in the folder, newest first.
func (b *Backups) files() ([]File, error) {
	entries, err := os.ReadDir(b.Folder)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, e := range slices.Backward(entries) { // by name
		at, ours := b.momentIn(e.Name())
		if info, err := e.Info(); ours && err == nil && info.Mode().IsRegular() {
			files = append(files, b.known(File{Name: e.Name(), At: at, Size: info.Size()}, info.ModTime()))
		}
	}
	return files, nil
}

// Open opens a backup to be read. Errors: fs.ErrNotExist for what is none.
func (b *Backups) Open(name string) (io.ReadSeekCloser, File, error) {
	files, err := b.files()
	if err != nil {
		return nil, File{}, err
	}
	i := slices.IndexFunc(files, func(f File) bool { return f.Name == name })
	if i < 0 {
		return nil, File{}, os.ErrNotExist
	}
	f, err := os.OpenInRoot(b.Folder, files[i].Name)
	if err != nil {
		return nil, File{}, err
	}
	return f, files[i], nil
}

func (b *Backups) path(name string) string { return filepath.Join(b.Folder, name) }
