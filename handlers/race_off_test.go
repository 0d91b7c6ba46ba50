//go:build !race

package handlers_test

import "testing"

func repeats(*testing.T) {}

const raceDetector = false
