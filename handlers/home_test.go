package handlers_test

import (
	"net/http"
	"testing"
)

func TestTheSampleDataIsLoadedOnAnEmptySiteOnly(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	one := s.get("/").says("Welcome", "A place", "A restaurant", "A waiter").form("post")
	other := s.get("/").form("post")
	s.get("/").leads("/places/new")

	one.send().leadTo("/places").says("Demon Dogs", "944 W. Fullerton", "Ace Hardware", "1013 N. Ashland")
	one.send().leadTo("/places") // pressed twice: the first answer again
	other.send().status(http.StatusConflict).says("There are places here already", "Nothing was changed")

	s.get("/places?name=Demon+Dogs").lists(demonDogs)
	s.get("/restaurants/"+demonDogs).says("Serves hot dogs", "Joe")
	s.get("/places?restaurant__isnull=true&name=Ace+Hardware").lists(aceHardware)
	if n := s.changes(); n != 1 {
		t.Errorf("loading the sample data is %d changes, want 1", n)
	}
	s.get("/").says("places", "restaurants", "waiters", "loaded the sample data")
}

func TestAnOlderPageOfHistorySaysThatThereIsNothingOlder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/history?before=1").status(http.StatusOK).says("nothing older").silentAbout("Nothing has been changed")
	emptySite(t).get("/history").says("Nothing has been changed yet")
}

func TestARetriedEditIsAnsweredAsTheFirstTimeThoughTheRecordIsGone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	edit := s.get("/places/"+aceHardware+"/edit").form("post").with("name", "Ace")
	edit.send().status(http.StatusSeeOther)
	s.get("/places/" + aceHardware + "/delete").form("post").send().status(http.StatusSeeOther)

	if to := edit.send().status(http.StatusSeeOther).Header.Get("Location"); to != "/places/"+aceHardware {
		t.Errorf("the retry leads to %s", to)
	}
	edit.with("name", "Ace II").send().status(http.StatusNotFound).says("deleted")
}

func TestOnlyARestaurantThatExistsCanBeBrought(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/places/"+aceHardware+"/bring?restaurant=999").status(http.StatusUnprocessableEntity).saysAt("restaurant", "does not exist")
	to := s.get("/places/" + aceHardware + "/bring?restaurant=" + demonDogs).status(http.StatusSeeOther).Header.Get("Location")
	if to != "/restaurants/"+demonDogs+"/move?place_id="+aceHardware {
		t.Errorf("bring leads to %s", to)
	}
}

func TestAnUnknownFileIsAWholePage(t *testing.T) {
	t.Parallel()
	emptySite(t).get("/static/app.000000000000.css").status(http.StatusNotFound).says("nothing at this address")
}

func TestTheFormForANewRecordCanOnlyBeRead(t *testing.T) {
	t.Parallel()
	p := newSite(t).post("/places/new", "name", "X").status(http.StatusMethodNotAllowed)
	if p.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("Allow: %s", p.Header.Get("Allow"))
	}
}
