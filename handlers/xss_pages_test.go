package handlers_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"maitred/migrations"
	"maitred/models"
)

// addresses are those in which a person's words can stand.
func (w *wordy) addresses() (paths []string) {
	q := url.QueryEscape(w.asked)
	for _, path := range []string{
		"/places?q=%s", "/restaurants?q=%s", "/waiters?q=%s&sort=-name", "/search?q=%s", "/search?q=move+%s", "/places?q=nobody+%s",
		"/places?name=%s", "/places?name__in=z%c", "/waiters?name__iexact=%s&exclude__name__istartswith=%s", "/restaurants?place__address__endswith=%s&q=nobody",
		"/places?exclude__restaurant__waiter__name__contains=%s", "/places?pk=%s", "/places?sort=%s", "/places?count=%s", "/places?after=%s", "/places?before=%s",
		"/places?%s=x", "/places?name__%s=x", "/places?%s=%s", "/places?restaurant=%s", "/restaurants?serves_pizza=%s", "/places/new?name=%s&address=%s",
		"/places/1?in=q%%3D%q", "/waiters/new?restaurant_id=%s", "/waiters/new?name=%s&q=%s&restaurant_id=1", "/restaurants/new?place_id=%s&q=%s",
		"/restaurants/new?new_place=1&name=%s&address=%s", "/restaurants/1/move?q=%s&place_id=%s", "/restaurants/1/copy?q=%s", "/waiters/1/move?q=%s", "/places/4/bring?q=%s",
		"/places/4/bring?restaurant=%s", "/places/1/delete?q=%s&restaurants=%s", "/history?actor=%s", "/history?kind=%s", "/history?day=%s", "/history?before=%s", "/history?record=%s",
		"/history?record=places-%s", "/history?%s=1", "/history/1?kind=%s&identity=%s", "/history/1/undo?place_id=%s&q=%s", "/places/filter?what=%s", "/places/filter?what=name&how=%s&value=%s",
		"/places/filter?what=name&how=contains&value=&list=%%3Fq%%3D%q", "/places/filter?what=name&how=contains&value=%s&not=1&exactly=1",
		"/places/filter?list=%%3Fname%%3D%q&change=name%%3D%q", "/waiters/filter?what=restaurant&q=%s&value=%s&how=is", "/places/views?again=%s&query=q%%3D%q",
		"/places/views/1?name=%s", "/?next=%s", "/sign-in?next=%s", "/places?record=%s", "/%s", "/places/%s", "/places/1/%s", "/history/%s", "/history/%s/undo", "/progress/%s", "/places/views/%s", "/static/%s",
	} {
		word := q
		if !strings.Contains(path, "?") {
			word = url.PathEscape(w.asked)
		}
		paths = append(paths, strings.NewReplacer("%s", word, "%q", url.QueryEscape(q), "%c", url.QueryEscape(strings.ReplaceAll(w.asked, ",", "")), "%%", "%").Replace(path))
	}
	return paths
}

// partsAndHeaders asks with words where a browser or htmx puts its own, and for parts of pages.
func (w *wordy) partsAndHeaders() {
	header := strings.Map(func(r rune) rune { // what a request can carry at all
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, w.typed)
	q := url.QueryEscape(w.asked)
	partial := func(path, name string) {
		w.get(path, "HX-Request", "true", "HX-Request-Type", "partial", name, "#"+header)
	}
	for _, name := range []string{"HX-Target", "HX-Current-URL", "HX-Trigger", "HX-Source", "HX-Prompt", "HX-Boosted", "Referer", "User-Agent", "Accept-Language", "X-Forwarded-For", "X-Forwarded-Host", "X-Request-Id"} {
		partial("/places/1", name)
	}
	for _, path := range []string{"/places?q=" + q, "/search?q=" + q, "/nonsense"} {
		partial(path, "HX-Target")
	}
	w.get("/places", "Host", header)
	w.get("/places", "Sec-Fetch-Site", header)
	for _, cookie := range []string{"maitred_list=places?q=" + q, "maitred_list=" + header, "maitred_list=places?" + header, "maitred_person=" + header, "maitred_done=" + header, "maitred_done=" + w.newest, header} {
		w.get("/places/1", "Cookie", cookie)
	}
	for _, part := range []struct{ path, target string }{
		{"/places?q=", "div#list"}, {"/history?actor=", "div#list"}, {"/search?q=", "div#found"}, {"/places/filter?what=name&how=&value=", "div#filter"},
		{"/places/1/delete?q=", "div#plan"}, {"/restaurants/1/move?place_id=3&q=", "div#preview"}, {"/restaurants/1/move?q=", "div#place_id-hits"}, {"/places?name__iexact=", "div#list"},
	} {
		w.get(part.path+q, "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", part.target)
	}
	for _, form := range slices.Sorted(maps.Keys(otherFields)) {
		for _, name := range otherFields[form] {
			w.post(form, name, w.asked)
		}
	}
}

// way is a link of a page that was answered, to be followed.
type way struct{ answer, link int }

// link leads to a page or, with a target, to a part of one.
type link struct{ to, target string }

// linksOf are the links of an answer, looked for once.
func (w *wordy) linksOf(answer int) []link {
	if w.found == nil {
		w.found = map[int][]link{}
	}
	if _, known := w.found[answer]; !known {
		w.found[answer] = w.links(w.answers[answer])
	}
	return w.found[answer]
}

// links are all ways on from a page to another: links that are no files, what htmx asks for by itself, and forms that ask.
func (w *wordy) links(p *page) (links []link) {
	p.Find("a[href]:not([href*='.csv'], [href*='.xlsx']), [hx-get], form:not([method=post])").Each(func(_ int, e *goquery.Selection) {
		links = append(links, link{e.AttrOr("href", ""), ""})
		links = append(links, link{e.AttrOr("hx-get", ""), e.AttrOr("hx-target", "")})
		if goquery.NodeName(e) != "form" {
			return
		}
		fields := url.Values{}
		e.Find("input, select").Each(func(_ int, field *goquery.Selection) {
			switch name := field.AttrOr("name", ""); {
			case field.Is("[type=search], [type=text], input:not([type])"):
				fields.Add(name, w.asked)
			case field.Is("[type=hidden], :checked"):
				fields.Add(name, field.AttrOr("value", ""))
			case goquery.NodeName(field) == "select":
				fields.Add(name, field.Find("option[selected]").AttrOr("value", ""))
			}
		})
		links = append(links, link{e.AttrOr("action", "") + "?" + fields.Encode(), ""})
	})
	return links
}

// follow goes on from a page.
func (w *wordy) follow(on way) {
	w.t.Helper()
	if w.answers[on.answer] == nil {
		w.answers = append(w.answers, nil)
		return
	}
	links := w.linksOf(on.answer)
	if on.link >= len(links) {
		w.t.Fatalf("%s has %d links, not %d", w.answers[on.answer].what, len(links), on.link)
	}
	l := links[on.link]
	headers := []string{"Cookie", w.cookies(l.to)}
	if l.target != "" {
		headers = append(headers, "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div"+l.target)
	}
	w.get(l.to, headers...)
}

// cookies are those of someone who comes from a list that was searched.
func (w *wordy) cookies(to string) string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(to, "/"), "/")
	return "maitred_person=" + asking + "; maitred_list=" + kind + "?q=" + url.QueryEscape(w.name)
}

// wander follows every link of every page until there is nothing new, and says which.
func (w *wordy) wander() (ways []way) {
	known := map[string]bool{}
	for i := 0; i < len(w.answers); i++ {
		for j, l := range w.linksOf(i) {
			path, query, _ := strings.Cut(l.to, "?")
			if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "/static/") {
				continue
			}
			asked, _ := url.ParseQuery(query)
			for _, same := range []string{"sort", "count", "column"} {
				asked.Del(same)
			}
			place := fmt.Sprint(path, slices.Sorted(maps.Keys(asked)), asked.Get("what"), l.target)
			if known[place] {
				continue
			}
			known[place] = true
			ways = append(ways, way{i, j})
			w.follow(way{i, j})
		}
	}
	return ways
}

// told is a site of harmless words and the ways through it.
type told struct {
	*wordy
	ways []way
	adds map[int]bool // the answers that show words where no earlier one does, and those that lead there
}

// newTold goes everywhere. Each site of hostile words goes to the answers that add something.
func newTold(w *wordy) *told {
	m := &told{wordy: w, ways: w.wander()}
	story := len(w.answers) - len(m.ways)
	adds, known := map[int]bool{}, map[string]bool{}
	for i, p := range w.answers {
		page := fmt.Sprint(p.Status, digits.ReplaceAllString(p.path, "#"))
		if i >= w.needed && strings.Contains(strings.ToLower(p.path), "harmless") {
			page = fmt.Sprint(p.Status)
		}
		for _, spot := range spots(p.Nodes[0]) {
			if !known[page+spot] {
				known[page+spot], adds[i] = true, true
			}
		}
		if i < w.needed || p.Status == http.StatusSeeOther && strings.HasPrefix(p.what, http.MethodPost) { // what follows rests on it
			adds[i] = true
		}
	}
	for j := len(m.ways) - 1; j >= 0; j-- {
		if adds[story+j] {
			adds[m.ways[j].answer] = true
		}
	}
	m.adds = adds
	return m
}

var digits = regexp.MustCompile(`[0-9]+`)

func TestWhateverIsTypedIsTextOnEveryPage(t *testing.T) {
	repeats(t)
	t.Parallel()
	file := emptyFile(t)
	world := func(t *testing.T, p payload, model *told) *wordy {
		copied := filepath.Join(t.TempDir(), "maitred.db")
		if err := os.WriteFile(copied, file, 0o600); err != nil {
			t.Fatal(err)
		}
		return tell(t, copied, p, model)
	}
	likes := map[string]*told{}
	for flaw, words := range harmless {
		likes[flaw] = newTold(world(t, newPayload(words), nil))
	}
	t.Logf("%d of %d answers", len(likes[""].adds), len(likes[""].answers))
	for i, typed := range hostile {
		if i%3 == 2 && os.Getenv("MAITRED_HOSTILE") == "" { // two of three take long enough
			continue
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			p := newPayload(typed)
			model := likes[p.flaw]
			if i%20 == 0 { // some go everywhere
				all := *model
				all.adds, model = nil, &all
			}
			w := world(t, p, model)
			w.mustBeLike(model, 0)
			for _, s := range model.ways {
				w.follow(s)
			}
			w.mustBeLike(model, len(w.answers)-len(model.ways))
		})
	}
}

// emptyFile is a database without a record, as it lies on disk.
func emptyFile(t *testing.T) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "maitred.db")
	store, err := models.Open(t.Context(), name, migrations.Apply)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// mustBeLike compares the answers from one on with those to harmless words.
func (w *wordy) mustBeLike(model *told, from int) {
	w.t.Helper()
	for i, got := range w.answers[from:] {
		if got == nil {
			continue
		}
		want := model.answers[from+i]
		if got.Status != want.Status {
			w.t.Errorf("%s is answered %d, and %s %d: %s", got.what, got.Status, want.what, want.Status, got.short())
			continue
		}
		if what := other(want.Nodes[0], got.Nodes[0]); what != "" {
			w.t.Errorf("%s: %s (as %s)", got.what, what, want.what)
		}
		for _, name := range []string{"Location", "HX-Redirect", "HX-Location", "HX-Push-Url", "HX-Retarget", "HX-Reselect", "HX-Reswap", "HX-Trigger", "Refresh", "Content-Type", "Content-Security-Policy"} {
			w, g := want.Header.Get(name), got.Header.Get(name)
			w, _, _ = strings.Cut(w, "?")
			if g, _, _ = strings.Cut(g, "?"); w != g {
				got.s.t.Errorf("%s: the header %s is %q instead of %q", got.what, name, g, w)
			}
		}
	}
	if w.t.Failed() {
		w.t.FailNow()
	}
}
