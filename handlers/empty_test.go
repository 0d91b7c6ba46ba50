package handlers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// ways are the links out of an empty list.
func (p *page) ways() (ways []string) {
	p.Find("main .nothing a").Each(func(_ int, a *goquery.Selection) {
		ways = append(ways, squeezed(a)+" → "+a.AttrOr("href", ""))
	})
	return ways
}

func TestAnEmptyListSaysWhichConditionToDrop(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for address, want := range map[string][]string{
		"/restaurants?place__address__contains=Ashland": {"Without “Place's address contains Ashland”: 1 restaurant → /restaurants"},
		"/restaurants?place__address__contains=Ashland&serves_hot_dogs=true&sort=-waiters": {
			"Without “Place's address contains Ashland”: 1 restaurant → /restaurants?serves_hot_dogs=true&sort=-waiters"},
		"/places?restaurant__isnull=true&q=demon": {
			"Without “Matches demon”: 1 place → /places?restaurant__isnull=true",
			"Without “Has no restaurant”: 1 place → /places?q=demon"},
		"/places?name=A&name=Ace+Hardware":         {"Without “Name is A”: 1 place → /places?name=Ace+Hardware"},
		"/places?name=A&name=B":                    {"Drop them all: 2 places → /places"},
		"/places?q=" + strings.Repeat("x", 10_000): {"Without “Matches " + strings.Repeat("x", 60) + "…”: 2 places → /places"},
	} {
		p := s.get(address).lists()
		if got := p.ways(); !slices.Equal(got, want) {
			t.Errorf("%.80s offers %q, want %q", address, got, want)
		}
		for _, href := range p.links("main .nothing a") {
			if len(s.get(href).listed()) == 0 {
				t.Errorf("%s leads to nothing", href)
			}
		}
	}
	s.get("/places?name=A&name=B").says("none either without any single one of these conditions")
	s.get("/places?pk__gt=0").silentAbout("Without “")
}

func TestAnEmptyListOfAnEmptyKindSaysWhatToDo(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	s.get("/places?q=x").says("No place matches").leads("/places")
}

func TestOnlyTheFirstTenConditionsAreTriedWithout(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	// Eleven conditions of which only the last is in the way.
	p := s.get("/places?" + strings.Repeat("name__icontains=e&", 10) + "name__startswith=x").lists()
	if got := p.ways(); len(got) != 1 || !strings.HasPrefix(got[0], "Drop them all: 2 places") {
		t.Errorf("offered is %q", got)
	}
}
