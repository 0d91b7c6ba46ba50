package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/uptrace/bun"

	"maitred/models/graph"
)

// person is someone whose browser keeps the cookie that it is known by.
type person struct {
	*site
	cookie string
}

func (s *site) person() *person { return &person{site: s} }

func (p *person) get(path string) *page {
	p.t.Helper()
	return p.keep(p.site.get(path, "Cookie", p.cookie))
}

func (p *person) post(path string, fields ...string) *page {
	p.t.Helper()
	return p.keep(p.send(path, values(fields...), "Cookie", p.cookie))
}

func (p *person) keep(answer *page) *page {
	p.t.Helper()
	for _, set := range answer.Header.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(set); err == nil && c.Name == "maitred_person" {
			p.cookie = c.Name + "=" + c.Value
		}
	}
	return answer
}

// done expects that a form was answered by leading on, and goes there.
func (p *person) done(answer *page) *page {
	p.t.Helper()
	return p.get(answer.status(http.StatusSeeOther).Header.Get("Location")).status(http.StatusOK)
}

// saves keeps a list's query as a view and returns its number.
func (p *person) saves(k *graph.Kind, query, name string, more ...string) string {
	p.t.Helper()
	p.post("/"+k.Table+"/views?"+query, append([]string{"name", name}, more...)...).status(http.StatusSeeOther)
	return fmt.Sprint(p.counted("SELECT max(id) FROM saved_views WHERE name = ?", name))
}

// offers are the views that a list or the page of all views leads to, by name.
func (p *page) offers() map[string]string {
	offered := map[string]string{}
	p.Find("main .views a, main .managed p a").Each(func(_ int, a *goquery.Selection) { offered[squeezed(a)] = a.AttrOr("href", "") })
	return offered
}

// menu is where the menu entry of a kind leads.
func (p *page) menu(k *graph.Kind) (href string) {
	p.Find("header nav a").Each(func(_ int, a *goquery.Selection) {
		if strings.EqualFold(squeezed(a), k.Plural()) {
			href = a.AttrOr("href", "")
		}
	})
	return href
}

// descending is a question to every kind: its first order, turned around.
func descending(k *graph.Kind) string { return "sort=-" + k.Sorts[0].Name }

func TestAListIsSavedAsAViewAndFoundThere(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		s.make(k, 2)
		ann, bob := s.person(), s.person()
		list, query := "/"+k.Table, "pk="+key+"&"+descending(k)
		if p := ann.get(list).silentAbout("Save this view"); ann.cookie != "" || len(p.offers()) != 1 {
			t.Errorf("whoever only looks is known by %q, and is offered %q", ann.cookie, p.offers())
		}
		s.writesNothing(func() {
			form := ann.get(list + "?" + query + "&q=").Find("main .tools form[action*='/views?']")
			answer := ann.post(form.AttrOr("action", "")+"&before=end", "name", "  One of them ", "token", form.Find("input[name=token]").AttrOr("value", ""))
			set := answer.Header.Get("Set-Cookie")
			for _, words := range []string{"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=34560000"} {
				if !strings.Contains(set, words) {
					t.Errorf("the cookie %q is not %s", set, words)
				}
			}
			p := ann.done(answer).says("View: One of them")
			if p.what != "GET "+list+"?"+query {
				t.Errorf("it leads to %s", p.what)
			}
		})
		p := ann.get(list + "?" + descending(k) + "&pk=" + key)
		if here := squeezed(p.Find("main .views a[aria-current]")); here != "One of them" || p.offers()[here] != list+"?"+query {
			t.Errorf("the list says to be the view %q of %q", here, p.offers())
		}
		ann.get(p.offers()["One of them"]).lists(key)
		for _, elsewhere := range []*page{bob.get(list), bob.get(list + "/views"), ann.get("/history")} {
			elsewhere.silentAbout("One of them")
		}
		for _, other := range s.Graph.Kinds() {
			if other != k {
				ann.get("/" + other.Table).silentAbout("One of them")
			}
		}
	})
}

func TestASharedViewIsOpenedAndCopiedByOthersButChangedByItsOwnerAlone(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		s.make(k, 1)
		ann, bob := s.person(), s.person()
		views, query := "/"+k.Table+"/views", descending(k)
		id := ann.saves(k, query, "Backwards", "shared", "1")
		if to := bob.get(views).says("shared by a colleague").silentAbout("Delete", "Rename").offers()["Backwards"]; to != "/"+k.Table+"?"+query {
			t.Fatalf("it leads to %q", to)
		}
		for range 2 { // without and with something of one's own
			for _, refused := range []*page{
				bob.get(views + "/" + id), bob.post(views+"/"+id, "name", "Mine now"), bob.post(views + "/" + id + "/delete"),
			} {
				refused.status(http.StatusForbidden).says("Only who saved the view “Backwards” can change or delete it").leads(views)
			}
			bob.saves(k, query, "Backwards")
		}
		bob.saves(k, "sort="+k.Sorts[0].Name, "Forwards")
		if p := bob.get(views); p.Find(".managed li").Length() != 3 || s.rows("saved_views") != 3 {
			t.Errorf("there are %d views: %s", s.rows("saved_views"), p.short())
		}
		ann.done(ann.post(views+"/"+id, "name", "For me")).says("For me").silentAbout("shared")
		for _, gone := range []*page{bob.get(views + "/" + id), bob.post(views+"/"+id, "start", "1"), bob.post(views+"/"+id, "name", "x"), bob.post(views + "/" + id + "/delete")} {
			gone.status(http.StatusNotFound).silentAbout("For me").leads(views)
		}
		bob.get(views).silentAbout("For me")
	})
}

func TestTheMenuLeadsToTheViewOnesStartsWith(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		s.make(k, 1)
		list, query := "/"+k.Table, descending(k)
		views, start := list+"/views", list+"?"+descending(k)
		ann, bob := s.person(), s.person()
		id := ann.saves(k, query, "Backwards", "shared", "1", "start", "1")
		leads := func(p *person, to string) {
			t.Helper()
			for _, path := range []string{"/", list, "/history", views} {
				if got := p.get(path).menu(k); got != to {
					t.Errorf("the menu of %s leads to %q, want %q", path, got, to)
				}
			}
			for _, other := range s.Graph.Kinds() {
				if got := p.get("/").menu(other); other != k && got != "/"+other.Table {
					t.Errorf("the menu leads to %q", got)
				}
			}
		}
		leads(ann, start)
		leads(bob, list)
		ann.get(list).silentAbout("No " + k.Singular() + " matches") // what others know as the list is all there is
		if here := squeezed(ann.get(list).Find(".views a[aria-current]")); here != "All "+k.Plural() {
			t.Errorf("the whole list says to be %q", here)
		}
		bob.done(bob.post(views+"/"+id, "start", "1")).says("your start")
		leads(bob, start)
		bob.done(bob.post(views+"/"+id, "start", "0")).silentAbout("your start")
		leads(bob, list)
		bob.post(views+"/"+id, "start", "1")
		ann.post(views+"/"+id, "name", "Backwards", "start", "1") // and no longer shared
		leads(ann, start)
		leads(bob, list)
		ann.post(views+"/"+id, "name", "Backwards")
		leads(ann, list)
	})
}

func TestAViewThatWasDeletedIsSavedAgain(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		s.make(k, 1)
		ann := s.person()
		views, query := "/"+k.Table+"/views", "q=%C3%A9+%26&"+descending(k)
		id := ann.saves(k, query, "Zoë & <b>", "shared", "1", "start", "1")
		gone := ann.done(ann.post(views + "/" + id + "/delete")).says("You no longer have the view Zoë & <b>")
		if s.rows("saved_views") != 0 || ann.get("/").menu(k) != "/"+k.Table {
			t.Error("it is not deleted")
		}
		f := gone.form("post")
		if f.Get("name") != "Zoë & <b>" || f.Get("shared") != "1" || f.Get("start") != "1" {
			t.Errorf("the form has %v", f.Values)
		}
		ann.done(ann.keep(ann.send(f.action, f.Values, "Cookie", ann.cookie))).says("View: Zoë & <b>")
		if got := ann.get("/").menu(k); got != "/"+k.Table+"?"+query {
			t.Errorf("the menu leads to %s", got)
		}
		ann.get(gone.path + "?" + strings.TrimPrefix(gone.what, "GET "+gone.path+"?")).silentAbout("no longer have")
	})
}

func TestAViewOfTheSameNameIsReplacedWhenAskedAndSavedOnceWhenPressedTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	k := s.Graph.ByTable("places")
	ann, bob := s.person(), s.person()
	ann.saves(k, "q=dogs", "Mine")
	ann.saves(k, "q=dogs", "Mine", "shared", "1")
	bob.saves(k, "q=ace", "Mine")
	asked := ann.post("/places/views?q=ace", "name", "Mine", "start", "1").status(http.StatusUnprocessableEntity).
		saysAt("name", "You already have a view of this name").keeps("name", "Mine").keeps("start", "1")
	if n := asked.Find("main form button[name=replace]").Length(); n != 1 || s.rows("saved_views") != 2 {
		t.Errorf("%d buttons replace one of %d views", n, s.rows("saved_views"))
	}
	ann.get("/places/views").says("“dogs”")
	f := asked.form("post").with("replace", "1")
	ann.done(ann.keep(ann.send(f.action, f.Values, "Cookie", ann.cookie))).says("View: Mine")
	ann.get("/places/views").says("“ace”").silentAbout("“dogs”")

	// Somebody new, whose browser sends the form again before it has an answer.
	form := values("name", "Twice", "shared", "1", "token", s.get("/places?q=x").Find("main .tools input[name=token]").AttrOr("value", ""))
	var requests []*http.Request
	for range 8 {
		requests = append(requests, s.request(http.MethodPost, "/places/views?q=x", form.Encode(), "Content-Type", "application/x-www-form-urlencoded"))
	}
	if statuses, _ := s.many(requests); statuses[7] != http.StatusSeeOther || s.counted("SELECT count(*) FROM saved_views WHERE name = 'Twice'") != 1 {
		t.Errorf("answers %v; there are now %d views", statuses, s.rows("saved_views"))
	}
}

func TestWhatIsWrongWithAViewIsSaidAtItsField(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	k := s.Graph.ByTable("places")
	ann := s.person()
	id := ann.saves(k, "q=dogs", "Dogs")
	other := ann.saves(k, "q=ace", "Ace")
	for typed, said := range map[string]string{
		"": "missing", " \u200d ": "missing", strings.Repeat("ö", 51): "has 51 characters; it can have 50 at most", "a\nb": "one line", "a\xff": "cannot be read",
	} {
		for _, path := range []string{"/places/views?q=new", "/places/views/" + id} {
			p := ann.post(path, "name", typed, "shared", "1").status(http.StatusUnprocessableEntity).says("Nothing was saved").saysAt("name", said).keeps("shared", "1")
			if typed != "a\xff" && typed != "a\nb" {
				p.keeps("name", typed)
			}
		}
	}
	ann.post("/places/views/"+other, "name", "Dogs").status(http.StatusUnprocessableEntity).saysAt("name", "already have a view of this name")
	ann.post("/places/views", "name", "All").status(http.StatusUnprocessableEntity).says("There is nothing to save: this list shows all places")
	ann.post("/places/views?after=&q=&sort=", "name", "All").status(http.StatusUnprocessableEntity).says("There is nothing to save")
	ann.post("/places/views?q="+strings.Repeat("x", 3999), "name", "Long").status(http.StatusUnprocessableEntity).
		says("its address has 4,001 characters, and 4,000 can be kept").keeps("name", "Long")
	ann.post("/places/views?q="+strings.Repeat("x", 3998), "name", strings.Repeat("ö", 50)).status(http.StatusSeeOther)
	ann.post("/places/views?nonsense=1", "name", "Nonsense").status(http.StatusBadRequest).says("places have no “nonsense”")
	ann.post("/places/views?sort=x", "name", "Nonsense").status(http.StatusBadRequest)
	if n := s.rows("saved_views"); n != 3 {
		t.Errorf("there are %d views", n)
	}
	for n := 3; n < 100; n++ {
		ann.saves(k, "q="+fmt.Sprint(n), fmt.Sprint("View ", n))
	}
	ann.post("/places/views?q=y", "name", "One more").status(http.StatusUnprocessableEntity).saysAt("name", "You have 100 views of the places, and more cannot be kept")
	ann.saves(k, "q=dogs", "Dogs", "shared", "1")
	if offered := ann.get("/places").offers(); len(offered) > 40 {
		t.Errorf("a list offers %d views", len(offered))
	}
}

func TestAViewThatIsNoLongerUnderstoodSaysSoAndIsDeleted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	k := s.Graph.ByTable("places")
	ann, bob := s.person(), s.person()
	id := ann.saves(k, "q=dogs", "Old", "shared", "1", "start", "1")
	err := s.Change(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE saved_views SET query = 'stars__gt=3'").Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p := ann.get("/places/views").status(http.StatusOK).says("Old", "It can no longer be opened.", "places have no “stars”")
	if offered := p.offers(); len(offered) != 0 || p.menu(k) != "/places" {
		t.Errorf("it is offered as %q, and the menu leads to %s", offered, p.menu(k))
	}
	ann.get("/places").silentAbout("Old")
	bob.get("/places/views").says("Old", "It can no longer be opened.").silentAbout("Delete", "Start with it", "Save it as mine")
	ann.done(ann.post("/places/views/"+id, "name", "Very old")).says("Very old")
	ann.done(ann.post("/places/views/" + id + "/delete")).silentAbout("Very old")
	if n := s.rows("saved_views"); n != 0 {
		t.Errorf("there are %d views", n)
	}
}

func TestNobodyIsTakenForSomeoneByAnAddressOrAMadeUpCookie(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	k := s.Graph.ByTable("places")
	ann := s.person()
	id := ann.saves(k, "q=dogs", "Private")
	word := strings.TrimPrefix(ann.cookie, "maitred_person=")
	for _, made := range []string{"", "x", "' OR '1'='1", word[:25], word + "A", strings.ToLower(word), strings.Repeat("1", 26), strings.Repeat("A", 4000)} {
		bob := &person{site: s, cookie: "maitred_person=" + made}
		bob.get("/places").status(http.StatusOK).silentAbout("Private")
		bob.get("/places/views/" + id).status(http.StatusNotFound)
		bob.post("/places/views/" + id + "/delete").status(http.StatusNotFound)
		bob.saves(k, "q=ace", "Bob's", "token", made)
		if got := strings.TrimPrefix(bob.cookie, "maitred_person="); got == made || len(got) != 26 {
			t.Errorf("%q is known as %q", made, got)
		}
	}
	for _, path := range []string{"0", "-1", "007", "99", "x", "%00", "99999999999999999999", "delete", "1/nonsense"} {
		ann.get("/places/views/" + path).status(http.StatusNotFound)
		ann.post("/places/views/"+path, "name", "x").status(http.StatusNotFound)
	}
	ann.get("/waiters/views/" + id).status(http.StatusNotFound)
	ann.post("/waiters/views/" + id + "/delete").status(http.StatusNotFound)
	for _, q := range []string{"again=x", "again=%00&query=q%3Da", "again=%ff&query=q%3Da", "again=x&query=nonsense%3D1", "again=x&query=%ff%00%zz%25", "query=q"} {
		if p := ann.get("/places/views?" + q); p.Status == http.StatusOK {
			p.silentAbout("no longer have")
		}
	}
	hostile := `"><script>alert(1)</script>`
	ann.saves(k, url.Values{"q": {hostile + "\xff\x00"}}.Encode(), hostile, "shared", "1")
	for _, path := range []string{"/places", "/places/views", "/places?" + url.Values{"q": {hostile + "\xff\x00"}}.Encode()} {
		if p := ann.get(path).says(hostile); strings.Contains(p.Body, "<script>alert") || strings.Contains(p.Body, word) {
			t.Errorf("%s shows what it must not", path)
		}
	}
	s.writesNothing(func() {
		s.send("/places/views?q=a", values("name", "Theirs"), "Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site").status(http.StatusForbidden)
	})
	if n := s.counted("SELECT count(*) FROM saved_views WHERE name = 'Theirs'"); n != 0 {
		t.Error("another site saved a view")
	}
}
