// Package databasetest gives tests the database that they are run on: the file that they name, or, where the
// environment says MAITRED_TEST_DATABASE=postgres, one of PostgreSQL that stands for it. The TestMain of a package
// that uses it must be postgrestest.Main.
package databasetest

import (
	"os"
	"sync"

	"maitred/models/dialect/postgrestest"
)

// OnServer says that the tests are run on PostgreSQL.
var OnServer = os.Getenv("MAITRED_TEST_DATABASE") == "postgres"

// Either is the first on SQLite, and the second on PostgreSQL.
func Either[T any](onFile, otherwise T) T {
	if OnServer {
		return otherwise
	}
	return onFile
}

// TB is as much of a test as is needed here.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// databases are those of the server, by the paths of the files that they stand for.
var databases sync.Map

// At is the database that is meant by a path: the file there, or one of the server that is made, and migrated, when
// it is meant first, and dropped when that test is over. migrate is given the address of an empty one, once.
func At(t TB, path string, migrate func(address string) error) string {
	t.Helper()
	if !OnServer {
		return path
	}
	if found, ok := databases.Load(path); ok {
		return found.(string)
	}
	like, err := migrated(migrate)
	if err != nil {
		t.Fatalf("make a database to be copied: %v", err)
	}
	return CopyOf(t, like, path)
}

// CopyOf makes a database of the server, to be meant by a path, that begins as a copy of another, which nobody has
// open.
func CopyOf(t TB, like, path string) string {
	t.Helper()
	address, drop, err := postgrestest.CopyOf(like)
	if err != nil {
		t.Fatalf("make a database: %v", err)
	}
	databases.Store(path, address)
	t.Cleanup(func() {
		databases.Delete(path)
		if err := drop(); err != nil {
			t.Errorf("drop a database: %v", err)
		}
	})
	return address
}

// migrated is a database of the server without any record, to be copied: that takes less long than to migrate each.
func migrated(migrate func(address string) error) (string, error) {
	once.Do(func() {
		if empty, _, failed = postgrestest.Create(); failed == nil {
			failed = migrate(empty)
		}
	})
	return empty, failed
}

var (
	once   sync.Once
	empty  string
	failed error
)
