package store

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the driver; it needs no C compiler
	sqlite3 "modernc.org/sqlite/lib"
)

// driverName is the driver's name in database/sql. Tests of this package name one that fails.
var driverName = "sqlite"

// role is what a pool of connections is for.
type role int

const (
	writer  role = iota
	reader       // beside a writer of this process
	visitor      // reads a file that another process may be writing to
	still        // reads a file that nobody can write to and that has no log beside it
	witness      // reads a file that nobody can write to, with the log beside it
	suspect      // reads like still what may be damaged

	ownWriter // of a file that is one person's alone and need not survive the program …
	ownReader // … beside that one
)

// setup is how a pool is opened.
type setup struct {
	vfs  string // one of SQLite's file systems, "" for that of the machine
	path string
	role role
	most int64 // how large the file may become, in bytes; 0: as large as the disk lets it
}

// pageSize is that of SQLite's files, in bytes, if nobody says otherwise.
const pageSize = 4096

// What a pool of somebody's own keeps open while nobody asks: nothing after a while. There are a thousand.
const (
	ownIdle  = 2 * time.Second
	ownCache = -256 // in kB
)

const (
	readers   = 4     // connections; a page holds one for as long as its statements run
	cacheSize = 16000 // KiB that a connection keeps of the file at most
)

// Caches is how many bytes the connections of a store keep of its file at most, in memory of their own. What
// else SQLite needs, it needs for a moment, and it is little.
const Caches int64 = (readers + 1) * cacheSize << 10

// Settings stand in the DSN because it is the only way to reach every connection of a pool: a
// PRAGMA sent to the pool reaches one of them, and the others delete without cascading.
//
// There is one write connection. Sixteen wait longer for each other than for one queue, and
// transactions that read first and write later then fail with "database is locked" unless each
// begins by taking the write lock (_txlock=immediate). FULL makes a commit survive a power cut.
func openPool(path string, r role) (*bun.DB, error) { return openPoolOf(setup{path: path, role: r}) }

func openPoolOf(o setup) (*bun.DB, error) {
	q, r := url.Values{}, o.role
	if o.vfs != "" {
		q.Set("vfs", o.vfs)
	}
	q.Set("_time_format", "sqlite")
	q.Set("_timezone", "UTC")
	q.Add("_pragma", "busy_timeout(5000)")
	q.Add("_pragma", "foreign_keys(1)")
	if r != suspect { // a disk that fails while it is read as memory ends the program
		q.Add("_pragma", "mmap_size(2147418112)") // of the file without a copy, as much as SQLite can: 2 GiB
	}
	switch r {
	case witness: // as below
	case ownWriter, ownReader:
		q.Add("_pragma", fmt.Sprintf("cache_size(%d)", ownCache))
	default:
		q.Add("_pragma", fmt.Sprintf("cache_size(-%d)", cacheSize))
	}
	switch r {
	case writer:
		q.Set("_txlock", "immediate")
		q.Add("_pragma", "journal_mode(WAL)")
		q.Add("_pragma", "synchronous(FULL)")
		q.Add("_pragma", "journal_size_limit(67108864)") // what a long change needed of the log is given back
	case ownWriter:
		q.Set("_txlock", "immediate")
		q.Add("_pragma", "journal_mode(WAL)")
		q.Add("_pragma", "synchronous(OFF)")
		q.Add("_pragma", fmt.Sprintf("max_page_count(%d)", o.most/pageSize))
		q.Add("_pragma", "wal_autocheckpoint(128)") // of 4 kB: so large the log becomes, or as a change
	case visitor, still, witness, suspect:
		q.Set("mode", "ro") // the last one to close a file moves its log into it, unless it may not write
	}
	if r != writer && r != ownWriter {
		q.Add("_pragma", "query_only(1)")
	}
	switch r {
	case still, suspect:
		q.Set("immutable", "1") // asks for no log, no locks and no memory shared through a file
	case witness: // finds its way in the log by memory of its own, which SQLite does only for who is alone
		q.Set("vfs", "unix-none")
		q.Add("_pragma", "locking_mode(EXCLUSIVE)") // the driver sorts them, and cache_size reads the file before
	}
	db, err := openWatched(driverName, "file:"+(&url.URL{Path: o.path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", o.path, err)
	}
	n := 1
	if r != writer && r != ownWriter {
		n = readers
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	if r == ownWriter || r == ownReader {
		db.SetMaxIdleConns(1)
		db.SetConnMaxIdleTime(ownIdle)
	}
	return bun.NewDB(db, sqlitedialect.New(), bun.WithDiscardUnknownColumns()), nil
}

// openToLook opens a file that this process will not write to. Usually that goes through the log and
// the shared memory beside the file, as for everyone. Where these are not there and cannot be made
// either, nobody can be writing, and the file is read as it stands; but never without what is in its
// log, which would silently show older data.
func openToLook(ctx context.Context, path string) (*bun.DB, error) {
	db, err := openAs(ctx, path, visitor)
	if !hasClass(err, sqlite3.SQLITE_CANTOPEN) && !hasClass(err, sqlite3.SQLITE_READONLY) {
		return db, err
	}
	r := still
	if size(path+"-wal") > 0 {
		r = witness
	}
	if db, err2 := openAs(ctx, path, r); err2 == nil {
		return db, nil
	}
	return nil, err
}

// openAs opens a pool and reads something.
func openAs(ctx context.Context, path string, r role) (*bun.DB, error) {
	db, err := openPool(path, r)
	if err != nil {
		return nil, err
	}
	var n int
	if err := db.NewRaw("SELECT count(*) FROM sqlite_master").Scan(ctx, &n); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// size is how many bytes a file has, 0 if there is none.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
