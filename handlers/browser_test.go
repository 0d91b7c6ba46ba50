package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	tab "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browser is Chromium with a person in front of it who has a keyboard and no mouse.
type browser struct {
	t   *testing.T
	s   *site
	ctx context.Context
	*dialogs
	cut     atomic.Bool // the network was cut off, of which the console tells
	refused atomic.Bool // something is asked for that is not there, of which it tells as well
}

// dialogs are what the browser itself asks over a page: whether to leave what was typed.
type dialogs struct {
	mu    sync.Mutex
	asked int
	stays bool // the answer is no
}

// answer answers a question as it is opened: the page waits for that.
func (b *browser) answer(ev any) {
	if _, opens := ev.(*tab.EventJavascriptDialogOpening); !opens {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	leaves := !b.stays
	go func() {
		_, _ = chromedp.Call(b.ctx, tab.HandleJavaScriptDialog, tab.HandleJavaScriptDialogParams{Accept: leaves})
	}()
}

// openBrowser starts a browser at the site. When the test is over, its console must be empty: no
// error, no refusal by the Content-Security-Policy.
func openBrowser(t *testing.T, s *site) *browser {
	t.Helper()
	repeats(t) // and a browser beside the race detector is so slow that it forgets what was typed into a select
	ctx, closeTab := chromedp.NewContext(launch(t))
	ctx, late := context.WithTimeout(ctx, time.Minute)
	b := &browser{t: t, s: s, ctx: ctx, dialogs: &dialogs{}}
	if err := chromedp.Listen(ctx, b.answer); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, tab.Enable, tab.EnableParams{}); err != nil {
		t.Fatal(err)
	}

	var said []string
	var mu sync.Mutex
	console := chromedp.Console(ctx)
	go func() {
		for m, err := range console {
			if err != nil {
				return
			}
			if strings.HasPrefix(m.Text, "Clear-Site-Data header") { // it did as it was told
				continue
			}
			if strings.Contains(m.Text, "status of 422") || strings.Contains(m.Text, "status of 409") || strings.Contains(m.Text, "status of 401") { // refused, as it should be
				continue
			}
			if b.refused.Load() && strings.Contains(m.Text, "status of 404") {
				continue
			}
			if b.cut.Load() && (strings.Contains(m.Text, "ERR_INTERNET_DISCONNECTED") || strings.Contains(m.Text, "Failed to fetch")) {
				continue
			}
			mu.Lock()
			said = append(said, fmt.Sprintf("%s: %s", m.Type, m.Text))
			mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, line := range said {
			t.Errorf("the browser's console says %s", line)
		}
		if err := chromedp.Cancel(ctx); err != nil && !strings.Contains(err.Error(), "context") {
			t.Logf("close the browser: %v", err)
		}
		late()
		closeTab()
	})
	return b
}

// launch is how a browser is started, which has never been used before.
func launch(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(chromium(t)), chromedp.UserDataDir(t.TempDir()),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true))
	t.Cleanup(cancel)
	return ctx
}

// chromium is the browser's program. Where there is none the test is skipped, but never in CI.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if file, err := exec.LookPath(name); err == nil {
			return file
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("there is no Chromium, which CI must have")
	}
	t.Skip("there is no Chromium on this machine")
	return ""
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) goTo(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.s.url + path))
}

// element is what has the focus, as a person would describe it.
type element struct{ Tag, Name, Type, Value, Words string }

func (e element) String() string {
	return fmt.Sprintf("%s %s %s %q %.60q", e.Tag, e.Type, e.Name, e.Value, e.Words)
}

const focused = `(() => {
	const e = document.activeElement ?? document.body ?? document.createElement("body");
	const words = e.localName === "body" ? "" : e.labels?.[0]?.textContent || e.getAttribute("aria-label") || e.textContent;
	return {Tag: e.localName, Name: e.name ?? "", Type: e.type ?? "", Value: e.value ?? "", Words: words.replace(/\s+/g, " ").trim()};
})()`

func (b *browser) focus() element {
	b.t.Helper()
	return evaluated[element](b, focused)
}

// tabTo presses Tab until the focus is on what is wanted.
func (b *browser) tabTo(what string, wanted func(element) bool) {
	b.t.Helper()
	var passed []string
	for range 200 {
		e := b.focus()
		if wanted(e) {
			return
		}
		passed = append(passed, e.String())
		b.press(kb.Tab)
	}
	b.t.Fatalf("no %s can be reached by Tab at %s; passed:\n%s", what, b.path(), strings.Join(passed, "\n"))
}

// follow goes to a link or button that begins with these words and presses Enter.
func (b *browser) follow(words string) {
	b.t.Helper()
	b.tabTo(words, func(e element) bool {
		return (e.Tag == "a" || e.Tag == "button") && strings.HasPrefix(e.Words, words)
	})
	b.press(kb.Enter)
}

// fill goes to a field and types.
func (b *browser) fill(name, typed string) {
	b.t.Helper()
	b.tabTo("field "+name, func(e element) bool { return e.Tag == "input" && e.Name == name })
	b.press(typed)
}

// press presses keys. A key goes down together with its character, as under a finger: sent one after
// the other, as chromedp does, the character of an Enter reaches what a quick answer has focused since.
func (b *browser) press(keys string) {
	b.t.Helper()
	for _, r := range keys {
		events := kb.Encode(r)
		if len(events) == 3 {
			down, character := *events[0], events[1]
			down.Text, down.UnmodifiedText = character.Text, character.UnmodifiedText
			events = []*input.DispatchKeyEventParams{&down, events[2]}
		}
		for _, e := range events {
			if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, *e); err != nil {
				b.t.Fatal(err)
			}
		}
	}
}

func (b *browser) path() string { return b.read("location.pathname") }

func (b *browser) read(expression string) string {
	b.t.Helper()
	return evaluated[string](b, expression)
}

// evaluated is what an expression is on the page that is there. When another page comes while it is asked
// for, the browser forgets the question, and it is put to the next page.
func evaluated[T any](b *browser, expression string) T {
	b.t.Helper()
	for again := 0; ; again++ {
		value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
		if err == nil {
			return value
		}
		if again == 10 || !strings.Contains(err.Error(), "navigated") {
			b.t.Fatal(err)
		}
	}
}

// sees waits until the page is there and says all words.
func (b *browser) sees(path string, words ...string) {
	b.t.Helper()
	const text = `document.readyState === "loading" ? "" : location.pathname + " " + (document.querySelector("main")?.innerText ?? "").replace(/\s+/g, " ")`
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		said, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](text))
		missing := err != nil || !strings.HasPrefix(said, path+" ")
		for _, w := range words {
			missing = missing || !strings.Contains(said, w)
		}
		if !missing {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("the page is not %s with %q, but: %s (%v)", path, words, said, err)
		}
	}
}

func TestEverythingIsDoneByKeyboardAlone(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, emptySite(t))

	b.goTo("/")
	b.sees("/", "Welcome")
	b.follow("Add your first place")
	b.sees("/places/new")
	b.fill("name", "Demon Dogs")
	b.fill("address", "944 W. Fullerton")
	b.press(kb.Enter)
	b.sees("/places/1", "Demon Dogs", "944 W. Fullerton", "free")

	b.follow("Open a restaurant here")
	b.sees("/restaurants/new")
	b.fill("serves_hot_dogs", " ")
	b.follow("Open a restaurant")
	b.sees("/restaurants/1", "Serves hot dogs")

	b.fill("name", "Joe")
	b.follow("Hire a waiter")
	b.sees("/restaurants/1", "Done", "1 waiter", "Joe")

	for i := range 30 {
		b.s.add("/places", "name", fmt.Sprintf("Place %02d", i), "address", "1")
	}
	ace := b.s.add("/places", "name", "Zeta Ace Hardware", "address", "1013 N. Ashland")
	b.goTo("/restaurants/1")
	b.follow("Move to another place")
	b.sees("/restaurants/1/move", "Place 07")
	b.fill("q", "ashland")
	b.sees("/restaurants/1/move", "Zeta Ace Hardware")
	b.gone("Place 07")
	b.press(kb.ArrowDown)
	b.is("the hit", func(e element) bool { return e.Type == "radio" && e.Value == ace })
	b.press(" ")
	b.sees("/restaurants/1/move", "Now", "Then", "with 1 waiter", "Move the restaurant, with its 1 waiter, to Zeta Ace Hardware")
	b.is("still the hit", func(e element) bool { return e.Type == "radio" && e.Value == ace })
	b.follow("Move the restaurant, with its 1 waiter, to Zeta Ace Hardware")
	b.sees("/restaurants/"+ace, "Zeta Ace Hardware", "Joe")

	b.s.add("/restaurants", "place_id", "1", "serves_pizza", "1")
	b.follow("Move to another place")
	b.sees("/restaurants/"+ace+"/move", "Place 07")
	b.fill("q", "fullerton")
	b.sees("/restaurants/"+ace+"/move", "Demon Dogs", "taken by")
	b.gone("Place 07")
	b.press(kb.ArrowDown)
	b.press(" ")
	b.sees("/restaurants/"+ace+"/move", "Demon Dogs already has a restaurant")
	b.follow("Swap the two restaurants")
	b.sees("/restaurants/1", "Demon Dogs", "Serves hot dogs", "Joe")

	b.follow("Delete")
	b.sees("/restaurants/1/delete", "1 restaurant", "1 waiter", "Joe")
	b.follow("Delete 1 restaurant and 1 waiter")
	b.sees("/restaurants", "deleted the restaurant at Demon Dogs with 1 waiter", "Zeta Ace Hardware")

	b.goTo("/places")
	b.fill("q", "ashla")
	b.sees("/places", "Places that match “ashla”: 1.")
	b.gone("Place 07")
	b.is("still the search", func(e element) bool { return e.Name == "q" && e.Value == "ashla" })
	if query := b.read("location.search"); !strings.Contains(query, "q=ashla") {
		t.Errorf("the address does not keep the search, but %q", query)
	}
	b.follow("Zeta Ace Hardware")
	b.sees("/places/"+ace, "Zeta Ace Hardware")
	b.do(chromedp.NavigateBack())
	b.sees("/places", "Places that match “ashla”: 1.", "Zeta Ace Hardware")
}

// gone waits until the page no longer says words.
func (b *browser) gone(words string) {
	b.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		said := b.read(`document.querySelector("main")?.innerText ?? ""`) // none between two pages
		if said != "" && !strings.Contains(said, words) {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s still says %q", b.path(), words)
		}
	}
}

// is expects the focus on something.
func (b *browser) is(what string, wanted func(element) bool) {
	b.t.Helper()
	e := b.focus()
	for end := time.Now().Add(5 * time.Second); !wanted(e) && time.Now().Before(end); e = b.focus() {
		time.Sleep(20 * time.Millisecond) // what is shown may be seen before the focus is moved to it
	}
	if !wanted(e) {
		b.t.Fatalf("the focus is not on %s, but on %s", what, e)
	}
}

// Two people have Demon Dogs open. Ann saves first; the other one is asked what stays.
func TestWhoSavesSecondChoosesByKeyboardWhatStays(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			b := openBrowser(t, newSite(t))
			if !scripts {
				b.withoutScripts()
			}
			ann := func(name, address string) {
				b.s.get("/places/1/edit").form("post").with("name", name, "address", address).send().status(http.StatusSeeOther)
			}
			b.goTo("/places/1/edit")
			b.sees("/places/1/edit", "Change place")
			ann("Bird Birds", "945 W. Fullerton")
			b.fill("name", "Cat Cats")
			b.fill("address", "Rear of 944 W. Fullerton")
			b.press(kb.Enter)

			refused := "/places/1"
			if scripts { // the address stays that of the form
				refused = "/places/1/edit"
			}
			b.sees(refused, "Nothing of yours was saved yet", "Bird Birds", "945 W. Fullerton", "Saved by Someone", "Before")
			if scripts {
				b.waits(`document.activeElement.id === "errors"`) // on what was refused
			}
			b.tabTo("the choice of the name", func(e element) bool { return e.Name == "keep_name" })
			b.is("what was typed", func(e element) bool { return e.Type == "radio" && e.Value == "mine" && e.Words == "Yours" })
			b.press(kb.ArrowDown)
			b.is("what was saved", func(e element) bool { return e.Value == "theirs" && e.Words == "Saved by Someone" })
			ann("Fish Fishes", "945 W. Fullerton") // once more, while they choose
			b.follow("Save")
			b.sees(refused, "Nothing of yours was saved yet", "Fish Fishes", "Bird Birds")
			b.follow("Save")
			b.sees("/places/1", "Done", "Fish Fishes", "Rear of 944 W. Fullerton")
		})
	}
}

func (b *browser) withoutScripts() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		b.t.Fatal(err)
	}
}

func TestEverythingIsDoneWithoutJavaScript(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newSite(t))
	b.withoutScripts()
	b.goTo("/places/new")
	b.fill("address", "1")
	b.press(kb.Enter)
	b.sees("/places", "The name is missing")
	b.fill("name", "Third")
	b.press(kb.Enter)
	b.sees("/places/3", "Third", "free")

	b.goTo("/restaurants/new")
	b.tabTo("a new place", func(e element) bool { return e.Name == "new_place" })
	b.press(kb.ArrowDown)
	b.is("at a new place", func(e element) bool { return e.Name == "new_place" && e.Value == "1" })
	b.fill("name", "Fourth")
	b.fill("address", "4")
	b.press(kb.Enter)
	b.sees("/restaurants/4", "Fourth")

	b.goTo("/restaurants/1")
	b.follow("Move to another place")
	b.sees("/restaurants/1/move", "Third")
	b.fill("q", "ashland")
	b.press(kb.Enter)
	b.sees("/restaurants/1/move", "Ace Hardware")
	b.gone("Third")
	b.tabTo("Ace Hardware", func(e element) bool { return e.Type == "radio" && e.Value == aceHardware })
	b.press(" ")
	b.follow("Show what will happen")
	b.sees("/restaurants/1/move", "Now", "Then")
	b.follow("Move the restaurant, with its 1 waiter, to Ace Hardware")
	b.sees("/restaurants/2", "Ace Hardware", "Joe")

	b.goTo("/restaurants/2/move?place_id=4")
	b.follow("Swap the two restaurants of Ace Hardware and Fourth")
	b.sees("/restaurants/4", "Fourth", "Joe")

	b.goTo("/places/4")
	b.follow("Delete")
	b.sees("/places/4/delete", "Joe")
	b.follow("Delete 1 place, 1 restaurant and 1 waiter")
	b.sees("/places", "deleted the place Fourth")
}

func TestHistoryIsFilteredWithoutLeavingThePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Actor = "Zoë"
	s.add("/places", "name", "Third", "address", "3")
	b := openBrowser(t, s)
	b.goTo("/history")
	b.sees("/history", "Someone added the waiter Joe", "Zoë added the place Third")
	b.read("window.here = 'the same page'")
	b.tabTo("the person", func(e element) bool { return e.Name == "actor" })
	b.press("Z")
	b.sees("/history", "Changes by Zoë", "Zoë added the place Third")
	b.gone("Someone added")
	b.is("still the person", func(e element) bool { return e.Name == "actor" && e.Value == "Zoë" })
	if query := b.read("location.search + ' on ' + window.here"); query != "?actor=Zo%C3%AB on the same page" {
		t.Errorf("the address is %q", query)
	}
	b.follow("Zoë added the place Third")
	b.sees("/history/5", "See what undoing would do")
	b.do(chromedp.NavigateBack())
	b.sees("/history", "Changes by Zoë")
	b.gone("Someone added")
}
