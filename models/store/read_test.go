package store_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/kind"
)

// page is something people look at: what they see, as text.
type page struct {
	name string
	look func(context.Context, *models.Store) (string, error)
}

var pages = []page{
	{"a list", list(nil)},
	{"a search", list(url.Values{"q": {"o"}, "restaurant__isnull": {"false"}})},
	{"a restaurant with its history", func(ctx context.Context, s *models.Store) (text string, err error) {
		err = s.Moment(ctx, func(ctx context.Context) error {
			r, err := models.Restaurants.Find(ctx, s, demonDogs)
			if err != nil {
				return err
			}
			changes, err := models.Restaurants.History(ctx, s, r, 20)
			for _, c := range changes {
				text += c.Sentence + "\n"
			}
			text += r.Place.Name
			return err
		})
		return text, err
	}},
	{"a preview", func(ctx context.Context, s *models.Store) (string, error) {
		plan, err := change.Preview(ctx, s, change.Delete{Kind: models.Places.Kind(s), Key: demonDogs})
		if err != nil {
			return "", err
		}
		return plan.Sentence + plan.Fingerprint(), nil
	}},
	{"the site's history", func(ctx context.Context, s *models.Store) (text string, err error) {
		changes, _, err := change.List(ctx, s, change.Query{}, 50)
		for _, c := range changes {
			text += c.Sentence + "\n"
		}
		return text, err
	}},
	{"what became of a record", func(ctx context.Context, s *models.Store) (string, error) {
		trace, err := change.TraceOf(ctx, s, models.Restaurants.Kind(s), tacoHut)
		return fmt.Sprint(trace), err
	}},
}

func list(query url.Values) func(context.Context, *models.Store) (string, error) {
	return func(ctx context.Context, s *models.Store) (text string, err error) {
		q, err := kind.ParseQuery(models.Places.Kind(s), query)
		if err != nil {
			return "", err
		}
		list, err := models.Places.List(ctx, s, q)
		if err != nil {
			return "", err
		}
		for _, p := range list.Rows {
			text += p.Name + "\n"
		}
		return fmt.Sprint(text, list.Count), nil
	}
}

// A page is shown whole and right, or the answer says why not. Statements that are kept prepared
// are prepared beside while calls fail, so the calls are not the same every time.
func TestWhereverTheDatabaseFailsAPageIsRightOrNotShown(t *testing.T) {
	t.Parallel()
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			for _, how := range every(failures) {
				w := newWorld(t, false)
				before := w.stored()
				want, err := p.look(ctx, newWorld(t, false).Store)
				must(t, err)
				for n := 1; ; n++ {
					asked, cancel := context.WithCancel(ctx)
					w.arm(n, how(n), cancel)
					got, err := p.look(asked, w.Store)
					call := w.heal()
					cancel()
					where := fmt.Sprintf("%s at call %d, %q,", how(n).name, n, call)
					if err == nil && got != want {
						t.Fatalf("after %s it shows %q, want %q", where, got, want)
					}
					if err != nil && !how(n).isAnsweredBy(err) {
						t.Errorf("after %s it answers %v", where, err)
					}
					w.goesOn(where)
					if call == "" {
						must(t, err)
						break
					}
				}
				if w.stored() != before {
					t.Errorf("by reading, there is stored:\n%s", w.stored())
				}
			}
		})
	}
}
