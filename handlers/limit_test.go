package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/kind"
)

// This file holds what happens to a question that nobody would wait for.

// endless is a condition on restaurants that looks at each waiter of a restaurant again and again
// for each of them.
const endless = "exclude__waiter__restaurant__waiter__restaurant__waiter__restaurant__waiter__name__icontains"

// aCrowd is a site with a restaurant of so many waiters that an endless question does not end.
func aCrowd(t testing.TB) *site {
	t.Helper()
	s := newSite(t)
	var op change.Create
	for i := range 2000 {
		hired := &models.Waiter{RestaurantID: 1, Name: fmt.Sprintf("Waiter %04d", i)}
		if err := kind.Check(s.Store, hired); err != nil {
			t.Fatal(err)
		}
		op.Records = append(op.Records, change.Record{Model: hired})
	}
	if _, err := change.Commit(t.Context(), s.Store, op, change.Form{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAListThatTakesTooLongStaysAListInWhichTheQuestionCanBeChanged(t *testing.T) {
	onlyOfAFile(t, "PostgreSQL answers this question in time")
	t.Parallel()
	s := aCrowd(t)
	s.Store.Patience = 50 * time.Millisecond
	address := "/restaurants?" + endless + "=zzz&serves_pizza=false&sort=-name"
	p := s.get(address).status(http.StatusUnprocessableEntity).
		says("Finding these restaurants takes too long, so it was stopped.", "do not serve pizza", "zzz").
		leads("/restaurants").leads("/restaurants?serves_pizza=false&sort=-name").leads("/restaurants?" + endless + "=zzz&sort=-name")
	if p.Find("#list table, #list .pager, #list #many").Length() > 0 || p.Find("#search input[name=q]").Length() != 1 {
		t.Errorf("the page is %s", p.Body)
	}
	if p.Header.Get("Set-Cookie") != "" {
		t.Error("a list that cannot be shown is remembered as the one to go back to")
	}
	r := s.request(http.MethodGet, address, "", "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#list")
	part := httptest.NewRecorder()
	s.ServeHTTP(part, r)
	body := part.Body.String()
	if part.Code != http.StatusUnprocessableEntity || part.Header().Get("HX-Retarget") != "" || !strings.HasPrefix(body, `<div id="list"`) || strings.Count(body, "Remove: ") != 3 {
		t.Errorf("the part that changes is answered %d %q %s", part.Code, part.Header(), body)
	}
}

func TestNothingElseWaitsForAQuestionThatTakesTooLong(t *testing.T) {
	onlyOfAFile(t, "PostgreSQL answers this question in time")
	t.Parallel()
	s := aCrowd(t)
	s.Store.Patience = 50 * time.Millisecond
	var requests []*http.Request
	for i := range 12 {
		requests = append(requests, s.request(http.MethodGet, fmt.Sprint("/restaurants?", endless, "=zzz", i), ""))
	}
	statuses, _ := s.many(requests)
	for _, status := range statuses {
		if status != http.StatusUnprocessableEntity {
			t.Errorf("answered %v", statuses)
		}
	}
	s.get("/places").lists(aceHardware, demonDogs)
	s.add("/places", "name", "Zoë's", "address", "1")
}

func TestAnExactNumberThatTakesTooLongCanBeDoneWithout(t *testing.T) {
	onlyOfAFile(t, "PostgreSQL answers this question in time")
	t.Parallel()
	s := aCrowd(t)
	s.Store.Patience = 5 * time.Millisecond
	s.get("/restaurants?count=exact&" + endless + "=zzz").status(http.StatusUnprocessableEntity).
		says("Counting these restaurants exactly takes too long").leads("/restaurants?" + endless + "=zzz")
}

func TestARecordOpenedFromAListThatTakesTooLongHasNoNeighbours(t *testing.T) {
	onlyOfAFile(t, "PostgreSQL answers this question in time")
	t.Parallel()
	s := aCrowd(t)
	s.Store.Patience = 50 * time.Millisecond
	p := s.get("/restaurants/1?in=" + url.QueryEscape(endless+"=zzz")).status(http.StatusOK)
	if p.Find("main .around").Length() > 0 {
		t.Error("it has neighbours")
	}
	p.says("Waiter 0000") // nor is the part below refused
}

func TestAPickerWhoseSearchTakesTooLongSaysSoAndKeepsWhatWasChosen(t *testing.T) {
	t.Parallel()
	s := aCrowd(t)
	s.Store.Patience = time.Nanosecond
	p := s.get("/waiters/new?q=demon&restaurant_id=1").status(http.StatusOK).says("Finding this takes too long, so it was stopped.")
	if p.Find("input[name=restaurant_id]").Length() != 0 {
		t.Error("it offers some all the same")
	}
}

func TestASearchOfAllKindsShowsWhatWasFoundInTime(t *testing.T) {
	t.Parallel()
	s := aCrowd(t)
	s.Store.Patience = time.Nanosecond
	s.searched("waiter").announces("2 things to do.").says("Finding waiters by this takes too long, so it was stopped.")
	s.searched("joe").announces("This takes too long to find, so it was stopped. Type more letters.")
}

func TestNobodyCanHoldTheDatabaseByAQuestionAboutAllThatMatch(t *testing.T) {
	onlyOfAFile(t, "PostgreSQL answers this question in time")
	t.Parallel()
	s := aCrowd(t)
	s.Store.Patience = 5 * time.Millisecond
	changes := s.changes()
	for _, form := range []url.Values{values("all", "1"), values("all", "1", "fingerprint", "x.1"), values("all", "1", "serves_pizza", "true", "fingerprint", "x.1")} {
		for _, verb := range []string{"delete", "serves"} {
			s.send("/restaurants/"+verb+"?"+endless+"=zzz", form).status(http.StatusUnprocessableEntity).
				says("Finding all that match takes too long, so it was stopped. Nothing was done.").leads("/restaurants?" + endless + "=zzz")
		}
	}
	s.Store.Patience = 0
	if n := s.changes(); n != changes {
		t.Errorf("%d changes were written", n-changes)
	}
}
