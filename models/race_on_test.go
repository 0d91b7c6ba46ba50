//go:build race

package models_test

import "testing"

// underRace says that the race detector is on, with which the database takes ten times as long.
const underRace = true

// repeats leaves out, under the race detector, a test that only does the same again and again in one
// goroutine. The gate runs all tests without it, too.
func repeats(t *testing.T) {
	t.Helper()
	t.Skip("not with the race detector")
}
