package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// slowWay is a way to a server on which each of its answers takes longer.
type slowWay struct {
	listener net.Listener
	to       string
	longer   atomic.Int64 // nanoseconds
	open     atomic.Int64 // connections
	most     atomic.Int64
}

// slowWayTo leads to the server of a database, and returns the address of the database by it.
func slowWayTo(t *testing.T, database string) (*slowWay, string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	w := &slowWay{to: u.Host}
	if w.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.listener.Close() })
	go func() {
		for {
			from, err := w.listener.Accept()
			if err != nil {
				return
			}
			go w.lead(from)
		}
	}()
	u.Host = w.listener.Addr().String()
	return w, u.String()
}

func (w *slowWay) lead(from net.Conn) {
	defer from.Close()
	to, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer to.Close()
	open := w.open.Add(1)
	defer w.open.Add(-1)
	for most := w.most.Load(); open > most && !w.most.CompareAndSwap(most, open); most = w.most.Load() {
	}
	go func() {
		_, _ = io.Copy(to, from)
		_ = to.Close()
	}()
	answer := make([]byte, 1<<16)
	for {
		n, err := to.Read(answer)
		if n > 0 {
			time.Sleep(time.Duration(w.longer.Load()))
			if _, err := from.Write(answer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// A server that takes a fifth of a second for each statement is not asked by more connections than before; who comes is
// answered, or told when to come again, and no sooner is it fast again than everything is.
func TestASlowServerExhaustsNothing(t *testing.T) {
	t.Parallel()
	repeats(t)
	site := atServer(t)
	way, slowly := slowWayTo(t, site.database)
	here := start(t, slowly, "MAITRED_SECRET="+site.secret)
	there := site.start()
	w := busy(t, here, there)
	way.longer.Store(int64(200 * time.Millisecond))

	const people = 40
	var statuses sync.Map
	var served, refused atomic.Int64
	var all sync.WaitGroup
	until := time.Now().Add(10 * time.Second)
	for range people {
		all.Go(func() {
			for time.Now().Before(until) {
				res, err := client.Get(here.url + "/places")
				if err != nil {
					statuses.Store(err.Error(), true)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				switch {
				case res.StatusCode == http.StatusOK:
					served.Add(1)
				case res.StatusCode == http.StatusServiceUnavailable && res.Header.Get("Retry-After") != "":
					refused.Add(1)
				default:
					statuses.Store(fmt.Sprint(res.StatusCode, " ", res.Header), true)
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	all.Wait()
	statuses.Range(func(said, _ any) bool {
		t.Errorf("a list was answered with %s", said)
		return true
	})
	if served.Load() == 0 || refused.Load() == 0 {
		t.Errorf("%d lists were answered and %d refused, of %d people", served.Load(), refused.Load(), people)
	}
	if most := way.most.Load(); most > 8 {
		t.Errorf("the server had %d connections of one instance", most)
	}

	way.longer.Store(0)
	w.more(t, 30)
	here.get("/places").answers(http.StatusOK)
	w.over(t, site, here, there)
}
