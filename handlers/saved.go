package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/saved"
	"maitred/models/text"
	"maitred/views"
	"maitred/views/ui"
)

// How many views a list offers, and how many the page that manages them shows.
const (
	menuViews = 30
	allViews  = 300
)

// savedViews are the views of a kind as a page offers them; asked is what the page itself shows.
func savedViews(c echo.Context, k *graph.Kind, asked url.Values, limit int) (menu views.Saved, err error) {
	found, more, err := saved.List(c.Request().Context(), storeOf(c), k, limit)
	if err != nil {
		return menu, err
	}
	setting, err := settingOf(c, k)
	if err != nil {
		return menu, err
	}
	menu = views.Saved{Kind: k, More: more, Query: kind.Canonical(asked), Hidden: hidden(c)}
	for _, v := range found {
		one := views.SavedView{View: v, Kind: k, Address: addressOf(k, v), Current: v.Query == menu.Query, Hidden: menu.Hidden}
		one.Shares = whoOf(c).Role.Writes()
		one.Start = setting.Start != nil && setting.Start.ID == v.ID
		var p *problem.Error
		if errors.As(v.Check(k), &p) {
			one.Wrong = p.Message
		}
		menu.Views = append(menu.Views, one)
	}
	if menu.Query != "" {
		menu.Form = saveForm(c, k, menu.Query)
		menu.Form.Hidden = menu.Hidden
	}
	return menu, nil
}

// saveForm saves a list's query as a view.
func saveForm(c echo.Context, k *graph.Kind, query string) *views.SavedForm {
	list := addressOf(k, &saved.View{Query: query})
	return &views.SavedForm{
		Kind: k, List: list, Back: list.URL(), Hidden: hidden(c), Shares: whoOf(c).Role.Writes(),
		Action: ui.Address{Path: list.Path + "/views", Query: list.Query}.URL(),
	}
}

// views shows all views of a kind that the person can open, with what can be done with each.
func (a *app) views(k *graph.Kind) echo.HandlerFunc {
	return func(c echo.Context) error {
		menu, err := savedViews(c, k, nil, allViews)
		if err != nil {
			return err
		}
		menu.Form = deleted(c, k, menu.Views)
		return render(c, http.StatusOK, views.SavedPage(a.page(c, views.ViewsTitle(k), k), menu))
	}
}

// deleted is the form that saves a view again that was just deleted, as the address tells of it;
// nil where there is none to be saved.
func deleted(c echo.Context, k *graph.Kind, now []views.SavedView) *views.SavedForm {
	f := asked(c)
	name, flaw := text.Line(f.Get("again"), 50)
	gone := saved.View{Query: f.Get("query")}
	is := func(v views.SavedView) bool { return v.Mine && v.Name == name }
	if flaw != text.Sound || gone.Query == "" || gone.Check(k) != nil || slices.ContainsFunc(now, is) {
		return nil
	}
	form := saveForm(c, k, kind.Canonical(gone.Address()))
	form.Draft = saved.Draft{Name: name, Shared: form.Shares && f.yes("shared"), Start: f.yes("start")}
	return form
}

// draft is what was filled in about a view. Errors: Forbidden for who may not share it.
func draft(c echo.Context, k *graph.Kind) (saved.Draft, error) {
	f := sent(c)
	d := saved.Draft{Name: f.Get("name"), Shared: f.yes("shared"), Start: f.yes("start"), Replace: f.yes("replace")}
	if d.Shared && !whoOf(c).Role.Writes() {
		return d, toViews(k, problem.New(problem.Forbidden, "You can keep views for yourself, but not share them with everybody, so nothing was saved. A manager can change that."))
	}
	return d, nil
}

// saveView keeps what the address asks of the list under a name.
func (a *app) saveView(k *graph.Kind) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, list := saving(c), listOf(c, k)
		d, err := draft(c, k)
		if err != nil {
			return err
		}
		err = saved.Save(c.Request().Context(), s, k, c.Request().URL.Query(), d)
		var p *problem.Error
		if errors.As(err, &p) && p.Code == problem.Invalid {
			form := saveForm(c, k, kind.Canonical(list.Query))
			form.Taken = errors.As(err, new(*saved.Taken))
			return a.showView(c, form, d, p)
		}
		if err != nil {
			return err
		}
		remember(c, s)
		return see(c, string(list.URL()), nil)
	}
}

// editView shows what the owner of a view can change about it.
func (a *app) editView(k *graph.Kind) echo.HandlerFunc {
	return func(c echo.Context) error {
		form, d, err := editForm(c, k)
		if err != nil {
			return err
		}
		return a.showView(c, form, d, nil)
	}
}

// editForm is the form of the view in the path. Errors: NotFound; Forbidden.
func editForm(c echo.Context, k *graph.Kind) (*views.SavedForm, saved.Draft, error) {
	v, err := viewIn(c, k)
	if err == nil {
		err = v.MayChange()
	}
	if err != nil {
		return nil, saved.Draft{}, toViews(k, err)
	}
	setting, err := settingOf(c, k)
	if err != nil {
		return nil, saved.Draft{}, err
	}
	form := &views.SavedForm{
		Kind: k, ID: v.ID, List: addressOf(k, v), Hidden: hidden(c), Shares: whoOf(c).Role.Writes(),
		Action: views.PathToViews(k, v.ID), Back: views.PathToViews(k, 0),
	}
	return form, saved.Draft{Name: v.Name, Shared: v.Shared, Start: setting.Start != nil && setting.Start.ID == v.ID}, nil
}

// changeView changes a view of the person. A form without a name only says whether to start with
// the view, which can be anybody's.
func (a *app) changeView(k *graph.Kind) echo.HandlerFunc {
	return func(c echo.Context) error {
		n, err := id(c)
		if err != nil {
			return toViews(k, err)
		}
		s, ctx, f := saving(c), c.Request().Context(), sent(c)
		d, err := draft(c, k)
		if err != nil {
			return err
		}
		if f.Has("name") {
			err = saved.Change(ctx, s, k, n, d)
		} else {
			err = saved.Start(ctx, s, k, n, d.Start)
		}
		var p *problem.Error
		if errors.As(err, &p) && p.Code == problem.Invalid {
			form, _, err := editForm(c, k)
			if err != nil {
				return err
			}
			return a.showView(c, form, d, p)
		}
		if err != nil {
			return toViews(k, err)
		}
		remember(c, s)
		return see(c, string(views.PathToViews(k, 0)), nil)
	}
}

// deleteView deletes a view of the person. The page after it offers to save it again.
func (a *app) deleteView(k *graph.Kind) echo.HandlerFunc {
	return func(c echo.Context) error {
		n, err := id(c)
		if err != nil {
			return toViews(k, err)
		}
		setting, err := settingOf(c, k)
		if err != nil {
			return err
		}
		v, err := saved.Delete(c.Request().Context(), storeOf(c), k, n)
		if err != nil {
			return toViews(k, err)
		}
		gone := url.Values{"again": {v.Name}, "query": {v.Query}}
		if v.Shared {
			gone.Set("shared", "1")
		}
		if setting.Start != nil && setting.Start.ID == n {
			gone.Set("start", "1")
		}
		return see(c, string(views.PathToViews(k, 0))+"?"+gone.Encode(), nil)
	}
}

// viewIn reads the view in the path. Errors: NotFound.
func viewIn(c echo.Context, k *graph.Kind) (*saved.View, error) {
	n, err := id(c)
	if err != nil {
		return nil, err
	}
	return saved.Find(c.Request().Context(), storeOf(c), k, n)
}

// toViews adds to an error the way to the views there are.
func toViews(k *graph.Kind, err error) error {
	return &onward{err, []views.Happened{{Sentence: "All views of the " + k.Plural(), Href: views.PathToViews(k, 0)}}}
}

// showView answers with a form about a view as it was filled in.
func (a *app) showView(c echo.Context, form *views.SavedForm, d saved.Draft, p *problem.Error) error {
	status := http.StatusOK
	if form.Draft, form.Problem = d, p; p != nil {
		status, form.Hidden = http.StatusUnprocessableEntity, again(c, sent(c))
	}
	return render(c, status, views.SavedFormPage(a.page(c, form.Title(), form.Kind), form))
}
