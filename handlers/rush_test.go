package handlers_test

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp/totp"

	"maitred/models/account"
)

// atOnce sends requests through so many connections, each from an address of its own on this machine
// where addresses are given, and returns the answers in the order of the requests.
func (s *site) atOnce(requests []*http.Request, addresses ...string) []*http.Response {
	s.t.Helper()
	answers := make([]*http.Response, len(requests))
	start, done := make(chan struct{}), sync.WaitGroup{}
	for i, r := range requests {
		through := visitor
		if len(addresses) > 0 {
			through = clientAt(s.t, addresses[i%len(addresses)])
		}
		done.Go(func() {
			<-start
			res, err := through.Do(r)
			if err != nil {
				s.t.Error(err)
				return
			}
			_ = res.Body.Close()
			if answers[i] = res; res.StatusCode >= 500 {
				s.t.Errorf("%s %s: a fault of ours: %d", r.Method, r.URL.Path, res.StatusCode)
			}
		})
	}
	close(start)
	done.Wait()
	if s.t.Failed() {
		s.t.FailNow()
	}
	return answers
}

// clientAt is a client whose connections come from an address of this machine's own.
func clientAt(t tester, address string) *http.Client {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	transport := &http.Transport{DialContext: dialer.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{CheckRedirect: visitor.CheckRedirect, Transport: transport}
}

// neighbours are so many addresses of this machine.
func neighbours(t testing.TB, n int) (addresses []string) {
	t.Helper()
	for i := range n {
		addresses = append(addresses, fmt.Sprintf("127.0.%d.%d", 1+i/200, 1+i%200))
	}
	l, err := net.Listen("tcp", addresses[0]+":0")
	if err != nil {
		t.Skip("this machine has one address of its own only: ", err)
	}
	_ = l.Close()
	return addresses
}

// sends is a request that sends a form.
func (s *site) sends(path string, fields ...string) *http.Request {
	return s.request(http.MethodPost, path, values(fields...).Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// waiting is after how long wrong tries are forgotten.
const waiting = 3*time.Minute + time.Second

func statusesOf(answers []*http.Response) map[int]int {
	count := map[int]int{}
	for _, a := range answers {
		count[a.StatusCode]++
	}
	return count
}

func TestOfTwoManagersWhoDemoteEachOtherAtOnceOneStays(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	for round := range 5 {
		for _, u := range []*account.User{p.anna, p.ben} {
			if err := p.accounts.SetRole(t.Context(), account.Shell, u.ID, account.Manager); err != nil {
				t.Fatal(err)
			}
		}
		anna, ben := p.as("Anna"), p.as("Ben")
		answers := p.atOnce([]*http.Request{anna.sends(path(p.ben), "role", "viewer"), ben.sends(path(p.anna), []string{"role", "disabled"}[round%2], []string{"viewer", "1"}[round%2])})
		managers := 0
		for _, u := range []*account.User{p.anna, p.ben} {
			if now := p.now(u); now.Role == account.Manager && !now.Disabled {
				managers++
			}
		}
		if managers != 1 {
			t.Fatalf("%d managers are left after %v", managers, statusesOf(answers))
		}
		// The other one was told that they may not any more: their session ended, or they are the last.
		if count := statusesOf(answers); count[http.StatusSeeOther] != 1 {
			t.Errorf("answered %v", count)
		}
		if err := p.accounts.SetDisabled(t.Context(), account.Shell, p.anna.ID, false); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnInvitationSentTwiceAtOnceInvitesOnce(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	anna := p.as("Anna")
	for round := range 5 {
		name := fmt.Sprint("Dora ", round)
		var presses []*http.Request
		for i := range 6 {
			presses = append(presses, anna.sends("/users", "name", []string{name, strings.ToUpper(name)}[i%2], "role", "viewer"))
		}
		if count := statusesOf(p.atOnce(presses)); count[http.StatusSeeOther] != 1 || count[http.StatusUnprocessableEntity] != 5 {
			t.Errorf("answered %v", count)
		}
	}
	if n := p.rows("users"); n != 3+5 {
		t.Errorf("there are %d people", n)
	}
}

func TestALinkOpenedTwiceAtOnceMakesOnePasswordAndOneSession(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	for round := range 5 {
		u, word, err := p.accounts.Invite(t.Context(), p.by(), fmt.Sprint("Dora ", round), account.Viewer)
		if err != nil {
			t.Fatal(err)
		}
		var presses []*http.Request
		for i := range 6 {
			presses = append(presses, p.sends("/welcome", "link", word, "password", fmt.Sprintf("%d blue kettles", i+100)))
		}
		answers := p.atOnce(presses)
		if count := statusesOf(answers); count[http.StatusSeeOther] != 1 || count[http.StatusNotFound] != 5 {
			t.Errorf("answered %v", count)
		}
		in := slices.IndexFunc(answers, func(a *http.Response) bool { return a.StatusCode == http.StatusSeeOther })
		for i := range presses {
			want := http.StatusUnprocessableEntity
			if i == in {
				want = http.StatusSeeOther
			}
			p.post("/sign-in", "name", u.Name, "password", fmt.Sprintf("%d blue kettles", i+100)).status(want)
			p.later(waiting)
		}
	}
}

// A person's own hash takes long enough here that the queue is full before its first ones are through.
func TestOfFortyWhoSignInAtOnceThoseAheadGetInAndTheRestIsAskedToWait(t *testing.T) {
	t.Parallel()
	repeats(t) // the race detector makes hashing so slow that minutes go by
	p := newPeople(t)
	slow, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 19 << 10, Iterations: 12, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		t.Fatal(err)
	}
	p.exec("UPDATE users SET password = ?", slow)
	var crowd []*http.Request
	for i := range 40 {
		crowd = append(crowd, p.sends("/sign-in", "name", []string{"Anna", "Ben", "Cleo"}[i%3], "password", password))
	}
	answers := p.atOnce(crowd, neighbours(t, 40)...)
	count := statusesOf(answers)
	if in, late := count[http.StatusSeeOther], count[http.StatusTooManyRequests]; in < 22 || late == 0 || in+late != 40 {
		t.Errorf("answered %v", count)
	}
	for _, a := range answers {
		wait, err := strconv.Atoi(a.Header.Get("Retry-After"))
		if (a.StatusCode == http.StatusTooManyRequests) != (err == nil && wait >= 1 && wait <= 10) {
			t.Errorf("%d says: retry after %q", a.StatusCode, a.Header.Get("Retry-After"))
		}
	}
	// Who was sent away for want of room has lost no try.
	p.exec("UPDATE users SET password = ?", slow)
	for _, name := range []string{"Anna", "Ben", "Cleo"} {
		p.signIn(name, password)
	}
}

func TestWrongTriesAtOnceAreNotMoreThanTen(t *testing.T) {
	t.Parallel()
	s := peopleSite(t)
	var guesses []*http.Request
	for range 40 {
		guesses = append(guesses, s.sends("/sign-in", "name", mia, "password", "wrong wrong wrong"))
	}
	answers := s.atOnce(guesses)
	if count := statusesOf(answers); count[http.StatusUnprocessableEntity] > 10 || count[http.StatusUnprocessableEntity]+count[http.StatusTooManyRequests] != 40 {
		t.Errorf("answered %v", count)
	}
	// The same for the password that a session asks for, and it counts together.
	e := s.as(edgar)
	e.device = ""
	guesses = nil
	for range 40 {
		guesses = append(guesses, e.sends("/account/password", "current", "wrong wrong wrong", "password", "four blue kettles", "again", "four blue kettles"))
	}
	for _, a := range s.atOnce(guesses) {
		if a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" {
			t.Fatalf("answered %d, retry after %q", a.StatusCode, a.Header.Get("Retry-After"))
		}
	}
}

func TestWhatIsAskedAfterSigningOutWasAnsweredIsRefused(t *testing.T) {
	t.Parallel()
	s := peopleSite(t)
	for range 10 {
		e := s.as(edgar)
		var under []*http.Request
		for i := range 12 {
			under = append(under, e.request(http.MethodGet, []string{"/places", "/places/1", "/account"}[i%3], ""))
		}
		under = append(under, e.sends("/sign-out"))
		for _, a := range s.atOnce(under) {
			if a.StatusCode != http.StatusOK && a.StatusCode != http.StatusUnauthorized && a.StatusCode != http.StatusSeeOther {
				t.Errorf("%s is answered %d", a.Request.URL.Path, a.StatusCode)
			}
		}
		e.get("/places").status(http.StatusUnauthorized)
		e.post("/places", "name", "x", "address", "y").status(http.StatusUnauthorized)
	}
	if n := s.rows("places"); n != 2 {
		t.Errorf("there are %d places", n)
	}
}

func TestPeopleComeAndGoWhileALongChangeHoldsTheRecords(t *testing.T) {
	t.Parallel()
	s := newCrowd(t).employ()
	gate := s.holds(t)
	s.as("Eve").get("/places/" + demonDogs + "/delete").form("post").send().status(http.StatusSeeOther)
	<-gate.reached
	s.Patience = time.Millisecond // of writes to the records, which must not be asked for
	defer func() { s.Patience = 0 }()
	s.post("/sign-in", "name", "Ed", "password", "wrong wrong wrong").status(http.StatusUnprocessableEntity)
	s.post("/sign-in", "name", "Nobody", "password", "wrong wrong wrong").status(http.StatusUnprocessableEntity)
	ed := s.signIn("Ed", password)
	ed.get("/places").status(http.StatusOK)
	ed.get("/account").status(http.StatusOK).says("this one")
	ed.post("/sign-out").status(http.StatusSeeOther)
	ed.get("/places").status(http.StatusUnauthorized)
	s.signIn("Max", password).get("/users/trail").says("Ed signed in", "Ed signed out")
	gate.letGo()
}

func TestACodeSentByManyAtOnceLetsOneIn(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	ben := p.signedIn(p.ben)
	form := ben.get("/account/second-step")
	secret := strings.ReplaceAll(form.Find("main code.secret").Text(), " ", "")
	sent := form.form("post")
	sent.Set("code", ben.code(form))
	sent.Set("current", password)
	codes := ben.goes(ben.send(sent.action, sent.Values), "/account/second-step").Find("main .codes li")
	p.later(time.Minute)
	for _, code := range []string{"", codes.First().Text()} {
		if code == "" { // that of the app
			var err error
			if code, err = totp.GenerateCode(secret, p.accounts.Now()); err != nil {
				t.Fatal(err)
			}
		}
		proof := p.post("/sign-in", "name", "Ben", "password", password).status(http.StatusOK).form("post").Get("proof")
		var presses []*http.Request
		for range 8 {
			presses = append(presses, p.sends("/sign-in", "proof", proof, "code", code))
		}
		if count := statusesOf(p.atOnce(presses)); count[http.StatusSeeOther] != 1 || count[http.StatusUnprocessableEntity] != 7 {
			t.Errorf("%s: answered %v", code, count)
		}
		p.later(waiting)
	}
	if n := p.rows("recovery_codes"); n != 9 {
		t.Errorf("%d recovery codes are left", n)
	}
}
