package handlers_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// aCrew is the site of the article with Ann and Bob at Demon Dogs too, and a restaurant at Ace
// Hardware.
func aCrew(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.add("/restaurants", "place_id", aceHardware)
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Ann")
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Bob")
	return s
}

// tick goes to the box with this label, or to the choice that begins with it, and presses Space.
func (b *browser) tick(label string) {
	b.t.Helper()
	b.tabTo(label, func(e element) bool {
		return (e.Type == "checkbox" || e.Type == "radio") && e.Words == label
	})
	b.press(" ")
}

func TestManyAreTickedMovedAndSetByKeyboardAlone(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, aCrew(t))
	b.goTo("/waiters")
	b.sees("/waiters", "All 3 waiters")
	b.gone("None ticked") // that would be announced on every page
	b.tick("Ann")
	b.sees("/waiters", "1 ticked")
	b.tick("Joe")
	b.sees("/waiters", "2 ticked")

	// Whatever replaces the list takes the ticks away, and says so.
	b.tabTo("the head of the column", func(e element) bool { return e.Tag == "a" && e.Words == "Waiter" })
	b.press(kb.Enter)
	b.sees("/waiters", "None ticked")
	if query := b.read("location.search"); query != "?sort=-name" {
		t.Errorf("the list is sorted by %q", query)
	}
	if n := b.read(`String(document.querySelectorAll("main .tick :checked, #many :checked").length)`); n != "0" {
		t.Errorf("%s boxes are ticked after the list was turned around", n)
	}
	b.tick("Tick all on this page")
	b.sees("/waiters", "3 ticked")
	b.tick("Bob")
	b.sees("/waiters", "2 ticked")

	b.follow("Move…")
	b.sees("/waiters/move", "Move 2 waiters", "To which restaurant?", "Ann", "Joe")
	b.tabTo("the picker", func(e element) bool { return e.Name == "restaurant_id" && e.Type == "radio" })
	b.press(" ")
	b.sees("/waiters/move", "2 waiters will change", "Now", "Then", "Move 2 waiters to Ace Hardware")
	b.is("still the choice", func(e element) bool { return e.Name == "restaurant_id" && e.Type == "radio" })
	b.follow("Move 2 waiters to Ace Hardware")
	b.sees("/waiters", "moved 2 waiters to Ace Hardware")
	b.do(chromedp.NavigateBack())
	b.sees("/waiters", "Bob")
	b.gone("2 ticked")

	b.goTo("/restaurants")
	b.tick("All 2 restaurants")
	b.sees("/restaurants", "All are meant, ticked or not")
	b.follow("Set what they serve…")
	b.sees("/restaurants/serves", "Set what they serve: 2 restaurants", "Serves pizza?")
	b.tabTo("pizza", func(e element) bool { return e.Name == "serves_pizza" })
	b.press(kb.ArrowDown)
	b.sees("/restaurants/serves", "2 restaurants will change", "serves pizza: no", "serves pizza: yes")
	b.follow("Set 2 restaurants: serves pizza yes")
	b.sees("/restaurants", "set 2 restaurants: serves pizza yes")

	b.goTo("/waiters")
	b.tick("Tick all on this page")
	b.sees("/waiters", "3 ticked")
	b.follow("Delete…")
	b.sees("/waiters/delete", "Delete 3 waiters")
	b.s.add("/waiters", "restaurant_id", demonDogs, "name", "Zoë")
	b.s.get("/waiters/1/delete").form("post").send()
	b.follow("Delete 3 waiters")
	b.sees("/waiters/delete", "This changed while you looked at it", "deleted the waiter Joe", "Delete 2 waiters")
	b.follow("Delete 2 waiters")
	b.sees("/waiters", "deleted 2 waiters", "Zoë")
}

func TestManyAreChangedWithoutJavaScript(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, aCrew(t))
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.goTo("/waiters?q=demon")
	b.tick("Ann")
	b.tick("Joe")
	b.follow("Move…")
	b.sees("/waiters/move", "Move 2 waiters")
	b.fill("q", "ashland")
	b.press(kb.Enter)
	b.sees("/waiters/move", "1 found", "Move 2 waiters")
	b.tabTo("Ace Hardware", func(e element) bool { return e.Name == "restaurant_id" && e.Value == aceHardware })
	b.press(" ")
	b.follow("Show what will happen")
	b.sees("/waiters/move", "Now", "Then")
	b.follow("Move 2 waiters to Ace Hardware")
	b.sees("/waiters", "moved 2 waiters to Ace Hardware", "Waiters that match “demon”: 1.")

	b.goTo("/waiters")
	b.follow("Delete…")
	b.sees("/waiters/delete", "No waiter is ticked")
	b.follow("Back to the list")
	b.sees("/waiters", "3 waiters")
	b.tick("All 3 waiters")
	b.follow("Delete…")
	b.sees("/waiters/delete", "Delete 3 waiters")
	b.follow("Delete 3 waiters")
	b.sees("/waiters", "deleted 3 waiters", "There are no waiters yet")
}
