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
	"maitred/views"
	"maitred/views/ui"
)

// change shows one change with its rows, page by page.
func (a *app) change(c echo.Context) error {
	n, err := id(c)
	if err != nil {
		return err
	}
	var view views.Change
	if err := a.lookAtChange(c, n, &view); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.ChangePage(view))
}

// lookAtChange reads all that the page of a change shows.
func (a *app) lookAtChange(c echo.Context, n int64, view *views.Change) (err error) {
	s, ctx := storeOf(c), c.Request().Context()
	if view.Change, err = change.Find(ctx, s, n); err != nil {
		return err
	}
	if err := mayLookAt(c, view.Change.Author); err != nil {
		return err
	}
	if view.Undoes != 0 {
		if view.Original, err = change.Find(ctx, s, view.Undoes); err != nil {
			return err
		}
	}
	if !view.Undoable() {
		if view.Undo, err = change.Find(ctx, s, view.UndoneBy); err != nil {
			return err
		}
	}
	after, _ := strconv.ParseInt(c.QueryParam("identity"), 10, 64)
	rows, err := change.RowsOf(ctx, s, n, ui.Clean(c.QueryParam("kind")), after, historyPage+1)
	if err != nil {
		return err
	}
	if len(rows) > historyPage {
		rows = rows[:historyPage]
		last := rows[historyPage-1]
		q := url.Values{"kind": {last.Kind}, "identity": {strconv.FormatInt(last.Identity, 10)}}
		view.More = templ.SafeURL("/history/" + strconv.FormatInt(n, 10) + "?" + q.Encode())
	}
	if view.Rows, err = a.changeRows(c, rows); err != nil {
		return err
	}
	view.Page = a.page(c, views.ChangeTitle(n), nil)
	view.Here = "history"
	return nil
}

// changeRows puts recorded rows into words.
func (a *app) changeRows(c echo.Context, rows []*change.Row) ([]views.ChangeRow, error) {
	shown := make([]views.ChangeRow, len(rows))
	before, after := make([]image, len(rows)), make([]image, len(rows))
	for i, r := range rows {
		var err error
		if before[i], err = readImage(r.Before); err != nil {
			return nil, fmt.Errorf("image of %s %d before change %d: %w", r.Kind, r.Identity, r.ChangeID, err)
		}
		if after[i], err = readImage(r.After); err != nil {
			return nil, fmt.Errorf("image of %s %d after change %d: %w", r.Kind, r.Identity, r.ChangeID, err)
		}
	}
	known, err := a.names(c, rows, before, after)
	if err != nil {
		return nil, err
	}
	for i, r := range rows {
		shown[i] = a.changeRow(r, before[i], after[i], known)
	}
	return shown, nil
}

// changeRow puts a recorded row into words: the columns that people know, and of those only what
// differs. Two parents differ though they have the same name.
func (a *app) changeRow(r *change.Row, before, after image, known names) views.ChangeRow {
	k := a.Graph.ByTable(r.Kind)
	if k == nil { // a kind that an older version knew
		return views.ChangeRow{Label: r.Label, Effect: r.Effect()}
	}
	view := views.ChangeRow{Label: views.Title(change.Named(k, r.Label)), Effect: r.Effect(), Cause: r.Cause}
	if r.AfterKey != nil {
		view.Href = views.PathTo(k, *r.AfterKey)
	}
	for _, col := range k.Columns {
		parent := k.ParentBy(col)
		if col.Inside || col == k.Key && parent == nil {
			continue
		}
		f := views.ChangedField{Name: col.Words(), Before: known.shown(col, parent, before), After: known.shown(col, parent, after)}
		if parent != nil {
			f.Name = parent.Name
		}
		was, _ := before.key(col)
		is, _ := after.key(col)
		if f.Before != f.After || parent != nil && was != is {
			view.Fields = append(view.Fields, f)
		}
	}
	return view
}

// image is a recorded row by its columns; nil where there was none.
type image map[string]any

func readImage(text string) (columns image, err error) {
	if text == "" {
		return nil, nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber() // keys do not fit into a float
	return columns, d.Decode(&columns)
}

// key reads a foreign key; false where there is no row.
func (i image) key(col *graph.Column) (int64, bool) {
	n, ok := i[col.Name].(json.Number)
	if !ok {
		return 0, false
	}
	key, err := n.Int64()
	return key, err == nil
}

// names is what the records that rows belong to, or belonged to, are called.
type names map[*graph.Kind]map[int64]string

// names asks once for each kind.
func (a *app) names(c echo.Context, rows []*change.Row, images ...[]image) (names, error) {
	keys := map[*graph.Kind][]int64{}
	for i, r := range rows {
		k := a.Graph.ByTable(r.Kind)
		if k == nil {
			continue
		}
		for _, up := range k.Parents {
			for _, image := range images {
				if key, ok := image[i].key(up.Column); ok {
					keys[up.To] = append(keys[up.To], key)
				}
			}
		}
	}
	known := names{}
	for k, list := range keys {
		var err error
		if known[k], err = change.Names(c.Request().Context(), storeOf(c), k, list); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// shown is a recorded value as people read it; "" where there was no row.
func (n names) shown(col *graph.Column, parent *graph.Relation, image image) string {
	v, ok := image[col.Name]
	switch {
	case !ok:
		return ""
	case parent != nil:
		key, _ := image.key(col)
		if name, ok := n[parent.To][key]; ok {
			return name
		}
		return parent.To.Singular() + " " + fmt.Sprint(v)
	case col.Type == graph.Boolean && fmt.Sprint(v) == "1":
		return "yes"
	case col.Type == graph.Boolean:
		return "no"
	default:
		return fmt.Sprint(v)
	}
}
