package handlers

import (
	"crypto/rand"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"maitred/models"
)

// Where nobody signs in, a person is a browser that saved something: it is known by a long random word
// in a cookie.

// personCookie carries who a person is, for as long as browsers keep a cookie.
var personCookie = cookie{name: "maitred_person", age: 400 * 24 * time.Hour}

// personOf returns who asks, "" for someone who saved nothing yet.
func personOf(c echo.Context) string {
	word := personCookie.value(c)
	if !isPerson(word) {
		return ""
	}
	return word
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

// remember lets the browser of a person who saved something be known from now on, where nobody signs in.
func remember(c echo.Context, s *models.Store) {
	if whoOf(c).ID == 0 {
		personCookie.set(c, s.Person)
	}
}
