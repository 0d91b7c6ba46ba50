package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/views"
	"maitred/views/ui"
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
	rows, err := change.RowsOf(ctx, s, n, ui.Clean(c.QueryParam("kind")), after, historyPage+1)
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
	names := names{a, c, map[string]string{}}
	for i, r := range rows {
		if view[i], err = a.changeRow(r, names); err != nil {
			return err
		}
	}
	p := a.page(c, fmt.Sprintf("Change %d", n), nil)
	p.Here = "history"
	return render(c, http.StatusOK, views.ChangePage(p, ch, view, more))
}

// changeRow puts a recorded row into words: the columns that people know, and of those only what
// differs.
func (a *app) changeRow(r *change.Row, names names) (views.ChangeRow, error) {
	k := a.Graph.ByTable(r.Kind)
	view := views.ChangeRow{Label: r.Label, Effect: r.Effect()}
	if k == nil { // a kind that an older version knew
		return view, nil
	}
	view.Label = views.Title(change.Named(k, r.Label))
	if r.AfterKey != nil {
		view.Href = views.PathTo(k, *r.AfterKey)
	}
	before, err := image(r.Before)
	if err != nil {
		return view, fmt.Errorf("image of %s %d before change %d: %w", r.Kind, r.Identity, r.ChangeID, err)
	}
	after, err := image(r.After)
	if err != nil {
		return view, fmt.Errorf("image of %s %d after change %d: %w", r.Kind, r.Identity, r.ChangeID, err)
	}
	for _, col := range k.Columns {
		parent := k.ParentBy(col)
		if col.Inside || col == k.Key && parent == nil {
			continue
		}
		f := views.ChangedField{Name: col.Words()}
		if parent != nil {
			f.Name = parent.Name
		}
		if f.Before, err = names.shown(col, parent, before); err != nil {
			return view, err
		}
		if f.After, err = names.shown(col, parent, after); err != nil {
			return view, err
		}
		if f.Before != f.After {
			view.Fields = append(view.Fields, f)
		}
	}
	return view, nil
}

// image reads a recorded row; an empty one has no columns.
func image(text string) (columns map[string]any, err error) {
	if text == "" {
		return nil, nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber() // keys do not fit into a float
	return columns, d.Decode(&columns)
}

// names looks up, once for each page, what the records that a row belongs to are called.
type names struct {
	*app
	request echo.Context
	known   map[string]string
}

// shown is a recorded value as people read it; "" where there was no row.
func (n names) shown(col *graph.Column, parent *graph.Relation, image map[string]any) (string, error) {
	v, ok := image[col.Name]
	switch {
	case !ok:
		return "", nil
	case parent != nil:
		return n.of(parent.To, fmt.Sprint(v))
	case col.Type == graph.Boolean && fmt.Sprint(v) == "1":
		return "yes", nil
	case col.Type == graph.Boolean:
		return "no", nil
	default:
		return fmt.Sprint(v), nil
	}
}

// of is what the record with this key is called now, or its number when it is gone. A record that
// borrows its name from the parent that shares its key is looked up there: it may have moved away,
// and the parent is what was meant.
func (n names) of(k *graph.Kind, text string) (string, error) {
	for k.BorrowsLabel() && k.OneToOne() != nil {
		k = k.OneToOne().To
	}
	if name, ok := n.known[k.Table+text]; ok {
		return name, nil
	}
	name := k.Singular() + " " + text
	if key, err := strconv.ParseInt(text, 10, 64); err == nil {
		item, err := n.pagesOf(k).item(n.request.Request().Context(), storeOf(n.request), key)
		if err == nil {
			name = item.Label
		} else if !problem.Is(err, problem.NotFound) {
			return "", err
		}
	}
	n.known[k.Table+text] = name
	return name, nil
}
