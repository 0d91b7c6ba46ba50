package handlers

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/text"
	"maitred/views"
	"maitred/views/ui"
)

// firstHits is how many records of each kind a search shows.
const firstHits = 5

// search looks for the words among the records of all kinds and among what can be done. Where
// scripts run it also fills the palette, which is the same search on any page.
func (a *app) search(c echo.Context) error {
	view := views.Search{Typed: c.Request().URL.Query().Get("q")}
	view.Page = a.page(c, views.SearchTitle, nil)
	view.Here = "search"
	if err := a.find(c.Request().Context(), storeOf(c), &view); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.SearchPage(view))
}

func (a *app) find(ctx context.Context, s *models.Store, view *views.Search) error {
	typed := wordsOf(view.Typed)
	view.Nothing = len(typed) == 0
	may := view.Who.Role.Writes()
	for _, d := range a.always(view.Who) {
		if d.means(typed) {
			view.Asked = append(view.Asked, d.Deed)
		} else {
			view.Else = append(view.Else, d.Deed)
		}
	}
	if view.Nothing {
		return nil
	}
	var asked, then []offer
	began := time.Now()
	for _, p := range a.resources {
		found, err := p.hits(ctx, hurry(s, began), view.Typed, firstHits)
		if problem.Is(err, problem.TooLong) {
			view.Stopped = append(view.Stopped, p.kindIn(s.Graph))
			continue
		}
		if err != nil {
			return err
		}
		if may {
			offers, verb, err := p.asked(ctx, hurry(s, began), a, typed)
			if err != nil && !problem.Is(err, problem.TooLong) {
				return err
			}
			asked = append(asked, offers...)
			if view.Verb == "" {
				view.Verb = verb
			}
		}
		if found.Count == 0 {
			continue
		}
		view.Found = append(view.Found, *found)
		if may {
			then = append(then, p.then(a, typed, found)...)
		}
	}
	view.Asked = append(view.Asked, best(asked)...)
	view.Then = best(then)
	return nil
}

// hurry is the store for one of several questions of a page that began then: all of them together
// have the time of one list, none more than half of that, and the last ones a little in any case.
func hurry(s *models.Store, began time.Time) *models.Store {
	if s.Patience == 0 {
		return s
	}
	left := s.Patience - time.Since(began)
	return s.Within(max(min(left, s.Patience/2), s.Patience/8, 1))
}

// offer is something that can be done with a record that was found.
type offer struct {
	views.Deed
	named bool // it was found by its own name, not only by that of where it is
}

// best are the offers for records that were found by their names; all of them where none was.
func best(offers []offer) (deeds []views.Deed) {
	named := slices.ContainsFunc(offers, func(o offer) bool { return o.named })
	for _, o := range offers {
		if o.named || !named {
			deeds = append(deeds, o.Deed)
		}
	}
	return deeds
}

// calls says that one of the words stands in the record's name.
func calls(words []string, i change.Item) bool {
	label := text.Squeezed(text.Normalise(i.Label))
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(label, w) })
}

// hits are the first records that words find, and how many there are.
func (r resource[T]) hits(ctx context.Context, s *models.Store, words string, limit int) (*views.Hits, error) {
	k := r.kind.Kind(s)
	address := url.Values{"q": {words}}
	found := &views.Hits{Kind: k, All: ui.Address{Path: "/" + k.Table, Query: address}}
	q, err := kind.ParseQuery(k, address)
	if err != nil {
		return nil, err
	}
	q.Rows = limit
	list, err := r.kind.List(ctx, s, q)
	if err != nil {
		return nil, err
	}
	for _, row := range list.Rows {
		v := reflect.ValueOf(row)
		item := change.Item{Kind: k, Key: k.Key.Value(v).(int64), Label: k.LabelOf(v)}
		found.First = append(found.First, views.Hit{Item: item, Option: r.option(row)})
	}
	found.Count, found.More = list.Count, list.More
	return found, nil
}

// asked is what can be done with records that are named after a verb: "move demon", "let go of
// joe". verb is the one that was typed when no name follows yet.
func (r resource[T]) asked(ctx context.Context, s *models.Store, a *app, typed []string) (offers []offer, verb string, err error) {
	k := r.kind.Kind(s)
	for _, v := range a.verbs(k, r.words.WordsOr(k)) {
		phrase, name := v.read(typed, a.Graph)
		if phrase == "" {
			continue
		}
		if len(name) == 0 {
			verb = phrase
			continue
		}
		found, err := r.hits(ctx, s, strings.Join(name, " "), firstHits)
		if err != nil {
			return nil, "", err
		}
		for _, h := range found.First {
			if !v.free || !h.Option.Taken {
				offers = append(offers, offer{v.with(h.Item), calls(name, h.Item)})
			}
		}
	}
	return offers, verb, nil
}

// then is what is mostly done with the best hit.
func (r resource[T]) then(a *app, typed []string, found *views.Hits) (offers []offer) {
	first := found.First[0].Item
	for _, v := range a.verbs(found.Kind, r.words.WordsOr(found.Kind)) {
		if v.often {
			offers = append(offers, offer{v.with(first), calls(typed, first)})
		}
	}
	return offers
}
