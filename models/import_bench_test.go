package models_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/importer"
	"maitred/models/sheet"
)

// BenchmarkImport reads 100,000 rows, or MAITRED_BENCH_ROWS, into a copy of the huge world each time: new
// places, new restaurants at new places, new waiters, and places of which half get another name. It says how
// long the dry run and the commit took, and how much memory of its own the process had at most.
func BenchmarkImport(b *testing.B) {
	huge := hugeFile(b)
	n, err := strconv.Atoi(cmp.Or(os.Getenv("MAITRED_BENCH_ROWS"), "100000"))
	if err != nil {
		b.Fatal(err)
	}
	largest, _ := largestAndFree(b, huge)
	for _, of := range []struct {
		name   string
		kind   func(*models.Store) *graph.Kind
		header []string
		row    func(i int) []string
	}{
		{"places", models.Places.Kind, []string{"name", "address"}, func(i int) []string {
			return []string{fmt.Sprintf("Imported %d", i), fmt.Sprintf("%d W. Import Street", 10_000+i)}
		}},
		{"restaurants", models.Restaurants.Kind, []string{"place_name", "place_address", "serves_pizza"}, func(i int) []string {
			return []string{fmt.Sprintf("Imported %d", i), fmt.Sprintf("%d W. Import Street", 10_000+i), []string{"yes", "no"}[i%2]}
		}},
		{"waiters", models.Waiters.Kind, []string{"name", "restaurant_id"}, func(i int) []string {
			return []string{fmt.Sprintf("Imported %d", i), fmt.Sprint(largest)}
		}},
		{"names", models.Places.Kind, []string{"id", "name"}, func(i int) []string {
			return []string{fmt.Sprint(i + 1), fmt.Sprintf("Renamed %d", i)}
		}},
	} {
		b.Run(of.name, func(b *testing.B) {
			var previews, commits time.Duration
			table := &sheet.Table{Header: of.header, Line: 1}
			for i := range n {
				table.Rows = append(table.Rows, sheet.Row{Line: i + 2, Cells: of.row(i)})
			}
			debug.FreeOSMemory() // of what made the world
			peak := watchMemory()
			for b.Loop() {
				b.StopTimer()
				path := filepath.Join(b.TempDir(), "copy.db")
				copyFile(b, huge, path)
				s, err := models.Open(ctx, path, migrations.Apply)
				if err != nil {
					b.Fatal(err)
				}
				k := of.kind(s)
				read := func(brief bool) change.Operation {
					i := models.NewImport(s, k, "bench.csv", table, importer.Recognise(k, of.header))
					i.Brief = brief
					return i
				}
				asked, answered := context.WithCancel(ctx) // as a request is
				b.StartTimer()
				started := time.Now()
				plan, err := change.Preview(ctx, s, read(false))
				if err != nil {
					b.Fatal(err)
				}
				previews += time.Since(started)
				fingerprint := plan.Fingerprint()
				plan = nil
				started = time.Now()
				done, err := change.Commit(asked, s, read(true), change.Form{Fingerprint: fingerprint})
				if err != nil {
					b.Fatal(err)
				}
				commits += time.Since(started)
				answered()
				if done.RowCount < int64(n) {
					b.Fatalf("%d rows were written", done.RowCount)
				}
				b.StopTimer()
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(previews.Milliseconds())/float64(b.N), "preview-ms")
			b.ReportMetric(float64(commits.Milliseconds())/float64(b.N), "commit-ms")
			b.ReportMetric(peak(), "MiB-anon")
		})
	}
}
