package handlers_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maitred/handlers"
	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
)

// load is what many people do at once on a site: each has a connection of their own, on which they ask for
// one thing after another, and one in twenty of these is a form.
type load struct {
	host  string
	asked []string // requests as they are sent
	next  atomic.Int64

	mu sync.Mutex
	loadAnswers
}

// loadAnswers are how long answers took, and how many were otherwise.
type loadAnswers struct {
	Accepted, Refused []time.Duration
	Other             map[int]int // by status
	ASecond           float64     // that were asked for
}

// loadOrder is what a process is told that does nothing but ask: so the site is measured beside it, and not
// mixed with it.
type loadOrder struct {
	Host                        string
	Largest, Restaurant, Waiter int64
	People, N                   int
	ASecond                     float64
	First                       int64
}

const loadVariable = "MAITRED_LOAD"

// beLoad does what such a process is told, and ends it.
func beLoad(order string) {
	var o loadOrder
	if err := json.Unmarshal([]byte(order), &o); err != nil {
		panic(err)
	}
	l := newLoad(o.Host, benchKeys{o.Largest, o.Restaurant, o.Waiter})
	l.next.Store(o.First)
	if err := l.run(o.People, o.N, o.ASecond); err != nil {
		panic(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(l.loadAnswers); err != nil {
		panic(err)
	}
	os.Exit(0)
}

// order lets a process of its own ask.
func order(b *testing.B, o loadOrder) (answers loadAnswers) {
	b.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), loadVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &answers)
	}
	if err != nil {
		b.Fatal(err)
	}
	return answers
}

func newLoad(host string, keys benchKeys) *load {
	l := &load{host: host}
	for _, path := range []string{
		"/", "/places", "/places?before=end", "/restaurants?sort=-waiters", "/waiters", "/history", "/search?q=demon",
		fmt.Sprint("/places/", keys.restaurant), fmt.Sprint("/restaurants/", keys.restaurant), fmt.Sprint("/restaurants/", keys.largest),
		fmt.Sprint("/waiters/", keys.waiter), "/restaurants?place__name__startswith=Demon", "/places?q=kowalski", "/places/new",
		fmt.Sprintf("/restaurants/%d/move", keys.restaurant), fmt.Sprintf("/places/%d/edit", keys.restaurant), "/waiters?before=end", "/restaurants", "/help",
	} {
		l.asked = append(l.asked, fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: gzip\r\n\r\n", path, l.host))
	}
	return l
}

// one is the next thing that somebody asks for.
func (l *load) one() string {
	n := l.next.Add(1)
	if n%20 != 0 {
		return l.asked[int(n)%len(l.asked)]
	}
	form := url.Values{"name": {fmt.Sprint("Place ", n)}, "address": {fmt.Sprint(n, " N. Ashland")}, "token": {fmt.Sprint("load ", n)}}.Encode()
	return fmt.Sprintf("POST /places HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", l.host, len(form), form)
}

// run lets so many people ask for n things in all, so many a second, or as fast as each is answered for 0.
func (l *load) run(people, n int, aSecond float64) error {
	l.Other = map[int]int{}
	errs := make(chan error, people)
	var left atomic.Int64
	left.Store(int64(n))
	began := time.Now()
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			errs <- l.person(began, i, people, aSecond, &left)
		})
	}
	all.Wait()
	l.ASecond = float64(n) / time.Since(began).Seconds()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *load) person(began time.Time, i, people int, aSecond float64, left *atomic.Int64) error {
	conn, err := net.Dial("tcp", l.host)
	if err != nil {
		return err
	}
	defer conn.Close()
	from := bufio.NewReader(conn)
	var mine loadAnswers
	mine.Other = map[int]int{}
	for k := 0; left.Add(-1) >= 0; k++ {
		if aSecond > 0 {
			time.Sleep(time.Until(began.Add(time.Duration(float64(k*people+i) / aSecond * float64(time.Second)))))
		}
		asked := time.Now()
		if _, err := io.WriteString(conn, l.one()); err != nil {
			return err
		}
		status, again, err := answered(from)
		if err != nil {
			return err
		}
		switch {
		case status == http.StatusOK, status == http.StatusSeeOther:
			mine.Accepted = append(mine.Accepted, time.Since(asked))
		case status == http.StatusServiceUnavailable && again:
			mine.Refused = append(mine.Refused, time.Since(asked))
		default:
			mine.Other[status]++
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Accepted = append(l.Accepted, mine.Accepted...)
	l.Refused = append(l.Refused, mine.Refused...)
	for status, count := range mine.Other {
		l.Other[status] += count
	}
	return nil
}

// answered reads an answer with as little work as can be: it is the site that is measured.
func answered(from *bufio.Reader) (status int, again bool, err error) {
	length := -1
	for first := true; ; first = false {
		line, err := from.ReadSlice('\n')
		if err != nil {
			return 0, false, err
		}
		name, value, _ := strings.Cut(strings.TrimRight(string(line), "\r\n"), ": ")
		switch {
		case first:
			status, _ = strconv.Atoi(string(line[9:12]))
		case name == "Content-Length":
			length, _ = strconv.Atoi(value)
		case name == "Retry-After":
			again = true
		case name == "":
			if length < 0 && status != http.StatusSeeOther {
				return status, again, skipChunks(from)
			}
			_, err := from.Discard(max(length, 0))
			return status, again, err
		}
	}
}

func skipChunks(from *bufio.Reader) error {
	for {
		line, err := from.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(strings.TrimRight(string(line), "\r\n"), 16, 64)
		if err != nil {
			return err
		}
		if _, err := from.Discard(int(n) + 2); err != nil || n == 0 {
			return err
		}
	}
}

// report tells how long answers took, in ms.
func (l *loadAnswers) report(b *testing.B) {
	b.ReportMetric(l.ASecond, "asked/s")
	b.ReportMetric(float64(len(l.Accepted))/b.Elapsed().Seconds(), "accepted/s")
	for name, all := range map[string][]time.Duration{"accepted": l.Accepted, "refused": l.Refused} {
		if slices.Sort(all); len(all) > 0 {
			b.ReportMetric(all[len(all)*99/100].Seconds()*1000, name+"-p99-ms")
			b.ReportMetric(all[len(all)-1].Seconds()*1000, name+"-max-ms")
		}
	}
	b.ReportMetric(float64(l.Other[http.StatusUnprocessableEntity]), "stopped") // searches that took too long
	delete(l.Other, http.StatusUnprocessableEntity)
	b.ReportMetric(0, "ns/op")
	if len(l.Other) > 0 {
		b.Errorf("answered otherwise, by status: %v", l.Other)
	}
}

// BenchmarkTenTimesTheLoad asks a site for as much as it can carry, and then for ten times as much a second,
// from ten and from a hundred times as many people; beside it without a bound for how many requests are
// worked on. Who asks is a process of its own on the same machine, and takes a part of it. The bare limit is
// the same ten times asked of a server that does nothing but answer.
func BenchmarkTenTimesTheLoad(b *testing.B) {
	path, err := benchFile()
	if err != nil {
		b.Fatal(err)
	}
	bare := bareOver(b, path)
	keys := find(b, bare)
	_ = bare.Close() // nobody may have open what is copied
	usual := max(4, 2*runtime.GOMAXPROCS(0))
	var carries float64
	run := func(name string, people, atOnce int, times float64) {
		b.Run(name, func(b *testing.B) {
			world := benchCopy(b, path)
			store, err := models.Open(context.Background(), world, migrations.Apply)
			if err != nil {
				b.Fatal(err)
			}
			server := httptest.NewServer(handlers.New(handlers.Options{
				Everyone: account.Manager, AtOnce: atOnce, Graph: store.Graph,
				Store: func(*http.Request) (*models.Store, error) { return store, nil },
				Log:   slog.New(slog.NewTextHandler(io.Discard, nil)),
			}))
			answers := asks(b, server.URL, keys, people, times*carries)
			if times == 0 {
				carries = answers.ASecond
			}
			server.Close()
			if err := store.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
	run("what-it-carries", usual, usual, 0)
	run("ten-times-from-10-times-as-many", 10*usual, usual, 10)
	run("ten-times-from-100-times-as-many", 100*usual, usual, 10)
	run("unbounded-from-10-times-as-many", 10*usual, 0, 10)
	for _, people := range []int{10, 100} {
		b.Run(fmt.Sprintf("bare-from-%d-times-as-many", people), func(b *testing.B) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
			defer server.Close()
			asks(b, server.URL, keys, people*usual, 10*carries)
		})
	}
}

// asks lets people ask a site, and reports.
func asks(b *testing.B, site string, keys benchKeys, people int, aSecond float64) loadAnswers {
	o := loadOrder{Host: strings.TrimPrefix(site, "http://"), Largest: keys.largest, Restaurant: keys.restaurant, Waiter: keys.waiter, People: 8, N: 100}
	order(b, o) // so that all is as it is after a while
	o.People, o.N, o.ASecond, o.First = people, b.N, aSecond, 1_000_000
	b.ResetTimer()
	answers := order(b, o)
	b.StopTimer()
	answers.report(b)
	return answers
}
