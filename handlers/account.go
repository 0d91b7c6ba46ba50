package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"maitred/models/problem"
	"maitred/views"
)

// account shows people their own account.
func (a *app) account(c echo.Context) error { return a.showAccount(c, nil) }

func (a *app) showAccount(c echo.Context, p *problem.Error) (err error) {
	ctx, status, s := c.Request().Context(), http.StatusOK, sessionOf(c)
	if p != nil {
		status = http.StatusUnprocessableEntity
	}
	view := views.Account{Page: a.page(c, views.AccountTitle, nil), This: s.ID, Told: a.told(c), Problem: p}
	view.Here = "account"
	if view.User, err = a.Accounts.User(ctx, s.User.ID); err != nil {
		return err
	}
	if view.Sessions, err = a.Accounts.Sessions(ctx, s.User.ID); err != nil {
		return err
	}
	if view.Required, err = a.Accounts.StepRequired(ctx); err != nil {
		return err
	}
	if view.CodesLeft, err = a.Accounts.CodesLeft(ctx, s.User.ID); err != nil {
		return err
	}
	return render(c, status, views.AccountPage(view))
}

// strength says how good a password is while it is typed.
func (a *app) strength(c echo.Context) error {
	name := sent(c).Get("name")
	if who := whoOf(c); who.Name != "" {
		name = who.Name
	}
	sentence := a.Accounts.Strength(name, sent(c).Get("password"))
	return render(c, http.StatusOK, views.StrengthPage(a.page(c, views.StrengthTitle, nil), sentence))
}

// twice says, at its field, that a password was not typed the same way twice, where it was asked for twice.
func twice(f form) error {
	if f.Has("again") && f.Get("password") != f.Get("again") {
		return problem.At("again", "This is not the same as above. Please type the new password in both fields.")
	}
	return nil
}

// changePassword gives a person who knows the old one another password.
func (a *app) changePassword(c echo.Context) error {
	f := sent(c)
	err := twice(f)
	if err == nil {
		err = a.Accounts.SetPassword(c.Request().Context(), a.by(c), whoOf(c).ID, proofIn(c), f.Get("password"))
	}
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.Invalid {
		return a.showAccount(c, p)
	}
	if err != nil {
		return err
	}
	return a.stay(c, "/account", views.Told{Said: views.SaidPassword})
}

// stay keeps a person signed in in this browser after a change that ended all their sessions.
func (a *app) stay(c echo.Context, path string, t views.Told) error {
	entered, err := a.Accounts.Enter(c.Request().Context(), whoOf(c).ID, a.by(c))
	if err != nil {
		return err
	}
	if err := a.signIn(c, entered); err != nil {
		return err
	}
	a.tellOnce(c, t)
	return see(c, path, nil)
}

// endSession ends one of a person's own sessions.
func (a *app) endSession(c echo.Context) error {
	n, err := id(c)
	if err != nil {
		return err
	}
	err = a.Accounts.End(c.Request().Context(), a.by(c), whoOf(c).ID, n)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return err
	}
	if err != nil {
		return &onward{err, []views.Happened{{Sentence: views.AccountTitle, Href: "/account"}}}
	}
	a.tellOnce(c, views.Told{Said: views.SaidSession})
	return see(c, "/account", nil)
}

// endOtherSessions ends all of a person's own sessions but this one.
func (a *app) endOtherSessions(c echo.Context) error {
	if err := a.Accounts.EndOthers(c.Request().Context(), a.by(c), whoOf(c).ID, sessionOf(c).ID); err != nil {
		return err
	}
	a.tellOnce(c, views.Told{Said: views.SaidSessions})
	return see(c, "/account", nil)
}
