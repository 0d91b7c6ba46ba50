package handlers

import (
	"cmp"
	"errors"
	"net/http"
	"reflect"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/views"
	"maitred/views/ui"
)

// new shows the form for a new record. What stands in the address is filled in: that is how a
// record's page offers to add to it, and how the picker works as a plain search page.
func (r resource[T]) new(a *app) echo.HandlerFunc {
	return func(c echo.Context) error {
		f := asked(c)
		return r.showForm(a, c, http.StatusOK, f, r.fresh(storeOf(c), f), 0, views.Form{Hidden: hidden(c)})
	}
}

func (r resource[T]) create(a *app) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, ctx, f := storeOf(c), c.Request().Context(), sent(c)
		record := r.fresh(s, f)
		var done *change.Change
		var err error
		if r.save != nil {
			done, err = r.save(ctx, s, f, token(c), record)
		} else {
			done, err = r.kind.Create(ctx, s, token(c), record)
		}
		var p *problem.Error
		if errors.As(err, &p) && p.Code == problem.Invalid {
			view := views.Form{Problem: p, Hidden: again(c, f), Back: r.back(s, f)}
			if view.Back != "" {
				view.Hidden = again(c, f, backField, f.Get(backField))
			}
			return r.showForm(a, c, http.StatusUnprocessableEntity, f, r.fresh(s, f), 0, view)
		}
		if err != nil {
			return err
		}
		return see(c, string(cmp.Or(r.back(s, f), views.PathTo(r.kind.Kind(s), done.Key))), done)
	}
}

// backField says to what a new record leads: its value is the name of the field that says which record
// it belongs to. So it can lead nowhere else, whoever made it up.
const backField = "back"

// back is the page of the record that a form leads back to; "" for that of the new record.
func (r resource[T]) back(s *models.Store, f form) templ.SafeURL {
	for _, rel := range r.kind.Kind(s).Parents {
		if key := f.key(rel.Column.Name); rel.Column.Name == f.Get(backField) && key != 0 {
			return views.PathTo(rel.To, key)
		}
	}
	return ""
}

func (r resource[T]) edit(a *app) echo.HandlerFunc {
	return func(c echo.Context) error {
		record, key, err := r.find(c)
		if err != nil {
			return err
		}
		return r.showForm(a, c, http.StatusOK, asked(c), record, key, views.Form{Hidden: hidden(c, versionField, r.version(storeOf(c), record))})
	}
}

func (r resource[T]) update(a *app) echo.HandlerFunc {
	return func(c echo.Context) error {
		key, err := id(c)
		if err != nil {
			return err
		}
		s, ctx, f := storeOf(c), c.Request().Context(), sent(c)
		k := r.kind.Kind(s)
		op := change.Update{Seen: change.Seen{Kind: k, Key: key, Version: f.key(versionField)}, Choices: f.choices(k)}
		record, err := r.kind.FindSeen(ctx, s, key, op.Version)
		if problem.Is(err, problem.NotFound) {
			// The same form, sent again after the record went away, gets the first one's answer.
			done, earlierErr := change.Earlier(ctx, s, token(c))
			if earlierErr != nil {
				return earlierErr
			}
			if done != nil {
				return see(c, string(views.PathTo(k, done.Key)), done)
			}
			return lost(ctx, s, op.Seen, f, err)
		}
		if err != nil {
			return err
		}
		r.read(f, record)
		op.Edited = record
		done, err := r.kind.Update(ctx, s, token(c), key, op.Version, record, op.Choices...)
		var p *problem.Error
		var outdated *change.Outdated
		switch {
		case errors.As(err, &p) && p.Code == problem.Invalid:
			chosen, err := op.Chosen(ctx, s)
			if err != nil {
				return err
			}
			return r.showForm(a, c, http.StatusUnprocessableEntity, f, record, r.keyOf(s, record), views.Form{
				Problem: p, Hidden: again(c, f, versionField, f.Get(versionField)), Meanwhile: chosen,
			})
		case errors.As(err, &outdated):
			takeOver(record, outdated)
			return r.showForm(a, c, http.StatusConflict, f, record, outdated.Subject.Key, conflicting(c, k, outdated))
		case problem.Is(err, problem.NotFound):
			return lost(ctx, s, op.Seen, f, err)
		case err != nil:
			return err
		case done != nil:
			return see(c, string(views.PathTo(k, done.Key)), done)
		}
		return see(c, string(views.PathTo(k, r.keyOf(s, record))), nil)
	}
}

// again keeps the token of a form that was refused: nothing was written under it.
func again(c echo.Context, f form, more ...string) []ui.Param {
	fields := hidden(c, more...)
	if t := f.Get(tokenField); t != "" {
		fields[0].Value = t
	}
	return fields
}

// fresh is a new record as the form describes it, with the records it belongs to.
func (r resource[T]) fresh(s *models.Store, f form) *T {
	record := new(T)
	r.read(f, record)
	for _, rel := range r.kind.Kind(s).Parents {
		rel.Column.Set(reflect.ValueOf(record), f.key(rel.Column.Name))
	}
	return record
}

func (r resource[T]) version(s *models.Store, record *T) string {
	return strconv.FormatInt(r.kind.Kind(s).Column("version").Value(reflect.ValueOf(record)).(int64), 10)
}

func (r resource[T]) keyOf(s *models.Store, record *T) int64 {
	return r.kind.Kind(s).Key.Value(reflect.ValueOf(record)).(int64)
}

func (r resource[T]) showForm(a *app, c echo.Context, status int, f form, record *T, key int64, view views.Form) error {
	s := storeOf(c)
	k := r.kind.Kind(s)
	view.Kind, view.Words, view.Key, view.Values = k, r.words.WordsOr(k), key, f.Get
	var err error
	if r.place != nil {
		if view.Alike, err = alike(c, &models.Place{ID: key, Name: f.Get("name"), Address: f.Get("address")}); err != nil {
			return err
		}
	}
	title := view.Words.Add
	if key != 0 {
		saved, err := r.kind.Find(c.Request().Context(), s, key)
		if err != nil {
			return err
		}
		view.Label = k.LabelOf(reflect.ValueOf(saved))
		title = views.EditTitle(view.Label)
	} else {
		view.Pickers = map[string]ui.Picker{}
		for _, rel := range k.Parents {
			picker, err := a.picker(c, rel, f, rel.Column.Value(reflect.ValueOf(record)).(int64), "/"+k.Table+"/new")
			if err != nil {
				return err
			}
			picker.Error = wrongAt(view.Problem, rel.Column.Name)
			view.Pickers[rel.Column.Name] = picker
		}
	}
	view.Page = a.page(c, title, k)
	return render(c, status, views.FormPage(view, r.fields(view, record)))
}

// picker chooses the record that another one belongs to.
func (a *app) picker(c echo.Context, rel *graph.Relation, f form, chosen int64, action string) (ui.Picker, error) {
	p := ui.Picker{
		Name:   rel.Column.Name,
		Query:  "q",
		Legend: views.Which(rel.To),
		Action: action,
	}
	if len(rel.From.Parents) > 1 { // the form has one for each
		p.Query = rel.Column.Name + "_q"
	}
	return a.pick(c, p, rel, f, chosen)
}

// pick fills a picker with what its search finds and what is chosen already.
func (a *app) pick(c echo.Context, p ui.Picker, rel *graph.Relation, f form, chosen ...int64) (ui.Picker, error) {
	p.Search = f.Get(p.Query)
	if len(chosen) == 1 && chosen[0] != 0 {
		p.Chosen = strconv.FormatInt(chosen[0], 10)
	}
	err := offerIn(c.Request().Context(), &p, a.pagesOf(rel.To), storeOf(c), freeFirst(rel), chosen...)
	return p, err
}

// freeFirst sorts the records that can have one of the kind by whether they do, where their list
// can be sorted so.
func freeFirst(rel *graph.Relation) string {
	for _, s := range rel.To.Sorts {
		if rel.Column == rel.From.Key && s.Name == rel.From.Name {
			return s.Name
		}
	}
	return ""
}

func wrongAt(p *problem.Error, field string) string {
	if p != nil {
		for _, f := range p.Fields {
			if f.Name == field {
				return f.Message
			}
		}
	}
	return ""
}
