package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// bar is what the bar of a demo says.
func (p *page) bar() string {
	p.s.t.Helper()
	if n := p.Find("aside#demo").Length(); n != 1 {
		p.s.t.Fatalf("%s has %d bars of a demo", p.what, n)
	}
	return squeezed(p.Find("aside#demo"))
}

func (p *page) barSays(words ...string) *page {
	p.s.t.Helper()
	for _, w := range words {
		if said := p.bar(); !strings.Contains(said, w) {
			p.s.t.Errorf("the bar at %s does not say %q, but %q", p.what, w, said)
		}
	}
	return p
}

func TestAVisitorOfADemoChangesTheirOwnRecordsWithoutSigningIn(t *testing.T) {
	t.Parallel()
	d := newDemo(t, plenty)
	ann, ben := d.visitor(), d.visitor()
	ann.get("/").status(http.StatusOK).barSays("Your own demo, 30 minutes left.", "Start again", "a viewer", "an editor", "What is this?")
	ann.get("/places").says("202 places")
	d.counts(1, 0)

	ann.get("/places/13/delete").form("post").send().status(http.StatusSeeOther)
	d.counts(1, 1)
	ann.get("/places").says("201 places")
	ben.get("/places").status(http.StatusOK)
	ben.get("/places").says("202 places")
	ann.get("/history").says("You deleted the place Wrigley Franks with 1 restaurant and", "Aisha Khan", "Rosa Delgado")
	undone := ann.goes(ann.post("/history/32/undo"), "/history/33")
	undone.says("Done:", "undid")
	ann.get("/places").says("202 places")
	ben.get("/history").silentAbout("You deleted")
}

func TestASweepOfEverythingInADemoIsUndoneAndSearchedAsElsewhere(t *testing.T) {
	t.Parallel()
	ann := newDemo(t, plenty).visitor()
	ann.get("/search?q=demon").status(http.StatusOK).says("Demon Dogs")
	preview := ann.post("/restaurants/serves", "all", "1", "serves_pizza", "true").status(http.StatusOK)
	ann.goes(preview.form("post").send(), "/restaurants").says("Done:")
	ann.get("/restaurants?serves_pizza=false").says("No restaurant")
	preview = ann.post("/places/delete", "all", "1").status(http.StatusOK)
	ann.goes(preview.form("post").send(), "/places").says("202 places")
	ann.get("/").status(http.StatusOK).says("Load the sample data")
	ann.post("/history/33/undo").status(http.StatusSeeOther)
	ann.get("/places").says("202 places")
	ann.get("/restaurants").says("124 restaurants")
}

func TestADemoThatIsOverIsFollowedByAFreshOneAndNoError(t *testing.T) {
	t.Parallel()
	const over, notSaved = "Your demo was over, and nothing of it is kept.", "what you sent was not saved"
	d := newDemo(t, plenty)
	ann := d.visitor()
	ann.get("/")
	ann.add("/places", "name", "Ann’s", "address", "1") // the place 203
	ann.get("/places/203").status(http.StatusOK)
	d.pass(26 * time.Minute)
	ann.get("/places").barSays("4 minutes left", "Then all you did here is gone.")
	d.pass(3*time.Minute + 30*time.Second)
	ann.get("/places").barSays("less than a minute left")

	d.pass(time.Minute)
	d.counts(0, 0)
	poll := []string{"HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "aside#demo", "HX-Current-URL", d.url + "/places/203"}
	ann.get("/demo", poll...).status(http.StatusOK).barSays("Your own demo is over.", "fresh one")
	part := ann.get("/places?q=demon", "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#list", "HX-Current-URL", d.url+"/places?q=d")
	if to := part.Header.Get("HX-Redirect"); to != "/places?q=demon" {
		t.Errorf("a part of a page that is over leads to %q", to)
	}
	ann.goes(ann.get("/places/203"), "/").says(over).barSays("30 minutes left")
	ann.get("/places").silentAbout(over).says("202 places")

	d.pass(31 * time.Minute)
	ann.get("/places?q=demon").status(http.StatusOK).says(over, "Demon Dogs")
	ann.get("/places").silentAbout(over)
	d.pass(31 * time.Minute)
	ann.post("/places", "name", "Late", "address", "1 Street").status(http.StatusOK).says("A fresh demo", "Your demo was over", "This is what you typed", "Late", "1 Street").barSays("30 minutes left")
	ann.get("/places").says("202 places").silentAbout(over)
	d.pass(31 * time.Minute)
	ann.goes(ann.post("/history/31/undo"), "/").says(notSaved)
	ann.get("/places").says("202 places")
	d.pass(31 * time.Minute)
	ann.goes(ann.post("/demo/again"), "/").says("This is a fresh demo")
	d.pass(31 * time.Minute)
	ann.goes(ann.post("/demo/become", "role", "viewer"), "/").says("You are a viewer now")
}

// A form that was open when the demo ended is about records of that demo. The next one has others of the same
// numbers, and even of the same versions.
func TestAFormOfTheDemoBeforeDoesNothingInTheNext(t *testing.T) {
	t.Parallel()
	d := newDemo(t, plenty)
	ann := d.visitor()
	ann.get("/")
	ann.add("/places", "name", "Old", "address", "1")
	edit := ann.get("/places/203/edit").form("post").with("name", "Older")
	change := ann.get("/places/203").Find("a[href^='/history/']").First().AttrOr("href", "")
	undo := ann.get(change + "/undo").form("post")
	ann.post("/demo/again", "sure", "1").status(http.StatusSeeOther)
	ann.get("/")
	ann.add("/places", "name", "New", "address", "2")
	for _, stale := range []*filled{edit, undo} {
		ann.goes(stale.send(), "/").says("what you sent was not saved")
	}
	ann.get("/places/203").says("New")
	ann.get("/places/204").status(http.StatusNotFound).says("nothing of that is kept")
}

// The bar asks by itself. No refusal of that may take away what somebody is typing.
func TestARefusalOfTheBarLeavesThePage(t *testing.T) {
	t.Parallel()
	limits := plenty
	limits.PerAddress = 1
	d := newDemo(t, limits)
	ann, ben := d.visitor(), d.visitor()
	ann.get("/")
	ann.get("/")
	poll := []string{"HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "aside#demo"}
	if p := ben.get("/demo", poll...); p.Status != http.StatusTooManyRequests || p.Header.Get("HX-Reswap") != "none" || p.Header.Get("HX-Retarget") != "" {
		t.Errorf("it is answered with %d and %v", p.Status, p.Header)
	}
}

func TestADemoThatIsAsLargeAsItMayBecomeSaysSoAndWhatWasTyped(t *testing.T) {
	t.Parallel()
	limits := plenty
	limits.Size = 600 << 10
	ann := newDemo(t, limits).visitor()
	ann.get("/")
	ann.Store.ReadOnly = true // so that the client of these tests takes no 507 for a fault of ours
	for i := range 500 {
		name := fmt.Sprintf("Place %d %s", i, strings.Repeat("x", 30))
		p := ann.post("/places", "name", name, "address", strings.Repeat("y", 70))
		if p.Status == http.StatusSeeOther {
			continue
		}
		p.status(http.StatusInsufficientStorage).says("Your demo is full", "Start again", name)
		return
	}
	t.Error("it takes all")
}

func TestAVisitorStartsAgain(t *testing.T) {
	t.Parallel()
	d := newDemo(t, plenty)
	ann := d.visitor()
	ann.get("/")
	ann.add("/places", "name", "Ann’s", "address", "1")
	d.pass(20 * time.Minute)
	asked := ann.post("/demo/again").status(http.StatusOK).says("Start again?", "cannot be brought back")
	ann.get("/places").says("203 places")
	ann.goes(asked.form("post").with("sure", "1").send(), "/").says("This is a fresh demo").barSays("30 minutes left")
	ann.get("/places").says("202 places")
	d.counts(1, 0)
	ann.goes(ann.post("/demo/again"), "/").says("This is a fresh demo") // there is nothing to lose
}

func TestAVisitorBecomesWhoMayLess(t *testing.T) {
	t.Parallel()
	d := newDemo(t, plenty)
	ann := d.visitor()
	ann.get("/places/13")
	viewer := ann.goes(ann.post("/demo/become", "role", "viewer", "at", "/places/13"), "/places/13")
	viewer.says("You are a viewer now").barSays("an editor", "a manager")
	viewer.silentAbout("Delete")
	ann.post("/places", "name", "x", "address", "y").status(http.StatusForbidden).says("not change anything").barSays("Become")
	ann.get("/users").status(http.StatusForbidden)
	d.counts(1, 0)

	ann.goes(ann.post("/demo/become", "role", "editor", "at", "//example.com"), "/").says("You are an editor now")
	ann.post("/history/31/undo").status(http.StatusForbidden).says("Someone else did this")
	ann.add("/places", "name", "Mine", "address", "y")
	ann.post("/history/32/undo").status(http.StatusSeeOther)
	ann.post("/demo/become", "role", "owner").status(http.StatusBadRequest)
	ann.goes(ann.post("/demo/become", "role", "manager", "at", "/history/31"), "/history/31").says("You are a manager now")
	ann.post("/history/31/undo").status(http.StatusSeeOther)
}

func TestWhatADemoLeavesOutIsShownAndExplained(t *testing.T) {
	t.Parallel()
	ann := newDemo(t, plenty).visitor()
	people := ann.get("/users").status(http.StatusOK).says("Rosa Delgado", "Tom Whitfield", "In a demo this page is shown")
	people.Find("main form[method=post]").Each(func(_ int, f *goquery.Selection) {
		ann.post(f.AttrOr("action", "")).status(http.StatusForbidden).says("Only shown in a demo", "shown and not done").leads("/demo")
	})
	ann.get("/users/new").status(http.StatusOK).says("Invite")
	ann.get("/users/trail").status(http.StatusOK)
	ann.get("/users/1").status(http.StatusOK).says("Rosa Delgado")
	ann.post("/users", "name", "Mallory", "role", "manager").status(http.StatusForbidden)
	ann.get("/users").silentAbout("Mallory")
	ann.get("/account").status(http.StatusOK).says("In a demo nobody signs in")
	ann.get("/sign-in").status(http.StatusOK).says("In a demo nobody signs in")
	ann.get("/demo").status(http.StatusOK).says("What is this demo?", "Mail", "Backups", "Settings", "30 minutes", "8 MB")
}

func TestAFullDemoSaysWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	limits := plenty
	limits.Visitors, limits.PerAddress, limits.Copies = 3, 2, 1
	d := newDemo(t, limits)
	ann, ben := d.visitor(), d.visitor()
	ann.get("/")
	ann.get("/")
	ann.add("/places", "name", "Ann’s", "address", "1")
	d.pass(4 * time.Minute)
	ben.get("/")
	ben.get("/places").says("202 places")
	refuses := func(p *page, status int, after string) *page {
		t.Helper()
		if got := p.Header.Get("Retry-After"); p.Status != status || got != after {
			t.Errorf("%s is answered with %d, to be tried again after %s", p.what, p.Status, got)
		}
		return p.says("The demo is full", "26 minutes")
	}
	ben.Store.ReadOnly = true // so that the client of these tests takes no 503 for a fault of ours
	refuses(ben.post("/places", "name", "Ben’s", "address", "2 Street"), http.StatusServiceUnavailable, "1560").says("Ben’s", "2 Street")
	ben.get("/places").says("202 places")

	third := d.visitor()
	refuses(third.get("/"), http.StatusTooManyRequests, "1560").says("From your address").silentAbout("Sign in")
	d.pass(27 * time.Minute)
	third.get("/").status(http.StatusOK)
}

func TestCrawlersCostADemoNothing(t *testing.T) {
	t.Parallel()
	d := newDemo(t, plenty)
	crawler := d.visitor()
	crawler.jar = nil
	seen, todo := map[string]bool{"/": true}, []string{"/"}
	for visits := 0; len(todo) > 0 && visits < 150; visits++ {
		p := crawler.get(todo[0])
		todo = todo[1:]
		if p.Header.Get("X-Robots-Tag") != "noindex, nofollow" {
			t.Errorf("%s may be kept by search engines", p.what)
		}
		p.Find("a[href^='/']").Each(func(_ int, a *goquery.Selection) {
			if to := a.AttrOr("href", ""); !seen[to] {
				seen[to] = true
				todo = append(todo, to)
			}
		})
	}
	if robots := crawler.do(crawler.request(http.MethodGet, "/robots.txt", "")); robots.Body != "User-agent: *\nDisallow: /\n" {
		t.Errorf("robots are told %q", robots.Body)
	}
	if asset := crawler.get("/healthz"); asset.Header.Get("Set-Cookie") != "" {
		t.Error("a health check is taken for a visitor")
	}
	d.counts(0, 0)
}

// Whatever a visitor is shown they can open, in each role, before and after their first change.
func TestEveryLinkOfADemoLeadsSomewhere(t *testing.T) {
	t.Parallel()
	repeats(t)
	d := newDemo(t, plenty)
	for _, role := range []string{"manager", "editor", "viewer"} {
		ann := d.visitor()
		ann.get("/")
		if role == "editor" {
			ann.add("/places", "name", "Ann’s", "address", "1")
		}
		ann.post("/demo/become", "role", role)
		seen, todo := map[string]bool{}, []string{"/"}
		for len(todo) > 0 && len(seen) < 400 {
			path := todo[0]
			todo = todo[1:]
			u, err := url.Parse(path)
			if err != nil || seen[u.Path] && (u.RawQuery == "" || strings.Count(u.Path, "/") > 1) || seen[path] {
				continue
			}
			seen[path], seen[u.Path] = true, true
			p := ann.get(path)
			if p.Status != http.StatusOK && p.Status != http.StatusSeeOther {
				t.Errorf("as %s %s is answered with %d: %s", role, path, p.Status, p.short())
			}
			p.Find("a[href^='/']").Each(func(_ int, a *goquery.Selection) { todo = append(todo, a.AttrOr("href", "")) })
		}
	}
}

// That the program itself bears a thousand is shown in cmd.
func TestAHundredVisitorsAtOnceChangeTheirOwnRecords(t *testing.T) {
	t.Parallel()
	repeats(t)
	d := newDemo(t, plenty)
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			v, name := d.visitor(), fmt.Sprintf("Place of %d", i)
			v.get("/")
			if key := v.add("/places", "name", name, "address", "1"); key != "203" {
				t.Errorf("the place of %d is %s", i, key)
			}
			v.get("/places/203").says(name)
			v.get("/places?q=Place+of").says("match “Place of”: 1.")
		})
	}
	all.Wait()
	d.counts(100, 100)
	d.pass(31 * time.Minute)
	d.counts(0, 0)
}
