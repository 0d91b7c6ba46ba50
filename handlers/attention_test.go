package handlers_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// numberIn is the number that a text begins with.
func (p *page) numberIn(words string) int {
	p.s.t.Helper()
	first, _, _ := strings.Cut(words, " ")
	n, err := strconv.Atoi(strings.ReplaceAll(first, ",", ""))
	if err != nil {
		p.s.t.Errorf("%s: %q begins with no number", p.what, words)
	}
	return n
}

// shown is how many rows the list or the history at an address has; there are few.
func (s *site) shown(address string) int {
	s.t.Helper()
	p := s.get(address).status(http.StatusOK)
	if strings.HasPrefix(address, "/history") {
		return len(p.told())
	}
	return len(p.listed())
}

// countsRight follows each link of the home page that says a number, and counts what is there. What is
// drawn leads where the numbers beside it lead, and is nothing for the keyboard or for who listens.
func (s *site) countsRight() *page {
	s.t.Helper()
	p := s.get("/").status(http.StatusOK)
	numbers := map[string]int{}
	p.Find("main .totals a, main h3 > a").Each(func(_ int, a *goquery.Selection) {
		numbers[a.AttrOr("href", "")] = p.numberIn(squeezed(a))
	})
	tabled := map[string]bool{}
	p.Find("main .parts tr").Each(func(_ int, row *goquery.Selection) {
		n, a := p.numberIn(squeezed(row.Find("td").Last())), row.Find("th > a")
		if n == 0 && a.Length() > 0 || n > 0 && a.Length() != 1 {
			s.t.Errorf("%d of %q with %d links", n, squeezed(row), a.Length())
		}
		if n > 0 {
			href := a.AttrOr("href", "")
			numbers[href], tabled[href] = n, true
		}
	})
	for href, n := range numbers {
		if got := s.shown(href); got != n {
			s.t.Errorf("the home page says %d of %s, which shows %d", n, href, got)
		}
	}
	p.Find("main svg a").Each(func(_ int, a *goquery.Selection) {
		href := a.AttrOr("href", "")
		if !tabled[href] {
			s.t.Errorf("what is drawn leads to %s, and no number beside it does", href)
		}
		delete(tabled, href)
		if a.AttrOr("tabindex", "") != "-1" || a.Closest("[aria-hidden=true]").Length() == 0 {
			s.t.Errorf("what is drawn of %s is reached by the keyboard too", href)
		}
	})
	if len(tabled) > 0 {
		s.t.Errorf("nothing is drawn of %v", tabled)
	}
	return p
}

// numbers expects these beside what is drawn, given as words and number in turn; "" for none.
func (p *page) numbers(pairs ...string) *page {
	p.s.t.Helper()
	numbers := map[string]string{}
	p.Find("main .parts tr").Each(func(_ int, row *goquery.Selection) {
		numbers[squeezed(row.Find("th"))] = squeezed(row.Find("td").Last())
	})
	for i := 0; i < len(pairs); i += 2 {
		if got := numbers[pairs[i]]; got != pairs[i+1] {
			p.s.t.Errorf("%s says %q of %q, want %q", p.what, got, pairs[i], pairs[i+1])
		}
	}
	return p
}

func TestEachNumberOfTheHomePageIsThatOfTheListItLeadsTo(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	s.get("/").form("post").send().status(http.StatusSeeOther)
	s.countsRight().says("8 places are free", "1 restaurant has no waiters", "and 3 more").numbers("With a restaurant", "16", "Free", "8", "Neither", "0")

	// Whatever is done, by whichever way, the numbers follow.
	free := s.add("/places", "name", "Corner", "address", "1 Corner St")
	s.countsRight().says("9 places are free")
	s.add("/restaurants", "place_id", free)
	s.countsRight().says("8 places are free", "2 restaurants have no waiters").numbers("Neither", "1")
	s.add("/waiters", "restaurant_id", free, "name", "Ann")
	s.countsRight().says("1 restaurant has no waiters")
	s.post("/restaurants/serves?pk="+free, "all", "1", "serves_pizza", "true").form("post").send().status(http.StatusSeeOther)
	served := s.newest()
	s.countsRight().numbers("Pizza only", "8", "Neither", "0")
	s.get("/restaurants/" + free + "/move?place_id=2").form("post").send().status(http.StatusSeeOther)
	s.countsRight().says("8 places are free").numbers("Pizza only", "8")
	s.undoes(s.newest())
	s.undoes(served)
	s.countsRight().numbers("Neither", "1")
	s.get("/places/" + free + "/delete").form("post").send().status(http.StatusSeeOther)
	s.countsRight().says("8 places are free", "1 restaurant has no waiters").numbers("Neither", "0")
	s.undoes(s.newest())
	s.countsRight().numbers("Neither", "1")
}

func TestTheHomePageSaysWhatNeedsAttentionAndLeadsToWhatCanBeDone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	todo := s.get("/").says("Needs attention", "1 place is free", "Ace Hardware, 1013 N. Ashland").silentAbout("no waiters", "Nothing today", "more")
	todo.leads("/places/" + aceHardware)
	todo.click("Open a restaurant here: Ace Hardware, 1013 N. Ashland").form("post").send().status(http.StatusSeeOther)

	todo = s.get("/").says("1 restaurant has no waiters").silentAbout("is free", "are free")
	todo.leads("/restaurants/" + aceHardware)
	todo.click("Hire a waiter: Ace Hardware, 1013 N. Ashland").form("post").with("name", "Ann").send().status(http.StatusSeeOther)

	s.countsRight().says("Nothing today: every place has a restaurant and every restaurant has waiters.").silentAbout("more")
	for i := range 6 {
		s.add("/places", "name", fmt.Sprintf("%c House", 'F'-i), "address", "1 Street")
	}
	named := s.get("/").says("6 places are free", "A House", "E House", "and 1 more").silentAbout("F House, ").links("main .needs a:not(.button)")
	if len(named) != 5 {
		t.Errorf("%d are named", len(named))
	}
}

func TestWhoOnlyLooksSeesTheNumbersAndNothingToDo(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	s.as("Ed").add("/places", "name", "Taco Hut", "address", "7 W. Erie")
	vic := s.as("Vic").countsRight().says("2 places are free", "Taco Hut").numbers("With a restaurant", "1", "Free", "2", "Hot dogs only", "1").silentAbout("Open a restaurant", "per day", "Undo")
	if n := vic.Find("main .button, main form").Length(); n != 0 {
		t.Errorf("%d things can be done", n)
	}
	today := s.Now().UTC().Format("Mon 2 Jan")
	s.as("Ed").countsRight().says("Open a restaurant here", "Your changes per day", "Undo").numbers(today, "1")
	s.as("Eve").countsRight().says("Open a restaurant here").silentAbout("per day", "Undo")
	s.as("Max").countsRight().says("Changes per day").numbers(today, "5")
}

func TestDaysAreThoseOfUTC(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	now := s.Now()
	s.Now = func() time.Time { return now }
	at := func(text string) *page {
		t.Helper()
		var err error
		if now, err = time.Parse(time.RFC3339, text); err != nil {
			t.Fatal(err)
		}
		return s.countsRight()
	}
	for _, text := range []string{
		"2024-02-15T12:00:00Z", // fifteen days before the last one
		"2024-02-16T23:59:59.999Z", "2024-02-17T00:00:00Z", "2024-02-29T23:59:59.999Z",
		"2024-03-01T00:30:00+01:00", // still the 29th
		"2024-02-29T20:00:00-05:00", // already the 1st
	} {
		at(text)
		s.add("/places", "name", "Taco Hut", "address", "7 W. Erie")
	}
	p := at("2024-03-01T10:00:00+09:00").numbers("Fri 16 Feb", "", "Sat 17 Feb", "1", "Sun 18 Feb", "0", "Thu 29 Feb", "2", "Fri 1 Mar", "1")
	if n := p.Find("main details .parts tr").Length(); n != 14 {
		t.Errorf("%d days are shown", n)
	}
	p = at("2024-03-01T08:30:00+09:00").numbers("Thu 15 Feb", "", "Fri 16 Feb", "1", "Thu 29 Feb", "2", "Fri 1 Mar", "") // of what is to come nothing is told
	if squeezed(p.Find("main details .parts tr").Last().Find("th")) != "Thu 29 Feb" {
		t.Error("the last day is not that of UTC")
	}
	at("2024-04-01T10:00:00Z").silentAbout("per day")
}

func TestNamesOnTheHomePageAreText(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	name := `<b>Ace</b> & "Sons"</a>`
	s.get("/places/"+aceHardware+"/edit").form("post").with("name", name).send().status(http.StatusSeeOther)
	s.post("/places/views?q=ace", "name", name, "shared", "1").status(http.StatusSeeOther)
	p := s.get("/").says(name+", 1013 N. Ashland", "Open a restaurant here: "+name)
	if p.Find("main b").Length() != 0 || squeezed(p.Find("main .views bdi").First()) != name {
		t.Error("a name is more than text")
	}
}

func TestTheHomePageLeadsToTheViewsOfAllKinds(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	s.as("Ed").get("/").silentAbout("Saved views")
	for list, name := range map[string]string{"/places/views?q=ace": "Ours", "/waiters/views?q=joe": "Joes"} {
		s.as("Ed").post(list, "name", name).status(http.StatusSeeOther)
	}
	s.as("Eve").post("/restaurants/views?waiter__count=0", "name", "Empty", "shared", "1").status(http.StatusSeeOther)
	s.exec("INSERT INTO saved_views (kind, name, name_norm, query, owner, owner_name, shared) VALUES ('places', 'Lost', 'lost', 'colour=red', 'user 2', 'Ed', FALSE)")
	s.as("Ed").get("/").says("Saved views", "Ours", "Joes", "Empty shared by Eve").silentAbout("Lost").
		leads("/places?q=ace").leads("/waiters?q=joe").leads("/restaurants?waiter__count=0")
	s.as("Vic").get("/").says("Empty shared by Eve").silentAbout("Ours", "Joes")
}
