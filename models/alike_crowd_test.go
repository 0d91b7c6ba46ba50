package models

import (
	"fmt"
	"reflect"
	"testing"
)

// numbered is a name of four letters for a number, so that the names of two are as long and of the same letters.
func numbered(i int) string {
	letters := []rune("abcdefghij")
	return fmt.Sprintf("%c%c%c%c", letters[i/1000%10], letters[i/100%10], letters[i/10%10], letters[i%10])
}

func TestNoPlaceIsComparedWithMoreThanItsShareHoweverManyAreAtOneAddress(t *testing.T) {
	t.Parallel()
	const n, bound = 3000, 500
	for what, place := range map[string]func(i int) *Place{
		"all alike":          func(i int) *Place { return &Place{Name: "Demon Dogs " + numbered(i), Address: "944 W. Fullerton"} },
		"none like another":  func(i int) *Place { return &Place{Name: numbered(i), Address: "944 W. Fullerton"} },
		"all the same":       func(int) *Place { return &Place{Name: "Demon Dogs", Address: "944 W. Fullerton"} },
		"without any number": func(i int) *Place { return &Place{Name: "Demon Dogs " + numbered(i), Address: "Old Port"} },
	} {
		places := make([]*Place, n)
		for i := range places {
			places[i] = place(i)
		}
		c := newCrowd(places, bound)
		c.compareEarlier()
		for i := range n {
			c.meet(int64(i+1), normalised(place(i)))
		}
		// What is over its share has begun below it; who has spent all is passed as often as a block is long.
		most := 2*n*bound + 2*len(c.seen)*costOfWords + 4*n*len(c.blocks)
		if spent := c.glances + c.compared*costOfWords; spent > most {
			t.Errorf("%s: it cost %d, want %d at most", what, spent, most)
		}
		partial := 0
		for i := range places {
			o := &c.ones[c.of[i]]
			if o.found == nil || len(o.existing) == 0 || o.existing[0].key != int64(o.first+1) {
				t.Fatalf("%s: the same as place %d is not found: %+v", what, i, o.found)
			}
			if o.partial {
				partial++
			}
		}
		if (partial > 0) != (what != "all the same") {
			t.Errorf("%s: %d places say that not all was compared", what, partial)
		}
	}
}

func TestWhatIsFoundOfOnePlaceDoesNotDependOnTheOthers(t *testing.T) {
	t.Parallel()
	places := make([]*Place, 300)
	for i := range places {
		places[i] = &Place{Name: "Demon Dogs " + numbered(i*7), Address: fmt.Sprintf("%d W. Fullerton", 900+i%5)}
	}
	found := func(places []*Place, of *Place) []likely {
		c := newCrowd(places, 1_000_000)
		for i := range 500 {
			c.meet(int64(i+1), normalised(&Place{Name: "Daemon Dogs " + numbered(i*11), Address: fmt.Sprintf("%d West Fullerton", 900+i%5)}))
		}
		n, _ := c.which(normalised(of))
		return c.ones[n].like().existing
	}
	for i := 0; i < len(places); i += 50 {
		turned := make([]*Place, len(places))
		for j, p := range places {
			turned[len(places)-1-j] = p
		}
		among, alone := found(turned, places[i]), found(places[i:i+1], places[i])
		if len(alone) == 0 || !reflect.DeepEqual(among, alone) {
			t.Errorf("%s: among others it is like %v, alone like %v", places[i].Name, among, alone)
		}
	}
}
