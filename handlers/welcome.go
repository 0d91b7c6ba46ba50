package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"maitred/models/account"
	"maitred/models/problem"
	"maitred/views"
)

// linkField carries the word of a one-time link.
const linkField = "link"

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
	u, err := (*account.User)(nil), twice(f)
	if err == nil {
		u, err = a.Accounts.Redeem(ctx, view.Link, view.Name, f.Get(passwordField), a.by(c))
	}
	var p *problem.Error
	if errors.As(err, &p) && (p.Code == problem.Invalid || p.Code == problem.TooMany) {
		askToWait(c, err)
		view.Problem = p
		return a.showWelcome(c, statuses[p.Code], view, whose)
	}
	if err != nil {
		return err
	}
	entered, err := a.Accounts.EnterByLink(ctx, u.ID, a.by(c))
	if err != nil {
		return err
	}
	if entered.Pending != "" { // a link stands in for the password alone
		return a.showSignIn(c, http.StatusOK, views.SignIn{Proof: entered.Pending})
	}
	if err := a.signIn(c, entered); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/")
}

func (a *app) showWelcome(c echo.Context, status int, view views.Welcome, u *account.User) error {
	view.Page, view.First = a.outside(views.WelcomeTitle), u == nil
	if u != nil {
		view.Name, view.Again = u.Name, !u.Invited
	}
	if status >= http.StatusBadRequest {
		view.RequestID, _ = c.Get(requestIDKey).(string)
	}
	return render(c, status, views.ChoosePasswordPage(view))
}
