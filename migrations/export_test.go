package migrations

import (
	"context"
	"io/fs"

	"github.com/uptrace/bun"
)

// OfPostgreSQL are the migrations for PostgreSQL.
var OfPostgreSQL fs.FS = filesOfPostgreSQL

// ApplyThose is Apply of a program that has other migrations.
func ApplyThose(ctx context.Context, db *bun.DB, files fs.FS) error {
	m, err := migratorOf(db, files)
	if err != nil {
		return err
	}
	if _, err := compare(ctx, db, m); err != nil {
		return err
	}
	_, err = m.Migrate(ctx)
	return err
}
