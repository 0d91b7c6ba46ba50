// Package migrations holds the schema: embedded SQL files, applied in the order of their names. There is one for
// each database, of the same name and with the same tables, columns, keys and indexes: for SQLite here, each in
// a transaction of its own, and for PostgreSQL in the folder of its name, each without one, since not all that
// speak like it can change a schema in a transaction. There all texts are of the collation "C", so that they
// sort by their bytes as they do in SQLite.
//
// Of instances at one server, old and new ones run side by side while they are replaced one after another. So a
// migration adds first: tables, indexes, and columns that may be empty or have a default, of which an old program
// knows nothing and needs not. What is to go is taken away by a later one, when no program of the version before it
// uses it any more. That one says in the table site which migration a program must know to go on, one before
// itself. A test holds all of them to this.
//
// A process killed between a file's commit and its entry in the list of applied files runs that
// file again at the next start, so every statement must bear being run twice.
package migrations

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/migrate"
)

//go:embed *.tx.up.sql
var files embed.FS

//go:embed postgres/*.up.sql
var filesOfPostgreSQL embed.FS

// Apply brings the database to the newest schema. Where that is the case already, it only reads.
// Nobody else may be migrating the same database. Errors go on in a sentence about the file; one of
// a newer schema, or of another program, is refused and left as it is.
func Apply(ctx context.Context, db *bun.DB) error {
	m, err := migrator(db)
	if err != nil {
		return err
	}
	if fresh, err := isNew(ctx, db); err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	} else if !fresh {
		todo, err := compare(ctx, db, m)
		if err != nil || todo == 0 {
			return err
		}
	}
	if err := m.Init(ctx); err != nil {
		return fmt.Errorf("cannot be brought up to date, its list of applied migrations cannot be made: %w", err)
	}
	if _, err := m.Migrate(ctx); err != nil {
		return fmt.Errorf("cannot be brought up to date: %w", err)
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
	todo, err := compare(ctx, db, m)
	if err == nil && todo > 0 {
		err = &Older{todo}
	}
	return err
}

// Older says that a database has an older schema.
type Older struct{ ToCome int }

func (o *Older) Error() string {
	return fmt.Sprintf("is from an older maitred: start this one on it once, which brings it up to date, and try again (migrations to come: %d)", o.ToCome)
}

// isNew says that there is nothing in the database: somebody made it, and then nothing more was done.
func isNew(ctx context.Context, db *bun.DB) (is bool, err error) {
	q := "SELECT count(*) = 0 FROM sqlite_master"
	if isPostgreSQL(db) {
		q = "SELECT count(*) = 0 FROM information_schema.tables WHERE table_schema = current_schema()"
	}
	err = db.NewRaw(q).Scan(ctx, &is)
	return is, err
}

func isPostgreSQL(db *bun.DB) bool { return db.Dialect().Name() == dialect.PG }

// compare returns how many migrations are to come. It refuses a database that has others than these.
func compare(ctx context.Context, db *bun.DB, m *migrate.Migrator) (todo int, err error) {
	all, err := m.MigrationsWithStatus(ctx)
	if err != nil {
		return 0, fmt.Errorf("is not a database of maitred, or a damaged one: leave it as it is and look for a copy (%w)", err)
	}
	unknown, err := m.MissingMigrations(ctx)
	if err != nil {
		return 0, fmt.Errorf("has no list of applied migrations that can be read: %w", err)
	}
	if n := len(unknown); n > 0 {
		if isPostgreSQL(db) {
			beside, err := mayRunBeside(ctx, db, all)
			if beside || err != nil {
				return len(all.Unapplied()), err
			}
		}
		return 0, fmt.Errorf("is from a newer maitred: try again with that one (migrations unknown here: %d)", n)
	}
	return len(all.Unapplied()), nil
}

// mayRunBeside says that a program that knows these migrations can use a database that newer ones brought up to date.
func mayRunBeside(ctx context.Context, db *bun.DB, known migrate.MigrationSlice) (bool, error) {
	var since string
	if err := db.NewRaw("SELECT since FROM site WHERE id = 1").Scan(ctx, &since); err != nil {
		return false, fmt.Errorf("does not say which maitred can use it: %w", err)
	}
	newest := ""
	for _, m := range known {
		newest = max(newest, m.Name)
	}
	return newest >= since, nil
}

func migrator(db *bun.DB) (*migrate.Migrator, error) {
	if isPostgreSQL(db) {
		return migratorOf(db, filesOfPostgreSQL)
	}
	return migratorOf(db, files)
}

func migratorOf(db *bun.DB, files fs.FS, options ...migrate.MigratorOption) (*migrate.Migrator, error) {
	found := migrate.NewMigrations()
	if err := found.Discover(files); err != nil {
		return nil, fmt.Errorf("read embedded migrations: %w", err)
	}
	return migrate.NewMigrator(db, found, append(options, migrate.WithMarkAppliedOnSuccess(true))...), nil
}
