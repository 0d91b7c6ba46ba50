package models_test

import (
	"errors"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/kind"
	"maitred/models/problem"
)

// This file turns pages while others add, delete, rename and move.

// meanwhile is a world with rows that nobody touches, and others that somebody always does. Every
// third place with all that belongs to it, and whatever is added, is of these.
type meanwhile struct {
	*world
	stays map[string]map[int64]bool

	mu      sync.Mutex
	elsehow map[string]map[int64]bool // rows that may stand elsewhere now
}

func othersWrite(t *testing.T) *meanwhile {
	w := aTown(t)
	m := &meanwhile{world: w, stays: map[string]map[int64]bool{}, elsehow: map[string]map[int64]bool{}}
	for table, rows := range w.tables() {
		m.stays[table], m.elsehow[table] = map[int64]bool{}, map[int64]bool{}
		for key, r := range rows {
			place := key
			if table == "waiters" {
				place = r["restaurant_id"].(int64)
			}
			m.stays[table][key] = place%3 != 0
		}
	}
	return m
}

// pass notes that a row may be met in two places.
func (m *meanwhile) pass(table string, key int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.elsehow[table][key] = true
}

// write does something to rows that nobody counts on. What became impossible meanwhile is no failure.
func (m *meanwhile) write(random *rand.Rand) error {
	names := []string{"Aaa", "ace", "Demon Dogs", "漢", "zoe's", "Zzz", "e"}
	name := names[random.IntN(len(names))]
	all := m.tables()
	place := anyOf(random, slices.DeleteFunc(keysOf(all["places"]), func(key int64) bool { return m.stays["places"][key] }))
	var err error
	switch random.IntN(6) {
	case 0, 1:
		p := &models.Place{Name: name, Address: "1 " + name + " Street"}
		_, err = models.Places.Create(ctx, m.Store, "", p)
		if err == nil && random.IntN(2) == 0 {
			m.pass("places", p.ID) // free at first, then not
			_, err = models.Restaurants.Create(ctx, m.Store, "", &models.Restaurant{PlaceID: p.ID})
		}
	case 2:
		op := change.Delete{Kind: m.places, Key: place}
		var plan *change.Plan
		if plan, err = change.Preview(ctx, m.Store, op); err == nil {
			_, err = change.Commit(ctx, m.Store, op, change.Form{Fingerprint: plan.Fingerprint()})
		}
	case 3:
		m.pass("places", place)
		m.pass("restaurants", place)
		for key, r := range all["waiters"] {
			if r["restaurant_id"] == place {
				m.pass("waiters", key)
			}
		}
		var p *models.Place
		if p, err = models.Places.Find(ctx, m.Store, place); err == nil {
			p.Name, p.Address = name, name
			_, err = models.Places.Update(ctx, m.Store, "", place, p.Version, p)
		}
	case 4:
		m.pass("restaurants", place)
		_, err = models.Waiters.Create(ctx, m.Store, "", &models.Waiter{RestaurantID: place, Name: name})
	default:
		for key, r := range all["waiters"] {
			if m.stays["waiters"][key] || all["restaurants"][place] == nil {
				continue
			}
			m.pass("waiters", key)
			m.pass("restaurants", place)
			m.pass("restaurants", r["restaurant_id"].(int64))
			op := change.Move{Kind: m.waiters, Key: key, To: place}
			var plan *change.Plan
			if plan, err = change.Preview(ctx, m.Store, op); err == nil {
				_, err = change.Commit(ctx, m.Store, op, change.Form{Fingerprint: plan.Fingerprint()})
			}
			break
		}
	}
	return err
}

func TestWhileOthersWriteEveryRowThatStaysIsOnOnePage(t *testing.T) {
	t.Parallel()
	m := othersWrite(t)
	changes := m.changes()
	done := make(chan struct{})
	var others sync.WaitGroup
	for i := range uint64(2) {
		random := rand.New(rand.NewPCG(i, 11))
		others.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				var stale *change.Stale
				var outdated *change.Outdated
				err := m.write(random)
				if err != nil && !asProblem(err) && !errors.As(err, &stale) && !errors.As(err, &outdated) {
					t.Error(err)
					return
				}
			}
		})
	}
	for _, more := range []string{"", "&name__icontains=e", "&exclude__pk=0", "&q=e", "&q=street+d"} {
		for _, direction := range []string{"after", "before"} {
			meet(m, models.Places, more, direction)
			meet(m, models.Restaurants, strings.Replace(more, "&name", "&place__name", 1), direction)
			meet(m, models.Waiters, more, direction)
		}
	}
	close(done)
	others.Wait()
	if n := m.changes() - changes; n < 20 {
		t.Errorf("only %d changes were written meanwhile", n)
	}
}

func asProblem(err error) bool {
	var p *problem.Error
	return errors.As(err, &p)
}

// meet turns all pages of a list in each of its orders.
func meet[T any](m *meanwhile, of kind.Of[T], asked, direction string) {
	k := of.Kind(m.Store)
	orders := []string{}
	for _, sort := range k.Sorts {
		orders = append(orders, "sort="+sort.Name, "sort=-"+sort.Name)
	}
	if strings.HasPrefix(asked, "&q=") {
		orders = append(orders, "")
	}
	for _, order := range orders {
		address := order + asked
		before := foundBy(m, of, address)
		seen := map[int64]int{}
		mark := map[string]string{"after": "", "before": "end"}[direction]
		for pages := 0; pages == 0 || mark != ""; pages++ {
			l, err := list(m.world, of, address+"&"+direction+"="+mark)
			if err != nil {
				m.t.Errorf("/%s?%s: %v", k.Table, address, err)
				return
			}
			rows := int64(len(l.Rows))
			if l.First < 0 || rows > l.Count || l.First > 0 && l.First+rows-1 > l.Count || pages > 100 {
				m.t.Errorf("/%s?%s: page %d begins at %d with %d rows of %d", k.Table, address, pages, l.First, rows, l.Count)
				return
			}
			for _, r := range l.Rows {
				seen[keyOf(r)]++
			}
			if mark = l.After; direction == "before" {
				mark = l.Before
			}
		}
		m.mu.Lock()
		for key, n := range seen {
			if n > 1 && !m.elsehow[k.Table][key] {
				m.t.Errorf("/%s?%s %s: %d is shown %d times", k.Table, address, direction, key, n)
			}
		}
		m.mu.Unlock()
		for _, key := range before {
			if m.stays[k.Table][key] && seen[key] != 1 {
				m.t.Errorf("/%s?%s %s: %d, which nobody touched, is shown %d times", k.Table, address, direction, key, seen[key])
			}
		}
	}
}

// foundBy is all that a list shows at present, on one page.
func foundBy[T any](m *meanwhile, of kind.Of[T], address string) (keys []int64) {
	values, err := url.ParseQuery(address)
	m.must(err)
	q, err := kind.ParseQuery(of.Kind(m.Store), values)
	m.must(err)
	q.Rows = 5000
	l, err := of.List(ctx, m.Store, q)
	m.must(err)
	for _, r := range l.Rows {
		keys = append(keys, keyOf(r))
	}
	return keys
}
