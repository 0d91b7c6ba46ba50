package handlers_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"maitred/handlers"
	"maitred/models/account"
)

func TestNobodyLearnsFromAnAnswerWhoHasAnAccount(t *testing.T) {
	repeats(t)
	t.Parallel()
	p := newPeople(t)
	anna := p.signedIn(p.anna)
	anna.post("/users", "name", "Dora", "role", "viewer").status(http.StatusSeeOther)
	anna.post(path(p.cleo), "disabled", "1").status(http.StatusSeeOther)
	p.signedIn(p.ben).addStep()
	said := map[string][]string{}
	for i, name := range []string{"Nobody", "Anna", "Ben", "Cleo", "Dora", "Someone", "The command line"} {
		r := p.sends("/sign-in", "name", name, "password", "wrong wrong wrong")
		r.RemoteAddr = fmt.Sprintf("192.0.2.%d:1", i+1)
		r.Header.Set("X-Forwarded-Proto", "https")
		w := httptest.NewRecorder()
		r.RemoteAddr = fmt.Sprintf("127.0.0.%d:1", i+1)
		p.ServeHTTP(w, r)
		page, err := goquery.NewDocumentFromReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		page.Find("main input[name=name]").SetAttr("value", "")
		html, _ := page.Html()
		answer := fmt.Sprint(w.Code, w.Header(), requestNumber.ReplaceAllString(html, ""))
		said[answer] = append(said[answer], name)
	}
	if len(said) != 1 {
		t.Errorf("there are %d answers: %v", len(said), said)
	}
}

func TestALinkThatDoesNotWorkSaysNotWhy(t *testing.T) {
	repeats(t)
	t.Parallel()
	p := newPeople(t)
	_, used, err := p.accounts.Invite(t.Context(), p.by(), "Dora", account.Viewer)
	if err != nil {
		t.Fatal(err)
	}
	p.post("/welcome", "link", used, "password", password).status(http.StatusSeeOther)
	_, replaced, _ := p.accounts.NewLink(t.Context(), p.by(), p.ben.ID)
	_, old, err := p.accounts.NewLink(t.Context(), p.by(), p.ben.ID)
	if err != nil {
		t.Fatal(err)
	}
	p.later(account.LinkFor + time.Minute)
	_, disabled, _ := p.accounts.NewLink(t.Context(), p.by(), p.cleo.ID)
	if err := p.accounts.SetDisabled(t.Context(), p.by(), p.cleo.ID, true); err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, word := range []string{"", "x", strings.Repeat("A", 26), used, replaced, old, disabled, strings.ToLower(disabled), "' OR 1=1 --", "\x00", strings.Repeat("A", 5000)} {
		asked := p.do(p.request(http.MethodGet, "/welcome?"+values("link", word).Encode(), "")).status(http.StatusNotFound)
		sent := p.post("/welcome", "link", word, "name", "Eve", "password", password).status(http.StatusNotFound)
		said[withoutNumber(asked)], said[withoutNumber(sent)] = true, true
	}
	if len(said) != 1 {
		t.Errorf("there are %d answers", len(said))
	}
}

// Only the fields that a form has are read, whoever writes more into it.
func TestFieldsThatNoFormHasChangeNothing(t *testing.T) {
	repeats(t)
	t.Parallel()
	p := newPeople(t)
	more := []string{"id", "1", "ID", "1", "user_id", "1", "Role", "manager", "role ", "manager", "role[]", "manager", "user[role]", "manager", "epoch", "1", "password_hash", "x", "secret", "x", "invited", "0", "created_at", "2000-01-01", "name_norm", "anna", "next", "//evil.example"}
	anna, cleo := p.signedIn(p.anna), p.signedIn(p.cleo)
	anna.post("/users", append([]string{"name", "Dora", "role", "viewer", "password", password, "disabled", "0", "link", "x"}, more...)...).status(http.StatusSeeOther)
	dora, err := p.accounts.Named(t.Context(), "Dora")
	if err != nil || dora.Role != account.Viewer || !dora.Invited || dora.Disabled || dora.ID == 1 {
		t.Errorf("Dora is %+v, %v", dora, err)
	}
	p.post("/sign-in", "name", "Dora", "password", password).status(http.StatusUnprocessableEntity)
	_, word, err := p.accounts.NewLink(t.Context(), p.by(), dora.ID)
	if err != nil {
		t.Fatal(err)
	}
	p.post("/welcome", append([]string{"link", word, "name", "Anna", "role", "manager", "password", password}, more...)...).status(http.StatusSeeOther)
	cleo.post("/account/password", append([]string{"current", password, "password", "four blue kettles", "role", "manager", "name", "Anna", "disabled", "0"}, more...)...).status(http.StatusSeeOther)
	cleo.post("/sign-in", append([]string{"name", "Cleo", "password", "four blue kettles", "role", "manager"}, more...)...).status(http.StatusSeeOther)
	anna.post(path(p.ben), append([]string{"role", "viewer", "disabled", "1", "password", "five blue kettles"}, more...)...).status(http.StatusSeeOther)
	for _, form := range []string{"role=manager", "role=manager&role=viewer"} { // in the address nothing is read
		p.signedIn(p.anna).post(path(p.ben)+"?"+form+"&disabled=1", "nothing", "1").status(http.StatusBadRequest)
	}
	for u, want := range map[*account.User]account.User{p.anna: {Name: "Anna", Role: account.Manager}, p.ben: {Name: "Ben", Role: account.Viewer}, p.cleo: {Name: "Cleo", Role: account.Viewer}, dora: {Name: "Dora", Role: account.Viewer}} {
		if now := p.now(u); now.Name != want.Name || now.Role != want.Role || now.Disabled {
			t.Errorf("%s is %+v", want.Name, now)
		}
	}
	p.signedIn(p.ben)
}

// A form that a manager opened is worth what its sender may do when it is sent.
func TestAFormKeptOpenIsWorthWhatOnesRoleIsNow(t *testing.T) {
	repeats(t)
	t.Parallel()
	p := newPeople(t)
	if err := p.accounts.SetRole(t.Context(), p.by(), p.ben.ID, account.Manager); err != nil {
		t.Fatal(err)
	}
	anna, ben := p.signedIn(p.anna), p.signedIn(p.ben)
	place := ben.get("/places/new").form("post").with("name", "Ben's", "address", "1 Street")
	invite := ben.get("/users/new").form("post").with("name", "Eve", "role", "manager")
	anna.post(path(p.ben), "role", "viewer").status(http.StatusSeeOther)

	ben.send(invite.action, invite.Values).status(http.StatusUnauthorized)
	asked := ben.send(place.action, place.Values).status(http.StatusUnauthorized).form("post")
	ben.send(asked.action, asked.with("name", "Ben", "password", password).Values).status(http.StatusForbidden).says("You can read here")
	ben.send(invite.action, invite.Values).status(http.StatusForbidden)
	ben.post(path(p.ben), "role", "manager").status(http.StatusForbidden)
	ben.post(path(p.ben, "link")).status(http.StatusForbidden)
	if p.rows("users") != 3 || p.rows("places") != 0 || p.now(p.ben).Role != account.Viewer {
		t.Error("something was done")
	}
}

func TestAManagerMaySwitchThemselvesOffWhereThereIsAnother(t *testing.T) {
	repeats(t)
	t.Parallel()
	p := newPeople(t)
	anna := p.signedIn(p.anna)
	anna.post(path(p.anna), "disabled", "1").status(http.StatusUnprocessableEntity).says("only manager")
	anna.post(path(p.ben), "role", "manager").status(http.StatusSeeOther)
	to := anna.post(path(p.anna), "disabled", "1").status(http.StatusSeeOther).Header.Get("Location")
	anna.get(to).status(http.StatusUnauthorized)
	anna.post("/sign-in", "name", "Anna", "password", password).status(http.StatusUnprocessableEntity)
	ben := p.signedIn(p.ben)
	ben.post(path(p.ben), "role", "viewer").status(http.StatusUnprocessableEntity).says("only manager")
	ben.get("/users").status(http.StatusOK)
}

// What somebody made a browser keep beforehand is neither taken for a session nor lives on in one.
func TestACookieThatSomebodyPlantedIsNoSession(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := peopleSite(t)
	eve := s.as(edgar) // whose own session is planted in the browser of Mia
	overTLS := func(method, path, body, cookies string) *httptest.ResponseRecorder {
		r := s.request(method, path, body, "X-Forwarded-For", "198.51.100.7", "X-Forwarded-Proto", "https", "Host", "desk.example", "Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", cookies)
		r.RemoteAddr = proxy + ":443"
		return s.serve(r)
	}
	if w := overTLS(http.MethodGet, "/account", "", "maitred_session="+eve.session); w.Code != http.StatusUnauthorized {
		t.Errorf("over TLS a cookie that any site next door can set is answered %d", w.Code)
	}
	in := overTLS(http.MethodPost, "/sign-in", values("name", mia, "password", password).Encode(), "maitred_session="+eve.session)
	for _, c := range in.Result().Cookies() {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Domain != "" || c.Path != "/" || c.Value == eve.session {
			t.Errorf("the cookie is %v", c)
		}
	}
	mine := s.as(mia)
	if w := overTLS(http.MethodGet, "/account", "", "maitred_session="+eve.session+"; __Host-maitred_session="+mine.session); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), mia) {
		t.Errorf("beside a planted one, one's own is answered %d", w.Code)
	}
	for _, planted := range []string{strings.Repeat("A", 26), eve.session} {
		in := s.with(planted).post("/sign-in", "name", vera, "password", password).status(http.StatusSeeOther)
		if in.given("maitred_session") == planted {
			t.Error("a planted session goes on")
		}
		s.with(planted).get("/").status(http.StatusUnauthorized)
	}
}

// Pages of other sites neither sign somebody in as someone else nor out.
func TestOtherSitesSignNobodyInOrOut(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := peopleSite(t)
	m := s.as(mia)
	for _, from := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", strings.Replace(s.url, "http:", "https:", 1) + "1"}, {"Sec-Fetch-Site", "cross-site", "Origin", s.url}, {"Sec-Fetch-Site", "none, cross-site"},
	} {
		for path, form := range map[string][]string{"/sign-in": {"name", edgar, "password", password}, "/sign-out": nil, "/welcome": {"link", "x"}, "/password-strength": {"password", "x"}, "/account/password": {"current", password, "password", "four blue kettles"}, "/users": {"name", "Eve", "role", "manager"}} {
			r := m.sends(path, form...)
			for i := 0; i < len(from); i += 2 {
				r.Header.Set(from[i], from[i+1])
			}
			if p := m.do(r).status(http.StatusForbidden); len(p.Header.Values("Set-Cookie")) != 0 || p.Header.Get("Clear-Site-Data") != "" {
				t.Errorf("%s from %q: %v", path, from, p.Header)
			}
		}
	}
	for _, path := range []string{"/sign-out", "/sign-in", "/account/sessions/end"} { // nor does a link or a picture
		m.get(path, "Sec-Fetch-Site", "cross-site")
		m.do(m.request(http.MethodHead, path, ""))
	}
	m.get("/account").status(http.StatusOK)
}

func TestWhateverAnswerIsAskedForWhoIsOutGetsNothing(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := peopleSite(t)
	for _, headers := range [][]string{
		{"Accept", "application/json"}, {"Accept", "*/*"}, {"Accept", "text/csv"}, {"X-Requested-With", "XMLHttpRequest"}, {"HX-Request", "true"}, {"HX-Boosted", "true"}, {"HX-History-Restore-Request", "true"}, {"Range", "bytes=0-10"}, {"If-None-Match", "*"}, {"If-Modified-Since", "Mon, 02 Jan 2040 00:00:00 GMT"},
		{"X-HTTP-Method-Override", "GET"}, {"X-Original-URL", "/healthz"}, {"X-Rewrite-URL", "/healthz"}, {"Authorization", "Basic TWlhOnRocmVlIGJsdWUga2V0dGxlcw=="}, {"Upgrade", "websocket"}, {"Expect", "100-continue"}, {"X-Forwarded-User", mia}, {"Remote-User", mia},
	} {
		for _, path := range []string{"/places/1", "/users", "/account", "/places/1/", "//places/1", "/./places/1", "/static/../places/1", "/static/%2e%2e/places/1", "/healthz/../places/1", "/places/1?next=/healthz", "/places/1;/healthz", "/PLACES/1"} {
			r := s.request(http.MethodGet, path, "", headers...)
			p := s.do(r)
			if p.Status != http.StatusUnauthorized && p.Status != http.StatusNotFound && p.Status != http.StatusExpectationFailed {
				t.Errorf("%s with %q: answered %d", path, headers, p.Status)
			}
			p.silentAbout("Demon Dogs", "Edgar")
		}
	}
	for _, path := range []string{"/", "/places", "/places/1", "/users", "/account", "/nothing"} {
		head := s.do(s.request(http.MethodHead, path, ""))
		if head.Status != http.StatusUnauthorized || head.Body != "" || len(head.Header.Values("Set-Cookie")) != 0 {
			t.Errorf("HEAD %s: answered %d, %q", path, head.Status, head.Header)
		}
		for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "FOO"} {
			if p := s.do(s.request(method, path, "")); p.Status != http.StatusUnauthorized {
				t.Errorf("%s %s: answered %d", method, path, p.Status)
			}
		}
	}
}

func TestPasswordsOfAnyLengthAreTakenOrRefusedInWords(t *testing.T) {
	repeats(t)
	t.Parallel()
	p := newPeople(t)
	ben := p.signedIn(p.ben)
	varied := func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, "%x kettle ", i*7919)
		}
		return b.String()[:n-1] + "x"
	}
	longest := varied(512)
	ben.post("/account/password", "current", password, "password", longest+"y").status(http.StatusUnprocessableEntity).saysAt("password", "too long")
	ben.post("/account/password", "current", password, "password", longest, "again", longest).status(http.StatusSeeOther)
	p.post("/sign-in", "name", "Ben", "password", longest).status(http.StatusSeeOther)
	p.post("/sign-in", "name", "Ben", "password", longest[:511]).status(http.StatusUnprocessableEntity)
	p.post("/sign-in", "name", "Ben", "password", longest[:72]).status(http.StatusUnprocessableEntity) // where bcrypt would cut
	p.post("/sign-in", "name", "Ben", "password", strings.Repeat("x", 60_000)).status(http.StatusUnprocessableEntity)
	p.post("/sign-in", "name", strings.Repeat("é", 5_000), "password", strings.Repeat("\u0301", 5_000)).status(http.StatusUnprocessableEntity)
	p.post("/sign-in", "name", "Ben", "password", strings.Repeat("x", 64<<10)).status(http.StatusRequestEntityTooLarge)
	p.post("/password-strength", "password", strings.Repeat("ﬃ", 15_000)).status(http.StatusRequestEntityTooLarge)
	p.post("/password-strength", "password", strings.Repeat("x", 60_000)).status(http.StatusOK)
}

func TestNamesThatReadAlikeAreOneAndNoneBreaksALineOrAHeader(t *testing.T) {
	repeats(t)
	t.Parallel()
	p := newPeople(t)
	anna := p.signedIn(p.anna)
	for _, name := range []string{"anna", "ANNA", " Anna", "Anna ", "Ａｎｎａ", "Ánna", "An\u0301na", "An\u200bna", "Anna\u200d", "\ufeffAnna", "Ann\u00ada", "Anna\u202e", "𝐀𝐧𝐧𝐚", "someone", "The Command  Line", "Some\u200bone", "\u200b", "\u2060 \u3164"} {
		if got := anna.post("/users", "name", name, "role", "viewer").Status; got != http.StatusUnprocessableEntity {
			t.Errorf("%q may come in beside Anna: %d", name, got)
		}
	}
	for _, name := range []string{"Eve\r\nSet-Cookie: x=1", "Eve\nlevel=ERROR msg=forged", "Eve\x00", "Eve\x1b[2J", "Eve\u2028x"} {
		p := anna.post("/users", "name", name, "role", "viewer")
		if p.Header.Get("X") != "" || slices.ContainsFunc(p.Header.Values("Set-Cookie"), func(c string) bool { return !strings.HasPrefix(c, "maitred_") }) {
			t.Errorf("%q writes a header: %v", name, p.Header)
		}
	}
	users, err := p.accounts.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range users {
		if strings.ContainsFunc(u.Name, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u2028' }) {
			t.Errorf("a name has a line of its own: %q", u.Name)
		}
	}
}

// What people type where they sign in is often a password. It stands in no log and no trail, and nothing
// they type begins a line of the log.
func TestWhatIsTypedAtTheDoorStandsInNoLogAndNoTrail(t *testing.T) {
	onlyOfAFile(t, "it is searched")
	repeats(t)
	t.Parallel()
	p := newPeople(t)
	log := new(kept)
	o := p.options("")
	o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p.accounts.Log = o.Log
	p.answerBy(handlers.New(o))
	const typed = "Xylophone"
	for _, headers := range [][]string{nil, {"User-Agent", typed + "\tlevel=ERROR", "X-Forwarded-For", typed, "Cookie", "maitred_session=" + typed + "; maitred_device=" + typed, "Referer", p.url + "/welcome?link=" + typed, "HX-Current-URL", typed}} {
		for path, form := range map[string][]string{
			"/sign-in": {"name", typed + "\nlevel=ERROR msg=forged", "password", typed, "next", "/" + typed, "kept", typed}, "/sign-in?name=" + typed: {"proof", typed, "code", typed}, "/welcome": {"link", typed, "name", typed, "password", typed}, "/welcome?link=" + typed: nil, "/password-strength": {"name", typed, "password", typed},
			"/sign-out": {"x", typed}, "/account/password": {"current", typed, "password", typed + typed},
		} {
			p.do(p.request(http.MethodPost, path, values(form...).Encode(), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...))
			p.do(p.request(http.MethodGet, path, "", headers...))
		}
	}
	anna := p.signedIn(p.anna)
	anna.post("/account/password", "current", typed+typed, "password", typed+" "+typed+"-1").status(http.StatusUnprocessableEntity)
	anna.post("/account/second-step", "draft", typed, "code", typed, "current", typed+typed).status(http.StatusUnprocessableEntity)
	anna.post(path(p.ben), "role", typed).status(http.StatusUnprocessableEntity)
	anna.post("/users", "name", typed, "role", typed).status(http.StatusUnprocessableEntity)
	anna.get("/users/trail").status(http.StatusOK).silentAbout(typed)
	log.mu.Lock()
	said := log.String()
	log.mu.Unlock()
	if at := strings.Index(said, typed); at >= 0 {
		t.Errorf("the log has what was typed: …%.300s", said[max(0, at-200):])
	}
	if strings.Contains(said, "forged") || strings.Contains(said, password) {
		t.Error("the log has a forged line, or a password")
	}
	if strings.Count(said, "\n") < 30 {
		t.Errorf("the log is %s", said)
	}
	files, err := filepath.Glob(p.file + "*")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(f)
		_ = f.Close()
		if err != nil || bytes.Contains(all, []byte(typed+typed)) || bytes.Contains(all, []byte(password)) {
			t.Errorf("%s has what was typed, %v", filepath.Base(file), err)
		}
	}
}
