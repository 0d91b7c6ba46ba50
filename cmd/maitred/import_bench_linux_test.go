package main

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"maitred/models/dialect/postgrestest"
	"maitred/models/store"
)

// BenchmarkImport brings files of 100,000 rows, or MAITRED_BENCH_ROWS, to the program as browsers do, which has
// 100,000 places with 50,000 restaurants and 250,000 waiters: new places, new restaurants at new places, new
// waiters, and other names for places; or what is in the file that MAITRED_BENCH_FILE names, or the PostgreSQL whose
// address it is, filled before and only copied. Somebody else searches meanwhile. It says how long it takes from sending
// the file to having the dry run, and from confirming it to the change, how much memory of its own the process
// had at most, and how long the other one waits.
func BenchmarkImport(b *testing.B) {
	file, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	rows, err := strconv.Atoi(cmp.Or(os.Getenv("MAITRED_BENCH_ROWS"), "100000"))
	if err != nil {
		b.Fatal(err)
	}
	filled := os.Getenv("MAITRED_BENCH_FILE")
	if filled == "" {
		filled = filepath.Join(b.TempDir(), "filled.db")
		if code, _, said := runs(b, file, "fill", "--places", "100000", "--database", filled); code != 0 {
			b.Fatal(said)
		}
	}
	for _, of := range []struct {
		name, kind, header string
		row                func(i int) string
	}{
		{"places", "places", "name,address", func(i int) string { return fmt.Sprintf("Imported %d,%d W. Import Street", i, 10_000+i) }},
		{"restaurants", "restaurants", "place_name,place_address,serves_pizza", func(i int) string {
			return fmt.Sprintf("Imported %d,%d W. Import Street,%v", i, 10_000+i, i%2 == 0)
		}},
		{"waiters", "waiters", "name,restaurant_id", func(i int) string { return fmt.Sprintf("Imported %d,1", i) }},
		{"names", "places", "id,name", func(i int) string { return fmt.Sprintf("%d,Renamed %d", i%100_000+1, i) }},
	} {
		b.Run(of.name, func(b *testing.B) {
			var text strings.Builder
			text.WriteString(of.header + "\n")
			for i := range rows {
				text.WriteString(of.row(i) + "\n")
			}
			var dry, commit time.Duration
			var memory int64
			var waits []time.Duration
			for b.Loop() {
				b.StopTimer()
				database, drop := filepath.Join(b.TempDir(), "maitred.db"), func() error { return nil }
				if store.IsServer(filled) {
					if database, drop, err = postgrestest.CopyAt(filled); err != nil {
						b.Fatal(err)
					}
				} else {
					copyFile(b, filled, database)
				}
				p := startFile(b, file, []string{"--addr", "localhost:0", "--database", database, "--secret", filepath.Join(b.TempDir(), "secret"), "--import-size", "64MiB", "--import-rows", "1000000"})
				stop := make(chan struct{})
				var beside sync.WaitGroup
				beside.Go(func() {
					for {
						select {
						case <-stop:
							return
						case <-time.After(10 * time.Millisecond):
							memory = max(memory, ofMemory(b, p.cmd.Process.Pid, "RssAnon"))
						}
					}
				})
				beside.Go(func() {
					for {
						select {
						case <-stop:
							return
						case <-time.After(20 * time.Millisecond):
							asked := time.Now()
							p.get("/places?q=demon").answers(http.StatusOK)
							waits = append(waits, time.Since(asked))
						}
					}
				})
				b.StartTimer()
				sent := time.Now()
				action, form := brings(b, p, of.kind, text.String())
				shown := time.Now()
				res, err := client.PostForm(p.url+action, form)
				if err != nil {
					b.Fatal(err)
				}
				_ = res.Body.Close()
				at := res.Header.Get("Location")
				for strings.HasPrefix(at, "/progress/") {
					time.Sleep(20 * time.Millisecond)
					at = cmp.Or(p.get(at).to, at)
				}
				dry, commit = dry+shown.Sub(sent), commit+time.Since(shown)
				if !strings.HasPrefix(at, "/history/") {
					b.Fatalf("it led to %q, answered with %d", at, res.StatusCode)
				}
				b.StopTimer()
				close(stop)
				beside.Wait()
				p.stop()
				if err := drop(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			slices.Sort(waits)
			b.ReportMetric(dry.Seconds()/float64(b.N), "dry-run-s")
			b.ReportMetric(commit.Seconds()/float64(b.N), "import-s")
			b.ReportMetric(float64(memory)/1024, "MiB-anon")
			b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "others-p99-ms")
		})
	}
}
