package handlers_test

import (
	"net/http"
	"testing"
)

func TestEveryPageOfWhoIsSignedInHasTheWayOutAndTheBrowserForgets(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	max := s.as("Max")
	for path, status := range map[string]int{
		"/": 200, "/places": 200, "/places/1": 200, "/places/new": 200, "/restaurants/1/move": 200, "/places/1/delete": 200, "/history": 200, "/search?q=demon": 200,
		"/account": 200, "/account/second-step": 200, "/users": 200, "/users/4": 200, "/users/trail": 200, "/places/99": 404, "/nonsense": 404, "/places?nonsense=1": 400,
	} {
		if max.get(path).status(status).Find("form[method=post][action='/sign-out'] button").Length() == 0 {
			t.Errorf("%s has no way out", path)
		}
	}
	out := max.post("/sign-out").status(http.StatusSeeOther)
	if clear := out.Header.Get("Clear-Site-Data"); clear != `"cache"` {
		t.Errorf("the browser is told to forget %q", clear)
	}
	for _, c := range (&http.Response{Header: out.Header}).Cookies() {
		if c.Name == "maitred_session" && (c.Value != "" || c.MaxAge >= 0) {
			t.Errorf("the cookie is still %v", c)
		}
	}
	max.get("/account").status(http.StatusUnauthorized)
}
