package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// ofMemory is what /proc says of the memory of a process, in kB: VmHWM is the most it ever had, with what it
// shares with the files it reads.
func ofMemory(t testing.TB, pid int, what string) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, is := strings.CutPrefix(line, what+":"); is {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("/proc says nothing of %s", what)
	return 0
}

// guest is a visitor of a demo without a browser.
type guest struct {
	http.Client
	site string
}

// asks sends a request, again when there was no place for it at that moment, and expects an answer with words.
func (g *guest) asks(ask func() (*http.Response, error), words string) error {
	for {
		res, err := ask()
		if err != nil {
			return err
		}
		body, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			return err
		}
		switch {
		case res.StatusCode == http.StatusServiceUnavailable && res.Header.Get("Retry-After") == "2":
			time.Sleep(200 * time.Millisecond) // sooner than asked
		case res.StatusCode != http.StatusOK || !bytes.Contains(body, []byte(words)):
			return fmt.Errorf("%s is answered with %d and without %q: %.400s", res.Request.URL, res.StatusCode, words, body)
		default:
			return nil
		}
	}
}

func (g *guest) sees(path, words string) error {
	return g.asks(func() (*http.Response, error) { return g.Get(g.site + path) }, words)
}

// tries comes, adds a place, finds it and looks back. first is how long the first page took.
func (g *guest) tries(name string) (first time.Duration, err error) {
	begun := time.Now()
	err = g.sees("/", "Your own demo")
	first = time.Since(begun)
	if err == nil {
		err = g.asks(func() (*http.Response, error) {
			return g.PostForm(g.site+"/places", url.Values{"name": {name}, "address": {"1"}})
		}, "Done:")
	}
	if err == nil {
		err = g.sees("/places?q="+url.QueryEscape(name), "/places/203")
	}
	if err == nil {
		err = g.sees("/history", "added the place")
	}
	return first, err
}

// A thousand people try a demo at once, each on records of their own, and all of it fits in a gibibyte.
func TestADemoHasRoomForAThousandVisitors(t *testing.T) {
	t.Parallel()
	const people, gibibyte = 1000, 1 << 20
	p := startFile(t, programFile(t), []string{"demo", "--addr", "localhost:0", "--folder", t.TempDir(), "--per-address", "1000"}, nobody)
	var all sync.WaitGroup
	firsts := make([]time.Duration, people)
	lines := &http.Transport{MaxIdleConnsPerHost: people}
	defer lines.CloseIdleConnections()
	atOnce := make(chan struct{}, 32) // who is pressing something in one instant; the others are reading
	for i := range people {
		all.Go(func() {
			atOnce <- struct{}{}
			defer func() { <-atOnce }()
			jar, err := cookiejar.New(nil)
			if err == nil {
				g := &guest{http.Client{Jar: jar, Transport: lines}, p.url}
				firsts[i], err = g.tries(fmt.Sprintf("Place of %d", i))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if kB := ofMemory(t, p.cmd.Process.Pid, "VmHWM"); kB >= gibibyte {
		t.Errorf("it had %d kB", kB)
	}
	slices.Sort(firsts)
	t.Logf("%d kB at most, %d kB of its own now; first pages, among 32 requests at once: %v, %v at worst", ofMemory(t, p.cmd.Process.Pid, "VmHWM"), ofMemory(t, p.cmd.Process.Pid, "RssAnon"), firsts[people/2], firsts[people-1])
	late := &guest{site: p.url}
	first, err := late.tries("Late")
	if err == nil || !strings.Contains(err.Error(), "full") {
		t.Errorf("who comes then is answered with %v", err)
	}
	t.Logf("the first page of who comes then: %v", first)
	p.stop()
}
