package main

import (
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
)

// What is done in the shell is seen by the very next page of whoever is signed in at the running server.
func TestThePageAfterACommandOfTheShellIsAskedToSignIn(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	p := start(t, database)
	mustUser(t, database, password, "add", "Ben", "--role", "viewer")
	typed := password
	for _, command := range [][]string{{"role", "Ben", "editor"}, {"sign-out", "Ben"}, {"password", "Ben"}, {"disable", "Ben"}} {
		ben := signInAt(t, p, "Ben", typed)
		if status := ben(); status != http.StatusOK {
			t.Fatalf("before %q: answered %d", command, status)
		}
		if command[0] == "password" {
			typed = "seven swans a-swimming"
		}
		mustUser(t, database, typed, command...)
		if status := ben(); status != http.StatusUnauthorized {
			t.Errorf("after %q: answered %d", command, status)
		}
		p.get("/").answers(http.StatusOK) // Mia goes on
	}
}

// signInAt signs a person in at a running program, and returns what asks for a page in their browser.
func signInAt(t *testing.T, p *program, name, typed string) (page func() int) {
	t.Helper()
	res, err := (&http.Client{CheckRedirect: client.CheckRedirect}).PostForm(p.url+"/sign-in", url.Values{"name": {name}, "password": {typed}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if c.Name == "maitred_session" {
			return func() int {
				t.Helper()
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/places", nil)
				if err != nil {
					t.Fatal(err)
				}
				r.AddCookie(c)
				res, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				return res.StatusCode
			}
		}
	}
	t.Fatalf("%s is not let in: %d", name, res.StatusCode)
	return nil
}
