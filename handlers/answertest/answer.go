// Package answertest says what is wrong with an answer, whatever was asked: what must be true of each
// one that leaves the program. The tests of handlers and of the program send all of theirs through it;
// the program itself does not know it.
package answertest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Faults are sentences about what is wrong with an answer to a request, nil for one that is as it must
// be. body is the answer's, as it was sent.
func Faults(r *http.Request, status int, h http.Header, body []byte) []string {
	a := &answer{r: r, status: status, h: h, body: body}
	a.unpack()
	a.checkHeaders()
	a.checkKeeping()
	a.checkCookies()
	a.checkLocation()
	a.checkType()
	a.checkWords()
	return a.faults
}

type answer struct {
	r      *http.Request
	status int
	h      http.Header
	body   []byte
	faults []string
}

func (a *answer) fault(format string, args ...any) {
	a.faults = append(a.faults, fmt.Sprintf(format, args...))
}

func (a *answer) unpack() {
	if a.h.Get("Content-Encoding") != "gzip" || len(a.body) == 0 {
		return
	}
	z, err := gzip.NewReader(bytes.NewReader(a.body))
	if err == nil {
		a.body, err = io.ReadAll(z)
	}
	if err != nil {
		a.fault("the body cannot be unpacked: %v", err)
	}
}

// secure says that the browser speaks TLS; behind a trusted proxy the answer alone shows that.
func (a *answer) secure() bool {
	return a.r.TLS != nil || a.r.URL.Scheme == "https" || a.h.Get("Strict-Transport-Security") != ""
}

func (a *answer) checkHeaders() {
	csp := a.h.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} {
		if !strings.Contains(csp, want) {
			a.fault("the Content-Security-Policy has no %s: %q", want, csp)
		}
	}
	for _, source := range strings.FieldsFunc(csp, func(c rune) bool { return c == ' ' || c == ';' }) {
		if strings.HasPrefix(source, "'") && source != "'none'" && source != "'self'" || strings.ContainsAny(source, "*:/") {
			a.fault("the Content-Security-Policy allows %s", source)
		}
	}
	for name, want := range map[string][]string{
		"X-Content-Type-Options":       {"nosniff"},
		"Referrer-Policy":              {"no-referrer", "same-origin"},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
	} {
		if got := a.h.Values(name); len(got) != 1 || !slices.Contains(want, got[0]) {
			a.fault("%s is %q", name, got)
		}
	}
	if p := a.h.Get("Permissions-Policy"); !strings.Contains(p, "camera=()") || strings.Contains(p, "self") || strings.Contains(p, "*") {
		a.fault("Permissions-Policy is %q", p)
	}
	if a.h.Get("Strict-Transport-Security") != "" && a.r.TLS == nil && a.r.Header.Get("X-Forwarded-Proto") != "https" {
		a.fault("Strict-Transport-Security is sent over plain HTTP")
	}
	for _, name := range []string{"Access-Control-Allow-Origin", "X-Powered-By", "Server"} {
		if a.h.Get(name) != "" {
			a.fault("there is a header %s", name)
		}
	}
	if a.status == http.StatusMethodNotAllowed && a.h.Get("Allow") == "" {
		a.fault("405 does not say what is allowed")
	}
}

// file is an address of a file whose name holds its hash.
var file = regexp.MustCompile(`^/static/[\w.-]+\.[0-9a-f]{12}\.\w+$`)

// checkKeeping looks at who may keep the answer: everyone a file, nobody anything else.
func (a *answer) checkKeeping() {
	kept := strings.Join(a.h.Values("Cache-Control"), ", ")
	if a.status == http.StatusOK && file.MatchString(a.r.URL.Path) {
		if !strings.Contains(kept, "immutable") || a.h.Get("Vary") != "Accept-Encoding" || a.h.Get("Set-Cookie") != "" {
			a.fault("a file has Cache-Control %q, Vary %q", kept, a.h.Values("Vary"))
		}
		return
	}
	if kept != "no-store" {
		a.fault("Cache-Control is %q", kept)
	}
	vary := strings.Join(a.h.Values("Vary"), ", ")
	for _, name := range []string{"HX-Request", "HX-Request-Type", "HX-Target", "HX-History-Restore-Request"} {
		if strings.Count(", "+vary+",", ", "+name+",") != 1 {
			a.fault("Vary has %s not once: %q", name, vary)
		}
	}
}

func (a *answer) checkCookies() {
	for _, line := range a.h.Values("Set-Cookie") {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			a.fault("a cookie cannot be read: %v", err)
			continue
		}
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode && c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
			a.fault("the cookie %s is open to others: HttpOnly %v, SameSite %v, Path %q, Domain %q", c.Name, c.HttpOnly, c.SameSite, c.Path, c.Domain)
		}
		if prefixed := strings.HasPrefix(c.Name, "__Host-"); prefixed != c.Secure || a.secure() && !c.Secure {
			a.fault("the cookie %s is Secure: %v", c.Name, c.Secure)
		}
	}
}

// checkLocation expects every address that the answer leads to to be a path of our own. Only what
// leads from plain HTTP to TLS is a whole address.
func (a *answer) checkLocation() {
	to := a.h.Get("Location")
	if a.status >= 300 && a.status < 400 && a.status != http.StatusNotModified && to == "" {
		a.fault("%d leads nowhere", a.status)
	}
	host, _, _ := strings.Cut(a.r.Host, ":")
	if u, err := url.Parse(to); err == nil && u.Scheme == "https" && !a.secure() && strings.EqualFold(u.Hostname(), host) {
		return
	}
	for _, name := range []string{"Location", "HX-Redirect", "HX-Location", "HX-Push-Url", "HX-Replace-Url"} {
		for _, to := range a.h.Values(name) {
			if !ownPath(to) && to != "false" {
				a.fault("%s leads to %q", name, to)
			}
		}
	}
}

// ownPath says that an address stays on the site, whatever browsers make of backslashes and tabs.
func ownPath(to string) bool {
	u, err := url.Parse(to)
	return err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && strings.HasPrefix(to, "/") &&
		!strings.HasPrefix(to, "//") && !strings.Contains(to, `\`) && !strings.ContainsFunc(to, func(c rune) bool { return c <= ' ' })
}

func (a *answer) checkType() {
	typ, params, err := mime.ParseMediaType(a.h.Get("Content-Type"))
	empty := len(a.body) == 0
	switch {
	case a.status == http.StatusNoContent || a.status == http.StatusNotModified || a.status >= 300 && a.status < 400:
		if !empty && a.status < 300 {
			a.fault("%d has a body", a.status)
		}
	case empty && a.h.Get("Content-Type") == "":
	case err != nil:
		a.fault("the Content-Type is %q: %v", a.h.Get("Content-Type"), err)
	case strings.HasPrefix(typ, "text/") && !strings.EqualFold(params["charset"], "utf-8"):
		a.fault("%s has the charset %q", typ, params["charset"])
	case a.status >= 400 && typ != "text/html" && a.r.Method != http.MethodHead && a.r.URL.Path != "/readyz":
		a.fault("a refusal is %s", typ)
	case typ == "text/html" && !empty:
		a.faults = append(a.faults, htmlFaults(a.body)...)
	}
}

// leak is a word of the machinery, which is for the log.
type leak struct {
	what   string
	begins string         // looked for first: a pattern alone would cost more than the page itself
	goesOn *regexp.Regexp // from the byte before on; nil where the beginning says enough
	folded bool           // whatever the case; begins is in lower case then
}

// leakLength is how much of a page a pattern looks at, in bytes.
const leakLength = 1200

var leaks = slices.Concat(
	leaking("a stack trace", false, map[string]string{"goroutine ": `goroutine \d+ \[`, ".go:": `\.go:\d+`, "runtime/debug": "", "panic:": `\bpanic:`}),
	leaking("SQL", true, map[string]string{
		"select": `\bselect\b.{1,200}\bfrom\b.{1,80}\b(where|join|limit|order by)\b`, "insert into ": `\binsert into \w+ ?\(`,
		"update ": `\bupdate \w+ set \w+ ?=`, "delete from ": `\bdelete from \w+ where\b`, "sqlite_": `\bSQLITE_[A-Z]`,
		"sql logic error": "", "no such table": "", "no such column": "", "constraint failed": "", "database is locked": "",
	}),
	leaking("an error of Go", false, map[string]string{
		"strconv.": `\bstrconv\.`, "sql: ": `\bsql: `, "bun: ": `\bbun: `, "json: ": `\bjson: `, "runtime error": "", "nil pointer": "", "invalid memory": "",
		"context canceled": "", "context deadline exceeded": "", "unexpected EOF": "", "i/o timeout": "", "connection reset": "",
		"%!": `%!\w?\(`, "&lt;nil&gt;": "", "MISSING)": `\bMISSING\)`, "invalid syntax": "", `"message":`: "",
	}),
)

func leaking(what string, folded bool, patterns map[string]string) (leaks []leak) {
	for begins, goesOn := range patterns {
		l := leak{what: what, begins: begins, folded: folded}
		if goesOn != "" {
			if folded {
				goesOn = "(?i)" + goesOn
			}
			l.goesOn = regexp.MustCompile(goesOn)
		}
		leaks = append(leaks, l)
	}
	return leaks
}

func (a *answer) checkWords() {
	operators := a.r.URL.Path == "/metrics" && a.status == http.StatusOK                                     // who are told of Go itself
	if file.MatchString(a.r.URL.Path) || operators || a.h.Get("Content-Type") == "application/vnd.sqlite3" { // a backup holds the database's own words
		return
	}
	folded := lower(a.body)
	for _, l := range leaks {
		body := a.body
		if l.folded {
			body = folded
		}
		if found := l.in(body); found != nil {
			a.fault("the page shows %s: %q", l.what, found)
		}
	}
}

// lower is a page with the letters of ASCII in lower case and every byte where it was.
func lower(page []byte) []byte {
	folded := slices.Clone(page)
	for i, b := range folded {
		if 'A' <= b && b <= 'Z' {
			folded[i] = b + 'a' - 'A'
		}
	}
	return folded
}

// in is where a page shows it, nil where it does not.
func (l leak) in(page []byte) []byte {
	for at := 0; ; {
		i := bytes.Index(page[at:], []byte(l.begins))
		if i < 0 {
			return nil
		}
		at += i
		if l.goesOn == nil {
			return page[at : at+len(l.begins)]
		}
		if found := l.goesOn.Find(page[max(0, at-1):min(len(page), at+leakLength)]); found != nil {
			return found
		}
		at += len(l.begins)
	}
}
