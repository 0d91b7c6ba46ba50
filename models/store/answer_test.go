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
	"maitred/models/account"
	"maitred/models/change"
)

// answers are the status and the words with which a page tells of a failure.
var answers = map[int]struct {
	status int
	words  string
}{
	sqlite3.SQLITE_BUSY:     {http.StatusServiceUnavailable, "Nothing was done yet"},
	sqlite3.SQLITE_FULL:     {http.StatusInsufficientStorage, "The disk is full. Nothing was saved"},
	sqlite3.SQLITE_IOERR:    {http.StatusInternalServerError, "Something went wrong on our side"},
	sqlite3.SQLITE_READONLY: {http.StatusServiceUnavailable, "only be read"},
}

// A disk that fails to write is told of as one that cannot be written to, where something was written.
const unwritten, unknown = "its disk cannot be written to. Nothing was saved", "it is not known whether your change was saved"

// request is what a browser sends, when w's site is as it was at first.
type request struct {
	name, path string
	form       func(t *testing.T, w *world) url.Values // nil: a page is asked for
}

var requests = []request{
	{"home", "/", nil},
	{"a list", "/places?restaurant__isnull=false", nil},
	{"a search", "/waiters?q=joe", nil},
	{"a record", "/restaurants/1", nil},
	{"a form", "/waiters/new?restaurant_id=1", nil},
	{"an edit", "/places/1/edit", nil},
	{"a deletion's preview", "/places/1/delete", nil},
	{"a move's preview", "/restaurants/1/move?place_id=2", nil},
	{"a swap's preview", "/restaurants/1/move?place_id=3", nil},
	{"a copy's preview", "/restaurants/1/copy?place_id=2", nil},
	{"a place's choice of a restaurant", "/places/2/bring", nil},
	{"history", "/history", nil},
	{"a change", "/history/4", nil},
	{"an undo's preview", fmt.Sprintf("/history/%d/undo", addedDemonDogs), nil},
	{"a place", "/places", func(*testing.T, *world) url.Values {
		return url.Values{"name": {"Third"}, "address": {"3 Third St"}, "token": {"form"}}
	}},
	{"a move", "/restaurants/1/move", func(t *testing.T, w *world) url.Values {
		plan, err := change.Preview(ctx, w.Store, change.Move{Kind: models.Restaurants.Kind(w.Store), Key: demonDogs, To: aceHardware})
		must(t, err)
		return url.Values{"place_id": {"2"}, "fingerprint": {plan.Fingerprint()}, "token": {"form"}}
	}},
	{"an undo", fmt.Sprintf("/history/%d/undo", deletedOldInn), func(*testing.T, *world) url.Values { return url.Values{} }},
}

func TestWhereverTheDatabaseFailsTheAnswerIsAPageThatSaysSo(t *testing.T) {
	t.Parallel()
	for _, r := range requests {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			ways := inTurn(faulty, 2)
			if r.form != nil { // its last call decides, and meets all failures
				ways = every(faulty)
			}
			for _, how := range ways {
				r.failsEverywhere(t, how)
			}
		})
	}
}

func (r request) failsEverywhere(t *testing.T, how func(n int) failure) {
	w := newWorld(t, false)
	ask, before := w.site(), w.stored()
	var form url.Values
	var right string
	if r.form != nil {
		form = r.form(t, w)
	} else if answer := ask(r.path, nil); answer.Code == http.StatusOK {
		right = said(t, answer)
	} else {
		t.Fatalf("%s answers %d", r.path, answer.Code)
	}
	for n := 1; ; n++ {
		w.arm(n, how(n), nil)
		answer := ask(r.path, form)
		call := w.heal()
		where := fmt.Sprintf("after %s at call %d, %q, the answer", how(n).name, n, call)
		now := w.stored()
		switch {
		case answer.Code >= 400:
			mustExplain(t, where, how(n), answer, now != before)
		case form == nil && said(t, answer) != right:
			t.Errorf("%s is %q, want %q", where, said(t, answer), right)
		case form != nil && now == before:
			t.Errorf("%s says that it was done", where)
		}
		if next := ask("/places", nil); next.Code != http.StatusOK {
			t.Fatalf("%s was %d, and then of the list %d", where, answer.Code, next.Code)
		}
		same := url.Values{"name": {"Ace Hardware"}, "address": {"1013 N. Ashland"}, "version": {"2"}}
		if next := ask("/places/2", same); next.Code != http.StatusSeeOther {
			t.Fatalf("%s was %d, and then of a form %d", where, answer.Code, next.Code)
		}
		if now != before || call == "" {
			return // the same once more would be another request
		}
	}
}

// The form saved Joe's name, and he is gone since. Sent again it gets the first answer, or that of
// the failure; that there is no Joe would sound as if nothing had been saved.
func TestAFormSentAgainIsAnsweredAsAtFirstOrByTheFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	ask := w.site()
	form := url.Values{"name": {"Joseph"}, "version": {"6"}, "token": {"form"}}
	if answer := ask("/waiters/1", form); answer.Code != http.StatusSeeOther {
		t.Fatalf("the form is answered %d", answer.Code)
	}
	fire := change.Delete{Kind: models.Waiters.Kind(w.Store), Key: joe}
	plan, err := change.Preview(ctx, w.Store, fire)
	must(t, err)
	_, err = change.Commit(ctx, w.Store, fire, change.Form{Fingerprint: plan.Fingerprint()})
	must(t, err)
	for n := 1; ; n++ {
		how := faulty[n%len(faulty)]
		w.arm(n, how, nil)
		answer := ask("/waiters/1", form)
		call := w.heal()
		if answer.Code != http.StatusSeeOther && (call == "" || answer.Code != answers[how.code&0xff].status && answer.Code != http.StatusServiceUnavailable) {
			t.Errorf("after %s at call %d, %q, the answer is %d", how.name, n, call, answer.Code)
		}
		if call == "" {
			return
		}
	}
}

// site is the whole site over the world: it answers who asks for a page or sends a form.
func (w *world) site() func(path string, form url.Values) *httptest.ResponseRecorder {
	site := handlers.New(handlers.Options{
		Everyone: account.Manager,
		Store:    func(*http.Request) (*models.Store, error) { return w.Store, nil },
		Graph:    w.Graph,
		Log:      slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	return func(path string, form url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
		if form != nil {
			r = httptest.NewRequest(http.MethodPost, "http://localhost"+path, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		answer := httptest.NewRecorder()
		site.ServeHTTP(answer, r)
		return answer
	}
}

// mustExplain expects a whole page that says what happened and leads on.
func mustExplain(t *testing.T, where string, how failure, answer *httptest.ResponseRecorder, stored bool) {
	t.Helper()
	want := answers[how.code&0xff]
	page, err := goquery.NewDocumentFromReader(strings.NewReader(answer.Body.String()))
	must(t, err)
	said := said(t, answer)
	written := answer.Code == want.status && strings.Contains(said, want.words)
	if how.code&0xff == sqlite3.SQLITE_IOERR && how.code != sqlite3.SQLITE_IOERR_READ || how.code == sqlite3.SQLITE_READONLY {
		written = written || answer.Code == http.StatusServiceUnavailable && (strings.Contains(said, unwritten) || strings.Contains(said, unknown))
	}
	if !written {
		t.Errorf("%s is %d, %q", where, answer.Code, said)
	}
	if page.Find("html > head > title").Text() == "" || page.Find("main h1").Length() != 1 || page.Find("main a[href]").Length() == 0 {
		t.Errorf("%s is no whole page: %q", where, said)
	}
	sure, unsure := strings.Contains(said, "Nothing was"), how.stays && strings.Contains(said, unknown)
	if sure == unsure || stored && sure {
		t.Errorf("%s is %q; something was stored: %v", where, said, stored)
	}
	if wait := answer.Header().Get("Retry-After"); (wait != "") != (answer.Code == http.StatusServiceUnavailable && how.code&0xff == sqlite3.SQLITE_BUSY) {
		t.Errorf("%s says to come again after %q", where, wait)
	}
}

// said is all that a page says in its main part.
func said(t *testing.T, answer *httptest.ResponseRecorder) string {
	t.Helper()
	page, err := goquery.NewDocumentFromReader(strings.NewReader(answer.Body.String()))
	must(t, err)
	return strings.Join(strings.Fields(page.Find("main").Text()), " ")
}
