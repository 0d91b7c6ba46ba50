package main

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Who uses the program in these tests, and the password they chose.
const (
	mia      = "Mia"
	password = "three blue kettles"
)

// client never follows a redirect. It looks at each answer, and sends each program the session that was begun there.
var client = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     visits,
	Timeout:       patience,
}

var visits = new(signedIn)

// signedIn are browsers that are signed in, by the host they visit.
type signedIn struct {
	words sync.Map // host → the word of the session
}

var watchedTransport = watched(&http.Transport{MaxIdleConnsPerHost: 64})

// of is the word of the session at a host, "" for none.
func (v *signedIn) of(host string) string {
	word, _ := v.words.Load(host)
	s, _ := word.(string)
	return s
}

// sessionsOf are the sessions that were begun, by database: they outlive a program.
var sessionsOf sync.Map

func (v *signedIn) RoundTrip(r *http.Request) (*http.Response, error) {
	if word := v.of(r.URL.Host); word != "" && r.Header.Get("Cookie") == "" {
		r = r.Clone(r.Context())
		r.Header.Set("Cookie", "maitred_session="+word)
	}
	return watchedTransport.RoundTrip(r)
}

// signIn lets Mia in: she is the first manager, by the link that the program said on its second line,
// or was it before.
func (p *program) signIn() {
	p.t.Helper()
	if word, ok := sessionsOf.Load(p.database); ok {
		visits.words.Store(p.host(), word)
		answer := p.get("/").status
		for end := time.Now().Add(patience); answer == http.StatusServiceUnavailable && time.Now().Before(end); answer = p.get("/").status {
			time.Sleep(50 * time.Millisecond) // to sign in afresh would end the session, which others may be using
		}
		if answer == http.StatusOK {
			return
		}
	}
	if p.enter("/sign-in", url.Values{"name": {mia}, "password": {password}}) {
		return
	}
	if !p.enter("/welcome", url.Values{"link": {p.link()}, "name": {mia}, "password": {password}}) {
		p.t.Fatal("the link makes no manager")
	}
}

// link is the word of the link that the program says when there is no manager.
func (p *program) link() string {
	p.t.Helper()
	line, err := p.out.ReadString('\n')
	_, word, ok := strings.Cut(line, "/welcome?link=")
	if err != nil || !ok {
		p.t.Fatalf("the program said no link, but %q: %v", line, err)
	}
	word, _, _ = strings.Cut(word, " ")
	return word
}

func (p *program) host() string { return p.url[strings.LastIndex(p.url, "/")+1:] }

// enter sends a form that begins a session.
func (p *program) enter(path string, form url.Values) bool {
	p.t.Helper()
	res, err := client.PostForm(p.url+path, form)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if c.Name == "maitred_session" {
			visits.words.Store(p.host(), c.Value)
			sessionsOf.Store(p.database, c.Value)
			return true
		}
	}
	return false
}
