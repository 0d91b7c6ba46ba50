package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"maitred/models/account"
)

// comesIn types the name and the password of a person where the browser is asked for them.
func (b *browser) comesIn(name string) {
	b.t.Helper()
	b.fill("name", name)
	b.fill("password", password)
	b.press(kb.Enter)
}

// leaves presses the button that signs out.
func (b *browser) leaves() {
	b.t.Helper()
	b.follow("Sign out")
	b.sees("/sign-in", "Sign in")
}

// showsNothingPrivate waits until the browser is at a page that asks to sign in and has nothing of the
// records in it, seen or hidden.
func (b *browser) showsNothingPrivate(path string) {
	b.t.Helper()
	b.sees(path, "Sign in")
	if all := b.read("document.documentElement.outerHTML"); strings.Contains(all, "Demon Dogs") || strings.Contains(all, "Fullerton") || strings.Contains(all, "Joe") {
		b.t.Errorf("%s still has the record in it", path)
	}
	b.is("the name", func(e element) bool { return e.Name == "name" || e.Tag == "body" || e.Tag == "h1" || e.Tag == "main" })
}

func TestBackAfterSigningOutShowsNothingPrivate(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			t.Parallel()
			b := openBrowser(t, peopleSite(t))
			if !scripts {
				b.withoutScripts()
			}
			b.goTo("/places")
			b.sees("/places", "Sign in")
			b.comesIn(mia)
			b.sees("/places", "Demon Dogs")
			b.follow("Demon Dogs")
			b.sees("/places/1", "944 W. Fullerton")
			b.follow("Change")
			b.sees("/places/1/edit", "Change place")

			ctx, closeTab := chromedp.NewContext(b.ctx)
			defer closeTab()
			second := &browser{t: b.t, s: b.s, ctx: ctx, dialogs: b.dialogs}
			if !scripts {
				second.withoutScripts()
			}
			second.goTo("/places")
			second.sees("/places", "Demon Dogs")
			second.follow("Demon Dogs")
			second.sees("/places/1", "944 W. Fullerton")

			b.leaves()
			b.do(chromedp.NavigateBack())
			b.showsNothingPrivate("/places/1/edit")
			b.do(chromedp.NavigateBack())
			b.showsNothingPrivate("/places/1")
			b.do(chromedp.NavigateBack())
			b.showsNothingPrivate("/places")
			b.do(chromedp.NavigateForward())
			b.showsNothingPrivate("/places/1")
			b.do(chromedp.NavigateForward())
			b.showsNothingPrivate("/places/1/edit")

			// In the other tab the page stays that somebody sees; whatever they do there asks to sign in.
			second.do(chromedp.NavigateBack())
			second.showsNothingPrivate("/places")
			second.do(chromedp.NavigateForward())
			second.showsNothingPrivate("/places/1")

			// Who comes in next sees what is theirs to see, on the page where they are.
			second.comesIn(vera)
			second.sees("/places/1", "944 W. Fullerton")
		})
	}
}

func TestAFormThatIsSentAfterTheSessionEndedIsSavedAfterSigningInInTheBrowser(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			t.Parallel()
			s := peopleSite(t)
			b := openBrowser(t, s)
			if !scripts {
				b.withoutScripts()
			}
			b.goTo("/places/new")
			b.sees("/places/new", "Sign in")
			b.comesIn(edgar)
			b.sees("/places/new", "Add a place")
			b.fill("name", "O’Hara’s Bar & Grill")
			b.fill("address", "1 Å Street")
			s.later(account.Idle + time.Minute)
			b.press(kb.Enter)
			b.waitsToSay("What you typed is kept")
			b.fill("name", edgar)
			b.fill("password", "not that one, sorry")
			b.press(kb.Enter)
			b.waitsToSay("not right")
			b.fill("password", password)
			b.press(kb.Enter)
			b.sees("/places/3", "O’Hara’s Bar & Grill", "1 Å Street", "Edgar")

			// What cannot be saved comes back with all that was typed.
			b.goTo("/places/3/edit")
			b.sees("/places/3/edit", "Change place")
			s.as(mia).get("/places/3/edit").form("post").with("name", "O’Hara").send().status(http.StatusSeeOther)
			b.fill("name", "O’Hara’s") // is added to what stands there, or takes its place
			s.later(account.Idle + time.Minute)
			b.press(kb.Enter)
			b.waitsToSay("What you typed is kept")
			b.comesIn(edgar)
			b.waitsToSay("Nothing of yours was saved yet")
			if typed := b.read(`document.querySelector("main [name=name]")?.value ?? document.querySelector("main").innerText`); !strings.Contains(typed, "O’Hara’s") {
				t.Errorf("the form came back with %q", typed)
			}

			// A part of a page leads to the whole one that asks, and back.
			b.goTo("/places")
			b.sees("/places", "O’Hara")
			s.later(account.Idle + time.Minute)
			if scripts {
				b.fill("q", "demon")
			} else {
				b.goTo("/places?q=demon")
			}
			b.waitsToSay("Sign in")
			b.comesIn(edgar)
			b.sees("/places")
			b.waitsToSay("Demon Dogs")
		})
	}
}

// waitsToSay waits until the page says words, wherever it is.
func (b *browser) waitsToSay(words string) {
	b.t.Helper()
	said := ""
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if said = b.read(`document.readyState === "loading" ? "" : (document.querySelector("main")?.innerText ?? "").replace(/\s+/g, " ")`); strings.Contains(said, words) {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s does not say %q, but: %s", b.path(), words, said)
		}
	}
}
