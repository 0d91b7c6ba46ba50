package handlers_test

import (
	"context"
	"testing"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/databasetest"
)

// databaseAt is the database that is meant by the path of a file: that file, or, where the environment says
// MAITRED_TEST_DATABASE=postgres, one of PostgreSQL that stands for it.
func databaseAt(t tester, path string) string {
	t.Helper()
	return databasetest.At(t, path, func(address string) error {
		s, err := models.Open(context.Background(), address, migrations.Apply)
		if err != nil {
			return err
		}
		return s.Close()
	})
}

// onlyOfAFile skips a test that is about the file of a database where there is none.
func onlyOfAFile(t testing.TB, why string) {
	t.Helper()
	if databasetest.OnServer {
		t.Skip("it is about the file of SQLite: " + why)
	}
}
