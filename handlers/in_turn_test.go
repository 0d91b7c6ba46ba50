package handlers_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/uptrace/bun"

	"maitred/handlers"
	"maitred/models"
	"maitred/models/account"
)

// hall is a site with two places, and with people who keep their place until they are let go.
type hall struct {
	*site
	held   chan struct{} // one for each who has a place
	letGo  chan struct{}
	open   func()       // lets all go, from now on
	passed atomic.Int64 // how many others were let in
}

func newHall(t *testing.T, s *site) *hall {
	h := &hall{site: s, held: make(chan struct{}), letGo: make(chan struct{})}
	o := s.options(account.Manager)
	if s.people != nil {
		o = s.options("")
	}
	o.AtOnce = 2
	o.Store = func(r *http.Request) (*models.Store, error) {
		if r.Header.Get("X-Hold") != "" {
			h.held <- struct{}{}
			<-h.letGo
		} else {
			h.passed.Add(1)
		}
		return s.Store, nil
	}
	s.answerBy(handlers.New(o))
	h.open = sync.OnceFunc(func() { close(h.letGo) })
	t.Cleanup(h.open)
	return h
}

// fill lets so many take a place and keep it. The answer to each comes when it is let go.
func (h *hall) fill(n int) chan int {
	h.t.Helper()
	statuses := make(chan int, n)
	for range n {
		r := h.request(http.MethodGet, "/places", "", "X-Hold", "1")
		go func() {
			res, err := visitor.Do(r)
			if err != nil {
				statuses <- 0
				return
			}
			_ = res.Body.Close()
			statuses <- res.StatusCode
		}()
		<-h.held
	}
	return statuses
}

// refused expects that there is no room for a request, and returns the page that says so.
func (h *hall) refused(r *http.Request) (*goquery.Document, http.Header) {
	h.t.Helper()
	res, err := visitor.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	said := squeezed(doc.Find("main"))
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "2" {
		h.t.Fatalf("%s %s is answered %d, to come again in %q seconds: %s", r.Method, r.URL, res.StatusCode, res.Header.Get("Retry-After"), said)
	}
	if !strings.Contains(said, "More people are using this site at this moment than it can answer. Nothing was done.") || !requestNumber.MatchString(said) || doc.Find("main a[href='/']").Length() != 1 {
		h.t.Errorf("%s %s: the page says %s", r.Method, r.URL, said)
	}
	return doc, res.Header
}

func TestWhoFindsNoRoomIsToldToComeAgainAndFilesAreServed(t *testing.T) {
	t.Parallel()
	h := newHall(t, newSite(t))
	style := h.get("/").Find("link[rel=stylesheet]").AttrOr("href", "")
	statuses := h.fill(2)
	passed := h.passed.Load()
	h.refused(h.request(http.MethodGet, "/places", ""))
	h.refused(h.request(http.MethodGet, "/nothing", ""))
	if h.passed.Load() != passed {
		t.Error("who was refused was let in")
	}
	for _, path := range []string{style, "/healthz", "/readyz", "/metrics"} {
		h.get(path).status(http.StatusOK)
	}
	for range 2 {
		h.letGo <- struct{}{}
		if status := <-statuses; status != http.StatusOK {
			t.Errorf("who had a place is answered %d", status)
		}
	}
	h.get("/places").status(http.StatusOK)
}

func TestWhoFindsNoRoomForAFormKeepsWhatTheyTyped(t *testing.T) {
	t.Parallel()
	h := newHall(t, newSite(t))
	h.fill(2)
	doc, _ := h.refused(h.sends("/places", "name", "Third <b>Place</b>", "address", "3 Third St"))
	if said := squeezed(doc.Find("main")); !strings.Contains(said, "Third <b>Place</b>") || !strings.Contains(said, "3 Third St") {
		t.Errorf("the page says %s", said)
	}
	doc, _ = h.refused(h.sends("/sign-in", "name", "Anna", "password", "three blue kettles"))
	if said := squeezed(doc.Find("html")); strings.Contains(said, "kettles") {
		t.Errorf("a password is shown: %s", said)
	}
	if n := h.rows("places"); n != 2 {
		t.Errorf("there are %d places", n)
	}
}

func TestAPageThatLooksAgainByItselfIsLeftAsItIsWhenThereIsNoRoom(t *testing.T) {
	t.Parallel()
	h := newHall(t, newSite(t))
	h.fill(2)
	part := []string{"HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#progress"}
	if _, header := h.refused(h.request(http.MethodGet, "/progress/ABC", "", part...)); header.Get("HX-Reswap") != "none" {
		t.Errorf("the bar is replaced: %v", header)
	}
	if _, header := h.refused(h.request(http.MethodGet, "/places?q=demon", "", part...)); header.Get("HX-Retarget") != "body" {
		t.Errorf("the page would stand inside a part of itself: %v", header)
	}
}

func TestWhoWaitsForTheirTurnToSaveKeepsNobodyFromReading(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := newHall(t, s)
	saved := s.saves()
	defer saved()
	answers := make(chan int, 6)
	for i := range cap(answers) {
		r := h.sends("/places", "name", fmt.Sprint("Place ", i), "address", "1")
		go func() {
			res, err := visitor.Do(r)
			if err != nil {
				answers <- 0
				return
			}
			_ = res.Body.Close()
			answers <- res.StatusCode
		}()
	}
	for deadline := time.Now().Add(20 * time.Second); s.Waits().Waiting < int64(cap(answers)); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("only %d wait", s.Waits().Waiting)
		}
	}
	h.get("/places").status(http.StatusOK).lists(demonDogs, aceHardware)
	saved()
	for range cap(answers) {
		if status := <-answers; status != http.StatusSeeOther {
			t.Errorf("who waited is answered %d", status)
		}
	}
	h.fill(2) // all places are free again
	h.refused(h.request(http.MethodGet, "/places", ""))
}

func TestWhoSendsOrReadsSlowlyKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	h := newHall(t, newSite(t))
	var slow []net.Conn
	for range 4 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "POST /places HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\nname=Third")
		slow = append(slow, conn)
	}
	h.get("/places").status(http.StatusOK)
	for _, conn := range slow {
		fmt.Fprint(conn, "&address=3")
		answer := make([]byte, len("HTTP/1.1 303"))
		if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "HTTP/1.1 303" {
			t.Errorf("who took their time is answered %q %v", answer, err)
		}
	}
	// An answer that nobody takes: its writing stands still.
	for range 4 {
		w := &stuck{ResponseRecorder: httptest.NewRecorder(), reached: make(chan struct{}), open: make(chan struct{})}
		w.reach = sync.OnceFunc(func() { close(w.reached) })
		defer close(w.open)
		r := h.request(http.MethodGet, "/places", "")
		r.RemoteAddr = "127.0.0.1:1"
		go h.bare.ServeHTTP(w, r)
		<-w.reached
	}
	h.get("/places").status(http.StatusOK)
}

// stuck is a connection that takes nothing.
type stuck struct {
	*httptest.ResponseRecorder
	reached, open chan struct{}
	reach         func()
}

func (s *stuck) Write(b []byte) (int, error) {
	s.reach()
	<-s.open
	return len(b), nil
}

// saves begins a change that is being saved until what it returns is called.
func (s *site) saves() (saved func()) {
	s.t.Helper()
	began, end, over := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		over <- s.Change(context.Background(), func(context.Context, bun.Tx) error {
			close(began)
			<-end
			return nil
		})
	}()
	<-began
	return sync.OnceFunc(func() {
		close(end)
		if err := <-over; err != nil {
			s.t.Error(err)
		}
	})
}
