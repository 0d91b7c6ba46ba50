package models_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unicode"

	"github.com/uptrace/bun"

	"maitred/models"
	spelling "maitred/models/text"
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
		return s
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

// dense is a place of a town with few names and addresses, where many look alike.
func (d slips) dense() *models.Place {
	name := []string{"Demon Dogs", "Lemon Hogs", "Ace Hardware", "Mississippi Mud", "Pizza 1", "Pizza 2", "Café Müller", "Кафе Москва", "🌭", "Joe’s"}
	address := []string{"944 W. Fullerton", "944 Fullerton Ave", "W. Fullerton 944", "944 E. Fullerton", "12 North", "12–14 Main St", "Hauptstraße 12", "(12) Main St", "12a Main St", "7 Арбат"}
	return &models.Place{Name: name[d.IntN(len(name))], Address: address[d.IntN(len(address))]}
}

// among asks for what is like many new places.
func (w *world) among(places []*models.Place) (of []models.Resemblance) {
	w.t.Helper()
	w.view(func(tx bun.Tx) {
		var err error
		of, err = models.AlikeAmong(ctx, w.Store, tx, places)
		w.must(err)
	})
	return of
}

// mostAlike are the indexes of those of others that are like a place, in the order in which they are told.
func mostAlike(p *models.Place, others []*models.Place) (all []int) {
	sameness := func(o *models.Place) (n int) {
		if spelling.Normalise(o.Name) == spelling.Normalise(p.Name) {
			n += 3
		}
		if spelling.Normalise(o.Address) == spelling.Normalise(p.Address) {
			n += 4
		}
		return n
	}
	for i, o := range others {
		if spelling.AlikeAddresses(p.Address, o.Address) && spelling.AlikeNames(p.Name, o.Name) {
			all = append(all, i)
		}
	}
	slices.SortStableFunc(all, func(i, j int) int { return sameness(others[j]) - sameness(others[i]) })
	return all[:min(len(all), 3)]
}

// A few are asked for by the indexes, and many by reading all.
func TestOfManyNewPlacesThoseAreFoundThatComparingEachWithEachFinds(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	d := newSlips(7)
	var existing []*models.Place
	for range 150 {
		p := d.dense()
		d.slip(p)
		existing = append(existing, p)
		p.ID = w.addPlace(p.Name, p.Address)
	}
	for _, n := range []int{1, 40, 200, 201, 500} {
		places := make([]*models.Place, n)
		for i := range places {
			places[i] = d.dense()
			d.slip(places[i])
		}
		found, told := w.among(places), 0
		firsts := []*models.Place{}
		known := map[string]int{}
		at := []int{}
		for i, p := range places {
			r := found[i]
			var keys []int64
			for _, twin := range r.Existing {
				keys = append(keys, twin.Key)
				if o := w.place(twin.Key); o.Name != twin.Name || o.Address != twin.Address || o.Version != twin.Version {
					t.Errorf("%+v is told as %+v", o, twin)
				}
			}
			var want []int64
			for _, j := range mostAlike(p, existing) {
				want = append(want, existing[j].ID)
			}
			if !slices.Equal(keys, want) || r.Partial {
				t.Fatalf("of %d, %q, %q is like %v, want %v", n, p.Name, p.Address, keys, want)
			}
			var earlier []int
			same := spelling.Normalise(p.Name) + "\x00" + spelling.Normalise(p.Address)
			if first, isKnown := known[same]; isKnown {
				earlier = []int{first}
			} else {
				for _, j := range mostAlike(p, firsts) {
					earlier = append(earlier, at[j])
				}
				known[same], firsts, at = i, append(firsts, p), append(at, i)
			}
			if !slices.Equal(r.Earlier, earlier) {
				t.Fatalf("of %d, %d, %q, %q is like the earlier %v, want %v", n, i, p.Name, p.Address, r.Earlier, earlier)
			}
			told += len(keys) + len(earlier)
		}
		if told == 0 && n > 1 {
			t.Errorf("of %d none is like another", n)
		}
	}
}

func TestOneNewPlaceAmongManyIsLikeWhatItIsLikeAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 5 {
		w.addPlace("Demon Dog", fmt.Sprintf("944 W. Fullerton, %s", []string{"Chicago", "Evanston", "Cicero", "Oak Park", "Skokie"}[i]))
	}
	w.addPlace("DEMON DOGS", "944 w. fullerton")
	w.addPlace("Harbour", "Old Port")
	w.addPlace("🌭", "Old Port")
	for _, texts := range [][2]string{
		{"Demon Dogs", "944 W. Fullerton"}, {"Deamon dog", "944 West Fullerton Ave"}, {"DemonDogs", "W. Fullerton 944"}, {"Ace Hardwear", "1013 Ashland"},
		{"Harbor", "Old Port"}, {"🌭", "old port"}, {"Demon Dogs", "945 W. Fullerton"}, {"Demon Dogs", "12"}, {"🍕", "🍕"},
	} {
		p := &models.Place{Name: texts[0], Address: texts[1]}
		alone, err := models.AlikePlaces(ctx, w.Store, p)
		w.must(err)
		var want, got []int64
		for _, o := range alone {
			want = append(want, o.ID)
		}
		for _, twin := range w.among([]*models.Place{p})[0].Existing {
			got = append(got, twin.Key)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q is like %v among many, and like %v alone", texts, got, want)
		}
	}
}

func TestPlacesWithoutANumberAreFoundByTheEndsOfTheirNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	harbour := w.addPlace("Harbour Grill", "Old Port")
	w.addPlace("Harbour Grill", "New Port")
	for _, fillers := range []int{0, 300} { // by the indexes, and by reading all
		places := []*models.Place{{Name: "Harbor Gril", Address: "Old Port"}, {Name: "Grill, Harbour", Address: "Old Port, Chicago"}, {Name: "Harbour Bar", Address: "Old Port"}, {Name: "HARBOUR GRILL", Address: "Old Port"}}
		for i := range fillers {
			places = append(places, &models.Place{Name: "Third", Address: fmt.Sprint(i)})
		}
		for i, r := range w.among(places)[:4] {
			if like := len(r.Existing) == 1 && r.Existing[0].Key == harbour; like == (i == 2) {
				t.Errorf("%q, %q is like %v", places[i].Name, places[i].Address, r.Existing)
			}
		}
	}
}
