//go:build race

package models_test

// underRace says that the race detector is on, with which the database takes ten times as long: tests
// that only repeat themselves do so less often. The gate runs them without it, too.
const underRace = true
