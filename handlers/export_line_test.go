package handlers_test

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maitred/handlers"
	"maitred/models"
	"maitred/models/account"
)

// aCity is a site whose waiters are a file of more than memory holds of it on its way.
func aCity(t *testing.T) *site {
	t.Helper()
	s := emptySite(t)
	if _, err := models.Fill(context.Background(), s.Store, 5000, nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// line is the connection of somebody who takes nothing until they are let.
type line struct {
	http.ResponseWriter
	begun chan struct{} // something has come
	open  chan struct{}
	lines int
}

func newLine() *line {
	return &line{httptest.NewRecorder(), make(chan struct{}), make(chan struct{}), 0}
}

func (l *line) Write(b []byte) (int, error) {
	if l.lines == 0 {
		close(l.begun)
		<-l.open
	}
	l.lines += strings.Count(string(b), "\n")
	return len(b), nil
}

// onFile are the files of this test that are open and have no name any more.
func (s *site) onFile() (n int) {
	s.t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		s.t.Skip("no /proc here: ", err)
	}
	for _, fd := range open {
		if name, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(name, filepath.Dir(s.file)+"/maitred-download-") {
			n++
		}
	}
	return n
}

// isFree says that nobody is inside a read transaction: all of the log can be moved into the database.
func (s *site) isFree() bool {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.file)
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	var busy, log, moved int
	if err := db.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &moved); err != nil {
		s.t.Fatal(err)
	}
	return busy == 0
}

// soon expects that something becomes true.
func (s *site) soon(what string, is func() bool) {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("after a while it is still not so: %s", what)
		}
	}
}

func TestWhoHasASlowLineKeepsNeitherTheDatabaseNorAPlaceFromOthers(t *testing.T) {
	onlyOfAFile(t, "downloads wait beside it")
	t.Parallel()
	s := aCity(t)
	o := s.options(account.Manager)
	o.AtOnce = 1
	site, slow, over := handlers.New(o), newLine(), make(chan struct{})
	go func() {
		defer close(over)
		site.ServeHTTP(slow, s.request(http.MethodGet, "/waiters.csv", ""))
	}()
	<-slow.begun
	s.soon("the file is read to its end", func() bool { s.add("/places", "name", "Another", "address", "1"); return s.isFree() })
	if n := s.onFile(); n != 1 {
		t.Errorf("%d files are on the disk", n)
	}
	w := httptest.NewRecorder()
	site.ServeHTTP(w, s.request(http.MethodGet, "/waiters", ""))
	if w.Code != http.StatusOK {
		t.Errorf("others are answered %d", w.Code)
	}
	close(slow.open)
	<-over
	if want := s.rows("waiters") + 1; slow.lines != want {
		t.Errorf("%d lines came, of %d", slow.lines, want)
	}
	if n := s.onFile(); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

func TestMoreDownloadsThanTheDiskShouldHoldAreToComeAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	site, over := handlers.New(s.options(account.Manager)), make(chan struct{})
	var all []*line
	for range 16 {
		l := newLine()
		all = append(all, l)
		go func() {
			site.ServeHTTP(l, s.request(http.MethodGet, "/places.csv", ""))
			over <- struct{}{}
		}()
		<-l.begun
	}
	w := httptest.NewRecorder()
	site.ServeHTTP(w, s.request(http.MethodGet, "/places.xlsx?q=a", ""))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "Others are downloading files at this moment") || !strings.Contains(w.Body.String(), `href="/places?q=a"`) {
		t.Errorf("answered %d: %s", w.Code, w.Body)
	}
	for _, l := range all {
		close(l.open)
		<-over
	}
	s.holdsLines("/places", "?pk=1", "id,name,address", "1,Demon Dogs,944 W. Fullerton")
}

// narrow is a site whose lines hold little, and whose answers have little time.
func (s *site) narrow() (url string, dial func(context.Context, string, string) (net.Conn, error)) {
	server := httptest.NewUnstartedServer(s.bare)
	server.Config.WriteTimeout = 100 * time.Millisecond
	server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		_ = c.(*net.TCPConn).SetWriteBuffer(4 << 10)
		return ctx
	}
	server.Start()
	s.t.Cleanup(server.Close)
	return server.URL, func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			_ = c.(*net.TCPConn).SetReadBuffer(4 << 10)
		}
		return c, err
	}
}

func TestADownloadLastsAsLongAsItIsTaken(t *testing.T) {
	t.Parallel()
	s := aCity(t)
	url, dial := s.narrow()
	client := &http.Client{Transport: &http.Transport{DialContext: dial, DisableCompression: true, DisableKeepAlives: true}}
	res, err := client.Get(url + "/waiters.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	time.Sleep(500 * time.Millisecond) // of all times to answer five
	rows, err := csv.NewReader(res.Body).ReadAll()
	if want := s.rows("waiters") + 1; err != nil || len(rows) != want {
		t.Errorf("%d lines came, of %d: %v", len(rows), want, err)
	}
}

func TestWhoGoesAwayWhileTheyDownloadLeavesNothing(t *testing.T) {
	onlyOfAFile(t, "downloads wait beside it")
	t.Parallel()
	s := aCity(t)
	log := s.logged(nil)
	url, dial := s.narrow()
	client := &http.Client{Transport: &http.Transport{DialContext: dial, DisableCompression: true, DisableKeepAlives: true}}
	res, err := client.Get(url + "/waiters.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(res.Body, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	s.soon("what does not fit into the line is on the disk", func() bool { return s.onFile() == 1 })
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	s.soon("nothing is left on the disk", func() bool { return s.onFile() == 0 })
	s.soon("the database is free", s.isFree)
	s.soon("the request is told of in the log", func() bool { return len(log.lines(t)) == 1 })
	if e := log.lines(t)[0]; e["level"] != "INFO" {
		t.Errorf("the log says %v", e)
	}
}

func TestAFileThatCannotBeReadToItsEndIsBrokenOff(t *testing.T) {
	onlyOfAFile(t, "its columns take what they are not meant to")
	t.Parallel()
	s := aCity(t)
	log := s.logged(nil)
	last := s.counted("SELECT r.place_id FROM restaurants r JOIN places p ON p.id = r.place_id ORDER BY p.name_norm DESC, p.id DESC LIMIT 1")
	count := s.counted("SELECT waiter_count FROM restaurants WHERE place_id = ?", last)
	s.exec("UPDATE restaurants SET waiter_count = 'many' WHERE place_id = ?", last)
	defer s.exec("UPDATE restaurants SET waiter_count = ? WHERE place_id = ?", count, last)
	server := httptest.NewServer(s.bare)
	defer server.Close()
	for _, path := range []string{"/restaurants.csv", "/restaurants.xlsx"} {
		for _, packed := range []bool{true, false} {
			client := &http.Client{Transport: &http.Transport{DisableCompression: !packed}}
			res, err := client.Get(server.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			_ = res.Body.Close()
			client.CloseIdleConnections()
			if !errors.Is(err, io.ErrUnexpectedEOF) || len(body) < 1000 || res.StatusCode != http.StatusOK {
				t.Errorf("%s (packed: %v): %d, %d bytes came, %v", path, packed, res.StatusCode, len(body), err)
			}
		}
	}
	broken := 0
	for _, e := range log.lines(t) {
		if e["msg"] == "a file was broken off" {
			broken++
		}
	}
	if broken != 4 {
		t.Errorf("the log tells of it %d times", broken)
	}
}
