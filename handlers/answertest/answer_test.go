package answertest

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	head = `<!DOCTYPE html><html lang="en"><head><title>T</title><noscript><meta charset="utf-8"></noscript></head><body><main><h1>T</h1>`
	foot = `</main></body></html>`
)

// sound is an answer without a fault.
func sound() (*http.Request, http.Header) {
	r := httptest.NewRequest(http.MethodGet, "/places", nil)
	h := http.Header{}
	for _, pair := range [][2]string{
		{"Content-Security-Policy", "default-src 'none'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
		{"X-Content-Type-Options", "nosniff"}, {"Referrer-Policy", "no-referrer"}, {"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"}, {"Permissions-Policy", "camera=()"}, {"Cache-Control", "no-store"},
		{"Content-Type", "text/html; charset=UTF-8"}, {"Vary", "Accept-Encoding"},
		{"Vary", "HX-Request, HX-Request-Type, HX-Target, HX-History-Restore-Request"},
		{"Set-Cookie", "maitred_done=1; Path=/; HttpOnly; SameSite=Lax"},
	} {
		h.Add(pair[0], pair[1])
	}
	return r, h
}

func TestAnAnswerAsItMustBeHasNoFault(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		head + `<table><tbody><tr><td><input name="q"><br/></td></tr></tbody></table><svg viewBox="0 0 1 1"><path d="M0"/></svg><label for="a">A</label><textarea id="a"><b></textarea>` + foot,
		`<div id="list"><p>Part</p></div>`, `<tr><td>1</td></tr>`, ``,
	} {
		r, h := sound()
		if f := Faults(r, http.StatusOK, h, []byte(body)); len(f) > 0 {
			t.Errorf("%s: %q", body, f)
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write([]byte(body))
		_ = z.Close()
		h.Set("Content-Encoding", "gzip")
		if f := Faults(r, http.StatusOK, h, packed.Bytes()); len(f) > 0 {
			t.Errorf("packed: %s: %q", body, f)
		}
	}
}

func TestEachFaultOfAHeadIsFound(t *testing.T) {
	t.Parallel()
	set := func(name, value string) func(*http.Request, http.Header) {
		return func(_ *http.Request, h http.Header) { h.Set(name, value) }
	}
	underTLS := func(cookie string) func(*http.Request, http.Header) {
		return func(r *http.Request, h http.Header) {
			r.TLS = &tls.ConnectionState{}
			h.Set("Set-Cookie", cookie)
		}
	}
	for _, c := range []struct {
		words  string
		status int
		spoil  func(*http.Request, http.Header)
	}{
		{"has no default-src 'none'", 200, set("Content-Security-Policy", "default-src 'self'")},
		{"allows 'unsafe-inline'", 200, func(_ *http.Request, h http.Header) {
			h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; style-src 'unsafe-inline'")
		}},
		{"allows https://cdn.example", 200, func(_ *http.Request, h http.Header) {
			h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; img-src https://cdn.example")
		}},
		{"X-Content-Type-Options is", 200, set("X-Content-Type-Options", "")},
		{"Referrer-Policy is", 200, set("Referrer-Policy", "unsafe-url")},
		{"Cross-Origin-Opener-Policy is", 200, set("Cross-Origin-Opener-Policy", "unsafe-none")},
		{"Cross-Origin-Resource-Policy is", 200, func(_ *http.Request, h http.Header) { h.Del("Cross-Origin-Resource-Policy") }},
		{"Permissions-Policy is", 200, set("Permissions-Policy", "camera=(self)")},
		{"over plain HTTP", 200, set("Strict-Transport-Security", "max-age=1")},
		{"a header Access-Control-Allow-Origin", 200, set("Access-Control-Allow-Origin", "*")},
		{"405 does not say", 405, set("X", "")},
		{"Cache-Control is", 200, set("Cache-Control", "private")},
		{"Vary has HX-Target not once", 200, set("Vary", "HX-Request, HX-Request-Type, HX-History-Restore-Request")},
		{"Vary has HX-Request not once", 200, func(_ *http.Request, h http.Header) { h.Add("Vary", "HX-Request") }},
		{"a file has", 200, func(r *http.Request, _ http.Header) { r.URL.Path = "/static/app.0123456789ab.css" }},
		{"is open to others: HttpOnly false", 200, set("Set-Cookie", "a=1; Path=/; SameSite=Lax")},
		{"is open to others", 200, set("Set-Cookie", "a=1; Path=/; HttpOnly")},
		{"is open to others", 200, set("Set-Cookie", "a=1; Path=/; HttpOnly; SameSite=None")},
		{"is open to others", 200, set("Set-Cookie", "a=1; Path=/places; HttpOnly; SameSite=Lax")},
		{"is open to others", 200, set("Set-Cookie", "a=1; Path=/; HttpOnly; SameSite=Lax; Domain=example.com")},
		{"is Secure: true", 200, set("Set-Cookie", "a=1; Path=/; HttpOnly; SameSite=Lax; Secure")},
		{"is Secure: false", 200, underTLS("a=1; Path=/; HttpOnly; SameSite=Lax")},
		{"is Secure: false", 200, underTLS("__Host-a=1; Path=/; HttpOnly; SameSite=Lax")},
		{"cannot be read", 200, set("Set-Cookie", "=")},
		{"303 leads nowhere", 303, set("X", "")},
		{"Location leads to", 303, set("Location", "https://evil.example/")},
		{"Location leads to", 303, set("Location", "//evil.example/")},
		{"Location leads to", 303, set("Location", `/\evil.example/`)},
		{"Location leads to", 303, set("Location", "/\t/evil.example/")},
		{"Location leads to", 303, set("Location", "places")},
		{"HX-Redirect leads to", 200, set("HX-Redirect", "https://evil.example/")},
		{"HX-Location leads to", 200, set("HX-Location", `{"path":"https://evil.example/"}`)},
		{"the Content-Type is", 200, set("Content-Type", "nonsense;;")},
		{"has the charset", 200, set("Content-Type", "text/html")},
		{"has the charset", 200, set("Content-Type", "text/plain; charset=latin1")},
		{"a refusal is application/json", 404, set("Content-Type", "application/json")},
		{"204 has a body", 204, set("X", "")},
		{"cannot be unpacked", 200, set("Content-Encoding", "gzip")},
	} {
		r, h := sound()
		c.spoil(r, h)
		finds(t, Faults(r, c.status, h, []byte(`<p>x</p>`)), c.words)
	}
}

func TestEachFaultOfAPageIsFound(t *testing.T) {
	t.Parallel()
	for body, words := range map[string]string{
		head + `<p>open` + foot:              "closes nothing",
		`<div><p>open</p>`:                   "not closed",
		`<b><i>crossed</b></i>`:              "closes nothing",
		`</p>`:                               "closes nothing",
		`<div/>`:                             "does not close itself",
		`<p><div>x</div></p>`:                "a browser reads",
		`<table><tr><td>x</td></tr></table>`: "a browser reads",
		`<table><tbody><tr><p>x</p></tr></tbody></table>`:              "a browser reads",
		`<form><form></form></form>`:                                   "a browser reads",
		`<a href="/a"><a href="/b">x</a></a>`:                          "a browser reads",
		`<button><button>x</button></button>`:                          "a browser reads",
		`<p id="a">x</p><p id="a">y</p>`:                               "is there twice",
		`<noscript><p id="a">x</p></noscript><p id="a">y</p>`:          "is there twice",
		`<p id="">x</p>`:                                               "is empty",
		`<p class="a" title='b' class="c">x</p>`:                       "has class twice",
		`<p style="color:red">x</p>`:                                   "attribute style",
		`<p onclick="x()">x</p>`:                                       "attribute onclick",
		`<p hx-on:click="x()">x</p>`:                                   "attribute hx-on:click",
		`<p hx-vals="js:x()">x</p>`:                                    "is a script",
		`<script>x()</script>`:                                         "<script>",
		`<style>p{}</style>`:                                           "<style>",
		`<iframe src="/x"></iframe>`:                                   "<iframe>",
		`<a href="javascript:x()">x</a>`:                               "leads to",
		`<a href="https://evil.example">x</a>`:                         "leads to",
		`<form action="//evil.example"></form>`:                        "leads to",
		head + `<label for="nobody">x</label>` + foot:                  "refers to",
		head + `<h1>second</h1>` + foot:                                "2 <h1>",
		strings.Replace(head, "<title>T</title>", "", 1) + foot:        "0 <title>",
		strings.Replace(head, ` lang="en"`, "", 1) + foot:              "language",
		`<pre>goroutine 7 [running]:</pre>`:                            "a stack trace",
		`<p>handlers/form.go:12</p>`:                                   "a stack trace",
		`<p>panic: x</p>`:                                              "a stack trace",
		`<p>runtime/debug.Stack()</p>`:                                 "a stack trace",
		`<select></select><p>SELECT id FROM places WHERE name = 1</p>`: "SQL",
		`<p>update places set name = 1</p>`:                            "SQL",
		`<p>delete from places where</p>`:                              "SQL",
		`<p>SQLITE_BUSY</p>`:                                           "SQL",
		`<p>database is locked (5)</p>`:                                "SQL",
		`<p>sql: no rows</p>`:                                          "an error of Go",
		`<p>%!d(MISSING)</p>`:                                          "an error of Go",
		`<p>INSERT INTO places (id)</p>`:                               "SQL",
		`<p>UNIQUE constraint failed: places.name</p>`:                 "SQL",
		`<p>SQL logic error: no such table: places (1)</p>`:            "SQL",
		`<p>strconv.ParseInt: parsing &#34;x&#34;: invalid syntax</p>`: "an error of Go",
		`<p>runtime error: invalid memory address</p>`:                 "an error of Go",
		`<p>context deadline exceeded</p>`:                             "an error of Go",
		`<p>%!d(string=x)</p>`:                                         "an error of Go",
		`<p>&lt;nil&gt;</p>`:                                           "an error of Go",
		`<p>{"message":"Not Found"}</p>`:                               "an error of Go",
	} {
		r, h := sound()
		finds(t, Faults(r, http.StatusOK, h, []byte(body)), words)
	}
}

// finds expects one fault that says the words, and no other kind of fault beside it.
func finds(t *testing.T, faults []string, words string) {
	t.Helper()
	if len(faults) == 0 || !strings.Contains(strings.Join(faults, "\n"), words) {
		t.Errorf("%q is not found, but %q", words, faults)
	}
}

func TestAnswersAreLookedAtOnBothSidesOfTheNetwork(t *testing.T) {
	t.Parallel()
	var inside, outside []string
	careless := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("<p>")) })
	server := httptest.NewServer(Handler(careless, func(fault string) { inside = append(inside, fault) }))
	defer server.Close()
	client := http.Client{Transport: Transport{http.DefaultTransport, func(fault string) { outside = append(outside, fault) }}}
	res, err := client.Get(server.URL + "/places?q=1")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	server.Close()
	for _, faults := range [][]string{inside, outside} {
		if len(faults) < 5 || !strings.HasPrefix(faults[0], "GET /places?q=1: ") {
			t.Errorf("got %q", faults)
		}
	}
}

func TestOnlyPlainHTTPLeadsToAWholeAddress(t *testing.T) {
	t.Parallel()
	r, h := sound()
	r.Host = "desk.example:80"
	h.Set("Location", "https://desk.example/places")
	if f := Faults(r, http.StatusPermanentRedirect, h, nil); len(f) > 0 {
		t.Errorf("got %q", f)
	}
	h.Set("Location", "https://evil.example/places")
	finds(t, Faults(r, http.StatusPermanentRedirect, h, nil), "Location leads to")
	h.Set("Location", "https://desk.example/places")
	r.TLS = &tls.ConnectionState{}
	h.Del("Set-Cookie")
	finds(t, Faults(r, http.StatusPermanentRedirect, h, nil), "Location leads to")
}
