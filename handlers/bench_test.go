package handlers_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/change"
)

// Each benchmark stands beside the bare SQL of what it shows: by database/sql through the same
// driver, in one read transaction as the page, read into variables and thrown away.

const (
	barePlaces = `SELECT p.id, p.name, p.address, r.place_id, r.serves_hot_dogs, r.serves_pizza, r.waiter_count
		FROM places p LEFT JOIN restaurants r ON r.place_id = p.id `
	bareRestaurants = `SELECT r.place_id, r.serves_hot_dogs, r.serves_pizza, r.waiter_count, p.name, p.address
		FROM places p JOIN restaurants r ON r.place_id = p.id `
	bareWaiters = `SELECT w.id, w.name, w.restaurant_id, p.name FROM waiters w JOIN places p ON p.id = w.restaurant_id `
	bareByPlace = `SELECT w.id, w.name, w.restaurant_id, p.name FROM places p CROSS JOIN waiters w ON w.restaurant_id = p.id `
	bareWaiter  = `SELECT w.id, w.name, w.restaurant_id, r.serves_hot_dogs, r.serves_pizza, r.waiter_count, p.name, p.address
		FROM waiters w JOIN restaurants r ON r.place_id = w.restaurant_id JOIN places p ON p.id = r.place_id `
	bareViews   = `SELECT id, name, query, owner_name FROM saved_views WHERE kind = ? AND shared ORDER BY name_norm, name, id LIMIT 31`
	bareHistory = `SELECT id, at, actor, sentence FROM changes WHERE id IN
		(SELECT change_id FROM change_rows WHERE kind = ? AND identity = ? ORDER BY change_id DESC LIMIT 20) ORDER BY id DESC`
	bareRestaurantHistory = `SELECT id, at, actor, sentence FROM changes WHERE id IN
		(SELECT change_id FROM change_rows WHERE kind = 'restaurants' AND identity = (SELECT identity FROM restaurants WHERE place_id = ?)
			ORDER BY change_id DESC LIMIT 20) ORDER BY id DESC`
)

// statement is one statement that a page needs.
type statement struct {
	sql  string
	args []any
}

func BenchmarkListPage(b *testing.B) {
	site, bare, _ := benchSite(b)
	for _, list := range []struct {
		table, sort, first, last string
	}{
		{"places", "name", barePlaces + "ORDER BY p.name_norm, p.id LIMIT 51", barePlaces + "ORDER BY p.name_norm DESC, p.id DESC LIMIT 51"},
		{"places", "restaurant", barePlaces + "ORDER BY p.restaurant_count, p.id LIMIT 51", barePlaces + "ORDER BY p.restaurant_count DESC, p.id DESC LIMIT 51"},
		{"restaurants", "name", bareRestaurants + "ORDER BY p.name_norm, p.id LIMIT 51", bareRestaurants + "ORDER BY p.name_norm DESC, p.id DESC LIMIT 51"},
		{"restaurants", "waiters", bareRestaurants + "ORDER BY r.waiter_count, r.place_id LIMIT 51", bareRestaurants + "ORDER BY r.waiter_count DESC, r.place_id DESC LIMIT 51"},
		{"waiters", "name", bareWaiters + "ORDER BY w.name_norm, w.id LIMIT 51", bareWaiters + "ORDER BY w.name_norm DESC, w.id DESC LIMIT 51"},
		{"waiters", "restaurant", bareByPlace + "ORDER BY p.name_norm, w.id LIMIT 51", bareByPlace + "ORDER BY p.name_norm DESC, w.id DESC LIMIT 51"},
	} {
		address := "/" + list.table + "?sort=" + list.sort
		for _, page := range []struct{ name, address, sql string }{
			{"first", address, list.first},
			{"last", address + "&before=end", list.last},
		} {
			name := fmt.Sprintf("%s-by-%s-%s", list.table, list.sort, page.name)
			b.Run(name+"/page", func(b *testing.B) { pages(b, site, page.address) })
			b.Run(name+"/sql", func(b *testing.B) {
				statements(b, bare, statement{page.sql, nil}, statement{bareViews, []any{list.table}})
			})
		}
	}
}

func BenchmarkRecordPage(b *testing.B) {
	site, bare, keys := benchSite(b)
	waiters := statement{bareWaiters + "WHERE w.restaurant_id = ? ORDER BY w.name_norm, w.id LIMIT 21", nil}
	for _, record := range []struct {
		name, address string
		statements    []statement
	}{
		{"place", fmt.Sprint("/places/", keys.restaurant), []statement{
			{barePlaces + "WHERE p.id = ?", []any{keys.restaurant}}, {bareHistory, []any{"places", keys.restaurant}}}},
		{"restaurant", fmt.Sprint("/restaurants/", keys.restaurant), []statement{
			{bareRestaurants + "WHERE r.place_id = ?", []any{keys.restaurant}}, {waiters.sql, []any{keys.restaurant}}, {bareRestaurantHistory, []any{keys.restaurant}}}},
		{"largest-restaurant", fmt.Sprint("/restaurants/", keys.largest), []statement{
			{bareRestaurants + "WHERE r.place_id = ?", []any{keys.largest}}, {waiters.sql, []any{keys.largest}}, {bareRestaurantHistory, []any{keys.largest}}}},
		{"waiter", fmt.Sprint("/waiters/", keys.waiter), []statement{
			{bareWaiter + "WHERE w.id = ?", []any{keys.waiter}}, {bareHistory, []any{"waiters", keys.waiter}}}},
	} {
		b.Run(record.name+"/page", func(b *testing.B) { pages(b, site, record.address) })
		b.Run(record.name+"/sql", func(b *testing.B) { statements(b, bare, record.statements...) })
	}
}

// BenchmarkPreview shows what deleting the place with the most waiters takes along.
func BenchmarkPreview(b *testing.B) {
	site, bare, keys := benchSite(b)
	address := fmt.Sprintf("/places/%d/delete", keys.largest)
	b.Run("page", func(b *testing.B) {
		pages(b, site, address)
		b.ReportMetric(float64(len(get(b, site, address)))/1000, "kB")
	})
	b.Run("sql", func(b *testing.B) {
		statements(b, bare,
			statement{"SELECT id, name, version FROM places WHERE id = ?", []any{keys.largest}},
			statement{"SELECT place_id, version FROM restaurants WHERE place_id = ?", []any{keys.largest}},
			statement{"SELECT count(*), sum(id * version % 2147483579) FROM waiters WHERE restaurant_id = ?", []any{keys.largest}},
			statement{"SELECT id, name FROM waiters WHERE restaurant_id = ? ORDER BY name_norm, id LIMIT 20", []any{keys.largest}})
	})
}

// BenchmarkCreatePlace saves places through the form, each commit on disk before it is answered.
func BenchmarkCreatePlace(b *testing.B) {
	s, err := models.Open(context.Background(), emptyBench(b), migrations.Apply)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	site := siteOver(s)
	var n atomic.Int64
	create := func(b *testing.B) {
		i := n.Add(1)
		form := url.Values{"name": {fmt.Sprint("Place ", i)}, "address": {fmt.Sprint(i, " N. Ashland")}, "token": {fmt.Sprint(i)}}
		r := httptest.NewRequest(http.MethodPost, "/places", strings.NewReader(form.Encode()))
		r.Host = "localhost"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		if w.Code != http.StatusSeeOther {
			b.Errorf("%d %s", w.Code, w.Body)
		}
	}
	b.Run("one-after-another", func(b *testing.B) {
		for b.Loop() {
			create(b)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "places/s")
	})
	b.Run("sixteen-at-once", func(b *testing.B) {
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				create(b)
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "places/s")
	})
	b.Run("sql", func(b *testing.B) {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
		if err != nil {
			b.Fatal(err)
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		if _, err := db.Exec("CREATE TABLE places (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, address TEXT)"); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := db.Exec("INSERT INTO places (name, address) VALUES ('Place', '1 N. Ashland')"); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "places/s")
	})
}

// BenchmarkDelete deletes the place with the most waiters, in a copy of the world each time.
func BenchmarkDelete(b *testing.B) {
	path, err := benchFile()
	if err != nil {
		b.Fatal(err)
	}
	bare := bareOver(b, path)
	keys := find(b, bare)
	_ = bare.Close() // nobody may have open what is copied
	var rows int64
	for b.Loop() {
		b.StopTimer()
		world := benchCopy(b, path)
		s, err := models.Open(context.Background(), world, migrations.Apply)
		if err != nil {
			b.Fatal(err)
		}
		op := change.Delete{Kind: models.Places.Kind(s), Key: keys.largest}
		plan, err := change.Preview(context.Background(), s, op)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		done, err := change.Commit(context.Background(), s, op, change.Form{Fingerprint: plan.Fingerprint()})
		b.StopTimer()
		if err != nil {
			b.Fatal(err)
		}
		rows += done.RowCount
		_ = s.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

func copyDatabase(b *testing.B, from, to string) {
	b.Helper()
	_ = os.Remove(to)
	db, err := sql.Open("sqlite", "file:"+from+"?mode=ro")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("VACUUM INTO ?", to); err != nil {
		b.Fatal(err)
	}
}

// pages asks for a page again and again; what it writes goes nowhere.
func pages(b *testing.B, site http.Handler, address string) {
	get(b, site, address)
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, address, nil)
		r.Host = "localhost"
		site.ServeHTTP(nowhere{}, r)
	}
}

// nowhere takes an answer as a connection would, without keeping it.
type nowhere http.Header

func (w nowhere) Header() http.Header            { return http.Header(w) }
func (w nowhere) Write(body []byte) (int, error) { return len(body), nil }
func (w nowhere) WriteHeader(int)                {}

func statements(b *testing.B, db *sql.DB, all ...statement) {
	for b.Loop() {
		tx, err := db.Begin()
		if err != nil {
			b.Fatal(err)
		}
		for _, s := range all {
			rows, err := tx.Query(spoken(s.sql), s.args...)
			if err != nil {
				b.Fatal(err)
			}
			columns, err := rows.Columns()
			if err != nil {
				b.Fatal(err)
			}
			into := make([]any, len(columns))
			for i := range into {
				into[i] = new(any)
			}
			for rows.Next() {
				if err := rows.Scan(into...); err != nil {
					b.Fatal(err)
				}
			}
			if err := rows.Close(); err != nil {
				b.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMemory asks for every kind of page, then says how much memory of its own the process
// has (RssAnon: mapped pages of the file don't count). Where the system does not tell, it skips.
func BenchmarkMemory(b *testing.B) {
	site, _, keys := benchSite(b)
	addresses := []string{
		"/", "/places", "/places?before=end", "/restaurants?sort=-waiters", "/waiters?q=kowalski", "/history", "/history/1",
		fmt.Sprint("/places/", keys.restaurant), fmt.Sprint("/restaurants/", keys.largest), fmt.Sprint("/waiters/", keys.waiter), fmt.Sprintf("/places/%d/delete", keys.largest),
		fmt.Sprintf("/restaurants/%d/move?q=street", keys.restaurant), "/restaurants?place__name__startswith=Demon",
		"/places?q=street", "/restaurants?q=silver+street&sort=name", "/waiters?q=street&before=end", "/search?q=demon",
		"/places?restaurant__serves_pizza=true", "/restaurants?exclude__place__address__contains=Ashland", "/waiters?restaurant__place__name__startswith=S",
		fmt.Sprintf("/waiters?restaurant=%d&before=end", keys.largest), "/restaurants?waiter__count__gt=1000", "/places?name=Nobody&restaurant__isnull=true",
		fmt.Sprintf("/places/%d?in=q%%3Dstreet", keys.restaurant),
	}
	for b.Loop() {
		for _, a := range addresses {
			get(b, site, a)
		}
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("no /proc here: ", err)
	}
	var kB float64
	for line := range strings.Lines(string(status)) {
		if n, err := fmt.Sscanf(line, "RssAnon: %f kB", &kB); n == 1 && err == nil {
			b.ReportMetric(kB/1024, "MiB-anon")
		}
	}
}
