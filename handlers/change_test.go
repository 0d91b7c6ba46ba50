package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"maitred/models/graph"
)

// rowsTold are the rows of a change as its page tells them: the record, and what happened to it.
func (p *page) rowsTold() (rows []string) {
	p.Find("main tbody tr").Each(func(_ int, tr *goquery.Selection) {
		rows = append(rows, squeezed(tr.Find("td").Eq(0))+": "+squeezed(tr.Find("td").Eq(1)))
	})
	return rows
}

// tells expects the rows of the newest change.
func (s *site) tells(want ...string) *page {
	s.t.Helper()
	p := s.get("/history/" + strconv.Itoa(s.newest())).status(http.StatusOK)
	if got := p.rowsTold(); !slices.Equal(got, want) {
		s.t.Errorf("%s tells\n%s\nwant\n%s", p.what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return p
}

// confirm presses the button of a preview.
func (s *site) confirm(path string) {
	s.t.Helper()
	s.get(path).form("post").send().status(http.StatusSeeOther)
}

func TestAChangeTellsItsOwnRecordFirstAndWhyTheOthersChanged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Ann")

	s.confirm("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware)
	s.tells("The restaurant at Demon Dogs: changed", "The waiter Joe: changed along with the restaurant", "The waiter Ann: changed along with the restaurant")

	s.add("/restaurants", "new_place", "1", "name", "Pizza Corner", "address", "5 Main St")
	s.tells("The restaurant at Pizza Corner: created with the place Pizza Corner", "The place Pizza Corner: created")
	s.add("/waiters", "restaurant_id", "3", "name", "Tim")
	s.tells("The waiter Tim: created")

	s.confirm("/restaurants/" + aceHardware + "/move?place_id=3") // a swap
	s.tells("The restaurant at Ace Hardware: changed", "The restaurant at Pizza Corner: changed",
		"The waiter Joe: changed along with the restaurant", "The waiter Ann: changed along with the restaurant", "The waiter Tim: changed along with the restaurant")

	s.confirm("/waiters/" + joe + "/move?restaurant_id=" + aceHardware)
	s.tells("The waiter Joe: changed")

	s.confirm("/places/3/delete")
	s.tells("The place Pizza Corner: deleted", "The restaurant at Pizza Corner: deleted with the place Pizza Corner",
		"The waiter Ann: deleted with the restaurant at Pizza Corner")
	s.confirm("/restaurants/" + aceHardware + "/delete")
	s.tells("The restaurant at Ace Hardware: deleted",
		"The waiter Joe: deleted with the restaurant at Ace Hardware", "The waiter Tim: deleted with the restaurant at Ace Hardware")
}

func TestARowThatWasMovedOutOfTheWayOfADeletionSaysSo(t *testing.T) {
	onlyOfAFile(t, "its own functions are used")
	t.Parallel()
	s := newSite(t)
	s.confirm("/restaurants/" + demonDogs + "/delete")
	s.rewrite("UPDATE change_rows SET after_key = before_key, after = json_set(before, '$.restaurant_id', 2) WHERE change_id = ? AND kind = 'waiters'", s.newest())
	s.tells("The restaurant at Demon Dogs: deleted", "The waiter Joe: changed before the restaurant at Demon Dogs was deleted")
}

func TestARowThatWentElsewhereThanItsParentDidNotGoAlong(t *testing.T) {
	onlyOfAFile(t, "its own functions are used")
	t.Parallel()
	s := newSite(t)
	s.confirm("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware)
	s.rewrite("UPDATE change_rows SET after = json_set(after, '$.restaurant_id', 9) WHERE change_id = ? AND kind = 'waiters'", s.newest())
	s.tells("The restaurant at Demon Dogs: changed", "The waiter Joe: changed")
}

// A restaurant was there before the one that comes back: it is not the one that the waiter came with.
func TestWhatComesBackIsToldToComeWithItsParent(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/restaurants", "place_id", aceHardware)
	s.confirm("/restaurants/" + aceHardware + "/delete")
	s.confirm("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware)
	s.confirm("/restaurants/" + aceHardware + "/delete")
	s.undoes(s.newest())
	back := s.tells("The restaurant at Ace Hardware: created", "The waiter Joe: created with the restaurant at Ace Hardware")
	s.add("/restaurants", "place_id", demonDogs)
	s.confirm("/restaurants/" + aceHardware + "/move?place_id=" + demonDogs) // a swap
	if got := s.get(back.path).rowsTold(); !slices.Equal(got, back.rowsTold()) {
		t.Errorf("after a swap the change tells %q", got)
	}
}

func TestAnOldChangeCallsWhatCameBackByItsNameNow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.confirm("/places/" + demonDogs + "/delete")
	s.undoes(s.newest())
	s.get("/places/"+demonDogs+"/edit").form("post").with("name", "Demons").send().status(http.StatusSeeOther)
	s.get("/history/4").says("after: Demons").silentAbout("after: Demon Dogs")
}

// What came together is told so whatever became of it since.
func TestRecordsThatWereAddedTogetherAreToldSoAfterTheyMovedAndWereDeleted(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	s.get("/").form("post").send().status(http.StatusSeeOther)
	first := func() []string {
		rows := s.get("/history/1").rowsTold()
		for next := s.get("/history/1").rel("next"); next != ""; next = s.get(next).rel("next") {
			rows = append(rows, s.get(next).rowsTold()...)
		}
		return rows
	}
	rows := first()
	if len(rows) != s.counted("SELECT row_count FROM changes") || !slices.Contains(rows, "The waiter Joe: created with the restaurant at Demon Dogs") {
		t.Fatalf("the sample data are %q", rows)
	}
	for _, path := range []string{
		"/restaurants/1/move?place_id=2", "/restaurants/2/move?place_id=1", "/restaurants/1/move?place_id=2",
	} {
		s.confirm(path)
	}
	s.add("/restaurants", "place_id", "1")
	s.confirm("/restaurants/2/move?place_id=1")
	if got := first(); !slices.Equal(got, rows) {
		t.Errorf("after moves the sample data are\n%q, before\n%q", got, rows)
	}
	s.confirm("/places/1/delete")
	s.confirm("/places/2/delete")
	if got := first(); !slices.Equal(got, rows) {
		t.Errorf("after deletions the sample data are\n%q, before\n%q", got, rows)
	}
}

func TestEveryRowOfALargeChangeIsToldOncePageByPage(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	s.add("/restaurants", "new_place", "1", "name", "Demon Dogs", "address", "944 W. Fullerton")
	want := []string{"The restaurant at Demon Dogs: deleted"}
	for i := range 120 {
		s.add("/waiters", "restaurant_id", "1", "name", fmt.Sprint("Waiter ", i))
		want = append(want, fmt.Sprintf("The waiter Waiter %d: deleted with the restaurant at Demon Dogs", i))
	}
	s.confirm("/places/1/delete")
	want[0] = "The restaurant at Demon Dogs: deleted with the place Demon Dogs"
	want = slices.Insert(want, 0, "The place Demon Dogs: deleted")
	var got []string
	path := "/history/" + strconv.Itoa(s.newest())
	for turned := 0; path != "" && turned < 9; turned++ {
		p := s.get(path).status(http.StatusOK).says("deleted the place Demon Dogs with 1 restaurant and 120 waiters", "122 records")
		if n := len(p.rowsTold()); n > 50 {
			t.Errorf("%s tells %d rows", p.what, n)
		}
		got = append(got, p.rowsTold()...)
		path = p.rel("next")
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pages tell\n%s", strings.Join(got, "\n"))
	}
}

func TestAnOldChangeCallsWhatIsGoneByItsLastName(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.confirm("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware)
	moved := "/history/" + strconv.Itoa(s.newest())
	s.get("/places/"+demonDogs+"/edit").form("post").with("name", "Demons").send().status(http.StatusSeeOther)
	s.confirm("/places/" + demonDogs + "/delete")
	s.confirm("/places/" + aceHardware + "/delete")
	for _, change := range []string{moved, "/history/3", "/history/4"} {
		s.get(change).silentAbout("place 1", "place 2", "restaurant 1")
	}
	s.get(moved).says("before: Demons", "after: Ace Hardware")
	s.get("/history/4").says("after: Demons")
}

func TestADeletedRecordIsOfferedBackWithAllThatWentWithIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Actor = "Ann"
	s.confirm("/places/" + aceHardware + "/delete")
	alone := s.newest()
	s.confirm("/places/" + demonDogs + "/delete")
	all := s.newest()
	s.get("/places/" + aceHardware).status(http.StatusNotFound).says("Ann deleted the place Ace Hardware on ").silentAbout("It went when").offersBack(alone)
	for path, name := range map[string]string{"/places/1": "the place Demon Dogs", "/restaurants/1": "the restaurant at Demon Dogs", "/waiters/1": "the waiter Joe"} {
		s.get(path).status(http.StatusNotFound).offersBack(all).
			says("Ann deleted "+name+" on ", "It went when Ann deleted the place Demon Dogs with 1 restaurant and 1 waiter; all of that comes back.")
		s.post(path, "version", "1").status(http.StatusNotFound).offersBack(all)
	}
}

// offersBack expects the button that undoes a change, and the way to see first what it would do.
func (p *page) offersBack(change int) *page {
	p.s.t.Helper()
	if words := squeezed(p.undoOf(change).Find("button")); !strings.HasPrefix(words, "Bring it back") {
		p.s.t.Errorf("%s: the button says %q", p.what, words)
	}
	return p.leads(fmt.Sprintf("/history/%d", change)).leads(fmt.Sprintf("/history/%d/undo", change))
}

func TestARecordThatMovedIsFollowedAndNotBroughtBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.confirm("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware)
	moved := s.get("/restaurants/"+demonDogs).status(http.StatusNotFound).says("moved on", "Go to the restaurant at Ace Hardware").leads("/restaurants/" + aceHardware)
	if moved.Find("main form").Length() != 0 {
		t.Error("a restaurant that moved is offered back")
	}
	s.confirm("/restaurants/" + aceHardware + "/delete")
	s.get("/restaurants/" + demonDogs).status(http.StatusNotFound).says("deleted the restaurant at Ace Hardware").offersBack(s.newest())
}

func TestARecordThatItsUndoLeftOutLeadsToTheReason(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.leavesJoeOut()
	p := s.get("/waiters/"+joe).status(http.StatusNotFound).says("deleted the waiter Joe", "this record was left out").leads("/history/9").leads("/history/7/undo")
	if p.Find("main form").Length() != 0 {
		t.Error("the same undo is offered again")
	}
}

func TestARecordWhoseCreationWasUndoneSaysSoAndIsOfferedBack(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		s.undoes(s.newest())
		s.get(at(k, key)).status(http.StatusNotFound).says("is gone. Someone undid: “added the "+k.Singular(), "UTC").offersBack(s.newest())
	})
}
