package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/lookup"
	"maitred/models/problem"
	"maitred/views"
	"maitred/views/ui"
)

// filtering is one request to add a condition to a list, or to change one. It writes nothing: what
// comes of it is the list at another address.
type filtering struct {
	kind   *graph.Kind
	form   form
	list   ui.Address
	change *lookup.Condition // nil for a new one
	view   views.Filter
}

// filter shows the form as far as it is filled in, and leads to the list once it is.
func (r resource[T]) filter(a *app) echo.HandlerFunc {
	return func(c echo.Context) error {
		f, err := newFiltering(c, r.kind.Kind(storeOf(c)))
		if err != nil {
			return err
		}
		complete, err := f.read()
		if err == nil && complete {
			var to ui.Address
			if to, err = f.done(a, c); err == nil {
				return see(c, string(to.URL()), nil)
			}
		}
		status := http.StatusOK
		if err != nil {
			if !errors.As(err, &f.view.Problem) || f.view.Problem.Code != problem.Invalid {
				return err
			}
			status = http.StatusUnprocessableEntity
			inPlace(c)
		}
		return a.showFilter(c, status, f)
	}
}

// inPlace lets a form that is refused be replaced where it stands. Its attributes cannot say so: a
// list that it leads to may be refused as well, and is a page.
func inPlace(c echo.Context) {
	h := c.Response().Header()
	h.Set("HX-Retarget", "#filter")
	h.Set("HX-Reselect", "#filter")
	h.Set("HX-Reswap", "outerMorph")
	h.Set("HX-Push-Url", "false")
}

// newFiltering reads which list the form is about. Where the form stands above the list, that says
// last what it shows now. Errors: BadRequest.
func newFiltering(c echo.Context, k *graph.Kind) (*filtering, error) {
	f := &filtering{kind: k, form: asked(c), list: ui.Address{Path: "/" + k.Table}}
	lists := f.form.Values["list"]
	if len(lists) > 0 {
		query, err := url.ParseQuery(strings.TrimPrefix(lists[len(lists)-1], "?"))
		if err != nil {
			return nil, f.noList(problem.New(problem.BadRequest, "The list that this form is about cannot be read."))
		}
		f.list = ui.Address{Path: f.list.Path, Query: query}.Without("after", "before", "count")
	}
	q, err := kind.ParseQuery(k, f.list.Query)
	if err != nil {
		return nil, f.noList(err)
	}
	changed, _ := url.ParseQuery(f.form.Get("change")) // what cannot be read is no condition of the list
	for _, condition := range q.Conditions() {
		if slices.Contains(changed[condition.Name], condition.Value) {
			f.change = &condition
		}
	}
	return f, nil
}

func (f *filtering) noList(err error) error {
	return &onward{err, []views.Happened{{Sentence: views.ToWholeList, Href: ui.Address{Path: f.list.Path}.URL()}}}
}

// read takes up what is filled in, as far as it is. Errors: Invalid.
func (f *filtering) read() (complete bool, err error) {
	if f.change != nil && f.form.Get("what") == "" {
		f.view.FilterForm, _ = views.FilledFrom(f.kind, *f.change)
	} else {
		f.view.FilterForm = views.FilterForm{
			What: f.form.Get("what"), How: f.form.Get("how"), Value: f.form.Get("value"),
			Not: f.form.yes("not"), Exact: f.form.yes("exactly"),
		}
	}
	shown := f.form.yes(ui.Show)
	if f.view.What == "" {
		if !shown && (f.form.Has("next") || f.form.Has("value")) {
			return false, problem.At("what", "Choose what the condition is about.")
		}
		return false, nil
	}
	choice, ok := views.ChoiceOf(f.kind, f.view.What)
	if !ok {
		f.view.What = ""
		return false, problem.At("what", "%s cannot be asked for that here. Choose something from the list.", views.Title(f.kind.Plural()))
	}
	f.view.Choice = &choice
	f.view.FilterForm = f.view.FilterForm.For(choice)
	switch {
	case shown || f.form.Get("how") == "":
		return false, nil
	case !choice.Knows(f.view.How):
		return false, problem.At("how", "Choose how it is compared.")
	}
	return true, f.check(choice)
}

// check says what is wrong with the value. Errors: Invalid.
func (f *filtering) check(choice views.Choice) error {
	v := f.view.Value
	switch _, err := strconv.ParseInt(v, 10, 64); {
	case choice.Takes == views.TakesText && v == "":
		return problem.At("value", "Type the text to look for.")
	case choice.Takes == views.TakesNumber && err != nil:
		return problem.At("value", "Type a whole number, such as 3.")
	case choice.Takes == views.TakesRecord && err != nil:
		return problem.At("value", "Choose the %s first.", choice.Record.Singular())
	case (choice.Takes == views.TakesYesNo || choice.Takes == views.TakesWhether) && v != "true" && v != "false":
		return problem.At("value", "Choose one of the two.")
	}
	return nil
}

// done is the list with the condition. Errors: Invalid.
func (f *filtering) done(a *app, c echo.Context) (ui.Address, error) {
	choice := f.view.Choice
	if choice.Takes == views.TakesRecord {
		_, err := a.pagesOf(choice.Record).item(c.Request().Context(), storeOf(c), f.form.key("value"))
		if problem.Is(err, problem.NotFound) {
			return f.list, problem.At("value", "That %s does not exist, or was moved or deleted meanwhile. Choose another one.", choice.Record.Singular())
		}
		if err != nil {
			return f.list, err
		}
	}
	name := choice.Condition(f.view.FilterForm)
	to := f.list
	if f.change != nil {
		to = views.Dropped(to, *f.change)
	}
	if has := to.Query[name]; !slices.Contains(has, f.view.Value) {
		to = to.Without() // a copy
		to.Query[name] = append(slices.Clone(has), f.view.Value)
	}
	_, err := kind.ParseQuery(f.kind, to.Query)
	var p *problem.Error
	if errors.As(err, &p) { // what the form cannot know: too many of them, a text that cannot be read
		return f.list, problem.At("value", "%s", p.Message)
	}
	return to, err
}

// showFilter answers with the form.
func (a *app) showFilter(c echo.Context, status int, f *filtering) error {
	f.view.Kind, f.view.List, f.view.Changes = f.kind, f.list, f.change != nil
	f.view.Hidden = []ui.Param{views.Carried(f.list)}
	if f.change != nil {
		f.view.Hidden = append(f.view.Hidden, ui.Param{Name: "change", Value: url.Values{f.change.Name: {f.change.Value}}.Encode()})
	}
	if choice := f.view.Choice; choice != nil && choice.Takes == views.TakesRecord {
		p := ui.Picker{Name: "value", Query: "q", Legend: views.Which(choice.Record), Action: f.view.Action(), Search: f.form.Get("q"), TakenToo: true}
		p.Error = wrongAt(f.view.Problem, "value")
		chosen, _ := strconv.ParseInt(f.view.Value, 10, 64)
		if chosen != 0 {
			p.Chosen = strconv.FormatInt(chosen, 10)
		}
		if err := offerIn(c.Request().Context(), &p, a.pagesOf(choice.Record), storeOf(c), "", chosen); err != nil {
			return err
		}
		f.view.Picker = &p
	}
	f.view.Page = a.page(c, f.view.Heading(), f.kind)
	return render(c, status, views.FilterPage(f.view))
}
