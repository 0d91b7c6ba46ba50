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
	found := migrate.NewMigrations()
	if err := found.Discover(files); err != nil {
		return fmt.Errorf("read embedded migrations: %w", err)
	}
	m := migrate.NewMigrator(db, found, migrate.WithMarkAppliedOnSuccess(true))
	if err := m.Init(ctx); err != nil {
		return fmt.Errorf("prepare the list of applied migrations: %w", err)
	}
	if _, err := m.Migrate(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
