package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"maitred/models/store"
)

// freeAddress is an address of this machine that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprintf("localhost:%d", l.Addr().(*net.TCPAddr).Port)
}

// fetched is the status and the text of an answer; 0 where nobody answers.
func fetched(t *testing.T, method, address, host string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func TestASettingThatIsWrongIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ flag, value, says string }{
		{"--requests-at-once", "many", "--requests-at-once"},
		{"--requests-at-once", "-1", "--requests-at-once"},
		{"--import-size", "10", "--import-size"},
		{"--import-rows", "0", "--import-rows"},
		{"--connections", "1.5", "--connections"},
		{"--connections", "-1", "numbers from 1 on"},
		{"--memory", "512", "write it as 512MiB or 2GiB"},
		{"--memory", "512MB", "write it as 512MiB or 2GiB"},
		{"--memory", "-1GiB", "write it as 512MiB or 2GiB"},
		{"--memory", "99999999999GiB", "write it as 512MiB or 2GiB"},
		{"--memory", "64MiB", "give it 128MiB or more"},
		{"--slow-query", "soon", "--slow-query"},
		{"--slow-query", "-1s", "a time such as 250ms"},
		{"--metrics-addr", "nonsense", "--metrics-addr"},
		{"--pprof-addr", "nonsense", "--pprof-addr"},
		{"--pprof-addr", ":0", "--pprof-addr is for this machine only: write localhost and a port"},
		{"--pprof-addr", "0.0.0.0:0", "for this machine only"},
	} {
		refuses(t, []string{"serve", "--addr", "localhost:0", c.flag + "=" + c.value}, "maitred:", c.says)
	}
}

func TestHelpNamesEachSettingWithWhatIsUsual(t *testing.T) {
	t.Parallel()
	code, out, said := runs(t, programFile(t), "serve", "--help")
	if code != 0 || said != "" {
		t.Fatalf("it ended with %d, %s", code, said)
	}
	told := strings.Join(strings.Fields(out), " ")
	for _, words := range []string{
		"--requests-at-once=N", "$MAITRED_REQUESTS_AT_ONCE", "two for each processor core, four at least",
		"--connections=N", "$MAITRED_CONNECTIONS", "4096",
		"--memory=SIZE", "$MAITRED_MEMORY", "GOMEMLIMIT",
		"--slow-query=250ms", "$MAITRED_SLOW_QUERY", "--metrics-addr=ADDR", "$MAITRED_METRICS_ADDR", "--pprof-addr=ADDR", "$MAITRED_PPROF_ADDR",
	} {
		if !strings.Contains(told, words) {
			t.Errorf("it does not say %q: %s", words, out)
		}
	}
}

func TestASiteTellsItsOperatorsHowItIsAndNobodyElse(t *testing.T) {
	t.Parallel()
	metrics, profiles := freeAddress(t), freeAddress(t)
	p := start(t, filepath.Join(t.TempDir(), "maitred.db"), "MAITRED_METRICS_ADDR="+metrics, "MAITRED_PPROF_ADDR="+profiles)
	host := strings.TrimPrefix(p.url, "http://")
	for _, c := range []struct {
		address, host string
		status        int
		says          string
	}{
		{p.url + "/readyz", host, http.StatusOK, "ready"},
		{p.url + "/metrics", host, http.StatusOK, `maitred_rows{kind="places"} 0`},
		{p.url + "/debug/pprof/", host, http.StatusUnauthorized, "Sign in"},
		{"http://" + metrics + "/metrics", "desk.example", http.StatusOK, `maitred_rows{kind="places"} 0`},
		{"http://" + metrics + "/readyz", "desk.example", http.StatusOK, "ready"},
		{"http://" + metrics + "/", "desk.example", http.StatusNotFound, ""},
		{"http://" + metrics + "/debug/pprof/", "desk.example", http.StatusNotFound, ""},
		{"http://" + profiles + "/debug/pprof/goroutine?debug=1", profiles, http.StatusOK, "goroutine profile"},
		{"http://" + profiles + "/debug/pprof/cmdline", "evil.example", http.StatusMisdirectedRequest, ""},
		{"http://" + profiles + "/metrics", profiles, http.StatusNotFound, ""},
	} {
		if status, text := fetched(t, http.MethodGet, c.address, c.host); status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s is answered %d, want %d: %.200s", c.address, status, c.status, text)
		}
	}
	p.stop()
	if status, _ := fetched(t, http.MethodGet, "http://"+metrics+"/metrics", metrics); status != 0 {
		t.Errorf("when the program has ended, somebody answers %d", status)
	}
}

func TestTheProgramCollectsGarbageToStayWithinTheMemoryItIsGiven(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env  []string
		want string
	}{
		{[]string{"MAITRED_MEMORY=512MiB"}, fmt.Sprint(512<<20 - store.Caches)},
		{[]string{"MAITRED_MEMORY=1GiB", "GOMEMLIMIT=300MiB"}, fmt.Sprint(1<<30 - store.Caches)},
		{[]string{"GOMEMLIMIT=300MiB"}, fmt.Sprint(300 << 20)},
	} {
		p := start(t, filepath.Join(t.TempDir(), "maitred.db"), c.env...)
		_, told := fetched(t, http.MethodGet, p.url+"/metrics", p.host())
		for line := range strings.Lines(told) {
			if name, value, _ := strings.Cut(strings.TrimSpace(line), " "); name == "go_gc_gomemlimit_bytes" {
				told = value
			}
		}
		bytes, err := strconv.ParseFloat(told, 64)
		if err != nil || fmt.Sprintf("%.0f", bytes) != c.want {
			t.Errorf("with %v Go is given %.0f bytes, want %s: %v", c.env, bytes, c.want, err)
		}
		p.stop()
	}
}

func TestTheProgramTellsOfSlowStatementsUnlessToldNotTo(t *testing.T) {
	t.Parallel()
	for after, told := range map[string]bool{"1ns": true, "0": false, "1h": false} {
		p := start(t, filepath.Join(t.TempDir(), "maitred.db"), "MAITRED_SLOW_QUERY="+after)
		p.post("/places", "name", "Xylophone", "address", "1").answers(http.StatusSeeOther)
		p.get("/places?q=Xylophone").answers(http.StatusOK)
		p.stop()
		said := p.said.String()
		if strings.Contains(said, `msg="a statement was slow"`) != told || strings.Contains(said, "plan=") != told {
			t.Errorf("with %s it says %s", after, said)
		}
		if strings.Contains(strings.ToLower(said), "xylophone") {
			t.Errorf("with %s it says what was typed", after)
		}
	}
}

// Who comes to a site that has as many connections as it may have waits until one is closed; and who keeps
// one for later gives it up with their next answer.
func TestNoMoreConnectionsAreLetInThanThereMayBe(t *testing.T) {
	t.Parallel()
	p := start(t, filepath.Join(t.TempDir(), "maitred.db"), "MAITRED_CONNECTIONS=4", nobody)
	host := strings.TrimPrefix(p.url, "http://")
	var here []*caller
	for i := range 4 {
		c := &caller{host: host}
		res, err := c.call(http.MethodGet, "/healthz", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if last := i >= 3; res.Close != last {
			t.Errorf("of connection %d it is said to be the last answer: %v", i+1, res.Close)
		}
		here = append(here, c)
	}
	for _, c := range here[:3] { // 3 idle, one was closed
		defer c.conn.Close()
	}
	silent, err := net.Dial("tcp", host) // the fourth
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() {
		_, err := (&caller{host: host}).call(http.MethodGet, "/healthz", "", nil)
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Fatalf("a fifth was let in: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	_ = silent.Close()
	if err := <-answered; err != nil {
		t.Error(err)
	}
	p.stop()
}
