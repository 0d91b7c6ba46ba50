package handlers_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// tries sends the form to sign in from an address of this machine, and returns the status.
func (s *site) tries(from, name, typed, device string, headers ...string) int {
	s.t.Helper()
	r := s.sends("/sign-in", "name", name, "password", typed)
	if device != "" {
		r.AddCookie(&http.Cookie{Name: "maitred_device", Value: device})
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	res, err := clientAt(s.t, from).Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if wait := res.Header.Get("Retry-After"); (wait != "") != (res.StatusCode == http.StatusTooManyRequests) {
		s.t.Errorf("%d says: retry after %q", res.StatusCode, wait)
	}
	if strings.Contains(string(body), typed) {
		s.t.Error("the password came back")
	}
	return res.StatusCode
}

const (
	wrongTry = http.StatusUnprocessableEntity
	tooOften = http.StatusTooManyRequests
	letIn    = http.StatusSeeOther
)

func (s *site) tried(want int, from, name, typed, device string, headers ...string) {
	s.t.Helper()
	if got := s.tries(from, name, typed, device, headers...); got != want {
		s.t.Errorf("%s tries %s: answered %d, want %d", from, name, got, want)
	}
}

func TestWrongTriesAreCountedForEachAddress(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := peopleSite(t)
	at := neighbours(t, 3)
	for i := range 10 {
		s.tried(wrongTry, at[0], fmt.Sprint("Nobody ", i), "wrong wrong wrong", "")
	}
	s.tried(tooOften, at[0], "Nobody 11", "wrong wrong wrong", "")
	s.tried(tooOften, at[0], vera, password, "")
	s.tried(letIn, at[1], vera, password, "") // nobody else is kept out by that
	for _, forged := range [][]string{
		{"X-Forwarded-For", "198.51.100.1"}, {"X-Real-IP", "198.51.100.2"}, {"Forwarded", "for=198.51.100.3"}, {"True-Client-IP", "198.51.100.4"}, {"CF-Connecting-IP", "198.51.100.5"}, {"X-Client-IP", "198.51.100.6"},
		{"X-Forwarded-For", at[1], "X-Forwarded-For", at[2]}, {"X-Originating-IP", "127.0.0.1"}, {"Via", "1.1 " + at[1]}, {"X-Forwarded-For", "127.0.0.1, " + proxy}, {"X-Forwarded-For", ""}, {"Fly-Client-IP", at[1]}, {"X-Cluster-Client-IP", at[1]},
	} {
		s.tried(tooOften, at[0], vera, password, "", forged...)
	}
	s.later(waiting)
	s.tried(letIn, at[0], vera, password, "")
}

func TestOthersWhoGuessAPersonsPasswordDoNotKeepThemOut(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := peopleSite(t)
	at := neighbours(t, 60)
	known := s.signIn(mia, password)
	s.device = ""
	looked := 0
	for i := range 50 {
		switch got := s.tries(at[i], mia, "wrong wrong wrong", ""); got {
		case wrongTry:
			looked++
		default:
			t.Errorf("the first try of %s is answered %d", at[i], got)
		}
		s.tried(map[bool]int{true: wrongTry, false: tooOften}[i < 5], at[i], mia, "wrong wrong wrong", "") // none has a second one once ten are used
	}
	if looked != 50 {
		t.Errorf("%d of 50 guesses were looked at", looked)
	}
	s.tried(tooOften, at[3], mia, password, "")             // where somebody guesses, a new browser waits
	s.tried(letIn, at[3], mia, password, known.device)      // the one she used before does not
	s.tried(letIn, at[55], mia, password, "")               // nor a new one elsewhere, at the first try
	s.tried(letIn, at[56], mia, password, "x"+known.device) // whatever its cookie says
	known.get("/").status(http.StatusOK)

	// The cookie of one person's browser is no way to guess more for another one.
	vera := s.signIn(vera, password)
	s.tried(tooOften, at[4], mia, "wrong wrong wrong", vera.device)
	// And ten tries are all that a browser has, too.
	for range 10 {
		s.tried(wrongTry, at[57], mia, "wrong wrong wrong", known.device)
	}
	s.tried(tooOften, at[58], mia, password, known.device)
}

func TestWhoComesThroughTheTrustedProxyIsCountedByTheirOwnAddress(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := peopleSite(t)
	from := func(forwarded string, want int, name, typed string) {
		t.Helper()
		r := s.sends("/sign-in", "name", name, "password", typed)
		r.RemoteAddr = proxy + ":443"
		r.Header.Set("X-Forwarded-Proto", "https")
		r.Header.Set("X-Forwarded-For", forwarded)
		if got := s.serve(r).Code; got != want {
			t.Errorf("%s tries %s: answered %d, want %d", forwarded, name, got, want)
		}
	}
	for i := range 10 {
		from(fmt.Sprintf("10.0.0.%d, 198.51.100.1", i), wrongTry, fmt.Sprint("Nobody ", i), "wrong wrong wrong") // what stands left of it is the client's own word
	}
	from("10.0.0.99, 198.51.100.1", tooOften, vera, password)
	from("198.51.100.1, 198.51.100.2", letIn, vera, password)
	// Of an own network of IPv6, all addresses are one.
	for i := range 10 {
		from(fmt.Sprintf("2001:db8:1:2::%x", i), wrongTry, fmt.Sprint("Nobody else ", i), "wrong wrong wrong")
	}
	from("2001:db8:1:2:ffff::1", tooOften, vera, password)
	from("2001:db8:1:3::1", letIn, vera, password)
}

func TestWrongTriesOfOnePersonAreForgottenAfterThreeMinutesEach(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := peopleSite(t)
	at := neighbours(t, 1)[0]
	now := s.people.Now()
	s.people.Now = func() time.Time { return now }
	for range 10 {
		s.tried(wrongTry, at, edgar, "wrong wrong wrong", "")
		now = now.Add(10 * time.Second)
	}
	s.tried(tooOften, at, edgar, password, "")
	now = now.Add(81 * time.Second) // the first one is over
	s.tried(wrongTry, at, edgar, "wrong wrong wrong", "")
	s.tried(tooOften, at, edgar, password, "")
	now = now.Add(10 * time.Second)
	s.tried(letIn, at, edgar, password, "")
}
