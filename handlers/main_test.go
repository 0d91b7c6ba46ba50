package handlers_test

import (
	"flag"
	"os"
	"testing"

	"maitred/models/dialect/postgrestest"
)

// TestMain runs the property of all pages thirty times, not a hundred, unless asked otherwise: each
// step of it reads every page. It removes the benchmarks' world.
func TestMain(m *testing.M) {
	if order := os.Getenv(loadVariable); order != "" {
		beLoad(order)
	}
	asked := false
	flag.Parse()
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		_ = flag.Set("rapid.checks", "30")
	}
	postgrestest.Main(suite{m})
}

// suite is all tests, and what is to be done after them.
type suite struct{ *testing.M }

func (s suite) Run() int {
	code := s.M.Run()
	if benchDir != "" {
		_ = os.RemoveAll(benchDir)
	}
	return code
}
