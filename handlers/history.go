package handlers

import (
	"maps"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"maitred/models/change"
	"maitred/views"
	"maitred/views/ui"
)

// historyPage is how many changes, or rows of a change, a page shows.
const historyPage = 50

// history lists the changes that the address asks for: all, those of one person, kind and day, or
// those of one record.
func (a *app) history(c echo.Context) error {
	address := c.Request().URL.Query()
	maps.DeleteFunc(address, func(_ string, values []string) bool { return len(values) == 1 && values[0] == "" }) // an empty field asks for nothing
	q, err := change.ParseQuery(a.Graph, address)
	if err != nil {
		return err
	}
	if q.Actor != "" && whoOf(c).Lists() != 0 {
		return ownOnly("You can look at your own changes only, not choose whose. What others changed stands on the page of each record.")
	}
	view := views.History{Query: q, Address: ui.Address{Path: "/history", Query: address}}
	s, ctx := storeOf(c), c.Request().Context()
	view.Page = a.page(c, views.HistoryTitle, nil)
	view.Here = "history"
	if q.Of != nil {
		if view.Record, err = change.ItemOf(ctx, s, q.Of, q.Identity); err != nil {
			return err
		}
		view.Title = "History of " + change.Named(q.Of, view.Record.Label)
	} else if q.Author = whoOf(c).Lists(); q.Author != 0 {
		view.Title = views.OwnHistoryTitle
	} else if view.Actors, err = change.Actors(ctx, s); err != nil {
		return err
	}
	var more bool
	if view.Changes, more, err = change.List(ctx, s, q, historyPage); err != nil {
		return err
	}
	if more {
		view.Older = strconv.FormatInt(view.Changes[historyPage-1].ID, 10)
	}
	return render(c, http.StatusOK, views.HistoryPage(view))
}
