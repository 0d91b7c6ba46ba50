//go:build !race

package models_test

import "testing"

func repeats(*testing.T) {}
