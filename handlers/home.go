package handlers

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"

	"github.com/labstack/echo/v4"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/views"
	"maitred/views/ui"
)

// How much of what there is the home page shows.
const (
	homeNamed   = 5  // of those that need the same
	homeViews   = 10 // of each kind
	homeChanges = 6
	homeDays    = 14
)

func (a *app) home(c echo.Context) error {
	s, ctx := storeOf(c), c.Request().Context()
	var h views.Home
	var all int64
	for _, k := range a.menu() {
		n, err := kind.Count(ctx, s, k)
		if err != nil {
			return err
		}
		h.Totals = append(h.Totals, views.Total{Kind: k, Count: n})
		all += n
	}
	if all == 0 {
		return render(c, http.StatusOK, views.WelcomePage(a.page(c, views.WelcomeTitle, nil), hidden(c)))
	}
	if err := a.look(c, &h); err != nil {
		return err
	}
	h.Page = a.page(c, views.HomeTitle, nil)
	return render(c, http.StatusOK, views.HomePage(h))
}

// look reads what the home page tells of each kind that has records, and what was done of late.
func (a *app) look(c echo.Context, h *views.Home) (err error) {
	s, ctx, author := storeOf(c), c.Request().Context(), whoOf(c).Lists()
	for i, p := range a.resources {
		menu, err := savedViews(c, p.kindIn(a.Graph), nil, homeViews)
		if err != nil {
			return err
		}
		h.Saved = append(h.Saved, menu)
		if h.Totals[i].Count == 0 {
			continue
		}
		needed, err := p.needed(ctx, s)
		if err != nil {
			return err
		}
		pictured, err := p.pictured(ctx, s)
		if err != nil {
			return err
		}
		h.Needs, h.Pictures = append(h.Needs, needed...), append(h.Pictures, pictured...)
	}
	if h.Last, _, err = change.List(ctx, s, change.Query{Author: author}, homeChanges); err != nil {
		return err
	}
	h.Days, err = change.Days(ctx, s, author, homeDays)
	return err
}

// question is what a kind's own file asks of its list: its address, and the query as the list reads it.
func question(k *graph.Kind, asks string) (list ui.Address, q kind.Query, err error) {
	address, err := url.ParseQuery(asks)
	if err == nil {
		q, err = kind.ParseQuery(k, address)
	}
	if err != nil {
		return list, q, fmt.Errorf("%s cannot be asked for “%s”: %w", k.Table, asks, err)
	}
	return ui.Address{Path: "/" + k.Table, Query: address}, q, nil
}

// needed is what records of the kind need, with the first of each.
func (r resource[T]) needed(ctx context.Context, s *models.Store) (all []views.Needed, err error) {
	k := r.kind.Kind(s)
	for _, need := range r.needs {
		list, q, err := question(k, need.Query)
		if err != nil {
			return nil, err
		}
		counts, err := kind.Tally(ctx, s, q)
		if err != nil {
			return nil, err
		}
		n := views.Needed{Need: need, Kind: k, Count: counts[0], List: list}
		rows, _, err := r.kind.First(ctx, s, q, homeNamed)
		if err != nil && !problem.Is(err, problem.TooLong) { // their number and the list are worth the page
			return nil, err
		}
		for _, row := range rows {
			n.First = append(n.First, change.Item{Kind: k, Key: k.Key.Value(reflect.ValueOf(row)).(int64), Label: r.option(row).Label})
		}
		all = append(all, n)
	}
	return all, nil
}

// pictured is what is drawn of the kind, counted.
func (r resource[T]) pictured(ctx context.Context, s *models.Store) (all []views.Pictured, err error) {
	k := r.kind.Kind(s)
	for _, p := range r.drawn {
		lists, questions := make([]ui.Address, len(p.Parts)), make([]kind.Query, len(p.Parts))
		for i, part := range p.Parts {
			if lists[i], questions[i], err = question(k, part.Query); err != nil {
				return nil, err
			}
		}
		counts, err := kind.Tally(ctx, s, questions...)
		if err != nil {
			return nil, err
		}
		drawn := views.Pictured{Picture: p}
		for i, part := range p.Parts {
			drawn.Parts = append(drawn.Parts, views.PartOf(part, lists[i], counts[i]))
		}
		all = append(all, drawn)
	}
	return all, nil
}

func (a *app) loadSample(c echo.Context) error {
	done, err := models.LoadSample(c.Request().Context(), storeOf(c), token(c))
	if err != nil {
		return err
	}
	return see(c, "/places", done)
}
