package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"maitred/models/account"
)

func TestAManagerChangesInARowWhatAPersonMayDo(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	anna, ben := p.signedIn(p.anna), p.signedIn(p.ben)
	list := anna.get("/users").status(http.StatusOK)
	if row := squeezed(list.row("Cleo")); !strings.Contains(row, "never") {
		t.Errorf("Cleo never came, and the row says: %s", row)
	}
	if row := squeezed(list.row("Ben")); !strings.Contains(row, "just now") {
		t.Errorf("Ben is here, and the row says: %s", row)
	}
	if list.row("Ben").Find("option[selected]").AttrOr("value", "") != "editor" {
		t.Error("the row does not say what Ben may do")
	}
	after := anna.goes(anna.pressIn(list.row("Ben"), "role", "viewer"), "/users")
	after.says("Ben is now a viewer")
	if now := p.now(p.ben); now.Role != account.Viewer {
		t.Errorf("Ben is %s", now.Role)
	}
	ben.get("/places").status(http.StatusUnauthorized)
	anna.get("/users").silentAbout("is now a viewer") // it is said once
}

func TestAManagerSwitchesAPersonOffAndOnAgain(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	anna, ben := p.signedIn(p.anna), p.signedIn(p.ben)
	row := anna.get("/users").row("Ben")
	if row.Find("form [name=disabled][value='1']").Length() != 1 {
		t.Fatal("nothing in the row switches Ben off")
	}
	off := anna.goes(anna.pressIn(row, "disabled", "1"), "/users").says("switched off")
	ben.get("/places").status(http.StatusUnauthorized)
	ben.post("/sign-in", "name", "Ben", "password", password).status(http.StatusUnprocessableEntity)
	if off.row("Ben").Find("form [name=disabled][value='0']").Length() != 1 {
		t.Fatal("nothing in the row switches Ben on again")
	}
	anna.goes(anna.pressIn(off.row("Ben"), "disabled", "0"), "/users")
	ben.post("/sign-in", "name", "Ben", "password", password).status(http.StatusSeeOther)
}

func TestOnlyTheFormsInTheRowsChangeRoles(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	list := p.signedIn(p.anna).get("/users")
	if forms, rows := list.Find("form").Has("[name=role]").Length(), list.Find("main tbody tr").Length(); forms != rows {
		t.Errorf("%d forms change roles, and there are %d people", forms, rows)
	}
}

func TestTheLastManagerStaysAndTheRowSaysWhy(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	anna := p.signedIn(p.anna)
	for _, refused := range []*page{anna.post(path(p.anna), "role", "editor"), anna.post(path(p.anna), "disabled", "1")} {
		refused.status(http.StatusUnprocessableEntity)
		if row := squeezed(refused.row("Anna")); !strings.Contains(row, "only manager") {
			t.Errorf("the row of the last manager says: %s", row)
		}
		if row := squeezed(refused.row("Ben")); strings.Contains(row, "only manager") {
			t.Errorf("the row of someone else says: %s", row)
		}
	}
	if now := p.now(p.anna); now.Role != account.Manager || now.Disabled {
		t.Error("the last manager is none any more")
	}
	anna.goes(anna.post(path(p.ben), "role", "manager"), "/users")
	anna.post(path(p.anna), "role", "editor").status(http.StatusSeeOther) // someone else is one now
	anna.get("/users").status(http.StatusUnauthorized)
	if now := p.now(p.anna); now.Role != account.Editor {
		t.Errorf("Anna is %s", now.Role)
	}
}

func TestARoleThatThereIsNotIsRefusedAtTheRow(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	anna := p.signedIn(p.anna)
	for _, role := range []string{"", "owner", "Manager", "manager "} {
		refused := anna.post(path(p.ben), "role", role).status(http.StatusUnprocessableEntity)
		if row := squeezed(refused.row("Ben")); !strings.Contains(row, "viewer, editor or manager") {
			t.Errorf("role %q: the row says: %s", role, row)
		}
	}
	anna.post(path(p.ben), "name", "Bert").status(http.StatusBadRequest)
	anna.post(path(p.ben), "disabled", "maybe").status(http.StatusBadRequest)
	anna.post("/users/99", "role", "viewer").status(http.StatusNotFound).leads("/users")
	anna.get("/users/99").status(http.StatusNotFound).leads("/users")
	anna.get("/users/trail?person=99").status(http.StatusNotFound)
	if now := p.now(p.ben); now.Role != account.Editor || now.Name != "Ben" || now.Disabled {
		t.Errorf("Ben became %+v", now)
	}
}

func TestAnInvitationShowsItsLinkOnceAndTheLinkWorks(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	anna := p.signedIn(p.anna)
	anna.get("/users").leads("/users/new")
	form := anna.get("/users/new").status(http.StatusOK).form("post")
	form.Set("name", "Dora")
	form.Set("role", "editor")
	written := anna.send(form.action, form.Values)
	for _, c := range written.Header.Values("Set-Cookie") {
		if strings.Contains(c, "link=") || strings.Contains(written.Header.Get("Location"), "link") {
			t.Errorf("the link can be read on the way: %s", c)
		}
	}
	shown := anna.goes(written, "/users").says("works once and for three days", "Dora")
	link, err := url.Parse(shown.Find("main input#link").AttrOr("value", ""))
	if err != nil || link.Host != strings.TrimPrefix(p.url, "http://") || link.Scheme != "http" || link.Path != "/welcome" {
		t.Fatalf("the link is %v, %v", link, err)
	}
	if row := squeezed(shown.row("Dora")); !strings.Contains(row, "invited") {
		t.Errorf("the row of someone invited says: %s", row)
	}
	if again := anna.get("/users"); again.Find("main input#link").Length() != 0 {
		t.Error("the link is shown twice")
	}
	who, err := p.accounts.Redeem(context.Background(), link.Query().Get("link"), "", "seven swans a-swimming", account.By{})
	if err != nil || who.Name != "Dora" || who.Role != account.Editor {
		t.Errorf("the link is for %v, %v", who, err)
	}
}

func TestAnInvitationThatIsRefusedKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	anna := p.signedIn(p.anna)
	taken := anna.post("/users", "name", "BEN", "role", "manager").status(http.StatusUnprocessableEntity)
	taken.saysAt("name", "a person of this name already").keeps("name", "BEN").keeps("role", "manager")
	anna.post("/users", "name", "Dora", "role", "owner").status(http.StatusUnprocessableEntity).says("viewer, editor or manager")
	anna.post("/users", "name", " ", "role", "viewer").status(http.StatusUnprocessableEntity).saysAt("name", "missing")
	anna.post("/users", "name", "someone", "role", "viewer").status(http.StatusUnprocessableEntity).saysAt("name", "means someone else")
	if n := anna.get("/users").Find("main tbody tr").Length(); n != 3 {
		t.Errorf("there are %d people", n)
	}
}

func TestOnThePageOfAPersonAManagerSignsThemOutAndMakesALink(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	anna, ben := p.signedIn(p.anna), p.signedIn(p.ben)
	anna.get(path(p.ben)).status(http.StatusOK).says("signed in", "An editor")
	anna.goes(anna.post(path(p.ben, "sign-out")), path(p.ben)).says("signed out everywhere")
	ben.get("/places").status(http.StatusUnauthorized)
	if shown := anna.goes(anna.post(path(p.ben, "link")), "/users"); shown.Find("main input#link").Length() != 1 {
		t.Error("no link is shown")
	}
	anna.post(path(p.ben), "disabled", "1").status(http.StatusSeeOther)
	anna.post(path(p.ben, "link")).status(http.StatusUnprocessableEntity).says("switched off").leads("/users")
}

func TestWhatBelongsToManagersIsRefusedToOthers(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	for _, b := range []*colleague{p.signedIn(p.ben), p.signedIn(p.cleo)} {
		for _, address := range []string{"/users", "/users/new", "/users/trail", path(p.anna), path(p.cleo)} {
			b.get(address).status(http.StatusForbidden).silentAbout("Anna")
		}
		for address, fields := range map[string][]string{
			"/users":                    {"name", "Mallory", "role", "manager"},
			path(p.cleo):                {"role", "manager"},
			path(p.anna):                {"disabled", "1"},
			path(p.anna, "sign-out"):    nil,
			path(p.anna, "link"):        nil,
			path(p.anna, "second-step"): nil,
			"/users/second-step":        {"required", "1"},
		} {
			b.post(address, fields...).status(http.StatusForbidden)
		}
		b.get("/account").status(http.StatusOK)
	}
	if people, err := p.accounts.Users(context.Background()); err != nil || len(people) != 3 || p.now(p.anna).Disabled || p.now(p.cleo).Role != account.Viewer {
		t.Errorf("something was changed: %v", err)
	}
	stranger := &colleague{people: p, cookies: map[string]string{}}
	for _, address := range []string{"/users", "/account", "/account/second-step"} {
		stranger.get(address).status(http.StatusUnauthorized)
	}
}

func TestAManagerAsksEveryoneForASecondStep(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	anna := p.signedIn(p.anna)
	anna.get("/users").says("Everyone decides for themselves", "Anna", "Without one as yet")
	asked := anna.post("/users/second-step", "required", "1").status(http.StatusSeeOther)
	if to := asked.Header.Get("Location"); to != "/users" {
		t.Errorf("leads to %s", to)
	}
	anna.goes(anna.get("/users"), "/account/second-step").says("you have none yet", "Everyone signs in with a second step from now on")
	ben := p.signedIn(p.ben)
	ben.addStep()
	ben.get("/account").says("Everyone needs one here")
	anna.post("/users/second-step", "required", "perhaps").status(http.StatusForbidden).leads("/account/second-step")
	anna.addStep()
	anna.get("/users").says("Everyone signs in with a second step", "Without one as yet: Cleo.")
	anna.post("/users/second-step", "required", "perhaps").status(http.StatusBadRequest)
	anna.goes(anna.post("/users/second-step", "required", "0"), "/users").says("Everyone decides")
	anna.goes(anna.post(path(p.ben, "second-step")), path(p.ben)).says("no second step any more")
	if p.now(p.ben).SecondStep {
		t.Error("Ben still has a second step")
	}
}

func TestTheTrailTellsNewestFirstAndGoesOnByPages(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	anna := p.signedIn(p.anna)
	for i := range 120 {
		if err := p.accounts.SetDisabled(t.Context(), account.By{Name: "Anna"}, p.ben.ID, i%2 == 0); err != nil {
			t.Fatal(err)
		}
	}
	anna.post(path(p.cleo), "role", "editor").status(http.StatusSeeOther)
	seen, at := []string{}, "/users/trail?person="
	for pages := 0; at != "" && pages < 9; pages++ {
		trail := anna.get(at).status(http.StatusOK)
		for _, li := range trail.Find("main .changes li").EachIter() {
			seen = append(seen, squeezed(li.Find("span").First()))
			if li.Find("time[datetime][title]").Length() != 1 {
				t.Fatalf("no time at %s", squeezed(li))
			}
		}
		at = trail.Find("main a[rel=next]").AttrOr("href", "")
	}
	if len(seen) != 125 || seen[0] != "Anna made Cleo, who was viewer, editor" || seen[124] != "The command line added Anna as manager" {
		t.Errorf("the trail has %d lines, from %q to %q", len(seen), seen[0], seen[len(seen)-1])
	}
	cleo := anna.get("/users/trail?person=" + path(p.cleo)[len("/users/"):])
	if n := cleo.Find("main .changes li").Length(); n != 2 {
		t.Errorf("%d lines are about Cleo: %s", n, cleo.short())
	}
	part := anna.get("/users/trail?person=3", "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#list")
	if part.Find("h1").Length() != 0 || part.Find("#list .changes li").Length() != 2 {
		t.Errorf("the part is %s", part.Body)
	}
	anna.get("/users/trail?before=x").status(http.StatusBadRequest)
}
