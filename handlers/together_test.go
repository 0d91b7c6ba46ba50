package handlers_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
)

// This file holds what happens when many people press at once.

// pressed sends forms at once and returns how often each status was answered.
func (s *site) pressed(forms ...*filled) map[int]int {
	s.t.Helper()
	var requests []*http.Request
	for _, f := range forms {
		requests = append(requests, f.request())
	}
	rand.Shuffle(len(requests), func(i, j int) { requests[i], requests[j] = requests[j], requests[i] })
	statuses, _ := s.many(requests)
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	return count
}

// oneWins expects one answer that wrote and only these others.
func (s *site) oneWins(count map[int]int, others ...int) {
	s.t.Helper()
	for status := range count {
		if status != http.StatusSeeOther && !slices.Contains(others, status) {
			s.t.Errorf("answered %v", count)
		}
	}
	if count[http.StatusSeeOther] != 1 {
		s.t.Errorf("%d won: %v", count[http.StatusSeeOther], count)
	}
}

func TestOfManyRestaurantsThatMoveToOnePlaceOneArrives(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var moves []*filled
	for i := range 12 {
		place := s.add("/places", "name", fmt.Sprint("Place ", i), "address", "1")
		s.add("/restaurants", "place_id", place)
		moves = append(moves, s.get("/restaurants/"+place+"/move?place_id="+aceHardware).form("post"))
	}
	s.oneWins(s.pressed(moves...), http.StatusConflict)
	s.get("/restaurants?place=" + aceHardware).lists(aceHardware)
	if n := s.rows("restaurants"); n != 13 {
		t.Errorf("there are %d restaurants", n)
	}
}

func TestOfManyWhoMoveOneRestaurantOneDoes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var moves []*filled
	for i := range 12 {
		place := s.add("/places", "name", fmt.Sprint("Place ", i), "address", "1")
		moves = append(moves, s.get("/restaurants/"+demonDogs+"/move?place_id="+place).form("post"))
	}
	s.oneWins(s.pressed(moves...), http.StatusNotFound)
	if n := s.rows("restaurants"); n != 1 {
		t.Errorf("there are %d restaurants", n)
	}
}

func TestOfManyWhoSwapTheSameTwoOneDoes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/restaurants", "place_id", aceHardware, "serves_pizza", "1")
	var swaps []*filled
	for range 8 {
		swaps = append(swaps,
			s.get("/restaurants/"+demonDogs+"/move?place_id="+aceHardware).form("post"),
			s.get("/restaurants/"+aceHardware+"/move?place_id="+demonDogs).form("post"))
	}
	s.oneWins(s.pressed(swaps...), http.StatusConflict)
	s.get("/restaurants/"+aceHardware).says("Joe", "Serves hot dogs")
}

// An edit follows the restaurant to its new place; what was shown before the edit is not done.
func TestOfManyWhoEditDeleteOrMoveOneRestaurantNobodyUndoesAnother(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const each = 6
	var forms []*filled
	for range each {
		forms = append(forms,
			s.get("/restaurants/"+demonDogs+"/edit").form("post").with("serves_pizza", "1"),
			s.get("/restaurants/"+demonDogs+"/delete").form("post"),
			s.get("/restaurants/"+demonDogs+"/move?place_id="+aceHardware).form("post"),
			s.get("/places/"+demonDogs+"/delete").form("post"))
	}
	before := s.changes()
	count := s.pressed(forms...)
	won := count[http.StatusSeeOther]
	if won+count[http.StatusConflict]+count[http.StatusNotFound] != len(forms) {
		t.Errorf("answered %v", count)
	}
	wrote, moved := s.changes()-before, s.rows("places") == 2 && s.counted("SELECT count(*) FROM restaurants WHERE place_id = ?", aceHardware) == 1
	switch {
	case s.rows("restaurants") == 0:
		s.oneWins(count, http.StatusConflict, http.StatusNotFound)
	case s.counted("SELECT count(*) FROM restaurants WHERE serves_pizza") != 1:
		t.Errorf("an edit was lost: %v", count)
	case moved && (won != each+1 || wrote != 2) || !moved && (won != each || wrote != 1):
		t.Errorf("%d won and wrote %d changes, moved: %v", won, wrote, moved)
	}
}

func TestAWaiterIsNeverHiredByARestaurantThatIsGone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	forms := []*filled{s.get("/places/" + demonDogs + "/delete").form("post")}
	for i := range 10 {
		forms = append(forms, s.get("/waiters/new").form("post").with("restaurant_id", demonDogs, "name", fmt.Sprint("Waiter ", i)))
	}
	count := s.pressed(forms...)
	if hired, deleted := s.rows("waiters"), s.rows("places") == 1; deleted && hired != 0 || !deleted && hired != 11 {
		t.Errorf("%d waiters are there, the restaurant was deleted: %v, answered %v", hired, deleted, count)
	}
}

// Everybody does everything at once, and looks at what the pages say all the while.
func TestManyHandsLeaveTheTablesSound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 6 {
		place := s.add("/places", "name", fmt.Sprint("Place ", i), "address", "1")
		s.add("/restaurants", "place_id", place)
		s.add("/waiters", "restaurant_id", place, "name", fmt.Sprint("Waiter ", i))
	}
	var wait sync.WaitGroup
	for hand := range uint64(8) {
		wait.Go(func() {
			random := rand.New(rand.NewPCG(hand, 1))
			key := func() string { return fmt.Sprint(1 + random.IntN(9)) }
			for range 15 {
				var p *page
				switch random.IntN(7) {
				case 0:
					p = s.get("/restaurants/" + key() + "/move?place_id=" + key())
				case 1:
					p = s.get("/waiters/" + key() + "/move?restaurant_id=" + key())
				case 2:
					p = s.get("/restaurants/" + key() + "/copy?place_id=" + key())
				case 3:
					p = s.get("/waiters/" + key() + "/delete")
				case 4:
					s.post("/waiters", "restaurant_id", key(), "name", "New")
				case 5:
					s.post("/restaurants", "place_id", key())
				case 6:
					for _, list := range []string{"/", "/places", "/restaurants?sort=-waiters", "/waiters?q=waiter", "/history"} {
						s.get(list)
					}
				}
				if p != nil && p.Find("main input[name=fingerprint]").Length() == 1 {
					if status := p.form("post").send().Status; status != http.StatusSeeOther && status != http.StatusConflict && status != http.StatusNotFound {
						t.Errorf("%s: answered %d", p.what, status)
					}
				}
			}
		})
	}
	wait.Wait()
}

// What a page says of a record must not depend on whether it is there or not at the next read.
func TestAPageIsOfOneMomentWhileARecordComesAndGoes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/restaurants", "place_id", aceHardware)
	stop := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		for open := true; ; open = !open {
			select {
			case <-stop:
				return
			default:
			}
			if open {
				s.get("/restaurants/" + aceHardware + "/delete").form("post").send().status(http.StatusSeeOther)
			} else {
				s.add("/restaurants", "place_id", aceHardware)
			}
		}
	})
	for range 150 {
		for _, path := range []string{
			"/waiters/" + joe + "/move?restaurant_id=" + aceHardware,
			"/restaurants/" + demonDogs + "/move?place_id=" + aceHardware,
			"/restaurants/" + demonDogs + "/copy?place_id=" + aceHardware,
			"/restaurants/" + aceHardware + "/move?place_id=" + demonDogs,
			"/restaurants/" + aceHardware + "/edit",
		} {
			switch p := s.get(path); p.Status {
			case http.StatusOK, http.StatusUnprocessableEntity:
			case http.StatusNotFound:
				p.says("deleted the restaurant")
			default:
				t.Errorf("%s: answered %d", path, p.Status)
			}
		}
	}
	close(stop)
	wait.Wait()
}
