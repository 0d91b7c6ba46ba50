//go:build race

package models_test

import "testing"

// repeats leaves out, under the race detector, a test that only does the same again and again in one
// goroutine. The gate runs all tests without it, too.
func repeats(t *testing.T) {
	t.Helper()
	t.Skip("not with the race detector")
}
