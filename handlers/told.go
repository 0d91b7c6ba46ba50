package handlers

import (
	"encoding/json"
	"time"

	"github.com/labstack/echo/v4"

	"maitred/views"
)

// toldCookie carries what the page after a write says once: a link, recovery codes, or a sentence. It is
// sealed for the person who wrote.
var toldCookie = cookie{name: "maitred_told", age: 2 * time.Minute}

// tellOnce lets the next page of the person say something.
func (a *app) tellOnce(c echo.Context, t views.Told) {
	words, _ := json.Marshal(t) // texts only
	toldCookie.set(c, a.Accounts.Carry(whoOf(c).ID, words))
}

// told takes up what the page is to say, once.
func (a *app) told(c echo.Context) (t views.Told) {
	sealed := toldCookie.value(c)
	if sealed == "" || partOf(c.Request()) != "" {
		return t
	}
	toldCookie.remove(c)
	if words, ok := a.Accounts.Carried(whoOf(c).ID, sealed); ok {
		_ = json.Unmarshal(words, &t) // as sealed
	}
	return t
}
