package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// temptations are addresses that someone hopes a person is led to after signing in. None is a page of
// ours, or none that can be read; here is the site's own address.
func temptations(here string) (all []string) {
	for _, before := range []string{
		"", "/", "//", "///", "////", "\\", "\\\\", "/\\", "\\/", "/\\/", "//\\", "\\/\\/", "/\\\\", "/ /", "/\t/", "/\n/", "/\r\n/", "\t//", "\n//", " //", "\x00//", "/\x00/", "\u00a0//", "\ufeff//", "\u200b//", "\u202e//",
		"http://", "https://", "HTTPS://", "https:", "https:/", "https:///", "https:\\\\", "http:/\\", "//https:", "/https:", "/http://", "ftp://", "ws://", "https\t://", "ht\ntps://", " https://", "\x01https://", "https:\u2215\u2215",
		"/%2f", "/%2F%2f", "%2f%2f", "/%5c", "/%5C/", "%5c%5c", "/%09/", "/%0a/", "/%0d%0a/", "/%00/", "/%252f", "/%20/", "/%ef%bc%8f",
		"/.", "/./", "/.//", "/..", "/..//", "/%2e//", "/%2e%2e//", "/%2e%2e/", "//%2e%2e/", "/places/..//", "/places/%2e%2e//", "/places/../\\", "/;/", "/;//", "/#//",
		"/@", "//user@", "//user:word@", "//localhost@", "//localhost:80@", "https://localhost@", "//localhost\\@", "//localhost%00@", "@", "//%6cocalhost@", here + "@", here + ":80@", here + "\\@", here + ".",
		"／／", "/／", "／/", "/⁄", "∕∕", "⧸⧸", "﹨﹨", "＼＼", "//①②⑦.", "//localhost。", "//localhost．", "//localhost｡", "//xn--", "//[::1].", "//0x7f.1.", "//2130706433.",
		"/static//", "/healthz//", "/sign-in//", "/sign-in?next=//", "/sign-in?next=https://", "/sign-out?next=//", "/welcome?link=//", "/search/..//", "/users/..//", "/places?\r\nLocation: https://", "/\r\nLocation: https://", "/%E5%98%8A%E5%98%8DLocation: https://", "/嘊嘍Location: https://", "/\u2028//", "/\u0085//",
	} {
		all = append(all, before+"evil.example")
	}
	all = append(all, "", ".", "..", "/..", "?", "#", "?next=//evil.example", "#//evil.example", "places", "./places", "../places", "places/1", "//", "///", "/\\", "\\", "/%", "/%zz", "/places/%zz", "/places%", "%2fplaces", "%2Fplaces", "/%70laces//", "/Places", "/PLACES", "/place",
		"javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)", " javascript:alert(1)", "javascript://localhost/%0aalert(1)", "/javascript:alert(1)", "javascript&colon;alert(1)", "vbscript:x", "data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD4=", "blob:"+here+"/x", "file:///etc/passwd", "view-source:"+here, "about:blank", "mailto:a@evil.example", "tel:1", "intent://x", "filesystem:"+here, "feed:"+here, "jar:"+here, "chrome://settings", "x:y", ":", "::", "://", "http:", "http:places", "https:places", "https:/places", "http:///places",
		here, here+"/", here+"/places", strings.Replace(here, "http:", "https:", 1)+"/places", strings.TrimPrefix(here, "http:")+"/places", strings.TrimPrefix(here, "http:")+"1/places", "http://localhost:1/places", "http://localhost:65536/places", "http://[::1]/places", "http://127.0.0.1.evil.example/places", "//127.0.0.1/places", "//Desk.Example/places", "//desk.example:443/places", "//places", "//places/1", "///places", "/\\places", "\\places", "\\\\places",
		"/static", "/static/", "/static/app.css", "/static/../places", "/static/%2e%2e/places", "/healthz", "/healthz?x=/places", "/sign-in", "/sign-in?next=/places", "/sign-in/", "/sign-out", "/sign-out?next=/places", "/welcome", "/welcome?link=ABCDEFGHIJKLMNOPQRSTUVWXYZ", "/password-strength", "/sample", "/nothing", "/nothing/1", "/admin", "/.env", "/.git/config", "/favicon.ico", "/robots.txt",
		"/account/password", "/account/sessions/end", "/account/sessions/1/end", "/account/second-step/codes", "/account/second-step/remove", "/users/1/sign-out", "/users/1/link", "/users/1/second-step", "/places/views/1/delete", "/account/nothing", "/history/1/undo/more", "/places/1/nothing", "/places/1/edit/", "/users/1/",
		"/%2e", "/%2e%2e", "/%2e%2e/%2e%2e/etc/passwd", "/%73ign-out", "/%68ealthz", "/sign%2dout", "/%70laces", "/places\x00", "/places\x01", "/places\x7f", "/places\r\n", "/places\r\nSet-Cookie: maitred_session=x", "/places\n", "/places\t", "/pla\tces", "/places\\", "/places\\..\\..\\evil", "/\xff\xfe", "\xff",
		"/"+strings.Repeat("a", 30_000), strings.Repeat("/", 10_000), strings.Repeat("../", 5_000)+"evil", "/"+strings.Repeat("%2e%2e/", 3_000), "//"+strings.Repeat("a", 10_000)+".example", "http://"+strings.Repeat("a@", 5_000)+"evil.example",
	)
	return all
}

// readable are pages to go on with, as they are typed and as they are led to.
var readable = map[string]string{
	"/": "/", "/?x=1": "/?x=1", "/places": "/places", "/places?q=a%20b&sort=-name": "/places?q=a%20b&sort=-name", "/places?q=%C3%85ngstr%C3%B6m": "/places?q=%C3%85ngstr%C3%B6m", "/places/1": "/places/1", "/places/1/edit": "/places/1/edit",
	"/restaurants?q=//evil.example": "/restaurants?q=//evil.example", "/search?q=https://evil.example/": "/search?q=https://evil.example/", "/places#errors": "/places", "/history/1": "/history/1", "/history/1/undo": "/history/1/undo",
	"/places/99": "/places/99", "/account": "/account", "/account/second-step": "/account/second-step", "/users": "/users", "/users/second-step": "/users/second-step", "/users/trail?before=7": "/users/trail?before=7", "/places?q=🌭": "/places?q=%F0%9F%8C%AD", "/places?q=a b": "/places?q=a%20b", "/?//evil.example": "/?//evil.example", "/progress/x": "/progress/x", "/progress//evil.example": "/progress//evil.example", "/places/new": "/places/new",
}

// inside says whether browsers take an address, which stands in a header, for a page of the site at
// here: they read \ as /, and leave tabs and line ends out.
func inside(here, address string) bool {
	if strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return false
	}
	base, _ := url.Parse(here)
	u, err := base.Parse(strings.ReplaceAll(address, "\\", "/"))
	return err == nil && u.Scheme == base.Scheme && u.Host == base.Host && u.User == nil && strings.HasPrefix(address, "/") && !strings.HasPrefix(u.EscapedPath(), "//")
}

func TestWhoSignsInIsLedToPagesOfThisSiteOnly(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := peopleSite(t)
	m := s.as(mia)
	wanted := map[string]string{} // what may be led to, by what was asked for
	for _, address := range temptations(s.url) {
		wanted[address] = "/"
	}
	if len(wanted) < 200 {
		t.Fatalf("there are %d temptations only", len(wanted))
	}
	for asked, led := range readable {
		wanted[asked] = led
	}
	visited := map[string]bool{}
	for address, want := range wanted {
		query := "?" + url.Values{"next": {address}}.Encode()
		led := map[string]string{}
		led["with a session"] = m.get("/sign-in" + query).status(http.StatusSeeOther).Header.Get("Location")
		hidden := s.get("/sign-in"+query).status(http.StatusOK).Find("main form input[name=next]").AttrOr("value", "/")
		led["in the form"] = hidden
		if len(address) < 16_000 { // of addresses in headers, net/http takes no more
			partial := s.do(s.request(http.MethodGet, "/places", "", "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#list", "HX-Current-URL", headerOf(s.url+address))).status(http.StatusUnauthorized)
			to, _ := url.Parse(partial.Header.Get("HX-Redirect"))
			if to.Path != "/sign-in" || to.Host != "" || to.Scheme != "" {
				t.Errorf("%.100q: a part leads to %.100q", address, partial.Header.Get("HX-Redirect"))
			}
			if next := to.Query().Get("next"); next != "" && !inside(s.url, next) {
				t.Errorf("%.100q: a part leads on to %.100q", address, next)
			}
			partial = s.do(s.request(http.MethodGet, "/places", "", "HX-Request-Type", "partial", "HX-Target", "div#list", "HX-Current-URL", headerOf(address))).status(http.StatusUnauthorized)
			if to := partial.Header.Get("HX-Redirect"); to != "/sign-in" && !strings.Contains(address, strings.TrimPrefix(s.url, "http:")) {
				t.Errorf("%.100q: another site leads to %.100q", address, to)
			}
		}
		for where, to := range led {
			if to != want || !inside(s.url, to) {
				t.Errorf("%.100q: %s leads to %.100q, want %q", address, where, to, want)
			}
			if !visited[to] && inside(s.url, to) {
				visited[to] = true
				if p := m.get(to); p.Status >= 400 && p.Status != http.StatusNotFound {
					t.Errorf("%.100q: %s leads to %.100q, which answers %d", address, where, to, p.Status)
				}
			}
		}
	}
}

// headerOf leaves out what no header can carry.
func headerOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}

// What counts in the end is where the form leads that is sent, also by someone who made it up.
func TestASentNextLeadsToPagesOfThisSiteOnly(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := peopleSite(t)
	for _, address := range temptations(s.url) {
		if len(address) > 20_000 {
			continue // no more fits into this form
		}
		in := s.send("/sign-in?"+url.Values{"next": {address}}.Encode(), values("name", mia, "password", password, "next", address)).status(http.StatusSeeOther)
		if to := in.Header.Get("Location"); to != "/" {
			t.Errorf("%.100q leads to %.100q", address, to)
		}
		if got := in.Header.Values("Set-Cookie"); len(got) != 2 {
			t.Errorf("%.100q: the cookies are %q", address, got)
		}
	}
	for address, want := range readable {
		if to := s.post("/sign-in", "name", mia, "password", password, "next", address).status(http.StatusSeeOther).Header.Get("Location"); to != want {
			t.Errorf("%q leads to %q, want %q", address, to, want)
		}
	}
}

func TestThePageThatAsksToSignInNamesPagesOfThisSiteOnly(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := peopleSite(t)
	m := s.as(mia)
	for _, address := range temptations(s.url) {
		if !strings.HasPrefix(address, "/") || len(address) > 16_000 {
			continue
		}
		path, query, _ := strings.Cut(address, "?")
		u := &url.URL{Path: path, RawQuery: headerOf(query)}
		if p, err := url.PathUnescape(path); err == nil {
			u.Path, u.RawPath = p, path
		}
		r := s.request(http.MethodGet, "/", "")
		r.URL = u // past the client, which would tidy it up
		w := s.serve(r)
		if w.Code >= 500 {
			t.Errorf("%.100q: answered %d", address, w.Code)
		}
		for _, to := range hiddenNext(w.Body.String()) {
			if !inside(s.url, to) {
				t.Errorf("%.100q: the form goes on with %.100q", address, to)
			}
			if p := m.get(to); p.Status >= 500 {
				t.Errorf("%.100q: the form goes on with %.100q, which answers %d", address, to, p.Status)
			}
		}
	}
}

func hiddenNext(body string) []string {
	_, after, found := strings.Cut(body, `name="next" value="`)
	if !found {
		return nil
	}
	value, _, _ := strings.Cut(after, `"`)
	return []string{value}
}
