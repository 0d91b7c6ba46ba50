package handlers_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// This file tells the article on one-to-one relationships in pages, section by section.

// 1. Defining

func TestARestaurantHasTheNumberOfItsPlace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/restaurants/new").form("post").with("place_id", aceHardware).send().leadTo("/restaurants/" + aceHardware).
		says("Ace Hardware").leads("/places/" + aceHardware)
}

// 2. Creating

func TestAnEmptySiteGreetsAndLoadsTheSampleData(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	welcome := s.get("/").status(http.StatusOK).says("place", "restaurant", "waiter", "Load the sample data").leads("/places/new")
	load := welcome.form("post")
	load.send().leadTo("/places").says("24 places", "Demon Dogs", "944 W. Fullerton", "Ace Hardware", "1013 N. Ashland")
	s.writesNothing(func() { load.send().status(http.StatusSeeOther) })
	s.get("/restaurants?place__name=Demon+Dogs").lists(demonDogs)
	s.get("/waiters?name=Joe").lists(joe)
	s.get("/").says("24 places").silentAbout("Load the sample data")
	if n := s.changes(); n != 1 {
		t.Errorf("the sample data are %d changes", n)
	}
}

func TestAPlaceIsAdded(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	s.get("/").click("Add your first place").form("post").with("name", "Demon Dogs", "address", "944 W. Fullerton").send().
		leadTo("/places/1").says("Demon Dogs", "944 W. Fullerton", "added the place Demon Dogs")
}

func TestARestaurantIsOpenedAtAFreePlace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/places/"+aceHardware).click("Open a restaurant here").form("post").with("serves_pizza", "1").send().
		leadTo("/restaurants/"+aceHardware).says("Ace Hardware", "Serves pizza", "no waiters")
}

func TestARestaurantIsOpenedTogetherWithANewPlace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/restaurants/new").form("post").
		with("new_place", "1", "name", "Red Line Franks", "address", "1234 W. Belmont", "serves_hot_dogs", "1").send().
		leadTo("/restaurants/3").says("Red Line Franks", "Serves hot dogs", "added the place Red Line Franks and a restaurant at it")
	s.get("/places/3").says("Red Line Franks", "1234 W. Belmont").leads("/restaurants/3")
}

func TestNeitherIsSavedWhenTheNewPlaceIsWrong(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.writesNothing(func() {
		s.get("/restaurants/new").form("post").
			with("new_place", "1", "name", "Red Line Franks", "address", strings.Repeat("x", 81), "serves_hot_dogs", "1").send().
			status(http.StatusUnprocessableEntity).
			saysAt("address", "81 characters").
			keeps("name", "Red Line Franks").keeps("address", strings.Repeat("x", 81)).keeps("new_place", "1").keeps("serves_hot_dogs", "1").keeps("serves_pizza", "")
	})
}

func TestANewPlaceWinsOverOneThatWasChosenBefore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/restaurants/new?place_id="+aceHardware).form("post").with("new_place", "1", "name", "New", "address", "Street 1").send().
		leadTo("/restaurants/3")
	s.get("/places/" + aceHardware).says("free")
}

func TestAWaiterIsHired(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/restaurants/"+demonDogs).form("post").with("name", "Ann").send().
		leadTo("/restaurants/"+demonDogs).says("2 waiters", "Ann", "Joe")
	s.get("/waiters/2").says("Ann", "Demon Dogs").leads("/restaurants/" + demonDogs)
	s.get("/waiters/new?restaurant_id="+demonDogs).form("post").with("name", "Bob").send().
		leadTo("/waiters/3").says("Bob", "Demon Dogs")
}

// 3. Accessing the relation from both sides

func TestAPlaceShowsItsRestaurant(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/places/"+demonDogs).says("Demon Dogs", "944 W. Fullerton", "Serves hot dogs", "1 waiter").
		leads("/restaurants/" + demonDogs).silentAbout("free")
	s.get("/places").says("free")
}

func TestAFreePlaceShowsTheTwoWaysToFillIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/places/" + aceHardware).says("free").
		leads("/restaurants/new?place_id=" + aceHardware).leads("/places/" + aceHardware + "/bring")
}

func TestARestaurantShowsItsPlaceAndItsWaiters(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/restaurants/"+demonDogs).says("Demon Dogs", "944 W. Fullerton", "Joe").leads("/places/" + demonDogs).leads("/waiters/" + joe)
	s.get("/restaurants").says("Demon Dogs", "944 W. Fullerton", "yes", "no")
}

func TestAWaiterShowsTheRestaurantAndThePlace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/waiters/"+joe).says("Joe", "Demon Dogs", "944 W. Fullerton").leads("/restaurants/" + demonDogs).leads("/places/" + demonDogs)
	s.get("/waiters").says("Joe", "Demon Dogs").leads("/restaurants/" + demonDogs)
}

// 4. Reassigning

func TestARestaurantMovesAndItsWaitersFollow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Ann")
	choose := s.get("/restaurants/" + demonDogs).click("Move to another place")
	preview := choose.form("get").with("place_id", aceHardware).send().status(http.StatusOK).
		says("Now", "Then", "Demon Dogs", "Ace Hardware", "with 2 waiters", "free", "Move the restaurant, with its 2 waiters, to Ace Hardware")
	s.writesNothing(func() { s.get("/restaurants/" + demonDogs) })
	preview.form("post").send().leadTo("/restaurants/"+aceHardware).
		says("Ace Hardware", "1013 N. Ashland", "Serves hot dogs", "Ann", "Joe", "moved the restaurant, with its 2 waiters, from Demon Dogs to Ace Hardware")
	s.get("/places/" + demonDogs).says("free").silentAbout("Serves hot dogs")
	s.get("/places/" + aceHardware).leads("/restaurants/" + aceHardware)
	s.get("/restaurants").lists(aceHardware)
	s.get("/waiters?restaurant="+aceHardware).lists("1", "2")
	s.get("/restaurants/" + demonDogs).status(http.StatusNotFound).says("moved").
		leads("/restaurants/" + aceHardware).leads("/history/" + strconv.Itoa(s.newest()))
}

func TestAnOldAddressLeadsOnAfterTwoMovesAndTellsOfADeletionAfterwards(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	third := s.add("/places", "name", "Third", "address", "3")
	s.move(demonDogs, aceHardware)
	s.move(aceHardware, third)
	for _, left := range []string{demonDogs, aceHardware} {
		s.get("/restaurants/" + left).status(http.StatusNotFound).says("moved").leads("/restaurants/" + third)
	}
	s.get("/restaurants/" + third + "/delete").form("post").send().status(http.StatusSeeOther)
	for _, left := range []string{demonDogs, aceHardware, third} {
		s.get("/restaurants/" + left).status(http.StatusNotFound).says("Someone deleted the restaurant at Third").leads("/history/" + strconv.Itoa(s.newest()))
	}
}

// move moves a restaurant by its pages.
func (s *site) move(from, to string) {
	s.t.Helper()
	s.get("/restaurants/" + from + "/move?place_id=" + to).form("post").send().leadTo("/restaurants/" + to)
}

func TestARestaurantIsBroughtToAFreePlace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	bring := s.get("/places/"+aceHardware).click("Bring a restaurant here").says("Bring a restaurant to Ace Hardware", "Demon Dogs")
	choose := bring.form("get")
	choose.with("restaurant", demonDogs).send().
		leadTo("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware).says("Move the restaurant, with its 1 waiter, to Ace Hardware").
		form("post").send().leadTo("/restaurants/" + aceHardware)
}

func TestATakenPlaceIsNeverOverwrittenAndOffersThreeWays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/restaurants", "place_id", aceHardware, "serves_pizza", "1")
	third := s.add("/places", "name", "Third", "address", "3")
	s.writesNothing(func() {
		for _, p := range []*page{
			s.get("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware).status(http.StatusOK),
			s.post("/restaurants/"+demonDogs+"/move", "place_id", aceHardware).status(http.StatusUnprocessableEntity),
		} {
			p.says("Ace Hardware already has a restaurant", "with 1 waiter", "Swap the two restaurants of Demon Dogs and Ace Hardware").
				leads("/restaurants/" + aceHardware + "/move").
				leads("/restaurants/" + demonDogs + "/move")
		}
		s.post("/restaurants/"+demonDogs+"/move", "place_id", aceHardware, "fingerprint", "x").status(http.StatusConflict)
	})
	// The second way: the other one moves first.
	s.move(aceHardware, third)
	s.move(demonDogs, aceHardware)
}

func TestTwoRestaurantsSwap(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/restaurants", "place_id", aceHardware, "serves_pizza", "1")
	s.add("/waiters", "restaurant_id", aceHardware, "name", "Ann")
	s.add("/waiters", "restaurant_id", aceHardware, "name", "Bob")
	s.get("/restaurants/"+demonDogs+"/move?place_id="+aceHardware).says("with 1 waiter", "with 2 waiters").
		form("post").send().leadTo("/restaurants/"+aceHardware).says("Ace Hardware", "Serves hot dogs", "Joe", "swapped the restaurants of Demon Dogs and Ace Hardware").silentAbout("Ann")
	s.get("/restaurants/"+demonDogs).says("Demon Dogs", "Serves pizza", "Ann", "Bob", "swapped the restaurants").silentAbout("Joe")
	s.get("/places").says("Serves pizza, 2 waiters", "Serves hot dogs, 1 waiter")
}

func TestASwapWithoutItsPreviewIsShownAndNotDone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/restaurants", "place_id", aceHardware)
	s.writesNothing(func() {
		s.post("/restaurants/"+demonDogs+"/move", "place_id", aceHardware, "resolve", "swap").status(http.StatusOK).says("Swap the two restaurants")
	})
	s.post("/restaurants/"+demonDogs+"/move", "place_id", aceHardware, "resolve", "swap").form("post").send().leadTo("/restaurants/" + aceHardware)
}

func TestASwapWithAPlaceThatIsFreeIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.writesNothing(func() {
		s.post("/restaurants/"+demonDogs+"/move", "place_id", aceHardware, "resolve", "swap").status(http.StatusUnprocessableEntity).says("Ace Hardware is free")
	})
}

func TestAPlaceThatWasTakenWhileThePreviewStoodOpenIsNotOverwritten(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	move := s.get("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware).form("post")
	s.add("/restaurants", "place_id", aceHardware)
	taken := s.newest()
	var now *page
	s.writesNothing(func() {
		now = move.send().status(http.StatusConflict).says("Ace Hardware already has a restaurant", "Swap").
			leads("/history/" + strconv.Itoa(taken))
	})
	now.form("post").send().leadTo("/restaurants/" + aceHardware)
}

func TestAWaiterHiredWhileThePreviewStoodOpenIsNotMovedUnseen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	move := s.get("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware).form("post")
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Ann")
	var now *page
	s.writesNothing(func() {
		now = move.send().status(http.StatusConflict).says("added the waiter Ann", "Move the restaurant, with its 2 waiters, to Ace Hardware")
	})
	now.form("post").send().leadTo("/restaurants/"+aceHardware).says("Ann", "Joe")
}

func TestAWaiterExchangedForAnotherIsNoticedThoughTheNumberIsTheSame(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	move := s.get("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware).form("post")
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Ann")
	s.get("/waiters/" + joe + "/delete").form("post").send().status(http.StatusSeeOther)
	s.writesNothing(func() {
		move.send().status(http.StatusConflict).says("added the waiter Ann", "deleted the waiter Joe")
	})
}

func TestThePlaceOrTheRestaurantDeletedMeanwhileIsToldToWhoMoves(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	move := s.get("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware).form("post")
	s.get("/places/" + aceHardware + "/delete").form("post").send().status(http.StatusSeeOther)
	s.writesNothing(func() {
		move.send().status(http.StatusConflict).says("does not exist, or was deleted meanwhile", "Someone deleted the place Ace Hardware")
	})
	s.get("/restaurants/" + demonDogs + "/delete").form("post").send().status(http.StatusSeeOther)
	s.writesNothing(func() {
		move.send().status(http.StatusNotFound).says("Someone deleted the restaurant at Demon Dogs")
	})
}

func TestAMoveToWhereItIsAlreadyOrToNowhereIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.writesNothing(func() {
		for to, says := range map[string]string{demonDogs: "is where it is already", "99": "does not exist", "": "Choose", "abc": "Choose", "-1": "Choose"} {
			s.post("/restaurants/"+demonDogs+"/move", "place_id", to).status(http.StatusUnprocessableEntity).says(says)
		}
		s.get("/restaurants/" + demonDogs + "/move?place_id=99").status(http.StatusUnprocessableEntity).says("does not exist")
	})
}

func TestThePickerSaysOfEveryPlaceWhetherItIsFree(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	s.get("/").form("post").send().status(http.StatusSeeOther)
	p := s.get("/restaurants/1/move")
	options := p.Find("main input[type=radio][name=place_id]")
	if options.Length() == 0 || options.Length() > 20 {
		t.Errorf("the picker offers %d places", options.Length())
	}
	for _, o := range options.EachIter() {
		if said := squeezed(o.Closest("label")); !strings.Contains(said, "free") && !strings.Contains(said, "taken by") {
			t.Errorf("the picker says %q", said)
		}
	}
	p.form("get").with("q", "ashland ace").send().says("Ace Hardware", "free").silentAbout("Old Town Bakery")
	p.form("get").with("q", "cafe brulee").send().says("Café Brûlée", "taken by")
	p.form("get").with("q", "no such place").send().says("Nothing found")
}

func TestARestaurantIsCopiedWithoutItsWaiters(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	choose := s.get("/restaurants/" + demonDogs).click("Open a copy at another place")
	choose.form("get").with("place_id", aceHardware).send().says("Open a copy at Ace Hardware", "without waiters").
		form("post").send().leadTo("/restaurants/"+aceHardware).
		says("Serves hot dogs", "no waiters", "opened a copy of the restaurant at Demon Dogs at Ace Hardware").silentAbout("Joe", "moved")
	s.get("/restaurants/"+demonDogs).says("Joe", "1 waiter")
	s.writesNothing(func() {
		s.post("/restaurants/"+demonDogs+"/copy", "place_id", aceHardware).status(http.StatusUnprocessableEntity).says("Ace Hardware already has a restaurant")
	})
}

func TestARestaurantForAPlaceThatWasNeverSavedIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.writesNothing(func() {
		s.post("/restaurants", "place_id", "99", "serves_pizza", "1").status(http.StatusUnprocessableEntity).
			saysAt("place_id", "That place does not exist, or was deleted meanwhile. Choose another place.").keeps("serves_pizza", "1")
		s.post("/restaurants", "serves_pizza", "1").status(http.StatusUnprocessableEntity).saysAt("place_id", "Choose the place").keeps("serves_pizza", "1")
	})
}

func TestARestaurantForAPlaceThatWasDeletedWhileTheFormStoodOpenIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	form := s.get("/restaurants/new?place_id="+aceHardware).form("post").with("serves_hot_dogs", "1")
	s.get("/places/" + aceHardware + "/delete").form("post").send().status(http.StatusSeeOther)
	s.writesNothing(func() {
		form.send().status(http.StatusUnprocessableEntity).saysAt("place_id", "was deleted meanwhile").keeps("serves_hot_dogs", "1")
	})
}

func TestARestaurantAtATakenPlaceIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.writesNothing(func() {
		s.post("/restaurants", "place_id", demonDogs, "serves_pizza", "1").status(http.StatusUnprocessableEntity).
			saysAt("place_id", "Demon Dogs already has a restaurant").keeps("serves_pizza", "1")
	})
}

func TestOfTwentyRestaurantsAtOnePlaceOneIsOpened(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var requests []*http.Request
	for range 20 {
		requests = append(requests, s.get("/restaurants/new").form("post").with("place_id", aceHardware).request())
	}
	statuses, _ := s.many(requests)
	if fmt.Sprint(statuses) != fmt.Sprint(append([]int{http.StatusSeeOther}, repeated(http.StatusUnprocessableEntity, 19)...)) {
		t.Errorf("answered %v", statuses)
	}
}

func repeated(status, n int) (statuses []int) {
	for range n {
		statuses = append(statuses, status)
	}
	return statuses
}

// 5. Querying across relations

func TestTheQueriesOfTheArticleAreAddresses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/restaurants", "place_id", aceHardware)
	third := s.add("/places", "name", "Demon Lair", "address", "3")
	ann := s.add("/waiters", "restaurant_id", aceHardware, "name", "Ann")
	for address, keys := range map[string][]string{
		"/restaurants?place=1":                                    {demonDogs},
		"/restaurants?place__name__startswith=Demon":              {demonDogs},
		"/restaurants?exclude__place__address__contains=Ashland":  {demonDogs},
		"/places?restaurant=1":                                    {demonDogs},
		"/places?restaurant__place__name__startswith=Demon":       {demonDogs},
		"/waiters?restaurant__place=1":                            {joe},
		"/waiters?restaurant__place__name__startswith=Demon":      {joe},
		"/places?restaurant__isnull=true":                         {third},
		"/places?restaurant__waiter__name=Ann":                    {aceHardware},
		"/waiters?exclude__restaurant__place__name=Demon+Dogs":    {ann},
		"/waiters?restaurant__place__name__istartswith=demon":     {joe},
		"/waiters?restaurant__place__name__startswith=demon":      {},
		"/places?name__contains=%25":                              {},
		"/places?name__contains=_":                                {},
		"/restaurants?waiter__count=1&place__name=Demon+Dogs":     {demonDogs},
		"/restaurants?waiter__count__gt=1":                        {},
		"/places?pk__in=1,3":                                      {demonDogs, third},
		"/places?name__startswith=Demon&restaurant__isnull=false": {demonDogs},
	} {
		s.get(address).lists(keys...)
	}
}

func TestConditionsStayWhenTheListIsSortedAndSearched(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/places", "name", "Demon Lair", "address", "3")
	p := s.get("/places?name__startswith=Demon")
	p.form("get").with("q", "lair").send().lists("3")
	for _, href := range p.links("main th a") {
		s.get(href).lists(demonDogs, "3")
	}
}

// 6. Deleting

func TestTheDeletionOfAPlaceShowsAllThatGoesAlong(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 24 {
		s.add("/waiters", "restaurant_id", demonDogs, "name", fmt.Sprintf("Waiter %02d", i))
	}
	preview := s.get("/places/"+demonDogs).click("Delete").
		says("1 place", "1 restaurant", "25 waiters", "Joe", "Waiter 18", "and 5 more", "Delete 1 place, 1 restaurant and 25 waiters").
		silentAbout("Waiter 19", "This stays").leads("/waiters/" + joe).leads("/places/" + demonDogs)
	preview.form("post").send().leadTo("/places").silentAbout("Demon Dogs")
	s.get("/places").lists(aceHardware)
	s.get("/restaurants").lists()
	s.get("/waiters").lists()
	s.get("/history/"+strconv.Itoa(s.newest())).says("Someone deleted the place Demon Dogs with 1 restaurant and 25 waiters", "27 records")
	for _, gone := range []string{"/places/1", "/restaurants/1", "/waiters/7"} {
		s.get(gone).status(http.StatusNotFound).says("Someone deleted").leads("/history/" + strconv.Itoa(s.newest()))
	}
}

func TestTheDeletionOfARestaurantLeavesItsPlace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/restaurants/"+demonDogs).click("Delete").
		says("Delete 1 restaurant and 1 waiter", "The place Demon Dogs", "will be free").
		form("post").send().leadTo("/restaurants")
	s.get("/places/" + demonDogs).says("free")
}

func TestTheDeletionOfAWaiterLeavesTheRestaurant(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/waiters/"+joe).click("Let go").
		says("Let go of the waiter Joe?", "Let go of 1 waiter", "The restaurant at Demon Dogs").silentAbout("Delete").silentAbout("will be free").
		form("post").send().leadTo("/waiters")
	s.get("/restaurants/" + demonDogs).says("no waiters")
}

func TestAWaiterHiredWhileTheDeletionStoodOpenIsNotDeletedUnseen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	deletion := s.get("/places/" + demonDogs + "/delete").form("post")
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Ann")
	s.writesNothing(func() {
		deletion.send().status(http.StatusConflict).
			says("Nothing was deleted", "added the waiter Ann", "Delete 1 place, 1 restaurant and 2 waiters").
			leads("/history/" + strconv.Itoa(s.newest()))
	})
}

func TestARestaurantThatMovedAwayIsNotDeletedUnseen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ofPlace := s.get("/places/" + demonDogs + "/delete").form("post")
	ofRestaurant := s.get("/restaurants/" + demonDogs + "/delete").form("post")
	s.move(demonDogs, aceHardware)
	s.writesNothing(func() {
		ofPlace.send().status(http.StatusConflict).says("Delete 1 place", "moved the restaurant")
		ofRestaurant.send().status(http.StatusNotFound).leads("/restaurants/" + aceHardware)
	})
	s.add("/restaurants", "place_id", demonDogs)
	s.writesNothing(func() { ofRestaurant.send().status(http.StatusConflict) })
}

func TestAKeyIsNeverGivenOutTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/places/" + aceHardware + "/delete").form("post").send().status(http.StatusSeeOther)
	if key := s.add("/places", "name", "New", "address", "1"); key != "3" {
		t.Errorf("the new place has the key %s", key)
	}
}

func TestTheNextRestaurantAtAPlaceHasAHistoryOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/restaurants/" + demonDogs + "/delete").form("post").send().status(http.StatusSeeOther)
	s.add("/restaurants", "place_id", demonDogs, "serves_pizza", "1")
	if n := s.get("/restaurants/" + demonDogs).Find("main li a[href^='/history/']").Length(); n != 1 {
		t.Errorf("the new restaurant has %d changes", n)
	}
}

// 7. Waiters

func TestAWaiterIsRenamed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/waiters/"+joe).click("Change").form("post").with("name", "Joseph").send().
		leadTo("/waiters/"+joe).says("Joseph", "changed the waiter Joe: name from “Joe” to “Joseph”")
}

func TestAWaiterMovesToAnotherRestaurant(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/restaurants", "place_id", aceHardware)
	s.get("/waiters/"+joe).click("Move to another restaurant").form("get").with("restaurant_id", aceHardware).send().
		says("Move the waiter Joe to Ace Hardware").form("post").send().
		leadTo("/waiters/"+joe).says("Ace Hardware", "moved the waiter Joe from Demon Dogs to Ace Hardware")
	s.get("/restaurants/" + demonDogs).says("no waiters")
	s.get("/restaurants/"+aceHardware).says("1 waiter", "Joe")
}

func TestAWaiterCannotBeHiredAtAPlaceWithoutARestaurant(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.writesNothing(func() {
		s.post("/waiters", "name", "Ann", "restaurant_id", aceHardware).status(http.StatusUnprocessableEntity).
			saysAt("restaurant_id", "That restaurant does not exist").keeps("name", "Ann")
	})
}

func TestHistoryShowsEachChangeOnceNewestFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 60 {
		s.add("/places", "name", fmt.Sprint("Place ", i), "address", "1")
	}
	var shown []string
	for path := "/history"; path != ""; {
		p := s.get(path).status(http.StatusOK)
		for _, entry := range p.Find("main li:has(a[href^='/history/']), main tr:has(a[href^='/history/'])").EachIter() {
			shown = append(shown, entry.Find("a[href^='/history/']").AttrOr("href", ""))
		}
		path = p.rel("next")
	}
	if len(shown) != 64 {
		t.Errorf("%d changes are shown", len(shown))
	}
	for i, href := range shown {
		if want := fmt.Sprint("/history/", 64-i); href != want {
			t.Fatalf("entry %d leads to %s, want %s", i, href, want)
		}
	}
}
