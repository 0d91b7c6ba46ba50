package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"maitred/models/problem"
	"maitred/models/store"
)

// A long change whose instance died is gone on with at another one, by sending its form again: with the fingerprint
// of what the person saw, so that just that is done, or nothing; in their name, as far as they may still do it; and
// with the token, so that it is done once.

// replay is a form that is sent again for somebody.
type replay struct {
	user   int64 // 0 where nobody signs in
	failed error // why nothing was done
}

// replayKey is under what such a request carries it. Nothing that comes from outside can.
type replayKey struct{}

func replayOf(r *http.Request) *replay {
	a, _ := r.Context().Value(replayKey{}).(*replay)
	return a
}

// sentForm is a form as it was sent.
type sentForm struct{ Address, Body string }

// formOf is the form of a request, to be sent again.
func formOf(c echo.Context) string {
	b, _ := json.Marshal(sentForm{c.Request().URL.RequestURI(), c.Request().PostForm.Encode()}) // two texts
	return string(b)
}

// sendAgain sends the form of a long change. It returns when that goes on, or is done. Errors: why nothing is done.
func (a *app) sendAgain(ctx context.Context, site http.Handler, l store.Left) error {
	var f sentForm
	if err := json.Unmarshal([]byte(l.Sent), &f); err != nil {
		return fmt.Errorf("the form of a long change cannot be read: %w", err)
	}
	mine := &replay{user: l.User}
	r, err := http.NewRequestWithContext(context.WithValue(ctx, replayKey{}, mine), http.MethodPost, f.Address, strings.NewReader(f.Body))
	if err != nil {
		return err
	}
	r.Host, r.RequestURI, r.RemoteAddr = thisMachine[0], f.Address, "127.0.0.1:0"
	r.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	answer := &unread{header: http.Header{}}
	site.ServeHTTP(answer, r)
	switch {
	case mine.failed != nil:
		return mine.failed
	case answer.status == http.StatusServiceUnavailable:
		return problem.New(problem.Busy, "Too many requests are worked on at this moment.")
	case answer.status >= http.StatusBadRequest:
		return fmt.Errorf("the form of a long change was answered with %d", answer.status)
	}
	return nil
}

// standIn lets a request act for the person whose form is sent again. Errors: they may not come in any more.
func (a *app) standIn(c echo.Context, r *replay) error {
	u, err := a.Accounts.User(c.Request().Context(), r.user)
	if err != nil {
		return err
	}
	if u.Disabled {
		return problem.New(problem.Forbidden, "%s was switched off before it was done, so nothing was done.", u.Name)
	}
	c.Set(whoKey, u.Who())
	c.Set(storeKey, storeOf(c).By(u.ID, u.Name))
	return nil
}

// unread is an answer that nobody reads but for its status.
type unread struct {
	header http.Header
	status int
}

func (u *unread) Header() http.Header { return u.header }

func (u *unread) WriteHeader(status int) {
	if u.status == 0 {
		u.status = status
	}
}

func (u *unread) Write(b []byte) (int, error) {
	u.WriteHeader(http.StatusOK)
	return len(b), nil
}
