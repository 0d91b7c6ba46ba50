package store_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	sqlite3 "modernc.org/sqlite/lib"

	"maitred/handlers"
	"maitred/models"
	"maitred/models/change"
)

// answers are the status and the words with which a page tells of a failure.
var answers = map[int]struct {
	status int
	words  string
}{
	sqlite3.SQLITE_BUSY:  {http.StatusServiceUnavailable, "Nothing was done yet"},
	sqlite3.SQLITE_FULL:  {http.StatusInsufficientStorage, "The disk is full. Nothing was saved"},
	sqlite3.SQLITE_IOERR: {http.StatusInternalServerError, "Something went wrong on our side"},
}

// request is what a browser sends, when w's site is as it was at first.
type request struct {
	name, path string
	form       func(t *testing.T, w *world) url.Values // nil: a page is asked for
}

var requests = []request{
	{"a list", "/places", nil},
	{"a record", "/restaurants/1", nil},
	{"a place", "/places", func(*testing.T, *world) url.Values {
		return url.Values{"name": {"Third"}, "address": {"3 Third St"}, "token": {"form"}}
	}},
	{"a move", "/restaurants/1/move", func(t *testing.T, w *world) url.Values {
		plan, err := change.Preview(ctx, w.Store, change.Move{Kind: models.Restaurants.Kind(w.Store), Key: demonDogs, To: aceHardware})
		must(t, err)
		return url.Values{"place_id": {"2"}, "fingerprint": {plan.Fingerprint()}, "token": {"form"}}
	}},
}

func TestWhereverTheDatabaseFailsTheAnswerIsAPageThatSaysSo(t *testing.T) {
	t.Parallel()
	for _, r := range requests {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			for _, how := range faulty {
				r.failsEverywhere(t, how)
			}
		})
	}
}

func (r request) failsEverywhere(t *testing.T, how failure) {
	w := newWorld(t, false)
	before := w.stored()
	var form url.Values
	if r.form != nil {
		form = r.form(t, w)
	}
	for n := 1; ; n++ {
		w.arm(n, how, nil)
		answer := w.sends(r.path, form)
		call := w.heal()
		where := fmt.Sprintf("%s: after %s at call %d, %q, the answer", r.name, how.name, n, call)
		now := w.stored()
		if answer.Code >= 400 {
			mustExplain(t, where, how, answer, now != before)
		}
		if written := answer.Code == http.StatusSeeOther; written && now == before {
			t.Fatalf("%s says that it was done", where)
		}
		if next := w.sends("/places", nil); next.Code != http.StatusOK {
			t.Fatalf("%s was %d, and then of the list %d", where, answer.Code, next.Code)
		}
		if next := w.sends("/places/2", url.Values{"name": {"Ace Hardware"}, "address": {"1013 N. Ashland"}, "version": {"2"}}); next.Code != http.StatusSeeOther {
			t.Fatalf("%s was %d, and then of a form %d", where, answer.Code, next.Code)
		}
		if now != before || call == "" {
			return // what comes after the commit is another request
		}
	}
}

// sends asks for a page or sends a form.
func (w *world) sends(path string, form url.Values) *httptest.ResponseRecorder {
	w.t.Helper()
	site := handlers.New(handlers.Options{
		Store: func(*http.Request) (*models.Store, error) { return w.Store, nil },
		Graph: w.Graph,
		Log:   slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, "http://localhost"+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer := httptest.NewRecorder()
	site.ServeHTTP(answer, r)
	return answer
}

// mustExplain expects a whole page that says what happened and leads on.
func mustExplain(t *testing.T, where string, how failure, answer *httptest.ResponseRecorder, stored bool) {
	t.Helper()
	want := answers[how.code&0xff]
	page, err := goquery.NewDocumentFromReader(answer.Body)
	must(t, err)
	said := strings.Join(strings.Fields(page.Find("main").Text()), " ")
	if answer.Code != want.status || !strings.Contains(said, want.words) {
		t.Errorf("%s is %d, %q", where, answer.Code, said)
	}
	if page.Find("html > head > title").Text() == "" || page.Find("main h1").Length() != 1 || page.Find("main a[href]").Length() == 0 {
		t.Errorf("%s is no whole page: %q", where, said)
	}
	sure, unsure := strings.Contains(said, "Nothing was"), how.stays && strings.Contains(said, "it is not known whether your change was saved")
	if sure == unsure || stored && sure {
		t.Errorf("%s is %q; something was stored: %v", where, said, stored)
	}
	if wait := answer.Header().Get("Retry-After"); (wait != "") != (answer.Code == http.StatusServiceUnavailable) {
		t.Errorf("%s says to come again after %q", where, wait)
	}
}
