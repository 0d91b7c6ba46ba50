package handlers_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"maitred/migrations"
	"maitred/models"
)

// historyFill makes a million changes by twenty persons in two and a half years, a tenth of them on
// one day and another tenth of one place; 10,000 are undone. The last two delete 1,000 places with
// 1,000 restaurants and 100,000 waiters, and bring them back.
var historyFill = []string{
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
		INSERT INTO places (id, name, name_norm, address, address_norm, version, restaurant_count)
		SELECT i, 'Place ' || i, 'place ' || i, i || ' N. Street', i || ' n. street', 1000002, 1 FROM n`,
	`INSERT INTO restaurants (place_id, identity, serves_hot_dogs, serves_pizza, version, waiter_count) SELECT id, id + 5000, 1, 0, 1000002, 100 FROM places`,
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
		INSERT INTO waiters (restaurant_id, name, name_norm, version) SELECT place_id, 'Waiter ' || i, 'waiter ' || i, 1000002 FROM n, restaurants`,
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
		INSERT INTO changes (id, at, actor, operation, sentence, kind, identity, key, row_count)
		SELECT i, strftime('%Y-%m-%dT%H:%M:%S.000Z', 1700000000 + CASE WHEN i / 100000 = 4 THEN 40000000 WHEN i > 499999 THEN i * 80 ELSE i * 60 END, 'unixepoch'),
			'Person ' || (i * 7919 / 16 % 20), 'update', 'changed the record ' || i || ': name from “A” to “B”',
			CASE WHEN i % 10 = 0 THEN 'places' WHEN i % 10 < 3 THEN 'restaurants' ELSE 'waiters' END, CASE WHEN i % 10 = 0 THEN 1 ELSE i % 1000 + 1 END, 1, 1 FROM n`,
	`INSERT INTO change_rows (change_id, kind, identity, before_key, after_key, label, before, after)
		SELECT id, kind, identity, key, key, 'A', '{"name":"A"}', '{"name":"B"}' FROM changes`,
	`INSERT INTO changes (id, at, actor, operation, sentence, kind, identity, key, row_count) VALUES
		(1000001, '2026-11-01T00:00:00.000Z', 'Person 1', 'delete', 'deleted 1,000 places with 1,000 restaurants and 100,000 waiters', 'places', 1, 1, 102000),
		(1000002, '2026-11-01T00:00:00.000Z', 'Person 1', 'undo', 'brought back 1,000 places with 1,000 restaurants and 100,000 waiters', 'places', 1, 1, 102000)`,
	`INSERT INTO change_rows (change_id, kind, identity, before_key, label, before)
		SELECT 1000001, 'places', id, id, name, json_object('id', id, 'name', name, 'address', address) FROM places UNION ALL
		SELECT 1000001, 'restaurants', identity, place_id, 'Place ' || place_id, json_object('place_id', place_id, 'identity', identity, 'serves_hot_dogs', 1, 'serves_pizza', 0) FROM restaurants UNION ALL
		SELECT 1000001, 'waiters', id, id, name, json_object('id', id, 'restaurant_id', restaurant_id, 'name', name) FROM waiters`,
	`INSERT INTO change_rows (change_id, kind, identity, after_key, label, after)
		SELECT 1000002, kind, identity, before_key, label, before FROM change_rows WHERE change_id = 1000001`,
	`INSERT INTO undos (change_id, undoes, rest) SELECT id, id - 1, 0 FROM changes WHERE id % 100 = 0 OR id = 1000002`,
}

// BenchmarkHistory reads history at a million changes.
func BenchmarkHistory(b *testing.B) {
	path := filepath.Join(b.TempDir(), "history.db")
	s, err := models.Open(context.Background(), path, migrations.Apply)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)")
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range historyFill {
		if _, err := db.Exec(q); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	site, bare := siteOver(s), bareOver(b, path)
	persons := statement{`WITH RECURSIVE p(a) AS (SELECT min(actor) FROM changes UNION ALL
		SELECT (SELECT min(actor) FROM changes WHERE actor > p.a) FROM p WHERE p.a IS NOT NULL) SELECT a FROM p`, nil}
	const columns = "SELECT c.id, c.at, c.actor, c.sentence, u.change_id FROM changes c LEFT JOIN undos u ON u.undoes = c.id "
	b.Run("newest/sql", func(b *testing.B) {
		statements(b, bare, persons, statement{columns + "ORDER BY c.id DESC LIMIT 51", nil})
	})
	b.Run("person-kind-day/sql", func(b *testing.B) {
		statements(b, bare, persons, statement{columns + `WHERE c.actor = 'Person 7' AND c.kind = 'places' AND c.at >= '2025-02-19' AND c.at < '2025-02-20'
			AND c.id < 450000 ORDER BY c.at DESC, c.id DESC LIMIT 51`, nil})
	})
	b.Run("record-of-100000/sql", func(b *testing.B) {
		statements(b, bare, statement{columns + `WHERE c.id IN (SELECT change_id FROM change_rows WHERE kind = 'places' AND identity = 1
			ORDER BY change_id DESC LIMIT 51) ORDER BY c.id DESC`, nil})
	})
	for _, page := range []struct{ name, address string }{
		{"newest", "/history"},
		{"oldest", "/history?before=51"},
		{"person", "/history?actor=Person+7"},
		{"nobody", "/history?actor=Nobody"},
		{"kind", "/history?kind=places"},
		{"day", "/history?day=2025-02-19"},
		{"day-deep", "/history?day=2025-02-19&before=410000"},
		{"person-kind", "/history?actor=Person+7&kind=places&before=500000"},
		{"person-day", "/history?actor=Person+7&day=2025-02-19"},
		{"kind-day", "/history?kind=restaurants&day=2025-02-19"},
		{"person-kind-day", "/history?actor=Person+7&kind=places&day=2025-02-19&before=450000"},
		{"record-of-100000", "/history?record=places-1"},
		{"record-of-100000-deep", "/history?record=places-1&before=500000"},
		{"record-page", "/places/1"},
		{"change", "/history/500000"},
		{"deletion", "/history/1000001"},
		{"deletion-waiters", "/history/1000001?kind=waiters&identity=50000"},
		{"restoration-waiters", "/history/1000002?kind=waiters&identity=50000"},
	} {
		b.Run(page.name, func(b *testing.B) { pages(b, site, page.address) })
	}
}
