package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"maitred/views"
)

func TestTheHelpPageExplainsTheWordsAndTheKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.get("/help").says("Taking something back", "Before something is deleted", "Take the tour").leads("/history")
	for _, term := range views.Glossary {
		if term.Means != "" {
			p.says(views.Title(term.Word), term.Means)
		}
	}
	for _, k := range views.Keys {
		p.says(k.Does)
	}
	s.send("/help", values("q", "x")).status(http.StatusMethodNotAllowed)
}

func TestEveryPageLeadsToHelpAndHasTheKeys(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	for _, path := range []string{"/", "/places", "/places/1", "/places/1/delete", "/search", "/help", "/account", "/nothing"} {
		p := s.as("Ed").get(path)
		if n := p.Find("body > footer a[href='/help'][aria-keyshortcuts='?']").Length(); n != 1 {
			t.Errorf("%s has %d links to help at its foot", path, n)
		}
		if n := p.Find("dialog#keys dt").Length(); n != len(views.Keys) {
			t.Errorf("%s tells %d keys", path, n)
		}
	}
	if n := s.as("").get("/sign-in").Find("footer, dialog").Length(); n != 0 {
		t.Error("who is not signed in is led to help")
	}
}

// saysNothingInternal expects no word of the code in what a page says of its own accord.
func (p *page) saysNothingInternal() {
	p.s.t.Helper()
	p.Find("body").Each(func(_ int, body *goquery.Selection) {
		said := " " + strings.ToLower(squeezed(body)) + " "
		for _, word := range views.Unsaid {
			if strings.Contains(said, " "+word) {
				p.s.t.Errorf("%s says %q: %s", p.what, word, p.short())
			}
		}
	})
}
