package handlers_test

import (
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maitred/models"
	"maitred/models/dialect/postgrestest"
)

// What pages, lists, searches and files of two sites have in common, whichever database each has: all, to the letter,
// but for what is drawn at random or says when.
func TestBothDatabasesAreAnsweredFromToTheLetter(t *testing.T) {
	t.Parallel()
	repeats(t)
	onFile, onServer := openSite(t, filepath.Join(t.TempDir(), "maitred.db")), openSite(t, postgrestest.Database(t))
	both := []*site{onFile, onServer}
	noon := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for _, s := range both {
		s.Now = func() time.Time { return noon }
		if _, err := models.Fill(t.Context(), s.Store, 400, nil); err != nil {
			t.Fatal(err)
		}
	}
	same := func(what string, a, b *page) {
		t.Helper()
		if a.Status >= 500 || a.Status != b.Status || a.Header.Get("Location") != b.Header.Get("Location") {
			t.Errorf("%s: answered with %d %s, and %d %s", what, a.Status, a.Header.Get("Location"), b.Status, b.Header.Get("Location"))
		}
		if d := cmp.Diff(lasting(a.Body), lasting(b.Body)); d != "" {
			t.Errorf("%s: the answers differ (- of SQLite, + of PostgreSQL):\n%s", what, d)
		}
	}
	for _, path := range []string{
		"/", "/places", "/places?q=caf", "/places?q=a", "/places?q=%00", "/places?q=a%00b", "/places?q=%ff", "/places?q=%27%27", "/places?q=%5C", "/places?q=%C3%A9",
		"/places?q=%25", "/places?q=_", "/places?q=st+main", "/places?name__contains=%00", "/places?name__icontains=%ff", "/places?name__contains=%5C", "/places?name__contains=%27",
		"/places?name__in=a,b,%00", "/places?id__gt=99999999999999999999", "/places?id__gt=9223372036854775807", "/places?restaurant__isnull=1",
		"/places?sort=-name", "/places?sort=address", "/restaurants?sort=place__name", "/waiters?restaurant__place__name__startswith=B", "/places?exclude__name__contains=a",
		"/places?name__iendswith=E", "/restaurants?serves_pizza=1", "/restaurants?place__name__gt=M", "/waiters?restaurant__place__address__icontains=AVENUE",
		"/waiters?sort=restaurant__place__name", "/places/1", "/places/7/delete", "/restaurants/1", "/restaurants/3/move", "/restaurants/3/move?q=ma", "/places/0",
		"/places/99999999999999999999", "/history", "/history/1", "/history?kind=places", "/history?day=2026-11-28", "/history?who=%00", "/search?q=ann", "/search?q=%00",
		"/search?q=%ff", "/search?q=new+place", "/progress/%00", "/progress/%ff", "/progress/x", "/places.csv", "/places.csv?q=mar", "/restaurants.csv",
		"/waiters.csv?restaurant__place__name__icontains=a", "/places/new", "/places/import", "/places/filter", "/places/1/edit", "/waiters/5", "/waiters/5/move?q=%00",
		"/places?after=%00", "/places?after=x", "/places?before=zz", "/places/views", "/places/views/1", "/help", "/places?place__x=1",
		"/places?restaurant__waiter_count__gte=3", "/places?restaurant__waiters__name=%00", "/places?restaurant__waiters__name__istartswith=an",
	} {
		same(path, onFile.get(path), onServer.get(path))
	}
	for _, form := range [][]string{
		{"/places", "name", "A\x00b", "address", "x"}, {"/places", "name", "  ", "address", "x"}, {"/places", "name", "\xff", "address", "\xff"}, {"/places", "name", "Zoe\u0301", "address", "x"},
		{"/waiters", "name", "Bob", "restaurant_id", "999999"}, {"/waiters", "name", "Bob", "restaurant_id", "99999999999999999999"}, {"/restaurants", "place_id", "1"},
		{"/places/1", "name", "New", "address", "", "version", "1"}, {"/places", "name", "Tok", "address", "1", "token", "a\x00b"},
		{"/places", "name", "Twice", "address", "1", "token", "same"}, {"/places", "name", "Twice", "address", "1", "token", "same"},
		{"/places/views", "name", "v\x00", "query", "q=a"}, {"/places/1/delete"}, {"/places/delete", "all", "1"}, {"/places/delete", "id", "1", "id", "2", "id", "x"}, {"/history/1/undo"},
	} {
		same(form[0], onFile.post(form[0], form[1:]...), onServer.post(form[0], form[1:]...))
	}
}

// lasting is a page without what is drawn at random, and the times of changes.
func lasting(body string) string {
	return random.ReplaceAllString(body, "…")
}

var random = regexp.MustCompile(`\b[A-Z2-7]{26}\b|\b[A-Z2-7]{12}\b|\d{4}-\d\d-\d\dT[\d:.]+Z`)
