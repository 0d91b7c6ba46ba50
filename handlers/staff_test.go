package handlers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/uptrace/bun"

	"maitred/handlers"
	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
	"maitred/models/change"
)

// The staff of these tests.
var staff = []account.Who{
	{ID: 1, Name: "Vic", Role: account.Viewer},
	{ID: 2, Name: "Ed", Role: account.Editor},
	{ID: 3, Name: "Max", Role: account.Manager},
	{ID: 4, Name: "Eve", Role: account.Editor},
}

// employ turns a site on which nobody signed in into one with staff.
func (s *site) employ() *site {
	s.t.Helper()
	account.Cheaply()
	var err error
	if s.people, err = account.Open(context.Background(), s.Store, account.Beside(s.file), migrations.ApplySessions); err != nil {
		s.t.Fatal(err)
	}
	for _, who := range staff {
		if u, err := s.people.Add(context.Background(), account.Shell, who.Name, password, who.Role); err != nil || u.ID != who.ID {
			s.t.Fatal(u, err)
		}
	}
	s.answerBy(handlers.New(s.options("")))
	browsers := map[string]*site{}
	for _, who := range staff {
		browsers[who.Name] = s.as(who.Name)
	}
	s.browsers = browsers
	return s
}

// answerBy lets the site answer by another handler over the same database.
func (s *site) answerBy(h http.Handler) {
	s.t.Helper()
	s.bare = h
	s.watch()
	server := httptest.NewServer(s.Handler)
	s.url = server.URL
	stop := s.stop // which closes the accounts
	s.stop = func() { server.Close(); stop() }
}

func member(name string) account.Who {
	for _, who := range staff {
		if who.Name == name {
			return who
		}
	}
	return account.Who{}
}

// does lets somebody of the staff add a place, with that word as the form's token, and returns the
// number of the change.
func (s *site) does(name, place, token string) *change.Change {
	s.t.Helper()
	c, err := models.Places.Create(context.Background(), s.Store.By(member(name).ID, name), token, &models.Place{Name: place, Address: "1 Street"})
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// newStaff is the site of the article, whose records were there before anybody signed in, with staff.
func newStaff(t testing.TB) *site {
	t.Helper()
	return newSite(t).employ()
}

// author is who made a change; 0 for nobody.
func (s *site) author(number int) (id int64) {
	s.t.Helper()
	err := s.View(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw("SELECT coalesce((SELECT user_id FROM authors WHERE change_id = ?), 0)", number).Scan(ctx, &id)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}
