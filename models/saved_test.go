package models_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/saved"
)

// offered are the names of the views that a person can open, each with what it asks.
func (w *world) offered(person string) (names []string) {
	w.t.Helper()
	views, _, err := saved.List(ctx, w.For(person), w.places, 10)
	w.must(err)
	for _, v := range views {
		names = append(names, v.Name+": "+v.Query)
	}
	return names
}

func (w *world) keeps(person, name, query string, d saved.Draft) {
	w.t.Helper()
	address, err := url.ParseQuery(query)
	w.must(err)
	d.Name = name
	w.must(saved.Save(ctx, w.For(person), w.places, address, d))
}

func TestAViewIsWrittenInOneWayOnly(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{
		"": "", "q=&sort=": "", "after=x&before=y": "", "sort=-name&q=a&q=b": "q=a&sort=-name",
		"restaurant__isnull=true&name__contains=Z&name__contains=A": "name__contains=A&name__contains=Z&restaurant__isnull=true",
		"name=": "name=", "q=%2B+%26%ff&before=end": "q=%2B+%26%FF",
	} {
		address, err := url.ParseQuery(asked)
		if err != nil {
			t.Fatal(err)
		}
		same(t, asked, kind.Canonical(address), want)
		again, _ := url.ParseQuery(want)
		same(t, want, kind.Canonical(again), want)
	}
}

func TestOnesOwnViewsComeFirstAndThenTheSharedOnesByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shared := saved.Draft{Shared: true}
	w.keeps("bob", "étage", "q=1", shared)
	w.keeps("bob", "Zoo", "q=2", shared)
	w.keeps("bob", "Eta", "q=3", shared)
	w.keeps("bob", "Private", "q=4", saved.Draft{})
	w.keeps("ann", "zebra", "q=5", shared)
	w.keeps("ann", "Yak", "q=6", saved.Draft{})
	w.same("what Ann is offered", w.offered("ann"), []string{"Yak: q=6", "zebra: q=5", "Eta: q=3", "étage: q=1", "Zoo: q=2"})
	w.same("what Bob is offered", w.offered("bob"), []string{"Eta: q=3", "étage: q=1", "Private: q=4", "Zoo: q=2", "zebra: q=5"})
	w.same("what somebody new is offered", w.offered(""), []string{"Eta: q=3", "étage: q=1", "zebra: q=5", "Zoo: q=2"})
	views, more, err := saved.List(ctx, w.For("ann"), w.places, 3)
	w.must(err)
	w.same("three of five", []any{len(views), more, views[2].Name}, []any{3, true, "Eta"})
	other, _, err := saved.List(ctx, w.For("ann"), w.waiters, 3)
	w.must(err)
	w.same("the views of waiters", len(other), 0)
}

func TestAViewIsNoRecordAndStandsInNoHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, changes := w.tables(), w.changes()
	w.keeps("ann", "Free", "restaurant__isnull=true", saved.Draft{Start: true})
	w.must(saved.Choose(ctx, w.For("ann"), w.places, []string{}, 25))
	settings, err := saved.Settings(ctx, w.For("ann"))
	w.must(err)
	if len(settings) != 1 || settings[0].Start == nil || settings[0].Start.Name != "Free" || settings[0].Rows != 25 || settings[0].Columns == nil {
		t.Errorf("the settings are %+v", settings)
	}
	v, err := saved.Delete(ctx, w.For("ann"), w.places, settings[0].Start.ID)
	w.must(err)
	w.same("what was deleted", []any{v.Name, v.Query, v.Mine}, []any{"Free", "restaurant__isnull=true", true})
	settings, err = saved.Settings(ctx, w.For("ann"))
	w.must(err)
	if len(settings) != 1 || settings[0].Start != nil || settings[0].Rows != 25 {
		t.Errorf("the settings are %+v", settings)
	}
	w.mustBeAsBefore(before, changes)
}

func TestAViewIsReplacedOnlyWhenThatIsAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.keeps("ann", "Dogs", "q=dogs", saved.Draft{})
	err := saved.Save(ctx, w.For("ann"), w.places, url.Values{"q": {"ace"}}, saved.Draft{Name: " Dogs "})
	w.refused(err, problem.Invalid, "name: You already have a view of this name")
	w.keeps("ann", "Dogs", "q=ace", saved.Draft{Replace: true})
	w.same("what is kept", w.offered("ann"), []string{"Dogs: q=ace"})
	w.refused(saved.Save(ctx, w.For("ann"), w.places, url.Values{"stars": {"3"}}, saved.Draft{Name: "Stars"}), problem.BadRequest, "places have no “stars”")
}

func TestManySaveTheSameViewAtOnceAndItIsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	atOnce(16, func(int) {
		if err := saved.Save(ctx, w.For("ann"), w.places, url.Values{"q": {"dogs"}}, saved.Draft{Name: "Dogs", Start: true}); err != nil {
			t.Error(err)
		}
	})
	w.same("what is kept", w.offered("ann"), []string{"Dogs: q=dogs"})
}

func TestAPageHasAsManyRowsAsAreAskedFor(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	var op change.Create
	for i := range kind.PageSize + 20 {
		p := &models.Place{Name: fmt.Sprintf("Place %03d", i), Address: "Street"}
		w.must(kind.Check(w.Store, p))
		op.Records = append(op.Records, change.Record{Model: p})
	}
	_, err := change.Commit(ctx, w.Store, op, change.Form{})
	w.must(err)
	for rows, want := range map[int]int{0: 50, 25: 25, 50: 50, 100: 70} {
		q, err := kind.ParseQuery(w.places, nil)
		w.must(err)
		q.Rows = rows
		l, err := models.Places.List(ctx, w.Store, q)
		w.must(err)
		w.same(fmt.Sprint("a page of ", rows), []any{len(l.Rows), l.After != "", strings.TrimSpace(l.Before)}, []any{want, want < 70, ""})
	}
}
