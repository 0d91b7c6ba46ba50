package text

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
)

var (
	namesWithSlips = []string{"Demon Dogs", "Ace Hardware", "The Mississippi Mud", "Café Müller", "Joe’s Eats", "Pizza 12", "Salt & Pepper", "A Be Ce Def", "Ab", "Кафе Москва", "拉麵", "🌭", "ΩΩmega Grill", "St. Ives Bakery No. 9"}
	addresses      = []string{"944 W. Fullerton", "944 Fullerton Avenue", "1013 N. Ashland", "W. Fullerton 944", "12 North", "Old Port", "St. James St.", "12", "9 St. James St., Chicago, IL 60614", "7 Арбат", "🌭", "Hauptstraße 3b"}
)

// withSlips is a text with so many letters that are wrong, missing, too many or have changed places.
func withSlips(d *rand.Rand, s string, slips int) string {
	runes := []rune(s)
	for range slips {
		at := d.IntN(len(runes))
		if len(runes) < 3 || !unicode.IsLetter(runes[at]) {
			continue
		}
		letter := rune('a' + d.IntN(26))
		switch d.IntN(4) {
		case 0:
			runes[at] = letter
		case 1:
			runes = append(runes[:at], runes[at+1:]...)
		case 2:
			runes = append(runes[:at], append([]rune{letter}, runes[at:]...)...)
		default:
			runes[at], runes[max(at-1, 0)] = runes[max(at-1, 0)], runes[at]
		}
	}
	return string(runes)
}

func TestAGlancePartsNothingThatIsAlike(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 2))
	any := func(of []string) string { return of[d.IntN(len(of))] }
	alike, parted, compared := 0, 0, 0
	for range 100_000 {
		name, address := any(namesWithSlips), any(addresses)
		others := [2]string{any(namesWithSlips), any(addresses)}
		if d.IntN(4) > 0 {
			others = [2]string{withSlips(d, name, d.IntN(5)), withSlips(d, address, d.IntN(3))}
		}
		if words := strings.Fields(others[0]); d.IntN(4) == 0 && len(words) > 1 {
			others[0] = words[1] + words[0] + strings.Join(words[2:], " ")
		}
		a, b := LookOf(name, address), LookOf(others[0], others[1])
		x, y := GlanceAt(Normalise(name), Normalise(address)), GlanceAt(Normalise(others[0]), Normalise(others[1]))
		may := x.Mark == y.Mark && x.Numbered == y.Numbered && x.MayBeAlike(&y)
		if may != (x.Mark == y.Mark && x.Numbered == y.Numbered && y.MayBeAlike(&x)) && x.addressNames != y.addressNames {
			t.Fatalf("%q, %q and %q are not parted as the other way round", name, address, others)
		}
		apart := max(x.Length, y.Length) - min(x.Length, y.Length)
		if a.Alike(b) {
			alike++
			if !may || apart > min(x.Slips, y.Slips) {
				t.Fatalf("%q, %q and %q are alike, but parted at a glance: %+v, %+v", name, address, others, x, y)
			}
			continue
		}
		compared++
		if !may {
			parted++
		}
	}
	if alike < 10_000 || parted*3 < compared {
		t.Errorf("%d were alike, and of %d others a glance parted %d", alike, compared, parted)
	}
}

func TestAGlanceLeavesNothingBehind(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { GlanceAt("the demon dogs", "944 w. fullerton ave, suite 12") }); n > 0 {
		t.Errorf("a glance allocates %v times", n)
	}
}

func TestOneSlipLeavesAnEndOfSomeWord(t *testing.T) {
	d := rand.New(rand.NewPCG(3, 4))
	ends := func(name string) []uint64 { return GlanceAt(Normalise(name), "old port").EndMarks(NameOf(name)) }
	for _, name := range []string{"Demon", "Demon Dogs", "Mississippi", "Ace Hardware"} {
		known := map[uint64]bool{}
		for _, mark := range ends(name) {
			known[mark] = true
		}
		for range 1000 {
			slipped := withSlips(d, name, 1)
			found := false
			for _, mark := range ends(slipped) {
				found = found || known[mark]
			}
			if !found && AlikeNames(name, slipped) {
				t.Fatalf("%q and %q share no end", name, slipped)
			}
		}
	}
}
