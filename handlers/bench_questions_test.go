package handlers_test

import (
	"database/sql"
	"fmt"
	"testing"

	"maitred/models/keyset"
)

// BenchmarkLookup asks lists across relations. The bare SQL is what someone would write by hand for the
// first page of the same answer, and for its number up to 10,001.
func BenchmarkLookup(b *testing.B) {
	site, bare, keys := benchSite(b)
	const (
		placesByName      = " ORDER BY p.name_norm, p.id LIMIT 51"
		restaurantsByName = " ORDER BY p.name_norm, r.place_id LIMIT 51"
		waitersByName     = " ORDER BY w.name_norm, w.id LIMIT 51"
	)
	for _, ask := range []struct{ name, address, rows, count string }{
		{"places-name-prefix", "/places?name__startswith=Demon",
			barePlaces + "WHERE p.name_norm >= 'demon' AND p.name_norm < 'demoo' AND p.name >= 'Demon' AND p.name < 'Demoo'" + placesByName,
			"FROM places WHERE name_norm >= 'demon' AND name_norm < 'demoo' AND name >= 'Demon' AND name < 'Demoo'"},
		{"places-that-serve-pizza", "/places?restaurant__serves_pizza=true",
			barePlaces + "WHERE r.serves_pizza" + placesByName, "FROM restaurants WHERE serves_pizza"},
		{"places-that-are-free", "/places?restaurant__isnull=true",
			barePlaces + "WHERE +p.restaurant_count = 0" + placesByName, "FROM places WHERE restaurant_count = 0"},
		{"places-of-a-waiter-by-prefix", "/places?restaurant__waiter__name__startswith=Aaliyah+B",
			barePlaces + "WHERE p.id IN (SELECT restaurant_id FROM waiters WHERE name_norm >= 'aaliyah b' AND name_norm < 'aaliyah c' AND name >= 'Aaliyah B' AND name < 'Aaliyah C')" + placesByName,
			"FROM (SELECT DISTINCT restaurant_id FROM waiters WHERE name_norm >= 'aaliyah b' AND name_norm < 'aaliyah c' AND name >= 'Aaliyah B' AND name < 'Aaliyah C') AS d"},
		{"places-of-a-frequent-waiter", "/places?restaurant__waiter__name=James+Smith",
			barePlaces + "WHERE p.id IN (SELECT restaurant_id FROM waiters WHERE name_norm = 'james smith' AND name = 'James Smith')" + placesByName,
			"FROM (SELECT DISTINCT restaurant_id FROM waiters WHERE name_norm = 'james smith' AND name = 'James Smith') AS d"},
		{"restaurants-place-prefix-few", "/restaurants?place__name__startswith=Demon",
			bareRestaurants + "WHERE p.name_norm >= 'demon' AND p.name_norm < 'demoo' AND p.name >= 'Demon' AND p.name < 'Demoo'" + restaurantsByName,
			"FROM places p JOIN restaurants r ON r.place_id = p.id WHERE p.name_norm >= 'demon' AND p.name_norm < 'demoo' AND p.name >= 'Demon' AND p.name < 'Demoo'"},
		{"restaurants-place-prefix-many", "/restaurants?place__name__startswith=S",
			bareRestaurants + "WHERE p.name_norm >= 's' AND p.name_norm < 't' AND p.name >= 'S' AND p.name < 'T'" + restaurantsByName,
			"FROM places p JOIN restaurants r ON r.place_id = p.id WHERE p.name_norm >= 's' AND p.name_norm < 't' AND p.name >= 'S' AND p.name < 'T'"},
		{"restaurants-place-address", "/restaurants?place__address=944+W.+Fullerton",
			bareRestaurants + "WHERE p.address_norm = '944 w. fullerton' AND p.address = '944 W. Fullerton'" + restaurantsByName,
			"FROM places p JOIN restaurants r ON r.place_id = p.id WHERE p.address_norm = '944 w. fullerton' AND p.address = '944 W. Fullerton'"},
		{"restaurants-place-address-contains", "/restaurants?place__address__contains=Street",
			bareRestaurants + "WHERE instr(p.address, 'Street') > 0" + restaurantsByName,
			"FROM places p JOIN restaurants r ON r.place_id = p.id WHERE instr(p.address, 'Street') > 0"},
		{"restaurants-exclude-address", "/restaurants?exclude__place__address__contains=Ashland",
			bareRestaurants + "WHERE instr(p.address, 'Ashland') = 0" + restaurantsByName,
			"FROM places p JOIN restaurants r ON r.place_id = p.id WHERE instr(p.address, 'Ashland') = 0"},
		{"restaurants-with-three-waiters", "/restaurants?waiter__count=3",
			bareRestaurants + "WHERE +r.waiter_count = 3" + restaurantsByName, "FROM restaurants WHERE waiter_count = 3"},
		{"restaurants-with-many-waiters", "/restaurants?waiter__count__gt=1000",
			bareRestaurants + "WHERE r.waiter_count > 1000" + restaurantsByName, "FROM restaurants WHERE waiter_count > 1000"},
		{"restaurants-of-a-waiter", "/restaurants?waiter__name=Joe",
			bareRestaurants + "WHERE r.place_id IN (SELECT restaurant_id FROM waiters WHERE name_norm = 'joe' AND name = 'Joe')" + restaurantsByName,
			"FROM (SELECT DISTINCT restaurant_id FROM waiters WHERE name_norm = 'joe' AND name = 'Joe') AS d"},
		{"restaurants-of-one-waiter-who-does-both", "/restaurants?waiter__name__startswith=A&waiter__name__contains=Kowalski",
			bareRestaurants + "WHERE r.place_id IN (SELECT restaurant_id FROM waiters WHERE name_norm >= 'a' AND name_norm < 'b' AND name >= 'A' AND name < 'B' AND instr(name, 'Kowalski') > 0)" + restaurantsByName,
			"FROM (SELECT DISTINCT restaurant_id FROM waiters WHERE name_norm >= 'a' AND name_norm < 'b' AND name >= 'A' AND name < 'B' AND instr(name, 'Kowalski') > 0) AS d"},
		{"restaurants-without-such-a-waiter", "/restaurants?exclude__waiter__name__startswith=James",
			bareRestaurants + "WHERE NOT EXISTS (SELECT 1 FROM waiters w WHERE w.restaurant_id = r.place_id AND w.name >= 'James' AND w.name < 'Jamet')" + restaurantsByName,
			"FROM restaurants r WHERE NOT EXISTS (SELECT 1 FROM waiters w WHERE w.restaurant_id = r.place_id AND w.name >= 'James' AND w.name < 'Jamet')"},
		{"waiters-name", "/waiters?name=James+Smith",
			bareWaiters + "WHERE w.name_norm = 'james smith' AND w.name = 'James Smith'" + waitersByName, "FROM waiters WHERE name_norm = 'james smith' AND name = 'James Smith'"},
		{"waiters-where-pizza", "/waiters?restaurant__serves_pizza=true",
			bareWaiters + "WHERE EXISTS (SELECT 1 FROM restaurants r WHERE r.place_id = w.restaurant_id AND r.serves_pizza)" + waitersByName,
			"FROM restaurants r JOIN waiters w ON w.restaurant_id = r.place_id WHERE r.serves_pizza"},
		{"waiters-place-prefix", "/waiters?restaurant__place__name__startswith=Demon",
			bareWaiters + "WHERE p.name_norm >= 'demon' AND p.name_norm < 'demoo' AND p.name >= 'Demon' AND p.name < 'Demoo'" + waitersByName,
			"FROM places p CROSS JOIN waiters w ON w.restaurant_id = p.id WHERE p.name_norm >= 'demon' AND p.name_norm < 'demoo' AND p.name >= 'Demon' AND p.name < 'Demoo'"},
		{"waiters-place-prefix-many", "/waiters?restaurant__place__name__startswith=S",
			bareWaiters + "WHERE p.name >= 'S' AND p.name < 'T'" + waitersByName,
			"FROM places p CROSS JOIN waiters w ON w.restaurant_id = p.id WHERE p.name_norm >= 's' AND p.name_norm < 't' AND p.name >= 'S' AND p.name < 'T'"},
		{"waiters-place-address", "/waiters?restaurant__place__address=944+W.+Fullerton",
			bareWaiters + "WHERE p.address_norm = '944 w. fullerton' AND p.address = '944 W. Fullerton'" + waitersByName,
			"FROM places p CROSS JOIN waiters w ON w.restaurant_id = p.id WHERE p.address_norm = '944 w. fullerton' AND p.address = '944 W. Fullerton'"},
		{"waiters-of-large-restaurants", "/waiters?restaurant__waiter__count__gt=1000",
			bareWaiters + "WHERE EXISTS (SELECT 1 FROM restaurants r WHERE r.place_id = w.restaurant_id AND r.waiter_count > 1000)" + waitersByName,
			"FROM restaurants r JOIN waiters w ON w.restaurant_id = r.place_id WHERE r.waiter_count > 1000"},
		{"waiters-exclude-name", "/waiters?exclude__name__contains=Smith",
			bareWaiters + "WHERE instr(w.name, 'Smith') = 0" + waitersByName, "FROM waiters WHERE instr(name, 'Smith') = 0"},
		{"waiters-name-ends", "/waiters?name__endswith=son",
			bareWaiters + "WHERE substr(w.name, -3) = 'son'" + waitersByName, "FROM waiters WHERE substr(name, -3) = 'son'"},
		{"waiters-name-has-two-letters", "/waiters?name__contains=zq",
			bareWaiters + "WHERE instr(w.name, 'zq') > 0" + waitersByName, "FROM waiters WHERE instr(name, 'zq') > 0"},
		{"waiters-of-the-largest-restaurant", fmt.Sprintf("/waiters?restaurant=%d", keys.largest),
			bareWaiters + fmt.Sprintf("WHERE w.restaurant_id = %d", keys.largest) + waitersByName, fmt.Sprintf("FROM waiters WHERE restaurant_id = %d", keys.largest)},
	} {
		b.Run(ask.name+"/page", func(b *testing.B) { pages(b, site, ask.address) })
		b.Run(ask.name+"-last/page", func(b *testing.B) { pages(b, site, ask.address+"&before=end") })
		b.Run(ask.name+"/sql", func(b *testing.B) {
			statements(b, bare, statement{ask.rows, nil}, statement{"SELECT count(*) FROM (SELECT 1 " + ask.count + " LIMIT 10001) AS found", nil}, statement{bareViews, []any{"places"}})
		})
	}
}

// BenchmarkDeepPage opens pages in the middle of lists, and the page of a record in the middle, with
// its neighbours.
func BenchmarkDeepPage(b *testing.B) {
	site, bare, keys := benchSite(b)
	const ofLargest = "FROM waiters WHERE restaurant_id = ?"
	for _, page := range []struct {
		name, address, rows, middle, count string
		after                              int64 // how many rows stand before; 0: half of them
		args                               []any
	}{
		{"places-by-name-page-100", "/places?sort=name", barePlaces + "WHERE (p.name_norm, p.id) > (?, ?) ORDER BY p.name_norm, p.id LIMIT 51",
			"SELECT name_norm, id FROM places ORDER BY 1, 2", "FROM places", 4950, nil},
		{"places-by-name-middle", "/places?sort=name", barePlaces + "WHERE (p.name_norm, p.id) > (?, ?) ORDER BY p.name_norm, p.id LIMIT 51",
			"SELECT name_norm, id FROM places ORDER BY 1, 2", "FROM places", 0, nil},
		{"waiters-by-name-middle", "/waiters?sort=name", bareWaiters + "WHERE (w.name_norm, w.id) > (?, ?) ORDER BY w.name_norm, w.id LIMIT 51",
			"SELECT name_norm, id FROM waiters ORDER BY 1, 2", "FROM waiters", 0, nil},
		{"waiters-of-the-largest-restaurant-middle", fmt.Sprintf("/waiters?restaurant=%d&sort=name", keys.largest),
			bareWaiters + fmt.Sprintf("WHERE w.restaurant_id = %d AND (w.name_norm, w.id) > (?, ?) ORDER BY w.name_norm, w.id LIMIT 51", keys.largest),
			"SELECT name_norm, id " + ofLargest + " ORDER BY 1, 2", ofLargest, 0, []any{keys.largest}},
	} {
		mark := middle(b, bare, page.middle, page.count, page.after, page.args...)
		count := statement{"SELECT count(*) " + page.count, page.args}
		if page.args != nil { // filtered lists are counted so far
			count.sql = "SELECT count(*) FROM (SELECT 1 " + page.count + " LIMIT 10001) AS found"
		}
		b.Run(page.name+"/page", func(b *testing.B) { pages(b, site, page.address+"&after="+mark.String()) })
		b.Run(page.name+"/sql", func(b *testing.B) {
			statements(b, bare, statement{page.rows, []any{mark.Value, mark.Key}}, count, statement{bareViews, []any{"places"}})
		})
	}
	place := middle(b, bare, "SELECT name_norm, id FROM places ORDER BY 1, 2", "FROM places", 0).Key
	waiter := middle(b, bare, "SELECT name_norm, id "+ofLargest+" ORDER BY 1, 2", ofLargest, 0, keys.largest).Key
	for name, address := range map[string]string{
		"place-in-the-list-of-all":        fmt.Sprintf("/places/%d?in=sort%%3Dname", place),
		"place-in-a-search":               fmt.Sprintf("/places/%d?in=q%%3Dstreet", place),
		"waiter-in-the-largest":           fmt.Sprintf("/waiters/%d?in=restaurant%%3D%d%%26sort%%3Dname", waiter, keys.largest),
		"waiter-in-a-list-of-two-lookups": fmt.Sprintf("/waiters/%d?in=restaurant__waiter__count__gt%%3D1000%%26exclude__name__contains%%3DSmith", waiter),
	} {
		b.Run(name+"/page", func(b *testing.B) { pages(b, site, address) })
	}
}

// middle is the mark of a row, with its position as the links of a list carry it.
func middle(b *testing.B, db *sql.DB, rows, from string, after int64, args ...any) (m keyset.Mark) {
	b.Helper()
	m.Stood = after
	if after == 0 {
		if err := db.QueryRow(spoken("SELECT count(*) / 2 "+from), args...).Scan(&m.Stood); err != nil {
			b.Fatal(err)
		}
	}
	var name string
	if err := db.QueryRow(spoken(rows+fmt.Sprintf(" LIMIT 1 OFFSET %d", m.Stood-1)), args...).Scan(&name, &m.Key); err != nil {
		b.Fatal(err)
	}
	m.Value = name
	return m
}
