package handlers_test

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// last is the number of the newest change, as it stands in addresses.
func (s *site) last() string { s.t.Helper(); return strconv.Itoa(s.newest()) }

// unversioned is what is stored, but for versions and the number of changes.
func (s *site) unversioned() string {
	s.t.Helper()
	records, _, _ := strings.Cut(regexp.MustCompile(`version:\d+`).ReplaceAllString(s.dump(), ""), " changes\n")
	return records[:strings.LastIndex(records, "\n")+1]
}

// deletes shows a deletion, does it, and returns the number of the change.
func (s *site) deletes(path string) string {
	s.t.Helper()
	s.get(path + "/delete").form("post").send().status(http.StatusSeeOther)
	return s.last()
}

func TestADeletionIsUndoneWithOnePressAndDoneAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	before := s.unversioned()
	gone := s.deletes("/places/" + demonDogs)
	after := s.unversioned()

	undone := s.post("/history/" + gone + "/undo").leadTo("/history/" + s.last())
	undone.says("undid: “deleted the place Demon Dogs with 1 restaurant and 1 waiter”")
	if s.unversioned() != before {
		t.Errorf("after the undo:\n%s\nbefore:\n%s", s.unversioned(), before)
	}
	s.get("/waiters/" + joe).status(http.StatusOK).says("Demon Dogs")
	s.get("/history/" + gone).says("Undone by change " + s.last() + ": Someone undid")
	s.get("/history/" + s.last()).says("Undoes change " + gone + ": Someone deleted")

	s.post("/history/" + s.last() + "/undo").status(http.StatusSeeOther)
	if s.unversioned() != after {
		t.Errorf("after the undo of the undo:\n%s", s.unversioned())
	}
}

func TestALaterPressOfUndoLeadsToTheFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	gone := s.deletes("/places/" + demonDogs)
	s.post("/history/" + gone + "/undo").status(http.StatusSeeOther)
	first := s.last()
	s.writesNothing(func() {
		s.post("/history/" + gone + "/undo").status(http.StatusConflict).leads("/history/" + first).says("undone already")
		s.get("/history/" + gone + "/undo").status(http.StatusOK).leads("/history/" + first).says("undone already")
	})
}

func TestWhoeverPressesUndoAtTheSameTimeMakesOneUndo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	gone := s.deletes("/places/" + demonDogs)
	shown := s.get("/history/" + gone + "/undo").form("post")
	for name, press := range map[string]func() *http.Request{
		"without having seen it": func() *http.Request { return s.request(http.MethodPost, "/history/"+gone+"/undo", "") },
		"having seen it":         func() *http.Request { return shown.request() },
	} {
		var requests []*http.Request
		for range 12 {
			requests = append(requests, press())
		}
		changes := s.changes()
		statuses, led := s.many(requests)
		undo := "/history/" + s.last()
		for i, status := range statuses {
			// Those who press after it is done are told; nobody makes a second undo.
			if status != http.StatusSeeOther && status != http.StatusConflict {
				t.Errorf("%s: answer %d is %d", name, i, status)
			}
		}
		for _, to := range led {
			if to != undo {
				t.Errorf("%s: one was led to %s, the undo is %s", name, to, undo)
			}
		}
		if s.changes() != changes+1 {
			t.Errorf("%s: %d undos were made", name, s.changes()-changes)
		}
		s.post("/history/" + s.last() + "/undo") // and again
		shown = s.get("/history/" + gone + "/undo").form("post")
	}
}

func TestAnUndoOfWhatSomeoneChangedSinceTellsFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/places/"+demonDogs+"/edit").form("post").with("name", "Cat Cats", "address", "1 New St").send().status(http.StatusSeeOther)
	renamed := s.last()
	s.get("/places/"+demonDogs+"/edit").form("post").with("name", "Dog Dogs").send().status(http.StatusSeeOther)
	since := s.last()

	s.writesNothing(func() {
		s.post("/history/"+renamed+"/undo").status(http.StatusConflict).
			says("Nothing was done yet.", "This is kept", "1 place", "Cat Cats", "Dog Dogs", "What will happen", "1 place becomes what it was",
				"Dog Dogsaddress 1 New Staddress 944 W. Fullerton", "The place Dog Dogs", "Undo the rest: put 1 place back as before").
			leads("/history/" + since)
	})
	s.get("/history/" + renamed + "/undo").status(http.StatusOK).form("post").send().status(http.StatusSeeOther)
	s.get("/places/"+demonDogs).says("Dog Dogs", "944 W. Fullerton")
}

func TestARestaurantWhosePlaceIsTakenComesBackElsewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	gone := s.deletes("/restaurants/" + demonDogs)
	s.add("/restaurants", "place_id", demonDogs)

	page := s.post("/history/"+gone+"/undo").status(http.StatusConflict).
		says("Nothing was done. Things have changed since", "This cannot come back", "the place has another restaurant meanwhile", "1 waiter: the restaurant that it belonged to does not come back", "What you can do").
		leads("/restaurants/" + demonDogs + "/move")
	if n := page.Find("main form[method=post]").Length(); n != 0 {
		t.Errorf("there is nothing to send, and %d forms", n)
	}
	chosen := page.form("get").with("place_id", aceHardware).send().status(http.StatusOK).
		says("1 restaurant comes back", "1 waiter comes back").silentAbout("cannot come back")
	if pairs := chosen.pairs(); !slices.Equal(pairs, []string{"Ace Hardware | Free", "Ace Hardware | The restaurant of Demon Dogs"}) {
		t.Errorf("it comes back so: %q", pairs)
	}
	chosen.form("post").send().status(http.StatusSeeOther)
	s.get("/waiters/" + joe).says("Ace Hardware")

	s.get("/history/" + gone + "/undo?place_id=" + aceHardware).says("undone already")
}

func TestAPlaceToComeBackAtMustBeFree(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	gone := s.deletes("/restaurants/" + demonDogs)
	s.add("/restaurants", "place_id", demonDogs)
	s.add("/restaurants", "place_id", aceHardware)
	s.writesNothing(func() {
		for place, wrong := range map[string]string{aceHardware: "Ace Hardware already has a restaurant", "99": "That place does not exist"} {
			s.get("/history/"+gone+"/undo?place_id="+place).status(http.StatusUnprocessableEntity).saysAt("place_id", wrong).says("Nothing was done. " + wrong)
			s.post("/history/"+gone+"/undo", "place_id", place).status(http.StatusUnprocessableEntity).saysAt("place_id", wrong)
		}
	})
}

func TestAMoveBackToATakenPlaceOffersASwap(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware).form("post").send().status(http.StatusSeeOther)
	moved := s.last()
	s.add("/restaurants", "place_id", demonDogs, "serves_pizza", "1")

	page := s.post("/history/"+moved+"/undo").status(http.StatusConflict).says("This cannot come back", "another restaurant")
	page.says("The restaurant at Ace Hardware")
	swap := page.click("Swap the two: the restaurant that is at Demon Dogs now goes to Ace Hardware").
		says("1 restaurant goes back", "1 restaurant makes room", "Joerestaurant Ace Hardwarerestaurant Demon Dogs",
			"Undo: put 1 restaurant and 1 waiter back as before and move 1 restaurant")
	if pairs := swap.pairs(); !slices.Equal(pairs, []string{
		"Ace Hardware | The restaurant of Ace Hardware", "Demon Dogs | The restaurant of Demon Dogs",
		"Ace Hardware | The restaurant of Demon Dogs", "Demon Dogs | The restaurant of Ace Hardware",
	}) {
		t.Errorf("now and then: %q", pairs)
	}
	swap.form("post").send().status(http.StatusSeeOther)
	s.get("/waiters/" + joe).says("Demon Dogs")
	s.get("/restaurants/" + aceHardware).says("Serves pizza")
}

// pairs are the joined halves of a page: the place and what is there.
func (p *page) pairs() []string {
	return p.Find(".pair").Map(func(_ int, pair *goquery.Selection) string {
		return strings.Join(pair.Find(".title").Map(func(_ int, title *goquery.Selection) string { return strings.TrimSpace(title.Text()) }), " | ")
	})
}

func TestTheUndoOfAMoveShowsBothPairsNowAndThen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware).form("post").send().status(http.StatusSeeOther)
	moved := s.last()
	s.get("/places/"+aceHardware+"/edit").form("post").with("name", "Demon Dogs").send().status(http.StatusSeeOther) // two of one name

	page := s.get("/history/" + moved + "/undo").says("1 restaurant goes back")
	if pairs := page.pairs(); !slices.Equal(pairs, []string{
		"Demon Dogs | The restaurant of Demon Dogs", "Demon Dogs | Free",
		"Demon Dogs | Free", "Demon Dogs | The restaurant of Demon Dogs",
	}) {
		t.Errorf("now and then: %q", pairs)
	}
	for i, place := range []string{aceHardware, demonDogs, aceHardware, demonDogs} {
		if to, _ := page.Find(".pair a").Eq(i).Attr("href"); to != "/places/"+place {
			t.Errorf("pair %d leads to %s", i, to)
		}
	}
	s.get("/history/" + moved).says("changedplacebefore: Demon Dogs after: Demon Dogs")
}

func TestAPlaceThatComesBackIsNotShownAsFreeBefore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/places/" + demonDogs + "/delete?restaurants=move&restaurants_to=" + aceHardware).form("post").send().status(http.StatusSeeOther)
	page := s.get("/history/"+s.last()+"/undo").says("1 place comes back", "1 restaurant goes back")
	if pairs := page.pairs(); !slices.Equal(pairs, []string{
		"Ace Hardware | The restaurant of Ace Hardware", "Gone | Gone",
		"Ace Hardware | Free", "Demon Dogs | The restaurant of Ace Hardware",
	}) {
		t.Errorf("now and then: %q", pairs)
	}
	if page.Find("main a[href='/places/"+demonDogs+"']").Length() > 0 {
		t.Error("there is a link to a place that is gone")
	}
}

func TestTheUndoOfASettingShowsEachFieldNowAndThen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/restaurants/"+demonDogs+"/edit").form("post").with("serves_pizza", "1").send().status(http.StatusSeeOther)
	page := s.get("/history/"+s.last()+"/undo").says("1 restaurant becomes what it was", "Demon Dogsserves pizza yesserves pizza no")
	if page.Find(".pair").Length() > 0 || page.Find("button.removes").Length() > 0 {
		t.Error("nothing moves and nothing is removed")
	}
	if s.get("/history/1/undo").Find("button.removes").Length() != 1 {
		t.Error("what removes a place does not look like it")
	}
}

func TestWhatWasBuiltOnTopIsShownBeforeItGoes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	place := s.add("/places", "name", "New", "address", "Street")
	added := s.last()
	s.add("/restaurants", "place_id", place)
	s.add("/waiters", "restaurant_id", place, "name", "Ann")
	before := s.unversioned()

	s.post("/history/"+added+"/undo").status(http.StatusConflict).says("This goes with it", "1 restaurant added since", "1 waiter added since", "Ann").
		form("post").send().status(http.StatusSeeOther)
	s.get("/places/" + place).status(http.StatusNotFound)
	s.post("/history/" + s.last() + "/undo").status(http.StatusSeeOther)
	if s.unversioned() != before {
		t.Errorf("after both:\n%s\nbefore:\n%s", s.unversioned(), before)
	}
}

func TestAnUndoOfNothingIsNoPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/history/99/undo", "/history/x/undo", "/history/0/undo", "/history/-1/undo"} {
		s.get(path).status(http.StatusNotFound)
		s.writesNothing(func() { s.post(path).status(http.StatusNotFound) })
	}
}
