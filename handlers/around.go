package handlers

import (
	"errors"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/views"
	"maitred/views/ui"
)

// A list remembers itself in a cookie, so that a record that was opened from it knows the way back
// and on to its neighbours. There is one for each kind.
func listCookie(k *graph.Kind) cookie { return cookie{name: "maitred_list_" + k.Table} }

// inField is the name in a record's address under which links from neighbour to neighbour carry the
// list. It beats the cookie, so that two windows with two lists do not mix.
const inField = "in"

// How long the address of a list may be, in bytes: to stand in another one, and to be remembered in a
// cookie. Those of all kinds are sent with every request, and must find room in its head.
const (
	maxList = 3000
	maxKept = 1000
)

// rememberList keeps the list in the cookie; what is too long is forgotten instead.
func rememberList(c echo.Context, k *graph.Kind, list url.Values) {
	text, cookie := k.Table+"?"+list.Encode(), listCookie(k)
	switch {
	case cookie.value(c) == text:
	case len(text) > maxKept:
		cookie.remove(c)
	default:
		cookie.set(c, text)
	}
}

// cameFrom is the list that the page of a record was opened from, and whether its address says so;
// nil for none.
func cameFrom(c echo.Context, k *graph.Kind) (list url.Values, said bool) {
	address := c.Request().URL.Query()
	text, said := address.Get(inField), address.Has(inField)
	if !said {
		ours := false
		if text, ours = strings.CutPrefix(listCookie(k).value(c), k.Table+"?"); !ours {
			return nil, false
		}
	}
	list, err := url.ParseQuery(text)
	if err != nil || len(text) > maxList {
		return nil, false
	}
	return list, said
}

// around is where a record stands in the list that it was opened from; nil when it was opened from
// none. A list that makes no sense, or takes too long, is no reason to refuse the record's page. One
// that does not show the record is told of only where that is news: after a step from neighbour to
// neighbour, or after a change.
func (r resource[T]) around(c echo.Context, key int64, changed bool) (*views.Around, error) {
	s := storeOf(c)
	k := r.kind.Kind(s)
	list, said := cameFrom(c, k)
	if list == nil {
		return nil, nil
	}
	var p *problem.Error
	q, err := kind.ParseQuery(k, list)
	if errors.As(err, &p) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := r.kind.Around(c.Request().Context(), s, q, key)
	if errors.As(err, &p) || err == nil && !found.In && !said && !changed {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if said && found.In {
		rememberList(c, k, list) // so that it is still known after a change, which carries no list
	}
	return &views.Around{Around: found, Kind: k, Filtered: q.Filtered(), List: ui.Address{Path: "/" + k.Table, Query: list}}, nil
}
