package migrations

import (
	"context"
	"embed"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

//go:embed sessions/*.tx.up.sql
var sessionFiles embed.FS

//go:embed postgres/sessions/*.up.sql
var sessionFilesOfPostgreSQL embed.FS

// ApplySessions brings the tables of the sessions to their newest schema. With SQLite they are in a file of their
// own beside the database of the records, with PostgreSQL among them.
func ApplySessions(ctx context.Context, db *bun.DB) error {
	files := sessionFiles
	var options []migrate.MigratorOption
	if isPostgreSQL(db) {
		files = sessionFilesOfPostgreSQL
		options = append(options, migrate.WithTableName("bun_migrations_of_sessions"), migrate.WithLocksTableName("bun_migration_locks_of_sessions"))
	}
	m, err := migratorOf(db, files, options...)
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

// ApplyWhole is Apply, and ApplySessions too where the sessions are in the same database.
func ApplyWhole(ctx context.Context, db *bun.DB) error {
	if err := Apply(ctx, db); err != nil || !isPostgreSQL(db) {
		return err
	}
	if err := ApplySessions(ctx, db); err != nil {
		return fmt.Errorf("cannot be brought up to date: the sessions: %w", err)
	}
	return nil
}
