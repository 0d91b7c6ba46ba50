package migrations

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

//go:embed sessions/*.tx.up.sql
var sessionFiles embed.FS

// ApplySessions brings the file of the sessions, which stands beside the database of the records, to
// its newest schema.
func ApplySessions(ctx context.Context, db *bun.DB) error {
	found := migrate.NewMigrations()
	files, err := fs.Sub(sessionFiles, "sessions")
	if err != nil {
		return err
	}
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
