// Package migrations holds the schema: embedded SQL files, applied in the order of their names,
// each in a transaction of its own.
//
// A process killed between a file's commit and its entry in the list of applied files runs that
// file again at the next start, so every statement must bear being run twice.
package migrations

import (
	"context"
	"embed"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

//go:embed *.tx.up.sql
var files embed.FS

// Apply brings the database to the newest schema. It does nothing when it is there already.
// It uses no lock of its own: SQLite admits one writer, and a second process that waited finds
// every statement a no-op.
func Apply(ctx context.Context, db *bun.DB) error {
	m, err := migrator(db)
	if err != nil {
		return err
	}
	if err := m.Init(ctx); err != nil {
		return fmt.Errorf("prepare the list of applied migrations: %w", err)
	}
	if _, err := m.Migrate(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Current makes sure, and only reads, that the database has the newest schema. Errors begin in the
// middle of a sentence about the file and say what to do.
func Current(ctx context.Context, db *bun.DB) error {
	m, err := migrator(db)
	if err != nil {
		return err
	}
	all, err := m.MigrationsWithStatus(ctx)
	if err != nil {
		return fmt.Errorf("is not a database of maitred, or a damaged one: leave it as it is and look for a copy (%w)", err)
	}
	if n := len(all.Unapplied()); n > 0 {
		return fmt.Errorf("is from an older maitred: start this one on it once, which brings it up to date, and try again (migrations to come: %d)", n)
	}
	unknown, err := m.MissingMigrations(ctx)
	if err != nil {
		return fmt.Errorf("has no list of applied migrations that can be read: %w", err)
	}
	if n := len(unknown); n > 0 {
		return fmt.Errorf("is from a newer maitred: try again with that one (migrations unknown here: %d)", n)
	}
	return nil
}

func migrator(db *bun.DB) (*migrate.Migrator, error) {
	found := migrate.NewMigrations()
	if err := found.Discover(files); err != nil {
		return nil, fmt.Errorf("read embedded migrations: %w", err)
	}
	return migrate.NewMigrator(db, found, migrate.WithMarkAppliedOnSuccess(true)), nil
}
