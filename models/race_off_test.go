//go:build !race

package models_test

const underRace = false
