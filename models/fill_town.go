package models

import (
	"math/rand/v2"
	"strconv"
)

// What the dice of a record are thrown for. Each purpose has its own, so that one can change without
// the others.
const (
	forSites uint64 = iota + 1
	forNames
	forAddresses
	forFood
	forWaiters
)

// dice are always the same for one record of one town.
type dice struct{ *rand.Rand }

func (t *town) dice(purpose uint64, record int64) dice {
	return dice{rand.New(rand.NewPCG(t.seed<<8|purpose, uint64(record)*0x9e3779b97f4a7c15))} // #nosec G115 G404 -- the same number must always give the same city, of which nothing is secret
}

// often says yes in so many of a thousand throws.
func (d dice) often(ofThousand int) bool { return d.IntN(1000) < ofThousand }

// any is one of the words, each as often as the others.
func (d dice) any(words []string) string { return words[d.IntN(len(words))] }

// early is a number below n, the smaller ones more often.
func (d dice) early(n int) int { f := d.Float64(); return int(f * f * float64(n)) }

func (d dice) common(words []string) string { return words[d.early(len(words))] }

// one or another place everybody knows.
const (
	demonDogs    = "Demon Dogs"
	banquetHall  = "The Great Banquet Hall"
	demonAddress = "944 W. Fullerton"
)

// nameOf is what a place is called and, if it has a restaurant, what is cooked there.
func (t *town) nameOf(place int64, restaurant bool) (string, kitchen) {
	d := t.dice(forNames, place)
	switch {
	case place == 0:
		return demonDogs, kitchen{hotDogs: 100}
	case place == 1 && !restaurant:
		return "Ace Hardware", kitchen{}
	case restaurant && place == t.siteOf(t.large()):
		return banquetHall, kitchen{hotDogs: 100, pizza: 100}
	case restaurant && d.IntN(10_000) == 0:
		return demonDogs, kitchen{hotDogs: 100}
	case d.often(6):
		return d.any(odd), kitchen{hotDogs: 30, pizza: 30}
	case restaurant && d.often(180):
		chain := dinerChains[d.early(len(dinerChains))]
		return chain.name, chain
	case restaurant:
		cooks := kitchens[d.early(len(kitchens))]
		return d.house(cooks.name), cooks
	case d.often(250):
		return d.common(chains), kitchen{}
	default:
		return d.house(d.any(shops)), kitchen{}
	}
}

// house is a name for a house of some trade.
func (d dice) house(trade string) string {
	family := func() string { return d.common(nations[d.early(len(nations))].family) }
	given := func() string { return d.common(nations[d.early(len(nations))].given) }
	switch n := d.IntN(100); {
	case n < 16:
		return family() + "’s " + trade
	case n < 24:
		return given() + "'s " + trade
	case n < 32:
		return family() + " & " + family() + " " + trade
	case n < 38:
		return family() + " & Sons " + trade
	case n < 54:
		return d.any(quarters) + " " + trade
	case n < 66:
		return d.common(streets) + " " + trade
	case n < 78:
		return d.any(moods) + " " + d.any(things) + " " + trade
	case n < 84:
		return "The " + d.any(moods) + " " + d.any(things)
	case n < 90:
		return d.any(things) + " & " + d.any(things) + " " + trade
	case n < 93:
		return "Café " + family()
	case n < 96:
		return trade + " No. " + strconv.Itoa(1+d.IntN(400))
	default:
		return d.any(moods) + " " + trade
	}
}

// sides are the four parts of the city that streets begin in.
var sides = []string{"N.", "S.", "W.", "E."}

// addressOf is where a place is.
func (t *town) addressOf(place int64) string {
	if place == 0 {
		return demonAddress
	}
	d := t.dice(forAddresses, place)
	address := strconv.Itoa(1+d.early(9999)) + " " + d.common(sides) + " " + d.common(streets)
	if d.often(480) {
		address += " " + d.any(ways)
	}
	switch n := d.IntN(100); {
	case n < 5:
		address += ", Suite " + strconv.Itoa(100+d.IntN(900))
	case n < 8:
		address += ", Unit " + strconv.Itoa(1+d.IntN(40)) + string(rune('A'+d.IntN(6))) // #nosec G115 -- less than 6
	case n < 9:
		address += ", 2nd Floor"
	}
	return address
}

// waiterName is what a waiter is called. Joe works at Demon Dogs.
func (t *town) waiterName(waiter int64) string {
	d := t.dice(forWaiters, waiter)
	switch {
	case waiter == 0 || d.often(1):
		return "Joe"
	case d.often(2):
		return d.any(oddPeople)
	}
	nation := nations[d.early(len(nations))]
	name := d.common(nation.given)
	if d.often(120) {
		name += " " + string(rune('A'+d.IntN(26))) + "." // #nosec G115 -- less than 26
	}
	if d.often(150) { // people marry
		nation = nations[d.early(len(nations))]
	}
	name += " " + d.common(nation.family)
	if d.often(30) {
		name += "-" + d.common(nation.family)
	}
	return name
}
