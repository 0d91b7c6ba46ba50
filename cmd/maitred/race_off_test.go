//go:build !race

package main

import "testing"

func repeats(*testing.T) {}
