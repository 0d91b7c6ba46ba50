package handlers_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// Two people try the demo side by side. Neither sees the other, and each starts again for themselves alone.
func TestTwoBrowsersInADemoHaveRecordsOfTheirOwn(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			d := newDemo(t, plenty)
			ann, ben := openBrowser(t, d.visitor()), openBrowser(t, d.visitor())
			if !scripts {
				ann.withoutScripts()
				ben.withoutScripts()
			}
			for _, b := range []*browser{ann, ben} {
				b.goTo("/places/1/delete")
				b.sees("/places/1/delete", "Demon Dogs")
			}
			ann.follow("Delete 1 place")
			ann.sees("/places", "deleted the place Demon Dogs", "201 places")
			ben.goTo("/places/1")
			ben.sees("/places/1", "Demon Dogs")
			ann.goTo("/history/32")
			ann.follow("Undo")
			ann.sees("/history/33", "Done:")
			ann.goTo("/places/new")
			ann.sees("/places/new", "Add a place")
			ann.fill("name", "Ann’s")
			ann.fill("address", "1")
			ann.press(kb.Enter)
			ann.sees("/places/203", "Ann’s")
			ann.tabTo("Start again", func(e element) bool { return e.Words == "Start again" })
			ann.press(kb.Enter)
			ann.sees("/demo/again", "Start again?")
			ann.tabTo("Start again", func(e element) bool { return e.Name == "sure" })
			ann.press(kb.Enter)
			ann.sees("/", "This is a fresh demo")
			ann.tabTo("a viewer", func(e element) bool { return e.Value == "viewer" })
			ann.press(kb.Enter)
			ann.sees("/", "You are a viewer now")
			ben.goTo("/places/new")
			ben.sees("/places/new", "Add a place")
		})
	}
}

// The bar counts by itself, warns, and takes nothing that was typed or ticked with it.
func TestTheBarOfADemoCountsByItself(t *testing.T) {
	t.Parallel()
	d := newDemo(t, plenty)
	b := openBrowser(t, d.visitor())
	b.goTo("/places")
	b.sees("/places", "202 places")
	b.tabTo("the first box", func(e element) bool { return e.Name == "id" })
	b.press(" ")
	const bar, ticked = `document.querySelector("#demo p").innerText.replace(/\s+/g, " ").trim()`, `String(document.querySelectorAll("[name=id]:checked").length)`
	look := func(after time.Duration, want string) {
		t.Helper()
		d.pass(after)
		b.read(`String(document.dispatchEvent(new Event("visibilitychange")))`) // as when somebody comes back to the tab
		b.becomes("the bar", bar, want)
		if n := b.read(ticked); n != "1" {
			t.Errorf("%s are ticked", n)
		}
		b.is("still the box", func(e element) bool { return e.Name == "id" })
	}
	look(10*time.Minute+time.Second, "Your own demo, 20 minutes left.")
	look(16*time.Minute, "Your own demo, 4 minutes left. Then all you did here is gone.")
	look(5*time.Minute, "Your own demo is over. Whatever you press next begins a fresh one.")
	b.goTo("/places")
	b.sees("/places", "Your demo was over", "202 places")
}
