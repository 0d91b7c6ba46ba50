package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/uptrace/bun"
	"modernc.org/sqlite"
)

// Backup copies the database at path, as it is at one moment, into a new file, which is an ordinary SQLite
// file for its owner alone. Others may read and write meanwhile; what is confirmed before it begins is in
// it. The copy gets its name when it was read back and is on the disk, so that under that name there is
// never half a file, and never instead of one that is there. It takes as much room as the database; while it
// is made, the log beside the database grows with what others write. tell is told what is done and which
// part of all is, from 0 to 1.
//
// Whoever is killed leaves a file that begins with the name and contains "-unfinished-"; the next backup of
// that name removes it. Errors are sentences; then there is no file of the name that was not there before.
func Backup(ctx context.Context, path, file string, tell func(doing string, part float64)) error {
	from, err := existing(path, "name the file of the records with --database")
	if err != nil {
		return err
	}
	if err := isFree(file); err != nil {
		return err
	}
	db, err := openToLook(ctx, from)
	if err != nil {
		return fmt.Errorf("%s %w", path, noDatabase(err))
	}
	return errors.Join(backUp(ctx, db, file, tell), db.Close())
}

// isFree refuses a name that a file has, and one beside which the log of a file lies that is gone: SQLite
// would take it for that of the new one.
func isFree(file string) error {
	for _, part := range []string{"", "-wal", "-journal"} {
		if !isMissing(file + part) {
			return fmt.Errorf("%s exists, and nothing is written over it: name a file that is not there yet", file+part)
		}
	}
	return nil
}

func backUp(ctx context.Context, db *bun.DB, file string, tell func(string, float64)) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("no backup was made as %s: %w", file, err)
		}
	}()
	// What cannot be cleared away is in nobody's way.
	_ = ClearUnfinished(filepath.Dir(file), func(name string) bool { return name == filepath.Base(file) })
	m, err := newMaking(file)
	if err != nil {
		return err
	}
	making := m.name
	defer func() { err = errors.Join(err, m.end()) }()
	f, err := os.OpenFile(making, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) // #nosec G304 -- named by whoever runs the program
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }() // SQLite has no lock on it by then
	tables, err := copyTo(ctx, db, making, func(part float64) { tell("copying", .6*part) })
	if err != nil {
		return err
	}
	tell("reading it back", .6)
	if err := f.Sync(); err != nil {
		return err
	}
	if err := readBack(ctx, making, tables); err != nil {
		return fmt.Errorf("the copy is not what it should be: %w", err)
	}
	tell("", 1)
	return giveName(making, file)
}

// portion is how many pages are copied before somebody who wants to stop is heard, about 16 MB.
const portion = 4000

// copyTo copies a database as it is now into an empty file, and returns how many rows its tables have.
func copyTo(ctx context.Context, db *bun.DB, file string, tell func(part float64)) (tables map[string]int64, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	if tables, err = rowsOf(ctx, tx); err != nil { // from here on it sees one moment, and so does the copy
		return nil, err
	}
	return tables, conn.Raw(func(driver any) error { return copyPages(ctx, driver, file, tell) })
}

// copyPages copies page by page, through the connection that sees one moment: pages that others write
// meanwhile do not make it begin anew.
func copyPages(ctx context.Context, driver any, file string, tell func(part float64)) (err error) {
	source, ok := driver.(interface {
		NewBackup(to string) (*sqlite.Backup, error)
	})
	if !ok {
		return errors.New("this driver cannot copy a database")
	}
	q := url.Values{"_pragma": {"journal_mode(OFF)", "synchronous(OFF)"}} // who is interrupted begins anew
	b, err := source.NewBackup("file:" + (&url.URL{Path: file}).EscapedPath() + "?" + q.Encode())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Finish()) }()
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if more, err = b.Step(portion); err != nil {
			return err
		}
		if all := b.PageCount(); all > 0 {
			tell(1 - float64(b.Remaining())/float64(all))
		}
	}
	return nil
}

// rowsOf counts the rows of all tables, so that a copy can be compared.
func rowsOf(ctx context.Context, db bun.IDB) (map[string]int64, error) {
	names, err := tablesIn(ctx, db)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int64, len(names))
	for _, name := range names {
		var n int64
		if err := db.NewRaw("SELECT count(*) FROM ?", bun.Ident(name)).Scan(ctx, &n); err != nil {
			return nil, err
		}
		counts[name] = n
	}
	return counts, nil
}

// ReadWhole reads all of a backup, which nobody may be writing to, and makes sure that it is whole. Errors go
// on in a sentence about the file.
func ReadWhole(ctx context.Context, file string) error {
	if isMissing(file) {
		return fs.ErrNotExist
	}
	if err := refuseWhatIsNone(file); err != nil {
		return err
	}
	return readBack(ctx, file, map[string]int64{})
}

// readBack reads all of a file that nobody writes to, and compares the numbers of rows.
func readBack(ctx context.Context, file string, tables map[string]int64) (err error) {
	db, err := openAs(ctx, file, suspect)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var found []string
	if err := integrity(ctx, db, func(what string) { found = append(found, what) }); err != nil {
		return err
	}
	if len(found) > 0 {
		return errors.New(found[0])
	}
	counts, err := rowsOf(ctx, db)
	if err != nil {
		return err
	}
	if len(counts) == 0 {
		return errors.New("there is nothing in it")
	}
	for name, n := range tables {
		if counts[name] != n {
			return fmt.Errorf("%s has %d rows instead of %d", name, counts[name], n)
		}
	}
	return nil
}

// giveName gives a finished file its name, which no other file must have.
func giveName(making, file string) error {
	err := os.Link(making, file) // unlike Rename, it does not replace
	if err != nil && !errors.Is(err, fs.ErrExist) && isMissing(file) {
		err = os.Rename(making, file) // on a file system without links
	}
	if errors.Is(err, fs.ErrExist) {
		return errors.New("it exists by now")
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(file))
}
