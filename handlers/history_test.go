package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/uptrace/bun"

	"maitred/models/graph"
)

// undoOf is the form that undoes a change; each page has it once.
func (p *page) undoOf(change int) *goquery.Selection {
	p.s.t.Helper()
	action := fmt.Sprintf("/history/%d/undo", change)
	form := p.Find("main form[method=post][action='" + action + "']")
	if form.Length() != 1 || form.Find("button").Length() != 1 {
		p.s.t.Errorf("%s has %d forms to undo change %d: %s", p.what, form.Length(), change, p.short())
	}
	return form
}

// told are the changes that a page lists, by the first link of each entry.
func (p *page) told() (changes []int) {
	p.s.t.Helper()
	p.Find("main .changes > li").Each(func(_ int, entry *goquery.Selection) {
		n, err := strconv.Atoi(strings.TrimPrefix(entry.Find("a[href^='/history/']").AttrOr("href", ""), "/history/"))
		if err != nil {
			p.s.t.Errorf("%s: an entry leads to no change: %v", p.what, err)
		}
		changes = append(changes, n)
	})
	return changes
}

// allTold turns the pages of history from an address on.
func (s *site) allTold(path string) (changes []int) {
	s.t.Helper()
	for turned := 0; path != ""; turned++ {
		if turned > 20 {
			s.t.Fatal("the pages do not end")
		}
		p := s.get(path).status(http.StatusOK)
		changes = append(changes, p.told()...)
		path = p.rel("next")
	}
	return changes
}

// undoes presses the Undo button of a change and returns the number of the undo.
func (s *site) undoes(change int) int {
	s.t.Helper()
	s.post(fmt.Sprintf("/history/%d/undo", change)).status(http.StatusSeeOther)
	return s.newest()
}

// rewrite changes what history says, as no part of the program does.
func (s *site) rewrite(query string, args ...any) {
	s.t.Helper()
	err := s.Change(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestWhereverAChangeIsToldItCanBeUndone(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		s.edited(k, key, 2).send().status(http.StatusSeeOther)
		change := s.newest()
		sentence := "changed " + strings.TrimPrefix(s.get("/history/"+strconv.Itoa(change)).Find("main .lead").Text(), "Someone changed ")
		message := s.get("/"+k.Table, "Cookie", "maitred_done="+strconv.Itoa(change)).says("Done: " + sentence)
		for _, p := range []*page{s.get("/"), s.get("/history"), s.get(at(k, key)), s.get("/history/" + strconv.Itoa(change)), message} {
			if words := squeezed(p.undoOf(change).Find("button")); words != "Undo: "+sentence {
				t.Errorf("%s: the button says %q", p.what, words)
			}
		}
		s.get("/history/" + strconv.Itoa(change)).leads(fmt.Sprintf("/history/%d/undo", change))
		for _, p := range []*page{s.get("/"), s.get("/history"), s.get(at(k, key))} {
			for _, n := range p.told() {
				p.undoOf(n)
			}
		}
	})
}

func TestAChangeThatWasUndoneLeadsToItsUndoInsteadOfTheButton(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/waiters/"+joe+"/edit").form("post").with("name", "Joseph").send().status(http.StatusSeeOther) // 5
	s.undoes(5)
	for _, path := range []string{"/", "/history", "/waiters/" + joe} {
		p := s.get(path).status(http.StatusOK)
		entry := p.Find("main .changes li:has(a[href='/history/5'])")
		if entry.Find("form").Length() != 0 || entry.Find("a").Last().AttrOr("href", "") != "/history/6" || !strings.HasSuffix(squeezed(entry), "undone by change 6") {
			t.Errorf("%s: change 5 is told as %q", path, squeezed(entry))
		}
		p.undoOf(6)
		if got := p.told(); !slices.IsSortedFunc(got, func(a, b int) int { return b - a }) {
			t.Errorf("%s tells %v", path, got)
		}
	}
	undone := s.get("/history/5").says("Undone by change 6: Someone undid: “changed the waiter Joe").leads("/history/6")
	if undone.Find("main form").Length() != 0 {
		t.Error("the page of a change that was undone offers to undo it")
	}
	s.get("/history/6").says("Undoes change 5: Someone changed the waiter Joe").leads("/history/5").undoOf(6)

	// The undo is undone: the change is in force again.
	s.undoes(6)
	s.get("/history").undoOf(5)
	s.get("/history/5").silentAbout("Undone").undoOf(5)
	s.get("/history/6").says("Undone by change 7", "Undoes change 5")
}

func TestAChangeThatWasUndoneInPartLeadsToTheRest(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.leavesJoeOut()
	for _, path := range []string{"/", "/history", "/history/7"} {
		p := s.get(path).leads("/history/9").leads("/history/7/undo")
		if p.Find("main form[action='/history/7/undo']").Length() != 0 {
			t.Errorf("%s still offers to undo change 7", path)
		}
	}
	s.get("/history").says("undone in part by change 9 the rest of change 7")
	s.get("/history/7").says("Undone in part by change 9", "2 records of this change were left as they are")
}

// leavesJoeOut deletes two restaurants (7) and undoes it (9) when the place of one, where Joe worked,
// has another one: it and Joe stay away.
func (s *site) leavesJoeOut() {
	s.t.Helper()
	third := s.add("/places", "name", "Third", "address", "3 Third St")
	s.add("/restaurants", "place_id", third)
	s.post("/restaurants/delete", "id", demonDogs, "id", third).form("post").send().status(http.StatusSeeOther)
	s.add("/restaurants", "place_id", demonDogs)
	s.get("/history/7/undo").form("post").send().status(http.StatusSeeOther)
}

// written is a change as the one who made it remembers it.
type written struct {
	id               int
	actor, kind, day string
}

func TestHistoryIsFilteredByPersonKindAndDayInEveryCombination(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	now := s.Now()
	s.Now = func() time.Time { return now }
	actors, days := []string{"Ann", "Zoë & Tim"}, []string{"2026-03-01", "2026-03-02"}
	var all []written
	for i := range 250 { // forty at a time in the same millisecond
		actor, kind, day := actors[i/3%2], []string{"places", "waiters"}[i/5%2], days[i/125]
		at, err := time.Parse(time.RFC3339, day+[]string{"T00:00:00Z", "T12:00:00Z", "T23:59:59.999Z"}[i%125/42])
		if err != nil {
			t.Fatal(err)
		}
		s.Actor, now = actor, at
		s.make(s.Graph.ByTable(kind), i)
		all = append(all, written{s.newest(), actor, kind, day})
	}
	for _, actor := range append(actors, "", "Nobody") {
		for _, kind := range []string{"", "places", "restaurants", "waiters"} {
			for _, day := range append(days, "", "2026-02-28", "2026-03-03") {
				if actor+kind+day == "" {
					continue
				}
				var want []int
				for _, w := range slices.Backward(all) {
					if (actor == "" || actor == w.actor) && (kind == "" || kind == w.kind) && (day == "" || day == w.day) {
						want = append(want, w.id)
					}
				}
				if actor == "" && day == "" { // the four changes of the article
					want = append(want, map[string][]int{"places": {2, 1}, "restaurants": {3}, "waiters": {4}}[kind]...)
				}
				path := "/history?" + url.Values{"actor": {actor}, "kind": {kind}, "day": {day}}.Encode()
				got := s.allTold(path)
				if actor == "" && day == "" { // they are newer than those of a day in spring
					slices.SortFunc(got, func(a, b int) int { return b - a })
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s tells\n%v, want\n%v", path, got, want)
				}
				if day != "" && actor != "Nobody" { // a mark from a later day leads to the newest of the day
					if got := s.get(fmt.Sprintf("%s&before=%d", path, s.newest()+1)).told(); !slices.Equal(got, want[:min(50, len(want))]) {
						t.Errorf("%s from a later mark tells\n%v", path, got)
					}
				}
				if len(want) == 0 {
					s.get(path).says("No change matches").leads("/history")
				}
			}
		}
	}
}

func TestTheFormOfHistorySaysWhatIsShownAndItsPagesKeepIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Actor = "Zoë"
	for i := range 51 {
		s.make(s.Graph.ByTable("places"), i)
	}
	p := s.get("/history?actor=Zo%C3%AB&kind=places&day=")
	form := p.form("get")
	if form.action != "/history" || form.Get("actor") != "Zoë" || form.Get("kind") != "places" || form.Get("day") != "" || form.Has("before") {
		t.Errorf("the form leads to %s with %v", form.action, form.Values)
	}
	var offered []string
	p.Find("select[name=actor] option").Each(func(_ int, o *goquery.Selection) { offered = append(offered, o.Text()) })
	if want := []string{"Everyone", "Someone", "Zoë"}; !slices.Equal(offered, want) {
		t.Errorf("the form offers %q, want %q", offered, want)
	}
	p.says("Changes of places by Zoë").leads("/history")
	older := s.get(p.rel("next")).says("Changes of places by Zoë")
	if got := older.told(); !slices.Equal(got, []int{5}) {
		t.Errorf("the older page tells %v", got)
	}
	if to := older.rel("first"); to != "/history?actor=Zo%C3%AB&kind=places" {
		t.Errorf("the newest page is %s", to)
	}
	if form := s.get("/history?actor=Joe").form("get"); form.Get("actor") != "Joe" {
		t.Errorf("asked for one who never acted, the form says %q", form.Get("actor"))
	}
	if got := s.get("/history?actor=&kind=&day=&before=").told(); len(got) != 50 {
		t.Errorf("an empty form tells %d changes", len(got))
	}
	s.get("/history?day=" + time.Now().UTC().Format("2006-01-02")).says("Day (UTC)")
}

func TestAQuestionAboutHistoryThatMakesNoSenseIsRefusedAndSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for query, says := range map[string]string{
		"kind=nonsense":                    "places, restaurants and waiters",
		"kind=place":                       "places, restaurants and waiters",
		"kind=changes":                     "places, restaurants and waiters",
		"day=yesterday":                    "2026-11-23",
		"day=2026-02-30":                   "2026-11-23",
		"day=2026-2-3":                     "2026-11-23",
		"before=0":                         "newest change",
		"before=x":                         "newest change",
		"person=Ann":                       "actor, kind, day, record and before",
		"actor=Ann&actor=Tim":              "more than once",
		"record=nonsense-1":                "places-1",
		"record=places":                    "places-1",
		"record=places-x":                  "places-1",
		"record=places-1&kind=restaurants": "cannot be narrowed",
	} {
		s.get("/history?" + query).status(http.StatusBadRequest).says(says).leads("/history")
	}
	s.get("/history?record=places-99").status(http.StatusNotFound)
	for _, word := range []string{"%00", "%ff", "%ed%a0%80", "%e2%80%ae", "%27", "%25", "%0a"} {
		for _, name := range []string{"actor", "kind", "day", "record", "before", word} {
			s.get("/history?" + name + "=" + word)
		}
	}
}

func TestTheFormOfHistoryReplacesTheListAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	whole := s.get("/history")
	if target := whole.Find("main search form").AttrOr("hx-target", ""); target != "#list" || whole.Find(target).Length() != 1 {
		t.Fatalf("the form replaces %q", target)
	}
	part := s.get("/history?kind=waiters", "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#list").status(http.StatusOK)
	if strings.Contains(part.Body, "<html") || part.Find("#list .changes li").Length() != 1 || part.Find("search").Length() != 0 {
		t.Errorf("the part is %.300s", part.Body)
	}
}

func TestARecordWithManyChangesLeadsToAllOfThem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/restaurants/" + demonDogs).silentAbout("All changes of this restaurant")
	s.get("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware).form("post").send().status(http.StatusSeeOther) // 5
	want := []int{5, 3}
	for i := range 60 {
		s.edited(s.Graph.ByTable("restaurants"), aceHardware, i).send().status(http.StatusSeeOther)
		want = slices.Insert(want, 0, 6+i)
	}
	p := s.get("/restaurants/" + aceHardware)
	if got := p.told(); !slices.Equal(got, want[:20]) {
		t.Errorf("the page of the restaurant tells %v", got)
	}
	all := p.click("All changes of this restaurant").says("History of the restaurant at Ace Hardware").leads("/restaurants/" + aceHardware).leads("/history")
	if got := s.allTold(all.what[len("GET "):]); !slices.Equal(got, want) {
		t.Errorf("all changes are %v, want %v", got, want)
	}
	last := s.get(all.rel("next")).says("moved the restaurant, with its 1 waiter, from Demon Dogs to Ace Hardware", "added the restaurant at Demon Dogs")
	if last.rel("next") != "" {
		t.Error("there is a page after the last")
	}
	s.get("/restaurants/" + aceHardware + "/delete").form("post").send().status(http.StatusSeeOther)
	gone := s.get(all.what[len("GET "):]).says("History of the restaurant at Ace Hardware", "deleted the restaurant")
	if slices.Contains(gone.links("main a"), "/restaurants/"+aceHardware) {
		t.Error("the history of a restaurant that is gone leads to it")
	}
}
