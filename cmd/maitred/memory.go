package main

import (
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"strconv"
	"strings"

	"maitred/models/store"
)

// size is a number of bytes, written as Go's GOMEMLIMIT is.
type size int64

// units are how many times 1024 a unit is.
var units = map[string]int{"KiB": 1, "MiB": 2, "GiB": 3}

// UnmarshalText reads what stands in a flag.
func (s *size) UnmarshalText(text []byte) error {
	digits := strings.TrimRight(string(text), "KMGiB")
	n, err := strconv.ParseInt(digits, 10, 64)
	unit := units[strings.TrimPrefix(string(text), digits)]
	if err != nil || n <= 0 || unit == 0 || n > math.MaxInt64>>(10*unit) {
		return fmt.Errorf("%q is no size: write it as 512MiB or 2GiB", text)
	}
	*s = size(n << (10 * unit))
	return nil
}

// leastMemory is below what the site runs without collecting garbage all the time.
const leastMemory size = 128 << 20

// memory is how much memory the program should use.
type memory struct {
	Memory size `placeholder:"SIZE" help:"How much memory the program should use, such as 512MiB; not less than 128MiB. When not given, as much as it takes, or what GOMEMLIMIT says."`
}

func (m *memory) check() error {
	if m.Memory != 0 && m.Memory < leastMemory {
		return errors.New("--memory is less than the program needs: give it 128MiB or more")
	}
	return nil
}

// bound tells Go how much it may use: what is left when SQLite, whose memory Go does not know of, has filled
// all its caches. Pages of the file that are mapped are the system's, which takes them back when it needs to.
// It is no wall: near the bound Go collects garbage more often, and what is in use is never refused. The
// largest part of that is bounded elsewhere, by how many requests are worked on at once.
func (m *memory) bound() {
	if m.Memory != 0 {
		debug.SetMemoryLimit(int64(m.Memory) - store.Caches)
	}
}
