package handlers_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// ctrlK presses Ctrl K, or the same with another modifier.
func (b *browser) ctrlK(modifier ...chromedp.Modifier) {
	b.t.Helper()
	if len(modifier) == 0 {
		modifier = []chromedp.Modifier{chromedp.ModifierCtrl}
	}
	b.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(modifier...)))
}

// slash presses "/" as a browser does: a key that was made use of writes no letter.
func (b *browser) slash() {
	b.t.Helper()
	if b.read(pressing(`{key: "/"}`)) != "false" {
		b.t.Error("the key is not made use of")
	}
}

// pressing is a key that goes down where the focus is.
func pressing(key string) string {
	return `String(document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {bubbles: true, cancelable: true, ...` + key + `})))`
}

// waits until an expression is true in the page.
func (b *browser) waits(expression string) {
	b.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		is, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && is {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("at %s it never came to %s (%v); the focus is on %s", b.path(), expression, err, b.focus())
		}
	}
}

// announced waits until the search says what it found.
func (b *browser) announced(sentence string) {
	b.t.Helper()
	b.waits(fmt.Sprintf(`document.querySelector("#found [role=status]")?.innerText === %q`, sentence))
}

const (
	isOpen   = `document.querySelector("dialog#palette")?.open && document.activeElement.id === "palette-q"`
	isClosed = `document.querySelector("dialog#palette")?.open === false`
)

func TestThePaletteIsUsedByKeyboardAlone(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newSite(t))
	b.goTo("/places/1")
	b.sees("/places/1", "Demon Dogs")
	on := func(words string) {
		t.Helper()
		b.is(words, func(e element) bool { return e.Tag == "a" && e.Words == words })
	}

	b.tabTo("a link", func(e element) bool { return e.Words == "Change" })
	b.ctrlK()
	b.waits(isOpen)
	b.announced("Type a name or an address, or what to do, such as “add”, “move” or “delete” and a name.")
	b.press("k ace")
	b.announced("Nothing found. Try fewer letters, or only the start of a word.")
	b.press(kb.Enter) // there is no result to go to
	b.press(kb.Home + kb.Delete + kb.Delete)
	b.announced("1 place found.")
	b.press(kb.ArrowDown)
	on("Ace Hardware, 1013 N. Ashland free")
	b.press(kb.ArrowDown)
	on("Change the place Ace Hardware")
	b.press(kb.ArrowUp + kb.ArrowUp)
	b.is("the field again", func(e element) bool { return e.Name == "q" && e.Value == "ace" })
	b.press(kb.Escape)
	b.waits(isClosed)
	on("Change") // where it was

	b.ctrlK(chromedp.ModifierMeta)
	b.waits(isOpen)
	b.press("move demon" + kb.Enter) // faster than the answer
	b.sees("/restaurants/1/move", "Move")

	b.ctrlK()
	b.waits(isOpen)
	b.press("joe")
	b.announced("1 waiter found.")
	b.press(kb.Enter)
	b.sees("/waiters/1", "Joe")

	b.follow("Search")
	b.waits(isOpen)
	b.press("delete joe")
	b.announced("1 thing to do.")
	b.press(kb.ArrowDown + kb.Enter)
	b.sees("/waiters/1/delete", "Joe")

	// The page that a form was answered with was put in the place of the one before.
	b.goTo("/places/1/edit")
	b.sees("/places/1/edit", "Change place")
	b.read("window.here = 'the same page'")
	b.fill("name", "Cat Cats")
	b.press(kb.Enter)
	b.sees("/places/1", "Done", "Cat Cats")
	if b.read("window.here") != "the same page" {
		t.Fatal("the whole page was loaded; the story needs another way to get here")
	}
	b.ctrlK()
	b.waits(isOpen)
	b.press("cat")
	b.announced("1 place, 1 restaurant and 1 waiter found.")
	b.press(kb.Escape)
	b.waits(isClosed)
	b.do(chromedp.NavigateBack())
	b.sees("/places/1/edit", "Change place")
	b.ctrlK()
	b.waits(isOpen)
}

func TestASlashGoesToTheSearchOfTheListOrToThePalette(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newSite(t))
	b.goTo("/places")
	b.sees("/places", "2 places")
	b.slash()
	b.is("the list's search", func(e element) bool { return e.Name == "q" && e.Value == "" })
	b.press("/") // in a field it is a letter
	b.is("the list's search", func(e element) bool { return e.Name == "q" && e.Value == "/" })
	b.waits(isClosed)

	b.goTo("/places/1")
	b.sees("/places/1", "Demon Dogs")
	b.slash()
	b.waits(isOpen)
	b.press("1/2")
	b.is("the palette", func(e element) bool { return e.Name == "q" && e.Value == "1/2" })
	b.press(kb.Escape)
	b.waits(isClosed)

	// Who composes a letter out of several keys means none of them.
	for _, event := range []string{`{key: "/", isComposing: true}`, `{key: "k", ctrlKey: true, isComposing: true}`, `{key: "k", ctrlKey: true, keyCode: 229}`,
		`{key: "k"}`, `{key: "k", ctrlKey: true, altKey: true}`, `{key: "K", ctrlKey: true, shiftKey: true}`} {
		b.read(pressing(event))
		if b.read("String("+isClosed+")") != "true" {
			t.Errorf("%s opens the palette", event)
		}
	}

	b.goTo("/search?q=demon")
	b.sees("/search", "1 place, 1 restaurant and 1 waiter found.")
	b.ctrlK()
	b.is("the field of the page", func(e element) bool { return e.Name == "q" && e.Value == "demon" })
	b.press("joe")
	b.announced("1 waiter found.")
	if query := b.read("location.search"); query != "?q=joe" {
		t.Errorf("the address is %q", query)
	}
	b.press(kb.ArrowDown)
	b.is("the hit", func(e element) bool { return e.Tag == "a" && e.Words == "Joe at Demon Dogs" })
	b.press(kb.Enter)
	b.sees("/waiters/1", "Joe")
}

func TestThePaletteLeavesTheTicksOfAListAlone(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newSite(t))
	b.goTo("/places")
	b.tick("Demon Dogs")
	b.sees("/places", "1 ticked")
	b.ctrlK()
	b.press("ace")
	b.announced("1 place found.")
	b.press(kb.Escape)
	b.waits(isClosed)
	b.sees("/places", "1 ticked")
	b.is("the box", func(e element) bool { return e.Type == "checkbox" && e.Words == "Demon Dogs" })
}

func TestASearchNeedsNoScripts(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newSite(t))
	b.withoutScripts()
	b.goTo("/places/1")
	b.follow("Search")
	b.sees("/search", "Type a name")
	b.fill("q", "move demon")
	b.press(kb.Enter)
	b.sees("/search", "1 thing to do.")
	b.follow("Move the restaurant at Demon Dogs")
	b.sees("/restaurants/1/move", "Ace Hardware")
}

// Somebody reads down the second page of a list, opens a record, steps to its neighbour, and goes
// back with the browser's button.
func TestBackLeadsToTheSamePageAtTheSameHeight(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			t.Parallel()
			s := emptySite(t)
			for i := range 110 {
				s.add("/places", "name", fmt.Sprintf("Place %03d", i), "address", "1")
			}
			b := openBrowser(t, s)
			if !scripts {
				b.withoutScripts()
			}
			b.goTo("/places?q=place")
			b.sees("/places", "Places that match “place”: 110.")
			b.follow("Next")
			b.sees("/places", "Place 050")
			b.gone("Place 049")
			list := b.read("location.search")
			b.tabTo("a place far down", func(e element) bool { return e.Tag == "a" && e.Words == "Place 090" })
			height := b.read("String(scrollY)")
			if height == "0" {
				t.Fatal("the page is too short to be scrolled")
			}
			b.press(kb.Enter)
			b.sees("/places/91", "Place 090", "In the list of 110 places that match")
			b.follow("Next")
			b.sees("/places/92", "Place 091", "In the list of 110 places that match")
			b.read("String(history.back())") // a page that the browser kept is not loaded again, so nothing tells that it was
			b.sees("/places/91", "Place 090")
			b.read("String(history.back())")
			b.sees("/places", "Place 090", "Places that match “place”: 110.")
			b.waits("location.search === " + fmt.Sprintf("%q", list))
			b.waits("String(scrollY) === " + fmt.Sprintf("%q", height))

			// The link back leads to the same page too.
			s.get("/places" + list).status(http.StatusOK).says("Place 050")
			b.goTo("/places/91")
			b.follow("In the list of 110 places that match")
			b.sees("/places", "Place 050")
			b.gone("Place 049")
		})
	}
}
