package handlers_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// How heavy pages may be over the wire, in bytes, with all their files …
const (
	mostRequests, mostBytes           = 8, 60_000
	mostRequestsLater, mostBytesLater = 2, 20_000 // … and when the browser has the files already
)

// widths are those at which pages are tried, in CSS pixels.
var widths = []int64{320, phone, 768, desktop, 1920}

const phone, desktop = 390, 1280

// TestEveryPageLooksAsItShould opens a look of each route in one browser, on a phone and on a desktop, in
// light and in dark; all looks, which takes minutes, where MAITRED_LOOKS is "all". MAITRED_SCREENSHOTS names
// a folder into which it writes pictures of all of them at each of the widths. Where MAITRED_LOOKS is "slow",
// all of them come over a bad line, and nothing is looked at but that they stand still.
func TestEveryPageLooksAsItShould(t *testing.T) {
	repeats(t)
	t.Parallel()
	axe, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	folder := os.Getenv("MAITRED_SCREENSHOTS")
	if folder != "" {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	windows := openWindows(t, 2)
	slow := os.Getenv("MAITRED_LOOKS") == "slow"
	every, routes := slow || folder != "" || os.Getenv("MAITRED_LOOKS") == "all", map[string]bool{}
	if slow {
		for _, s := range w.sites {
			at, _ := url.Parse(s.url)
			s.answerBy(drip(s.bare))
			s.url = strings.Replace(s.url, "127.0.0.1", at.Hostname(), 1) // by the name that it was asked for
		}
	}
	for _, l := range looks {
		if routes[l.route] && !every {
			continue
		}
		routes[l.route] = true
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			win := <-windows
			defer func() { windows <- win }()
			v := &viewer{t: t, w: w, look: l, window: win, axe: string(axe), folder: folder}
			if slow {
				v.comesSlowly()
			} else {
				v.looksOnce()
			}
		})
	}
}

// viewer looks at one page.
type viewer struct {
	*window
	t      *testing.T
	w      *world
	look   look
	axe    string
	folder string // of pictures; "" for none
}

func (v *viewer) looksOnce() {
	v.forget()
	v.turn(phone, "light")
	v.opens()
	v.weighs(mostRequests, mostBytes)
	v.standsStill()
	v.mustHave(structure)
	v.may(v.look.open)
	v.examine(everyRule)
	v.turn(phone, "dark")
	v.examine(colours)

	v.turn(desktop, "light")
	v.opens()
	v.weighs(mostRequestsLater, mostBytesLater)
	v.standsStill()
	v.may(v.look.open)
	v.examine(everyRule)
	v.turn(desktop, "dark")
	v.examine(colours)

	for _, width := range widths {
		v.turn(width, "light")
		v.mustHave(fits)
		if v.folder == "" {
			continue
		}
		for _, scheme := range []string{"dark", "light"} {
			v.turn(width, scheme)
			v.pictures(fmt.Sprintf("%s %d %s.png", v.look.name, width, scheme))
		}
	}
	for _, line := range v.console() {
		v.t.Errorf("the console says %s", line)
	}
}

func (v *viewer) comesSlowly() {
	for _, width := range []int64{phone, desktop} {
		v.turn(width, "light")
		v.opens()
		v.standsStill()
	}
}

// opens lets the person whose look it is come to the page.
func (v *viewer) opens() {
	v.t.Helper()
	s, want := v.w.sites[v.look.at], cmp.Or(v.look.status, http.StatusOK)
	v.signIn(v.t, s.url, v.w.cookies(v.look))
	status := v.load(v.t, s.url, v.w.filled(v.look.path), v.w.filled(v.look.form))
	if status != int64(want) {
		v.t.Fatalf("%s is answered with %d, want %d: %s", v.look.path, status, want, v.ask(`document.body.innerText.slice(0, 400)`))
	}
}

func (v *viewer) weighs(requests, bytes int) {
	v.t.Helper()
	asked, heavy := v.weight()
	if asked > requests || heavy > bytes {
		v.t.Errorf("it takes %d requests and %d bytes, at most %d and %d are allowed", asked, heavy, requests, bytes)
	}
}

// standsStill expects that nothing moved while the page was built, but by a word: a busy machine may show a
// line of which it has read a half, and what follows there moves when the other half comes. What people
// notice begins at 0.1.
func (v *viewer) standsStill() {
	v.t.Helper()
	v.mustHave(stands(.01))
}

// stands complains where more than this moved since the page began, as Chromium measures a shift of the layout.
func stands(most float64) string {
	return fmt.Sprintf(`((most) => `+shifts+`)(%v)`, most)
}

const shifts = `new Promise((done) => {
	let by = 0;
	const moved = [];
	new PerformanceObserver((list) => {
		for (const e of list.getEntries()) {
			by += e.value;
			moved.push(e.sources.map(({node: n, previousRect: p, currentRect: c}) => n?.nodeName + "." + n?.className + " " + n?.textContent?.slice(0, 20) + ": " + [p.x, p.y, p.width, p.height].map(Math.round) + " → " + [c.x, c.y, c.width, c.height].map(Math.round)).join(" "));
		}
	}).observe({type: "layout-shift", buffered: true});
	requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(by > most ? ["moved by " + by + ": " + moved.join(", ")] : []))));
})`

// may does what a person does before they look.
func (v *viewer) may(open string) {
	if open != "" {
		v.ask(`new Promise((done) => { ` + open + `; requestAnimationFrame(() => setTimeout(() => done(""), 50)) })`)
	}
}

// mustHave expects no complaint from a script.
func (v *viewer) mustHave(script string) {
	v.t.Helper()
	for _, complaint := range v.complaints(script) {
		v.t.Errorf("%s", complaint)
	}
}

func (v *viewer) complaints(script string) (complaints []string) {
	v.t.Helper()
	said := v.ask(`Promise.resolve(` + script + `).then((all) => JSON.stringify(all))`)
	if err := json.Unmarshal([]byte(said), &complaints); err != nil {
		v.t.Fatalf("%v: %s", err, said)
	}
	return complaints
}

func (v *viewer) ask(expression string) string {
	v.t.Helper()
	said, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		v.t.Fatal(err)
	}
	return said
}

// examine runs axe on the page, which begins with it where it is not there yet.
func (v *viewer) examine(script string) {
	v.t.Helper()
	if v.ask(`typeof axe`) == "undefined" {
		v.ask(v.axe + `; ""`)
	}
	for _, finding := range v.complaints(script) {
		v.t.Errorf("at %d px, %s: %s", v.width, v.scheme, finding)
	}
}

func (v *viewer) turn(width int64, scheme string) {
	v.t.Helper()
	v.show(v.t, width, scheme)
}

func (v *viewer) pictures(name string) {
	v.t.Helper()
	picture, err := chromedp.Run(v.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		v.t.Fatal(err)
	}
	name = strings.NewReplacer(", ", "-", " ", "-").Replace(name)
	if err := os.WriteFile(filepath.Join(v.folder, name), picture, 0o644); err != nil {
		v.t.Fatal(err)
	}
}

// structure complains of a page without one heading and one content, or whose first link does not lead there.
const structure = `(() => {
	const said = [], n = (s) => document.querySelectorAll(s).length;
	for (const s of ["h1", "main", "header", "main#main h1"]) if (n(s) !== 1) said.push("there are " + n(s) + " " + s);
	const stops = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")].filter((e) => e.tabIndex >= 0 && !e.disabled);
	if (!stops[0]?.matches("a.skip[href='#main']")) said.push("the first stop of Tab is not the way to the content, but " + stops[0]?.outerHTML);
	for (const e of stops) if (e.tabIndex > 0) said.push("out of order: " + e.outerHTML);
	return said;
})()`

// fits complains of a page that is wider than the window.
const fits = `(() => {
	const page = document.scrollingElement;
	if (page.scrollWidth <= innerWidth) return [];
	const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3);
	return ["at " + innerWidth + " px the page is " + page.scrollWidth + " px wide: " + wide.map((e) => e.outerHTML.slice(0, 150)).join(" … ")];
})()`

// contrast is axe's, asked to be the same for large text as for small.
const contrast = `const contrast = (n) => ({options: {ignoreUnicode: true, ignoreLength: false, ignorePseudo: false, boldValue: 700, boldTextPt: 14, largeTextPt: 18,
	contrastRatio: {normal: {expected: n}, large: {expected: n}}, pseudoSizeThreshold: .25, shadowOutlineEmMax: .2}});
	const checks = {"color-contrast": contrast(4.5), "color-contrast-enhanced": contrast(7)};`

// findings tells what axe found. That contrast is at least 7 it asks of what is read: of all text in the
// content but links, what is pressed, and what is greyed because nobody can choose it.
const findings = `.then(({violations}) => violations.map((v) => ({...v, nodes: v.nodes.filter(({target}) =>
	v.id !== "color-contrast-enhanced" || document.querySelector("main")?.contains(document.querySelector(target[0])) && !document.querySelector(target[0]).closest("a, button, .button, summary, :disabled"))}))
	.filter(({nodes}) => nodes.length > 0)
	.map(({id, help, nodes}) => id + ": " + help + ", " + nodes.length + " times: " + nodes.slice(0, 3).map(({target, html, failureSummary}) => target + " " + html.slice(0, 200) + " " + failureSummary).join(" … ")))`

const everyRule = `(() => { ` + contrast + ` return axe.run(document, {checks, resultTypes: ["violations"],
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "wcag2aaa"],
	rules: {"target-size": {enabled: true}, "color-contrast-enhanced": {enabled: true}, "identical-links-same-purpose": {enabled: false}, "meta-refresh-no-exceptions": {enabled: false}}})` + findings + ` })()`

// colours are the rules that depend on the colours of a page and on nothing else.
const colours = `(() => { ` + contrast + ` return axe.run(document, {checks, resultTypes: ["violations"], runOnly: {type: "rule", values: ["color-contrast", "color-contrast-enhanced"]}})` + findings + ` })()`
