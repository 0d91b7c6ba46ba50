package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// times is how often something is done in this run: n, or as often as the environment says.
func times(t *testing.T, variable string, n int) int {
	t.Helper()
	said := os.Getenv(variable)
	if said == "" {
		return n
	}
	n, err := strconv.Atoi(said)
	if err != nil {
		t.Fatalf("%s is %q", variable, said)
	}
	return n
}

// caller sends requests on one connection for as long as it is kept, and never sends one again: what
// it sent and got no answer to is lost.
type caller struct {
	host string
	conn net.Conn
	from *bufio.Reader
}

// call sends a request and reads the answer. It waits while no server listens. Errors: the request
// was lost.
func (c *caller) call(method, path, form string, end <-chan struct{}) (*http.Response, error) {
	for c.conn == nil {
		conn, err := net.Dial("tcp", c.host)
		if err == nil {
			c.conn, c.from = conn, bufio.NewReader(conn)
			break
		}
		if !errors.Is(err, syscall.ECONNREFUSED) {
			return nil, err
		}
		select {
		case <-end:
			return nil, nil
		case <-time.After(5 * time.Millisecond):
		}
	}
	_ = c.conn.SetDeadline(time.Now().Add(30 * time.Second))
	_, err := fmt.Fprintf(c.conn, "%s %s HTTP/1.1\r\nHost: %s\r\nCookie: maitred_session=%s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		method, path, c.host, visits.of(c.host), len(form), form)
	if err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(c.from, nil)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	if res.Close {
		_ = c.conn.Close()
		c.conn = nil
	}
	return res, err
}

// Eight people read and write without a break, on connections that are kept; meanwhile the program is
// stopped and started again, and again. Nobody notices more than a pause.
func TestNoRequestIsLostByRestartsUnderLoad(t *testing.T) {
	t.Parallel()
	restarts := times(t, "MAITRED_RESTARTS", 10)
	database := filepath.Join(t.TempDir(), "maitred.db")
	p := start(t, database)
	at, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	var everyone sync.WaitGroup
	var saved, read atomic.Int64
	end := make(chan struct{})
	for i := range 8 {
		everyone.Go(func() {
			c := &caller{host: at.Host}
			for n := 0; ; n++ {
				select {
				case <-end:
					return
				case <-time.After(rand.N(20 * time.Millisecond)):
				}
				method, path, form, want, count := http.MethodPost, "/places", url.Values{"name": {fmt.Sprintf("Place %d.%d", i, n)}, "address": {"1"}}.Encode(), http.StatusSeeOther, &saved
				if n%2 == 0 {
					method, path, form, want, count = http.MethodGet, "/places?sort=-name", "", http.StatusOK, &read
				}
				res, err := c.call(method, path, form, end)
				if err != nil {
					t.Errorf("a request was lost: %v", err)
					return
				}
				if res == nil {
					return
				}
				if res.StatusCode == http.StatusServiceUnavailable && res.Header.Get("Retry-After") != "" {
					continue // there was no place for it at that moment, and it was told so
				}
				if res.StatusCode != want {
					t.Errorf("%s %s was answered with %d", method, path, res.StatusCode)
					continue
				}
				count.Add(1)
			}
		})
	}
	for n := 0; n < restarts && !t.Failed(); n++ {
		before := saved.Load() + read.Load()
		for deadline := time.Now().Add(20 * time.Second); saved.Load()+read.Load() < before+40 && time.Now().Before(deadline); {
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(rand.N(30 * time.Millisecond))
		p.stop()
		p = startFile(t, programFile(t), []string{"--addr", at.Host, "--database", database})
	}
	close(end)
	everyone.Wait()
	p.stop()
	if saved.Load() < int64(restarts) || read.Load() < int64(restarts) {
		t.Errorf("only %d were saved and %d read", saved.Load(), read.Load())
	}
	if kept := answer(t, database, "SELECT count(*) FROM places"); kept != fmt.Sprint(saved.Load()) {
		t.Errorf("%d were saved, and %s are kept", saved.Load(), kept)
	}
	isSound(t, programFile(t), database)
}

// An idle connection is served once more, and told that this was the last time.
func TestARequestThatComesAtTheLastMomentIsAnsweredAndIsTheLastOne(t *testing.T) {
	t.Parallel()
	p := start(t, filepath.Join(t.TempDir(), "maitred.db"))
	c := &caller{host: strings.TrimPrefix(p.url, "http://")}
	if res, err := c.call(http.MethodGet, "/healthz", "", nil); err != nil || res.Close {
		t.Fatalf("at first the connection is not kept: %v", err)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for { // until nobody new is let in
		other, err := net.Dial("tcp", c.host)
		if err != nil {
			break
		}
		_ = other.Close()
	}
	res, err := c.call(http.MethodGet, "/healthz", "", nil)
	if err != nil {
		t.Fatalf("the request was lost: %v", err)
	}
	if res.StatusCode != http.StatusOK || !res.Close {
		t.Errorf("the answer is %d and the last one: %v", res.StatusCode, res.Close)
	}
	p.ends()
}

func TestWhoIsToldTwiceToStopDoesSoAtOnce(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	p := start(t, database)
	at := strings.TrimPrefix(p.url, "http://")
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /places HTTP/1.1\r\nHost: %s\r\nContent-Length: 10\r\n\r\n", at) // and then nothing
	time.Sleep(100 * time.Millisecond)
	ended := make(chan struct{})
	go func() {
		_ = p.cmd.Wait()
		close(ended)
	}()
	for told := 0; ; told++ {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
			if told == 0 {
				t.Error("it did not wait for the request")
			}
			start(t, database).stop()
			return
		case <-time.After(200 * time.Millisecond):
			if told > 20 {
				t.Fatal("it does not end")
			}
		}
	}
}
