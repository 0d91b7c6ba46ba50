package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestWhoDoesNotManageSeesTheirOwnChangesAndThoseOfEachRecord(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	s.as("Eve").get("/places/"+demonDogs+"/edit").form("post").with("address", "1 Other St").send().status(http.StatusSeeOther)
	eves := s.last()
	s.as("Ed").add("/places", "name", "Taco Hut", "address", "7 W. Erie")
	eds := s.last()

	own := s.as("Ed").get("/history").status(http.StatusOK).says("Your changes", "Ed added the place Taco Hut").silentAbout("Eve changed", "Demon Dogs", "Someone")
	if got := own.told(); !slices.Equal(got, []int{s.newest()}) {
		t.Errorf("Ed is told of %v", got)
	}
	if own.Find("select[name=actor]").Length() != 0 {
		t.Error("Ed can choose whose changes to see")
	}
	s.as("Ed").get("/").says("Your last changes", "Taco Hut").silentAbout("Demon Dogs")
	s.as("Vic").get("/history").says("Your changes", "You have not changed anything")
	s.as("Vic").get("/").silentAbout("changes", "added")

	record := s.as("Ed").get("/places/"+demonDogs).says("Eve changed the place Demon Dogs", "Someone added the place Demon Dogs")
	for _, href := range record.links("main a") {
		if strings.HasPrefix(href, "/history/") {
			t.Errorf("Ed is led to %s, which somebody else did", href)
		}
	}
	if record.Find("main form").Length() != 0 {
		t.Error("Ed is offered to undo what others did")
	}
	s.as("Ed").get("/places/3").leads("/history/" + eds)
	s.as("Ed").get("/history/" + eves).status(http.StatusForbidden).says("Someone else did this").leads("/history")

	all := s.as("Max").get("/history").says("History", "Ed added", "Eve changed", "Someone added")
	if all.Find("select[name=actor]").Length() != 1 {
		t.Error("Max cannot choose whose changes to see")
	}
	s.as("Max").get("/history?actor=Eve").says("Eve changed").silentAbout("Ed added")
	s.as("Max").get("/history/" + eves).status(http.StatusOK)
}

func TestAnEditorUndoesTheirOwnChangesOnlyAndAManagerAll(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	for _, name := range []string{"Ed", "Eve"} {
		s.as(name).add("/places", "name", name+"'s", "address", "1 Street")
		added := s.last()
		for _, other := range []string{"Vic", map[string]string{"Ed": "Eve", "Eve": "Ed"}[name]} {
			s.writesNothing(func() {
				s.as(other).post("/history/" + added + "/undo").status(http.StatusForbidden).says("so nothing was done")
			})
		}
		s.as(name).post("/history/" + added + "/undo").status(http.StatusSeeOther)
		if got := s.author(s.newest()); got != member(name).ID {
			t.Errorf("the undo is by %d, want %s", got, name)
		}
		undone := s.last()
		s.as("Max").post("/history/" + undone + "/undo").status(http.StatusSeeOther) // it is there again

		// What Max did is told, and neither shown nor undone.
		s.as(name).post("/history/" + s.last() + "/undo").status(http.StatusForbidden)
		page := s.as(name).get("/history/" + undone).says("Undone by change " + s.last() + ": Max did again")
		if slices.Contains(page.links("main a"), "/history/"+s.last()) {
			t.Errorf("%s is led to what Max did", name)
		}
	}
}

func TestUndoPressedByTwoPeopleAtOnceIsDoneOnceAndAnsweredToBoth(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	for range 5 {
		s.as("Ed").add("/places", "name", "Taco Hut", "address", "7 W. Erie")
		added, before := s.last(), s.changes()
		var presses []*http.Request
		for i := range 8 {
			presses = append(presses, s.as([]string{"Ed", "Max"}[i%2]).request(http.MethodPost, "/history/"+added+"/undo", ""))
		}
		statuses, led := s.many(presses)
		if s.changes() != before+1 {
			t.Fatalf("undone %d times", s.changes()-before)
		}
		if slices.Contains(statuses, http.StatusForbidden) || slices.Contains(statuses, http.StatusUnprocessableEntity) {
			t.Errorf("answered %v", statuses)
		}
		led = slices.DeleteFunc(led, func(to string) bool { return to == "/history/"+added })
		if slices.ContainsFunc(led, func(to string) bool { return to != "/history/"+s.last() }) {
			t.Errorf("led to %v", led)
		}
		if s.author(s.newest()) == member("Max").ID && len(led) > 4 {
			t.Errorf("Ed was led to what Max did: %v", led)
		}
	}
}

func TestAFormOfAnotherPersonWithTheSameTokenIsAnotherForm(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	send := func(name string) string {
		return s.as(name).post("/places", "token", "THESAMEWORD", "name", "Taco Hut", "address", "1 Street").status(http.StatusSeeOther).Header.Get("Location")
	}
	eds, eves := send("Ed"), send("Eve")
	if eds == eves {
		t.Fatalf("Eve was given what Ed did: %s", eves)
	}
	if again := send("Ed"); again != eds {
		t.Errorf("Ed's form sent again leads to %s, at first to %s", again, eds)
	}
}

func TestWhatWasDoneIsToldToWhoDidItOnly(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	c := s.does("Eve", "Secret plan", "")
	for name, told := range map[string]bool{"Eve": true, "Max": true, "Ed": false, "Vic": false} {
		p := s.as(name).get("/restaurants", "Cookie", fmt.Sprint("maitred_done=", c.ID))
		if got := strings.Contains(p.sentence(), "Secret plan"); got != told {
			t.Errorf("%s is told of what Eve did: %v", name, got)
		}
	}
}

func TestHowFarALongChangeIsIsShownToWhoBeganItAndToManagers(t *testing.T) {
	t.Parallel()
	s := newCrowd(t).employ()
	gate := s.holds(t)
	begun := s.as("Eve").get("/places/" + demonDogs + "/delete").form("post").send().status(http.StatusSeeOther)
	path := begun.Header.Get("Location")
	if !strings.HasPrefix(path, "/progress/") {
		t.Fatalf("it leads to %s", path)
	}
	<-gate.reached
	for name, want := range map[string]int{"": 401, "Vic": 403, "Ed": 403, "Eve": 200, "Max": 200} {
		p := s.as(name).get(path).status(want)
		if strings.Contains(p.sentence(), "Demon Dogs") != (want == 200) {
			t.Errorf("%q reads: %s", name, p.short())
		}
		s.as(name).get(path, "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#progress").silentAbout("Demon Dogs")
	}
	gate.letGo()
}

func TestWhoOnlyReadsKeepsViewsForThemselvesAlone(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	vic := s.as("Vic")
	refused := vic.post("/places/views?q=dogs", "name", "Dogs", "shared", "1").status(http.StatusForbidden).says("not share them with everybody, so nothing was saved")
	refused.leads("/places/views")
	if n := s.rows("saved_views"); n != 0 {
		t.Fatalf("%d views were saved", n)
	}
	vic.post("/places/views?q=dogs", "name", "Dogs").status(http.StatusSeeOther)
	s.as("Ed").get("/places/views").silentAbout("Dogs")

	// From the days when Vic could share: the form says what saving it does.
	s.exec("UPDATE saved_views SET shared = TRUE")
	s.as("Ed").get("/places/views").says("Dogs", "shared by Vic")
	form := vic.get("/places/views/1").says("Everybody sees this view now. When you save it, only you will.").form("post")
	form.with("name", "Good dogs").send().status(http.StatusSeeOther)
	s.as("Ed").get("/places/views").silentAbout("dogs")
	vic.get("/places/views").says("Good dogs", "Rename").silentAbout("share")
}

func TestWhoOnlyReadsFindsRecordsAndNothingToDo(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	s.as("Vic").get("/search?q=joe").says("Joe").silentAbout("Change", "Let go", "Move")
	s.as("Vic").get("/search").says("Type a name or an address.").silentAbout("“add”", "delete")
	s.as("Vic").get("/search?q=let+go+of+joe").says("Nothing found")
	s.as("Ed").get("/search?q=let+go+of+joe").says("Let go of")
	s.as("Vic").get("/places/" + demonDogs + "/edit").status(http.StatusForbidden).
		says("You can read here, but not change anything, so nothing was done. A manager can change that.")
}
