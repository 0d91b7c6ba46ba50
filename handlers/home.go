package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/kind"
	"maitred/views"
)

func (a *app) home(c echo.Context) error {
	s, ctx := storeOf(c), c.Request().Context()
	var totals []views.Total
	var all int64
	for _, k := range a.menu() {
		n, err := kind.Count(ctx, s, k)
		if err != nil {
			return err
		}
		totals = append(totals, views.Total{Kind: k, Count: n})
		all += n
	}
	if all == 0 {
		return render(c, http.StatusOK, views.WelcomePage(a.page(c, "Welcome", nil), hidden(c)))
	}
	last, _, err := change.List(ctx, s, change.Query{Author: whoOf(c).Lists()}, 10)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.HomePage(a.page(c, "The front desk", nil), totals, last))
}

func (a *app) loadSample(c echo.Context) error {
	done, err := models.LoadSample(c.Request().Context(), storeOf(c), token(c))
	if err != nil {
		return err
	}
	return see(c, "/places", done)
}
