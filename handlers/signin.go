package handlers

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"maitred/models/account"
	"maitred/models/problem"
	"maitred/views"
	"maitred/views/ui"
)

// The fields of signing in.
const (
	nameField     = "name"
	passwordField = "password"
	nextField     = "next"  // the page to go on with
	keptField     = "kept"  // the form to go on with
	proofField    = "proof" // that the password was right, where a code is asked for
	codeField     = "code"
)

// signInPage asks who is not signed in to do so.
func (a *app) signInPage(c echo.Context) error {
	view := views.SignIn{Next: a.ownPath(c, asked(c).Get(nextField))}
	if sessionOf(c) != nil {
		return c.Redirect(http.StatusSeeOther, onTo(view.Next))
	}
	if a.plainFromAfar(c) {
		return tooPlain()
	}
	return a.showSignIn(c, http.StatusOK, view)
}

// tooPlain refuses passwords on a line where everyone on the way can read them.
func tooPlain() error {
	return problem.New(problem.Forbidden, "Nobody can sign in here over plain HTTP, because others on the way could read the password. Use an address that begins with https. "+
		"Who runs this site can give maitred a certificate, put it behind a proxy that has one, or allow it with --allow-http.")
}

// enter lets in who types the right name and password, and code where there is a second step.
func (a *app) enter(c echo.Context) error {
	if a.plainFromAfar(c) {
		return tooPlain()
	}
	f, ctx := sent(c), c.Request().Context()
	view := views.SignIn{Name: f.Get(nameField), Next: a.ownPath(c, f.Get(nextField)), Kept: f.Get(keptField), Proof: f.Get(proofField)}
	var entered *account.Entered
	var err error
	if view.Proof != "" {
		entered, err = a.Accounts.Confirm(ctx, view.Proof, f.Get(codeField), deviceCookie.value(c), a.by(c))
	} else {
		entered, err = a.Accounts.SignIn(ctx, account.Try{Name: view.Name, Password: f.Get(passwordField), Device: deviceCookie.value(c), By: a.by(c)})
	}
	if err != nil {
		return a.refuseEntry(c, view, err)
	}
	if entered.Pending != "" {
		view.Proof = entered.Pending
		return a.showSignIn(c, http.StatusOK, view)
	}
	return a.goOn(c, entered, view)
}

// refuseEntry shows the form again with what was wrong.
func (a *app) refuseEntry(c echo.Context, view views.SignIn, err error) error {
	var p *problem.Error
	if !errors.As(err, &p) {
		return err
	}
	askToWait(c, err)
	if p.Code == problem.SignedOut { // the proof is too old: from the beginning
		view.Proof, view.Why = "", p.Message
		return a.showSignIn(c, http.StatusUnauthorized, view)
	}
	if p.Code != problem.Invalid && p.Code != problem.TooMany {
		return err
	}
	view.Problem = p
	if p.Code == problem.Invalid {
		view.Problem = &problem.Error{Code: p.Code, Message: "You are not signed in.", Fields: p.Fields}
	}
	return a.showSignIn(c, statuses[p.Code], view)
}

// askToWait tells programs, in seconds, after what time they may try again.
func askToWait(c echo.Context, err error) {
	var many *account.TooMany
	if errors.As(err, &many) {
		askToComeAfter(c, many.Wait)
	}
	var full *crowded
	if errors.As(err, &full) {
		askToComeAfter(c, full.wait)
	}
}

func askToComeAfter(c echo.Context, wait time.Duration) {
	c.Response().Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
}

// goOn signs in and goes on with the form that was kept, or with the page that was wanted.
func (a *app) goOn(c echo.Context, entered *account.Entered, view views.SignIn) error {
	if err := a.signIn(c, entered); err != nil {
		return err
	}
	if view.Kept != "" {
		return a.resume(c, entered, view.Kept)
	}
	return c.Redirect(http.StatusSeeOther, onTo(view.Next))
}

func onTo(next string) string {
	if next == "" {
		return "/"
	}
	return next
}

func (a *app) showSignIn(c echo.Context, status int, view views.SignIn) error {
	view.Page = a.outside(views.SignInTitle)
	if view.Proof != "" {
		view.Title = views.CodeTitle
	}
	view.Hidden = nil
	for _, f := range []ui.Param{{Name: nextField, Value: view.Next}, {Name: keptField, Value: view.Kept}, {Name: proofField, Value: view.Proof}} {
		if f.Value != "" {
			view.Hidden = append(view.Hidden, f)
		}
	}
	if status >= http.StatusBadRequest {
		view.RequestID, _ = c.Get(requestIDKey).(string)
	}
	return render(c, status, views.SignInPage(view))
}

// outside is the frame of a page for who is not signed in: it leads nowhere.
func (a *app) outside(title string) views.Page { return views.Page{Title: title, Outside: true} }

// signOutPage asks whether to sign out, for who comes by a link.
func (a *app) signOutPage(c echo.Context) error {
	return render(c, http.StatusOK, views.SignOutPage(a.page(c, views.SignOutTitle, nil)))
}

// signOut ends the session. What the browser kept of pages goes with it.
func (a *app) signOut(c echo.Context) error {
	if err := a.Accounts.SignOut(c.Request().Context(), a.by(c), sessionCookie.value(c)); err != nil {
		return err
	}
	sessionCookie.remove(c)
	c.Response().Header().Set("Clear-Site-Data", `"cache"`)
	return c.Redirect(http.StatusSeeOther, "/sign-in")
}
