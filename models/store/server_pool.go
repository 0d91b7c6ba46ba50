package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

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
