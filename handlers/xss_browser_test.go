package handlers_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	tab "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"maitred/models/text"
)

// watch is what a browser did that no page of ours asks for.
type watch struct {
	*browser
	mu   sync.Mutex
	said []string
}

// watched opens a browser in which nothing may happen but what our own pages do: no dialog, nothing
// that the Content-Security-Policy had to stop, no request elsewhere, nothing on the console.
func watched(t *testing.T, s *site) *watch {
	t.Helper()
	w := &watch{browser: openBrowser(t, s)}
	err := chromedp.Listen(w.ctx, func(ev any) {
		switch ev := ev.(type) {
		case *tab.EventJavascriptDialogOpening:
			w.note("a dialog opened at %s: %s", ev.URL, ev.Message)
			go func() { // or the page waits for ever
				_, _ = chromedp.Call(w.ctx, tab.HandleJavaScriptDialog, tab.HandleJavaScriptDialogParams{})
			}()
		case *audits.EventIssueAdded:
			if csp := ev.Issue.Details.ContentSecurityPolicyIssueDetails; csp != nil {
				w.note("the Content-Security-Policy stopped %s %s", csp.ViolatedDirective, csp.BlockedURL)
			}
		case *network.EventRequestWillBeSent:
			icon := strings.HasPrefix(ev.Request.URL, "data:image/svg+xml;base64,") // Chromium's own, of a field for a day
			if !strings.HasPrefix(ev.Request.URL, "http://127.0.0.1:") && !icon {
				w.note("a request was sent to %s", ev.Request.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	_, errPage := chromedp.Call(w.ctx, tab.Enable, tab.EnableParams{})
	_, errNetwork := chromedp.Call(w.ctx, network.Enable, network.EnableParams{})
	_, errAudits := chromedp.Call(w.ctx, audits.Enable, cdp.Empty{})
	_, errScript := chromedp.Call(w.ctx, tab.AddScriptToEvaluateOnNewDocument, tab.AddScriptToEvaluateOnNewDocumentParams{
		Source: `addEventListener("securitypolicyviolation", (e) => console.error("stopped", e.violatedDirective, e.blockedURI, e.sample), true)`,
	})
	if err := cmp.Or(errPage, errNetwork, errAudits, errScript); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, line := range w.said {
			t.Error(line)
		}
	})
	return w
}

func (w *watch) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, fmt.Sprintf(format, args...))
}

// at looks at a page of another site in the same browser.
func (w *watch) at(s *site) *browser { return &browser{t: w.t, s: s, ctx: w.ctx, dialogs: w.dialogs} }

// elements are those of the page as the browser has it now, with the names of their attributes: what
// its own parser and our scripts made of it.
const elements = `[...document.querySelectorAll("*")].map((e) => e.localName + " " + e.getAttributeNames().join(" ")).join("\n")`

// crowded is a site with a place, a waiter and a view of each of these names, and one restaurant.
func crowded(t *testing.T, names []string) *site {
	t.Helper()
	s := emptySite(t)
	for _, name := range names {
		s.Actor = name
		s.add("/places", "name", name, "address", name)
	}
	s.add("/restaurants", "place_id", "1")
	for _, name := range names {
		s.Actor = name
		s.add("/waiters", "restaurant_id", "1", "name", name)
	}
	return s
}

// harmlessly are harmless names in the order in which lists show these ones.
func harmlessly(names []string) []string {
	sorted := slices.Clone(names)
	slices.SortStableFunc(sorted, func(a, b string) int { return cmp.Compare(text.Normalise(a), text.Normalise(b)) })
	var twins []string
	for _, name := range names {
		twins = append(twins, fmt.Sprintf("Harmless %03d", slices.Index(sorted, name)))
	}
	return twins
}

func TestABrowserTakesNamesForText(t *testing.T) {
	t.Parallel()
	chromium(t)
	var names []string
	for _, typed := range hostile {
		if name := newPayload(typed).name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	s, model := crowded(t, names), crowded(t, harmlessly(names))
	w := watched(t, s)
	for _, list := range []string{"/places", "/waiters"} { // all of them on one page
		for _, s := range []*site{s, model} {
			s.send(list+"/columns", values("rows", "200", "column", "address", "column", "restaurant"), "Cookie", "maitred_person="+asking).status(http.StatusSeeOther)
		}
	}
	if _, err := chromedp.Call(w.ctx, network.SetCookie, network.SetCookieParams{Name: "maitred_person", Value: asking, URL: s.url}); err != nil {
		t.Fatal(err)
	}

	paths := []string{"/places", "/places?sort=-name", "/waiters", "/waiters?sort=-name", "/restaurants", "/history", "/history?before=150", "/places/1/delete", "/restaurants/1/move", "/restaurants/1/delete", "/waiters/new", "/restaurants/1"}
	for i := range names {
		if i%15 == 0 {
			paths = append(paths, fmt.Sprintf("/places/%d", i+1), fmt.Sprintf("/waiters/%d/edit", i+1))
		}
	}
	for _, path := range paths {
		w.at(model).goTo(path)
		want := w.read(elements)
		w.goTo(path)
		if got := w.read(elements); got != want {
			t.Errorf("%s has other elements than with harmless names.\nGot:\n%s", path, differing(got, want))
		}
	}
	sorted := func(s *site) string { // by htmx, which puts the answer into the page
		w.at(s).goTo("/places")
		w.read(`(document.querySelector("th a[href*='sort=address']").click(), "")`)
		w.becomes("the order", `document.querySelector("[aria-sort]").textContent.trim()`, "Address")
		return w.read(elements)
	}
	if want, got := sorted(model), sorted(s); got != want {
		t.Errorf("sorted by htmx the list has other elements than with harmless names.\nGot:\n%s", differing(got, want))
	}
}

func TestABrowserTakesWhatIsTypedForText(t *testing.T) {
	t.Parallel()
	chromium(t)
	typed := []string{`<img src=x onerror=alert(1)>`, `" onfocus="alert(1)" autofocus="`, `javascript:alert(1)`, `<hx-partial hx-target="#main">x</hx-partial>`}
	w := watched(t, crowded(t, typed))
	for _, words := range typed {
		w.searches(words)
		w.saves(words)
	}
}

// searches looks for the words in a list, by a condition and in the palette, and goes back.
func (w *watch) searches(words string) {
	w.t.Helper()
	found := "Places that match “" + words + "”"
	w.goTo("/places")
	w.fill("q", words)
	w.sees("/places", found)
	w.follow("Add a condition")
	w.sees("/places", "Places by …")
	// A select forgets letters that come slowly, as they do on a busy machine.
	w.read(`((what) => { what.value = "name"; what.dispatchEvent(new Event("change", {bubbles: true})); return ""; })(document.getElementById("what"))`)
	w.sees("/places", "Mind capital letters and accents")
	w.fill("value", words)
	w.press(kb.Enter)
	w.sees("/places", found)
	w.follow(words)
	w.becomes("the page", `String(/^\/places\/\d+$/.test(location.pathname))`, "true")
	w.do(chromedp.NavigateBack())
	w.sees("/places", found)

	w.read(`(document.querySelector("a[href='/search']").click(), "")`)
	w.press(words)
	w.becomes("what was found", `document.querySelector("#palette #found").dataset.for ?? ""`, words)
	w.press(kb.Enter)
	w.becomes("the page", `String(/^\/(places|waiters)\/\d+$/.test(location.pathname))`, "true")
}

// saves types the words into a form, which is refused first.
func (w *watch) saves(words string) {
	w.t.Helper()
	w.goTo("/places/new")
	w.fill("name", words)
	w.press(kb.Enter)
	w.sees("/places/new", "The address is missing")
	w.fill("address", words)
	w.press(kb.Enter)
	w.becomes("what was done", `document.querySelector(".done strong")?.textContent ?? ""`, "Done:")
}
