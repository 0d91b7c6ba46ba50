package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"maitred/handlers"
	"maitred/models"
	"maitred/models/account"
)

// kept is a log that can be read while it is written.
type kept struct {
	bytes.Buffer
	mu sync.Mutex
}

func (k *kept) Write(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.Buffer.Write(b)
}

// lines are the entries of a log as JSON.
func (k *kept) lines(t *testing.T) (entries []map[string]any) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	for line := range strings.Lines(k.String()) {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		entries = append(entries, e)
	}
	return entries
}

// logged is the same site with a log that is kept. store may fail.
func (s *site) logged(store func(*http.Request) (*models.Store, error)) *kept {
	k := new(kept)
	o := s.options(account.Manager)
	o.Log = slog.New(slog.NewJSONHandler(k, nil))
	if store != nil {
		o.Store = store
	}
	s.bare = handlers.New(o)
	s.watch()
	return k
}

func TestALogSaysWhatWasAskedAndNotWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	log := s.logged(nil)
	const typed = "Xylophone" // and in every letter case
	for _, path := range []string{
		"/places?q=Xylophone", "/places?name__icontains=Xylophone", "/places?Xylophone=1", "/places/Xylophone", "/Xylophone/1", "/search?q=Xylophone", "/places/1?in=q%3DXylophone", "/history?actor=Xylophone",
		"/places/filter?what=name&value=Xylophone", "/places?after=Xylophone", "/%58ylophone", "/static/Xylophone.css", "/waiters/1/move?q=Xylophone", "/progress/Xylophone", "/places/1;Xylophone", "/places/99/edit",
	} {
		s.answer(http.MethodGet, strings.Split(path, "?")[0], strings.TrimPrefix(path, strings.Split(path, "?")[0]+"?"), "")
	}
	for path, form := range map[string]string{
		"/places": "name=Xylophone&address=1", "/waiters": "name=Xylophone&restaurant_id=1", "/restaurants": "place_id=Xylophone", "/places/1": "version=Xylophone&name=Xylophone", "/places/1/delete": "fingerprint=Xylophone",
		"/places/views": "name=Xylophone", "/Xylophone": "password=Xylophone", "/restaurants/1/move": "place_id=2&resolve=Xylophone", "/sample": "token=Xylophone",
	} {
		s.answer(http.MethodPost, path, "Xylophone=1", form)
		s.answer(http.MethodPost, path, "", form)
		s.answer(http.MethodPost, path, "", "%zz"+form)
	}
	r := s.request("XYLOPHONE", "/places", "", "User-Agent", typed, "Referer", "http://localhost/Xylophone", "Cookie", "maitred_person=Xylophone; maitred_done=Xylophone", "Authorization", "Basic Xylophone", "Origin", "http://Xylophone", "X-Forwarded-For", typed)
	s.serve(r)
	r = s.request("GET", "/places", "", "Host", "Xylophone.example", "HX-Target", "#Xylophone", "HX-Request-Type", "partial")
	s.serve(r)
	if entries := log.lines(t); len(entries) < 40 {
		t.Fatalf("the log has %d entries", len(entries))
	}
	if at := strings.Index(strings.ToLower(log.String()), strings.ToLower(typed)); at >= 0 {
		t.Errorf("the log has what was typed: …%.300s", log.String()[max(0, at-200):])
	}
}

func TestEachRequestIsALineOfTheLogUnderItsNumber(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	log := s.logged(nil)
	for _, c := range []struct {
		method, path, host, route string
		status                    float64
	}{
		{"GET", "/places/1/edit?q=x", "localhost", "/places/1/edit", 200}, {"HEAD", "/places", "localhost", "/places", 200}, {"GET", "/places/007x/edit", "localhost", "/places/:id/edit", 404},
		{"GET", "/nonsense", "localhost", "", 404}, {"GET", "/", "evil.example", "", 421}, {"DELETE", "/places/1", "localhost", "/places/:id", 405},
	} {
		log.Reset()
		r := s.request(c.method, c.path, "", "Host", c.host)
		r.RemoteAddr = "[2001:db8::7]:1234"
		w := s.serve(r)
		e := log.lines(t)[0]
		ms, measured := e["ms"].(float64)
		if e["msg"] != "request" || e["method"] != c.method || e["route"] != c.route || e["status"] != c.status || e["client"] != "2001:db8::7" || !measured || ms < 0 {
			t.Errorf("%s %s: the log has %v", c.method, c.path, e)
		}
		id, _ := e["id"].(string)
		if len(id) != 12 || c.status >= 400 && c.method != "HEAD" && !strings.Contains(w.Body.String(), id) {
			t.Errorf("%s %s: the number is %q, and the page is %s", c.method, c.path, id, w.Body)
		}
	}
}

func TestTheLogSaysWhoWasRefused(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	log := new(kept)
	o := s.options("")
	o.Log = slog.New(slog.NewJSONHandler(log, nil))
	s.bare = handlers.New(o)
	s.watch()
	for name, want := range map[string][2]float64{"": {0, 401}, "Vic": {1, 403}, "Ed": {2, 403}, "Max": {3, 200}} {
		log.Reset()
		r := s.request(http.MethodGet, "/users", "")
		if name != "" {
			r.Header.Set("Cookie", "maitred_session="+s.browsers[name].session)
		}
		s.serve(r)
		if e := log.lines(t)[0]; e["user"] != want[0] || e["status"] != want[1] || e["route"] != "/users" {
			t.Errorf("%q: the log has %v", name, e)
		}
	}
}

// What was cut off for somebody who went away is no fault, whichever limit ended it first.
func TestWhoWentAwayIsNoFaultInTheLog(t *testing.T) {
	t.Parallel()
	for what, cut := range map[string]error{"they": context.Canceled, "a limit": fmt.Errorf("look: %w", context.DeadlineExceeded)} {
		s := newSite(t)
		log := s.logged(func(*http.Request) (*models.Store, error) { return s.Store, cut })
		r := s.request(http.MethodGet, "/places", "")
		ctx, leave := context.WithCancel(r.Context())
		leave()
		s.serve(r.WithContext(ctx))
		for _, e := range log.lines(t) {
			if e["level"] != "INFO" {
				t.Errorf("%s ended it: the log has %v", what, e)
			}
		}
	}
}

func TestAFaultIsToldInTheLogWithoutWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var fail func(*http.Request) error
	log := s.logged(func(r *http.Request) (*models.Store, error) { return s.Store, fail(r) })
	const typed = "Xylophone"
	for what, c := range map[string]struct {
		fail func(*http.Request) error
		says string
	}{
		"an error that quotes": {func(r *http.Request) error {
			_, err := strconv.Atoi(r.PostFormValue("name"))
			return fmt.Errorf("read: %w", err)
		}, "strconv.Atoi: parsing"},
		"an error that does not": {func(r *http.Request) error { return errors.New("no room for " + r.FormValue("name")) }, "no room for …"},
		"a value of the database": {func(*http.Request) error {
			return errors.New(`converting driver.Value type string ("Xylophone") to a int64`)
		}, "converting driver.Value"},
		"a panic with a value":     {func(r *http.Request) error { panic("cannot have " + r.FormValue("name")) }, "panic: string"},
		"a panic with an error":    {func(r *http.Request) error { panic(errors.New(r.FormValue("name"))) }, "panic: *errors.errorString"},
		"a panic of the runtime":   {func(*http.Request) error { return []error{}[len(s.file)] }, "index out of range"},
		"a panic of another value": {func(r *http.Request) error { panic(r.URL.Query()) }, "panic: url.Values"},
	} {
		log.Reset()
		fail = c.fail
		r := s.request(http.MethodPost, "/places?x=Xylophone", "name=Xylophone&address=1", "Content-Type", "application/x-www-form-urlencoded")
		w := s.serve(r)
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), typed) {
			t.Errorf("%s: answered %d %s", what, w.Code, w.Body)
		}
		if said := log.String(); strings.Contains(said, typed) || !strings.Contains(said, c.says) || strings.Contains(what, "panic") != strings.Contains(said, "log_test.go") {
			t.Errorf("%s: the log says %s", what, said)
		}
	}
}
