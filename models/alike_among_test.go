package models_test

import (
	"math/rand/v2"
	"unicode"

	"maitred/models"
)

// slips are those that people make, the same ones for the same seed.
type slips struct{ *rand.Rand }

func newSlips(seed uint64) slips { return slips{rand.New(rand.NewPCG(seed, 1))} }

// slip makes one in the name of a place or in its address.
func (d slips) slip(p *models.Place) {
	if d.IntN(2) == 0 {
		p.Name = d.in(p.Name)
		return
	}
	p.Address = d.in(p.Address)
}

// in is a text with a letter that is wrong, missing, too many or has changed places with the next one.
func (d slips) in(s string) string {
	runes := []rune(s)
	at := d.IntN(len(runes))
	if len(runes) < 3 || !unicode.IsLetter(runes[at]) {
		return s + "" // nothing to slip on here
	}
	letter := rune('a' + d.IntN(26))
	switch d.IntN(4) {
	case 0:
		runes[at] = letter
	case 1:
		runes = append(runes[:at], runes[at+1:]...)
	case 2:
		runes = append(runes[:at], append([]rune{letter}, runes[at:]...)...)
	case 3:
		if at+1 < len(runes) {
			runes[at], runes[at+1] = runes[at+1], runes[at]
		}
	}
	return string(runes)
}
