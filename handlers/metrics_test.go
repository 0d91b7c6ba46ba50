package handlers_test

import (
	"bufio"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"maitred/handlers"
	"maitred/models/account"
)

// metrics are what the site tells those who run it, by name and labels as they are written.
func (s *site) metrics() map[string]float64 {
	s.t.Helper()
	p := s.get("/metrics").status(http.StatusOK)
	told := map[string]float64{}
	for lines := bufio.NewScanner(strings.NewReader(p.Body)); lines.Scan(); {
		name, value, found := strings.Cut(lines.Text(), " ")
		if strings.HasPrefix(name, "#") || !found {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			s.t.Fatalf("%q: %v", lines.Text(), err)
		}
		told[name] = v
	}
	return told
}

// counts expects that these are told.
func (s *site) counts(want map[string]float64) {
	s.t.Helper()
	told := s.metrics()
	for name, v := range want {
		if got, ok := told[name]; !ok || got != v {
			s.t.Errorf("%s is %v, want %v", name, got, v)
		}
	}
}

func TestThoseWhoRunTheSiteAreToldWhatIsInIt(t *testing.T) {
	onlyOfAFile(t, "there are numbers of it")
	t.Parallel()
	s := newSite(t)
	s.counts(map[string]float64{
		`maitred_rows{kind="places"}`: 2, `maitred_rows{kind="restaurants"}`: 1, `maitred_rows{kind="waiters"}`: 1,
		"maitred_changes_total": 4, "maitred_long_changes": 0, "maitred_write_waiting": 0, "maitred_write_waits_total": 0,
	})
	s.add("/places", "name", "Third", "address", "3 Third St")
	s.post("/waiters/" + joe + "/delete").form("post").send().status(http.StatusSeeOther)
	s.counts(map[string]float64{`maitred_rows{kind="places"}`: 3, `maitred_rows{kind="waiters"}`: 0, "maitred_changes_total": 6})
	told := s.metrics()
	for _, name := range []string{"maitred_database_bytes", "maitred_wal_bytes", "go_goroutines", "process_open_fds", "process_resident_memory_bytes"} {
		if told[name] <= 0 {
			t.Errorf("%s is %v", name, told[name])
		}
	}
	for _, name := range []string{"maitred_sandboxes", "maitred_backup_age_seconds", "maitred_sessions"} {
		if v, ok := told[name]; ok {
			t.Errorf("%s is %v on a site that has none", name, v)
		}
	}
}

func TestThoseWhoRunTheSiteAreToldOfBackupsWhereThereAreSome(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var last time.Time
	o := s.options(account.Manager)
	o.LastBackup = func() time.Time { return last }
	s.answerBy(handlers.New(o))
	if v, ok := s.metrics()["maitred_backup_age_seconds"]; ok {
		t.Errorf("a backup that was never made is %v seconds old", v)
	}
	now := time.Now()
	s.Now = func() time.Time { return now }
	last = now.Add(-time.Hour)
	s.counts(map[string]float64{"maitred_backup_age_seconds": 3600})
}

func TestThoseWhoRunADemoAreToldOfItsVisitors(t *testing.T) {
	t.Parallel()
	v := newDemo(t, plenty).visitor()
	v.get("/")
	v.counts(map[string]float64{"maitred_visitors": 0, "maitred_sandboxes": 0})
	v.get("/")
	v.counts(map[string]float64{"maitred_visitors": 1, "maitred_sandboxes": 0})
	v.add("/places", "name", "Ann’s", "address", "1")
	v.counts(map[string]float64{"maitred_visitors": 1, "maitred_sandboxes": 1, `maitred_rows{kind="places"}`: 202})
	v.get("/readyz").status(http.StatusOK)
}

func TestRequestsAreCountedByTheirRouteAndNothingTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	before := len(s.metrics())
	for i := range 50 {
		n := strconv.Itoa(i)
		s.get("/places/" + n + "?Xylophone=" + n)
		s.get("/Xylophone/" + n)
		s.get("/search?q=Xylophone" + n)
		s.do(s.request("XYLOPHONE"+n, "/places", ""))
		s.do(s.request(http.MethodGet, "/places", "", "Host", "xylophone"+n+".example"))
	}
	p := s.get("/metrics")
	if strings.Contains(strings.ToLower(p.Body), "xylophone") {
		t.Error("what was typed is told")
	}
	told := s.metrics()
	for name, v := range map[string]float64{
		`maitred_requests_total{method="GET",route="/places/:id",status="4xx"}`: 48, // two are there
		`maitred_requests_total{method="GET",route="none",status="4xx"}`:        100,
		`maitred_requests_total{method="GET",route="/search",status="2xx"}`:     50,
		`maitred_requests_total{method="other",route="/places",status="4xx"}`:   50,
		`maitred_request_seconds_count{route="/search"}`:                        50,
	} {
		if told[name] != v {
			t.Errorf("%s is %v, want %v", name, told[name], v)
		}
	}
	if more := len(told) - before; more > 100 {
		t.Errorf("there are %d more things to tell", more)
	}
}

func TestWhoSignedInIsCounted(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	s.counts(map[string]float64{"maitred_sessions": 4})
	s.as("Ed").post("/sign-out").status(http.StatusSeeOther)
	s.counts(map[string]float64{"maitred_sessions": 3})
	now := time.Now().Add(account.Idle + time.Minute)
	s.people.Now = func() time.Time { return now }
	s.counts(map[string]float64{"maitred_sessions": 0})
}

func TestHowTheSiteIsIsToldOnItsOwnMachineOnly(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	for what, c := range map[string]struct {
		from, host string
		header     []string
		want       int
	}{
		"this machine":                        {"127.0.0.1:1234", "localhost:8080", nil, http.StatusOK},
		"this machine by IPv6":                {"[::1]:1234", "[::1]:8080", nil, http.StatusOK},
		"another machine":                     {"198.51.100.7:1234", "desk.example", nil, http.StatusForbidden},
		"another machine that says localhost": {"198.51.100.7:1234", "localhost", nil, http.StatusForbidden},
		"a proxy here that says for whom":     {"127.0.0.1:1234", "localhost:8080", []string{"X-Forwarded-For", "198.51.100.7"}, http.StatusForbidden},
		"a proxy here that says for itself":   {"127.0.0.1:1234", "localhost:8080", []string{"X-Forwarded-For", "127.0.0.1"}, http.StatusForbidden},
		"a proxy here in other words":         {"127.0.0.1:1234", "localhost:8080", []string{"Forwarded", "for=198.51.100.7"}, http.StatusForbidden},
		"a proxy here that keeps the name":    {"127.0.0.1:1234", "desk.example", nil, http.StatusForbidden},
		"a trusted proxy":                     {proxy + ":1234", "localhost", []string{"X-Forwarded-For", "127.0.0.1"}, http.StatusForbidden},
	} {
		for _, who := range []string{"", "Max"} {
			r := s.request(http.MethodGet, "/metrics", "", append(c.header, "Host", c.host)...)
			if who != "" {
				r.Header.Set("Cookie", "maitred_session="+s.browsers[who].session)
			}
			r.RemoteAddr = c.from
			w := s.serve(r)
			if w.Code != c.want || strings.Contains(w.Body.String(), "maitred_rows") != (c.want == http.StatusOK) {
				t.Errorf("%s, %q: answered %d %.300s", what, who, w.Code, w.Body)
			}
		}
	}
	site := s.Handler
	s.Handler = handlers.ForOperators(s.bare)
	for path, want := range map[string]int{"/metrics": 200, "/healthz": 200, "/readyz": 200, "/": 404, "/places": 404, "/static/app.css": 404} {
		r := s.request(http.MethodGet, path, "", "Host", "10.0.0.7:9090")
		r.RemoteAddr = "10.0.0.9:1234"
		if w := s.serve(r); w.Code != want {
			t.Errorf("at an address for operators %s is answered %d", path, w.Code)
		}
	}
	s.Handler = site
}
