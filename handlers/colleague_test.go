package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"maitred/models/account"
)

// people is a site where people sign in: Anna manages, Ben edits, Cleo looks.
type people struct {
	*site
	accounts        *account.Accounts
	anna, ben, cleo *account.User
}

func newPeople(t testing.TB) *people {
	t.Helper()
	account.Cheaply()
	p := &people{site: &site{t: t, file: filepath.Join(t.TempDir(), "maitred.db"), withPeople: true}}
	p.start()
	t.Cleanup(func() { p.stop() })
	p.accounts = p.site.people
	var err error
	for _, one := range []struct {
		u    **account.User
		name string
		role account.Role
	}{{&p.anna, "Anna", account.Manager}, {&p.ben, "Ben", account.Editor}, {&p.cleo, "Cleo", account.Viewer}} {
		if *one.u, err = p.accounts.Add(context.Background(), account.Shell, one.name, password, one.role); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// colleague is the browser of someone who signs in: it keeps cookies and says what it is.
type colleague struct {
	*people
	agent   string
	cookies map[string]string
}

// signedIn is a new browser of a person.
func (p *people) signedIn(u *account.User) *colleague {
	p.t.Helper()
	b := &colleague{people: p, agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", cookies: map[string]string{}}
	b.post("/sign-in", "name", u.Name, "password", password).status(http.StatusSeeOther)
	return b
}

func (b *colleague) get(path string, headers ...string) *page {
	b.t.Helper()
	return b.keep(b.do(b.with(b.request(http.MethodGet, path, "", headers...))))
}

func (b *colleague) post(path string, fields ...string) *page {
	b.t.Helper()
	return b.send(path, values(fields...))
}

func (b *colleague) send(path string, form url.Values, headers ...string) *page {
	b.t.Helper()
	headers = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)
	return b.keep(b.do(b.with(b.request(http.MethodPost, path, form.Encode(), headers...))))
}

// goes follows a redirect to an address.
func (b *colleague) goes(p *page, path string) *page {
	b.t.Helper()
	p.status(http.StatusSeeOther)
	if got := p.Header.Get("Location"); got != path {
		b.t.Fatalf("%s leads to %s, want %s", p.what, got, path)
	}
	return b.get(path).status(http.StatusOK)
}

func (b *colleague) with(r *http.Request) *http.Request {
	r.Header.Set("User-Agent", b.agent)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

func (b *colleague) keep(p *page) *page {
	for _, c := range (&http.Response{Header: p.Header}).Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			b.t.Errorf("%s: the cookie %s can be read by scripts, or comes from other sites", p.what, c.Name)
		}
		if b.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return p
}

// row is the row of a person in the table of people.
func (p *page) row(name string) *goquery.Selection {
	p.s.t.Helper()
	row := p.Find("main table tbody tr").FilterFunction(func(_ int, tr *goquery.Selection) bool {
		return squeezed(tr.Find("td a").First()) == name
	})
	if row.Length() != 1 {
		p.s.t.Fatalf("%s has %d rows of %s: %s", p.what, row.Length(), name, p.short())
	}
	return row
}

// pressIn sends the form in a part of a page that has a field or a button of this name.
func (b *colleague) pressIn(part *goquery.Selection, field, value string) *page {
	b.t.Helper()
	form := part.Find("form").Has("[name=" + field + "]")
	if form.Length() != 1 {
		b.t.Fatalf("%d forms have a field %s in: %s", form.Length(), field, squeezed(part))
	}
	return b.post(form.AttrOr("action", ""), field, value)
}

func path(u *account.User, more ...string) string {
	return strings.Join(append([]string{"/users", strconv.FormatInt(u.ID, 10)}, more...), "/")
}

func (p *people) now(u *account.User) *account.User {
	p.t.Helper()
	now, err := p.accounts.User(context.Background(), u.ID)
	if err != nil {
		p.t.Fatal(err)
	}
	return now
}

// later lets time pass for the accounts.
func (p *people) later(d time.Duration) {
	at := p.accounts.Now().Add(d)
	p.accounts.Now = func() time.Time { return at }
}

// by is a manager who does something outside the pages.
func (p *people) by() account.By { return account.By{ID: p.anna.ID, Name: p.anna.Name} }
