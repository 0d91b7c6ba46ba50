package models_test

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/change"
	"maitred/models/dialect/postgrestest"
	"maitred/models/store"
)

// hugeFile is what maitred fill makes, where one restaurant has as many waiters more as there are
// places: 100,000, or MAITRED_BENCH_PLACES; or it is the file that MAITRED_BENCH_FILE names, or the PostgreSQL whose
// address it is, filled before and only copied.
func hugeFile(b *testing.B) string {
	b.Helper()
	if path := os.Getenv("MAITRED_BENCH_FILE"); path != "" {
		return path
	}
	places, err := strconv.ParseInt(cmp.Or(os.Getenv("MAITRED_BENCH_PLACES"), "100000"), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "huge.db")
	s, err := models.Open(ctx, path, migrations.Apply)
	if err != nil {
		b.Fatal(err)
	}
	_, err = models.Fill(ctx, s, places, nil)
	if err := errors.Join(err, s.Close()); err != nil {
		b.Fatal(err)
	}
	return path
}

// largestAndFree finds the restaurant with the most waiters and a place without a restaurant.
func largestAndFree(b *testing.B, path string) (largest, free int64) {
	b.Helper()
	driver, source := "sqlite", "file:"+path+"?mode=ro"
	if store.IsServer(path) {
		driver, source = "pgx", path
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	err = db.QueryRow("SELECT (SELECT place_id FROM restaurants ORDER BY waiter_count DESC LIMIT 1), (SELECT id FROM places WHERE restaurant_count = 0 ORDER BY id LIMIT 1)").Scan(&largest, &free)
	if err != nil {
		b.Fatal(err)
	}
	return largest, free
}

// BenchmarkCascade deletes the place whose restaurant has the most waiters, undoes that, and moves the
// restaurant, in a copy of the world each time. It says how long the preview took, how many rows a second were
// written, and how much memory of its own the process had at most (RssAnon: mapped pages of the file
// don't count).
func BenchmarkCascade(b *testing.B) {
	huge := hugeFile(b)
	gone, drop := copied(b, huge)
	defer drop()
	largest, free := largestAndFree(b, huge)
	deletion := deleteHuge(b, gone, largest)
	for name, operation := range map[string]func(*models.Store) change.Operation{
		"undo": func(*models.Store) change.Operation { return change.Undo{Change: deletion} },
		"delete": func(s *models.Store) change.Operation {
			return change.Delete{Kind: models.Places.Kind(s), Key: largest}
		},
		"move": func(s *models.Store) change.Operation {
			return change.Move{Kind: models.Restaurants.Kind(s), Key: largest, To: free}
		},
	} {
		b.Run(name, func(b *testing.B) {
			var rows int64
			var previews, commits time.Duration
			peak := watchMemory()
			for b.Loop() {
				b.StopTimer()
				from := huge
				if name == "undo" {
					from = gone
				}
				path, drop := copied(b, from)
				s, err := models.Open(ctx, path, migrations.Apply)
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				started := time.Now()
				plan, err := change.Preview(ctx, s, operation(s))
				if err != nil {
					b.Fatal(err)
				}
				previews += time.Since(started)
				started = time.Now()
				done, err := change.Commit(ctx, s, operation(s), change.Form{Fingerprint: plan.Fingerprint()})
				if err != nil {
					b.Fatal(err)
				}
				commits += time.Since(started)
				rows += done.RowCount
				b.StopTimer()
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
				drop()
				b.StartTimer()
			}
			b.ReportMetric(float64(previews.Milliseconds())/float64(b.N), "preview-ms")
			b.ReportMetric(float64(rows)/commits.Seconds(), "rows/s")
			b.ReportMetric(peak(), "MiB-anon")
		})
	}
}

// deleteHuge deletes the place with all its waiters and returns the number of the change.
func deleteHuge(b *testing.B, path string, place int64) int64 {
	b.Helper()
	s, err := models.Open(ctx, path, migrations.Apply)
	if err != nil {
		b.Fatal(err)
	}
	op := change.Delete{Kind: models.Places.Kind(s), Key: place}
	done := new(change.Change)
	plan, err := change.Preview(ctx, s, op)
	if err == nil {
		done, err = change.Commit(ctx, s, op, change.Form{Fingerprint: plan.Fingerprint()})
	}
	if err := errors.Join(err, s.Close()); err != nil {
		b.Fatal(err)
	}
	return done.ID
}

// copied is a copy of a database that nobody has open, and is there until it is dropped.
func copied(b *testing.B, from string) (to string, drop func()) {
	b.Helper()
	if store.IsServer(from) {
		to, drop, err := postgrestest.CopyAt(from)
		if err != nil {
			b.Fatal(err)
		}
		return to, func() {
			if err := drop(); err != nil {
				b.Error(err)
			}
		}
	}
	to = filepath.Join(b.TempDir(), "copy.db")
	copyFile(b, from, to)
	return to, func() { _ = os.Remove(to) }
}

func copyFile(b *testing.B, from, to string) {
	b.Helper()
	in, err := os.Open(from)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		b.Fatal(err)
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		b.Fatal(err)
	}
}

// watchMemory looks at the process's own memory until the function it returns is called, which
// says how many MiB it was at most; 0 where the system does not tell.
func watchMemory() func() float64 {
	var peak atomic.Int64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				peak.Store(max(peak.Load(), ownMemory()))
			}
		}
	}()
	return func() float64 {
		close(stop)
		<-stopped
		return float64(peak.Load()) / 1024
	}
}

// ownMemory is RssAnon in kB.
func ownMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kB int64
	for line := range strings.Lines(string(status)) {
		if n, err := fmt.Sscanf(line, "RssAnon: %d kB", &kB); n == 1 && err == nil {
			return kB
		}
	}
	return 0
}
