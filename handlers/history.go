package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/views"
)

// historyPage is how many changes, or rows of a change, a page shows.
const historyPage = 50

func (a *app) history(c echo.Context) error {
	var before int64
	if text := c.QueryParam("before"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			return problem.New(problem.BadRequest, "The address names a page that cannot be found. Start again from the newest change.")
		}
		before = n
	}
	list, err := change.List(c.Request().Context(), storeOf(c), before, historyPage+1)
	if err != nil {
		return err
	}
	var older int64
	if len(list) > historyPage {
		list = list[:historyPage]
		older = list[historyPage-1].ID
	}
	p := a.page(c, "History", nil)
	p.Here = "history"
	return render(c, http.StatusOK, views.HistoryPage(p, list, before == 0, older))
}

func (a *app) change(c echo.Context) error {
	n, err := id(c)
	if err != nil {
		return err
	}
	s, ctx := storeOf(c), c.Request().Context()
	ch, err := change.Find(ctx, s, n)
	if err != nil {
		return err
	}
	after, _ := strconv.ParseInt(c.QueryParam("identity"), 10, 64)
	rows, err := change.RowsOf(ctx, s, n, c.QueryParam("kind"), after, historyPage+1)
	if err != nil {
		return err
	}
	var more templ.SafeURL
	if len(rows) > historyPage {
		rows = rows[:historyPage]
		last := rows[historyPage-1]
		q := url.Values{"kind": {last.Kind}, "identity": {strconv.FormatInt(last.Identity, 10)}}
		more = templ.SafeURL("/history/" + strconv.FormatInt(n, 10) + "?" + q.Encode())
	}
	view := make([]views.ChangeRow, len(rows))
	for i, r := range rows {
		if view[i], err = a.changeRow(r); err != nil {
			return err
		}
	}
	p := a.page(c, fmt.Sprintf("Change %d", n), nil)
	p.Here = "history"
	return render(c, http.StatusOK, views.ChangePage(p, ch, view, more))
}

// changeRow puts a recorded row into words: the columns that people know, and of those only what
// differs.
func (a *app) changeRow(r *change.Row) (views.ChangeRow, error) {
	k := a.Graph.ByTable(r.Kind)
	view := views.ChangeRow{Label: r.Label, Effect: r.Effect()}
	if k == nil {
		return view, nil
	}
	view.Label = views.Title(change.Named(k, r.Label))
	if r.AfterKey != nil {
		view.Href = views.PathTo(k, *r.AfterKey)
	}
	before, after := map[string]any{}, map[string]any{}
	for text, image := range map[string]map[string]any{r.Before: before, r.After: after} {
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), &image); err != nil {
			return view, fmt.Errorf("read the image of %s %d: %w", r.Kind, r.Identity, err)
		}
	}
	for _, col := range k.Columns {
		if f := (views.ChangedField{Name: col.Words(), Before: shown(col, before), After: shown(col, after)}); !col.Inside && f.Before != f.After {
			view.Fields = append(view.Fields, f)
		}
	}
	return view, nil
}

// shown is a recorded value as people read it; "" where there was no row.
func shown(col *graph.Column, image map[string]any) string {
	v, ok := image[col.Name]
	if !ok {
		return ""
	}
	if col.Type == graph.Boolean {
		if v == float64(0) || v == false {
			return "no"
		}
		return "yes"
	}
	return fmt.Sprint(v)
}
