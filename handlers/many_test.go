package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"maitred/models/graph"
)

// This file holds what is done to many records at once: first what is true of every kind.

// ids are fields that tick records.
func ids(keys ...string) []string {
	var fields []string
	for _, key := range keys {
		fields = append(fields, "id", key)
	}
	return fields
}

// asks is the address where a kind's yes-or-no questions are answered for many; "" if it has none.
func (s *site) asks(k *graph.Kind) string {
	s.t.Helper()
	path := ""
	for _, c := range k.Columns {
		if c.Type != graph.Boolean || c.Inside {
			continue
		}
		s.get("/" + k.Table).Find("main #many button").Each(func(_ int, b *goquery.Selection) {
			if href := b.AttrOr("formaction", ""); !strings.HasSuffix(href, "/delete") && !strings.HasSuffix(href, "/move") {
				path = href
			}
		})
	}
	return path
}

func TestEveryRowOfAListCanBeTickedAndTheListSaysWhatCanBeDone(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		keys := []string{s.make(k, 1), s.make(k, 2), s.make(k, 3)}
		query := "?exclude__pk=" + keys[2] + "&sort=-" + k.Sorts[0].Name
		p := s.get("/"+k.Table+query).lists(keys[0], keys[1])
		p.Find("main tbody tr").Each(func(i int, row *goquery.Selection) {
			tick := row.Find("input[type=checkbox][name=id][form=many]")
			if tick.AttrOr("value", "") != p.listed()[i] || tick.AttrOr("aria-label", "") != row.Find("a").First().Text() {
				h, _ := row.Html()
				t.Errorf("a row is ticked by %s", h)
			}
		})
		p.says("All 2 " + k.Plural() + " that match")
		if box := p.Find("main #many input[type=checkbox][name=all][value='1']"); box.Length() != 1 {
			t.Error("all that match cannot be ticked")
		}
		for _, verb := range []string{"delete", "move"} {
			there := p.Find("main #many button[formaction='/"+k.Table+"/"+verb+query+"']").Length() == 1
			if want := verb == "delete" || k.MovesTogether(); there != want {
				t.Errorf("that many can be chosen to %s: %v", verb, there)
			}
		}
		s.get("/" + k.Table).says("All 3 " + k.Plural()).silentAbout("that match")
		if s.get("/"+k.Table+"?q=nowhere").Find("#many").Length() != 0 {
			t.Error("an empty list offers what can be done with its rows")
		}
		for _, r := range k.Parents {
			parent := s.get(at(r.To, s.get("/" + r.To.Table).listed()[0])).status(http.StatusOK)
			if parent.Find("[name=id], #tick-all, #many").Length() != 0 {
				t.Errorf("%s can be ticked on the page of a %s", k.Plural(), r.To.Singular())
			}
		}
	})
}

func TestTickedRecordsAreDeletedTogether(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		keys := []string{s.make(k, 1), s.make(k, 2), s.make(k, 3)}
		query := "?sort=-" + k.Sorts[0].Name
		var preview *page
		s.writesNothing(func() {
			preview = s.post("/"+k.Table+"/delete"+query, ids(keys[0], keys[1], "99", keys[0])...).status(http.StatusOK).
				says("Delete 2 "+k.Plural(), "2 "+k.Plural()+" are ticked", "1 more of those you ticked is gone").leads("/" + k.Table + query)
		})
		before := s.changes()
		preview.form("post").send().leadTo("/" + k.Table + query).lists(keys[2])
		if n := s.changes() - before; n != 1 {
			t.Errorf("%d changes were written", n)
		}
		s.get("/history").says("deleted 2 " + k.Plural())
	})
}

func TestAllThatMatchAreFoundByTheListsOwnQuery(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		keys := []string{s.make(k, 1), s.make(k, 2), s.make(k, 3), s.make(k, 4)}
		query := "?exclude__pk=" + keys[1] + "&q=4"
		if len(s.get("/"+k.Table+query).listed()) != 1 {
			t.Fatal("the story needs a search that finds one")
		}
		preview := s.post("/"+k.Table+"/delete"+query, "all", "1", "id", keys[0], "id", "nonsense").status(http.StatusOK).
			says("1 "+k.Singular(), "all that match", "“4”", "not name "+keys[1])
		if f := preview.form("post"); f.Has("id") || f.Get("all") != "1" {
			t.Errorf("the form carries %v", f.Values)
		}
		preview.form("post").send().leadTo("/" + k.Table + query).lists()
		s.get("/" + k.Table).lists(keys[:3]...)

		preview = s.post("/"+k.Table+"/delete", "all", "1").status(http.StatusOK).says("These are all " + k.Plural())
		preview.form("post").send().leadTo("/" + k.Table).lists()
	})
}

func TestWithoutATickThereIsNothingToDo(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		query := "?pk=" + key
		paths := []string{"/" + k.Table + "/delete"}
		if k.MovesTogether() {
			paths = append(paths, "/"+k.Table+"/move")
		}
		if path := s.asks(k); path != "" {
			paths = append(paths, path)
		}
		s.writesNothing(func() {
			for _, path := range paths {
				s.post(path + query).status(http.StatusUnprocessableEntity).says("No " + k.Singular() + " is ticked").leads("/" + k.Table + query)
				s.post(path+query, "id", "99").status(http.StatusUnprocessableEntity).says("Tick some").leads("/" + k.Table + query)
				s.post(path+"?q=nowhere", "all", "1").status(http.StatusUnprocessableEntity).leads("/" + k.Table + "?q=nowhere")
				for _, id := range []string{"", "abc", "1e3", "99999999999999999999", "1 2", "\x00", "\xff"} {
					s.post(path+query, "id", key, "id", id).status(http.StatusBadRequest).leads("/" + k.Table + query)
				}
				for _, wrong := range []string{"?nonsense=1", "?sort=nonsense", "?after=nonsense", "?q=%"} {
					s.post(path+wrong, "all", "1", "fingerprint", "x").status(http.StatusBadRequest)
				}
				s.post(path+"?nonsense=1", "all", "1").leads("/" + k.Table)
				for _, made := range []string{"x", ".", "AAAAAAAAAAAAAAAAAAAAAA.1", "\x00", strings.Repeat("é", 1000)} {
					if p := s.post(path, "id", key, "fingerprint", made); p.Status != http.StatusConflict && p.Status != http.StatusOK {
						t.Errorf("%s: a made-up fingerprint was answered %d", path, p.Status)
					}
				}
			}
			for _, path := range paths {
				for _, method := range []string{"GET", "HEAD", "PUT", "DELETE"} {
					p := s.do(s.request(method, path+query, "")).status(http.StatusMethodNotAllowed)
					if !strings.Contains(p.Header.Get("Allow"), "POST") {
						t.Errorf("%s %s: Allow is %q", method, path, p.Header.Get("Allow"))
					}
				}
				s.get(path + query).leads("/" + k.Table + query)
			}
			if !k.MovesTogether() {
				s.get("/" + k.Table + "/move").status(http.StatusNotFound)
				s.post("/"+k.Table+"/move", "id", key, "place_id", "1", "all", "1").status(http.StatusNotFound)
			}
		})
	})
}

func TestWhatChangedOfManySinceItWasShownIsRefusedAndShown(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		keys := []string{s.make(k, 1), s.make(k, 2), s.make(k, 3)}
		for what, story := range map[string]struct {
			fields    []string
			meanwhile func()
		}{
			"one of the ticked is edited":     {ids(keys[0], keys[1]), func() { s.edited(k, keys[0], 7).send().status(http.StatusSeeOther) }},
			"one of those that match is":      {[]string{"all", "1"}, func() { s.edited(k, keys[0], 8).send().status(http.StatusSeeOther) }},
			"one more matches":                {[]string{"all", "1"}, func() { s.make(k, 4) }},
			"one of those that match is gone": {[]string{"all", "1"}, func() { s.get(at(k, keys[2], "delete")).form("post").send().status(http.StatusSeeOther) }},
		} {
			shown := s.post("/"+k.Table+"/delete", story.fields...).status(http.StatusOK).form("post")
			story.meanwhile()
			s.writesNothing(func() {
				again := shown.send().status(http.StatusConflict).says("Nothing was done", "Someone").leads("/history/" + strconv.Itoa(s.newest()))
				if again.form("post").Get("fingerprint") == shown.Get("fingerprint") {
					t.Errorf("%s: the fingerprint is the same", what)
				}
			})
		}
		shown := s.post("/"+k.Table+"/delete", ids(keys[0])...).form("post")
		s.get(at(k, keys[0], "delete")).form("post").send().status(http.StatusSeeOther)
		s.writesNothing(func() {
			shown.send().status(http.StatusConflict).says("nothing was done", "is left", "deleted").leads("/" + k.Table).leads("/history/" + strconv.Itoa(s.newest()))
		})
	})
}

func TestWhatIsDoneToManyAndSentTwentyTimesWritesOnce(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		keys := []string{s.make(k, 1), s.make(k, 2), s.make(k, 3)}
		f := s.post("/"+k.Table+"/delete?pk__lt=3", ids(keys[:2]...)...).form("post")
		before := s.changes()
		var requests []*http.Request
		for range 20 {
			requests = append(requests, f.request())
		}
		statuses, led := s.many(requests)
		if statuses[0] != http.StatusSeeOther || statuses[19] != http.StatusSeeOther || led[0] != "/"+k.Table+"?pk__lt=3" || led[0] != led[19] {
			t.Errorf("answered %v and led to %q", statuses, slices.Compact(led))
		}
		if n := s.changes() - before; n != 1 {
			t.Errorf("%d changes were written", n)
		}
		s.writesNothing(func() { // the same form about another list is another request
			f.action = "/" + k.Table + "/delete"
			f.send().status(http.StatusConflict)
		})
	})
}

func TestManyAreMovedTogether(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		if !k.MovesTogether() {
			return
		}
		r := k.Home()
		column, path := r.Column.Name, "/"+k.Table+"/move"
		keys := []string{s.make(k, 1), s.make(k, 2), s.make(k, 3)}
		to := s.make(r.To, 9)
		label := s.get(at(r.To, to)).Find("h1").Text()
		s.writesNothing(func() {
			chooses := s.post(path, ids(keys...)...).status(http.StatusOK).says("Move 3 "+k.Plural(), "To which "+r.To.Singular())
			if f := chooses.form("post"); f.Has("fingerprint") || len(f.Values["id"]) != 3 {
				t.Errorf("the form has %v before a target is chosen", f.Values)
			}
			s.post(path, append(ids(keys...), column, "99")...).status(http.StatusUnprocessableEntity).says("That " + r.To.Singular() + " does not exist")
			s.post(path, append(ids(keys...), column, "abc")...).status(http.StatusUnprocessableEntity).says("Choose the " + r.To.Singular())
			s.post(path, append(ids(keys...), column, "abc", "fingerprint", "x")...).status(http.StatusUnprocessableEntity)
			s.post(path, append(ids(keys...), "fingerprint", "x")...).status(http.StatusOK)
		})
		s.get(at(k, keys[2], "move") + "?" + column + "=" + to).form("post").send().status(http.StatusSeeOther)
		preview := s.post(path+"?sort=-"+k.Sorts[0].Name, append(ids(keys...), column, to)...).status(http.StatusOK).
			says("3 ticked, 2 will change, 1 is so already", "Now", "Then", "Move 2 "+k.Plural()+" to ")
		if !strings.Contains(strings.TrimSpace(preview.Find("main button:last-of-type").Text()), label[strings.LastIndex(label, " ")+1:]) {
			t.Errorf("the button does not name %s, but says %q", label, preview.Find("main button").Text())
		}
		preview.form("post").send().leadTo("/" + k.Table + "?sort=-" + k.Sorts[0].Name)
		s.get("/" + k.Table + "?" + column + "=" + to).lists(keys...)
		s.get("/history").says("moved 2 " + k.Plural() + " to ")
		s.writesNothing(func() {
			idle := s.post(path, "all", "1", column, to).status(http.StatusOK).says("Nothing would change: 3 " + k.Plural() + " are so already").form("post")
			if idle.Has("fingerprint") {
				t.Error("what would change nothing can be confirmed")
			}
		})
	})
}

func TestYesOrNoIsSetForMany(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		path := s.asks(k)
		if path == "" {
			return
		}
		keys := []string{s.make(k, 1), s.make(k, 2), s.make(k, 3)} // 2 says yes to all
		for _, c := range k.Questions() {
			s.writesNothing(func() {
				chooses := s.post(path, ids(keys...)...).status(http.StatusOK).says(c.Words()[1:], "Leave as it is")
				if f := chooses.form("post"); f.Has("fingerprint") || f.Get(c.Name) != "" || len(f.Values[c.Name]) != 1 {
					t.Errorf("the form has %v before anything is chosen", f.Values)
				}
				s.post(path, append(ids(keys...), c.Name, "maybe")...).status(http.StatusUnprocessableEntity).says("yes, no")
				s.post(path, append(ids(keys...), c.Name, "1", "fingerprint", "x")...).status(http.StatusUnprocessableEntity)
				s.post(path, append(ids(keys...), c.Name, "", "fingerprint", "x")...).status(http.StatusOK)
			})
			s.post(path, "all", "1", c.Name, "true").status(http.StatusOK).says("3 match, 2 will change, 1 is so already", c.Words()+": no", c.Words()+": yes").
				form("post").send().leadTo("/" + k.Table)
			s.get("/" + k.Table + "?" + c.Name + "=true").lists(keys...)
			s.get("/history").says("set 2 " + k.Plural() + ": " + c.Words() + " yes")
			s.writesNothing(func() {
				s.post(path, "all", "1", c.Name, "true").status(http.StatusOK).says("Nothing would change: 3 " + k.Plural() + " are so already")
			})
			shown := s.post(path, append(ids(keys[0], keys[2]), c.Name, "false")...).status(http.StatusOK).form("post")
			s.writesNothing(func() { // what was shown is not what is sent
				shown.with(c.Name, "true").send().status(http.StatusConflict)
			})
			shown.with(c.Name, "false").send().leadTo("/" + k.Table)
			s.get("/" + k.Table + "?" + c.Name + "=true").lists(keys[1])
		}
	})
}

func TestSeveralQuestionsAreAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/restaurants", "place_id", aceHardware, "serves_pizza", "1")
	s.post("/restaurants/serves", "all", "1", "serves_hot_dogs", "false", "serves_pizza", "true").
		says("2 match, 1 will change, 1 is so already", "Set the restaurant at Demon Dogs: serves hot dogs no and serves pizza yes").
		form("post").send().leadTo("/restaurants")
	s.get("/history").says("set the restaurant at Demon Dogs: serves hot dogs no and serves pizza yes")
	s.get("/restaurants?serves_hot_dogs=false&serves_pizza=true").lists(demonDogs, aceHardware)
}

func TestPlacesGoWithTheirRestaurantsAndTheNumbersAreTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 60 {
		place := s.add("/places", "name", fmt.Sprint("Place ", i), "address", "Street")
		s.add("/restaurants", "place_id", place)
	}
	s.get("/places").says("All 62 places")
	s.get("/places?restaurant__isnull=false").says("All 61 places that match")
	s.post("/places/delete?restaurant__isnull=false", "all", "1").
		says("61 places", "61 restaurants", "1 waiter", "and 41 more", "Delete 61 places, 61 restaurants and 1 waiter").
		form("post").send().leadTo("/places?restaurant__isnull=false").says("No place matches")
	s.get("/history").says("deleted 61 places with 61 restaurants and 1 waiter")
	s.get("/places").lists(aceHardware)
}

func TestAPageThatWasDeletedLeadsToTheFirst(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	for i := range 53 {
		s.add("/places", "name", fmt.Sprintf("Place %02d", i), "address", "Street")
	}
	last := s.get(s.get("/places").rel("next"))
	query := "?" + strings.SplitN(s.get("/places").rel("next"), "?", 2)[1]
	if n := len(last.listed()); n != 3 {
		t.Fatalf("the last page has %d rows", n)
	}
	s.post("/places/delete"+query, ids(last.listed()...)...).form("post").send().leadTo("/places" + query).
		says("nothing left on this page").leads("/places")
}

// The search of a list stands in the address, that of the picker in the body.
func TestThePickerSearchesWithoutLosingWhatIsTicked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Ann")
	for i := range 30 {
		s.add("/restaurants", "place_id", s.add("/places", "name", fmt.Sprintf("Place %02d", i), "address", "Street"))
	}
	far := s.add("/places", "name", "Zeta", "address", "Far away")
	s.add("/restaurants", "place_id", far)
	p := s.post("/waiters/move?q=joe", "all", "1").status(http.StatusOK).says("Move 1 waiter", "“joe”").silentAbout("Zeta")
	search := p.Find("main form button[name=show]").First()
	if _, other := search.Attr("formaction"); squeezed(search) != "Search" || other {
		t.Errorf("the picker's button is %q", squeezed(search))
	}
	s.writesNothing(func() {
		p = p.form("post").with("q", "far", "show", "1").send().status(http.StatusOK).says("Zeta", "Move 1 waiter").silentAbout("Place 07")
		part := s.send("/waiters/move?q=joe", url.Values{"all": {"1"}, "q": {"far"}, "show": {"1"}},
			"HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#restaurant_id-hits").status(http.StatusOK)
		if strings.Contains(part.Body, "<html") || part.Find("input[name=restaurant_id]").Length() != 1 {
			t.Errorf("the part with the hits is %s", part.Body)
		}
	})
	p = p.form("post").with("restaurant_id", far).send().says("Move the waiter Joe to Zeta")
	s.writesNothing(func() { // the form that could be confirmed only searches
		p.form("post").with("q", "place", "show", "1").send().status(http.StatusOK).says("Place 07", "Move the waiter Joe to Zeta")
		part := s.send("/waiters/move?q=joe", p.form("post").with("show", "1").Values,
			"HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#preview").status(http.StatusOK)
		if strings.Contains(part.Body, "<html") || part.Find("input[name=fingerprint]").Length() != 1 {
			t.Errorf("the part with the preview is %s", part.Body)
		}
	})
	p.form("post").send().leadTo("/waiters?q=joe").lists(joe)
	s.get("/waiters?restaurant__place__name=Zeta").lists(joe)
}

func TestATargetThatVanishedIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/restaurants", "place_id", aceHardware)
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Ann")
	shown := s.post("/waiters/move", "all", "1", "restaurant_id", aceHardware).form("post")
	s.get("/restaurants/" + aceHardware + "/delete").form("post").send().status(http.StatusSeeOther)
	s.writesNothing(func() {
		again := shown.send().status(http.StatusConflict).says("That restaurant does not exist", "deleted the restaurant at Ace Hardware", "To which restaurant?")
		if again.form("post").Has("fingerprint") {
			t.Error("what cannot be done can be confirmed")
		}
	})
}

func TestNamesOfManyCannotTurnTheWordsAroundThem(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	const name = "\u202eevil"
	for place := range 2 {
		s.add("/places", "name", name, "address", name)
		s.add("/restaurants", "place_id", strconv.Itoa(place+1))
		s.add("/waiters", "restaurant_id", strconv.Itoa(place+1), "name", name)
	}
	for path, fields := range map[string][]string{
		"/waiters/move?q=" + url.QueryEscape(name): {"all", "1", "restaurant_id", "1"}, "/restaurants/serves": {"id", "1", "serves_pizza", "true"}, "/places/delete": {"all", "1"},
	} {
		p := s.post(path, fields...).status(http.StatusOK)
		p.Find("body *").Contents().Each(func(_ int, n *goquery.Selection) {
			if goquery.NodeName(n) == "#text" && strings.Contains(n.Text(), name) && n.Closest("bdi, input, title").Length() == 0 && !strings.Contains(n.Text(), "\u2068"+name+"\u2069") {
				t.Errorf("%s: nothing keeps the name apart in %q", path, n.Text())
			}
		})
	}
}
