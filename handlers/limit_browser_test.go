package handlers_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

func TestAConditionThatMakesAListTakeTooLongIsToldAboveTheList(t *testing.T) {
	onlyOfAFile(t, "PostgreSQL answers this question in time")
	t.Parallel()
	s := aCrowd(t)
	s.Store.Patience = 100 * time.Millisecond
	b := openBrowser(t, s)
	b.goTo("/restaurants?" + url.Values{endless: {"zzz"}, "pk": {"99"}}.Encode())
	b.sees("/restaurants", "No restaurant matches")

	// The one condition that found few goes: the page says what is asked and that it was stopped.
	b.follow("Remove: Place is number")
	b.sees("/restaurants", "so it was stopped", "Restaurants without a waiter")

	// Another one from the form, and its answer is the list that is stopped, at its own address.
	b.follow("Add a condition")
	b.sees("/restaurants", "Restaurants by …")
	b.press("Place's n")
	b.sees("/restaurants", "Mind capital letters and accents")
	b.fill("value", "o")
	b.press(kb.Enter)
	b.sees("/restaurants", "so it was stopped", "Place's name contains “o”")
	b.gone("Mind capital letters")
	if query, _ := url.ParseQuery(b.read("location.search.slice(1)")); query.Get("place__name__icontains") != "o" {
		t.Errorf("the address asks %v", query)
	}

	// A search that finds few helps, in place.
	b.goBackTo("q")
	b.press("nowhere")
	b.sees("/restaurants", "No restaurant matches")
}
