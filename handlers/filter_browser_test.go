package handlers_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestAListIsAskedByKeyboard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/restaurants", "place_id", aceHardware, "serves_pizza", "1")
	b := openBrowser(t, s)

	// The form opens above the list and has the focus; what is chosen replaces the rest of it.
	b.goTo("/restaurants")
	b.follow("Add a condition")
	what := func(e element) bool { return e.Tag == "select" && e.Name == "what" }
	b.sees("/restaurants", "Restaurants by …", "Ace Hardware")
	b.is("the choice", what)
	b.press("Place's n")
	b.sees("/restaurants", "Mind capital letters and accents", "Ace Hardware")
	b.is("still the choice", what)
	b.fill("value", "demon")
	b.press(kb.Enter)
	b.sees("/restaurants", "Restaurants whose place's name contains “demon”: 1.", "Demon Dogs")
	b.gone("Ace Hardware")
	list := func(e element) bool { return e.Tag == "div" && strings.HasPrefix(e.Words, "Restaurants") }
	b.is("the list, which begins with its sentence", list)
	if query := b.read("location.search"); query != "?place__name__icontains=demon" {
		t.Errorf("the address asks %s", query)
	}

	// A chip opens the same form; what is wrong is told there, and the list stays.
	b.follow("Place's name contains “demon”")
	b.sees("/restaurants", "Change the condition", "Demon Dogs")
	b.fill("value", "")
	b.press(kb.End + strings.Repeat(kb.Backspace, len("demon")) + kb.Enter)
	b.sees("/restaurants", "Type the text to look for.", "Restaurants whose place's name contains “demon”: 1.")
	b.is("the field", func(e element) bool { return e.Name == "value" })
	b.press("ashland" + kb.Enter)
	b.sees("/restaurants", "No restaurant matches all of this", "Without “Place's name contains ashland”: 2 restaurants")

	// The list is searched while the form stands open.
	b.goTo("/restaurants")
	b.follow("Add a condition")
	b.sees("/restaurants", "Restaurants by …")
	b.is("the choice", what)
	b.press("The p")
	b.sees("/restaurants", "Which place?")
	b.goBackTo("q")
	b.press("fullerton")
	b.sees("/restaurants", "Restaurants that match “fullerton”: 1.", "Which place?")
	b.tabTo("the places", func(e element) bool { return e.Type == "radio" })
	b.press(kb.ArrowDown)
	b.is("the second", func(e element) bool { return e.Value == demonDogs })
	b.follow("Add the condition")
	b.sees("/restaurants", "Restaurants that match “fullerton” and whose place is Demon Dogs: 1.")
	b.follow("Remove: Matches")
	b.sees("/restaurants", "Restaurants whose place is Demon Dogs: 1.")
	b.is("the list, from which something was removed", list)
	if typed := b.read(`document.getElementById("q").value`); typed != "" {
		t.Errorf("what is no longer asked still stands in the search: %q", typed)
	}
}

func TestWhatOpensAboveAListGetsOutOfTheWay(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newSite(t))
	summary := func(words string) func(element) bool {
		return func(e element) bool { return e.Tag == "summary" && e.Words == words }
	}
	open := `[...document.querySelectorAll(".tools > [open] > summary")].map((s) => s.textContent).join()`
	b.goTo("/places")
	b.tabTo("the views", summary("Views"))
	b.press(kb.Enter)
	b.becomes("what is open", open, "Views")
	b.tabTo("the columns", summary("Columns and rows"))
	b.becomes("what is open", open, "")
	b.press(kb.Enter)
	b.becomes("what is open", open, "Columns and rows")
	b.tabTo("a column", func(e element) bool { return e.Name == "column" })
	b.becomes("what is open", open, "Columns and rows")
	b.press(kb.Escape)
	b.becomes("what is open", open, "")
	b.is("the columns", summary("Columns and rows"))
}

// goBackTo puts the focus on a field that was passed.
func (b *browser) goBackTo(id string) {
	b.t.Helper()
	b.read(`(document.getElementById("` + id + `").focus(), "")`)
}

func TestTheFocusStaysWhereWasCounted(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newCrowd(t))
	b.goTo("/waiters?restaurant__place__name__icontains=dogs")
	b.sees("/waiters", "more than 10,000", "Count exactly")
	b.read(`(document.querySelector(".position a").focus(), "")`)
	b.press(kb.Enter)
	b.sees("/waiters", "1–50 of 10,001")
	b.is("the position", func(e element) bool { return e.Tag == "p" && e.Words == "1–50 of 10,001" })
}
