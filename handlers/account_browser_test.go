package handlers_test

import (
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"maitred/models/account"
)

// openBrowserOf starts a browser in which a person is signed in.
func openBrowserOf(t *testing.T, p *people, u *account.User) *browser {
	t.Helper()
	b := openBrowser(t, p.site)
	for name, value := range p.signedIn(u).cookies {
		setCookie(b, name, value)
	}
	return b
}

func setCookie(b *browser, name, value string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: b.s.url}); err != nil {
		b.t.Fatal(err)
	}
}

func TestAPersonLearnsHowGoodAPasswordIsWhileTypingItAndChangesIt(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	b := openBrowserOf(t, p, p.cleo)
	b.goTo("/account")
	b.sees("/account", "You are Cleo", "this one")
	b.fill("current", password)
	b.fill("password", "purple")
	b.sees("/account", "6 more characters are needed")
	if e := b.focus(); e.Name != "password" || e.Value != "purple" {
		t.Errorf("the focus is on %v", e)
	}
	b.press(" monkeys sing")
	b.sees("/account", "Good.")
	b.fill("again", "purple monkeys sing")
	b.press(kb.Enter)
	b.sees("/account", "Your password is changed", "signed out everywhere else")
	b.waits(`document.activeElement.id === "main"`) // what was done is read first
	if kept := b.read("[...document.querySelectorAll('[type=password]')].map(e => e.value).join('')"); kept != "" {
		t.Errorf("the fields keep %q", kept)
	}
}

func TestAManagerLooksAfterPeopleByKeyboardAlone(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	b := openBrowserOf(t, p, p.anna)
	b.goTo("/users")
	b.follow("Invite someone")
	b.sees("/users/new", "You get a link")
	b.fill("name", "Ben")
	b.press(kb.Enter)
	b.sees("/users/new", "a person of this name already")
	b.goTo("/users/new")
	b.fill("name", "Dora")
	b.press(kb.Enter)
	b.sees("/users", "The link for Dora", "Dora may come in as a viewer", "not yet, invited")
	b.follow("Switch off: Cleo")
	b.sees("/users", "Cleo is switched off", "no, switched off")
	b.tabTo("what Ben may do", func(e element) bool { return e.Tag == "select" && e.Words == "What Ben may do" })
	b.press("m")
	b.follow("Change what Ben")
	b.sees("/users", "Ben is now a manager")
	if now := p.now(p.ben); now.Role != account.Manager {
		t.Errorf("Ben is %s", now.Role)
	}
}
