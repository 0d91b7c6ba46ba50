//go:build race

package main

import "testing"

// repeats leaves out, under the race detector, a test of the program alone, which is built without it. The
// gate runs all tests without it, too.
func repeats(t *testing.T) {
	t.Helper()
	t.Skip("not with the race detector")
}
