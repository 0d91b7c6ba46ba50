package handlers_test

import (
	"bytes"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fmt"
)

// BenchmarkExport makes a file of all there is of a kind, and of some that are asked for, and tells how many
// rows of it a second, and how much memory of its own the process had at most (RssAnon). Beside it the bare SQL
// of the same rows, read into variables and thrown away.
func BenchmarkExport(b *testing.B) {
	site, bare, _ := benchSite(b)
	const (
		places      = "SELECT p.id, p.name, p.address FROM places p "
		restaurants = "SELECT r.place_id, p.name, p.address, r.serves_hot_dogs, r.serves_pizza, r.waiter_count FROM places p CROSS JOIN restaurants r ON r.place_id = p.id "
		waiters     = "SELECT w.id, w.name, w.restaurant_id, p.name, p.address FROM waiters w CROSS JOIN places p ON p.id = w.restaurant_id "
	)
	for _, of := range []struct{ name, list, asked, sql string }{
		{"places", "/places", "", places + "ORDER BY p.name_norm, p.id"},
		{"places-by-address", "/places", "?sort=-address", places + "ORDER BY p.address_norm DESC, p.id DESC"},
		{"places-with-street", "/places", "?q=street", places + "WHERE p.address_norm LIKE '%street%' OR p.name_norm LIKE '%street%'"},
		{"free-places", "/places", "?restaurant__isnull=true", places + "WHERE p.restaurant_count = 0 ORDER BY p.name_norm, p.id"},
		{"restaurants", "/restaurants", "", restaurants + "ORDER BY p.name_norm, p.id"},
		{"waiters", "/waiters", "", waiters + "ORDER BY w.name_norm, w.id"},
		{"waiters-by-restaurant", "/waiters", "?sort=restaurant", waiters + "ORDER BY p.name_norm, w.id"},
	} {
		var rows int64
		if err := bare.QueryRow("SELECT count(*) FROM (" + of.sql + ")").Scan(&rows); err != nil {
			b.Fatal(err)
		}
		for _, ending := range []string{"csv", "xlsx"} {
			b.Run(of.name+"/"+ending, func(b *testing.B) {
				most := watchMemory(b)
				for b.Loop() {
					r := httptest.NewRequest(http.MethodGet, of.list+"."+ending+of.asked, nil)
					r.Host = "localhost"
					w := &counting{nowhere: nowhere{}}
					site.ServeHTTP(w, r)
					if ending == "csv" && w.lines != rows+1 {
						b.Fatalf("%d lines came, of %d rows", w.lines, rows)
					}
				}
				b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
				b.ReportMetric(most(), "MiB-anon")
			})
		}
		b.Run(of.name+"/sql", func(b *testing.B) {
			for b.Loop() {
				readAll(b, bare, of.sql)
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// counting counts the lines of an answer.
type counting struct {
	nowhere
	lines int64
}

func (c *counting) Write(body []byte) (int, error) {
	c.lines += int64(bytes.Count(body, []byte{'\n'}))
	return len(body), nil
}

// readAll reads texts, and numbers as such.
func readAll(b *testing.B, db *sql.DB, query string) {
	rows, err := db.Query(query)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		b.Fatal(err)
	}
	into := make([]any, len(types))
	for i, t := range types {
		into[i] = new(sql.NullInt64)
		switch t.DatabaseTypeName() {
		case "TEXT":
			into[i] = new(string)
		case "BOOLEAN":
			into[i] = new(bool)
		}
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
}

// watchMemory looks at the memory of this process until it is asked how much it was at most, in MiB; 0 where the
// system does not tell.
func watchMemory(b *testing.B) (most func() float64) {
	b.Helper()
	var highest atomic.Int64
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
				highest.Store(max(highest.Load(), ownMemory()))
			}
		}
	}()
	return func() float64 {
		close(done)
		<-over
		return float64(highest.Load()) / 1024
	}
}

// ownMemory is RssAnon in kB.
func ownMemory() (kB int64) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if n, err := fmt.Sscanf(line, "RssAnon: %d kB", &kB); n == 1 && err == nil {
			return kB
		}
	}
	return 0
}
