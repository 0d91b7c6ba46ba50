package handlers

import (
	"github.com/labstack/echo/v4"

	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/views"
	"maitred/views/ui"
)

// ask tells what an address asks of a list, in words; records that it names by key are called by
// their names.
func (a *app) ask(c echo.Context, k *graph.Kind, q kind.Query, list ui.Address) (views.Asked, error) {
	conditions := q.Conditions()
	names := views.Names{}
	for _, condition := range conditions {
		keys := condition.Keys()
		if keys == nil {
			continue
		}
		of, _ := condition.Record()
		found, err := kind.Names(c.Request().Context(), storeOf(c), of, keys[:min(len(keys), views.NameLimit)])
		if err != nil {
			return views.Asked{}, err
		}
		if names[of] == nil {
			names[of] = map[int64]string{}
		}
		for key, name := range found {
			names[of][key] = name
		}
	}
	return views.Ask(k, list, q.Search, q.Sort, conditions, names), nil
}

// whyLimit is how many things that were asked are tried without.
const whyLimit = 10

// why looks for what to ask less for. These are counts beside the page: one that fails is left out.
func (r resource[T]) why(c echo.Context, asked views.Asked, list ui.Address) *views.Empty {
	why := &views.Empty{}
	for _, chip := range asked.Chips[:min(len(asked.Chips), whyLimit)] {
		if !chip.Asks {
			continue
		}
		if way, ok := r.way(c, chip.Without); ok {
			way.Words = chip.Words
			why.Without = append(why.Without, way)
		}
	}
	if len(why.Without) > 0 {
		return why
	}
	if all, ok := r.way(c, ui.Address{Path: list.Path}); ok {
		why.All = &all
	}
	return why
}

// way counts what a list would show; ok is false where that is nothing, or cannot be counted.
func (r resource[T]) way(c echo.Context, list ui.Address) (views.Way, bool) {
	s := storeOf(c)
	k := r.kind.Kind(s)
	q, err := kind.ParseQuery(k, list.Query)
	if err != nil {
		return views.Way{}, false
	}
	n, more, err := r.kind.Found(c.Request().Context(), s, q)
	if err != nil || n == 0 {
		return views.Way{}, false
	}
	count := k.Counted(n)
	if more {
		count = "more than " + count
	}
	return views.Way{Count: count, To: list}, true
}
