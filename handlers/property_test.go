package handlers_test

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"pgregory.net/rapid"

	"maitred/models/text"
)

// TestWhateverPeopleDoAllPagesAgreeWithAModelInMemory lets people do anything in any order through
// the pages, and reads all pages after each step. -rapid.checks and -rapid.steps make it longer.
func TestWhateverPeopleDoAllPagesAgreeWithAModelInMemory(t *testing.T) {
	repeats(t)
	t.Parallel()
	dir, run := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		d := &desk{
			site:    openSite(t, filepath.Join(dir, fmt.Sprintf("%d.db", run))),
			records: records{map[string]place{}, map[string]restaurant{}, map[string]waiter{}},
		}
		d.now = d.records.clone()
		t.Repeat(map[string]func(*rapid.T){
			"":                  d.agrees,
			"add a place":       d.addPlace,
			"open a restaurant": d.openRestaurant,
			"open both":         d.openBoth,
			"hire":              d.hire,
			"edit":              d.edit,
			"edit together":     d.editTogether,
			"move a restaurant": d.moveRestaurant,
			"copy a restaurant": d.copyRestaurant,
			"move a waiter":     d.moveWaiter,
			"delete":            d.delete,
			"click too late":    d.clickTooLate,
			"delete many":       d.deleteMany,
			"move many":         d.moveMany,
			"set many":          d.setMany,
			"undo":              d.undo,
			"redo":              d.redo,
			"undo an old one":   d.undoOld,
			"restart":           d.restart,
		})
	})
}

type (
	place      struct{ name, address string }
	restaurant struct{ hotDogs, pizza bool }
	waiter     struct{ name, at string }
)

// desk is the site beside what its records should be, by their keys.
type desk struct {
	*site
	records
	past
	gone    []string // addresses of records that were
	changes int
}

var (
	someName    = rapid.SampledFrom([]string{"Demon Dogs", "Ace Hardware", "Joe", "Ann", "Café Zoë", "<b>&\"'</b>", "100%_\\"})
	someAddress = rapid.SampledFrom([]string{"944 W. Fullerton", "1013 N. Ashland", "1 <i>"})
)

// anyOf draws a key; the step is skipped when there is none.
func anyOf[T any](t *rapid.T, from map[string]T) string {
	if len(from) == 0 {
		t.Skip("none there yet")
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(from))).Draw(t, "key")
}

func (d *desk) wrote(p *page) *page {
	d.changes++
	return p.status(http.StatusSeeOther)
}

func (d *desk) created(p *page, list string) string {
	return strings.TrimPrefix(d.wrote(p).Header.Get("Location"), list+"/")
}

func (d *desk) addPlace(t *rapid.T) {
	p := place{someName.Draw(t, "name"), someAddress.Draw(t, "address")}
	d.places[d.created(d.post("/places", "name", p.name, "address", p.address), "/places")] = p
}

func box(name string, ticked bool) []string {
	if ticked {
		return []string{name, "1"}
	}
	return nil
}

func (r restaurant) fields() []string {
	return append(box("serves_hot_dogs", r.hotDogs), box("serves_pizza", r.pizza)...)
}

func someRestaurant(t *rapid.T) restaurant {
	return restaurant{rapid.Bool().Draw(t, "hot dogs"), rapid.Bool().Draw(t, "pizza")}
}

func (d *desk) openRestaurant(t *rapid.T) {
	at, r := anyOf(t, d.places), someRestaurant(t)
	answer := d.post("/restaurants", append(r.fields(), "place_id", at)...)
	if _, taken := d.restaurants[at]; taken {
		answer.status(http.StatusUnprocessableEntity)
		return
	}
	d.restaurants[d.created(answer, "/restaurants")] = r
}

func (d *desk) openBoth(t *rapid.T) {
	p, r := place{someName.Draw(t, "name"), someAddress.Draw(t, "address")}, someRestaurant(t)
	if rapid.IntRange(0, 3).Draw(t, "wrong") == 0 {
		d.post("/restaurants", append(r.fields(), "new_place", "1", "name", p.name, "address", " ")...).status(http.StatusUnprocessableEntity)
		return
	}
	key := d.created(d.post("/restaurants", append(r.fields(), "new_place", "1", "name", p.name, "address", p.address)...), "/restaurants")
	d.places[key], d.restaurants[key] = p, r
}

func (d *desk) hire(t *rapid.T) {
	w := waiter{someName.Draw(t, "name"), anyOf(t, d.restaurants)}
	d.waiters[d.created(d.post("/waiters", "name", w.name, "restaurant_id", w.at), "/waiters")] = w
}

func (d *desk) edit(t *rapid.T) {
	key := anyOf(t, d.places)
	form := d.get("/places/" + key + "/edit").status(http.StatusOK).form("post")
	now := place{someName.Draw(t, "name"), someAddress.Draw(t, "address")}
	answer := form.with("name", now.name, "address", now.address).send().status(http.StatusSeeOther)
	if now != d.places[key] {
		d.wrote(answer)
	}
	d.places[key] = now
}

// editTogether lets two people open the same place, save one after the other, and the second choose
// where both typed something else.
func (d *desk) editTogether(t *rapid.T) {
	key := anyOf(t, d.places)
	was := d.places[key]
	mine, theirs := place{someName.Draw(t, "my name"), someAddress.Draw(t, "my address")}, place{someName.Draw(t, "name"), someAddress.Draw(t, "address")}
	mineForm, theirForm := d.get("/places/"+key+"/edit").form("post"), d.get("/places/"+key+"/edit").form("post")
	if answer := theirForm.with("name", theirs.name, "address", theirs.address).send().status(http.StatusSeeOther); theirs != was {
		d.wrote(answer)
	}
	answer := mineForm.with("name", mine.name, "address", mine.address).send()

	takeTheirs := rapid.Bool().Draw(t, "take theirs")
	then, asked := place{}, map[string]bool{}
	then.name, asked["name"] = between(was.name, theirs.name, mine.name, takeTheirs)
	then.address, asked["address"] = between(was.address, theirs.address, mine.address, takeTheirs)
	if asked["name"] || asked["address"] {
		choosing := answer.status(http.StatusConflict).form("post")
		for field, both := range asked {
			if choosing.Has("keep_"+field) != both {
				t.Fatalf("of %v, %v and %v the page asks %v", was, theirs, mine, choosing.Values)
			}
			if both && takeTheirs {
				choosing.with("keep_"+field, "theirs")
			}
		}
		answer = choosing.send()
	}
	if answer.status(http.StatusSeeOther); then != theirs {
		d.wrote(answer)
	}
	d.places[key] = then
}

// between is what stays of two values that were typed over one, and whether the second person is
// asked.
func between(was, theirs, mine string, takeTheirs bool) (stays string, asked bool) {
	switch asked = mine != was && theirs != was && mine != theirs; {
	case asked && takeTheirs || mine == was:
		return theirs, asked
	default:
		return mine, asked
	}
}

func (d *desk) moveRestaurant(t *rapid.T) {
	from, to := anyOf(t, d.restaurants), anyOf(t, d.places)
	shown := d.get("/restaurants/" + from + "/move?place_id=" + to)
	if from == to {
		shown.status(http.StatusUnprocessableEntity)
		return
	}
	if got := d.wrote(shown.status(http.StatusOK).form("post").send()).Header.Get("Location"); got != "/restaurants/"+to {
		t.Fatalf("the move leads to %s, want /restaurants/%s", got, to)
	}
	there, swap := d.restaurants[to]
	d.restaurants[to] = d.restaurants[from]
	if delete(d.restaurants, from); swap {
		d.restaurants[from] = there
	} else {
		d.gone = append(d.gone, "/restaurants/"+from)
	}
	for key, w := range d.waiters {
		switch w.at {
		case from:
			w.at = to
		case to:
			w.at = from
		}
		d.waiters[key] = w
	}
}

func (d *desk) copyRestaurant(t *rapid.T) {
	from, to := anyOf(t, d.restaurants), anyOf(t, d.places)
	shown := d.get("/restaurants/" + from + "/copy?place_id=" + to)
	if _, taken := d.restaurants[to]; taken {
		shown.status(http.StatusUnprocessableEntity)
		return
	}
	d.wrote(shown.status(http.StatusOK).form("post").send())
	d.restaurants[to] = d.restaurants[from]
}

func (d *desk) moveWaiter(t *rapid.T) {
	key, to := anyOf(t, d.waiters), anyOf(t, d.restaurants)
	w := d.waiters[key]
	shown := d.get("/waiters/" + key + "/move?restaurant_id=" + to)
	if w.at == to {
		shown.status(http.StatusUnprocessableEntity)
		return
	}
	d.wrote(shown.status(http.StatusOK).form("post").send())
	w.at = to
	d.waiters[key] = w
}

func (d *desk) delete(t *rapid.T) {
	var all []string
	for list, keys := range d.keys() {
		for _, key := range keys {
			all = append(all, list+"/"+key)
		}
	}
	if len(all) == 0 {
		t.Skip("nothing there yet")
	}
	slices.Sort(all)
	address := rapid.SampledFrom(all).Draw(t, "record")
	d.wrote(d.get(address + "/delete" + d.spare(t, address)).status(http.StatusOK).form("post").send())
	d.forget(address)
}

// spare lets, now and then, the waiters that would go move to another restaurant, and returns the
// choice.
func (d *desk) spare(t *rapid.T, address string) string {
	if strings.HasPrefix(address, "/waiters/") || len(d.restaurants) == 0 || rapid.Bool().Draw(t, "all go") {
		return ""
	}
	to, from := anyOf(t, d.restaurants), address[strings.LastIndex(address, "/")+1:]
	if to == from {
		return ""
	}
	for key, w := range d.waiters {
		if w.at == from {
			d.waiters[key] = waiter{w.name, to}
		}
	}
	return "?waiters=move&waiters_to=" + to
}

// forget takes a record out of memory, with what belongs to it.
func (d *desk) forget(address string) {
	d.gone = append(d.gone, address)
	list, key := address[:strings.LastIndex(address, "/")], address[strings.LastIndex(address, "/")+1:]
	switch list {
	case "/places":
		delete(d.places, key)
		if _, ok := d.restaurants[key]; ok {
			d.forget("/restaurants/" + key)
		}
	case "/restaurants":
		delete(d.restaurants, key)
		for w, of := range d.waiters {
			if of.at == key {
				d.forget("/waiters/" + w)
			}
		}
	case "/waiters":
		delete(d.waiters, key)
	}
}

// clickTooLate looks at a deletion, lets someone be hired and someone else let go, so that all
// numbers are the same, and clicks.
func (d *desk) clickTooLate(t *rapid.T) {
	leaving := anyOf(t, d.waiters)
	at := d.waiters[leaving].at
	form := d.get("/places/" + at + "/delete").status(http.StatusOK).form("post")
	w := waiter{d.waiters[leaving].name, at}
	d.waiters[d.created(d.post("/waiters", "name", w.name, "restaurant_id", w.at), "/waiters")] = w
	d.wrote(d.get("/waiters/" + leaving + "/delete").form("post").send())
	d.forget("/waiters/" + leaving)
	form.send().status(http.StatusConflict).says("Nothing was deleted")
}

// agrees reads all pages and the tables.
func (d *desk) agrees(t *rapid.T) {
	d.t = t
	d.remember()
	d.mustBeSound()
	if n := d.counted("SELECT count(*) FROM changes"); n != d.changes {
		t.Fatalf("%d changes are recorded, want %d", n, d.changes)
	}
	d.get("/places").rows(t, expected(d.places, func(key string, p place) row {
		there := "free"
		if r, ok := d.restaurants[key]; ok {
			there = r.facts(d.crew(key))
		}
		return row{p.name, key, []string{p.name, p.address, there}}
	}))
	d.get("/restaurants").rows(t, expected(d.restaurants, func(key string, r restaurant) row {
		p := d.places[key]
		return row{p.name, key, []string{p.name, p.address, yes(r.hotDogs), yes(r.pizza), fmt.Sprint(len(d.crew(key)))}}
	}))
	d.get("/waiters").rows(t, expected(d.waiters, func(key string, w waiter) row {
		return row{w.name, key, []string{w.name, d.places[w.at].name}}
	}))
	for key, p := range d.places {
		shown := d.get("/places/"+key).status(http.StatusOK).says(p.name, p.address)
		if r, ok := d.restaurants[key]; ok {
			shown.leads("/restaurants/" + key).says(strings.Split(r.facts(d.crew(key)), ", ")...)
		} else {
			shown.leads("/restaurants/new?place_id=" + key).leads("/places/" + key + "/bring")
		}
	}
	for key := range d.restaurants {
		d.get("/restaurants/" + key).status(http.StatusOK).leads("/places/" + key).says(d.places[key].name).says(d.crew(key)...)
	}
	for key, w := range d.waiters {
		d.get("/waiters/"+key).status(http.StatusOK).says(w.name, d.places[w.at].name).leads("/restaurants/" + w.at).leads("/places/" + w.at)
	}
	for _, address := range d.gone[max(0, len(d.gone)-10):] {
		list, key := address[:strings.LastIndex(address, "/")], address[strings.LastIndex(address, "/")+1:]
		if !slices.Contains(d.keys()[list], key) {
			d.get(address).status(http.StatusNotFound)
		}
	}
}

// crew are the names of a restaurant's waiters.
func (d *desk) crew(at string) (names []string) {
	for _, w := range d.waiters {
		if w.at == at {
			names = append(names, w.name)
		}
	}
	return names
}

func (r restaurant) facts(crew []string) string {
	serves := map[restaurant]string{
		{}:                           "Serves neither hot dogs nor pizza",
		{hotDogs: true}:              "Serves hot dogs",
		{pizza: true}:                "Serves pizza",
		{hotDogs: true, pizza: true}: "Serves hot dogs and pizza",
	}[r]
	switch len(crew) {
	case 0:
		return serves + ", no waiters"
	case 1:
		return serves + ", 1 waiter"
	default:
		return fmt.Sprintf("%s, %d waiters", serves, len(crew))
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// row is what a list should show of a record, and what it is sorted by.
type row struct {
	name, key string
	cells     []string
}

// expected are the rows in the order of a list: by the normalised name, bytewise, then by key.
func expected[T any](records map[string]T, of func(string, T) row) []row {
	var rows []row
	for key, r := range records {
		rows = append(rows, of(key, r))
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(text.Normalise(a.name), text.Normalise(b.name)), cmp.Compare(len(a.key), len(b.key)), cmp.Compare(a.key, b.key))
	})
	return rows
}

// rows expects a list to show exactly these, in this order, up to a page of them.
func (p *page) rows(t *rapid.T, want []row) {
	p.status(http.StatusOK)
	var got []row
	keys := p.listed()
	p.Find("main table tbody tr").Each(func(i int, tr *goquery.Selection) {
		r := row{key: keys[i]}
		tr.Find("td").Each(func(_ int, td *goquery.Selection) { r.cells = append(r.cells, squeezed(td)) })
		got = append(got, r)
	})
	for i := range want {
		want[i].name = ""
	}
	if want = want[:min(len(want), 50)]; !slices.EqualFunc(got, want, func(a, b row) bool { return a.key == b.key && slices.Equal(a.cells, b.cells) }) {
		t.Fatalf("%s shows\n%q, want\n%q", p.what, got, want)
	}
}
