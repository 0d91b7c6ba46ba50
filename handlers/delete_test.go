package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// In these stories Demon Dogs goes, where Ann, Joe and Zoë work; Taco Hut has the other restaurant
// and Ace Hardware is free.
const tacoHut = "3"

func newRivals(t testing.TB) *site {
	t.Helper()
	s := newSite(t)
	s.add("/places", "name", "Taco Hut", "address", "7 W. Erie")
	s.add("/restaurants", "place_id", tacoHut)
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Ann")
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Zoë")
	return s
}

const ann, zoe = "2", "3"

// deletes expects the button that does it to say this.
func (p *page) deletes(words string) *page {
	p.s.t.Helper()
	if got := squeezed(p.Find("main form[method=post] button")); got != words {
		p.s.t.Errorf("%s: the button says %q, want %q", p.what, got, words)
	}
	return p
}

// chose expects what is chosen for a kind.
func (p *page) chose(name, value string) *page {
	p.s.t.Helper()
	if got := p.form("get").Get(name); got != value {
		p.s.t.Errorf("%s: %s is %q, want %q", p.what, name, got, value)
	}
	return p
}

// waitingAt expects exactly these waiters at a restaurant.
func (s *site) waitingAt(restaurant string, keys ...string) {
	s.t.Helper()
	p := s.get("/waiters?restaurant=" + restaurant)
	p.path = "/waiters"
	p.lists(keys...)
}

func TestTheTotalsAndTheButtonChangeWithTheChoice(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	of := func(choices string) *page {
		return s.get("/places/" + demonDogs + "/delete?" + choices).status(http.StatusOK)
	}
	of("").deletes("Delete 1 place, 1 restaurant and 3 waiters").silentAbout("move to the").chose("restaurants", "delete").chose("waiters", "delete").
		says("Delete it", "Move it to another place first", "Delete all", "Move all to another restaurant", "Choose one by one")
	of("waiters=move&waiters_to="+tacoHut).deletes("Delete 1 place and 1 restaurant, and move 3 waiters to Taco Hut").
		says("3 waiters move to the restaurant at Taco Hut").chose("waiters", "move").chose("waiters_to", tacoHut)
	of("waiters=each&waiter_"+joe+"="+tacoHut).deletes("Delete 1 place, 1 restaurant and 2 waiters, and move 1 waiter to Taco Hut").
		chose("waiters", "each").chose("waiter_"+joe, tacoHut).chose("waiter_"+ann, "")
	moved := of("restaurants=move&restaurants_to="+aceHardware).deletes("Delete 1 place, and move 1 restaurant with 3 waiters to Ace Hardware").
		says("The restaurant of Demon Dogs", "with 3 waiters").chose("restaurants", "move")
	if pairs := moved.pairs(); !slices.Equal(pairs, []string{
		"Demon Dogs | The restaurant of Demon Dogs", "Ace Hardware | Free",
		"Gone | None", "Ace Hardware | The restaurant of Demon Dogs",
	}) {
		t.Errorf("now and then: %q", pairs)
	}
	if moved.form("get").Has("waiters") {
		t.Error("the waiters that go along can be chosen for")
	}
	s.get("/restaurants/" + demonDogs + "/delete?waiters=move&waiters_to=" + tacoHut).deletes("Delete 1 restaurant, and move 3 waiters to Taco Hut").
		says("The place Demon Dogs stays and will be free")
	if lone := s.get("/places/" + aceHardware + "/delete").deletes("Delete 1 place"); lone.Find("main form").Length() != 1 {
		t.Error("there is something to choose for a place to which nothing belongs")
	}
}

func TestWaitersAreKeptInsideThePreviewWithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	p := s.get("/places/" + demonDogs + "/delete")
	p = p.form("get").with("waiters", "move").send().status(http.StatusOK).says("Choose the restaurant to move to.", "Taco Hut", "part of this deletion")
	if p.Find("main form[method=post]").Length() != 0 {
		t.Error("it can be done though nothing is chosen yet")
	}
	p = p.form("get").with("waiters_q", "no such place").send().says("Nothing found").chose("waiters", "move")
	p = p.form("get").with("waiters_q", "erie").send().says("1 found.", "Taco Hut")
	p = p.form("get").with("waiters_to", tacoHut).send().status(http.StatusOK).deletes("Delete 1 place and 1 restaurant, and move 3 waiters to Taco Hut").chose("waiters_q", "erie")
	p.form("post").send().leadTo("/places").lists(aceHardware, tacoHut)
	s.waitingAt(tacoHut, joe, ann, zoe)
	s.get("/waiters/"+joe).says("Taco Hut", "deleted the place Demon Dogs with 1 restaurant, and moved 3 waiters to Taco Hut")
	s.get("/restaurants/" + demonDogs).status(http.StatusNotFound).says("deleted the restaurant at Demon Dogs")
}

func TestTheRestaurantIsKeptInsideThePreviewWithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	p := s.get("/places/"+demonDogs+"/delete").form("get").with("restaurants", "move").send().status(http.StatusOK).says("Choose the place to move to.")
	p.form("get").with("restaurants_to", aceHardware).send().status(http.StatusOK).form("post").send().leadTo("/places").lists(aceHardware, tacoHut)
	s.get("/restaurants/"+aceHardware).says("Serves hot dogs", "3 waiters", "Joe", "deleted the place Demon Dogs, and moved 1 restaurant with 3 waiters to Ace Hardware")
	s.get("/restaurants/" + demonDogs).status(http.StatusNotFound).says("moved").leads("/restaurants/" + aceHardware)
}

func TestWaitersAreKeptOneByOneWithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	s.add("/restaurants", "place_id", aceHardware)
	p := s.get("/restaurants/"+demonDogs+"/delete").form("get").with("waiters", "each").send().status(http.StatusOK).deletes("Delete 1 restaurant and 3 waiters")
	p = p.form("get").with("waiter_"+joe, tacoHut, "waiter_"+zoe, aceHardware).send().status(http.StatusOK).
		deletes("Delete 1 restaurant and 1 waiter, and move 1 waiter to Taco Hut and 1 waiter to Ace Hardware")
	// What was chosen stays among what can be, whatever is searched for next.
	p = p.form("get").with("waiters_q", "ashland").send().chose("waiter_"+joe, tacoHut).chose("waiter_"+zoe, aceHardware)
	p.form("post").send().leadTo("/restaurants").lists(aceHardware, tacoHut)
	s.waitingAt(tacoHut, joe)
	s.waitingAt(aceHardware, zoe)
	s.get("/waiters/" + ann).status(http.StatusNotFound).says("deleted the waiter Ann")
}

func TestAPreviewThatWasNotShownIsShownWithItsChoices(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	s.writesNothing(func() {
		s.post("/places/"+demonDogs+"/delete", "waiters", "move", "waiters_to", tacoHut).status(http.StatusOK).
			deletes("Delete 1 place and 1 restaurant, and move 3 waiters to Taco Hut").chose("waiters", "move").chose("waiters_to", tacoHut)
	})
	s.post("/places/"+demonDogs+"/delete", "waiters", "move", "waiters_to", tacoHut).form("post").send().leadTo("/places")
	s.waitingAt(tacoHut, joe, ann, zoe)
}

func TestAWrongChoiceIsAnsweredWithTheFormAsItWas(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	for choices, want := range map[string]struct{ field, says string }{
		"waiters=move&waiters_to=99&waiters_q=a":                         {"waiters_to", "That restaurant does not exist"},
		"waiters=move&waiters_to=nonsense&waiters_q=a":                   {"waiters_to", "Choose the restaurant to move to."},
		"waiters=move&waiters_to=" + demonDogs + "&waiters_q=a":          {"waiters_to", "Choose another restaurant: the restaurant at Demon Dogs is part of this deletion."},
		"waiters=each&waiters_q=a&waiter_1=" + tacoHut + "&waiter_2=99":  {"waiter_2", "That restaurant does not exist"},
		"waiters=each&waiters_q=a&waiter_2=" + demonDogs:                 {"waiter_2", "is part of this deletion"},
		"restaurants=move&restaurants_q=a&restaurants_to=" + tacoHut:     {"restaurants_to", "Taco Hut already has a restaurant"},
		"restaurants=move&restaurants_q=a&restaurants_to=" + demonDogs:   {"restaurants_to", "Choose another place"},
		"restaurants=move&restaurants_q=a&restaurants_to=%00%ff":         {"restaurants_to", "Choose the place to move to."},
		"restaurants=move&restaurants_q=a&restaurants_to=99999999999999": {"restaurants_to", "That place does not exist"},
	} {
		s.writesNothing(func() {
			p := s.get("/places/" + demonDogs + "/delete?" + choices).status(http.StatusUnprocessableEntity)
			fields, err := url.ParseQuery(choices)
			if err != nil {
				t.Fatal(err)
			}
			sent := s.send("/places/"+demonDogs+"/delete", fields).status(http.StatusUnprocessableEntity)
			for _, p := range []*page{p, sent} {
				p.says(want.says, "Nothing was deleted").saysAt(want.field, want.says)
				kind, _, _ := strings.Cut(choices, "=")
				p.chose(kind, strings.Split(choices[len(kind)+1:], "&")[0]).chose(kind+"_q", "a")
				if p.Find("main form[method=post]").Length() != 0 {
					t.Errorf("%s can be done", choices)
				}
			}
		})
	}
	s.writesNothing(func() {
		s.post("/places/"+demonDogs+"/delete", "waiters", "move").status(http.StatusUnprocessableEntity).saysAt("waiters_to", "Choose the restaurant")
		s.get("/places/" + demonDogs + "/delete?waiters=keep").status(http.StatusBadRequest).says("delete, move, each")
		s.post("/places/"+demonDogs+"/delete", "waiters", "keep").status(http.StatusBadRequest)
		s.get("/places/" + aceHardware + "/delete?waiters=move&waiters_to=" + tacoHut).status(http.StatusOK).deletes("Delete 1 place")
		s.get("/places/99/delete?waiters=move&waiters_to=" + tacoHut).status(http.StatusNotFound)
	})
}

func TestWhatChangedMeanwhileIsToldAndTheChoicesAreKept(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	form := s.get("/places/" + demonDogs + "/delete?waiters=move&waiters_q=erie&waiters_to=" + tacoHut).form("post")
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Eve")
	var again *page
	s.writesNothing(func() {
		again = form.send().status(http.StatusConflict).says("Nothing was deleted", "added the waiter Eve at Demon Dogs").
			deletes("Delete 1 place and 1 restaurant, and move 4 waiters to Taco Hut").chose("waiters", "move").chose("waiters_to", tacoHut).chose("waiters_q", "erie")
	})
	s.get("/restaurants/" + tacoHut + "/delete").form("post").send().status(http.StatusSeeOther)
	s.writesNothing(func() {
		again.form("post").send().status(http.StatusConflict).says("deleted the restaurant at Taco Hut", "That restaurant does not exist, or was deleted meanwhile").
			saysAt("waiters_to", "That restaurant does not exist").chose("waiters", "move")
	})
	s.add("/restaurants", "place_id", tacoHut)
	s.writesNothing(func() { again.form("post").send().status(http.StatusConflict) })
}

func TestAFormWithAnotherChoiceIsNotWhatWasShown(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	form := func() *filled {
		return s.get("/places/" + demonDogs + "/delete?waiters=move&waiters_to=" + tacoHut).form("post")
	}
	s.writesNothing(func() {
		form().with("waiters", "").send().status(http.StatusConflict)
		form().with("waiters", "delete").send().status(http.StatusConflict)
		form().with("waiters_to", "99").send().status(http.StatusConflict)
	})
	f := form()
	f.send().leadTo("/places")
	s.writesNothing(func() { f.send().leadTo("/places") })
}

func TestTooManyToChooseOneByOneAreLedToTheirList(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	for i := range 48 {
		s.add("/waiters", "restaurant_id", demonDogs, "name", fmt.Sprint("Waiter ", i))
	}
	s.get("/places/"+demonDogs+"/delete").status(http.StatusOK).says("51 waiters", "too many to choose one by one").silentAbout("Choose one by one").
		leads("/waiters?restaurant__place=" + demonDogs).click("Tick some in the list").says("51 waiters")
	s.get("/restaurants/" + demonDogs + "/delete").leads("/waiters?restaurant=" + demonDogs)
	s.get("/places/" + demonDogs + "/delete?waiters=each&waiter_1=" + tacoHut).status(http.StatusUnprocessableEntity).says("There are more than 50 waiters, too many to choose one by one.")
	s.get("/waiters/" + ann + "/delete").form("post").send().status(http.StatusSeeOther)
	all := s.get("/places/" + demonDogs + "/delete?waiters=each").status(http.StatusOK).silentAbout("too many").form("get")
	if n := all.p.Find("main select").Length(); n != 50 {
		t.Errorf("%d waiters can be chosen for", n)
	}
	for i := range 60 {
		all.with("waiter_"+strconv.Itoa(i), tacoHut)
	}
	all.send().status(http.StatusOK).form("post").send().leadTo("/places")
	s.get("/restaurants/" + tacoHut).says("50 waiters")
}

func TestAChoiceIsAnsweredWithThePartOfThePageThatChanges(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	path := "/places/" + demonDogs + "/delete?waiters=move&waiters_q=erie&waiters_to=" + tacoHut
	part := func(target string) *page {
		return s.get(path, "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", target).status(http.StatusOK)
	}
	plan := part("div#plan")
	if plan.Find("h1, title").Length() != 0 || plan.Find("#plan form[method=post] button").Length() != 1 || plan.Find("#plan #waiters_to-hits input").Length() != 1 {
		t.Errorf("the part is %.400s", plan.Body)
	}
	if status := squeezed(plan.Find("#plan > [role=status]")); status != "What would happen is shown below: Delete 1 place and 1 restaurant, and move 3 waiters to Taco Hut." {
		t.Errorf("what is announced is %q", status)
	}
	if hits := part("div#waiters_to-hits"); hits.Find("#plan").Length() != 0 || hits.Find("input[name=waiters_to]").Length() != 1 {
		t.Errorf("the hits are %.400s", hits.Body)
	}
}

func TestTheSearchFieldsOfAPageHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	for path, want := range map[string]string{
		"/places/1/delete?waiters=move": "waiters_q", "/places/1/delete?waiters=each": "waiters_q", "/places/1/delete?restaurants=move": "restaurants_q",
		"/waiters/new": "q", "/restaurants/1/move": "q", "/places/2/bring": "q",
	} {
		search := s.get(path).Find("main input[type=search]")
		if search.Length() != 1 || search.AttrOr("name", "") != want {
			t.Errorf("%s searches by %q", path, search.AttrOr("name", ""))
		}
	}
}

// chosen expects the focus on a radio button or list of this name with this value.
func chosen(name, value string) func(element) bool {
	return func(e element) bool { return e.Name == name && e.Value == value }
}

func TestWaitersAreKeptInsideThePreviewByKeyboard(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	for i := range 30 {
		s.add("/restaurants", "new_place", "1", "name", fmt.Sprintf("Place %02d", i), "address", "Street")
	}
	b := openBrowser(t, s)
	b.goTo("/places/" + demonDogs)
	b.follow("Delete")
	b.sees("/places/1/delete", "3 waiters", "Delete 1 place, 1 restaurant and 3 waiters")

	// Moving all needs a restaurant; the focus stays on the choice, and what is missing is said.
	b.tabTo("the waiters", chosen("waiters", "delete"))
	b.press(kb.ArrowDown)
	b.sees("/places/1/delete", "To which restaurant?", "Choose the restaurant to move to.")
	b.gone("Delete 1 place, 1 restaurant and 3 waiters")
	b.is("the choice", chosen("waiters", "move"))
	b.fill("waiters_q", "erie")
	b.sees("/places/1/delete", "1 found.", "Taco Hut")
	b.gone("Place 07")
	b.is("the search", chosen("waiters_q", "erie"))
	b.press(kb.ArrowDown)
	b.is("the hit", chosen("waiters_to", tacoHut))
	b.press(" ")
	b.sees("/places/1/delete", "3 waiters move to the restaurant at Taco Hut", "Delete 1 place and 1 restaurant, and move 3 waiters to Taco Hut")
	b.is("still the hit", chosen("waiters_to", tacoHut))
	if said := b.read(`document.querySelector("#plan > [role=status]").textContent`); said != "What would happen is shown below: Delete 1 place and 1 restaurant, and move 3 waiters to Taco Hut." {
		t.Errorf("what is announced is %q", said)
	}
	if query := b.read("location.search"); !strings.Contains(query, "waiters=move") || !strings.Contains(query, "waiters_to="+tacoHut) {
		t.Errorf("the address does not keep the choice, but %q", query)
	}

	// One by one: each has a list; the target that was searched for is still offered.
	b.goTo("/places/1/delete" + b.read("location.search"))
	b.tabTo("the waiters", chosen("waiters", "move"))
	b.press(kb.ArrowDown)
	b.sees("/places/1/delete", "Which restaurant does each move to?", "Ann", "Joe", "Zoë")
	b.is("the choice", chosen("waiters", "each"))
	b.tabTo("Joe", chosen("waiter_"+joe, ""))
	b.press("T")
	b.sees("/places/1/delete", "Delete 1 place, 1 restaurant and 2 waiters, and move 1 waiter to Taco Hut")
	b.is("still Joe", chosen("waiter_"+joe, tacoHut))

	// Back to all of them, and done.
	b.goTo("/places/1/delete" + b.read("location.search"))
	b.tabTo("the waiters", chosen("waiters", "each"))
	b.press(kb.ArrowUp)
	b.sees("/places/1/delete", "To which restaurant?", "Taco Hut")
	b.tabTo("Taco Hut", func(e element) bool { return e.Name == "waiters_to" && e.Value == tacoHut })
	b.press(" ")
	b.sees("/places/1/delete", "Delete 1 place and 1 restaurant, and move 3 waiters to Taco Hut")
	b.follow("Delete 1 place and 1 restaurant, and move 3 waiters to Taco Hut")
	b.sees("/places", "deleted the place Demon Dogs with 1 restaurant, and moved 3 waiters to Taco Hut")
	b.goTo("/restaurants/" + tacoHut)
	b.sees("/restaurants/"+tacoHut, "3 waiters", "Ann", "Joe", "Zoë")
}
