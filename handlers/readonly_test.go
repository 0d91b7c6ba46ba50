package handlers_test

import (
	"net/http"
	"testing"
)

// A site whose disk cannot be written to shows what it has, and says on every page what it cannot do.
func TestASiteThatCanOnlyBeReadSaysSo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Store.ReadOnly = true
	const notice = "This site can only be read at the moment, because its disk cannot be written to."
	for _, path := range []string{"/", "/places", "/places/" + demonDogs, "/places/" + demonDogs + "/delete", "/places/new", "/history"} {
		s.get(path).status(http.StatusOK).says(notice)
	}
	s.get("/places/999").status(http.StatusNotFound).says(notice)
	before := s.rows("places")
	for _, p := range []*page{
		s.post("/places", "name", "Third", "address", "3"),
		s.get("/places/" + demonDogs + "/delete").form("post").send(),
		s.get("/waiters/" + joe + "/edit").form("post").send(),
		s.post("/sample"),
		s.post("/places/views?q=demon", "name", "Mine"),
	} {
		p.status(http.StatusServiceUnavailable).says(notice, "Nothing was saved; reading still works.", "tell your administrator")
		if again := p.Header.Get("Retry-After"); again != "" {
			t.Errorf("it says to come again in %s seconds, which will not help", again)
		}
	}
	if s.rows("places") != before {
		t.Error("something was saved")
	}
	s.Store.ReadOnly = false
	if p := s.get("/places"); p.Find("main > p.done").Length() != 0 {
		t.Errorf("it says so when it can be written to: %s", p.Find("main > p.done").Text())
	}
}
