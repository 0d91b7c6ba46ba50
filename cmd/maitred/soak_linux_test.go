package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// soak is a site at which people work for a while: they read, search, save, undo, come and go, and now and
// then one of them lets all waiters go at once and takes it back.
type soak struct {
	*program
	end  time.Time
	did  sync.Map // what → *atomic.Int64
	busy atomic.Int64
}

// works lets somebody do one thing after the other, with a pause in between, until the end.
func (s *soak) works(pause time.Duration, steps ...func() error) func() {
	return func() {
		for i := 0; time.Now().Before(s.end); i++ {
			if err := steps[i%len(steps)](); err != nil {
				s.t.Error(err)
				return
			}
			time.Sleep(rand.N(pause) + pause/2)
		}
	}
}

// ask sends a request, a form if there is one, and expects one of these answers; that there is no room or no time at
// the moment is one, too.
func (s *soak) ask(what, path string, form url.Values, want ...int) (res *http.Response, page *goquery.Document, err error) {
	if form == nil {
		res, err = client.Get(s.url + path)
	} else {
		res, err = client.PostForm(s.url+path, form)
	}
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	if page, err = goquery.NewDocumentFromReader(res.Body); err != nil {
		return nil, nil, err
	}
	n, _ := s.did.LoadOrStore(what, new(atomic.Int64))
	n.(*atomic.Int64).Add(1)
	stopped := res.StatusCode == http.StatusUnprocessableEntity && strings.Contains(page.Find("main").Text(), "takes too long")
	if res.StatusCode == http.StatusServiceUnavailable || stopped {
		s.busy.Add(1)
		return res, page, nil
	}
	for _, status := range want {
		if res.StatusCode == status {
			return res, page, nil
		}
	}
	return nil, nil, fmt.Errorf("%s %s: answered %d, %s", what, path, res.StatusCode, strings.Join(strings.Fields(page.Find("main").Text()), " "))
}

func (s *soak) reads(paths ...string) func() error {
	return func() error {
		_, _, err := s.ask("read", paths[rand.N(len(paths))], nil, http.StatusOK, http.StatusNotFound)
		return err
	}
}

// saves adds a place, changes it and takes that back.
func (s *soak) saves() error {
	name := fmt.Sprint("Place ", rand.Int64())
	res, _, err := s.ask("create", "/places", url.Values{"name": {name}, "address": {"1"}}, http.StatusSeeOther)
	if err != nil || res.StatusCode != http.StatusSeeOther {
		return err
	}
	at := res.Header.Get("Location")
	_, page, err := s.ask("edit", at+"/edit", nil, http.StatusOK)
	if err != nil {
		return err
	}
	version, ok := page.Find("main input[name=version]").Attr("value")
	if !ok {
		return nil
	}
	if _, _, err = s.ask("update", at, url.Values{"name": {name + " too"}, "address": {"2"}, "version": {version}}, http.StatusSeeOther); err != nil {
		return err
	}
	if _, page, err = s.ask("read", at, nil, http.StatusOK); err != nil {
		return err
	}
	if undo, ok := page.Find("main form[action$='/undo']").Attr("action"); ok {
		_, _, err = s.ask("undo", undo, url.Values{}, http.StatusSeeOther, http.StatusConflict)
	}
	return err
}

// comesAndGoes signs in and out in a browser of its own.
func (s *soak) comesAndGoes() error {
	res, err := (&http.Client{CheckRedirect: client.CheckRedirect, Transport: watchedTransport}).PostForm(s.url+"/sign-in", url.Values{"name": {mia}, "password": {password}})
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	n, _ := s.did.LoadOrStore("sign in", new(atomic.Int64))
	n.(*atomic.Int64).Add(1)
	for _, c := range res.Cookies() {
		if c.Name == "maitred_session" {
			r, err := http.NewRequest(http.MethodPost, s.url+"/sign-out", nil)
			if err != nil {
				return err
			}
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
			out, err := watchedTransport.RoundTrip(r)
			if err != nil {
				return err
			}
			return out.Body.Close()
		}
	}
	if res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusServiceUnavailable {
		return fmt.Errorf("signing in is answered %d", res.StatusCode)
	}
	return nil
}

// letsAllGo deletes all waiters, waits until that is done, and takes it back.
func (s *soak) letsAllGo() error {
	_, page, err := s.ask("preview", "/waiters/delete", url.Values{"all": {"1"}}, http.StatusOK)
	if err != nil {
		return err
	}
	at, err := s.confirms("delete all", page)
	if at == "" || err != nil {
		return err
	}
	if _, page, err = s.ask("preview", at+"/undo", nil, http.StatusOK); err != nil {
		return err
	}
	_, err = s.confirms("undo all", page)
	return err
}

// confirms sends the form of a preview and returns where the change is, when it is done; "" if it was not.
func (s *soak) confirms(what string, page *goquery.Document) (at string, err error) {
	form, fields := page.Find("main form[method=post]").First(), url.Values{}
	for _, e := range form.Find("input:not([type=radio]):not([type=checkbox]), input[checked]").EachIter() {
		fields.Add(e.AttrOr("name", ""), e.AttrOr("value", ""))
	}
	action := form.AttrOr("action", "")
	if action == "" { // there was no room
		return "", nil
	}
	res, _, err := s.ask(what, action, fields, http.StatusSeeOther, http.StatusConflict)
	for err == nil && res.StatusCode == http.StatusSeeOther {
		at = res.Header.Get("Location")
		if !strings.HasPrefix(at, "/progress/") {
			return at, nil
		}
		for {
			time.Sleep(100 * time.Millisecond)
			if res, _, err = s.ask("progress", at, nil, http.StatusOK, http.StatusSeeOther); err != nil || res.StatusCode == http.StatusSeeOther {
				break
			}
		}
	}
	return "", err
}

// state is what the program takes of the machine.
type state struct{ memory, goroutines, files, log float64 }

// bounds are how much more of it the program may take at the end than in the beginning.
var bounds = state{memory: 40 << 20, goroutines: 30, files: 20, log: 64 << 20}

func (s *soak) looks() (now state, err error) {
	dir := fmt.Sprintf("/proc/%d", s.cmd.Process.Pid)
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		return now, err
	}
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "RssAnon: %f kB", &now.memory); err == nil {
			now.memory *= 1024
		}
	}
	files, err := os.ReadDir(filepath.Join(dir, "fd"))
	if err != nil {
		return now, err
	}
	now.files = float64(len(files))
	if info, err := os.Stat(s.database + "-wal"); err == nil {
		now.log = float64(info.Size())
	}
	res, err := client.Get(s.url + "/metrics")
	if err != nil {
		return now, err
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(io.LimitReader(res.Body, 1<<20)); lines.Scan(); {
		if n, ok := strings.CutPrefix(lines.Text(), "go_goroutines "); ok {
			now.goroutines, err = strconv.ParseFloat(n, 64)
		}
	}
	if now.memory == 0 || now.goroutines == 0 || now.files == 0 {
		err = fmt.Errorf("what the program takes cannot be seen: %+v", now)
	}
	return now, err
}

// usual is what is usual for each of several states; of the log it is the most.
func usual(of []state) (u state) {
	middle := func(part func(state) float64) float64 {
		var all []float64
		for _, s := range of {
			all = append(all, part(s))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	u.memory, u.goroutines, u.files = middle(func(s state) float64 { return s.memory }), middle(func(s state) float64 { return s.goroutines }), middle(func(s state) float64 { return s.files })
	for _, s := range of {
		u.log = max(u.log, s.log)
	}
	return u
}

// People work at a site for a minute, or as long as MAITRED_SOAK says. In the last third of that it takes no
// more memory, goroutines, file handles and log than in the first, but for what its caches may take.
func TestASiteThatIsWorkedAtTakesNoMoreAsTimeGoesBy(t *testing.T) {
	repeats(t)
	t.Parallel()
	lasts := time.Minute
	if said := os.Getenv("MAITRED_SOAK"); said != "" {
		var err error
		if lasts, err = time.ParseDuration(said); err != nil {
			t.Fatal(err)
		}
	}
	database := filepath.Join(t.TempDir(), "soak.db")
	if code, _, said := runs(t, programFile(t), "fill", "--places", "4500", "--database", database); code != 0 {
		t.Fatal(said)
	}
	s := &soak{program: start(t, database), end: time.Now().Add(lasts)}
	var all sync.WaitGroup
	for range 4 {
		all.Go(s.works(20*time.Millisecond, s.reads("/", "/places", "/places?before=end", "/restaurants?sort=-waiters", "/waiters", "/places/7", "/restaurants/7", "/waiters/7", "/history", "/help", "/account", "/users"),
			s.reads("/search?q=demon", "/places?q=street", "/waiters?q=joe", "/restaurants?place__name__startswith=S", "/search?q=move+demon")))
	}
	for range 2 {
		all.Go(s.works(50*time.Millisecond, s.saves))
	}
	all.Go(s.works(time.Second, s.comesAndGoes))
	all.Go(s.works(lasts/12, s.letsAllGo))
	var seen []state
	all.Go(s.works(lasts/120, func() error {
		now, err := s.looks()
		seen = append(seen, now)
		return err
	}))
	all.Wait()
	if t.Failed() {
		return
	}
	third := len(seen) / 3
	first, last := usual(seen[:third]), usual(seen[len(seen)-third:])
	for what, c := range map[string][3]float64{
		"memory":     {first.memory, last.memory, bounds.memory},
		"goroutines": {first.goroutines, last.goroutines, bounds.goroutines},
		"files":      {first.files, last.files, bounds.files},
		"log":        {first.log, last.log, bounds.log},
	} {
		t.Logf("%s: %.0f in the first third, %.0f in the last", what, c[0], c[1])
		if c[1] > c[0]+c[2] {
			t.Errorf("%s grew from %.0f to %.0f", what, c[0], c[1])
		}
	}
	for _, what := range []string{"read", "create", "update", "undo", "sign in", "delete all", "undo all", "progress"} {
		n, ok := s.did.Load(what)
		if !ok {
			t.Errorf("nobody did: %s", what)
			continue
		}
		t.Logf("%s: %d times", what, n.(*atomic.Int64).Load())
	}
	t.Logf("%d times there was no room", s.busy.Load())
	s.stop()
	isSound(t, programFile(t), database)
}
