package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const (
	lookAlike    = "Looks like Demon Dogs, 944 W. Fullerton already exists. Open it?"
	noneLooksSo  = "already exists"
	partial      = "partial"
	requestType  = "HX-Request-Type"
	targetOfPart = "HX-Target"
)

// donePage expects a redirect to an address and goes there as a browser does, which is told what was done.
func (p *page) donePage(path string) *page {
	p.s.t.Helper()
	if got := p.Header.Get("Location"); got != path {
		p.s.t.Fatalf("%s leads to %s, want %s", p.what, got, path)
	}
	return p.s.get(path, "Cookie", p.cookie("maitred_done")).status(http.StatusOK)
}

func TestAPlaceThatLooksLikeAnotherIsSavedAndToldOf(t *testing.T) {
	t.Parallel()
	s := newSite(t)

	// On the page of what was saved, once.
	p := s.get("/places/new").form("post").with("name", "Deamon dog", "address", "944 West Fullerton Ave").send().status(http.StatusSeeOther).donePage("/places/3")
	p.says(lookAlike).leads("/places/" + demonDogs)
	s.get("/places/3").silentAbout(noneLooksSo)
	s.get("/places/1/edit").form("post").with("address", "944 W Fullerton").send().status(http.StatusSeeOther).donePage("/places/1").
		says("Looks like Deamon dog, 944 West Fullerton Ave already exists.")
	s.get("/restaurants/new").form("post").with("new_place", "1", "name", "Demon Dogs", "address", "944 Fullerton").send().status(http.StatusSeeOther).donePage("/restaurants/4").
		says("Looks like Demon Dogs, 944 W Fullerton already exists.", "Looks like Deamon dog")

	// Not where the place was there before, and not when something else was done at it.
	s.get("/restaurants/new").form("post").with("place_id", "3").send().status(http.StatusSeeOther).donePage("/restaurants/3").silentAbout(noneLooksSo)
	s.get("/restaurants/4/edit").form("post").with("serves_pizza", "1").send().status(http.StatusSeeOther).donePage("/restaurants/4").silentAbout(noneLooksSo)
	s.get("/places/new").form("post").with("name", "Demon Dogs", "address", "3114 N. Broadway").send().status(http.StatusSeeOther).donePage("/places/5").silentAbout(noneLooksSo)
}

func TestAFormTellsOfPlacesThatLookLikeWhatIsTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	typed := "?name=Deamon+Dogs&address=944+W+Fullerton"
	for _, path := range []string{"/places/new", "/restaurants/new", "/places/" + aceHardware + "/edit"} {
		s.get(path).status(http.StatusOK).silentAbout(noneLooksSo)
		s.get(path + typed).status(http.StatusOK).says(lookAlike).leads("/places/" + demonDogs)
		for _, query := range []string{"", "?name=Demon+Dogs", "?address=944+W.+Fullerton", "?name=Demon+Dogs&address=945+W.+Fullerton", "?name=%22&address=%22+OR", "?name=Demon+Dogs%00&address=944+W.+Fullerton", "?name=Demon+Dogs&address=%ff", "?name=%F0%9F%8C%AD&address=1"} {
			s.get(path + query).status(http.StatusOK).silentAbout(noneLooksSo)
		}
		part := s.get(path+typed, "HX-Request", "true", requestType, partial, targetOfPart, "div#alike").status(http.StatusOK)
		if n := part.Find("#alike[role=status] a").Length(); n != 1 || part.Find("form").Length() != 0 {
			t.Errorf("%s answers the part with %s", path, part.Body)
		}
	}
	s.get("/places/" + demonDogs + "/edit" + typed).status(http.StatusOK).silentAbout(noneLooksSo) // it is this one

	// A form that is refused tells it too.
	s.post("/places", "name", "Demon Dogs", "address", "944 W. Fullerton, "+strings.Repeat("x", 80)).status(http.StatusUnprocessableEntity).says(lookAlike)
}

func TestOfManyPlacesThatLookAlikeThoseThatAreTheSameAreToldFirst(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	for i := range 5 {
		s.add("/places", "name", "Demon Dog", "address", fmt.Sprintf("944 W. Fullerton, %s", []string{"Chicago", "Evanston", "Cicero", "Oak Park", "Skokie"}[i]))
	}
	same := s.add("/places", "name", "DEMON DOGS", "address", "944 W. Fullerton")
	p := s.get("/places/new?name=Demon+Dogs&address=944+W.+Fullerton").status(http.StatusOK)
	links := p.links("#alike a")
	if len(links) != 3 || links[0] != "/places/"+same {
		t.Errorf("it tells of %v", links)
	}
}

func TestAWaiterIsHiredOnTheRestaurantsPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	quick := func(p *page) *filled {
		t.Helper()
		return p.filled(p.Find("form.quick"), "post")
	}
	p := s.get("/restaurants/" + demonDogs)
	if p.Find("form.quick [autofocus]").Length() != 0 {
		t.Error("the page begins in the form before it was used")
	}
	for _, name := range []string{"Ann", "Bob", "Zoë"} {
		p = quick(p).with("name", name).send().status(http.StatusSeeOther).donePage("/restaurants/"+demonDogs).says("Done:", "added the waiter "+name, "Undo")
		if field := p.Find("form.quick [name=name][autofocus]"); field.Length() != 1 || field.AttrOr("value", "") != "" {
			t.Errorf("the page does not begin in an empty field: %s", p.short())
		}
	}
	p.says("4 waiters", "Joe", "Ann", "Bob", "Zoë")

	// What is refused comes back with what was typed, and then still leads to the restaurant.
	long := "A name that is longer than fifty characters, which is too long"
	p = quick(p).with("name", long).send().status(http.StatusUnprocessableEntity).saysAt("name", "it can have 50 at most").keeps("name", long).leads("/restaurants/" + demonDogs)
	p.form("post").with("name", "Max").send().status(http.StatusSeeOther).donePage("/restaurants/" + demonDogs)

	// It leads nowhere else, and without the field to the waiter.
	for _, back := range []string{"", "//evil.example", "/places", "place_id", "name"} {
		p := s.post("/waiters", "restaurant_id", demonDogs, "name", "Eve", "back", back).status(http.StatusSeeOther)
		if to := p.Header.Get("Location"); to[:len("/waiters/")] != "/waiters/" {
			t.Errorf("back=%q leads to %s", back, to)
		}
	}
	s.post("/waiters", "restaurant_id", "99", "name", "Eve", "back", "restaurant_id").status(http.StatusUnprocessableEntity).says("does not exist")
}
