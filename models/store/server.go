package store

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	bundialect "github.com/uptrace/bun/dialect"

	"maitred/models/dialect"
	"maitred/models/graph"
)

// This file is how a store uses PostgreSQL.

// IsServer says that what a database is named by is the address of a server and not a file.
func IsServer(named string) bool {
	return strings.HasPrefix(named, "postgres://") || strings.HasPrefix(named, "postgresql://")
}

// onServer says that a transaction or database is one of PostgreSQL.
func onServer(db bun.IDB) bool { return db.Dialect().Name() == bundialect.PG }

// isOnServer says that the records of a kind are in a database of PostgreSQL.
func isOnServer(k *graph.Kind) bool { return k.SQL == dialect.PostgreSQL{} }

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
