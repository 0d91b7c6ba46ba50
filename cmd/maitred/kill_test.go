package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/change"
	"maitred/models/kind"
)

// Two people swap two restaurants with 300 waiters each, to and fro, a third opens and deletes, a
// fourth deletes a restaurant with as many; and at any moment the program is killed.
func TestAKillAtAnyMomentLeavesAllOfAChangeOrNothing(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	const rounds = 4
	openCrowded(t, database, 2+rounds, 300)
	for round := range rounds {
		p := start(t, database)
		v := &visitor{site: p.url, word: strings.Repeat(string(rune('A'+round)), 26)}
		people := []func() bool{
			func() bool { return v.swaps(1, 2) },
			func() bool { return v.swaps(2, 1) },
			v.opensAndDeletes,
			v.saves,
			func() bool { return v.deletes(3+round) && false },
		}
		done, gone := make(chan int), make(chan bool)
		for i, work := range people {
			go func() {
				for again := true; again; {
					again = work()
					done <- i
				}
				gone <- true
			}()
		}
		var moment <-chan time.Time // some time after each has done something
		busy := map[int]bool{}
		for left := len(people); left > 0; {
			select {
			case i := <-done:
				if busy[i] = true; len(busy) == len(people) && moment == nil {
					moment = time.After(rand.N(200 * time.Millisecond))
				}
			case <-moment:
				if err := p.cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			case <-gone:
				left--
			}
		}
		_ = p.cmd.Wait()
		isSound(t, programFile(t), database)
		if kept := answer(t, database, "SELECT count(*) FROM saved_views WHERE owner = '"+v.word+"'"); kept != fmt.Sprint(v.saved) && kept != fmt.Sprint(v.saved+1) {
			t.Errorf("%d views were saved, and %s are kept", v.saved, kept)
		}
	}
	p := start(t, database)
	p.get("/history").answers(http.StatusOK)
	p.stop()
	isSound(t, programFile(t), database)
	if did := answer(t, database, "SELECT group_concat(o) FROM (SELECT DISTINCT operation AS o FROM changes ORDER BY o)"); did != "create,delete,swap" {
		t.Errorf("people did %s", did)
	}
}

// openCrowded makes places with a restaurant and many waiters each.
func openCrowded(t *testing.T, database string, places, waiters int) {
	t.Helper()
	ctx := context.Background()
	s, err := models.Open(ctx, database, migrations.Apply)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range places {
		place, restaurant := &models.Place{Name: fmt.Sprintf("Crowded %d", i+1), Address: "1"}, &models.Restaurant{}
		if err := kind.Check(s, place); err != nil {
			t.Fatal(err)
		}
		op := change.Create{Records: []change.Record{{Model: place}, {Model: restaurant, Bind: func() { restaurant.PlaceID = place.ID }}}}
		for range waiters {
			joe := &models.Waiter{Name: "Joe", NameNorm: "joe"}
			op.Records = append(op.Records, change.Record{Model: joe, Bind: func() { joe.RestaurantID = place.ID }})
		}
		if _, err := change.Commit(ctx, s, op, change.Form{}); err != nil {
			t.Fatal(err)
		}
	}
}

// visitor is someone in a browser whose site may vanish at any moment. What he does returns false
// when it has.
type visitor struct {
	site  string
	word  string // by which the site knows him
	saved int    // how many views it said that it keeps
}

// saves keeps a view of a list.
func (v *visitor) saves() bool {
	if v.saved == 100 { // as many as one can have
		return false
	}
	view := url.Values{"name": {fmt.Sprint("View ", v.saved+1)}}
	r, err := http.NewRequest(http.MethodPost, v.site+"/waiters/views?q=joe", strings.NewReader(view.Encode()))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", "maitred_person="+v.word)
	res, err := client.Do(r)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		return false
	}
	v.saved++
	return true
}

// swaps lets two restaurants change places; someone else may have been faster.
func (v *visitor) swaps(key, to int) bool {
	return v.confirms(fmt.Sprintf("/restaurants/%d/move?place_id=%d", key, to))
}

func (v *visitor) deletes(place int) bool { return v.confirms(fmt.Sprintf("/places/%d/delete", place)) }

// opensAndDeletes makes a place with a restaurant and two waiters, and deletes it.
func (v *visitor) opensAndDeletes() bool {
	at, ok := v.sends("/restaurants", url.Values{"new_place": {"1"}, "name": {"Short Lived"}, "address": {"1"}})
	place := strings.TrimPrefix(at, "/restaurants/")
	for _, name := range []string{"Ann", "Zoë"} {
		if ok {
			_, ok = v.sends("/waiters", url.Values{"restaurant_id": {place}, "name": {name}})
		}
	}
	return ok && v.confirms("/places/"+place+"/delete")
}

// confirms looks at what would happen and sends the form that does it, if there is one.
func (v *visitor) confirms(path string) bool {
	res, err := client.Get(v.site + path)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		return false
	}
	form := doc.Find("main form[method=post]")
	if form.Length() != 1 {
		return true
	}
	values := url.Values{}
	for _, e := range form.Find("input").EachIter() {
		values.Add(e.AttrOr("name", ""), e.AttrOr("value", ""))
	}
	_, ok := v.sends(form.AttrOr("action", ""), values)
	return ok
}

// sends sends a form and returns where the answer leads.
func (v *visitor) sends(path string, values url.Values) (to string, ok bool) {
	res, err := client.PostForm(v.site+path, values)
	if err != nil {
		return "", false
	}
	_ = res.Body.Close()
	return res.Header.Get("Location"), true
}
