package handlers_test

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"maitred/models/account"
)

// The people of these tests, and the password that all of them chose.
const (
	mia      = "Mia"   // a manager
	edgar    = "Edgar" // an editor
	vera     = "Vera"  // a viewer
	password = "three blue kettles"
)

// peopleSite is the site of the article where people sign in, and who they are: Mia manages, Edgar
// edits, Vera views. It is asked as nobody until one of them signs in.
func peopleSite(t testing.TB) *site {
	t.Helper()
	account.Cheaply()
	s := &site{t: t, file: filepath.Join(t.TempDir(), "maitred.db"), withPeople: true}
	s.start()
	t.Cleanup(func() { s.stop() })
	for name, role := range map[string]account.Role{mia: account.Manager, edgar: account.Editor, vera: account.Viewer} {
		if _, err := s.people.Add(context.Background(), account.Shell, name, password, role); err != nil {
			t.Fatal(err)
		}
	}
	m := s.as(mia)
	m.add("/places", "name", "Demon Dogs", "address", "944 W. Fullerton")
	m.add("/places", "name", "Ace Hardware", "address", "1013 N. Ashland")
	m.add("/restaurants", "place_id", demonDogs, "serves_hot_dogs", "1")
	m.add("/waiters", "restaurant_id", demonDogs, "name", "Joe")
	return s
}

// as is the same site for someone who signed in, without the form.
func (s *site) as(name string) *site {
	s.t.Helper()
	if name == "" {
		return s.with("")
	}
	if known := s.browsers[name]; known != nil {
		return known
	}
	u, err := s.people.Named(context.Background(), name)
	if err != nil {
		s.t.Fatal(err)
	}
	entered, err := s.people.Enter(context.Background(), u.ID, account.By{})
	if err != nil {
		s.t.Fatal(err)
	}
	c := s.with(entered.Word)
	c.device = entered.Device
	return c
}

// with is the same site for whoever has the word of a session.
func (s *site) with(word string) *site {
	c := *s
	c.session = word
	return &c
}

// signIn fills in the form, which must let in, and returns the site for who it is.
func (s *site) signIn(name, typed string, more ...string) *site {
	s.t.Helper()
	p := s.post("/sign-in", append([]string{"name", name, "password", typed}, more...)...).status(http.StatusSeeOther)
	c := s.with(p.given("maitred_session"))
	c.device = p.given("maitred_device")
	return c
}

// given is the value of a cookie that an answer sets, "" for none.
func (p *page) given(name string) string {
	for _, c := range (&http.Response{Header: p.Header}).Cookies() {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// later moves the clock of the accounts.
func (s *site) later(d time.Duration) {
	now := s.people.Now
	s.people.Now = func() time.Time { return now().Add(d) }
}
