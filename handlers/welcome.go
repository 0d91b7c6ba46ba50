package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"maitred/models/account"
	"maitred/models/problem"
	"maitred/views"
)

// The fields of choosing a password with a one-time link.
const (
	linkField  = "link"
	againField = "again"
)

// welcome shows the form behind a one-time link: the first manager's, or that of someone invited.
func (a *app) welcome(c echo.Context) error {
	if a.plainFromAfar(c) {
		return tooPlain()
	}
	word := asked(c).Get(linkField)
	u, err := a.Accounts.Linked(c.Request().Context(), word)
	if err != nil {
		return err
	}
	return a.showWelcome(c, http.StatusOK, views.Welcome{Link: word}, u)
}

// accept uses a one-time link and signs in.
func (a *app) accept(c echo.Context) error {
	if a.plainFromAfar(c) {
		return tooPlain()
	}
	f, ctx := sent(c), c.Request().Context()
	view := views.Welcome{Link: f.Get(linkField), Name: f.Get(nameField)}
	whose, err := a.Accounts.Linked(ctx, view.Link)
	if err != nil {
		return err
	}
	u, err := (*account.User)(nil), sameTwice(f)
	if err == nil {
		u, err = a.Accounts.Redeem(ctx, view.Link, view.Name, f.Get(passwordField), a.by(c))
	}
	var p *problem.Error
	if errors.As(err, &p) && (p.Code == problem.Invalid || p.Code == problem.TooMany) {
		view.Problem = p
		return a.showWelcome(c, statuses[p.Code], view, whose)
	}
	if err != nil {
		return err
	}
	if u.SecondStep { // a link stands in for the password, not for both
		return c.Redirect(http.StatusSeeOther, "/sign-in")
	}
	entered, err := a.Accounts.Enter(ctx, u.ID, a.by(c))
	if err != nil {
		return err
	}
	if err := a.signIn(c, entered); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/")
}

// sameTwice makes sure that a new password was typed the same twice. Errors: Invalid at "again".
func sameTwice(f form) error {
	if f.Has(againField) && f.Get(againField) != f.Get(passwordField) {
		return problem.At(againField, "This is not the same as above. Type the same password twice.")
	}
	return nil
}

func (a *app) showWelcome(c echo.Context, status int, view views.Welcome, u *account.User) error {
	view.Page, view.First = a.outside("Welcome"), u == nil
	if u != nil {
		view.Name, view.Again = u.Name, !u.Invited
	}
	if status >= http.StatusBadRequest {
		view.RequestID, _ = c.Get(requestIDKey).(string)
	}
	return render(c, status, views.ChoosePasswordPage(view))
}
