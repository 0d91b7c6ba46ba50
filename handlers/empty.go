package handlers

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"maitred/models"
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

// why looks for what to ask less for. These are counts beside the page, for which there is half of a
// list's time, or what the list that began then has left of its own: one that fails is left out, and
// then nothing is said of what would not help.
func (r resource[T]) why(c echo.Context, began time.Time, asked views.Asked, list ui.Address) *views.Empty {
	ctx := c.Request().Context()
	if patience := storeOf(c).Patience; patience > 0 {
		limited, cancel := context.WithTimeout(ctx, min(patience/2, patience-time.Since(began)))
		defer cancel()
		ctx = limited
	}
	why, failed := &views.Empty{}, false
	for _, chip := range asked.Chips[:min(len(asked.Chips), whyLimit)] {
		if !chip.Asks {
			continue
		}
		way, some, err := r.way(ctx, storeOf(c), chip.Without)
		if failed = failed || err != nil; some {
			way.Words = chip.Words
			why.Without = append(why.Without, way)
		}
	}
	if len(why.Without) > 0 || failed {
		return why
	}
	if all, some, _ := r.way(ctx, storeOf(c), ui.Address{Path: list.Path}); some {
		why.All = &all
	}
	return why
}

// way counts what a list would show, and says whether that is anything.
func (r resource[T]) way(ctx context.Context, s *models.Store, list ui.Address) (way views.Way, some bool, err error) {
	k := r.kind.Kind(s)
	q, err := kind.ParseQuery(k, list.Query)
	if err != nil {
		return way, false, err
	}
	n, more, err := r.kind.Found(ctx, s, q)
	if err != nil || n == 0 {
		return way, false, err
	}
	count := k.Counted(n)
	if more {
		count = "more than " + count
	}
	return views.Way{Count: count, To: list}, true, nil
}
