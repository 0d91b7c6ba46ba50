package handlers

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/views"
	"maitred/views/ui"
)

// many is one request to change several records at once: those that were ticked in a list, or all
// that the list's query finds. The query stands in the address, what was ticked in the body.
type many struct {
	kind   *graph.Kind
	of     *change.Selection
	ticked int64 // how many were ticked; 0 when all are meant
	form   form
	list   ui.Address
	view   views.Many
}

// task reads from the form what is to be done with many records. chosen is false as long as the
// person has not said all of it. The operation is one that can be planned all the same.
type task func(c echo.Context, m *many) (op change.Operation, chosen bool, err error)

// deleteMany deletes records with all that belongs to them.
func (r resource[T]) deleteMany(a *app) echo.HandlerFunc {
	return r.many(a, func(_ echo.Context, m *many) (change.Operation, bool, error) {
		m.view.Heading = "Delete"
		return change.Delete{Kind: m.kind, Of: m.of}, true, nil
	})
}

// moveMany brings records to one parent.
func (r resource[T]) moveMany(a *app) echo.HandlerFunc {
	return r.many(a, func(c echo.Context, m *many) (change.Operation, bool, error) {
		rel := m.kind.Home()
		field := rel.Column.Name
		to := m.form.key(field)
		picker, err := a.picker(c, rel, m.form, to, string(m.view.Address.URL()))
		if err != nil {
			return nil, false, err
		}
		picker.Legend, picker.Post, picker.TakenToo = views.ToWhich(rel.To), true, true
		m.view.Heading, m.view.Picker = "Move", &picker
		op := change.MoveMany{Kind: m.kind, Of: m.of, To: to}
		if to == 0 && m.form.Get(field) != "" {
			return op, true, problem.At(field, "Choose the %s first.", rel.To.Singular())
		}
		return op, to != 0, nil
	})
}

// setMany answers the kind's yes-or-no questions for records.
func (r resource[T]) setMany(a *app) echo.HandlerFunc {
	return r.many(a, func(_ echo.Context, m *many) (change.Operation, bool, error) {
		m.view.Heading = r.words.WordsOr(m.kind).Set + ":"
		op := change.SetMany{Kind: m.kind, Of: m.of}
		var wrong error
		for _, c := range m.kind.Questions() {
			answer := m.form.Get(c.Name)
			m.view.Questions = append(m.view.Questions, views.Question{Name: c.Name, Label: views.Title(c.Words()) + "?", Answer: answer})
			switch answer {
			case "":
			case "true", "false":
				op.To = append(op.To, change.Answer{Column: c, Yes: answer == "true"})
			default:
				wrong = problem.At(c.Name, "%s: choose yes, no, or to leave it as it is.", views.Title(c.Words()))
			}
		}
		return op, op.To != nil || wrong != nil, wrong
	})
}

// many shows what would happen, and does it when the form that was shown comes back.
func (r resource[T]) many(a *app, read task) echo.HandlerFunc {
	return func(c echo.Context) error {
		m, err := r.chosen(a, c)
		if err != nil {
			return err
		}
		op, chosen, err := read(c, m)
		var wrong *problem.Error
		if err != nil && !errors.As(err, &wrong) {
			return err
		}
		m.view.Chosen = chosen
		fingerprint := m.form.Get(fingerprintField)
		if fingerprint == "" || m.form.yes(ui.Show) || wrong != nil || !chosen {
			return a.showMany(c, m, op, wrong, nil)
		}
		done, err := commit(c, op, change.Form{Token: token(c), Fingerprint: fingerprint})
		var stale *change.Stale
		switch {
		case errors.As(err, &stale):
			return a.showMany(c, m, op, nil, a.sinceShown(c, stale.Since))
		case problem.Is(err, problem.TooLong):
			return m.back(err)
		case err != nil:
			return err
		case done == nil: // everything is as it should be already
			return a.showMany(c, m, op, nil, nil)
		}
		return see(c, withQuery(c, m.list.Path), done)
	}
}

// chosen reads which records a request is about. Errors: BadRequest; Invalid when there are none.
func (r resource[T]) chosen(a *app, c echo.Context) (*many, error) {
	k := r.kind.Kind(storeOf(c))
	address := c.Request().URL.Query()
	m := &many{kind: k, form: sent(c), list: ui.Address{Path: "/" + k.Table, Query: address}}
	q, err := kind.ParseQuery(k, address)
	if err != nil {
		return nil, &onward{err, []views.Happened{{Sentence: views.ToWholeList, Href: ui.Address{Path: m.list.Path}.URL()}}}
	}
	m.view.Kind, m.view.List = k, m.list
	m.view.Address = ui.Address{Path: c.Request().URL.Path, Query: address}
	if m.form.yes("all") {
		m.of, m.view.All, m.view.Hidden = q.Selection(), true, []ui.Param{{Name: "all", Value: "1"}}
		m.view.Asked, err = a.ask(c, k, q, m.list)
		return m, err
	}
	var keys []int64
	for _, text := range m.form.Values["id"] {
		key, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, m.back(problem.New(problem.BadRequest, "One of the ticked %s has “%.40s” for its number, which is none. Nothing was done.",
				k.Plural(), ui.Clean(text)))
		}
		keys = append(keys, key)
	}
	if keys == nil {
		return nil, m.back(problem.New(problem.Invalid, "No %s is ticked, so there is nothing to do. Go back to the list and tick some, or all that match.", k.Singular()))
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	for _, key := range keys {
		m.view.Hidden = append(m.view.Hidden, ui.Param{Name: "id", Value: strconv.FormatInt(key, 10)})
	}
	m.of, m.ticked = change.Keys(k, keys), int64(len(keys))
	return m, nil
}

// showMany answers with the preview as of now. wrong is why the form cannot be understood; since, if
// not nil, is what happened after the plan was shown.
func (a *app) showMany(c echo.Context, m *many, op change.Operation, wrong *problem.Error, since []views.Happened) error {
	plan, err := change.Preview(c.Request().Context(), storeOf(c), op)
	var p *problem.Error
	if problem.Is(err, problem.TooLong) {
		return m.back(err)
	}
	if err != nil && (!errors.As(err, &p) || p.Code != problem.Invalid) {
		return err
	}
	status := http.StatusOK
	switch {
	case since != nil:
		status = http.StatusConflict
	case wrong != nil || p != nil && m.view.Chosen:
		status = http.StatusUnprocessableEntity
	}
	if plan == nil || plan.Of == nil || plan.Of.Count == 0 {
		return m.none(p, since)
	}
	m.view.Plan, m.view.Since = plan, since
	m.view.Gone = max(0, m.ticked-plan.Of.Count)
	if m.view.Problem = wrong; wrong == nil && m.view.Chosen {
		m.view.Problem = p
	}
	if p == nil && wrong == nil && len(plan.Steps) > 0 {
		m.view.Confirm = hidden(c, fingerprintField, plan.Fingerprint())
	}
	m.view.Page = a.page(c, m.view.Title(), m.kind)
	return render(c, status, views.ManyPage(m.view))
}

// none says that there are no such records, or none any more.
func (m *many) none(p *problem.Error, since []views.Happened) error {
	if since == nil {
		return m.back(p)
	}
	sentence := "None of the " + m.kind.Plural() + " that were meant is left, so nothing was done."
	if len(since) > 0 {
		sentence += " This happened since you looked:"
	}
	return m.back(problem.New(problem.Conflict, "%s", sentence), since...)
}

// back is an error that leads to these pages and back to the list.
func (m *many) back(err error, to ...views.Happened) error {
	return &onward{err, append(to, views.Happened{Sentence: views.ToList, Href: m.list.URL()})}
}

// actions are what can be done with the ticked records of a list.
func (r resource[T]) actions(k *graph.Kind, list ui.Address) []views.Together {
	can := []views.Together{}
	add := func(verb, label string) {
		can = append(can, views.Together{Label: label + "…", Href: ui.Address{Path: list.Path + "/" + verb, Query: list.Query}.URL(), Removes: verb == "delete"})
	}
	add("delete", "Delete")
	if k.MovesTogether() {
		add("move", "Move")
	}
	if k.Questions() != nil {
		add(r.setting(), r.words.WordsOr(k).Set)
	}
	return can
}

// setting is the last part of the address where the kind's yes-or-no questions are answered.
func (r resource[T]) setting() string {
	return cmp.Or(r.set, "set")
}

// withQuery is another address with the query of this one.
func withQuery(c echo.Context, path string) string {
	if query := c.QueryString(); query != "" {
		return path + "?" + query
	}
	return path
}

// onlyPost refuses to read an address that can only be written to, and leads to the list.
func (r resource[T]) onlyPost(a *app) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderAllow, "POST")
		list := ui.Address{Path: "/" + r.kindIn(a.Graph).Table, Query: c.Request().URL.Query()}
		return &onward{echo.ErrMethodNotAllowed, []views.Happened{{Sentence: views.ToList, Href: list.URL()}}}
	}
}
