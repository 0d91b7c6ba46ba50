package handlers_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maitred/migrations"
	"maitred/models"
)

// crowd is how many people write at once.
const crowd = 32

// writers are as many people who each do one thing after another, on a site at an address.
type writers struct {
	site   string
	client *http.Client
	number atomic.Int64 // of what is made
}

func newWriters(site string) *writers {
	return &writers{site: site, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: crowd},
	}}
}

// save does what people do all day: adds a place, opens a restaurant there, hires two.
// Each of the four is a request of its own; told is called with its answer.
func (w *writers) save(told func(took time.Duration, err error)) {
	n := w.number.Add(1)
	place := strings.TrimPrefix(w.send(told, "/places", url.Values{"name": {fmt.Sprint("Place ", n)}, "address": {fmt.Sprint(n, " N. Ashland")}}), "/places/")
	if place == "" {
		return
	}
	w.send(told, "/restaurants", url.Values{"place_id": {place}, "serves_pizza": {"1"}})
	w.send(told, "/waiters", url.Values{"restaurant_id": {place}, "name": {"Joe"}})
	w.send(told, "/waiters", url.Values{"restaurant_id": {place}, "name": {"Ann"}})
}

// send sends a form and returns where its answer leads; "" when nothing was saved.
func (w *writers) send(told func(time.Duration, error), path string, form url.Values) string {
	form.Set("token", fmt.Sprint(path, w.number.Load(), time.Now().UnixNano()))
	started := time.Now()
	res, err := w.client.PostForm(w.site+path, form)
	if err != nil {
		told(0, err)
		return ""
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err == nil && res.StatusCode != http.StatusSeeOther {
		err = fmt.Errorf("%s: %d %.300s", path, res.StatusCode, body)
	}
	told(time.Since(started), err)
	return res.Header.Get("Location")
}

// all lets the crowd do something until more says no.
func all(do func(), more func() bool) {
	var everyone sync.WaitGroup
	for range crowd {
		everyone.Go(func() {
			for more() {
				do()
			}
		})
	}
	everyone.Wait()
}

// However many write at once, each is answered that it was saved: nothing is locked, nothing fails.
func TestOfAllWhoWriteAtOnceNobodyIsRefused(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	w := newWriters(s.url)
	var saved, left atomic.Int64
	left.Store(4 * crowd)
	all(func() {
		w.save(func(_ time.Duration, err error) {
			if err != nil {
				t.Error(err)
			}
			saved.Add(1)
		})
	}, func() bool { return left.Add(-1) >= 0 })
	if places, changes := s.rows("places"), s.changes(); places != 4*crowd || changes != int(saved.Load()) || saved.Load() != 16*crowd {
		t.Errorf("%d were saved; there are %d places and %d changes", saved.Load(), places, changes)
	}
}

// BenchmarkCrowd is 32 people who write at once, over connections as browsers have them, each commit
// on disk before it is answered. Beside it what the disk and the driver allow: one INSERT after another. Where
// MAITRED_BENCH_FILE is the address of a server, they write to a new database of that.
// go test ./handlers -run "^$" -bench Crowd -benchtime 60s
func BenchmarkCrowd(b *testing.B) {
	b.Run("people", func(b *testing.B) {
		store, err := models.Open(context.Background(), emptyBench(b), migrations.Apply)
		if err != nil {
			b.Fatal(err)
		}
		server := httptest.NewServer(siteOver(store))
		w := newWriters(server.URL)
		var mu sync.Mutex
		var took []time.Duration
		failed := 0
		told := func(d time.Duration, err error) {
			mu.Lock()
			defer mu.Unlock()
			took = append(took, d)
			if err != nil {
				failed++
				b.Error(err)
			}
		}
		var left atomic.Int64
		left.Store(int64(b.N))
		b.ResetTimer()
		all(func() { w.save(told) }, func() bool { return left.Add(-1) >= 0 })
		b.StopTimer()
		slices.Sort(took)
		b.ReportMetric(float64(len(took)-failed)/b.Elapsed().Seconds(), "writes/s")
		b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
		b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
		b.ReportMetric(took[len(took)-1].Seconds()*1000, "max-ms")
		b.ReportMetric(float64(failed), "errors")
		b.ReportMetric(0, "ns/op")
		server.Close()
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("insert", func(b *testing.B) {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
		if err != nil {
			b.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		_, err = db.Exec("CREATE TABLE places (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, address TEXT)")
		var left atomic.Int64
		left.Store(int64(b.N))
		b.ResetTimer()
		all(func() {
			if _, err := db.Exec("INSERT INTO places (name, address) VALUES ('Place', '1 N. Ashland')"); err != nil {
				b.Error(err)
			}
		}, func() bool { return left.Add(-1) >= 0 })
		b.StopTimer()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		b.ReportMetric(0, "ns/op")
		if err := errors.Join(err, db.Close()); err != nil {
			b.Fatal(err)
		}
	})
}
