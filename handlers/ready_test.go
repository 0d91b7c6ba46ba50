package handlers_test

import (
	"net/http"
	"testing"

	"maitred/handlers"
	"maitred/models/account"
)

func TestASiteIsReadyUnlessSomethingIsWrong(t *testing.T) {
	onlyOfAFile(t, "its schema is changed beside the program")
	t.Parallel()
	s := newSite(t)
	says := func(status int, words string) {
		t.Helper()
		s.answerBy(handlers.New(s.options(account.Manager))) // which has not looked yet
		w := s.serve(s.request(http.MethodGet, "/readyz", ""))
		if w.Code != status || w.Body.String() != words {
			t.Errorf("answered %d %q, want %d %q", w.Code, w.Body, status, words)
		}
	}
	says(http.StatusOK, "ready\n")
	const (
		otherSchema = "The database does not have the schema of this program.\n"
		onlyRead    = "The database can only be read, because its disk cannot be written to.\n"
	)
	s.exec("INSERT INTO bun_migrations (name, group_id, migrated_at) VALUES ('29990101000000', 9, '2999-01-01')")
	says(http.StatusServiceUnavailable, otherSchema)
	s.Store.ReadOnly = true
	says(http.StatusServiceUnavailable, otherSchema+onlyRead)
	s.Store.ReadOnly = false
	s.exec("DELETE FROM bun_migrations WHERE name = '29990101000000'")
	says(http.StatusOK, "ready\n")
}
