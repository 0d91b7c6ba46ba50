//go:build !race

package models_test

import "testing"

const underRace = false

func repeats(*testing.T) {}
