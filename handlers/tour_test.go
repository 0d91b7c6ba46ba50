package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"maitred/handlers"
	"maitred/models/account"
)

// tourist is a visitor who keeps the cookie of the tour, and that of what was just done, as browsers do.
type tourist struct {
	*site
	cookies map[string]string
}

func (s *site) tourist() *tourist { return &tourist{s, map[string]string{}} }

func (v *tourist) sample() *tourist {
	v.t.Helper()
	v.asks(v.site.get("/").form("post"))
	return v
}

func (v *tourist) header() []string {
	var all []string
	for name, value := range v.cookies {
		all = append(all, name+"="+value)
	}
	if all == nil {
		return nil
	}
	return []string{"Cookie", strings.Join(all, "; ")}
}

// takes keeps the cookies of an answer, and goes where it leads.
func (v *tourist) takes(p *page) *page {
	v.t.Helper()
	for _, c := range (&http.Response{Header: p.Header}).Cookies() {
		if c.MaxAge < 0 {
			delete(v.cookies, c.Name)
			continue
		}
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			v.t.Errorf("the cookie %s is open to others", c)
		}
		v.cookies[c.Name] = c.Value
	}
	if to := p.Header.Get("Location"); to != "" {
		return v.looks(to)
	}
	return p
}

func (v *tourist) looks(path string) *page {
	v.t.Helper()
	return v.takes(v.site.get(path, v.header()...))
}

func (v *tourist) asks(f *filled) *page {
	v.t.Helper()
	return v.takes(v.site.send(f.action, f.Values, v.header()...))
}

// presses sends the tour's form on a page with one of its buttons.
func (v *tourist) presses(p *page, words string) *page {
	v.t.Helper()
	f := p.Find("form[action='/tour']")
	fields := values()
	for _, name := range []string{"as", "at"} {
		if value, has := f.Find("[name=" + name + "]").Attr("value"); has {
			fields.Set(name, value)
		}
	}
	for _, b := range f.Find("button").EachIter() {
		if squeezed(b) == words {
			fields.Set("step", b.AttrOr("value", ""))
		}
	}
	if fields.Get("step") == "" {
		v.t.Fatalf("%s has no button %q: %s", p.what, words, p.short())
	}
	return v.takes(v.site.send("/tour", fields, v.header()...))
}

// tells is what a page says of the tour.
func (p *page) tells() string { return squeezed(p.Find("main .tour > p").First()) }

func TestTheTourIsOfferedWhereTheSampleDataIsNewAndLeftForGood(t *testing.T) {
	t.Parallel()
	v := emptySite(t).tourist()
	if said := v.looks("/").tells(); said != "" {
		t.Errorf("an empty site says %q", said)
	}
	p := v.asks(v.looks("/").form("post"))
	for _, p := range []*page{p, v.looks("/")} {
		if !strings.HasPrefix(p.tells(), "New here?") {
			t.Errorf("%s says %q", p.what, p.tells())
		}
	}
	if said := v.looks("/places").tells(); said != "" {
		t.Errorf("the list says %q", said)
	}
	v.presses(v.looks("/"), "Not now")
	for _, path := range []string{"/", "/places"} {
		if said := v.looks(path).tells(); said != "" {
			t.Errorf("%s still says %q", path, said)
		}
	}
	v.presses(v.looks("/help"), "Take the tour again").says("step 1 of 5")
}

func TestAStepOfTheTourIsSkippedAndTheTourEndedWhereOneIs(t *testing.T) {
	t.Parallel()
	v := emptySite(t).tourist().sample()
	p := v.presses(v.looks("/"), "Take the tour")
	for _, want := range []struct{ path, says string }{
		{"/places/2", "Tour, step 1 of 5: Open a restaurant. Ace Hardware is free: nothing is there yet. On this page press “Open a restaurant here”."},
		{"/restaurants/1", "Tour, step 2 of 5: Move a restaurant. The restaurant at Demon Dogs can go to Ace Hardware"},
		{"/restaurants/3", "Tour, step 3 of 5: Swap two restaurants. Move the restaurant at Lakeview Pizza Works to The Corner Oven"},
		{"/places/13", "Tour, step 4 of 5: Delete a place. Say that Wrigley Franks is to go."},
		{"/history", "Tour, step 5 of 5: Undo. Press “Undo” beside what you deleted, in this list"},
	} {
		if p.path != want.path || !strings.HasPrefix(p.tells(), want.says) {
			t.Fatalf("%s says %q, want %s with %q", p.what, p.tells(), want.path, want.says)
		}
		p = v.presses(p, "Skip this step")
	}
	if p.path != "/help" || !strings.HasPrefix(p.tells(), "Well done, that was the tour.") {
		t.Errorf("%s says %q", p.what, p.tells())
	}
	if said := v.looks("/help").tells(); said != "" {
		t.Errorf("the end is told again: %q", said)
	}

	v.presses(v.looks("/help"), "Take the tour again")
	p = v.presses(v.looks("/places?sort=-name"), "End the tour")
	if p.what != "GET /places?sort=-name" || p.tells() != "" {
		t.Errorf("after its end %s says %q", p.what, p.tells())
	}
}

func TestTheTourGoesOnOnlyByWhatItAsksFor(t *testing.T) {
	t.Parallel()
	v := emptySite(t).tourist().sample()
	v.presses(v.presses(v.looks("/"), "Take the tour"), "Skip this step")
	for _, done := range []*page{
		v.takes(v.post("/places", "name", "Third", "address", "3")),
		v.asks(v.get("/waiters/" + joe + "/move?restaurant_id=3").form("post")),
		v.asks(v.get("/restaurants/3/move?place_id=4").form("post")),
		v.looks("/places"),
	} {
		if !strings.HasPrefix(done.tells(), "Tour, step 2 of 5") {
			t.Errorf("after %s the tour says %q", done.short(), done.tells())
		}
	}
	v.get("/restaurants/3/move?place_id=2").form("post").send().status(http.StatusSeeOther) // somebody else
	if said := v.looks("/places").tells(); !strings.HasPrefix(said, "Tour, step 2 of 5") {
		t.Errorf("what somebody else did passes the step: %q", said)
	}
	done := v.asks(v.get("/restaurants/4/move?place_id=6").form("post"))
	if !strings.HasPrefix(done.tells(), "Well done. Tour, step 3 of 5") {
		t.Errorf("after a move the tour says %q", done.tells())
	}
	if said := v.looks("/places").tells(); !strings.HasPrefix(said, "Tour, step 3 of 5") {
		t.Errorf("and then %q", said)
	}
}

// What the tour speaks of is as it says, whatever was done on the one before.
func TestTheTourIsTakenAgain(t *testing.T) {
	t.Parallel()
	v := emptySite(t).tourist().sample()
	for _, time := range []struct{ button, free, from, to, one, other string }{
		{"Take the tour", "2", "1", "6", "4", "5"},
		{"Take the tour again", "1", "3", "9", "5", "6"},
	} {
		p := v.presses(v.looks("/help"), time.button)
		goes := func(path, step string) {
			t.Helper()
			if p.path != path || !strings.Contains(p.tells(), step) {
				t.Fatalf("%s says %q, want %s with %q", p.what, p.tells(), path, step)
			}
		}
		follows := func() { p = v.looks(p.Find("main .tour p a").AttrOr("href", "")) }
		goes("/places/"+time.free, "Tour, step 1 of 5")
		p.says("Open a restaurant here")
		p = v.takes(v.post("/restaurants", "place_id", time.free))
		goes("/restaurants/"+time.free, "Well done. Tour, step 2 of 5")
		follows()
		goes("/restaurants/"+time.from, "Tour, step 2 of 5")
		p = v.asks(v.get("/restaurants/" + time.from + "/move?place_id=" + time.to).says("What will happen").form("post"))
		goes("/restaurants/"+time.to, "Well done. Tour, step 3 of 5")
		follows()
		goes("/restaurants/"+time.one, "Tour, step 3 of 5")
		p = v.asks(v.get("/restaurants/" + time.one + "/move?place_id=" + time.other).says("You can swap the two").form("post"))
		goes("/restaurants/"+time.other, "Well done. Tour, step 4 of 5")
		follows()
		goes("/places/13", "Tour, step 4 of 5")
		p = v.asks(v.get("/places/13/delete").says("5 waiters").form("post"))
		goes("/places", "Well done. Tour, step 5 of 5")
		p = v.takes(v.post(p.Find(".done form").AttrOr("action", "")))
		if !strings.HasPrefix(p.tells(), "Well done, that was the tour.") {
			t.Fatalf("at its end %s says %q", p.what, p.tells())
		}
		v.looks("/restaurants/13").says("5 waiters")
	}
}

func TestWithoutTheSampleDataTheTourSpeaksOfAny(t *testing.T) {
	t.Parallel()
	v := newSite(t).tourist()
	if said := v.looks("/").tells(); said != "" {
		t.Errorf("the tour is offered beside people's own records: %q", said)
	}
	v.exec("UPDATE places SET address = 'elsewhere', address_norm = 'elsewhere'")
	p := v.presses(v.looks("/help"), "Take the tour")
	for _, want := range []struct{ path, says string }{
		{"/places", "Choose a place from this list and press “Open a restaurant here”."},
		{"/restaurants", "Choose a restaurant from this list and press"},
		{"/restaurants", "Choose a place that has one already"},
		{"/places", "that you can do without for a moment"},
		{"/history", "in this list"},
	} {
		if p.path != want.path || !strings.Contains(p.tells(), want.says) {
			t.Errorf("%s says %q, want %s with %q", p.what, p.tells(), want.path, want.says)
		}
		p = v.presses(p, "Skip this step")
	}
}

func TestTheTourIsThePersonsWhoTakesItAndOfThoseWhoWrite(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	ed := s.as("Ed").tourist()
	ed.presses(ed.looks("/help"), "Take the tour").says("step 1 of 5")
	for _, name := range []string{"Eve", "Vic"} {
		other := &tourist{s.as(name), ed.cookies}
		if said := other.looks("/places").tells(); said != "" {
			t.Errorf("%s is told %q", name, said)
		}
	}
	vic := s.as("Vic").get("/help").says("You can look at everything here", "Waiter").silentAbout("tour", "Taking something back")
	if vic.Find("main form").Length() != 0 {
		t.Error("who only reads has a form on the help page")
	}
	s.answerBy(handlers.New(s.options(account.Viewer)))
	(&site{Store: s.Store, Handler: s.Handler, t: t, url: s.url}).get("/help").says("You can look at everything here").silentAbout("tour")
}

func TestAMadeUpStepOfTheTourIsNone(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	s.tourist().sample()
	for _, cookie := range []string{"0-9", "0--1", "0-x", "7-2", "x", "0-", "0-99999999999999999999"} {
		if said := s.get("/places", "Cookie", "maitred_tour="+cookie).tells(); said != "" {
			t.Errorf("with %q the tour says %q", cookie, said)
		}
	}
	s.post("/tour", "step", "99999999999999999999", "at", "https://elsewhere.example/").leadTo("/")
	s.post("/tour", "step", "0", "at", "//elsewhere.example/").leadTo("/")
	s.post("/tour", "step", "77").leadTo("/help")
}
