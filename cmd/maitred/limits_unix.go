//go:build unix

package main

import (
	"math"
	"syscall"
)

// openFiles is how many files the system lets this program have open. Go has raised it as far as it may.
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1024 // what is usual at least
	}
	return int(min(limit.Cur, math.MaxInt32)) // #nosec G115 -- bounded
}
