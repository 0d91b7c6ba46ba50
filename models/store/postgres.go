package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"maitred/models/problem"
)

// This file is how a store uses PostgreSQL, and what only that speaks.

// IsServer says that what a database is named by is the address of a server and not a file.
func IsServer(named string) bool {
	return strings.HasPrefix(named, "postgres://") || strings.HasPrefix(named, "postgresql://")
}

// How many connections an instance has: for those who read, as with SQLite, and for those who write. Of these
// one writes at a time, but sessions and the like must not wait for it.
const serverWriters = 4

// connectWithin is how long a connection may take to be made, unless the address says otherwise.
const connectWithin = 5 * time.Second

// stopsWithin is how long a server may take to stop what it is told to, before the connection is given up.
const stopsWithin = 2 * time.Second

// openServer opens a pool of connections to the server, which are told more settings than all are. Those of a reader
// can write nothing.
func openServer(named string, r role, more ...[2]string) (*bun.DB, error) {
	config, err := pgx.ParseConfig(named)
	if err != nil {
		return nil, errors.New("is no address of a database that can be read: it looks like postgres://user:password@host:5432/name") // the cause may hold the password
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectWithin
	}
	// Who stops asking has the server stop, and keeps the connection and the transaction: a page goes on in it.
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: stopsWithin}
	}
	config.RuntimeParams["application_name"] = "maitred"
	if config.ValidateConnect == nil && len(config.Fallbacks) > 0 && r != visitor {
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite // of several servers the one that is written to
	}
	most, wants := serverWriters, settings
	if r != writer {
		most, wants = readers, append(slices.Clone(settings), [2]string{"default_transaction_read_only", "on"})
	}
	wants = slices.Concat(wants, more)
	connector := stdlib.GetConnector(*config, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error { return setUp(ctx, c, wants) }))
	db := sql.OpenDB(&watched{connect: connector.Connect, spell: numbered, once: []driver.NamedValue{{Ordinal: 1, Value: pgx.QueryExecModeExec}}, slow: &slow{how: explainingOnServer}})
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return bun.NewDB(db, pgdialect.New(), bun.WithDiscardUnknownColumns()), nil
}

// settings are what each connection is told. What a server does not know, as those that only speak like PostgreSQL,
// it goes without: most only make it find out sooner that an instance is gone, whose turn then ends.
var settings = [][2]string{
	{"timezone", "UTC"},
	// it takes longer to compile a page's statement than to run it
	{"jit", "off"},
	{"tcp_keepalives_idle", "5"}, {"tcp_keepalives_interval", "2"}, {"tcp_keepalives_count", "3"}, // seconds
	{"tcp_user_timeout", "10s"},
	{"client_connection_check_interval", "5s"}, // also while a long statement runs
	{"idle_in_transaction_session_timeout", "2min"},
}

// asWritten is how connections that pages are read by are told to go about statements: as these are written, which
// have counted before, or looked up in an index, where it is best to begin. PostgreSQL would rather guess how many rows
// fulfil a condition, of which it knows nothing where a text contains another, and read a whole table for it. So that it
// need not guess again for each value that is asked for, which takes longer than many a page, it keeps to one plan.
var asWritten = [][2]string{
	{"join_collapse_limit", "1"}, {"enable_seqscan", "off"}, {"max_parallel_workers_per_gather", "0"},
	{"plan_cache_mode", "force_generic_plan"},
}

// setUp tells a connection all settings at once and, where the server does not know one of them, each by itself.
func setUp(ctx context.Context, c *pgx.Conn, wants [][2]string) error {
	var e *pgconn.PgError
	if err := set(ctx, c, wants...); !errors.As(err, &e) {
		return err
	}
	for _, s := range wants {
		err := set(ctx, c, s)
		if err != nil && (!errors.As(err, &e) || s[0] == "default_transaction_read_only") {
			return err
		}
	}
	return nil
}

func set(ctx context.Context, c *pgx.Conn, settings ...[2]string) error {
	var calls []string
	args := []any{pgx.QueryExecModeExec}
	for _, s := range settings {
		calls = append(calls, fmt.Sprintf("set_config($%d, $%d, false)", len(args), len(args)+1))
		args = append(args, s[0], s[1])
	}
	_, err := c.Exec(ctx, "SELECT "+strings.Join(calls, ", "), args...)
	return err
}

// numbered is a statement with its placeholders as PostgreSQL has them, $1 instead of ?. Those of Bun have none: it
// writes the values into them.
func numbered(text string) string {
	if !strings.Contains(text, "?") {
		return text
	}
	var b strings.Builder
	n := 0
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case '\'', '"':
			end := afterQuote(text, i)
			b.WriteString(text[i:end])
			i = end
		case '?':
			n++
			fmt.Fprintf(&b, "$%d", n)
			i++
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// storable is a text as PostgreSQL takes it, which has neither NUL nor broken UTF-8. Nothing that is written has
// either; who asks for such a text asks for one that is nowhere.
func storable(s string) string {
	if !strings.Contains(s, "\x00") && utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

// Shown is what a database is named by, as it may be shown: of an address without the password.
func Shown(named string) string {
	if !IsServer(named) {
		return named
	}
	u, err := url.Parse(named)
	if err != nil {
		return "the database"
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "the database"
	}
	if q.Has("password") || q.Has("sslpassword") { // where it may stand as well
		for _, name := range []string{"password", "sslpassword"} {
			if q.Has(name) {
				q.Set(name, "xxxxx")
			}
		}
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

// onServer opens a database of a server, brings it up to date, and makes the search indexes that are missing.
func (o *opening) onServer(ctx context.Context, s *Store) (err error) {
	s.onServer, s.turns = true, recordsTurn
	if s.write, err = openServer(o.named, writer); err != nil {
		return err
	}
	if err := migrateServer(ctx, s.write, o.migrate); err != nil {
		return err
	}
	if s.read, err = openServer(o.named, reader, asWritten...); err != nil {
		return err
	}
	s.upToDate = func(ctx context.Context) error { return o.migrate(ctx, s.read) }
	if err := s.read.NewRaw("SELECT current_setting('enable_sort', true) IS NOT NULL").Scan(ctx, &s.sorts); err != nil {
		s.Log.Debug("the server says nothing of how it sorts", slog.Any("error", err))
	}
	if err := s.compare(ctx, o.models); err != nil {
		return err
	}
	return s.ensureIndexes(ctx)
}

// InOrder runs fn in a read transaction, which reads in the order of an index until it has what it needs. PostgreSQL
// would rather read all that it believes to be little, and sort that.
func (s *Store) InOrder(ctx context.Context, tx bun.Tx, fn func() error) error {
	if !s.sorts {
		return fn()
	}
	if _, err := tx.ExecContext(ctx, "SET LOCAL enable_sort = off"); err != nil {
		return err
	}
	if err := fn(); err != nil {
		return err // the setting ends with what was tried
	}
	_, err := tx.ExecContext(ctx, "SET LOCAL enable_sort = on")
	return err
}

// How often a schema is tried to be brought up to date, and how long it is waited before the next time at most.
const (
	migrationTries = 20
	migrationPause = 500 * time.Millisecond
)

// migrateServer brings a schema up to date. Instances that start at the same time may all try, and then stand in each
// other's way, of which servers say so in many ways. Each statement bears being run twice, so whoever failed tries again.
func migrateServer(ctx context.Context, db *bun.DB, migrate func(context.Context, *bun.DB) error) (err error) {
	for range migrationTries {
		err = migrate(ctx, db)
		var e *pgconn.PgError
		if !errors.As(err, &e) || ctx.Err() != nil {
			return err
		}
		time.Sleep(rand.N(migrationPause)) // #nosec G404 -- so that not all come again at once
	}
	return err
}

// serverToRead opens a database of a server in order to look at it.
func (o *opening) serverToRead(ctx context.Context, s *Store) (err error) {
	s.onServer, s.ReadOnly = true, true
	if s.read, err = openServer(o.named, visitor); err != nil {
		return err
	}
	s.write = s.read // whoever tries is told that it cannot be written to
	s.upToDate = func(ctx context.Context) error { return o.migrate(ctx, s.read) }
	if err := o.migrate(ctx, s.read); err != nil {
		return err
	}
	if err := s.compare(ctx, o.models); err != nil {
		return err
	}
	return s.checkIndexes(ctx)
}

// SQLSTATE codes, by what they mean for us.
const (
	stateUnique      = "23505"
	stateForeignKey  = "23503"
	stateRestrict    = "23001"
	stateDiskFull    = "53100"
	stateReadOnly    = "25006"
	stateCanceled    = "57014"
	stateSerialize   = "40001"
	stateDeadlock    = "40P01"
	stateLockTimeout = "55P03"
	stateUnknown     = "40003" // whether a statement was completed
	classConnection  = "08"
)

// serverProblem is toProblem for errors of PostgreSQL; nil for one of another kind.
func serverProblem(err error) error {
	var e *pgconn.PgError
	if IsLost(err) {
		return Unreachable(err)
	}
	if !errors.As(err, &e) {
		return nil
	}
	p := &problem.Error{Cause: err}
	switch e.Code {
	case stateUnique:
		p.Code, p.Message = problem.Invalid, taken
	case stateForeignKey, stateRestrict:
		p.Code, p.Message = problem.Invalid, orphaned
	case stateDiskFull:
		p.Code, p.Message = problem.Full, diskFull
	case stateLockTimeout, stateSerialize, stateDeadlock:
		p.Code, p.Message = problem.Busy, stillSaving
	case stateCanceled:
		return errors.Join(context.Canceled, err)
	default:
		return nil
	}
	return p
}

// IsLost says of an error that there is no connection to the server any more, or none could be made: nothing that
// was not committed is there. With SQLite there is no such error.
func IsLost(err error) bool {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return slices.Contains(gone, e.Code) || strings.HasPrefix(e.Code, "08") // connection exceptions
	}
	var connecting *pgconn.ConnectError
	if errors.As(err, &connecting) {
		return true
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) { // of who asks; the first is a net.Error, too
		return false
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err) || err != nil && strings.HasSuffix(err.Error(), "conn closed") // pgx has no name for it
}

// gone are what a server says when it ends connections or takes none: it is told to stop, another process of it died,
// it starts, or it has as many as it may; and that it is the standby of another now.
var gone = []string{"57P01", "57P02", "57P03", "53300", stateReadOnly}

// Unreachable is what people are told whom the server does not answer.
func Unreachable(cause error) error {
	return &problem.Error{Code: problem.Busy, Cause: cause, Message: "The database cannot be reached at the moment. Please try again in a moment."}
}

// isNotDone says of the answer to a commit that nothing was written, since the server says so itself: it rolled back
// instead, as after a statement that failed, or could not keep a promise of the schema.
func isNotDone(err error) bool {
	var e *pgconn.PgError
	return errors.Is(err, pgx.ErrTxCommitRollback) ||
		errors.As(err, &e) && e.SeverityUnlocalized == "ERROR" && e.Code != stateUnknown && !strings.HasPrefix(e.Code, classConnection)
}

// isToBeRepeated says that a transaction failed only because of others, and may well do when it is run again whole.
// Where the connection was lost, nothing of it is there, but for what a commit was sent for.
func isToBeRepeated(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == stateSerialize || e.Code == stateDeadlock) || IsLost(err)
}

// What the schema says of itself.
const (
	firstColumnsOfIndexes = `SELECT a.attname FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
		WHERE i.indrelid = (?)::regclass AND i.indpred IS NULL ORDER BY a.attname`
	foreignKeys = `SELECT i.relname AS "in", a.attname AS "from", t.relname AS "table", b.attname AS "to",
			CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT' ELSE 'SET' END AS on_delete, CASE c.confupdtype WHEN 'c' THEN 'CASCADE' WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT' ELSE 'SET' END AS on_update
		FROM pg_constraint AS c JOIN pg_class AS i ON i.oid = c.conrelid JOIN pg_class AS t ON t.oid = c.confrelid
		JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
		WHERE c.contype = 'f' AND i.relnamespace = current_schema()::regnamespace`
	// Every foreign key of one column, with the key of the rows that have it where that is one number.
	followed = `SELECT i.relname AS "in", a.attname AS "from", t.relname AS "table", b.attname AS "to",
			coalesce((SELECT k.attname FROM pg_constraint AS p JOIN pg_attribute AS k ON k.attrelid = p.conrelid AND k.attnum = p.conkey[1]
				WHERE p.contype = 'p' AND p.conrelid = c.conrelid AND cardinality(p.conkey) = 1 AND k.atttypid IN ('int4'::regtype, 'int8'::regtype)), '') AS "key"
		FROM pg_constraint AS c JOIN pg_class AS i ON i.oid = c.conrelid JOIN pg_class AS t ON t.oid = c.confrelid
		JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
		WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 AND i.relnamespace = current_schema()::regnamespace ORDER BY 1, 2`
)

// Try runs fn so that the transaction can go on when fn fails or takes too long, as it does by itself with SQLite:
// PostgreSQL would answer nothing more until it ends.
func Try(ctx context.Context, tx bun.Tx, fn func(ctx context.Context) error) error {
	if !onServer(tx) {
		return fn(ctx)
	}
	after := context.WithoutCancel(ctx)
	if begunSaved(ctx) {
		err := fn(ctx)
		if err != nil {
			_, failed := tx.ExecContext(after, "ROLLBACK TO SAVEPOINT beginning")
			err = errors.Join(err, failed)
		}
		return err
	}
	if _, err := tx.ExecContext(ctx, "SAVEPOINT attempt"); err != nil {
		return err
	}
	err := fn(ctx)
	if err == nil {
		if _, err = tx.ExecContext(after, "RELEASE SAVEPOINT attempt"); err == nil {
			return nil
		}
	}
	if _, failed := tx.ExecContext(after, "ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt"); failed != nil {
		return errors.Join(err, failed)
	}
	return err
}

// orphansOnServer is Orphans. The server keeps its foreign keys by triggers, which its administrators can do without.
func orphansOnServer(ctx context.Context, tx bun.Tx, found func(Orphan)) error {
	var keys []struct{ In, From, Table, To, Key string }
	if err := tx.NewRaw(followed).Scan(ctx, &keys); err != nil {
		return err
	}
	for _, f := range keys {
		q := fmt.Sprintf(`SELECT %s, count(*) FROM %q AS c WHERE c.%q IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %q AS p WHERE p.%q = c.%q)`,
			"NULL::bigint", f.In, f.From, f.Table, f.To, f.From) + " HAVING count(*) > 0"
		if f.Key != "" {
			q = fmt.Sprintf(`SELECT c.%q, 1 FROM %q AS c WHERE c.%q IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %q AS p WHERE p.%q = c.%q) ORDER BY 1`,
				f.Key, f.In, f.From, f.Table, f.To, f.From)
		}
		rows, err := tx.QueryContext(ctx, q)
		if err != nil {
			return err
		}
		for rows.Next() {
			o := Orphan{Table: f.In, Column: f.From, Parent: f.Table}
			if err := rows.Scan(&o.Key, &o.Rows); err != nil {
				return errors.Join(err, rows.Close())
			}
			found(o)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	return nil
}
