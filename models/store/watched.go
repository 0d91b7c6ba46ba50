package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/uptrace/bun"
	"modernc.org/sqlite"
)

// This file stands between database/sql and the driver: every statement goes through it, whoever sends it,
// so that those that were slow can be told of. It changes nothing.

// watched is the driver of one pool.
type watched struct {
	connect func(context.Context) (driver.Conn, error)
	spell   func(text string) string // a statement with values beside it, as the database has it; nil: as it is
	once    []driver.NamedValue      // what tells the driver that a statement will hardly come again
	*slow
}

// openWatched opens a pool whose statements are watched.
func openWatched(driverName, dsn string) (*sql.DB, error) {
	bare, err := sql.Open(driverName, dsn)
	if err != nil {
		return nil, err
	}
	opening := bare.Driver()
	connect := func(context.Context) (driver.Conn, error) { return opening.Open(dsn) }
	return sql.OpenDB(&watched{connect: connect, slow: &slow{how: explaining}}), bare.Close() // which opened nothing yet
}

// watchOf is what watches a pool; nil for none.
func watchOf(db *bun.DB) *slow {
	if db == nil {
		return nil
	}
	return db.DB.Driver().(*watched).slow // opened as above
}

func (w *watched) Connect(ctx context.Context) (driver.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := w.connect(ctx)
	if err != nil {
		return nil, err
	}
	return &watchedConn{c.(conn), w}, nil
}

// Driver implements driver.Connector: watchOf finds what watches by it.
func (w *watched) Driver() driver.Driver { return w }

// Open implements driver.Driver. Nobody opens anything by it.
func (w *watched) Open(string) (driver.Conn, error) { return w.Connect(context.Background()) }

// spelled is a statement that has values beside it.
func (w *watched) spelled(text string) string {
	if w.spell == nil {
		return text
	}
	return w.spell(text)
}

// take makes of values such as the database takes.
func (w *watched) take(args []driver.NamedValue) {
	if w.spell == nil {
		return
	}
	for i, a := range args {
		if s, ok := a.Value.(string); ok {
			args[i].Value = storable(s)
		}
	}
}

// conn is what the driver's connections can do, as far as database/sql uses it.
type conn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.SessionResetter
}

type watchedConn struct {
	conn
	*watched
}

// IsValid implements driver.Validator, where the driver does.
func (c *watchedConn) IsValid() bool {
	v, ok := c.conn.(driver.Validator)
	return !ok || v.IsValid()
}

func (c *watchedConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	defer c.timed(text, len(args), time.Now())
	if len(args) > 0 {
		text = c.spelled(text)
		c.take(args)
	} else {
		args = c.once
	}
	return c.conn.ExecContext(ctx, text, args)
}

func (c *watchedConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	began, values := time.Now(), len(args)
	if values > 0 {
		text = c.spelled(text)
		c.take(args)
	} else {
		args = c.once
	}
	rows, err := c.conn.QueryContext(ctx, text, args)
	return c.rows(rows, err, text, values, began)
}

func (c *watchedConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	s, err := c.conn.PrepareContext(ctx, c.spelled(text))
	if err != nil {
		return nil, err
	}
	return &watchedStmt{s.(stmt), c, text}, nil
}

// NewBackup is what a backup asks of the driver's connection past database/sql.
func (c *watchedConn) NewBackup(to string) (*sqlite.Backup, error) {
	source, ok := c.conn.(interface {
		NewBackup(to string) (*sqlite.Backup, error)
	})
	if !ok {
		return nil, errors.New("this driver cannot copy a database")
	}
	return source.NewBackup(to)
}

// stmt is what the driver's prepared statements can do.
type stmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type watchedStmt struct {
	stmt
	conn *watchedConn
	text string
}

func (s *watchedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	defer s.conn.timed(s.text, len(args), time.Now())
	s.conn.take(args)
	return s.stmt.ExecContext(ctx, args)
}

func (s *watchedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	began := time.Now()
	s.conn.take(args)
	rows, err := s.stmt.QueryContext(ctx, args)
	return s.conn.rows(rows, err, s.text, len(args), began)
}

// rows are what a statement finds. It goes on until they are closed: the database finds one after the
// other, as they are asked for.
func (s *slow) rows(rows driver.Rows, err error, text string, values int, began time.Time) (driver.Rows, error) {
	if err != nil || s.after.Load() <= 0 {
		if err != nil {
			s.timed(text, values, began)
		}
		return rows, err
	}
	return &watchedRows{rows, s, text, values, began}, nil
}

type watchedRows struct {
	driver.Rows
	slow   *slow
	text   string
	values int
	began  time.Time
}

func (r *watchedRows) Close() error {
	defer r.slow.timed(r.text, r.values, r.began)
	return r.Rows.Close()
}
