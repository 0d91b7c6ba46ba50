package handlers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"maitred/models/account"
	"maitred/models/problem"
	"maitred/static"
	"maitred/views"
)

// stepPath is where a second step is added.
const stepPath = "/account/second-step"

// worksWithoutStep says what those can still do who must add a second step first.
func worksWithoutStep(route string) bool {
	return strings.HasPrefix(route, stepPath) || route == "/sign-out" || route == "/password-strength" || strings.HasPrefix(route, static.Prefix)
}

// askForStep lets nobody do anything but add a second step, who has none where everyone needs one. It
// comes after the form was read: what somebody typed when a manager began to ask for it is shown to them.
func (a *app) askForStep(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		session := sessionOf(c)
		if session == nil || !session.MustAddStep || worksWithoutStep(c.Path()) {
			return next(c)
		}
		r := c.Request()
		if r.Method == http.MethodGet && partOf(r) == "" {
			return c.Redirect(http.StatusSeeOther, stepPath)
		}
		err := &onward{
			problem.New(problem.Forbidden, "Everyone needs a second step here, and you have none yet, so nothing was done."),
			[]views.Happened{{Sentence: views.NewStepTitle, Href: stepPath}},
		}
		return a.withTyped(err, r.URL.Path, sent(c))
	}
}

// secondStep shows the second step of the person or, where there is none, how to add one.
func (a *app) secondStep(c echo.Context) error { return a.showSecondStep(c, false, "", nil) }

// newSecondStep shows how to add a second step, also to someone who has one: it moves to another phone.
func (a *app) newSecondStep(c echo.Context) error { return a.showSecondStep(c, true, "", nil) }

// showSecondStep shows the second step, with the secret of a draft that was shown before or, where that
// is "" or too old, a new one.
func (a *app) showSecondStep(c echo.Context, adding bool, draft string, p *problem.Error) error {
	ctx, status := c.Request().Context(), http.StatusOK
	if p != nil {
		status = http.StatusUnprocessableEntity
	}
	u, err := a.Accounts.User(ctx, whoOf(c).ID)
	if err != nil {
		return err
	}
	adding = adding || !u.SecondStep
	title := views.StepTitle
	if adding {
		title = views.NewStepTitle
	}
	if adding && u.SecondStep {
		title = views.OtherStepTitle
	}
	view := views.SecondStep{Page: a.page(c, title, nil), User: u, Must: sessionOf(c).MustAddStep, Told: a.told(c), Problem: p, Adding: adding}
	view.Here = "account"
	if view.Required, err = a.Accounts.StepRequired(ctx); err != nil {
		return err
	}
	if view.CodesLeft, err = a.Accounts.CodesLeft(ctx, u.ID); err != nil {
		return err
	}
	if adding {
		if err := a.draw(&view, u, draft); err != nil {
			return err
		}
	}
	return render(c, status, views.SecondStepPage(view))
}

// draw shows the secret of a draft for apps and for people.
func (a *app) draw(view *views.SecondStep, u *account.User, draft string) error {
	secret, err := a.Accounts.Drafted(u, draft)
	if err != nil {
		secret, draft, err = a.Accounts.NewStep(u)
	}
	if err != nil {
		return err
	}
	view.Draft, view.Spelled, view.KeyURL = draft, account.Spelled(secret), account.KeyURL(u.Name, secret)
	view.Modules, err = account.QR(view.KeyURL)
	return err
}

// proofIn is what somebody typed who asks for what lets them in to be changed.
func proofIn(c echo.Context) account.Proof {
	f := sent(c)
	return account.Proof{Password: f.Get("current"), Code: f.Get("present"), Device: deviceCookie.value(c)}
}

// addSecondStep makes the draft the second step, once its app shows the right code.
func (a *app) addSecondStep(c echo.Context) error {
	draft, code := sent(c).Get("draft"), sent(c).Get("code")
	codes, err := a.Accounts.AddStep(c.Request().Context(), a.by(c), whoOf(c).ID, proofIn(c), draft, code)
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.Invalid {
		return a.showSecondStep(c, true, draft, p)
	}
	if err != nil {
		return err
	}
	return a.stay(c, "/account/second-step", views.Told{Said: views.SaidStep, Codes: codes})
}

// newCodes gives the person other recovery codes.
func (a *app) newCodes(c echo.Context) error {
	codes, err := a.Accounts.NewCodes(c.Request().Context(), a.by(c), whoOf(c).ID, proofIn(c))
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.Invalid {
		return a.showSecondStep(c, false, "", p)
	}
	if err != nil {
		return err
	}
	a.tellOnce(c, views.Told{Said: views.SaidCodes, Codes: codes})
	return see(c, "/account/second-step", nil)
}

// removeSecondStep takes the second step away at the wish of the person.
func (a *app) removeSecondStep(c echo.Context) error {
	err := a.Accounts.GiveUpStep(c.Request().Context(), a.by(c), whoOf(c).ID, proofIn(c))
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.Invalid {
		return a.showSecondStep(c, false, "", p)
	}
	if err != nil {
		return err
	}
	return a.stay(c, "/account", views.Told{Said: views.SaidNoStep})
}
