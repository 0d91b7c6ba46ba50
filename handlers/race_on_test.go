//go:build race

package handlers_test

import "testing"

// repeats leaves out, under the race detector, a test that only does the same again and again in one
// goroutine, or over what others do faster. The gate runs all tests without it, too.
func repeats(t *testing.T) {
	t.Helper()
	t.Skip("not with the race detector")
}

// raceDetector says that each step is watched, which makes a page many times as slow to be looked at.
const raceDetector = true
