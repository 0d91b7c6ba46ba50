package handlers_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"maitred/models/graph"
)

// In these stories two people have the same record open. What is true of every kind comes first.

// filledIn are the columns that people fill in.
func filledIn(k *graph.Kind) (columns []*graph.Column) {
	for _, c := range k.Columns {
		if !c.Inside && c.Type != graph.Integer {
			columns = append(columns, c)
		}
	}
	return columns
}

// changed is a form with another value in a column.
func (f *filled) changed(c *graph.Column, to string) *filled {
	switch {
	case c.Type == graph.Text:
		return f.with(c.Name, to)
	case f.Has(c.Name):
		return f.with(c.Name, "")
	default:
		return f.with(c.Name, "1")
	}
}

func (s *site) editing(k *graph.Kind, key string) *filled {
	s.t.Helper()
	return s.get(at(k, key, "edit")).status(http.StatusOK).form("post")
}

// asks expects a choice at a field, with one of its two values chosen.
func (p *page) asks(field, chosen string) *page {
	p.s.t.Helper()
	var values []string
	p.Find("main form input[type=radio][name=keep_" + field + "]").Each(func(_ int, e *goquery.Selection) {
		value := e.AttrOr("value", "")
		if _, ok := e.Attr("checked"); ok {
			value += " chosen"
		}
		values = append(values, value)
	})
	want := []string{"mine", "theirs"}
	for i := range want {
		if want[i] == chosen {
			want[i] += " chosen"
		}
	}
	if !slices.Equal(values, want) {
		p.s.t.Errorf("%s: the choice at %s is %q, want %q", p.what, field, values, want)
	}
	if p.Find("main a[href='#"+field+"']").Length() != 1 || p.Find("main #"+field).Length() != 1 {
		p.s.t.Errorf("%s: the summary does not lead to the field %s", p.what, field)
	}
	return p
}

func (p *page) asksNothingAt(field string) *page {
	p.s.t.Helper()
	if p.Find("main input[name=keep_"+field+"]").Length() > 0 {
		p.s.t.Errorf("%s asks what stays at %s", p.what, field)
	}
	return p
}

// done follows an answer with its message, as a browser does.
func (p *page) done(path string) *page {
	p.s.t.Helper()
	p.status(http.StatusSeeOther)
	if got := p.Header.Get("Location"); got != path {
		p.s.t.Fatalf("%s leads to %s, want %s", p.what, got, path)
	}
	cookie, _, _ := strings.Cut(p.Header.Get("Set-Cookie"), ";")
	return p.s.get(path, "Cookie", cookie).status(http.StatusOK)
}

func TestWhoeverChangesTheSameFieldIsAskedWhatStays(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		c := own(k)
		if c.Type != graph.Text { // two who change a yes or no change it to the same
			return
		}
		for _, choice := range []string{"mine", "theirs"} {
			key := s.make(k, 1)
			mine, theirs := s.editing(k, key).changed(c, "Mine "+choice), s.editing(k, key).changed(c, "Theirs "+choice)
			before := mine.p.form("post").Get(c.Name)
			theirs.send().leadTo(at(k, key))
			var refused *page
			s.writesNothing(func() {
				refused = mine.send().status(http.StatusConflict).keeps(c.Name, "Mine "+choice).asks(c.Name, "mine").
					says("Someone saved this "+k.Singular(), "Nothing of yours was saved yet", "Theirs "+choice, "just now", before).
					saysAt(c.Name, "choose yours or what Someone saved").leads("/history/" + strconv.Itoa(s.newest()))
			})
			refused.form("post").with("keep_"+c.Name, choice).send().leadTo(at(k, key))
			want := map[string]string{"mine": "Mine mine", "theirs": "Theirs theirs"}[choice]
			s.get(at(k, key, "edit")).keeps(c.Name, want)
		}
	})
}

func TestWhoeverChangesTheSameFieldToTheSameIsNotAsked(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		mine := s.edited(k, key, 1)
		s.edited(k, key, 1).send().leadTo(at(k, key))
		s.writesNothing(func() { mine.send().leadTo(at(k, key)) })
	})
}

func TestChangesOfDifferentFieldsAreBothSavedAndThePersonIsTold(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		columns := filledIn(k)
		if len(columns) < 2 {
			return
		}
		key := s.make(k, 1)
		mine, theirs := s.editing(k, key).changed(columns[0], "Mine"), s.editing(k, key).changed(columns[1], "Theirs")
		theirs.send().leadTo(at(k, key))
		told := "meanwhile Someone changed " + columns[1].Words() + " from"
		mine.send().done(at(k, key)).says("Done:", told, "both are saved")
		s.writesNothing(func() { mine.send().done(at(k, key)).says("Done:", told, "both are saved") })
		s.get("/history").says(told)
		now := s.editing(k, key)
		for column, want := range map[*graph.Column]string{columns[0]: mine.Get(columns[0].Name), columns[1]: theirs.Get(columns[1].Name)} {
			if got := now.Get(column.Name); got != want {
				t.Errorf("%s is %q, want %q", column.Name, got, want)
			}
		}
	})
}

func TestAnEditWithoutItsVersionIsAskedAboutEachFieldThatDiffers(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		for _, version := range []string{"", "x", "-1", "99999", "99999999999999999999", "1e3"} {
			key := s.make(k, 1)
			f := s.editing(k, key).with("version", version)
			for _, c := range filledIn(k) {
				f.changed(c, "Mine")
			}
			var refused *page
			s.writesNothing(func() { refused = f.send().status(http.StatusConflict).says("does not say which version") })
			for _, c := range filledIn(k) {
				refused.asks(c.Name, "mine").keeps(c.Name, f.Get(c.Name))
			}
			refused.form("post").send().leadTo(at(k, key))
			for _, c := range filledIn(k) {
				s.get(at(k, key, "edit")).keeps(c.Name, f.Get(c.Name))
			}
		}
	})
}

func TestAnEditOfWhatMovedMeanwhileIsSavedWhereItIsNow(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		if k.Home() == nil {
			return
		}
		key, to := s.make(k, 1), s.make(k.Home().To, 9)
		mine := s.edited(k, key, 1)
		now := key
		if k.OneToOne() != nil {
			now = to
		}
		s.get(at(k, key, "move") + "?" + k.Home().Column.Name + "=" + to).form("post").send().leadTo(at(k, now))
		told := "meanwhile Someone moved the " + k.Singular() + " to "
		mine.send().done(at(k, now)).says("Done:", told).leads(at(k.Home().To, to))
		s.writesNothing(func() { mine.send().done(at(k, now)).says(told) })
		s.get(at(k, now, "edit")).keeps(own(k).Name, mine.Get(own(k).Name))
	})
}

func TestAnEditOfWhatWasDeletedMeanwhileShowsWhatWasTyped(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		mine := s.edited(k, key, 1)
		s.get(at(k, key, "delete")).form("post").send().leadTo("/" + k.Table)
		s.writesNothing(func() {
			gone := mine.send().status(http.StatusNotFound).says("Someone deleted").leads("/history/" + strconv.Itoa(s.newest()))
			if own(k).Type == graph.Text {
				gone.says("This is what you typed", "edited 1")
			}
		})
	})
}

// From here on the stories have names.

func TestAFieldThatOnlyTheOtherChangedShowsTheNewValueAndWhoChangedIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	mine := s.get("/places/1/edit").form("post").with("name", "Cat Cats")
	s.get("/places/1/edit").form("post").with("address", "945 W. Fullerton").send().leadTo("/places/1")
	s.get("/places/1/edit").form("post").with("name", "Bird Birds").send().leadTo("/places/1")
	p := mine.send().status(http.StatusConflict).asks("name", "mine").asksNothingAt("address").
		keeps("name", "Cat Cats").keeps("address", "945 W. Fullerton").
		saysAt("address", "Someone changed this just now. Before, it was “944 W. Fullerton”.").
		says("Since you looked", "Someone changed the place Demon Dogs: address from").leads("/history/" + strconv.Itoa(s.newest()-1))
	p.form("post").with("keep_name", "theirs", "name", " ").send().leadTo("/places/1").says("Bird Birds", "945 W. Fullerton").silentAbout("Cat Cats")
}

func TestAThirdValueThatIsSavedWhileSomeoneChoosesIsAskedAboutToo(t *testing.T) {
	t.Parallel()
	for _, choice := range []string{"mine", "theirs"} {
		s := newSite(t)
		save := func(name string) { s.get("/places/1/edit").form("post").with("name", name).send().leadTo("/places/1") }
		mine := s.get("/places/1/edit").form("post").with("name", "Cat Cats")
		save("Bird Birds")
		p := mine.send().status(http.StatusConflict).says("Bird Birds")
		save("Fish Fishes")
		s.writesNothing(func() {
			p = p.form("post").with("keep_name", choice).send().status(http.StatusConflict).
				asks("name", choice).keeps("name", "Cat Cats").says("Fish Fishes", "Bird Birds")
		})
		p.form("post").send().leadTo("/places/1").says(map[string]string{"mine": "Cat Cats", "theirs": "Fish Fishes"}[choice])
	}
}

func TestAChoiceIsKeptWhenAnotherFieldIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	mine := s.get("/places/1/edit").form("post").with("name", "Cat Cats")
	s.get("/places/1/edit").form("post").with("name", "Bird Birds").send().leadTo("/places/1")
	choosing := mine.send().status(http.StatusConflict).form("post").with("keep_name", "theirs", "address", " ")
	var p *page
	s.writesNothing(func() {
		p = choosing.send().status(http.StatusUnprocessableEntity).saysAt("address", "missing").keeps("name", "Cat Cats").says("Saved by Someone", "Bird Birds")
	})
	if kept := p.form("post").Get("keep_name"); kept != "theirs" {
		t.Errorf("the choice is %q", kept)
	}
	p.form("post").with("address", "1 Other Street").send().leadTo("/places/1").says("Bird Birds", "1 Other Street")
}

func TestAnEditIsNotWrittenOntoTheNextRestaurantAtThePlace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	mine := s.get("/restaurants/1/edit").form("post").with("serves_pizza", "1")
	stale := s.get("/restaurants/1/edit").form("post").with("serves_pizza", "1", "serves_hot_dogs", "")
	s.get("/restaurants/1/move?place_id=2").form("post").send().leadTo("/restaurants/2")
	s.add("/restaurants", "place_id", demonDogs)
	mine.send().done("/restaurants/2").says("changed the restaurant at Ace Hardware", "Serves hot dogs and pizza")
	s.get("/restaurants/1").says("Serves neither hot dogs nor pizza")

	s.get("/restaurants/2/delete").form("post").send().leadTo("/restaurants")
	s.writesNothing(func() {
		stale.send().status(http.StatusNotFound).says("deleted the restaurant at Ace Hardware").leads("/history/" + strconv.Itoa(s.newest()))
		mine.send().status(http.StatusSeeOther)
	})
}

func TestAMergedFormThatIsSentTwentyTimesWritesOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	mine := s.get("/places/1/edit").form("post").with("name", "Cat Cats")
	s.get("/places/1/edit").form("post").with("address", "945 W. Fullerton").send().leadTo("/places/1")
	before := s.changes()
	forms := make([]*filled, 20)
	for i := range forms {
		forms[i] = mine
	}
	if count := s.pressed(forms...); count[http.StatusSeeOther] != len(forms) || s.changes() != before+1 {
		t.Errorf("%d changes, answered %v", s.changes()-before, count)
	}
	s.get("/places/1").says("Cat Cats", "945 W. Fullerton")
}
