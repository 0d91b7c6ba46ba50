package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// methods of HTTP that a route could have; the last one is nobody's.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "BREW"}

// routes are the addresses of the site by method, with the records of the named world in the places
// of keys. They are read off the router, so that a new one is looked at without another word.
func (s *site) routes() map[string][]string {
	s.t.Helper()
	found := map[string][]string{}
	for _, r := range s.bare.(*echo.Echo).Routes() {
		path := strings.NewReplacer(":id", "1", ":name", "maitred-20261129-120000.db", "*", "app.css").Replace(r.Path)
		if strings.Contains(path, ":") {
			s.t.Fatalf("%s has a parameter that this test does not know", r.Path)
		}
		found[r.Method] = append(found[r.Method], path)
	}
	if len(found["POST"]) < 20 || len(found["GET"]) < 30 {
		s.t.Fatalf("the router has %d routes that write and %d that read", len(found["POST"]), len(found["GET"]))
	}
	return found
}

func TestOnlyPostWrites(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	for method := range s.routes() {
		if method != "GET" && method != "HEAD" && method != "POST" {
			t.Errorf("there are routes for %s", method)
		}
	}
	writing := s.routes()["POST"]
	form := values("name", "New", "address", "1", "place_id", aceHardware, "restaurant_id", demonDogs, "id", "1", "all", "1", "fingerprint", "x", "confirm", "1", "version", "1").Encode()
	s.writesNothing(func() {
		for _, path := range writing {
			for _, method := range methods {
				if method == "POST" || method == "CONNECT" {
					continue
				}
				for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
					p := s.do(s.request(method, path+"?_method=POST&"+form, form, "Content-Type", "application/x-www-form-urlencoded", header, "POST", "HX-Request", "true"))
					reads := method == "GET" || method == "HEAD" || method == "OPTIONS"
					if !reads && p.Status != http.StatusMethodNotAllowed && p.Status != http.StatusNotImplemented {
						t.Errorf("%s: answered %d", p.what, p.Status)
					}
					if p.Status == http.StatusMethodNotAllowed && !strings.Contains(p.Header.Get("Allow"), "POST") && !strings.Contains(p.Header.Get("Allow"), "GET") {
						t.Errorf("%s: Allow is %q", p.what, p.Header.Get("Allow"))
					}
				}
			}
		}
	})
}

func TestEachWriteIsRefusedThatComesFromAnotherSite(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	const host = "desk.example:8080" // over plain HTTP, where browsers do not send Sec-Fetch-Site
	sites := []string{"same-origin", "none", "same-site", "cross-site", "nonsense", ""}
	origins := map[string]string{
		"right": "http://" + host, "evil": "https://evil.example", "null": "null", "absent": "", "another port": "http://desk.example:81",
		"a longer name": "http://desk.example:8080.evil.example", "in its user": "http://desk.example:8080@evil.example", "nonsense": "desk.example:8080",
	}
	htmx := [][]string{nil, {"HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#list", "HX-Boosted", "true", "HX-Current-URL", "http://" + host + "/places"}, {"X-Requested-With", "XMLHttpRequest"}}
	paths := append(s.routes()["POST"], "/nonsense", "/places/99", "/places?"+strings.Repeat("a=1&", 2000)+"=%zz")
	refused, passed := 0, 0
	for _, path := range paths {
		for _, site := range sites {
			for what, origin := range origins {
				for _, more := range htmx {
					headers := append([]string{"Host", host}, more...)
					if site != "" {
						headers = append(headers, "Sec-Fetch-Site", site)
					}
					if origin != "" {
						headers = append(headers, "Origin", origin)
					}
					allowed := site == "same-origin" || site == "none" || site == "" && (what == "right" || what == "absent")
					p := s.send(path, values("fingerprint", "x"), headers...)
					if (p.Status == http.StatusForbidden) == allowed {
						t.Errorf("%s: Sec-Fetch-Site %q, Origin %s (%q): answered %d %s", p.what, site, what, origin, p.Status, p.short())
					}
					if allowed {
						passed++
						continue
					}
					refused++
					p.says("another site", "nothing was changed")
				}
			}
		}
	}
	if refused < 1000 || passed < 500 {
		t.Errorf("only %d were refused and %d let through", refused, passed)
	}
}

func TestARequestThatIsRefusedForItsOriginWritesNothing(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	confirmed := s.get("/places/" + demonDogs + "/delete").form("post")
	s.writesNothing(func() {
		for _, headers := range [][]string{{"Origin", "null"}, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site", "Origin", s.url}, {"Sec-Fetch-Site", "same-site"}} {
			s.send(confirmed.action, confirmed.Values, headers...).status(http.StatusForbidden)
			s.send("/places", values("name", "New", "address", "1"), append(headers, "HX-Request", "true")...).status(http.StatusForbidden)
			// It comes before anything else that could be wrong.
			s.send("/places", values("name", strings.Repeat("x", 70_000)), headers...).status(http.StatusForbidden)
			s.send("/nonsense", nil, headers...).status(http.StatusForbidden)
			s.send("/places", nil, append(headers, "Host", "other.example")...).status(http.StatusForbidden)
			for _, method := range []string{"PUT", "DELETE", "BREW"} {
				s.do(s.request(method, "/places/1", "", headers...)).status(http.StatusForbidden)
			}
		}
	})
	confirmed.send().status(http.StatusSeeOther)
}

func TestAFormOfOursSaysWhereItComesFromWhereBrowsersSayNothingElse(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct {
		host, policy string
	}{
		{"localhost:8080", "no-referrer"}, {"127.0.0.1", "no-referrer"}, {"[::1]:80", "no-referrer"}, {"Desk.Example", "same-origin"}, {"desk.example.:80", "same-origin"}, {"evil.example", "same-origin"},
	} {
		for _, path := range []string{"/", "/places/1/edit", "/nonsense"} {
			if got := s.get(path, "Host", c.host).Header.Get("Referrer-Policy"); got != c.policy {
				t.Errorf("%s at %s: Referrer-Policy is %q, want %q", path, c.host, got, c.policy)
			}
		}
		if got := s.throughProxy("https", c.host, "/").Header().Get("Referrer-Policy"); got != "no-referrer" {
			t.Errorf("at %s under TLS: Referrer-Policy is %q", c.host, got)
		}
	}
}

func TestAnswersUnderTLSBindTheNameToIt(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct {
		scheme, host string
		bound        bool
	}{{"https", "desk.example", true}, {"https", "Desk.Example.:8443", true}, {"https", "localhost", false}, {"https", "[::1]:443", false}, {"http", "desk.example", false}} {
		for _, path := range []string{"/", "/nonsense", "/healthz"} {
			if got := s.throughProxy(c.scheme, c.host, path).Header().Get("Strict-Transport-Security"); (got != "") != c.bound || c.bound && !strings.Contains(got, "includeSubDomains") {
				t.Errorf("%s at %s over %s: Strict-Transport-Security is %q", path, c.host, c.scheme, got)
			}
		}
	}
	r := s.request(http.MethodGet, "/", "", "X-Forwarded-Proto", "https", "Host", "desk.example")
	if p := s.do(r); p.Header.Get("Strict-Transport-Security") != "" {
		t.Error("who is no trusted proxy is believed to speak TLS")
	}
}

func TestCookiesUnderTLSAreOnesThatNobodyElseCanPlant(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	under := s.throughProxy("https", "desk.example", "/places?q=demon")
	cookie := under.Header().Get("Set-Cookie")
	if !strings.HasPrefix(cookie, "__Host-maitred_list_places=places?q=demon;") || !strings.Contains(cookie, "; Secure") {
		t.Errorf("the cookie is %q", cookie)
	}
	for what, c := range map[string]struct {
		scheme, cookie string
		known          bool
	}{
		"its own":                     {"https", "__Host-maitred_list_places=places?q=demon", true},
		"one from a plain line":       {"https", "maitred_list_places=places?q=demon", false},
		"a plain one over plain HTTP": {"http", "maitred_list_places=places?q=demon", true},
		"a bound one over plain HTTP": {"http", "__Host-maitred_list_places=places?q=demon", false},
	} {
		w := s.throughProxy(c.scheme, "desk.example", "/places/1", "Cookie", c.cookie)
		if known := strings.Contains(w.Body.String(), "In the list of 1 place"); known != c.known {
			t.Errorf("%s is read: %v", what, known)
		}
	}
}

func TestFormsAndAddressesHaveAThousandFields(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	fields := func(n int) string { return strings.Repeat("&a=1", n) }
	const form = "application/x-www-form-urlencoded"
	s.writesNothing(func() {
		for _, path := range []string{"/places", "/places/1", "/places/1/delete", "/waiters/move", "/history/1/undo"} {
			s.do(s.request(http.MethodPost, path, "name=New&address=1"+fields(999), "Content-Type", form)).status(http.StatusRequestEntityTooLarge).says("1,000 fields")
			s.do(s.request(http.MethodPost, path, strings.Repeat("&", 20_000), "Content-Type", form))
			s.do(s.request(http.MethodPost, path, fields(15_000), "Content-Type", form)).status(http.StatusRequestEntityTooLarge)
			s.do(s.request(http.MethodPost, path+"?a=1"+fields(1000), "name=New&address=1", "Content-Type", form)).status(http.StatusRequestEntityTooLarge)
		}
		for _, path := range []string{"/", "/places", "/places/1", "/search", "/healthz"} {
			s.get(path + "?a=1" + fields(1000)).status(http.StatusRequestEntityTooLarge).says("1,000 conditions")
		}
		var pairs []string
		for i := range 1001 {
			pairs = append(pairs, fmt.Sprint("f", i), "")
		}
		body, typ := parts(t, pairs[:500]...)
		if len(body) > 60_000 {
			t.Fatalf("the parts have %d bytes", len(body))
		}
		s.do(s.request(http.MethodPost, "/places", body, "Content-Type", typ)).status(http.StatusUnprocessableEntity)
		body, typ = parts(t, pairs...)
		s.do(s.request(http.MethodPost, "/places", body, "Content-Type", typ)).status(http.StatusRequestEntityTooLarge)
		// Parts without a name are short: many fit into 64 kB.
		body = strings.Repeat("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n", 1200) + "--x--\r\n"
		s.do(s.request(http.MethodPost, "/places", body, "Content-Type", "multipart/form-data; boundary=x")).status(http.StatusRequestEntityTooLarge)
		for _, broken := range []string{"", "--x", "--x\r\n", strings.Repeat("--x\r\n\r\n", 500)} {
			if p := s.do(s.request(http.MethodPost, "/places", broken, "Content-Type", "multipart/form-data; boundary=x")); p.Status != http.StatusBadRequest && p.Status != http.StatusUnprocessableEntity {
				t.Errorf("broken parts %q: answered %d", broken, p.Status)
			}
		}
		s.do(s.request(http.MethodPost, "/places", "name=a", "Content-Type", "multipart/form-data")).status(http.StatusBadRequest)
	})
	s.do(s.request(http.MethodPost, "/places", "name=New&address=1"+fields(998), "Content-Type", form)).status(http.StatusSeeOther)
	s.get("/places/1?a=1" + fields(999)).status(http.StatusOK)
}
