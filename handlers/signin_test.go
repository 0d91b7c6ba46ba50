package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"maitred/models/account"
)

func TestTheFirstLinkMakesAManagerOnceAndNoOtherPageDoes(t *testing.T) {
	t.Parallel()
	account.Cheaply()
	s := &site{t: t, file: filepath.Join(t.TempDir(), "maitred.db"), withPeople: true}
	s.start()
	t.Cleanup(func() { s.stop() })
	word, err := s.people.FirstLink(context.Background())
	if err != nil || word == "" {
		t.Fatal(word, err)
	}
	s.get("/").status(http.StatusUnauthorized).says("Sign in").silentAbout("first account")
	s.get("/welcome").status(http.StatusNotFound)
	s.get("/welcome?link=" + strings.Repeat("A", 26)).status(http.StatusNotFound).says("does not work")
	link := "/welcome?link=" + word
	s.get(link).status(http.StatusOK).says("Make the first account")

	s.post("/welcome", "link", word, "name", "Anna", "password", "short").status(http.StatusUnprocessableEntity).saysAt("password", "12 characters")
	s.post("/welcome", "link", word, "name", "Anna", "password", password, "again", "another one").status(http.StatusUnprocessableEntity).saysAt("again", "not the same")
	s.post("/welcome", "link", word, "name", " ", "password", password).status(http.StatusUnprocessableEntity).saysAt("name", "The name")
	made := s.post("/welcome", "link", word, "name", "Anna", "password", password, "again", password).status(http.StatusSeeOther)
	anna := s.with(made.given("maitred_session"))
	anna.get("/").status(http.StatusOK).says("Load the sample data")
	anna.post("/sample").status(http.StatusSeeOther)
	anna.get("/history").says("Anna")
	anna.get("/places").status(http.StatusOK)

	s.get(link).status(http.StatusNotFound)
	s.post("/welcome", "link", word, "name", "Eve", "password", password).status(http.StatusNotFound)
	if again, err := s.people.FirstLink(context.Background()); again != "" || err != nil {
		t.Errorf("there is a second first link: %v", err)
	}
}

func TestWhoIsNotSignedInIsAskedToAndGoesOnWhereTheyWanted(t *testing.T) {
	t.Parallel()
	s := peopleSite(t)
	for _, path := range []string{"/", "/places", "/places/1", "/places/99", "/places/1/edit", "/restaurants?q=dogs", "/history", "/history/1", "/search?q=joe", "/users", "/account", "/progress/x"} {
		p := s.get(path).status(http.StatusUnauthorized).silentAbout("Demon Dogs", "Joe")
		if next := p.form("post").Get("next"); next != path {
			t.Errorf("%s: goes on with %q", path, next)
		}
	}
	for _, path := range []string{"/places", "/places/1", "/places/1/delete", "/history/1/undo", "/sample", "/users"} {
		s.post(path, "name", "x").status(http.StatusUnauthorized)
	}
	in := s.post("/sign-in", "name", "mia", "password", password, "next", "/restaurants?q=dogs").status(http.StatusSeeOther)
	if to := in.Header.Get("Location"); to != "/restaurants?q=dogs" {
		t.Errorf("leads to %s", to)
	}
	s.with(in.given("maitred_session")).get("/restaurants?q=dogs").lists(demonDogs)
}

func TestAPartOfAPageIsNeverAnsweredWithASignInForm(t *testing.T) {
	t.Parallel()
	s := peopleSite(t)
	p := s.get("/places?q=d", "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#list", "HX-Current-URL", s.url+"/places?q=demon")
	p.status(http.StatusUnauthorized)
	if to := p.Header.Get("HX-Redirect"); to != "/sign-in?next=%2Fplaces%3Fq%3Ddemon" || p.Body != "" {
		t.Errorf("leads to %q with %q", to, p.Body)
	}
	for _, elsewhere := range []string{"https://evil.example/places", "//evil.example", "javascript:alert(1)", ""} {
		p := s.get("/places", "HX-Request-Type", "partial", "HX-Target", "div#list", "HX-Current-URL", elsewhere).status(http.StatusUnauthorized)
		if to := p.Header.Get("HX-Redirect"); to != "/sign-in" {
			t.Errorf("%q leads to %q", elsewhere, to)
		}
	}
	s.get("/sign-in?next=%2Fplaces%3Fq%3Ddemon").status(http.StatusOK).keeps("next", "/places?q=demon")
}

func TestAWrongPasswordAndAnUnknownNameGetTheSameAnswer(t *testing.T) {
	t.Parallel()
	s := peopleSite(t)
	wrong := s.post("/sign-in", "name", "Mia", "password", "not that one, sorry").status(http.StatusUnprocessableEntity)
	unknown := s.post("/sign-in", "name", "Mio", "password", "not that one, sorry").status(http.StatusUnprocessableEntity)
	if a, b := withoutNumber(wrong), withoutNumber(unknown); a != b {
		t.Errorf("they differ:\n%s\n%s", a, b)
	}
	wrong.saysAt("password", "not right").keeps("name", "Mia")
	if strings.Contains(wrong.Body, "not that one") || wrong.given("maitred_session") != "" {
		t.Error("the password came back, or a session began")
	}
}

func withoutNumber(p *page) string { return requestNumber.ReplaceAllString(p.sentence(), "") }

func TestAfterTenWrongTriesOneWaitsAndAForgedAddressDoesNotHelp(t *testing.T) {
	t.Parallel()
	s := peopleSite(t)
	known := s.signIn(mia, password) // has signed in here before
	for n := range 10 {
		s.do(s.request(http.MethodPost, "/sign-in", values("name", mia, "password", "wrong wrong wrong").Encode(),
			"Content-Type", "application/x-www-form-urlencoded", "X-Forwarded-For", "10.0.0."+strconv.Itoa(n), "Forwarded", "for=10.0.0.1", "X-Real-Ip", "10.0.0.1")).
			status(http.StatusUnprocessableEntity)
	}
	many := s.post("/sign-in", "name", mia, "password", password).status(http.StatusTooManyRequests).says("too many")
	if wait, err := strconv.Atoi(many.Header.Get("Retry-After")); err != nil || wait < 1 || wait > 180 {
		t.Errorf("one shall wait %q seconds", many.Header.Get("Retry-After"))
	}
	known.get("/").status(http.StatusOK)
	known.with("").signIn(mia, password).get("/").status(http.StatusOK) // others cannot keep her out
	s.later(181 * time.Second)
	s.signIn(mia, password)
}

func TestSigningInGivesANewSessionAndSigningOutEndsIt(t *testing.T) {
	t.Parallel()
	s := peopleSite(t)
	chosen := strings.Repeat("A", 26) // by someone else, for the browser of a victim
	in := s.with(chosen).signIn(edgar, password)
	if in.session == chosen || in.session == "" {
		t.Fatalf("the session is %q", in.session)
	}
	second := in.signIn(edgar, password)
	in.get("/").status(http.StatusUnauthorized) // the one before is over
	out := second.post("/sign-out").status(http.StatusSeeOther)
	if out.Header.Get("Clear-Site-Data") != `"cache"` || !strings.Contains(strings.Join(out.Header.Values("Set-Cookie"), "\n"), "maitred_session=;") {
		t.Errorf("the browser is not told to forget: %v", out.Header)
	}
	second.get("/places").status(http.StatusUnauthorized)
	second.post("/places", "name", "x", "address", "y").status(http.StatusUnauthorized)
	s.post("/sign-out").status(http.StatusSeeOther) // who is out stays out
}

func TestAFormSentAfterTheSessionEndedGoesOnAfterSigningIn(t *testing.T) {
	t.Parallel()
	s := peopleSite(t)
	e := s.as(edgar)
	form := e.get("/places/new").status(http.StatusOK).form("post")
	form.Set("name", "O’Hara’s <Bar> & Grill")
	form.Set("address", "1 Å Street")
	s.later(account.Idle + time.Minute)

	asked := e.send("/places", form.Values).status(http.StatusUnauthorized).says("What you typed is kept").silentAbout("O’Hara")
	kept := asked.form("post").Get("kept")
	e.post("/sign-in", "name", edgar, "password", "not that one, sorry", "kept", kept).status(http.StatusUnprocessableEntity).keeps("kept", kept).says("What you typed is kept")
	saved := e.post("/sign-in", "name", edgar, "password", password, "kept", kept).status(http.StatusSeeOther)
	again := e.with(saved.given("maitred_session"))
	again.get(saved.Header.Get("Location")).says("O’Hara’s <Bar> & Grill", "1 Å Street", "Edgar")

	// The same once more is a retry, and writes nothing.
	s.later(account.Idle + time.Minute)
	twice := e.post("/sign-in", "name", edgar, "password", password, "kept", kept).status(http.StatusSeeOther)
	if twice.Header.Get("Location") != saved.Header.Get("Location") {
		t.Errorf("sent twice it leads to %s and %s", saved.Header.Get("Location"), twice.Header.Get("Location"))
	}

	// What is wrong with it is said as ever.
	e = e.with(twice.given("maitred_session"))
	s.later(account.Idle + time.Minute)
	kept = e.post("/places", "name", "Some name", "address", "").status(http.StatusUnauthorized).form("post").Get("kept")
	e.post("/sign-in", "name", edgar, "password", password, "kept", kept).status(http.StatusUnprocessableEntity).keeps("name", "Some name").saysAt("address", "The address")
}

func TestWhatSomeoneElseTypedIsNotDoneInOnesName(t *testing.T) {
	t.Parallel()
	s := peopleSite(t)
	e := s.as(edgar)
	s.later(account.Idle + time.Minute)
	kept := e.post("/places", "name", "Edgar's", "address", "1").status(http.StatusUnauthorized).form("post").Get("kept")
	other := e.post("/sign-in", "name", mia, "password", password, "kept", kept).status(http.StatusOK).says("not yours").silentAbout("Edgar's")
	m := s.with(other.given("maitred_session"))
	m.get("/places?name=Edgar%27s").lists()
	for _, forged := range []string{"", "x", kept[:len(kept)-2] + "AA", strings.ToUpper(kept)} {
		p := s.post("/sign-in", "name", mia, "password", password, "kept", forged)
		if p.Status != http.StatusOK && p.Status != http.StatusSeeOther {
			t.Errorf("a forged form is answered %d", p.Status)
		}
	}
	m.get("/places").lists(aceHardware, demonDogs)

	// The forms of accounts, which carry passwords, are never kept.
	if kept := e.post("/account/password", "current", password).status(http.StatusUnauthorized).form("post").Get("kept"); kept != "" {
		t.Error("a password was kept")
	}
}

func TestAFormIsNotSavedInTheNameOfWhoSignedInSince(t *testing.T) {
	t.Parallel()
	s := peopleSite(t)
	form := s.as(edgar).get("/places/1/edit").status(http.StatusOK).form("post")
	form.Set("name", "Edgar’s idea")

	// Mia signed in in another tab: there is one session in a browser.
	s.as(mia).send("/places/1", form.Values).status(http.StatusConflict).says("This form was open for someone else", "as Mia", "Nothing was done").leads("/places/1")

	// So it is with what writes no record, and with a button alone.
	s.as(edgar).add("/places", "name", "Edgar’s", "address", "1")
	undo := fmt.Sprintf("/history/%d/undo", s.newest())
	for action, page := range map[string]string{"/account/password": "/account", undo: "/history"} {
		whose := s.as(edgar).get(page).Find("main form[action='"+action+"'] input[name=as]").AttrOr("value", "")
		again := page
		if action == undo {
			again = undo
		}
		s.as(mia).post(action, "as", whose).status(http.StatusConflict).says("open for someone else").leads(again)
	}

	// Edgar signed out there, and Mia signs in where he pressed Save.
	kept := s.send("/places/1", form.Values).status(http.StatusUnauthorized).form("post").Get("kept")
	s.post("/sign-in", "name", mia, "password", password, "kept", kept).status(http.StatusOK).says("Somebody else had typed a form")
	s.as(mia).get("/places/1").says("Demon Dogs").silentAbout("Edgar’s idea")

	kept = s.send("/places/1", form.Values).status(http.StatusUnauthorized).form("post").Get("kept")
	s.post("/sign-in", "name", edgar, "password", password, "kept", kept).status(http.StatusSeeOther)
	s.as(mia).get("/places/1").says("Edgar’s idea")
}

// Someone who may only read by now, and was signed out by that, is told so and keeps what they typed.
func TestWhoMayNoLongerSaveAFormStillSeesWhatTheyTyped(t *testing.T) {
	t.Parallel()
	s := peopleSite(t)
	e := s.as(edgar)
	form := e.get("/places/new").status(http.StatusOK).form("post").with("name", "O’Hara’s <Bar>", "address", "1 Å Street")
	who, err := s.people.Named(t.Context(), edgar)
	if err != nil {
		t.Fatal(err)
	}
	s.as(mia).post(fmt.Sprint("/users/", who.ID), "role", "viewer").status(http.StatusSeeOther)
	kept := e.send("/places", form.Values).status(http.StatusUnauthorized).form("post").Get("kept")
	refused := s.post("/sign-in", "name", edgar, "password", password, "kept", kept).status(http.StatusForbidden).says("You can read here", "Nothing was saved", "O’Hara’s <Bar>", "1 Å Street")
	if refused.Find("header a[href='/account']").Text() != edgar {
		t.Error("the page does not say who is signed in now")
	}
	s.with(refused.given("maitred_session")).get("/places").status(http.StatusOK).silentAbout("O’Hara")
}

// A manager asks everyone for a second step while Edgar types; his session ends or goes on.
func TestWhoMustAddASecondStepFirstSeesWhatTheyTyped(t *testing.T) {
	t.Parallel()
	s := peopleSite(t)
	e := s.as(edgar)
	form := e.get("/places/new").status(http.StatusOK).form("post").with("name", "O’Hara’s <Bar>", "address", "1 Å Street")
	s.as(mia).post("/users/second-step", "required", "1").status(http.StatusSeeOther)
	shows := func(p *page) {
		t.Helper()
		p.status(http.StatusForbidden).says("Everyone needs a second step here", "Add a second step", "O’Hara’s <Bar>", "1 Å Street")
	}
	shows(e.send("/places", form.Values))
	s.later(account.Idle + time.Minute)
	kept := e.send("/places", form.Values).status(http.StatusUnauthorized).form("post").Get("kept")
	shows(s.post("/sign-in", "name", edgar, "password", password, "kept", kept))
}

// One browser: Edgar's form is open, Vera signs in beside it, her session ends, and his form is sent.
func TestAKeptFormIsOfWhomItWasShownToWhoeverWasSignedInLast(t *testing.T) {
	t.Parallel()
	s := peopleSite(t)
	form := s.as(edgar).get("/places/new").status(http.StatusOK).form("post").with("name", "Edgar’s secret", "address", "1")
	v := s.as(vera)
	s.later(account.Idle + time.Minute)
	kept := v.send("/places", form.Values).status(http.StatusUnauthorized).form("post").Get("kept")
	s.post("/sign-in", "name", vera, "password", password, "kept", kept).says("Somebody else had typed a form").silentAbout("Edgar’s secret")
	s.post("/sign-in", "name", edgar, "password", password, "kept", kept).status(http.StatusSeeOther)
}
