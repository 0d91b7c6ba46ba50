package models_test

import (
	"fmt"
	"strings"

	"maitred/models/problem"
)

// memory is what the tables should hold, in plain Go.
type memory struct {
	placesByKey, restaurantsByKey, waitersByKey map[int64]*remembered
	past                                        []image

	changes                               int64
	lastPlace, lastRestaurant, lastWaiter int64 // the highest number ever given out
}

// remembered is a record: its place's or waiter's name, or what a restaurant serves and who it is.
type remembered struct {
	version       int64
	name, address string
	restaurant    int64 // of a waiter
	hot, pizza    bool
	identity      int64
}

func newMemory() *memory {
	return &memory{placesByKey: map[int64]*remembered{}, restaurantsByKey: map[int64]*remembered{}, waitersByKey: map[int64]*remembered{}}
}

func tidy(s string) string { return strings.TrimSpace(s) }

func (m *memory) rows(table string) map[int64]*remembered {
	return map[string]map[int64]*remembered{"places": m.placesByKey, "restaurants": m.restaurantsByKey, "waiters": m.waitersByKey}[table]
}

func (m *memory) rememberPlace(name, address string) int64 {
	m.lastPlace++
	m.placesByKey[m.lastPlace] = &remembered{version: m.changes, name: tidy(name), address: tidy(address)}
	return 1
}

func (m *memory) rememberRestaurant(at int64, hot, pizza bool) int64 {
	m.lastRestaurant++
	m.restaurantsByKey[at] = &remembered{version: m.changes, hot: hot, pizza: pizza, identity: m.lastRestaurant}
	return 1
}

func (m *memory) rememberWaiter(at int64, name string) int64 {
	m.lastWaiter++
	m.waitersByKey[m.lastWaiter] = &remembered{version: m.changes, name: tidy(name), restaurant: at}
	return 1
}

// staff is the keys of the waiters of a restaurant.
func (m *memory) staff(restaurant int64) (keys []int64) {
	for _, key := range keysOf(m.waitersByKey) {
		if m.waitersByKey[key].restaurant == restaurant {
			keys = append(keys, key)
		}
	}
	return keys
}

// verdict says why a deed is impossible; "" when it is possible.
func (m *memory) verdict(it deed) problem.Code {
	if m.rows(it.table)[it.key] == nil {
		return problem.NotFound
	}
	possible := true
	switch {
	case it.spared == "waiters":
		possible = it.key != it.to && m.restaurantsByKey[it.to] != nil
	case it.spared == "restaurants":
		possible = m.placesByKey[it.to] != nil && m.restaurantsByKey[it.to] == nil && it.key != it.to
	case it.what == "swap":
		possible = it.key != it.to && m.placesByKey[it.to] != nil && m.restaurantsByKey[it.to] != nil
	case it.what == "move" && it.table == "waiters":
		possible = m.restaurantsByKey[it.to] != nil && m.waitersByKey[it.key].restaurant != it.to
	case it.what == "move", it.what == "copy":
		possible = m.placesByKey[it.to] != nil && m.restaurantsByKey[it.to] == nil
	}
	return invalidIf(!possible)
}

// signature is what a person who was shown a deed has seen of it: each row by its version.
func (m *memory) signature(it deed) string {
	var seen []string
	row := func(table string, key int64) {
		if r := m.rows(table)[key]; r != nil {
			seen = append(seen, fmt.Sprintf("%s %d v%d", table, key, r.version))
		}
	}
	staff := func(at int64) {
		for _, key := range m.staff(at) {
			row("waiters", key)
		}
	}
	if it.table == "waiters" {
		row("waiters", it.key)
		if it.what == "move" {
			row("restaurants", m.waitersByKey[it.key].restaurant)
			row("restaurants", it.to)
		}
		return strings.Join(seen, ", ")
	}
	row("places", it.key) // what goes or, for a restaurant, by whose name it was shown
	row("restaurants", it.key)
	if it.what != "copy" {
		staff(it.key)
	}
	if it.what != "delete" || it.spared != "" {
		row("places", it.to)
		row("restaurants", it.to)
	}
	if it.what == "swap" {
		staff(it.to)
	}
	return strings.Join(seen, ", ")
}

// remember does a deed and returns how many rows it writes.
func (m *memory) remember(it deed) (rows int64) {
	switch {
	case it.what == "delete":
		return m.spare(it) + m.forget(it.table, it.key)
	case it.what == "copy":
		r := m.restaurantsByKey[it.key]
		return m.rememberRestaurant(it.to, r.hot, r.pizza)
	case it.table == "waiters":
		m.waitersByKey[it.key].restaurant, m.waitersByKey[it.key].version = it.to, m.changes
		return 1
	}
	here, there := m.restaurantsByKey[it.key], m.restaurantsByKey[it.to]
	staffHere, staffThere := m.staff(it.key), m.staff(it.to)
	delete(m.restaurantsByKey, it.key)
	return m.settle(here, staffHere, it.to) + m.settle(there, staffThere, it.key)
}

// spare moves what is not to go with a deletion.
func (m *memory) spare(it deed) (rows int64) {
	staff := m.staff(it.key)
	switch it.spared {
	case "restaurants":
		r := m.restaurantsByKey[it.key]
		delete(m.restaurantsByKey, it.key)
		return m.settle(r, staff, it.to)
	case "waiters":
		for _, key := range staff {
			m.waitersByKey[key].restaurant, m.waitersByKey[key].version = it.to, m.changes
		}
		return int64(len(staff))
	}
	return 0
}

// settle puts a restaurant and its waiters at a place; no restaurant is nothing to do.
func (m *memory) settle(r *remembered, staff []int64, at int64) int64 {
	if r == nil {
		return 0
	}
	r.version = m.changes
	m.restaurantsByKey[at] = r
	for _, key := range staff {
		m.waitersByKey[key].restaurant, m.waitersByKey[key].version = at, m.changes
	}
	return 1 + int64(len(staff))
}

// forget deletes a record with all that belongs to it.
func (m *memory) forget(table string, key int64) (rows int64) {
	if m.rows(table)[key] == nil {
		return 0
	}
	delete(m.rows(table), key)
	switch table {
	case "places":
		rows = m.forget("restaurants", key)
	case "restaurants":
		for _, waiter := range m.staff(key) {
			rows += m.forget("waiters", waiter)
		}
	}
	return rows + 1
}

// tables is memory as the database would hold it.
func (m *memory) tables() tables {
	all := tables{"places": {}, "restaurants": {}, "waiters": {}}
	number := map[bool]int64{false: 0, true: 1}
	for key, p := range m.placesByKey {
		all["places"][key] = row{
			"id": key, "name": p.name, "name_norm": strings.ToLower(p.name), "address": p.address, "address_norm": strings.ToLower(p.address),
			"version": p.version, "restaurant_count": number[m.restaurantsByKey[key] != nil],
		}
	}
	for key, r := range m.restaurantsByKey {
		all["restaurants"][key] = row{
			"place_id": key, "identity": r.identity, "serves_hot_dogs": number[r.hot], "serves_pizza": number[r.pizza],
			"version": r.version, "waiter_count": int64(len(m.staff(key))),
		}
	}
	for key, hired := range m.waitersByKey {
		all["waiters"][key] = row{
			"id": key, "restaurant_id": hired.restaurant, "name": hired.name, "name_norm": strings.ToLower(hired.name), "version": hired.version,
		}
	}
	return all
}
