package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheHostOfARequestIsTheOneThatCounts(t *testing.T) {
	t.Parallel()
	p := startFile(t, mustBuild(t), []string{"--addr", "127.0.0.1:0", "--database", filepath.Join(t.TempDir(), "m.db"), "--host", "desk.example"})
	addr := strings.TrimPrefix(p.url, "http://")
	for _, c := range []struct {
		request string
		status  int
	}{
		{"GET / HTTP/1.1\r\nHost: localhost\r\n", 200},
		{"GET / HTTP/1.1\r\nHost: desk.example\r\n", 200},
		{"GET / HTTP/1.1\r\nHost: evil.example\r\n", 421},
		{"GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost\r\nForwarded: host=localhost\r\nX-Host: localhost\r\nX-Original-Host: localhost\r\n", 421},
		{"GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: evil.example\r\n", 200},
		// What stands in the first line is the host, whatever the header says (RFC 9112, section 3.2.2).
		{"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n", 421},
		{"GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\n", 200},
		{"GET http://localhost@evil.example/ HTTP/1.1\r\nHost: localhost\r\n", 421},
		// Two of them, or none, is no request.
		{"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: localhost evil.example\r\n", 400},
		{"GET / HTTP/1.1\r\nHost:\r\n", 421},
		{"GET / HTTP/1.1\r\n", 400},
		{"GET / HTTP/1.0\r\n", 421},
		{"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 40<<10) + "\r\n", 431},
		{"POST /places HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n", 501},
		{"BREW / HTTP/1.1\r\nHost: localhost\r\n", 405},
		{"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n", 404},
		{"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n", 404},
	} {
		if res := raw(t, addr, c.request+"Cookie: maitred_session="+visits.of(addr)+"\r\nConnection: close\r\n\r\n"); res.StatusCode != c.status {
			t.Errorf("%.150q: answered %s", c.request, res.Status)
		}
	}
	p.stop()
}

func TestWhoIsSlowIsCut(t *testing.T) {
	t.Parallel()
	p := startFile(t, mustBuild(t), []string{"--addr", "127.0.0.1:0", "--database", filepath.Join(t.TempDir(), "m.db")})
	addr := strings.TrimPrefix(p.url, "http://")
	cookie := "Cookie: maitred_session=" + visits.of(addr) + "\r\n"
	answers := make(chan string)
	for _, begin := range []string{
		"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", // and never ends its head
		"POST /places HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nname=",
		"POST /places HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 60000\r\n\r\n--x\r\nContent-Disposition: form-data; name=name\r\n\r\n",
	} {
		go func() { answers <- drip(addr, begin) }() // who is not signed in
		go func() {
			answers <- drip(addr, strings.Replace(begin, "Host: localhost\r\n", "Host: localhost\r\n"+cookie, 1))
		}()
	}
	got := map[string]int{}
	for range 6 {
		got[<-answers]++
	}
	if got["cut"] != 2 || got["408"] != 4 {
		t.Errorf("who is slow gets %v", got)
	}
	p.get("/places").answers(http.StatusOK).lists(0)
	p.stop()
}

// drip sends a letter now and then until there is an answer, and returns its status, or that the
// connection was cut.
func drip(addr, begin string) string {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, begin); err != nil {
		return err.Error()
	}
	done := make(chan struct{})
	defer close(done)
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(200 * time.Millisecond):
				if _, err := io.WriteString(conn, "x"); err != nil {
					return
				}
			}
		}
	}()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if e, ok := err.(net.Error); ok && e.Timeout() {
		return "nothing for a minute"
	}
	if err != nil {
		return "cut"
	}
	_ = res.Body.Close()
	return fmt.Sprint(res.StatusCode)
}

func mustBuild(t *testing.T) string {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return file
}
