package handlers

import (
	"log/slog"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/saved"
	"maitred/views"
	"maitred/views/ui"
)

// settingsKey is under what a request carries what its person chose.
const settingsKey = "settings"

// settings are what the person chose, for all kinds; asked for once in a request.
func settings(c echo.Context) ([]saved.Setting, error) {
	if known, ok := c.Get(settingsKey).([]saved.Setting); ok {
		return known, nil
	}
	all, err := saved.Settings(c.Request().Context(), storeOf(c))
	if err == nil {
		c.Set(settingsKey, all)
	}
	return all, err
}

// settingOf is what the person chose for one kind; the zero Setting for nothing.
func settingOf(c echo.Context, k *graph.Kind) (saved.Setting, error) {
	all, err := settings(c)
	for _, one := range all {
		if one.Kind == k.Table {
			return one, err
		}
	}
	return saved.Setting{}, err
}

// starts are the views to which the menu leads this person. One that is no longer understood is
// left out: the menu then leads to all there is.
func (a *app) starts(c echo.Context) (starts []views.Start) {
	all, err := settings(c)
	if err != nil { // the menu is not worth an error page
		a.Log.Warn("the views to start with could not be read", slog.String("error", unspoken(err, c.Request())))
	}
	for _, one := range all {
		if k := a.Graph.ByTable(one.Kind); k != nil && one.Start != nil && one.Start.Check(k) == nil {
			starts = append(starts, views.Start{Kind: k, Href: addressOf(k, one.Start).URL()})
		}
	}
	return starts
}

// chooseColumns keeps which columns of the list a person wants to see and how many rows a page has.
func (r resource[T]) chooseColumns(a *app) echo.HandlerFunc {
	return func(c echo.Context) error {
		k, f := r.kindIn(a.Graph), sent(c)
		list := listOf(c, k)
		rows, _ := strconv.Atoi(f.Get("rows"))
		s := saving(c)
		if err := saved.Choose(c.Request().Context(), s, k, r.wanted(f.Values["column"]), rows); err != nil {
			return &onward{err, []views.Happened{{Sentence: views.ToList, Href: list.URL()}}}
		}
		remember(c, s)
		return see(c, string(list.URL()), nil)
	}
}

// wanted are the columns of the kind that were ticked, nil for those that everybody sees: who
// chooses these is shown what is added to them later.
func (r resource[T]) wanted(ticked []string) []string {
	names, usual := []string{}, true
	for _, column := range r.columns {
		is := slices.Contains(ticked, column.Name)
		if is {
			names = append(names, column.Name)
		}
		usual = usual && is != column.Asked
	}
	if usual {
		return nil
	}
	return names
}

// listOf is the list that an address under it speaks of, at its first page.
func listOf(c echo.Context, k *graph.Kind) ui.Address {
	return addressOf(k, &saved.View{Query: kind.Canonical(c.Request().URL.Query())})
}

// addressOf is where a view shows its list.
func addressOf(k *graph.Kind, v *saved.View) ui.Address {
	return ui.Address{Path: "/" + k.Table, Query: v.Address()}
}
