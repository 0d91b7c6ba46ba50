package handlers_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"maitred/handlers"
	"maitred/models/account"
)

func TestNobodyTypesAPasswordOverPlainHTTPFromAnotherMachine(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	_, link, err := s.people.Invite(context.Background(), account.Shell, "Ivy", account.Viewer)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, path, form, from string, headers ...string) *http.Response {
		r := s.request(method, path, form, append([]string{"Host", "desk.example", "Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
		r.RemoteAddr = from + ":1234"
		return s.serve(r).Result()
	}
	for _, c := range [][3]string{
		{"GET", "/sign-in", ""}, {"POST", "/sign-in", "name=Max&password=" + password},
		{"GET", "/welcome?link=" + link, ""}, {"POST", "/welcome", "link=" + link + "&password=seven+swans+a-swimming"},
	} {
		refused := ask(c[0], c[1], c[2], "203.0.113.7")
		if refused.StatusCode != http.StatusForbidden || len(refused.Cookies()) != 0 {
			t.Errorf("%s %s: %d, cookies %v", c[0], c[1], refused.StatusCode, refused.Cookies())
		}
	}
	typed := "name=Max&password=" + strings.ReplaceAll(password, " ", "+")
	for what, in := range map[string]*http.Response{
		"on this machine":       ask("POST", "/sign-in", typed, "127.0.0.1"),
		"over TLS at the proxy": ask("POST", "/sign-in", typed, proxy, "X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto", "https"),
	} {
		if in.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %d", what, in.StatusCode)
		}
	}
	o := s.options("")
	o.AllowHTTP = true
	s.answerBy(handlers.New(o))
	if in := ask("POST", "/sign-in", typed, "203.0.113.7"); in.StatusCode != http.StatusSeeOther {
		t.Errorf("where the operator allows it: %d", in.StatusCode)
	}
}
