package handlers

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/sheet"
	"maitred/views"
	"maitred/views/ui"
)

// resource is the flow that every kind of record goes through, with the holes that differ.
type resource[T any] struct {
	kind    kind.Of[T]
	words   views.Words
	read    func(form, *T) // the fields people fill in, apart from where the record belongs
	columns []views.Column // of the rows, beside the first; those that people can choose from
	rows    func(views.List, []*T) templ.Component
	fields  func(views.Form, *T) templ.Component
	page    func(views.Record, *T) templ.Component
	option  func(*T) ui.Option
	needs   []views.Need    // what the home page says that somebody has to look after
	drawn   []views.Picture // what the home page draws of them
	set     string          // the last part of the address where the yes-or-no questions are answered for many; "set" if empty

	// place, if set, is the place that a record is about: where it was just written, others that look
	// like it are told of.
	place func(*T) *models.Place

	// save, if set, creates a record in a way of its own.
	save func(ctx context.Context, s *models.Store, f form, token string, record *T) (*change.Change, error)
}

// pages is a resource of any kind.
type pages interface {
	kindIn(*graph.Graph) *graph.Kind
	list(*app) echo.HandlerFunc
	export(*app, sheet.Format) echo.HandlerFunc
	filter(*app) echo.HandlerFunc
	new(*app) echo.HandlerFunc
	create(*app) echo.HandlerFunc
	show(*app) echo.HandlerFunc
	edit(*app) echo.HandlerFunc
	update(*app) echo.HandlerFunc
	delete(*app) echo.HandlerFunc
	move(*app) echo.HandlerFunc
	copy(*app) echo.HandlerFunc
	bring(*app) echo.HandlerFunc
	deleteMany(*app) echo.HandlerFunc
	moveMany(*app) echo.HandlerFunc
	setMany(*app) echo.HandlerFunc
	chooseColumns(*app) echo.HandlerFunc
	setting() string
	onlyPost(*app) echo.HandlerFunc

	options(ctx context.Context, s *models.Store, search, sort string, chosen ...int64) ([]ui.Option, bool, error)
	item(ctx context.Context, s *models.Store, key int64) (change.Item, error)
	related(c echo.Context, r *graph.Relation, parent reflect.Value, done *change.Change) (views.Related, error)

	needed(ctx context.Context, s *models.Store) ([]views.Needed, error)
	pictured(ctx context.Context, s *models.Store) ([]views.Pictured, error)

	said(*graph.Kind) views.Words
	hits(ctx context.Context, s *models.Store, words string, limit int) (*views.Hits, error)
	asked(ctx context.Context, s *models.Store, a *app, typed []string) (offers []offer, verb string, err error)
	then(a *app, typed []string, found *views.Hits) []offer
}

func (r resource[T]) kindIn(g *graph.Graph) *graph.Kind { return g.Of(reflect.TypeFor[T]()) }

func (r resource[T]) list(a *app) echo.HandlerFunc {
	return func(c echo.Context) error {
		s := storeOf(c)
		k := r.kind.Kind(s)
		address := c.Request().URL.Query()
		q, err := kind.ParseQuery(k, address)
		if err != nil {
			return err
		}
		setting, err := settingOf(c, k)
		if err != nil {
			return err
		}
		q.Rows = setting.Rows
		began := time.Now()
		found, err := r.kind.List(c.Request().Context(), s, q)
		var stopped *problem.Error
		if errors.As(err, &stopped) && stopped.Code == problem.TooLong {
			found, err = new(kind.List[T]), nil
		}
		if err != nil {
			return err
		}
		view := views.List{
			Page:    a.page(c, views.Title(k.Plural()), k),
			Kind:    k,
			Words:   r.words.WordsOr(k),
			Address: ui.Address{Path: "/" + k.Table, Query: address},
			Search:  q.Search, Sort: q.Sort, Filtered: q.Filtered(),
			Count: found.Count, More: found.More, Before: found.Before, After: found.After,
			First: found.First, About: found.About, Exact: q.Exact, BestFirst: q.BestFirst(),
			Shown: len(found.Rows),
		}
		view.Columns, view.Rows = views.Chosen(r.columns, setting.Columns), cmp.Or(setting.Rows, kind.PageSize)
		if view.Saved, err = savedViews(c, k, address, menuViews); err != nil {
			return err
		}
		view.Together = r.actions(k, view.Address)
		if view.Asked, err = a.ask(c, k, q, view.Address); err != nil {
			return err
		}
		if stopped != nil {
			view.Stopped = stopped.Message
			return render(c, statuses[stopped.Code], views.ListPage(view, templ.NopComponent))
		}
		if view.Filtered && view.Count == 0 {
			view.Why = r.why(c, began, view.Asked, view.Address)
		}
		rememberList(c, k, address)
		return render(c, http.StatusOK, views.ListPage(view, r.rows(view, found.Rows)))
	}
}

func (r resource[T]) show(a *app) echo.HandlerFunc {
	return func(c echo.Context) error {
		view, record, err := r.look(a, c)
		if err != nil {
			return err
		}
		return render(c, http.StatusOK, r.page(view, record))
	}
}

// look reads a record with all that its page shows.
func (r resource[T]) look(a *app, c echo.Context) (view views.Record, record *T, err error) {
	if record, view.Key, err = r.find(c); err != nil {
		return view, nil, err
	}
	s, ctx := storeOf(c), c.Request().Context()
	k := r.kind.Kind(s)
	view.Kind, view.Words, view.Label = k, r.words.WordsOr(k), k.LabelOf(reflect.ValueOf(record))
	view.Page = a.page(c, view.Label, k)
	if view.Around, err = r.around(c, view.Key, view.Done != nil); err != nil {
		return view, nil, err
	}
	for _, rel := range k.Children {
		if !rel.Many {
			continue
		}
		related, err := a.pagesOf(rel.To).related(c, rel, reflect.ValueOf(record), view.Done)
		if err != nil {
			return view, nil, err
		}
		view.Related = append(view.Related, related)
	}
	if r.place != nil && namedPlace(view.Done, k) {
		if view.Alike, err = alike(c, r.place(record)); err != nil {
			return view, nil, err
		}
	}
	view.Identity = k.Identity.Value(reflect.ValueOf(record)).(int64)
	view.History, err = r.kind.History(ctx, s, record, recordChanges+1)
	if view.More = len(view.History) > recordChanges; view.More {
		view.History = view.History[:recordChanges]
	}
	return view, record, err
}

// recordChanges is how many changes the page of a record shows.
const recordChanges = 20

// find reads the record in the path. Errors: NotFound, with what became of the record.
func (r resource[T]) find(c echo.Context) (*T, int64, error) {
	key, err := id(c)
	if err != nil {
		return nil, 0, err
	}
	s, ctx := storeOf(c), c.Request().Context()
	record, err := r.kind.Find(ctx, s, key)
	if problem.Is(err, problem.NotFound) {
		return nil, 0, became(ctx, s, r.kind.Kind(s), key, err)
	}
	return record, key, err
}

// became adds to a NotFound what became of the record.
func became(ctx context.Context, s *models.Store, k *graph.Kind, key int64, notFound error) error {
	trace, err := change.TraceOf(ctx, s, k, key)
	if err != nil {
		return err
	}
	return &gone{error: notFound, kind: k, trace: trace}
}

// related is a part of a parent's page: its first records of this kind, and the form that adds one.
// done is what was just done.
func (r resource[T]) related(c echo.Context, rel *graph.Relation, parent reflect.Value, done *change.Change) (views.Related, error) {
	s, ctx := storeOf(c), c.Request().Context()
	k := r.kind.Kind(s)
	key := strconv.FormatInt(rel.From.Key.Value(parent).(int64), 10)
	at := url.Values{rel.Column.Name: {key}}
	out := views.Related{
		Kind: k, Words: r.words.WordsOr(k),
		All: ui.Address{Path: "/" + k.Table, Query: at},
		Add: ui.Address{Path: "/" + k.Table + "/new", Query: at},
	}
	if out.Words.Quick && whoOf(c).Role.Writes() && !s.ReadOnly {
		f := views.Form{
			Kind: k, Words: out.Words, Values: at.Get,
			Hidden: hidden(c, rel.Column.Name, key, backField, rel.Column.Name),
		}
		if done != nil && done.Kind == k.Table && done.Operation == "create" {
			f.Focus = ui.Autofocus
			if c.Request().Header.Get("HX-Request") != "" {
				f.Focus = ui.ScriptFocus
			}
		}
		out.Quick = views.QuickForm(f, r.fields(f, new(T)))
	}
	q, err := kind.ParseQuery(k, at)
	if err != nil {
		return out, err
	}
	s = s.Patient() // an index knows them: on a busy day too the page is worth waiting for
	rows, more, err := r.kind.First(ctx, s, q, views.RelatedRows)
	if err != nil {
		return out, err
	}
	out.Count = int64(len(rows))
	switch {
	case rel.Count != nil:
		out.Count = rel.Count.Value(parent).(int64)
	case more:
		found, err := r.kind.List(ctx, s, q)
		if err != nil {
			return out, err
		}
		out.Count = found.Count
	}
	if len(rows) > 0 {
		out.Rows = r.rows(views.List{Kind: k, Fixed: true, Columns: views.Chosen(r.columns, nil)}, rows)
	}
	return out, nil
}

// hits is how many records a picker offers.
const hits = 20

// options are the records that a picker offers: those that match the search, and those that are
// chosen already, as far as they exist. Errors: TooLong, with those that are chosen.
func (r resource[T]) options(ctx context.Context, s *models.Store, search, sort string, chosen ...int64) ([]ui.Option, bool, error) {
	k := r.kind.Kind(s)
	q, err := kind.ParseQuery(k, url.Values{"q": {search}, "sort": {sort}})
	if err != nil {
		return nil, false, err
	}
	rows, more, stopped := r.kind.First(ctx, s, q, hits)
	if stopped != nil && !problem.Is(stopped, problem.TooLong) {
		return nil, false, stopped
	}
	options := r.optionsOf(rows)
	var missing []string
	for _, key := range chosen {
		value := strconv.FormatInt(key, 10)
		found := slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == value })
		if key != 0 && !found && !slices.Contains(missing, value) {
			missing = append(missing, value)
		}
	}
	if missing == nil {
		return options, more, stopped
	}
	if q, err = kind.ParseQuery(k, url.Values{"pk__in": {strings.Join(missing, ",")}}); err != nil {
		return nil, false, err
	}
	rows, _, err = r.kind.First(ctx, s, q, len(missing))
	return append(r.optionsOf(rows), options...), more, cmp.Or(err, stopped)
}

// offerIn fills a picker with what its search finds, in an order of that list, and with what is
// chosen already. A search that takes too long finds nothing, and the picker says so.
func offerIn(ctx context.Context, p *ui.Picker, of pages, s *models.Store, sort string, chosen ...int64) (err error) {
	p.Options, p.More, err = of.options(ctx, s, p.Search, sort, chosen...)
	if p.Stopped = problem.Is(err, problem.TooLong); p.Stopped {
		return nil
	}
	return err
}

func (r resource[T]) optionsOf(rows []*T) (options []ui.Option) {
	for _, row := range rows {
		options = append(options, r.option(row))
	}
	return options
}

// item is a record by its name. Errors: NotFound.
func (r resource[T]) item(ctx context.Context, s *models.Store, key int64) (change.Item, error) {
	k := r.kind.Kind(s)
	record, err := r.kind.Find(ctx, s, key)
	if err != nil {
		return change.Item{}, err
	}
	return change.Item{Kind: k, Key: key, Label: k.LabelOf(reflect.ValueOf(record))}, nil
}
