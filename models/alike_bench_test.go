package models_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"maitred/migrations"
	"maitred/models"
)

// BenchmarkAlikeAmong looks for what is like many new places in the world of hugeFile: of every two, one is a
// place that is there, with a slip in its name or address, and one is new. It says how long that takes for each, how much
// more memory of its own the process had at most, and how long the bare scan of the places takes.
func BenchmarkAlikeAmong(b *testing.B) {
	s, err := models.OpenToRead(ctx, hugeFile(b), migrations.Current)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	s = s.Patient()
	for _, n := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			places := slipped(b, s, n)
			before := ownMemory()
			peak := watchMemory()
			var twins, earlier, partial int
			for b.Loop() {
				twins, earlier, partial = 0, 0, 0
				must(b, s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
					found, err := models.AlikeAmong(ctx, s, tx, places)
					for _, r := range found {
						twins, earlier = twins+min(len(r.Existing), 1), earlier+min(len(r.Earlier), 1)
						if r.Partial {
							partial++
						}
					}
					return err
				}))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/row")
			b.ReportMetric(peak()-float64(before)/1024, "MiB-more")
			b.ReportMetric(float64(twins), "twins")
			b.ReportMetric(float64(earlier), "earlier")
			b.ReportMetric(float64(partial), "partial")
			b.ReportMetric(float64(bareScan(b, s).Milliseconds()), "scan-ms")
		})
	}
}

// slipped is so many new places, made from those that there are.
func slipped(b *testing.B, s *models.Store, n int) (places []*models.Place) {
	b.Helper()
	must(b, s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw("SELECT name, address FROM places WHERE id % (SELECT max(1, count(*) / ?) FROM places) = 0 ORDER BY id LIMIT ?", n, n).Scan(ctx, &places)
	}))
	d := newSlips(1)
	for i, p := range places {
		if i%2 == 0 {
			d.slip(p)
			continue
		}
		p.Name = places[(i*7919+1)%len(places)].Name
	}
	return places
}

// bareScan reads what is compared of all places, and nothing else.
func bareScan(b *testing.B, s *models.Store) time.Duration {
	b.Helper()
	started := time.Now()
	must(b, s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT id, name_norm, address_norm FROM places ORDER BY id")
		if err != nil {
			return err
		}
		defer rows.Close()
		var key int64
		var name, address string
		for rows.Next() {
			if err := rows.Scan(&key, &name, &address); err != nil {
				return err
			}
		}
		return rows.Err()
	}))
	return time.Since(started)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
