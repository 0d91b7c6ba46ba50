package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"maitred/models/graph"
)

// offers are the links of a search, in their order.
func (s *site) offers(typed string) []string {
	s.t.Helper()
	return s.searched(typed).links("#found ul:not(.else) a")
}

func (s *site) searched(typed string) *page {
	s.t.Helper()
	return s.get("/search?q=" + url.QueryEscape(typed)).status(http.StatusOK)
}

// announces expects what is said to those who cannot see the results.
func (p *page) announces(sentence string) *page {
	p.s.t.Helper()
	if said := squeezed(p.Find("#found [role=status]")); said != sentence {
		p.s.t.Errorf("%s announces %q, want %q", p.what, said, sentence)
	}
	return p
}

func TestASearchFindsRecordsOfAllKindsAndWhatToDoWithThem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.searched("DÉMON").announces("1 place, 1 restaurant and 1 waiter found.").
		says("Demon Dogs, 944 W. Fullerton taken by a restaurant with 1 waiter", "Serves hot dogs, 1 waiter", "Joe at Demon Dogs")
	var headings []string
	for _, h := range p.Find("#found h2").EachIter() {
		headings = append(headings, squeezed(h))
	}
	if want := []string{"Places", "Restaurants", "Waiters", "Do"}; !slices.Equal(headings, want) {
		t.Errorf("the headings are %q, want %q", headings, want)
	}
	// Joe is found by where he works, but it is not he who was named.
	want := []string{"/places/1", "/restaurants/1", "/waiters/1",
		"/places/1/edit", "/places/1/delete", "/restaurants/1/edit", "/restaurants/1/move", "/restaurants/1/delete"}
	if got := s.offers("demon"); !slices.Equal(got, want) {
		t.Errorf("demon leads to %q, want %q", got, want)
	}
	want = []string{"/waiters/1", "/waiters/1/edit", "/waiters/1/move", "/waiters/1/delete"}
	if got := s.offers("joe"); !slices.Equal(got, want) {
		t.Errorf("joe leads to %q, want %q", got, want)
	}
	s.get("/").status(http.StatusOK)
	if got := s.get("/").links("header a[href='/search']"); len(got) != 1 {
		t.Error("the header does not lead to the search")
	}
}

func TestASearchShowsTheFirstAndLeadsToAllInTheList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 6 {
		s.add("/places", "name", fmt.Sprintf("Demon %d & Sons", i), "address", "1")
	}
	s.searched("demon").announces("7 places, 1 restaurant and 1 waiter found.").
		says("All 7 places that match").leads("/places?q=demon").click("All 7 places that match").lists("1", "3", "4", "5", "6", "7", "8")
	if got := s.offers("demon"); !slices.Equal(got[:7], []string{"/places/3", "/places/4", "/places/5", "/places/6", "/places/7", "/places?q=demon", "/restaurants/1"}) {
		t.Errorf("demon leads to %q", got)
	}
	s.searched("& sons").leads("/places?q=" + url.QueryEscape("& sons"))
}

func TestWhatCanBeDoneIsFoundByItsWords(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for typed, want := range map[string][]string{
		"new place":                     {"/places/new"},
		"Add a place":                   {"/places/new"},
		"open a restaurant":             {"/restaurants/new"},
		"hire":                          {"/waiters/new"},
		"add":                           {"/places/new", "/restaurants/new", "/waiters/new"},
		"waiters":                       {"/waiters/new", "/waiters"},
		"all rest":                      {"/restaurants"},
		"history":                       {"/history"},
		"UNDO":                          {"/history"},
		"move demon":                    {"/restaurants/1/move"},
		"move the restaurant at demon":  {"/restaurants/1/move"},
		"move 944":                      {"/restaurants/1/move", "/waiters/1/move"}, // by the address, which is nobody's name
		"move joe":                      {"/waiters/1/move"},
		"edit ace":                      {"/places/2/edit"},
		"rename ace hardware":           {"/places/2/edit"},
		"change demon":                  {"/places/1/edit", "/restaurants/1/edit"},
		"delete joe":                    {"/waiters/1/delete"},
		"let go of joe":                 {"/waiters/1/delete"},
		"delete place demon":            {"/places/1/delete"},
		"remove the restaurant demon":   {"/restaurants/1/delete"},
		"copy demon":                    {"/restaurants/1/copy"},
		"open a restaurant at ace":      {"/restaurants/new?place_id=2"},
		"open ace":                      {"/restaurants/new?place_id=2"},
		"open a restaurant at demon":    nil, // there is one
		"bring a restaurant to ace":     {"/places/2/bring"},
		"bring demon":                   nil,
		"hire a waiter at demon":        {"/waiters/new?restaurant_id=1"},
		"move ace":                      nil, // a free place has nothing that moves
		"demon move":                    nil,
		"mo demon":                      nil,
		"a":                             {"/places/2", "/places/2/edit", "/places/2/delete"},
		"the":                           nil,
		"hi":                            nil, // two letters say too little
		"his":                           {"/history"},
		"move nobody":                   nil,
		"delete delete":                 nil,
		"of of of":                      nil,
		"let go of the waiter joe":      {"/waiters/1/delete"},
		"add a waiter to the demon dog": {"/waiters/new?restaurant_id=1"},
	} {
		if got := s.offers(typed); !slices.Equal(got, want) {
			t.Errorf("%q leads to %q, want %q", typed, got, want)
		}
	}
	s.searched("delete joe").announces("1 thing to do.").says("Let go of the waiter Joe")
	s.searched("move demon").says("Move the restaurant at Demon Dogs to another place")
	s.add("/places", "name", "History Museum", "address", "1")
	s.searched("history").announces("1 thing to do and 1 place found.")
	if got := s.offers("history"); !slices.Equal(got[:2], []string{"/history", "/places/3"}) {
		t.Errorf("what was asked for does not come first, but %q", got)
	}
}

func TestWhoeverSearchesForNothingIsToldWhatThereIs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	always := []string{"/places/new", "/restaurants/new", "/waiters/new", "/places", "/restaurants", "/waiters", "/history", "/"}
	for _, path := range []string{"/search", "/search?q=", "/search?q=+%20+", "/search?q=%00", "/search?q=%09%0a"} {
		p := s.get(path).status(http.StatusOK).announces("Type a name or an address, or what to do, such as “add”, “move” or “delete” and a name.")
		if got := p.links("#found a"); !slices.Equal(got, always) {
			t.Errorf("%s leads to %q, want %q", path, got, always)
		}
	}
	p := s.searched("nothing like it").announces("Nothing found. Try fewer letters, or only the start of a word.")
	if got := p.links("#found ul.else a"); !slices.Equal(got, always) {
		t.Errorf("who found nothing is led to %q, want %q", got, always)
	}
	s.searched("move").announces("Now type the name of what you want to move.")
	s.searched("Let go of").announces("Now type the name of what you want to let go of.")
	emptySite(t).searched("demon").announces("Nothing found. Try fewer letters, or only the start of a word.")
}

func TestNoSearchIsAFault(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/places", "name", `<b>"O'Hare"</b> 100%_`, "address", "?TableAlias {0}")
	long := strings.Repeat("move demon ", 1000)
	for _, typed := range []string{"\x00", "demon\x00dogs", "\xff", "\xed\xa0\x80", "'", `"`, `\`, "%", "_", "*", "--", "move '", "delete %", "\u202e", "🍕", "<script>", "?TableAlias", "{0}", long, strings.Repeat("x", 10_000)} {
		p := s.searched(typed)
		if p.Find("#found script, #found b").Length() != 0 {
			t.Errorf("%.20q is markup on the page", typed)
		}
		p.Find("#found a").Each(func(_ int, a *goquery.Selection) {
			if href := a.AttrOr("href", ""); len(href) < 2000 {
				s.get(href).status(http.StatusOK)
			}
		})
	}
	s.searched(`"O'Hare" 100%_`).leads("/places/3").says(`<b>"O'Hare"</b> 100%_`)
	s.get("/search?q=%").status(http.StatusBadRequest)
	s.send("/search", values("q", "demon")).status(http.StatusMethodNotAllowed)
}

func TestThePaletteGetsTheResultsAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	part := s.get("/search?q=demon", "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#found").status(http.StatusOK)
	if !strings.HasPrefix(strings.TrimSpace(part.Body), `<div id="found" data-for="demon"`) || part.Find("header, form").Length() != 0 {
		t.Errorf("the part is %s", part.Body)
	}
	// Every page carries the empty palette, and none has two.
	for _, path := range []string{"/", "/places", "/places/1", "/history", "/search", "/nothing"} {
		p := s.get(path)
		palettes := map[bool]int{true: 0, false: 1}[path == "/search"]
		if p.Find("dialog#palette").Length() != palettes || p.Find("#found").Length() != 1 {
			t.Errorf("%s has %d palettes and %d places for results", path, p.Find("dialog#palette").Length(), p.Find("#found").Length())
		}
	}
}

// Whatever kinds there are, a record of each is found by its name, and can be changed and deleted
// from there.
func TestEveryKindIsSearched(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		name := s.get("/" + k.Table).status(http.StatusOK).Find("tbody td a").First().Text()
		one := "/" + k.Table + "/" + key
		offers := s.offers(name)
		for _, href := range []string{one, one + "/edit", one + "/delete"} {
			if !slices.Contains(offers, href) {
				t.Errorf("%q does not lead to %s, but to %q", name, href, offers)
			}
		}
		if got := s.offers("delete " + k.Singular() + " " + name); !slices.Contains(got, one+"/delete") {
			t.Errorf("it cannot be deleted by its name: %q", got)
		}
		if got := s.offers("new " + k.Singular()); !slices.Contains(got, "/"+k.Table+"/new") {
			t.Errorf("a new one is not offered: %q", got)
		}
	})
}
