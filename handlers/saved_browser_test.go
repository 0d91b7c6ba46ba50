package handlers_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestAViewIsSavedOpenedAndDeletedByKeyboardAlone(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newSite(t))
	open := func(words string) {
		t.Helper()
		b.tabTo(words, func(e element) bool { return e.Tag == "summary" && e.Words == words })
		b.press(kb.Enter)
	}
	b.goTo("/places")
	b.fill("q", "demon")
	b.sees("/places", "Places that match “demon”: 1.")
	open("Views")
	open("Save this view…") // the part that came with the search saves what was searched
	b.fill("name", "Dogs")
	b.press(kb.Enter)
	b.sees("/places", "View: Dogs", "Places that match “demon”: 1.")
	if query := b.read("location.search"); query != "?q=demon" {
		t.Errorf("the view is %q", query)
	}
	open("Columns and rows")
	b.tabTo("the number", func(e element) bool { return e.Name == "column" && e.Value == "number" })
	b.press(" ")
	b.press(kb.Enter)
	b.becomes("the column", `String([...document.querySelectorAll("main thead th")].some(h => h.innerText.includes("Number")))`, "true")
	b.sees("/places", "View: Dogs")
	open("View: Dogs")
	b.follow("Manage views")
	b.sees("/places/views", "Views of places", "Dogs", "yours")
	b.follow("Delete: Dogs")
	b.sees("/places/views", "You no longer have the view Dogs")
	b.follow("Save it again")
	b.sees("/places", "View: Dogs", "Places that match “demon”: 1.")
}
