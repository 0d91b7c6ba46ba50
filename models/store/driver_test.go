package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net/url"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"maitred/models/store"
)

// This file is a driver that is the real one, but for the calls that it is told to fail.

func init() {
	real, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		panic(err)
	}
	sql.Register(store.FailingDriver, failingDriver{real.Driver()})
}

// failure is what a call answers instead of what it should.
type failure struct {
	name  string
	code  int  // of SQLite; 0: the request is given up, and the call finds out by itself
	done  bool // the call is done all the same, only its answer is lost
	ended bool // as SQLite may do then, it has ended the transaction by itself
	stays bool // every later call fails too
}

// error is the error that the real driver would return.
func (f failure) error() error {
	e := new(sqlite.Error)
	set := func(field string, value any) {
		v := reflect.ValueOf(e).Elem().FieldByName(field)
		reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem().Set(reflect.ValueOf(value))
	}
	set("msg", f.name)
	set("code", f.code)
	return e
}

var failures = []failure{
	{name: "busy", code: sqlite3.SQLITE_BUSY},
	{name: "busy from then on", code: sqlite3.SQLITE_BUSY, stays: true},
	{name: "the disk fails to read", code: sqlite3.SQLITE_IOERR_READ},
	{name: "the disk fails from then on", code: sqlite3.SQLITE_IOERR_WRITE, stays: true},
	{name: "the disk fails and SQLite gives up the transaction", code: sqlite3.SQLITE_IOERR_FSYNC, ended: true},
	{name: "the disk fails when all is done", code: sqlite3.SQLITE_IOERR_FSYNC, done: true},
	{name: "the disk fails when all is done, and from then on", code: sqlite3.SQLITE_IOERR_FSYNC, done: true, stays: true},
	{name: "the disk is full", code: sqlite3.SQLITE_FULL},
	{name: "the disk is full from then on", code: sqlite3.SQLITE_FULL, stays: true},
	{name: "the disk is full and SQLite gives up the transaction", code: sqlite3.SQLITE_FULL, ended: true},
	{name: "the disk can only be read from then on", code: sqlite3.SQLITE_READONLY, stays: true},
	{name: "the request is given up"},
}

// inTurn are passes over the calls of something: in each of them the failures take turns, so that in
// as many passes as there are failures every call meets every failure.
func inTurn(all []failure, passes int) []func(n int) failure {
	var ways []func(int) failure
	for pass := range passes {
		ways = append(ways, func(n int) failure { return all[(n+pass*len(all)/passes)%len(all)] })
	}
	return ways
}

// every lets every call meet every failure. With the race detector, which makes the database ten
// times as slow and looks for something else, two of them.
func every(all []failure) []func(n int) failure {
	if raceDetector() {
		return inTurn(all, 2)
	}
	return inTurn(all, len(all))
}

func raceDetector() bool {
	built, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(built.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// faults decides which of the calls to one database file fail.
type faults struct {
	mu      sync.Mutex
	failure failure
	at      int // the number of the call that fails, from 1; 0: none does
	giveUp  func()
	calls   []string // since arm
}

// byFile are the faults of each file, before it is opened.
var byFile sync.Map

func faultsOf(file string) *faults {
	f := new(faults)
	byFile.Store(file, f)
	return f
}

// arm lets the n-th call from now on fail.
func (f *faults) arm(n int, how failure, giveUp func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failure, f.at, f.giveUp, f.calls = how, n, giveUp, nil
}

// heal lets all calls through again and returns the one that failed first; "" if none did.
func (f *faults) heal() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.at
	f.at = 0
	if n == 0 || len(f.calls) < n {
		return ""
	}
	return f.calls[n-1]
}

// reach is one call. endTx ends the transaction past the driver; it is nil outside of one.
func (f *faults) reach(call string, do func() error, endTx func()) error {
	f.mu.Lock()
	how, fails := f.failure, false
	if f.at > 0 {
		f.calls = append(f.calls, call)
		fails = len(f.calls) == f.at || len(f.calls) > f.at && how.stays
	}
	f.mu.Unlock()
	switch {
	case !fails:
		return do()
	case how.code == 0:
		f.giveUp()
		return do()
	case how.done:
		_ = do()
	case how.ended && endTx != nil:
		endTx()
	}
	return how.error()
}

type failingDriver struct{ driver.Driver }

func (d failingDriver) Open(dsn string) (driver.Conn, error) {
	file, _, _ := strings.Cut(strings.TrimPrefix(dsn, "file:"), "?")
	file, err := url.PathUnescape(file)
	if err != nil {
		return nil, err
	}
	found, ok := byFile.Load(strings.TrimSuffix(file, "-unfinished"))
	if !ok {
		return d.Driver.Open(dsn)
	}
	c := &failingConn{faults: found.(*faults)}
	err = c.reach("connect", func() (err error) {
		c.realConn, err = open(d.Driver, dsn)
		return err
	}, nil)
	if err != nil && c.realConn != nil {
		_ = c.realConn.Close()
	}
	return c, err
}

// realConn is what the real driver's connections can do, as far as database/sql uses it.
type realConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

func open(d driver.Driver, dsn string) (realConn, error) {
	c, err := d.Open(dsn)
	if err != nil {
		return nil, err
	}
	return c.(realConn), nil
}

// failingConn ends like a real one: Close always closes.
type failingConn struct {
	realConn
	*faults
	tx driver.Tx
}

// endTx ends the transaction without database/sql knowing.
func (c *failingConn) endTx() func() {
	if c.tx == nil {
		return nil
	}
	return func() { _ = c.tx.Rollback() }
}

func (c *failingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	err := c.reach("begin", func() (err error) {
		c.tx, err = c.realConn.BeginTx(ctx, o)
		return err
	}, nil)
	return failingTx{c}, err
}

func (c *failingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	var s realStmt
	err := c.reach("prepare "+query, func() error {
		prepared, err := c.realConn.PrepareContext(ctx, query)
		if err == nil {
			s = prepared.(realStmt)
		}
		return err
	}, c.endTx())
	if err != nil && s != nil {
		_ = s.Close()
	}
	return failingStmt{s, c, query}, err
}

func (c *failingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (r driver.Result, err error) {
	err = c.reach("exec "+query, func() (err error) {
		r, err = c.realConn.ExecContext(ctx, query, args)
		return err
	}, c.endTx())
	return r, err
}

func (c *failingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.rows(query, func() (driver.Rows, error) { return c.realConn.QueryContext(ctx, query, args) })
}

func (c *failingConn) rows(query string, read func() (driver.Rows, error)) (driver.Rows, error) {
	var rows driver.Rows
	err := c.reach("query "+query, func() (err error) {
		rows, err = read()
		return err
	}, c.endTx())
	if err != nil && rows != nil {
		_ = rows.Close()
	}
	return failingRows{rows, c, query}, err
}

type failingTx struct{ c *failingConn }

func (t failingTx) Commit() error { return t.c.reach("commit", t.end(driver.Tx.Commit), t.c.endTx()) }
func (t failingTx) Rollback() error {
	return t.c.reach("rollback", t.end(driver.Tx.Rollback), t.c.endTx())
}

func (t failingTx) end(how func(driver.Tx) error) func() error {
	return func() error {
		tx := t.c.tx
		t.c.tx = nil
		return how(tx)
	}
}

type realStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type failingStmt struct {
	realStmt
	c     *failingConn
	query string
}

func (s failingStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (r driver.Result, err error) {
	err = s.c.reach("exec prepared "+s.query, func() (err error) {
		r, err = s.realStmt.ExecContext(ctx, args)
		return err
	}, s.c.endTx())
	return r, err
}

func (s failingStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.c.rows("prepared "+s.query, func() (driver.Rows, error) { return s.realStmt.QueryContext(ctx, args) })
}

type failingRows struct {
	driver.Rows
	c     *failingConn
	query string
}

func (r failingRows) Next(row []driver.Value) error {
	return r.c.reach("next row of "+r.query, func() error { return r.Rows.Next(row) }, r.c.endTx())
}
