package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"maitred/models/graph"
)

// headings are the words above the columns of a list, and each row must have as many cells, with
// the same words for narrow screens.
func (p *page) headings() (words []string) {
	p.s.t.Helper()
	p.Find("main table thead th").Each(func(_ int, th *goquery.Selection) { words = append(words, squeezed(th)) })
	p.Find("main table tbody tr").Each(func(_ int, tr *goquery.Selection) {
		cells := words[:1]
		tr.Find("td").Slice(1, goquery.ToEnd).Each(func(_ int, td *goquery.Selection) { cells = append(cells, td.AttrOr("data-label", "")) })
		if !slices.Equal(cells, words) {
			p.s.t.Errorf("%s: under %q stands %q", p.what, words, cells)
		}
	})
	return words
}

// boxes are the columns to choose from, by name with their words, and which are ticked.
func (p *page) boxes() (names, words, ticked []string) {
	p.Find("main .tools input[name=column]").Each(func(_ int, box *goquery.Selection) {
		names, words = append(names, box.AttrOr("value", "")), append(words, squeezed(box.Parent()))
		if _, checked := box.Attr("checked"); checked {
			ticked = append(ticked, squeezed(box.Parent()))
		}
	})
	return names, words, ticked
}

func TestAPersonChoosesTheColumnsOfAList(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		s.make(k, 2)
		list, columns := "/"+k.Table, "/"+k.Table+"/columns"
		ann, bob := s.person(), s.person()
		names, words, usual := bob.get(list).boxes()
		was := bob.get(list).headings()
		if !slices.Contains(words, "Number") || slices.Contains(usual, "Number") || !slices.Equal(was[1:], usual) {
			t.Fatalf("of %q, %q are ticked, and the list has %q", words, usual, was)
		}
		ticked := func(names ...string) (fields []string) {
			for _, n := range append(names, "nonsense", "' OR 1=1", "name,number", "") {
				fields = append(fields, "column", n)
			}
			return append(fields, "rows", "50")
		}
		has := func(p *page, want ...string) {
			t.Helper()
			if got := p.lists(s.everyKey(k)...).headings(); !slices.Equal(got[1:], want) {
				t.Errorf("%s has the columns %q, want %q", p.what, got[1:], want)
			}
		}
		query := "?" + descending(k)
		p := ann.done(ann.post(columns+query+"&after="+url.QueryEscape("x"), ticked(names...)...))
		if p.what != "GET "+list+query {
			t.Errorf("it leads to %s", p.what)
		}
		has(p, words...)
		has(ann.get(list), words...)
		p.Find("tbody tr").Each(func(i int, row *goquery.Selection) {
			if n := squeezed(row.Find("td[data-label=Number]")); n != p.listed()[i] {
				t.Errorf("the row of %s has the number %s", p.listed()[i], n)
			}
		})
		for _, sort := range k.Sorts { // what can be sorted by still can
			if p.Find(fmt.Sprintf("thead a[href*='sort=%s'], thead a[href*='sort=-%s']", sort.Name, sort.Name)).Length() != 1 {
				t.Errorf("the list cannot be sorted by %s", sort.Name)
			}
		}
		for i, name := range names {
			has(ann.done(ann.post(columns, ticked(name)...)), words[i])
		}
		has(ann.done(ann.post(columns, ticked()...)))
		has(bob.get(list), usual...)
		if k.Home() != nil && k.OneToOne() == nil { // a part of another page is as it is for everybody
			part := func(p *person) []string {
				return p.get(at(k.Home().To, fmt.Sprint(s.counted("SELECT "+k.Home().Column.Name+" FROM "+k.Table+" WHERE "+k.Key.Name+" = "+key)))).headings()
			}
			if mine, usual := part(ann), part(bob); !slices.Equal(mine, usual) || len(usual) == 0 {
				t.Errorf("the page of its parent has the columns %q, for others %q", mine, usual)
			}
		}
		_, _, now := ann.get(list).boxes()
		if len(now) != 0 {
			t.Errorf("%q are ticked", now)
		}
		ann.post(columns, ticked(names[:len(usual)]...)...)
		if !slices.Equal(words[:len(usual)], usual) {
			t.Skip("the usual columns do not come first")
		}
		if n := s.counted("SELECT count(*) FROM list_settings WHERE columns IS NULL"); n != 1 {
			t.Error("the usual columns are kept as a choice: who made it would never see a new one")
		}
	})
}

// everyKey is those of all records of a kind.
func (s *site) everyKey(k *graph.Kind) (keys []string) {
	s.t.Helper()
	for n := 1; len(keys) < s.rows(k.Table); n++ {
		if s.counted(fmt.Sprintf("SELECT count(*) FROM %s WHERE %s = %d", k.Table, k.Key.Name, n)) == 1 {
			keys = append(keys, fmt.Sprint(n))
		}
	}
	return keys
}

func TestAPersonChoosesHowManyRowsAPageHas(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	for n := range 130 {
		s.add("/places", "name", fmt.Sprintf("Place %03d", n), "address", "Street")
	}
	ann, bob := s.person(), s.person()
	next := func(p *page, rel string) string { return p.Find("a[rel="+rel+"]").AttrOr("href", "") }
	var seen []string
	p := ann.get("/places")
	for i, rows := range []string{"25", "100", ""} { // the number is changed while one is on the way
		want := []int{50, 25, 55}[i]
		if n := len(p.listed()); n != want {
			t.Errorf("page %d has %d rows, want %d", i+1, n, want)
		}
		seen = append(seen, p.listed()...)
		if rows != "" {
			first := ann.done(ann.post("/places/columns?sort=name&after=x", "rows", rows, "column", "address", "column", "restaurant"))
			if first.what != "GET /places?sort=name" || fmt.Sprint(len(first.listed())) != rows || first.Find("input[name=rows][checked]").AttrOr("value", "") != rows {
				t.Errorf("%s has %d rows", first.what, len(first.listed()))
			}
			p = ann.get(next(p, "next"))
		}
	}
	slices.Sort(seen)
	if all := slices.Compact(seen); len(all) != 130 || next(p, "next") != "" {
		t.Errorf("%d of 130 places were seen", len(all))
	}
	if n := len(ann.get(next(p, "prev")).listed()); n != 75 { // all that is before
		t.Errorf("the page before has %d rows", n)
	}
	if n := len(bob.get("/places").listed()); n != 50 {
		t.Errorf("for others a page has %d rows", n)
	}
	for _, wrong := range []string{"", "0", "-1", "51", "1000000", "25 ", "x", "99999999999999999999"} {
		bob.post("/places/columns?q=a", "rows", wrong).status(http.StatusUnprocessableEntity).says("25, 50, 100 or 200 rows").leads("/places?q=a")
	}
	s.get("/places/columns").status(http.StatusMethodNotAllowed).leads("/places")
	if bob.cookie != "" || s.rows("list_settings") != 1 {
		t.Errorf("%d people have settings, and who was refused is known by %q", s.rows("list_settings"), bob.cookie)
	}
}

func TestAPartOfAListHasTheColumnsOfItsPerson(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ann := s.person()
	ann.post("/places/columns", "column", "number", "rows", "25").status(http.StatusSeeOther)
	p := s.get("/places?q=demon", "Cookie", ann.cookie, "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#list")
	if got := squeezed(p.Find("thead")); p.Find("main").Length() != 0 || got != "PlaceNumber" {
		t.Errorf("the part has the columns %q", got)
	}
	if !strings.Contains(p.Body, `action="/places/views?q=demon"`) {
		t.Error("the part saves something else than what it shows")
	}
}
