package handlers_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
)

// endings are all that ends a session, done to Ben, who is signed in in two browsers. What is true of
// the accounts is tested in their own package; here it is seen by who asks for a page.
var endings = []struct {
	event string
	do    func(p *people, anna, here, there *colleague)
	here  int // how the next page in the browser where it was done is answered
	there int // and in the other one
}{
	{"29 minutes without a request", func(p *people, _, _, _ *colleague) { p.later(29 * time.Minute) }, 200, 200},
	{"30 minutes without a request", func(p *people, _, _, _ *colleague) { p.later(30 * time.Minute) }, 401, 401},
	{"12 hours, however busy", func(p *people, _, here, there *colleague) {
		for range 35 {
			p.later(20 * time.Minute)
			here.get("/places").status(http.StatusOK)
			there.get("/healthz").status(http.StatusOK) // which is no use of a session, though it was recognised
		}
		p.later(20 * time.Minute)
	}, 401, 401},
	{"signing out", func(_ *people, _, here, _ *colleague) { here.post("/sign-out").status(http.StatusSeeOther) }, 401, 200},
	{"signing in as somebody else in this browser", func(_ *people, _, here, _ *colleague) {
		word := here.cookies["maitred_session"]
		here.post("/sign-in", "name", "Cleo", "password", password).status(http.StatusSeeOther)
		here.cookies["maitred_session"] = word
	}, 401, 200},
	{"another password", func(_ *people, _, here, _ *colleague) {
		before := here.cookies["maitred_session"]
		here.post("/account/password", "current", password, "password", "four blue kettles", "again", "four blue kettles").status(http.StatusSeeOther)
		if here.cookies["maitred_session"] == before {
			here.t.Error("another password gives no new session")
		}
	}, 200, 401},
	{"a wrong password", func(_ *people, _, here, _ *colleague) {
		here.post("/account/password", "current", "three red kettles", "password", "four blue kettles", "again", "four blue kettles").status(http.StatusUnprocessableEntity)
	}, 200, 200},
	{"a password by a link", func(p *people, anna, _, _ *colleague) {
		link := anna.goes(anna.post(path(p.ben, "link")), "/users").Find("main input[value*='/welcome?link=']").AttrOr("value", "")
		_, word, _ := strings.Cut(link, "?link=")
		p.post("/welcome", "link", word, "password", "four blue kettles").status(http.StatusSeeOther)
	}, 401, 401},
	{"a link that nobody opens", func(p *people, anna, _, _ *colleague) {
		anna.post(path(p.ben, "link")).status(http.StatusSeeOther)
	}, 200, 200},
	{"another role", func(p *people, anna, _, _ *colleague) {
		anna.post(path(p.ben), "role", "viewer").status(http.StatusSeeOther)
	}, 401, 401},
	{"a higher role", func(p *people, anna, _, _ *colleague) {
		anna.post(path(p.ben), "role", "manager").status(http.StatusSeeOther)
	}, 401, 401},
	{"the role that one has", func(p *people, anna, _, _ *colleague) {
		anna.post(path(p.ben), "role", "editor").status(http.StatusSeeOther)
	}, 200, 200},
	{"being switched off", func(p *people, anna, _, _ *colleague) {
		anna.post(path(p.ben), "disabled", "1").status(http.StatusSeeOther)
	}, 401, 401},
	{"being switched off and on again", func(p *people, anna, _, _ *colleague) {
		anna.post(path(p.ben), "disabled", "1").status(http.StatusSeeOther)
		anna.post(path(p.ben), "disabled", "0").status(http.StatusSeeOther)
	}, 401, 401},
	{"being signed out everywhere", func(p *people, anna, _, _ *colleague) {
		anna.post(path(p.ben, "sign-out")).status(http.StatusSeeOther)
	}, 401, 401},
	{"ending the other one", func(_ *people, _, here, _ *colleague) {
		ends := here.get("/account").Find("main form[action^='/account/sessions/'][action$='/end']").FilterFunction(func(_ int, f *goquery.Selection) bool {
			return f.AttrOr("action", "") != "/account/sessions/end"
		})
		here.post(ends.First().AttrOr("action", "")).status(http.StatusSeeOther)
	}, 200, 401},
	{"ending all others", func(_ *people, _, here, _ *colleague) {
		here.post("/account/sessions/end").status(http.StatusSeeOther)
	}, 200, 401},
	{"adding a second step", func(_ *people, _, here, _ *colleague) { here.addStep() }, 200, 401},
	{"a second step taken away by a manager", func(p *people, anna, here, there *colleague) {
		here.addStep()
		there.cookies = map[string]string{"maitred_session": here.cookies["maitred_session"]}
		anna.post(path(p.ben, "second-step")).status(http.StatusSeeOther)
	}, 401, 401},
	{"a second step given up", func(p *people, _, here, there *colleague) {
		code := here.addStep().Find("main .codes li").First().Text()
		there.cookies = map[string]string{"maitred_session": here.cookies["maitred_session"]}
		here.post("/account/second-step/remove", "current", password, "present", code).status(http.StatusSeeOther)
	}, 200, 401},
	{"a role from the shell", func(p *people, _, _, _ *colleague) {
		p.shell(func(a *account.Accounts) error {
			return a.SetRole(p.t.Context(), account.Shell, p.ben.ID, account.Viewer)
		})
	}, 401, 401},
	{"a password from the shell", func(p *people, _, _, _ *colleague) {
		p.shell(func(a *account.Accounts) error {
			return a.GivePassword(p.t.Context(), account.Shell, p.ben.ID, "four blue kettles")
		})
	}, 401, 401},
	{"being switched off from the shell", func(p *people, _, _, _ *colleague) {
		p.shell(func(a *account.Accounts) error { return a.SetDisabled(p.t.Context(), account.Shell, p.ben.ID, true) })
	}, 401, 401},
	{"a start of the server", func(p *people, _, _, _ *colleague) {
		now := p.accounts.Now
		p.stop()
		p.start()
		p.accounts = p.site.people
		p.accounts.Now = now
	}, 200, 200},
}

// shell does something to people as another program does, beside the running site.
func (p *people) shell(do func(*account.Accounts) error) {
	p.t.Helper()
	store, err := models.OpenBeside(p.t.Context(), databaseAt(p.t, p.file), migrations.Apply)
	if err != nil {
		p.t.Fatal(err)
	}
	defer store.Close()
	a, err := account.Open(p.t.Context(), store, account.Beside(p.file), migrations.ApplySessions)
	if err != nil {
		p.t.Fatal(err)
	}
	defer a.Close()
	if err := do(a); err != nil {
		p.t.Fatal(err)
	}
}

func TestASessionEndsOrGoesOnAtTheNextRequestAfter(t *testing.T) {
	repeats(t)
	t.Parallel()
	for _, e := range endings {
		t.Run(e.event, func(t *testing.T) {
			t.Parallel()
			p := newPeople(t)
			at := p.accounts.Now()
			p.accounts.Now = func() time.Time { return at }
			anna, here, there := p.signedIn(p.anna), p.signedIn(p.ben), p.signedIn(p.ben)
			e.do(p, anna, here, there)
			for browser, want := range map[*colleague]int{here: e.here, there: e.there} {
				browser.site = p.site
				browser.get("/places").status(want)
				browser.get("/static/app.css")
				part := browser.get("/places", "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#list").status(want)
				if want == http.StatusUnauthorized && part.Header.Get("HX-Redirect") == "" {
					t.Error("a part of a page leads nowhere")
				}
				before := p.changes()
				if wrote := browser.post("/sample").Status; (wrote == http.StatusUnauthorized) != (want == http.StatusUnauthorized) || want != http.StatusOK && p.changes() != before {
					t.Errorf("a form is answered %d", wrote)
				}
			}
		})
	}
}

// What lies beside a database belongs to it alone: another one in its place, whoever made it, knows
// nobody who was signed in, even where the numbers of people are the same.
func TestTheSessionsOfAnotherDatabaseLetNobodyIn(t *testing.T) {
	onlyOfAFile(t, "files are put in its place")
	repeats(t)
	t.Parallel()
	p, other := newPeople(t), newPeople(t)
	anna := p.signedIn(p.anna)
	other.stop()
	p.stop()
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.RemoveAll(p.file + suffix); err != nil {
			t.Fatal(err)
		}
	}
	copyOf(t, other.file, p.file)
	other.stop = func() {}
	p.start()
	p.accounts = p.site.people
	anna.get("/places").status(http.StatusUnauthorized)
	p.signedIn(p.anna).get("/places").status(http.StatusOK)
}

// A copy that was made before Ben's password changed brings the old password back, and nobody with it
// who was sent away since, nor who came since.
func TestARestoredDatabaseLetsNobodyInWhomTheOldOneDidNot(t *testing.T) {
	onlyOfAFile(t, "files are put in its place")
	repeats(t)
	t.Parallel()
	p := newPeople(t)
	before, there, cleo := p.signedIn(p.ben), p.signedIn(p.ben), p.signedIn(p.cleo)
	copied := filepath.Join(t.TempDir(), "copy.db")
	p.stop()
	copyOf(t, p.file, copied)
	p.start()
	p.accounts = p.site.people
	before.site = p.site
	before.post("/account/password", "current", password, "password", "four blue kettles", "again", "four blue kettles").status(http.StatusSeeOther)
	since := before.cookies["maitred_session"]
	if err := p.accounts.SetRole(t.Context(), p.by(), p.cleo.ID, account.Manager); err != nil {
		t.Fatal(err)
	}
	p.stop()
	copyOf(t, copied, p.file)
	p.start()
	p.accounts = p.site.people
	for who, word := range map[string]string{"who came since": since, "who was sent away": there.cookies["maitred_session"], "whose role changed": cleo.cookies["maitred_session"]} {
		if got := p.with(word).get("/places").Status; got != http.StatusUnauthorized {
			t.Errorf("%s: answered %d", who, got)
		}
	}
	p.signedIn(p.ben).get("/places").status(http.StatusOK)
}

func copyOf(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
