package handlers_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"maitred/handlers"
	"maitred/handlers/answertest"
	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
	"maitred/models/backup"
)

// site is the whole site on a database of its own, and a visitor without a browser.
type site struct {
	*models.Store
	http.Handler
	t    tester
	url  string
	file string

	withPeople bool // who comes must sign in
	busy       bool // it may answer that it has no time at the moment
	people     *account.Accounts
	backups    *backup.Backups
	session    string // the word of whose session it is; "" for who is not signed in
	device     string
	browsers   map[string]*site // of people who are signed in, by name

	jar map[string]string // the cookies of who keeps all they are given; nil for who keeps none

	bare http.Handler // without the eye on each answer
	stop func()       // also ends the requests that are still answered
}

// tester is a test, a benchmark or a run of a property.
type tester interface {
	rapid.TB
	Cleanup(func())
	Context() context.Context
	Output() io.Writer
}

// emptySite starts a site without a record. When the test is over its database must be sound.
func emptySite(t testing.TB) *site {
	t.Helper()
	return openSite(t, filepath.Join(t.TempDir(), "maitred.db"))
}

// openSite starts a site over a database file.
func openSite(t tester, file string) *site {
	t.Helper()
	s := &site{t: t, file: file}
	s.start()
	t.Cleanup(func() { s.stop() })
	return s
}

// start starts a site that was stopped, or a new one, over its database file.
func (s *site) start() {
	s.t.Helper()
	store, err := models.Open(context.Background(), databaseAt(s.t, s.file), migrations.Apply)
	if err != nil {
		s.t.Fatal(err)
	}
	store.Patience = 0 // a busy machine is no reason to fail
	s.Store = store
	everyone := account.Manager
	if s.withPeople {
		everyone = ""
		if s.people, err = account.Open(context.Background(), store, account.Beside(s.file), migrations.ApplySessions); err != nil {
			s.t.Fatal(err)
		}
	}
	s.Handler = handlers.New(s.options(everyone))
	s.bare = s.Handler
	s.watch()
	server := httptest.NewServer(s.Handler)
	s.url = server.URL
	s.stop = func() {
		server.Close()
		s.mustBeSound()
		if s.people != nil {
			if err := s.people.Close(); err != nil {
				s.t.Error(err)
			}
		}
		if err := store.Close(); err != nil {
			s.t.Error(err)
		}
	}
}

// proxy is the address of the one that the site trusts.
const proxy = "203.0.113.1"

// watch looks at each answer, unless it is measured or the gate looks for races, after all were looked at.
func (s *site) watch() {
	t := s.t
	s.Handler = s.bare
	if _, measured := t.(*testing.B); !measured && !raceDetector {
		s.Handler = answertest.Handler(s.bare, func(fault string) { t.Errorf("%s", fault) })
	}
}

// options are those of a site where nobody signs in, or of one where people do.
func (s *site) options(everyone account.Role) handlers.Options {
	store := s.Store
	people := s.people
	if everyone != "" {
		people = nil
	}
	return handlers.Options{
		Everyone: everyone,
		Accounts: people,
		Store:    func(*http.Request) (*models.Store, error) { return store, nil },
		Graph:    store.Graph,
		Backups:  s.backups,
		Hosts:    []string{"Desk.Example"},
		Proxies:  []netip.Prefix{netip.MustParsePrefix(proxy + "/32")},
		Log:      slog.New(slog.NewTextHandler(s.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
}

// The named world of these tests: Demon Dogs has a restaurant where Joe works, Ace Hardware is
// free. A restaurant's key is its place's.
const (
	demonDogs   = "1"
	aceHardware = "2"
	joe         = "1"
)

// newSite is the site of the article.
func newSite(t testing.TB) *site {
	t.Helper()
	s := emptySite(t)
	s.settle()
	return s
}

// settle adds what is in the article.
func (s *site) settle() {
	s.t.Helper()
	s.add("/places", "name", "Demon Dogs", "address", "944 W. Fullerton")
	s.add("/places", "name", "Ace Hardware", "address", "1013 N. Ashland")
	s.add("/restaurants", "place_id", demonDogs, "serves_hot_dogs", "1")
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Joe")
}

// add creates a record and returns its key.
func (s *site) add(list string, fields ...string) string {
	s.t.Helper()
	p := s.post(list, fields...).status(http.StatusSeeOther)
	return p.Header.Get("Location")[len(list)+1:]
}

// page is an answer.
type page struct {
	*goquery.Document
	Header http.Header
	Status int
	Body   string

	s    *site
	what string // the request, for messages
	path string
}

// get asks for a page; headers are names and values in turn. Redirects are not followed.
func (s *site) get(path string, headers ...string) *page {
	s.t.Helper()
	return s.do(s.request(http.MethodGet, path, "", headers...))
}

// post sends a form whose fields are given as names and values in turn.
func (s *site) post(path string, fields ...string) *page {
	s.t.Helper()
	return s.send(path, values(fields...))
}

func (s *site) send(path string, form url.Values, headers ...string) *page {
	s.t.Helper()
	headers = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)
	return s.do(s.request(http.MethodPost, path, form.Encode(), headers...))
}

func values(pairs ...string) url.Values {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

func (s *site) request(method, path, body string, headers ...string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if s.session != "" {
		r.AddCookie(&http.Cookie{Name: "maitred_session", Value: s.session})
	}
	if s.device != "" {
		r.AddCookie(&http.Cookie{Name: "maitred_device", Value: s.device})
	}
	for name, value := range s.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for i := 0; i < len(headers); i += 2 {
		if has := r.Header.Get("Cookie"); headers[i] == "Cookie" && has != "" {
			headers[i+1] = has + "; " + headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	return r
}

// visitor never follows a redirect and keeps no cookie.
var visitor = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
}

// do sends a request. Whatever is asked, no answer may be a fault of ours, and one that refuses
// must be a whole page that leads on.
func (s *site) do(r *http.Request) *page {
	s.t.Helper()
	res, err := visitor.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	p := &page{
		Header: res.Header, Status: res.StatusCode, Body: string(body),
		s: s, what: r.Method + " " + r.URL.RequestURI(), path: r.URL.Path,
	}
	for _, given := range res.Cookies() {
		if s.jar != nil {
			s.jar[given.Name] = given.Value
		}
		if s.jar != nil && given.MaxAge < 0 {
			delete(s.jar, given.Name)
		}
	}
	if len(p.what) > 200 {
		p.what = p.what[:200] + "…"
	}
	if p.Document, err = goquery.NewDocumentFromReader(strings.NewReader(p.Body)); err != nil {
		s.t.Fatal(err)
	}
	if p.Status >= 500 && !s.Store.ReadOnly && !(s.busy && p.Status == http.StatusServiceUnavailable) {
		s.t.Errorf("%s: a fault of ours: %d %s", p.what, p.Status, p.short())
	}
	if p.Status >= 400 && r.Method != http.MethodHead && p.Header.Get("HX-Redirect") == "" {
		p.leadsOn()
	}
	return p
}

// leadsOn says that a refusal is a whole page with a next step; without a form to correct it also
// shows the number of the request.
func (p *page) leadsOn() {
	p.s.t.Helper()
	if p.Find("html > head > title").Text() == "" || p.Find("main h1").Length() != 1 {
		p.s.t.Errorf("%s: %d is no whole page: %.300s", p.what, p.Status, p.Body)
	}
	if p.Find("main a[href], main form").Length() == 0 {
		p.s.t.Errorf("%s: %d names no next step: %s", p.what, p.Status, p.short())
	}
	if p.Find("main form").Length() == 0 && !requestNumber.MatchString(p.sentence()) {
		p.s.t.Errorf("%s: %d shows no number of the request: %s", p.what, p.Status, p.short())
	}
}

var requestNumber = regexp.MustCompile(`[Rr]equest.*\b[A-Z2-7]{12}\b`)

// status expects an answer.
func (p *page) status(want int) *page {
	p.s.t.Helper()
	if p.Status != want {
		p.s.t.Fatalf("%s: answered %d, want %d: %s", p.what, p.Status, want, p.short())
	}
	return p
}

// sentence is all that the page says in its main part.
func (p *page) sentence() string { return squeezed(p.Find("main")) }

// short is the sentence for a message of a test.
func (p *page) short() string {
	if said := []rune(p.sentence()); len(said) > 400 {
		return string(said[:400]) + "…"
	}
	return p.sentence()
}

func squeezed(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// says expects words on the page.
func (p *page) says(words ...string) *page {
	p.s.t.Helper()
	said := p.sentence()
	for _, w := range words {
		if !strings.Contains(said, w) {
			p.s.t.Errorf("%s does not say %q, but: %s", p.what, w, p.short())
		}
	}
	return p
}

func (p *page) silentAbout(words ...string) *page {
	p.s.t.Helper()
	for _, w := range words {
		if strings.Contains(p.sentence(), w) {
			p.s.t.Errorf("%s says %q: %s", p.what, w, p.short())
		}
	}
	return p
}

// saysAt expects words in the description of a field.
func (p *page) saysAt(field, words string) *page {
	p.s.t.Helper()
	var said []string
	p.Find("main [aria-describedby]").Each(func(_ int, e *goquery.Selection) {
		if e.AttrOr("name", "") != field && e.AttrOr("id", "") != field {
			return
		}
		for _, id := range strings.Fields(e.AttrOr("aria-describedby", "")) {
			said = append(said, squeezed(p.Find("#"+id)))
		}
	})
	if !strings.Contains(strings.Join(said, " "), words) {
		p.s.t.Errorf("%s: the field %s says %q, want %q", p.what, field, said, words)
	}
	return p
}

// keeps expects what was typed in a field to be still there.
func (p *page) keeps(field, typed string) *page {
	p.s.t.Helper()
	if kept := p.form("post").Get(field); kept != typed {
		p.s.t.Errorf("%s: the field %s has %q, what was typed is %q", p.what, field, kept, typed)
	}
	return p
}

// leads expects a link to an address.
func (p *page) leads(href string) *page {
	p.s.t.Helper()
	if !slices.Contains(p.links("main a"), href) {
		p.s.t.Errorf("%s has no link to %s, but to %q", p.what, href, p.links("main a"))
	}
	return p
}

func (p *page) links(selector string) (hrefs []string) {
	p.Find(selector).Each(func(_ int, a *goquery.Selection) { hrefs = append(hrefs, a.AttrOr("href", "")) })
	return hrefs
}

// click follows the link with these words.
func (p *page) click(words string) *page {
	p.s.t.Helper()
	var href string
	p.Find("main a").EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if squeezed(a) == words {
			href = a.AttrOr("href", "")
		}
		return href == ""
	})
	if href == "" {
		p.s.t.Fatalf("%s has no link %q", p.what, words)
	}
	return p.s.get(href).status(http.StatusOK)
}

// leadTo expects a redirect to an address and goes there.
func (p *page) leadTo(path string) *page {
	p.s.t.Helper()
	p.status(http.StatusSeeOther)
	if got := p.Header.Get("Location"); got != path {
		p.s.t.Fatalf("%s leads to %s, want %s", p.what, got, path)
	}
	return p.s.get(path).status(http.StatusOK)
}

// listed are the keys of a list's rows, by the first link of each to a record of the list.
func (p *page) listed() []string {
	p.s.t.Helper()
	var keys []string
	p.Find("main table tbody tr").Each(func(_ int, row *goquery.Selection) {
		key := ""
		row.Find("a").EachWithBreak(func(_ int, a *goquery.Selection) bool {
			rest, ok := strings.CutPrefix(a.AttrOr("href", ""), p.path+"/")
			if ok && !strings.Contains(rest, "/") {
				key = rest
			}
			return key == ""
		})
		if key == "" {
			p.s.t.Errorf("%s: a row leads to no record: %s", p.what, squeezed(row))
		}
		keys = append(keys, key)
	})
	return keys
}

// lists expects exactly these records, in any order.
func (p *page) lists(keys ...string) *page {
	p.s.t.Helper()
	p.status(http.StatusOK)
	got := p.listed()
	slices.Sort(got)
	slices.Sort(keys)
	if !slices.Equal(got, keys) {
		p.s.t.Errorf("%s lists %q, want %q", p.what, got, keys)
	}
	return p
}

// filled is a form as a browser would send it.
type filled struct {
	url.Values
	p              *page
	method, action string
}

// form reads the form with this method in the main part of the page, apart from the buttons that
// undo a change, which may stand on any page.
func (p *page) form(method string) *filled {
	p.s.t.Helper()
	forms := p.Find("main form").FilterFunction(func(_ int, f *goquery.Selection) bool {
		action := f.AttrOr("action", "")
		return strings.EqualFold(f.AttrOr("method", "get"), method) && (!strings.HasSuffix(action, "/undo") || action == p.path)
	})
	if forms.Length() != 1 {
		p.s.t.Fatalf("%s: %d has %d forms to %s: %s", p.what, p.Status, forms.Length(), method, p.short())
	}
	return p.filled(forms, method)
}

// filled is a form of the page as it stands there.
func (p *page) filled(forms *goquery.Selection, method string) *filled {
	f := &filled{url.Values{}, p, method, forms.AttrOr("action", p.path)}
	forms.Find("input, textarea, select").Each(func(_ int, e *goquery.Selection) {
		name := e.AttrOr("name", "")
		_, disabled := e.Attr("disabled")
		_, checked := e.Attr("checked")
		switch typ := e.AttrOr("type", "text"); {
		case name == "" || disabled || typ == "submit":
		case (typ == "checkbox" || typ == "radio") && !checked:
		case goquery.NodeName(e) == "textarea":
			f.Add(name, e.Text())
		case goquery.NodeName(e) == "select":
			f.Add(name, e.Find("option[selected]").AttrOr("value", ""))
		default:
			f.Add(name, e.AttrOr("value", ""))
		}
	})
	return f
}

// with changes fields, given as names and values in turn; the value "" takes the field out.
func (f *filled) with(pairs ...string) *filled {
	for i := 0; i < len(pairs); i += 2 {
		if f.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			f.Del(pairs[i])
		}
	}
	return f
}

func (f *filled) send() *page {
	f.p.s.t.Helper()
	if f.method == "get" {
		return f.p.s.get(f.action + "?" + f.Encode())
	}
	return f.p.s.send(f.action, f.Values)
}

// many sends requests at once and returns their statuses, sorted, and the addresses they led to.
func (s *site) many(requests []*http.Request) (statuses []int, led []string) {
	s.t.Helper()
	type answer struct {
		status int
		to     string
		err    error
	}
	answers := make(chan answer)
	for _, r := range requests {
		go func() {
			res, err := visitor.Do(r)
			if err != nil {
				answers <- answer{err: err}
				return
			}
			_, err = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			answers <- answer{res.StatusCode, res.Header.Get("Location"), err}
		}()
	}
	for range requests {
		a := <-answers
		if a.err != nil {
			s.t.Error(a.err)
		}
		if a.status >= 500 {
			s.t.Errorf("a fault of ours: %d", a.status)
		}
		statuses = append(statuses, a.status)
		if a.to != "" {
			led = append(led, a.to)
		}
	}
	slices.Sort(statuses)
	slices.Sort(led)
	return statuses, led
}

func (f *filled) request() *http.Request {
	return f.p.s.request(http.MethodPost, f.action, f.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// counted runs a query that counts.
func (s *site) counted(query string, args ...any) (n int) {
	s.t.Helper()
	err := s.View(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw(query, args...).Scan(ctx, &n)
	})
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (s *site) changes() int { s.t.Helper(); return s.counted("SELECT count(*) FROM changes") }

func (s *site) rows(table string) int {
	s.t.Helper()
	return s.counted("SELECT count(*) FROM ?", bun.Ident(table))
}

// dump is all that is stored, as text.
func (s *site) dump() string {
	s.t.Helper()
	var b strings.Builder
	err := s.View(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		for _, k := range s.Graph.Kinds() {
			var rows []map[string]any
			if err := tx.NewRaw("SELECT * FROM ? ORDER BY ?", bun.Ident(k.Table), bun.Ident(k.Key.Name)).Scan(ctx, &rows); err != nil {
				return err
			}
			for _, r := range rows {
				fmt.Fprintf(&b, "%s %v\n", k.Table, r)
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	fmt.Fprintf(&b, "%d changes\n", s.changes())
	return b.String()
}

// writesNothing expects that what is done leaves no trace.
func (s *site) writesNothing(do func()) {
	s.t.Helper()
	before := s.dump()
	do()
	if after := s.dump(); after != before {
		s.t.Errorf("something was written.\nBefore:\n%s\nAfter:\n%s", before, after)
	}
}

// mustBeSound checks what must always be true: foreign keys hold, each version is a change, kept
// counts and normalised texts fit, and each change wrote as many rows as it says.
func (s *site) mustBeSound() {
	s.t.Helper()
	mustBeNone := func(what, query string, args ...any) {
		s.t.Helper()
		if n := s.counted(query, args...); n != 0 {
			s.t.Errorf("%d %s", n, what)
		}
	}
	if !s.OnServer() {
		mustBeNone("broken foreign keys", "SELECT count(*) FROM pragma_foreign_key_check")
	}
	mustBeNone("changes with another number of rows than they say",
		"SELECT count(*) FROM changes WHERE row_count <> (SELECT count(*) FROM change_rows WHERE change_id = changes.id)")
	for _, k := range s.Graph.Kinds() {
		mustBeNone(k.Table+" whose version is no change that wrote them",
			"SELECT count(*) FROM ?0 WHERE NOT EXISTS (SELECT 1 FROM change_rows r WHERE r.change_id = ?0.version AND r.kind = ?1 AND r.identity = ?0.?2 AND r.after_key = ?0.?3)",
			bun.Ident(k.Table), k.Table, bun.Ident(k.Identity.Name), bun.Ident(k.Key.Name))
		for _, r := range k.Children {
			if r.Count != nil {
				mustBeNone(k.Table+" with a wrong "+r.Count.Name,
					"SELECT count(*) FROM ?0 WHERE ?1 <> (SELECT count(*) FROM ?2 c WHERE c.?3 = ?0.?4)",
					bun.Ident(k.Table), bun.Ident(r.Count.Name), bun.Ident(r.To.Table), bun.Ident(r.Column.Name), bun.Ident(k.Key.Name))
			}
		}
	}
}

// throughProxy asks as somebody who comes through the trusted proxy, over the scheme that it tells.
func (s *site) throughProxy(scheme, host, path string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := s.request(http.MethodGet, path, "", append([]string{"Host", host, "X-Forwarded-For", "198.51.100.7", "X-Forwarded-Proto", scheme}, headers...)...)
	r.RemoteAddr = proxy + ":443"
	return s.serve(r)
}

// serve answers a request past the network.
func (s *site) serve(r *http.Request) *httptest.ResponseRecorder {
	if r.RemoteAddr == "" {
		r.RemoteAddr = "127.0.0.1:1234"
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}
