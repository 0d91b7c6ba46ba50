package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// aStreet is a site with five places: Ash, Birch, Cedar at one address and Demon Dogs and Elm at
// another. Demon Dogs has a restaurant.
func aStreet(t *testing.T) *site {
	t.Helper()
	s := emptySite(t)
	for _, name := range []string{"Cedar", "Ash", "Birch"} {
		s.add("/places", "name", name, "address", "1 Oak Street")
	}
	for _, name := range []string{"Elm", "Demon Dogs"} {
		s.add("/places", "name", name, "address", "944 W. Fullerton")
	}
	s.add("/restaurants", "place_id", "5")
	return s
}

// The keys of the street's places.
const (
	cedar = "1"
	ash   = "2"
	birch = "3"
	elm   = "4"
	dogs  = "5"
)

// remembered is the cookie in which a list was remembered.
func (s *site) remembered(list string) string {
	s.t.Helper()
	kind, _, _ := strings.Cut(strings.TrimPrefix(list, "/"), "?")
	return s.get(list).status(http.StatusOK).cookie("maitred_list_" + kind)
}

// cookie is a cookie of the answer as a browser sends it back; "" for none.
func (p *page) cookie(name string) string {
	for _, line := range p.Header.Values("Set-Cookie") {
		if pair, _, _ := strings.Cut(line, ";"); strings.HasPrefix(pair, name+"=") {
			return pair
		}
	}
	return ""
}

// beside expects the neighbours that a record's page leads to, by their keys; "" for none.
func (p *page) beside(before, after string) *page {
	p.s.t.Helper()
	key := func(rel string) string {
		link, err := url.Parse(p.Find("main a[rel="+rel+"]").AttrOr("href", ""))
		if err != nil {
			p.s.t.Fatal(err)
		}
		return link.Path[strings.LastIndex(link.Path, "/")+1:]
	}
	if key("prev") != before || key("next") != after {
		p.s.t.Errorf("%s stands between %q and %q, want %q and %q", p.what, key("prev"), key("next"), before, after)
	}
	return p
}

// knowsNoList expects a record's page like that of who came from nowhere.
func (p *page) knowsNoList() *page {
	p.s.t.Helper()
	p.status(http.StatusOK).silentAbout("the list of")
	if got := p.links("main .crumbs a"); len(got) != 1 || strings.Contains(got[0], "?") {
		p.s.t.Errorf("%s leads back to %q", p.what, got)
	}
	return p
}

func TestARecordLeadsToItsNeighboursInTheListAndBack(t *testing.T) {
	t.Parallel()
	s := aStreet(t)
	for list, order := range map[string][]string{
		"/places":                                   {ash, birch, cedar, dogs, elm},
		"/places?sort=-name":                        {elm, dogs, cedar, birch, ash},
		"/places?sort=address":                      {cedar, ash, birch, elm, dogs}, // ties go by key
		"/places?sort=-address":                     {dogs, elm, birch, ash, cedar},
		"/places?sort=restaurant":                   {cedar, ash, birch, elm, dogs},
		"/places?q=oak":                             {ash, birch, cedar},
		"/places?q=oak&sort=-name":                  {cedar, birch, ash},
		"/places?address__startswith=944":           {dogs, elm},
		"/places?restaurant__isnull=true&sort=name": {ash, birch, cedar, elm},
		"/places?name=Ash":                          {ash},
	} {
		cookie := s.remembered(list)
		sentence := fmt.Sprintf("In the list of %d places", len(order))
		if list == "/places?name=Ash" {
			sentence = "In the list of 1 place that matches"
		}
		for i, key := range order {
			around := append(append([]string{""}, order...), "")
			p := s.get("/places/"+key, "Cookie", cookie).says(sentence).beside(around[i], around[i+2])
			if got := p.links("main .crumbs a"); len(got) != 1 || got[0] != normal(t, list) {
				t.Errorf("%s leads back to %q", p.what, got)
			}
			p.click(squeezed(p.Find("main .crumbs a"))).lists(slices.Clone(order)...)
			if next := p.Find("a[rel=next]").AttrOr("href", ""); next != "" { // carries the list, without the cookie
				s.get(next).says(sentence).beside(key, around[i+3])
			}
		}
	}
	s.get("/places/"+ash, "Cookie", s.remembered("/places")).silentAbout("that match")
}

// normal is an address with its query in the order of the names.
func normal(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = u.Query().Encode()
	return u.String()
}

func TestTheWayBackLeadsToTheSamePageOfTheList(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	for i := range 60 {
		s.add("/places", "name", fmt.Sprintf("Place %02d", i), "address", "1")
	}
	second := s.get("/places").Find("a[rel=next]").AttrOr("href", "")
	cookie := s.remembered(second)
	p := s.get("/places/51", "Cookie", cookie).says("In the list of 60 places").beside("50", "52")
	if got := p.links("main .crumbs a"); got[0] != second {
		t.Errorf("it leads back to %q, want %q", got, second)
	}
}

func TestTwoWindowsWithTwoListsDoNotMix(t *testing.T) {
	t.Parallel()
	s := aStreet(t)
	oak := s.get("/places/"+ash, "Cookie", s.remembered("/places?q=oak")).Find("a[rel=next]").AttrOr("href", "")
	other := s.remembered("/places?sort=-name")
	p := s.get(oak, "Cookie", other).says("In the list of 3 places that match").beside(ash, cedar)
	// What was stepped through last is what is known after a change.
	if got, want := p.cookie("maitred_list_places"), s.remembered("/places?q=oak"); got != want {
		t.Errorf("the cookie is %q, want %q", got, want)
	}
	if got := s.get(oak, "Cookie", s.remembered("/places?q=oak")).cookie("maitred_list_places"); got != "" {
		t.Errorf("what is known already is said again: %q", got)
	}
}

func TestTheListIsStillKnownAfterAChange(t *testing.T) {
	t.Parallel()
	s := aStreet(t)
	cookie := s.remembered("/places?q=oak")
	edit := func(name, address string) *page {
		form := s.get("/places/"+birch+"/edit", "Cookie", cookie).form("post").with("name", name, "address", address)
		saved := form.send().status(http.StatusSeeOther)
		return s.get(saved.Header.Get("Location"), "Cookie", cookie+"; "+saved.cookie("maitred_done")).says("Done")
	}
	edit("Beech", "1 Oak Street").says("In the list of 3 places that match").beside(ash, cedar)
	edit("Zelkova", "1 Oak Street").beside(cedar, "")
	left := edit("Zelkova", "2 Elm Street").says("Not in the list of 2 places that match").beside("", "").leads("/places?q=oak")
	if got := left.links("main .crumbs a"); got[0] != "/places?q=oak" {
		t.Errorf("it leads back to %q", got)
	}
	// Later that is no news any more.
	s.get("/places/"+birch, "Cookie", cookie).knowsNoList()
	// It is news to who steps there from its neighbour.
	s.get("/places/" + birch + "?in=q%3Doak").says("Not in the list of 2 places that match").leads("/places?q=oak")
}

func TestAListThatMakesNoSenseIsNoReasonToRefuseARecord(t *testing.T) {
	t.Parallel()
	s := aStreet(t)
	s.get("/places/" + ash).knowsNoList()
	for _, in := range []string{"nonsense=1", "sort=nonsense", "restaurant__place__nonsense=x", "after=x", "after=a&before=b", "pk=x", "%zz", ";", "%00", "q=%ff;", "serves_pizza=true", "name__gt=1", "q=" + strings.Repeat("x", 3000)} {
		s.get("/places/" + ash + "?in=" + url.QueryEscape(in)).knowsNoList()
		s.get("/places/"+ash, "Cookie", "maitred_list_places=places?q=oak%zz"+in).knowsNoList()
		if !strings.Contains(in, ";") { // which ends a cookie
			s.get("/places/"+ash, "Cookie", "maitred_list_places=places?"+in).knowsNoList()
		}
	}
	for _, cookie := range []string{"", "places", "restaurants?q=oak", "?", "places%3Fq=oak", `"places?q=oak`, "waiters?restaurant=1"} {
		for _, kind := range []string{"places", "restaurants", "waiters"} {
			s.get("/places/"+ash, "Cookie", "maitred_list_"+kind+"="+cookie).knowsNoList()
		}
	}
	s.get("/places/"+ash+"?in=", "Cookie", "maitred_list_places=places?q=elm").says("In the list of 5 places").beside("", birch) // the whole list
	s.get("/places/99?in=q%3Doak").status(http.StatusNotFound)
	for _, in := range []string{"q=\x00", "q=\xff", "name=" + `'"\%_`, "name__icontains=🍕", "in=in"} {
		s.get("/places/" + ash + "?in=" + url.QueryEscape(in)).status(http.StatusOK)
	}
	// The list of one kind is nothing to another one.
	s.get("/restaurants/"+dogs, "Cookie", s.remembered("/places")).knowsNoList()
	s.get("/restaurants/"+dogs, "Cookie", s.remembered("/restaurants")).says("In the list of 1 restaurant").beside("", "")
}

func TestAListIsRememberedForItsOwnKindAndNotForEver(t *testing.T) {
	t.Parallel()
	s := aStreet(t)
	set := s.get("/places?q=oak&sort=-name").Header.Get("Set-Cookie")
	for _, want := range []string{"maitred_list_places=places?q=oak&sort=-name", "; Path=/; ", "; HttpOnly", "; SameSite=Lax"} {
		if !strings.Contains(set, want) {
			t.Errorf("the cookie %q lacks %q", set, want)
		}
	}
	if strings.Contains(set, "Max-Age") || strings.Contains(set, "Expires") {
		t.Errorf("the cookie outlives the session: %q", set)
	}
	long := "/places?name__in=" + strings.Repeat("x", 1000)
	if set := s.get(long, "Cookie", "maitred_list_places=places?q=oak").status(http.StatusOK).Header.Get("Set-Cookie"); !strings.HasPrefix(set, "maitred_list_places=;") || !strings.Contains(set, "Max-Age=0") {
		t.Errorf("a list too long to remember leaves the one before it: %q", set)
	}
	if set := s.get("/places?nonsense=1").Header.Get("Set-Cookie"); set != "" {
		t.Errorf("a list that was refused is remembered: %q", set)
	}
	if got := s.get("/places?q=oak", "Cookie", "maitred_list_places=places?q=oak").Header.Get("Set-Cookie"); got != "" {
		t.Errorf("what is remembered is said again: %q", got)
	}
}
