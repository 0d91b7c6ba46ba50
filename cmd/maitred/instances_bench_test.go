package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maitred/models/dialect/postgrestest"
	"maitred/models/store"
)

// BenchmarkInstances lets eight people add places at one instance, at two and at four, which are at a new database of
// the server whose address MAITRED_BENCH_FILE is: of all of them one writes at a time. It says how many places a second
// were added, and how long 99 of 100 took.
func BenchmarkInstances(b *testing.B) {
	server := os.Getenv("MAITRED_BENCH_FILE")
	if !store.IsServer(server) {
		b.Skip("MAITRED_BENCH_FILE is no address of a server")
	}
	u, err := url.Parse(server)
	if err != nil {
		b.Fatal(err)
	}
	u.Path = "/template1"
	for _, instances := range []int{1, 2, 4} {
		b.Run(fmt.Sprint(instances), func(b *testing.B) {
			database, drop, err := postgrestest.CopyAt(u.String())
			if err != nil {
				b.Fatal(err)
			}
			secret := "MAITRED_SECRET=" + filepath.Join(b.TempDir(), "secret")
			var all []*program
			for range instances {
				all = append(all, start(b, database, secret))
			}
			var left atomic.Int64
			left.Store(int64(b.N))
			var mu sync.Mutex
			var took []time.Duration
			var people sync.WaitGroup
			b.ResetTimer()
			for n := range 8 {
				p := all[n%instances]
				people.Go(func() {
					for i := left.Add(-1); i >= 0; i = left.Add(-1) {
						name := fmt.Sprint("Place ", i)
						asked := time.Now()
						res, err := client.PostForm(p.url+"/places", url.Values{"name": {name}, "address": {name}, "token": {name}})
						if err != nil {
							b.Error(err)
							return
						}
						_ = res.Body.Close()
						if res.StatusCode != http.StatusSeeOther {
							b.Errorf("%s is answered with %d", name, res.StatusCode)
						}
						mu.Lock()
						took = append(took, time.Since(asked))
						mu.Unlock()
					}
				})
			}
			people.Wait()
			b.StopTimer()
			slices.Sort(took)
			b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "places/s")
			b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
			b.ReportMetric(0, "ns/op")
			for _, p := range all {
				p.stop()
			}
			if err := drop(); err != nil {
				b.Error(err)
			}
		})
	}
}
