package models_test

import (
	"flag"
	"testing"

	"maitred/models/dialect/postgrestest"
)

// TestMain runs the properties forty times, not a hundred, unless asked otherwise: each step of them
// reads every row and tells all of history again.
func TestMain(m *testing.M) {
	asked := false
	flag.Parse()
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		_ = flag.Set("rapid.checks", either("40", "15")) // each of PostgreSQL needs a database of its own
	}
	postgrestest.Main(m)
}
