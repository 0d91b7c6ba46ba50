package models_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/change"
)

// hugeFill makes the benchmarks' world by statements over sets: Demon Dogs with a restaurant of a
// million waiters, and Ace Hardware, with the change that would have written them.
var hugeFill = []string{
	`INSERT INTO changes (id, at, actor, operation, sentence, kind, identity, key, row_count)
		VALUES (1, '2026-01-01T00:00:00.000Z', 'Someone', 'create', 'filled the benchmark', 'places', 1, 1, 1000003)`,
	`INSERT INTO places (id, name, name_norm, address, address_norm, version, restaurant_count)
		VALUES (1, 'Demon Dogs', 'demon dogs', '944 W. Fullerton', '944 w. fullerton', 1, 1),
			(2, 'Ace Hardware', 'ace hardware', '1013 N. Ashland', '1013 n. ashland', 1, 0)`,
	`INSERT INTO restaurants (place_id, identity, serves_hot_dogs, version, waiter_count) VALUES (1, 1, TRUE, 1, 1000000)`,
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
		INSERT INTO waiters (restaurant_id, name, name_norm, version)
		SELECT 1, 'Waiter ' || (i * 7919 % 600000), 'waiter ' || (i * 7919 % 600000), 1 FROM n`,
	`INSERT INTO change_rows (change_id, kind, identity, after_key, label, after)
		SELECT 1, 'places', id, id, name, json_object('id', id, 'name', name, 'name_norm', name_norm, 'address', address, 'address_norm', address_norm, 'version', 1) FROM places`,
	`INSERT INTO change_rows (change_id, kind, identity, after_key, label, after)
		SELECT 1, 'restaurants', identity, place_id, 'Demon Dogs', json_object('place_id', place_id, 'identity', identity, 'serves_hot_dogs', serves_hot_dogs, 'serves_pizza', serves_pizza, 'version', 1) FROM restaurants`,
	`INSERT INTO change_rows (change_id, kind, identity, after_key, label, after)
		SELECT 1, 'waiters', id, id, name, json_object('id', id, 'restaurant_id', restaurant_id, 'name', name, 'name_norm', name_norm, 'version', 1) FROM waiters`,
	`DROP TABLE places_search`, // to be made of what is there now
	`DROP TABLE waiters_search`,
}

// hugeFile makes the world. It is a hundred times as fast as through the forms.
func hugeFile(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "huge.db")
	openAndClose(b, path)
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for _, q := range hugeFill {
		if _, err := db.Exec(q); err != nil {
			b.Fatal(err)
		}
	}
	openAndClose(b, path)
	return path
}

// openAndClose lets a database be made, or the search indexes of one.
func openAndClose(b *testing.B, path string) {
	b.Helper()
	s, err := models.Open(ctx, path, migrations.Apply)
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkCascade deletes a place whose restaurant has a million waiters, undoes that, and moves the
// restaurant, in a copy of the world each time. It says how long the preview took, how many rows a second were
// written, and how much memory of its own the process had at most (RssAnon: mapped pages of the file
// don't count).
func BenchmarkCascade(b *testing.B) {
	huge := hugeFile(b)
	gone := filepath.Join(b.TempDir(), "gone.db")
	copyFile(b, huge, gone)
	deleteHuge(b, gone)
	for name, operation := range map[string]func(*models.Store) change.Operation{
		"undo": func(*models.Store) change.Operation { return change.Undo{Change: 2} },
		"delete": func(s *models.Store) change.Operation {
			return change.Delete{Kind: models.Places.Kind(s), Key: demonDogs}
		},
		"move": func(s *models.Store) change.Operation {
			return change.Move{Kind: models.Restaurants.Kind(s), Key: demonDogs, To: aceHardware}
		},
	} {
		b.Run(name, func(b *testing.B) {
			var rows int64
			var previews, commits time.Duration
			peak := watchMemory()
			for b.Loop() {
				b.StopTimer()
				path := filepath.Join(b.TempDir(), "copy.db")
				from := huge
				if name == "undo" {
					from = gone
				}
				copyFile(b, from, path)
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
				b.StartTimer()
			}
			b.ReportMetric(float64(previews.Milliseconds())/float64(b.N), "preview-ms")
			b.ReportMetric(float64(rows)/commits.Seconds(), "rows/s")
			b.ReportMetric(peak(), "MiB-anon")
		})
	}
}

// deleteHuge deletes the place with its million waiters.
func deleteHuge(b *testing.B, path string) {
	b.Helper()
	s, err := models.Open(ctx, path, migrations.Apply)
	if err != nil {
		b.Fatal(err)
	}
	op := change.Delete{Kind: models.Places.Kind(s), Key: demonDogs}
	plan, err := change.Preview(ctx, s, op)
	if err == nil {
		_, err = change.Commit(ctx, s, op, change.Form{Fingerprint: plan.Fingerprint()})
	}
	if err := errors.Join(err, s.Close()); err != nil {
		b.Fatal(err)
	}
}

// copyFile copies a database that nobody has open.
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
