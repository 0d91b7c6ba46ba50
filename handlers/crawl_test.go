package handlers_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"maitred/handlers"
	"maitred/models/account"
)

// aSharedDay is a site on which everybody of the staff, and somebody before them, did everything that
// pages tell of, and what a visitor was shown before the others went on.
func aSharedDay(t *testing.T) (s *site, pages []string) {
	t.Helper()
	s = newStaff(t)
	for _, name := range []string{"Vic", "Ed", "Eve"} {
		for i := range 4 { // deleted, restored, deleted for good, there
			place := s.does(name, fmt.Sprintf("%s's place %d", name, i), fmt.Sprintf("%s-%d", name, i))
			path := fmt.Sprint("/places/", place.Key)
			if pages = append(pages, path, fmt.Sprint("/history/", place.ID), fmt.Sprint("/history?record=places-", place.Identity)); i == 3 {
				break
			}
			gone := s.remove(name, "places", place.Key)
			pages = append(pages, fmt.Sprint("/history/", gone))
			if i == 1 { // another one undoes it, a third takes that back
				again := s.undo("Max", gone)
				pages = append(pages, fmt.Sprint("/history/", again), fmt.Sprint("/history/", s.undo("Eve", again)))
			}
		}
	}
	free := s.as("Eve").add("/places", "name", "Free", "address", "9 Street")
	s.as("Eve").get("/restaurants/" + demonDogs + "/move?place_id=" + free).form("post").send().status(http.StatusSeeOther)
	for _, name := range []string{"Vic", "Ed"} { // what they deleted cannot simply come back: Eve opened another one there
		at := s.as("Max").add("/places", "name", "Corner", "address", "7 Street")
		key, _ := strconv.ParseInt(s.as("Max").add("/restaurants", "place_id", at), 10, 64)
		gone := s.remove(name, "restaurants", key)
		s.as("Eve").add("/restaurants", "place_id", at)
		lost := s.does("Max", "Lost", "")
		s.as("Max").get(fmt.Sprintf("/places/%d/edit", lost.Key)).form("post").with("name", "Found").send().status(http.StatusSeeOther)
		renamed := s.given(name)
		s.remove("Eve", "places", lost.Key)
		pages = append(pages, fmt.Sprintf("/history/%d/undo", gone), fmt.Sprintf("/history/%d/undo", renamed), "/places/"+at)
	}
	for i := range 25 {
		p := s.as([]string{"Max", "Eve", "Ed"}[i%3])
		p.get("/waiters/"+joe+"/edit").form("post").with("name", fmt.Sprint("Joe ", i)).send().status(http.StatusSeeOther)
	}
	s.as("Eve").post("/waiters/views?q=joe", "name", "Joes", "shared", "1", "start", "1").status(http.StatusSeeOther)
	for _, name := range []string{"Vic", "Ed"} {
		s.exec("INSERT INTO saved_views (kind, name, name_norm, query, owner, owner_name, shared) VALUES ('places', 'Dogs', 'dogs', 'q=dogs', ?, ?, FALSE)", fmt.Sprint("user ", member(name).ID), name)
	}
	return s, append(pages, "/restaurants/"+demonDogs, "/places/"+demonDogs, "/waiters/"+joe, "/waiters?q=nobody", "/places?name=x", "/search?q=joe", "/search?q=new",
		"/search?q=move+joe", "/search?q=zzz", "/search?q=delete", "/history?kind=places", "/history?kind=restaurants&day=2001-01-01",
		"/places/views?again=Gone&query=q%3Dx&shared=1", "/nothing", "/history/99999", "/places/99999")
}

// remove lets somebody delete a record and returns the number of the change.
func (s *site) remove(name, table string, key int64) int {
	s.t.Helper()
	s.as("Max").get(fmt.Sprintf("/%s/%d/delete", table, key)).form("post").send().status(http.StatusSeeOther)
	return s.given(name)
}

// undo lets somebody undo a change, whosever it is, and returns the number of the undo.
func (s *site) undo(name string, number int) int {
	s.t.Helper()
	s.as("Max").post(fmt.Sprintf("/history/%d/undo", number)).status(http.StatusSeeOther)
	return s.given(name)
}

// given makes the newest change somebody else's, who may no longer do such a thing, and returns its
// number.
func (s *site) given(name string) int {
	s.t.Helper()
	s.exec("UPDATE authors SET user_id = ? WHERE change_id = ?", member(name).ID, s.newest())
	s.exec("UPDATE changes SET actor = ? WHERE id = ?", name, s.newest())
	return s.newest()
}

// keepsOwn are the forms that write no record: whoever reads may send them.
var keepsOwn = regexp.MustCompile(`^/\w+/(columns|views(/\d+(/delete)?)?)$`)

// ofAccounts are the forms by which people come in, go out and look after accounts.
var ofAccounts = regexp.MustCompile(`^/(sign-in|sign-out|account|users|password-strength)\b`)

func TestWhateverAPersonIsShownTheyMayDo(t *testing.T) {
	t.Parallel()
	repeats(t)
	for name, visit := range map[string]struct {
		who      string
		everyone account.Role // where nobody signs in
		writes   bool
	}{
		"a viewer":             {who: "Vic"},
		"an editor":            {who: "Ed", writes: true},
		"a manager":            {who: "Max", writes: true},
		"anyone, as a viewer":  {everyone: account.Viewer},
		"anyone, as an editor": {everyone: account.Editor, writes: true},
		"anyone, as a manager": {everyone: account.Manager, writes: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, pages := aSharedDay(t)
			if visit.everyone != "" {
				s.answerBy(handlers.New(s.options(visit.everyone)))
			}
			w := &walk{site: s.as(visit.who), writes: visit.writes, seen: map[string]bool{}, forms: map[string]bool{}}
			w.to("/", "")
			for _, path := range pages {
				w.to(path, "")
			}
			w.messages()
			w.walk()
			if visit.writes {
				w.conflicts()
			}
			w.sendAll()
			w.walk()
			if len(w.seen) < 100 {
				t.Errorf("only %d pages were seen", len(w.seen))
			}
		})
	}
}

func TestAnEmptySiteOffersNothingToWhoOnlyReads(t *testing.T) {
	t.Parallel()
	for _, visit := range []struct {
		who    string
		writes bool
	}{{"Vic", false}, {"Ed", true}} {
		s := emptySite(t).employ()
		w := &walk{site: s.as(visit.who), writes: visit.writes, seen: map[string]bool{}, forms: map[string]bool{}}
		w.to("/", "")
		w.walk()
		if w.forms["/sample"] != visit.writes {
			t.Errorf("%s is offered %v", visit.who, slices.Collect(maps.Keys(w.forms)))
		}
	}
}

// walk goes wherever pages lead.
type walk struct {
	*site
	writes bool
	seen   map[string]bool
	next   [][2]string // addresses, and where they stand
	forms  map[string]bool
}

// to notes an address, once for each path and names of what it asks.
func (w *walk) to(href, from string) {
	u, err := url.Parse(href)
	if err != nil || u.Host != "" || u.Path == "" {
		return
	}
	shape := u.Path + "?" + strings.Join(slices.Sorted(maps.Keys(u.Query())), "&")
	if from == "" {
		shape = href
	}
	if !w.seen[shape] {
		w.seen[shape] = true
		w.next = append(w.next, [2]string{href, from})
	}
}

func (w *walk) walk() {
	w.t.Helper()
	for len(w.next) > 0 {
		at := w.next[0]
		if w.next = w.next[1:]; strings.HasPrefix(at[0], "/static/") {
			continue
		}
		u, _ := url.Parse(at[0])
		p := w.get(u.RequestURI())
		if at[1] != "" {
			w.allowed(p, "the link to it", at[1])
		}
		w.look(p)
		if to := p.Header.Get("Location"); to != "" {
			w.to(to, p.what)
		}
		if len(w.seen) > 5000 {
			w.t.Fatal("this never ends")
		}
	}
}

func (w *walk) allowed(p *page, what, from string) {
	w.t.Helper()
	if p.Status == http.StatusForbidden || p.Status == http.StatusUnauthorized || p.Status == http.StatusMethodNotAllowed {
		w.t.Errorf("%s stands on %s, and %s is refused: %d %s", what, from, p.what, p.Status, p.short())
	}
}

// look notes where a page leads, and which forms it has.
func (w *walk) look(p *page) {
	w.t.Helper()
	p.saysNothingInternal()
	p.Find("[href], [hx-get]").Each(func(_ int, e *goquery.Selection) {
		w.to(e.AttrOr("href", ""), p.what)
		w.to(e.AttrOr("hx-get", ""), p.what)
	})
	p.Find("form, [formaction], [hx-post]").Each(func(_ int, e *goquery.Selection) {
		action := e.AttrOr("formaction", e.AttrOr("hx-post", e.AttrOr("action", p.path)))
		method := "get"
		switch _, sends := e.Attr("hx-post"); {
		case sends:
			method = "post"
		case goquery.NodeName(e) == "form":
			method = e.AttrOr("method", "get")
		default:
			method = e.AttrOr("formmethod", e.Closest("form").AttrOr("method", "get"))
		}
		if method == "get" {
			w.to(action, p.what)
			return
		}
		path, _, _ := strings.Cut(action, "?")
		if ofAccounts.MatchString(path) { // tried by other tests: they would end the session
			return
		}
		if !w.writes && !keepsOwn.MatchString(path) {
			w.t.Errorf("%s has a form that writes, to %s, for who only reads", p.what, action)
		}
		w.forms[action] = true
	})
	if w.session != "" {
		p.Find("form[method=post]:not([action='/sign-out'])").Each(func(_ int, f *goquery.Selection) {
			if f.Find("input[name=as]").AttrOr("value", "") == "" {
				w.t.Errorf("%s does not say in the form to %s whose it is", p.what, f.AttrOr("action", ""))
			}
		})
	}
	if !w.writes {
		p.Find("input[name=id], input[name=all], input[name=shared]").Each(func(_ int, e *goquery.Selection) {
			w.t.Errorf("%s lets who only reads choose %q", p.what, e.AttrOr("name", ""))
		})
	}
}

// sendAll sends each form that was shown, with a fingerprint that fits nothing and nothing typed.
func (w *walk) sendAll() {
	w.t.Helper()
	for _, action := range slices.Sorted(maps.Keys(w.forms)) {
		answer := w.post(action, "fingerprint", "other")
		w.allowed(answer, "the form", "some page")
		w.look(answer)
	}
}

// messages are pages that tell what was just done, whatever a cookie says that was.
func (w *walk) messages() {
	w.t.Helper()
	for n := range w.newest() {
		w.look(w.get("/places", "Cookie", fmt.Sprint("maitred_done=", n+1)))
	}
}

// conflicts are pages that tell what others did since something was shown.
func (w *walk) conflicts() {
	w.t.Helper()
	edit, deletion := w.get("/waiters/"+joe+"/edit").form("post"), w.get("/places/"+aceHardware+"/delete").form("post")
	other := w.site
	if other.session != "" {
		other = other.as("Eve")
	}
	other.get("/places/"+aceHardware+"/edit").form("post").with("name", "Ace").send().status(http.StatusSeeOther)
	other.get("/waiters/"+joe+"/edit").form("post").with("name", "Joseph").send().status(http.StatusSeeOther)
	w.look(edit.with("name", "Jo").send().status(http.StatusConflict))
	w.look(deletion.send().status(http.StatusConflict))
	w.walk()
}
