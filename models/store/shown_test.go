package store_test

import (
	"strings"
	"testing"

	"maitred/models/store"
)

func TestAnAddressIsShownWithoutItsPassword(t *testing.T) {
	t.Parallel()
	for named, want := range map[string]string{
		"maitred.db":                                       "maitred.db",
		"postgres://me@host/name?sslmode=verify":           "postgres://me@host/name?sslmode=verify",
		"postgres://me:hunter2@host:5432/name":             "postgres://me:xxxxx@host:5432/name",
		"postgresql://host/name?user=me&password=hunter2":  "postgresql://host/name?password=xxxxx&user=me",
		"postgres://me@host/name?sslpassword=hunter2":      "postgres://me@host/name?sslpassword=xxxxx",
		"postgres://me@host/name?password=hunter2;a":       "the database",
		"postgres://me:hunter2@host:port/name":             "the database",
		"postgres://me:hunter2%zz@[host/name?password=%zz": "the database",
	} {
		if got := store.Shown(named); got != want || strings.Contains(got, "hunter2") {
			t.Errorf("%s is shown as %s, want %s", named, got, want)
		}
	}
}
