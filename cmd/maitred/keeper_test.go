package main

import (
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// house is a place as its keeper knows it.
type house struct {
	address string
	serves  string // "" without a restaurant; "none", "hot dogs", "pizza" or "both"
	waiters string // their names in order, with a comma after each
}

// keeper is someone who alone changes his places, and writes down what the site confirmed. His site may
// vanish at any moment; what he had asked for and got no answer to is then done or not, never half.
type keeper struct {
	t    *testing.T
	name string
	site string
	n    int // of the names that he gave
	did  map[string]int

	confirmed map[string]house // by name
	asked     map[string]house // as it is if what he asked for last is done; nil if that was answered
	keys      map[string]string

	last   string           // the change he made last, "" if he does not know
	before map[string]house // that
}

// works does one thing after another until the site vanishes.
func (k *keeper) works() {
	for k.acts() {
	}
}

// acts does one thing. It returns false when the site has vanished.
func (k *keeper) acts() bool {
	if k.last != "" && rand.IntN(5) == 0 {
		return k.asks("undo", k.before, func() *http.Response { return k.post("/history/"+k.last+"/undo", nil) })
	}
	names := slices.Sorted(maps.Keys(k.confirmed))
	if len(names) < 3 || len(names) < 8 && rand.IntN(3) == 0 {
		return k.creates()
	}
	name := names[rand.IntN(len(names))]
	h, key := k.confirmed[name], k.keys[name]
	switch {
	case rand.IntN(8) == 0:
		return k.asks("delete", k.with(name, nil), func() *http.Response { return k.confirms(k.get("/places/" + key + "/delete")) })
	case rand.IntN(4) == 0:
		k.n++
		h.address = fmt.Sprint("Street ", k.n)
		return k.asks("update", k.with(name, &h), func() *http.Response {
			return k.fills(k.get("/places/"+key+"/edit"), url.Values{"address": {h.address}})
		})
	case h.serves == "":
		h.serves = "pizza"
		return k.asks("open", k.with(name, &h), func() *http.Response {
			return k.post("/restaurants", url.Values{"place_id": {key}, "serves_pizza": {"1"}})
		})
	case rand.IntN(3) == 0:
		return k.servesBoth()
	case rand.IntN(2) == 0:
		return k.moves(name, names)
	default:
		k.n++
		waiter := fmt.Sprintf("Joe %06d", k.n) // so that they are in order
		h.waiters += waiter + ","
		return k.asks("hire", k.with(name, &h), func() *http.Response {
			return k.post("/waiters", url.Values{"restaurant_id": {key}, "name": {waiter}})
		})
	}
}

func (k *keeper) creates() bool {
	k.n++
	name, h := fmt.Sprintf("%s %06d", k.name, k.n), house{address: "1"}
	return k.asks("create", k.with(name, &h), func() *http.Response {
		res := k.post("/places", url.Values{"name": {name}, "address": {h.address}})
		if res != nil {
			k.keys[name] = strings.TrimPrefix(res.Header.Get("Location"), "/places/")
		}
		return res
	})
}

// moves takes a restaurant with its waiters to another of his places, or lets two change places.
func (k *keeper) moves(name string, names []string) bool {
	to := names[rand.IntN(len(names))]
	if to == name {
		return true
	}
	here, there := k.confirmed[name], k.confirmed[to]
	here.serves, there.serves = there.serves, here.serves
	here.waiters, there.waiters = there.waiters, here.waiters
	after := k.with(name, &here)
	after[to] = there
	return k.asks("move", after, func() *http.Response {
		return k.confirms(k.get("/restaurants/" + k.keys[name] + "/move?place_id=" + k.keys[to]))
	})
}

// servesBoth lets all his restaurants serve both, as one change.
func (k *keeper) servesBoth() bool {
	after, form := maps.Clone(k.confirmed), url.Values{"serves_hot_dogs": {"true"}, "serves_pizza": {"true"}}
	change := false
	for name, h := range after {
		if h.serves != "" {
			change = change || h.serves != "both"
			h.serves = "both"
			after[name] = h
			form.Add("id", k.keys[name])
		}
	}
	if !change {
		return true
	}
	return k.asks("serves", after, func() *http.Response { return k.confirms(k.page(http.MethodPost, "/restaurants/serves", form)) })
}

// with are his places with one of them as it will be; nil: gone.
func (k *keeper) with(name string, h *house) map[string]house {
	after := maps.Clone(k.confirmed)
	if delete(after, name); h != nil {
		after[name] = *h
	}
	return after
}

// asks asks for something that will leave his places as after, and writes down that it was confirmed.
func (k *keeper) asks(what string, after map[string]house, ask func() *http.Response) bool {
	k.asked = after
	res := ask()
	if res == nil {
		return false
	}
	if res.StatusCode != http.StatusSeeOther {
		k.t.Errorf("%s's %s was answered with %d", k.name, what, res.StatusCode)
		return false
	}
	k.last, k.before = "", k.confirmed
	for _, c := range res.Cookies() {
		if c.Name == "maitred_done" {
			k.last = c.Value
		}
	}
	k.confirmed, k.asked = after, nil
	k.did[what]++
	return true
}

func (k *keeper) get(path string) *goquery.Document { return k.page(http.MethodGet, path, nil) }

// page is what the site shows; nil when it has vanished.
func (k *keeper) page(method, path string, form url.Values) *goquery.Document {
	res := k.sends(method, path, form)
	if res == nil {
		return nil
	}
	defer res.Body.Close()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		return nil
	}
	return doc
}

func (k *keeper) confirms(shown *goquery.Document) *http.Response { return k.fills(shown, nil) }

// fills sends the one form of a page with some fields of it changed.
func (k *keeper) fills(shown *goquery.Document, fields url.Values) *http.Response {
	if shown == nil {
		return nil
	}
	form := shown.Find("main form[method=post]")
	if form.Length() != 1 {
		k.t.Errorf("%s is shown %d forms: %s", k.name, form.Length(), strings.Join(strings.Fields(shown.Find("main").Text()), " "))
		return nil
	}
	values := url.Values{}
	for _, e := range form.Find("input:not([type=radio]):not([type=checkbox]), input[checked]").EachIter() {
		values.Add(e.AttrOr("name", ""), e.AttrOr("value", ""))
	}
	maps.Copy(values, fields)
	return k.post(form.AttrOr("action", ""), values)
}

func (k *keeper) post(path string, form url.Values) *http.Response {
	res := k.sends(http.MethodPost, path, form)
	if res != nil {
		_ = res.Body.Close()
	}
	return res
}

func (k *keeper) sends(method, path string, form url.Values) *http.Response {
	r, err := http.NewRequest(method, k.site+path, strings.NewReader(form.Encode()))
	if err != nil {
		k.t.Error(err)
		return nil
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := client.Do(r)
	if err != nil {
		return nil
	}
	return res
}

// comesBack compares what is stored with what he wrote down, and goes on from there.
func (k *keeper) comesBack(db *sql.DB) {
	k.t.Helper()
	rows, err := db.Query(`SELECT p.id, p.name, p.address,
			CASE WHEN r.place_id IS NULL THEN '' WHEN r.serves_hot_dogs AND r.serves_pizza THEN 'both' WHEN r.serves_pizza THEN 'pizza' WHEN r.serves_hot_dogs THEN 'hot dogs' ELSE 'none' END,
			coalesce((SELECT group_concat(name || ',', '') FROM (SELECT name FROM waiters WHERE restaurant_id = p.id ORDER BY name)), '')
		FROM places AS p LEFT JOIN restaurants AS r ON r.place_id = p.id WHERE p.name BETWEEN ? AND ?`, k.name+" ", k.name+" A")
	if err != nil {
		k.t.Fatal(err)
	}
	defer rows.Close()
	stored, keys := map[string]house{}, map[string]string{}
	for rows.Next() {
		var key int64
		var name string
		var h house
		if err := rows.Scan(&key, &name, &h.address, &h.serves, &h.waiters); err != nil {
			k.t.Fatal(err)
		}
		stored[name], keys[name] = h, strconv.FormatInt(key, 10)
	}
	if err := rows.Err(); err != nil {
		k.t.Fatal(err)
	}
	if !maps.Equal(stored, k.confirmed) && (k.asked == nil || !maps.Equal(stored, k.asked)) {
		k.t.Errorf("%s finds\n%v\nand was told\n%v\nand had asked for\n%v", k.name, stored, k.confirmed, k.asked)
	}
	k.confirmed, k.keys, k.asked, k.last = stored, keys, nil, ""
}
