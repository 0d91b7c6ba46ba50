//go:build !unix

package main

import "math"

// openFiles is how many files the system lets this program have open; here it sets no bound.
func openFiles() int { return math.MaxInt32 }
