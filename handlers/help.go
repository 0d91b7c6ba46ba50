package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"maitred/views"
)

// help says what the words of the site mean, how its records are kept safe, and which keys there are.
func (a *app) help(c echo.Context) error {
	p := a.page(c, views.HelpTitle, nil)
	p.Here = "help"
	_, taken := tourOf(c)
	return render(c, http.StatusOK, views.HelpPage(p, taken))
}
