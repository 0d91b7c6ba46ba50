package handlers

import (
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"maitred/models"
)

// There are no accounts yet. A person is a browser that saved something: it is known by a long
// random word in a cookie. What accounts will replace is this file.

// personCookie carries who a person is, for as long as browsers keep a cookie.
const (
	personCookie = "maitred_person"
	personDays   = 400
)

// personOf returns who asks, "" for someone who saved nothing yet.
func personOf(r *http.Request) string {
	cookie, err := r.Cookie(personCookie)
	if err != nil || !isPerson(cookie.Value) {
		return ""
	}
	return cookie.Value
}

// isPerson says that a word is one that rand.Text made.
func isPerson(word string) bool {
	return len(word) == 26 && strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// saving returns the store of who is about to save something. Someone new takes the word that came
// with the form: pressed twice, it makes one person and not two.
func saving(c echo.Context) *models.Store {
	s := storeOf(c)
	if s.Person != "" {
		return s
	}
	if word := sent(c).Get(tokenField); isPerson(word) {
		return s.For(word)
	}
	return s.For(rand.Text())
}

// remember lets the browser of a person who saved something be known from now on.
func remember(c echo.Context, s *models.Store) {
	c.SetCookie(&http.Cookie{
		Name: personCookie, Value: s.Person, Path: "/", MaxAge: personDays * 24 * 60 * 60,
		HttpOnly: true, Secure: c.IsTLS(), SameSite: http.SameSiteLaxMode,
	})
}
