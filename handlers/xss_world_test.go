package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// wordy is a site in which all that people can type is the same words, with every answer it gave.
type wordy struct {
	*site
	payload
	answers []*page
	found   map[int][]link
	newest  string // the number of a change
	needed  int    // so many answers are those that the others rest on
	model   *told  // what it is compared with; nil for the model itself
}

// The two who have views here, one of whom asks.
const (
	asking   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	passerBy = "ZYXWVUTSRQPONMLKJIHGFEDCBA"
)

// tell makes such a site and asks it for every page it has.
func tell(t tester, file string, p payload, model *told) *wordy {
	w := &wordy{site: openSite(t, file), payload: p, model: model}
	w.Store.Actor = p.name
	w.Store.Now = func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	w.live()
	w.needed = len(w.answers)
	for _, f := range textFields {
		w.refused(f)
	}
	for _, path := range w.addresses() {
		w.get(path)
	}
	w.partsAndHeaders()
	return w
}

// textField is a field that takes a line of text: its form, and what else must be filled in so that
// only this field can be wrong. A new field is one line here. Where its text appears is found by
// following links (steps).
type textField struct {
	form, name string
	with       []string
}

var textFields = []textField{
	{"/places", "name", nil},
	{"/places", "address", nil},
	{"/places/2", "name", []string{"version", "1"}},
	{"/places/2", "address", []string{"version", "1"}},
	{"/restaurants", "name", []string{"new_place", "1"}},
	{"/restaurants", "address", []string{"new_place", "1"}},
	{"/waiters", "name", nil},
	{"/waiters/1", "name", []string{"version", "1"}},
	{"/places/views?q=x", "name", nil},
	{"/places/views/1", "name", nil},
}

// otherFields are those that take anything but text, by the form they are in.
var otherFields = map[string][]string{
	"/places/1":            {"version", "keep_name", "keep_address"},
	"/places/1/delete":     {"fingerprint", "token", "restaurants", "restaurants_to", "waiters", "waiters_to", "waiters_1"},
	"/places/2":            {"version"},
	"/places/columns":      {"column", "rows", "token"},
	"/places/delete":       {"id", "all", "fingerprint"},
	"/places/views/1":      {"start", "shared", "replace"},
	"/restaurants":         {"place_id", "new_place", "q", "serves_pizza"},
	"/restaurants/1/copy":  {"place_id", "q", "fingerprint"},
	"/restaurants/1/move":  {"place_id", "q", "resolve", "fingerprint", "show"},
	"/restaurants/1":       {"version", "serves_hot_dogs", "keep_serves_pizza"},
	"/restaurants/delete":  {"id"},
	"/restaurants/serves":  {"id", "serves_hot_dogs", "serves_pizza"},
	"/waiters":             {"restaurant_id", "q"},
	"/waiters/1/move":      {"restaurant_id", "q", "fingerprint"},
	"/waiters/move":        {"id", "restaurant_id", "q"},
	"/history/1/undo":      {"fingerprint", "q", "resolve"},
	"/history/3/undo":      {"fingerprint", "place_id", "q", "resolve"},
	"/sample":              {"token"},
	"/places/filter":       {"what"},
	"/waiters/1/delete":    {"fingerprint"},
	"/waiters/views/99":    {"name"},
	"/nonsense":            {"name"},
	"/places/views/1/edit": {"name"},
}

// The other texts there are. In lists they come after all others.
const (
	before  = "\U0010fffd before"
	another = "\U0010fffd other"
)

// live makes records of all kinds, changes and removes some, and keeps views.
func (w *wordy) live() {
	w.write("/places", "name", w.name, "address", w.address)
	w.write("/places", "name", w.name, "address", w.address)
	w.write("/restaurants", "place_id", "1", "serves_pizza", "1")
	w.write("/restaurants", "new_place", "1", "name", w.name, "address", w.address) // at place 3
	w.write("/waiters", "restaurant_id", "1", "name", w.name)
	w.write("/waiters", "restaurant_id", "1", "name", w.name)
	w.write("/waiters", "restaurant_id", "3", "name", w.name)
	w.write("/places", "name", before, "address", w.address)
	w.write("/places", "name", w.name, "address", before)

	edit := w.get("/places/4/edit").form("post")
	w.fill(edit.with("name", w.name))
	w.fill(w.get("/places/5/edit").form("post").with("address", w.long))
	w.fill(w.get("/restaurants/3/edit").form("post").with("serves_hot_dogs", "1"))

	// Conflicts: what was typed against what was saved, and the other way round.
	for _, two := range [][2]string{{w.name, another}, {another, w.name}} {
		at := w.post("/places", "name", before, "address", w.address).Header.Get("Location")
		mine := w.get(at+"/edit").form("post").with("name", two[0])
		w.fill(w.get(at+"/edit").form("post").with("name", two[1], "address", another))
		asked := w.fill(mine).status(http.StatusConflict)
		w.fill(asked.form("post").with("address", "")).status(http.StatusUnprocessableEntity)
	}

	// Previews that no longer fit.
	move := w.get("/restaurants/1/move?place_id=2").form("post")
	w.get("/restaurants/1/move?place_id=3")
	w.get("/restaurants/1/copy?place_id=2")
	w.get("/places/2/bring?restaurant=1")
	remove := w.get("/places/1/delete").form("post")
	w.write("/waiters", "restaurant_id", "1", "name", w.name)
	w.fill(move).status(http.StatusConflict)
	w.send("/places/1/delete", remove.Values).status(http.StatusConflict)
	w.post("/places/delete", "id", "1", "id", "2")
	w.post("/restaurants/serves?q="+url.QueryEscape(w.asked), "id", "1")
	w.post("/waiters/move?name__icontains="+url.QueryEscape(w.asked), "all", "1")

	// What is gone, what moved, what came back and what cannot.
	w.fill(w.get("/places/5/delete").form("post"))
	w.get("/places/5").status(http.StatusNotFound)
	w.send("/places/5", values("name", w.name, "address", w.long, "version", "9")).status(http.StatusNotFound)
	w.fill(w.get("/waiters/2/delete").form("post"))
	w.fill(w.get("/restaurants/3/move?place_id=2").form("post"))
	w.get("/restaurants/3").status(http.StatusNotFound)
	w.fill(w.get("/waiters/3/move?restaurant_id=1").form("post"))
	w.fill(w.get("/places/4/delete").form("post"))
	w.write("/history/" + w.last() + "/undo")
	w.write("/places/5/delete")
	w.write("/history/4/undo")

	// Views, of two people.
	w.views(asking, "", "q", w.name)
	w.views(asking, "1", "name__icontains", w.name)
	w.views(passerBy, "1", "exclude__restaurant__waiter__name", w.name)
	w.send("/places/views/1", values("start", "1"))
	w.send("/places/views?sort=name&q="+url.QueryEscape(w.asked), values("name", w.name)).status(http.StatusUnprocessableEntity)
}

func (w *wordy) views(person, shared, condition, words string) {
	query := url.Values{condition: {words}}.Encode()
	w.send("/places/views?"+query, values("name", w.name, "shared", shared), "Cookie", "maitred_person="+person)
}

// refused sends a field as it was typed in a form that nothing else is wrong with, and then in one
// where all is missing, so that it is shown again in any case.
func (w *wordy) refused(f textField) {
	typed := w.typed
	if f.name == "name" && shortened[typed] != "" {
		typed = w.name
	}
	w.post(f.form, append([]string{f.name, typed}, f.with...)...)
	w.post(f.form, append([]string{f.name, w.overlong()}, f.with...)...)
}

// write sends a form.
func (w *wordy) write(path string, fields ...string) { w.post(path, fields...) }

// fill sends a form as a page has it.
func (w *wordy) fill(f *filled) *page { return w.send(f.action, f.Values) }

func (w *wordy) get(target string, headers ...string) *page {
	return w.ask(http.MethodGet, target, "", headers...)
}

func (w *wordy) post(target string, fields ...string) *page {
	return w.send(target, values(fields...))
}

func (w *wordy) send(target string, form url.Values, headers ...string) *page {
	return w.ask(http.MethodPost, target, form.Encode(), headers...)
}

// ask sends a request, without the detour over a network, and keeps the answer.
func (w *wordy) ask(method, target, body string, headers ...string) *page {
	w.t.Helper()
	if w.model != nil && w.model.adds != nil && !w.model.adds[len(w.answers)] {
		w.answers = append(w.answers, nil)
		return nil
	}
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	r.Host, r.RequestURI = "localhost", target
	u, err := url.ParseRequestURI(target)
	if err != nil {
		w.t.Fatal(err)
	}
	r.URL = u
	r.Header.Set("Cookie", "maitred_person="+asking)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	tree, err := html.Parse(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	p := &page{
		Document: goquery.NewDocumentFromNode(tree), Header: answer.Result().Header, Status: answer.Code,
		s: w.site, what: method + " " + target, path: u.Path,
	}
	if p.Status >= 500 {
		w.t.Errorf("%s %s: a fault of ours: %d %s", method, target, p.Status, p.short())
	}
	w.answers = append(w.answers, p)
	return p
}
