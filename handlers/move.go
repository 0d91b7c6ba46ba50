package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strconv"

	"github.com/labstack/echo/v4"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/views"
	"maitred/views/ui"
)

// move brings a record to another parent; with resolve=swap it changes places with the record
// that is there.
func (r resource[T]) move(a *app) echo.HandlerFunc {
	return r.reassign(a, false)
}

// copy opens a copy of a record at another parent.
func (r resource[T]) copy(a *app) echo.HandlerFunc {
	return r.reassign(a, true)
}

// reassignment is one request to move or copy a record.
type reassignment struct {
	kind *graph.Kind
	rel  *graph.Relation
	key  int64
	to   int64 // 0 as long as nothing is chosen
	copy bool
}

func (m reassignment) operation(swap bool) change.Operation {
	if m.copy {
		return change.Copy{Kind: m.kind, Key: m.key, To: m.to}
	}
	return change.Move{Kind: m.kind, Key: m.key, To: m.to, Swap: swap}
}

func (r resource[T]) reassign(a *app, copy bool) echo.HandlerFunc {
	return func(c echo.Context) error {
		key, err := id(c)
		if err != nil {
			return err
		}
		s, ctx := storeOf(c), c.Request().Context()
		k := r.kind.Kind(s)
		m := reassignment{kind: k, rel: k.Home(), key: key, copy: copy}
		f := asked(c)
		if c.Request().Method != http.MethodPost {
			m.to = f.key(m.rel.Column.Name)
			if m.to == 0 && f.Get(m.rel.Column.Name) != "" {
				return r.showMove(a, c, http.StatusUnprocessableEntity, m, f, noSuch(m), nil)
			}
			return r.showMove(a, c, http.StatusOK, m, f, nil, nil)
		}
		f = sent(c)
		if m.to = f.key(m.rel.Column.Name); m.to == 0 {
			return r.showMove(a, c, http.StatusUnprocessableEntity, m, f, noSuch(m), nil)
		}
		done, err := commit(c, m.operation(f.Get("resolve") == "swap"), change.Form{Token: token(c), Fingerprint: f.Get(fingerprintField)})
		var stale *change.Stale
		var p *problem.Error
		switch {
		case errors.Is(err, change.ErrUnseen):
			return r.showMove(a, c, http.StatusOK, m, f, nil, nil)
		case errors.As(err, &stale):
			errors.As(stale.Cause, &p)
			return r.showMove(a, c, http.StatusConflict, m, f, p, a.sinceShown(c, stale.Since))
		case errors.As(err, &p) && p.Code == problem.Invalid:
			return r.showMove(a, c, http.StatusUnprocessableEntity, m, f, p, nil)
		case problem.Is(err, problem.NotFound):
			return became(ctx, s, k, key, err)
		case err != nil:
			return err
		}
		return see(c, string(views.PathTo(k, done.Key)), done)
	}
}

func noSuch(m reassignment) *problem.Error {
	return problem.At(m.rel.Column.Name, "Choose the %s first.", m.rel.To.Singular())
}

// showMove shows where the record can go and, once that is chosen, what exactly will happen. wrong
// is why it was refused just now, since what happened after the plan was shown.
func (r resource[T]) showMove(a *app, c echo.Context, status int, m reassignment, f form, wrong *problem.Error, since []views.Happened) error {
	return inMoment(c, func() error {
		record, _, err := r.find(c)
		if err != nil {
			return err
		}
		v := reflect.ValueOf(record)
		parent := m.rel.Record(v)
		view := views.Move{Copy: m.copy, Problem: wrong}
		view.Kind, view.Key, view.Label, view.Since = m.kind, m.key, m.kind.LabelOf(v), since
		view.From = change.Item{Kind: m.rel.To, Key: m.rel.Column.Value(v).(int64), Label: m.rel.To.LabelOf(parent)}
		if view.Picker, err = a.picker(c, m.rel, f, m.to, view.Address()); err != nil {
			return err
		}
		view.Picker.Legend = views.ToWhich(m.rel.To)
		view.Picker.TakenToo = !m.copy
		if m.to != 0 {
			if err := a.planMove(c, m, &view); err != nil {
				return err
			}
			if view.Plan == nil && status == http.StatusOK {
				status = http.StatusUnprocessableEntity
			}
		}
		view.Page = a.page(c, view.Heading(), m.kind)
		return render(c, status, views.MovePage(view))
	})
}

// planMove fills in what will happen: a move to a taken place is shown as the swap it could be.
// What cannot be done at all is told in view.Problem, and there is no plan.
func (a *app) planMove(c echo.Context, m reassignment, view *views.Move) error {
	s, ctx := storeOf(c), c.Request().Context()
	to, err := a.pagesOf(m.rel.To).item(ctx, s, m.to)
	if err == nil {
		view.To = &to
	} else if !problem.Is(err, problem.NotFound) {
		return err
	}
	plan, err := change.Preview(ctx, s, m.operation(false))
	more := []string{m.rel.Column.Name, strconv.FormatInt(m.to, 10)}
	if problem.Is(err, problem.Invalid) && !m.copy && m.kind.OneToOne() != nil {
		swap, swapErr := change.Preview(ctx, s, m.operation(true))
		if swapErr == nil {
			view.Taken = true
			more = append(more, "resolve", "swap")
		}
		if !problem.Is(swapErr, problem.Invalid) { // otherwise it is told why it cannot move there
			plan, err = swap, swapErr
		}
	}
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.Invalid {
		view.Taken = m.copy && view.To != nil
		if view.Problem == nil {
			view.Problem = p
		}
		return nil
	}
	if err != nil {
		return err
	}
	view.Plan = plan
	view.Hidden = hidden(c, append(more, fingerprintField, plan.Fingerprint())...)
	return nil
}

// bring chooses a record to bring to a place that is known, and goes on at that record's move.
func (r resource[T]) bring(a *app) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, ctx := storeOf(c), c.Request().Context()
		k := r.kind.Kind(s)
		rel := k.OneToOne()
		key, err := id(c)
		if err != nil {
			return err
		}
		to, err := a.pagesOf(rel.To).item(ctx, s, key)
		if problem.Is(err, problem.NotFound) {
			return became(ctx, s, rel.To, key, err)
		}
		if err != nil {
			return err
		}
		f := asked(c)
		status := http.StatusOK
		picker := ui.Picker{Name: k.Name, Legend: views.Which(k), Search: f.Get("q"), Action: string(views.PathTo(rel.To, key, "bring"))}
		if f.Get(k.Name) != "" {
			chosen := f.key(k.Name)
			_, err := r.item(ctx, s, chosen)
			if err == nil {
				there := url.Values{rel.Column.Name: {strconv.FormatInt(key, 10)}}
				return see(c, string(views.PathTo(k, chosen, "move"))+"?"+there.Encode(), nil)
			}
			if !problem.Is(err, problem.NotFound) {
				return err
			}
			status = http.StatusUnprocessableEntity
			picker.Error = "That " + k.Singular() + " does not exist, or was moved or deleted meanwhile. Choose another one."
		}
		if err := offerIn(ctx, &picker, r, s, ""); err != nil {
			return err
		}
		p := a.page(c, views.BringTitle(k, to.Label), rel.To)
		return render(c, status, views.BringPage(p, to, picker))
	}
}
