package handlers

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"maitred/models/account"
	"maitred/models/problem"
	"maitred/views"
	"maitred/views/ui"
)

// lastEvents is how much of the trail the page of one person shows.
const lastEvents = 10

// users lists the people who may come in.
func (a *app) users(c echo.Context) error { return a.showUsers(c, 0, nil) }

// showUsers lists the people and says, at the row of one of them, what was refused.
func (a *app) showUsers(c echo.Context, refused int64, p *problem.Error) error {
	ctx, status := c.Request().Context(), http.StatusOK
	if p != nil {
		status = http.StatusUnprocessableEntity
	}
	people, err := a.Accounts.Users(ctx)
	if err != nil {
		return err
	}
	seen, err := a.Accounts.LastSeen(ctx)
	if err != nil {
		return err
	}
	view := views.Users{Page: a.page(c, views.PeopleTitle, nil), Told: a.told(c), Problem: p, Refused: refused}
	view.Here = "users"
	for _, u := range people {
		view.Users = append(view.Users, views.User{User: u, Seen: seen[u.ID]})
	}
	if view.Required, err = a.Accounts.StepRequired(ctx); err != nil {
		return err
	}
	return render(c, status, views.UsersPage(view))
}

// newUser shows the form that invites someone.
func (a *app) newUser(c echo.Context) error {
	return a.showInvitation(c, views.Invitation{Role: account.Viewer})
}

func (a *app) showInvitation(c echo.Context, i views.Invitation) error {
	status := http.StatusOK
	if i.Problem != nil {
		status = http.StatusUnprocessableEntity
	}
	i.Page = a.page(c, views.InvitationTitle, nil)
	i.Here = "users"
	return render(c, status, views.InvitationPage(i))
}

// invite makes a person and the link with which they choose a password, which the next page shows.
func (a *app) invite(c echo.Context) error {
	name, role := sent(c).Get("name"), account.Role(sent(c).Get("role"))
	u, word, err := a.Accounts.Invite(c.Request().Context(), a.by(c), name, role)
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.Invalid {
		return a.showInvitation(c, views.Invitation{Name: name, Role: role, Problem: p})
	}
	if err != nil {
		return err
	}
	said := views.SaidInvited(u.Name, u.Role)
	a.tellOnce(c, views.Told{Said: said, Link: linkTo(c, word), For: u.Name})
	return see(c, "/users", nil)
}

// linkTo is the address of a one-time link, under the name by which this site was reached.
func linkTo(c echo.Context, word string) string {
	scheme := "http"
	if secure(c) {
		scheme = "https"
	}
	return scheme + "://" + c.Request().Host + "/welcome?link=" + word
}

// user shows one person: what else can be done, and what happened.
func (a *app) user(c echo.Context) error {
	u, err := a.userIn(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	events, err := a.Accounts.Events(ctx, u, 0, lastEvents)
	if err != nil {
		return err
	}
	page := a.page(c, u.Name, nil)
	page.Here = "users"
	return render(c, http.StatusOK, views.UserPage(page, views.User{User: u}, a.told(c), events))
}

// userIn reads the person in the path. Errors: NotFound.
func (a *app) userIn(c echo.Context) (*account.User, error) {
	n, err := id(c)
	if err != nil {
		return nil, toUsers(err)
	}
	u, err := a.Accounts.User(c.Request().Context(), n)
	return u, toUsers(err)
}

// toUsers adds to an error the way to all people.
func toUsers(err error) error {
	if err == nil {
		return nil
	}
	return &onward{err, []views.Happened{{Sentence: views.ToAllPeople, Href: "/users"}}}
}

// changeUser lets a person do more or less, or switches them off or on again: the field of the form says
// which of the two.
func (a *app) changeUser(c echo.Context) error {
	u, err := a.userIn(c)
	if err != nil {
		return err
	}
	ctx, f := c.Request().Context(), sent(c)
	said := ""
	switch {
	case f.Has("role"):
		role := account.Role(f.Get("role"))
		err, said = a.Accounts.SetRole(ctx, a.by(c), u.ID, role), views.SaidRole(u.Name, role)
	case f.Get("disabled") == "1":
		err, said = a.Accounts.SetDisabled(ctx, a.by(c), u.ID, true), views.SaidSwitched(u.Name, true)
	case f.Get("disabled") == "0":
		err, said = a.Accounts.SetDisabled(ctx, a.by(c), u.ID, false), views.SaidSwitched(u.Name, false)
	default:
		return toUsers(problem.New(problem.BadRequest, "The form did not say what to change about this person. Nothing was changed."))
	}
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.Invalid {
		return a.showUsers(c, u.ID, p)
	}
	if err != nil {
		return err
	}
	a.tellOnce(c, views.Told{Said: said})
	return see(c, "/users", nil)
}

// endUser signs a person out everywhere.
func (a *app) endUser(c echo.Context) error {
	u, err := a.userIn(c)
	if err != nil {
		return err
	}
	if err := a.Accounts.EndSessions(c.Request().Context(), a.by(c), u.ID); err != nil {
		return err
	}
	a.tellOnce(c, views.Told{Said: views.SaidOut(u.Name)})
	return see(c, pathToUser(u), nil)
}

// linkUser makes another link for a person, which the list of people shows.
func (a *app) linkUser(c echo.Context) error {
	u, err := a.userIn(c)
	if err != nil {
		return err
	}
	u, word, err := a.Accounts.NewLink(c.Request().Context(), a.by(c), u.ID)
	if err != nil {
		return toUsers(err)
	}
	a.tellOnce(c, views.Told{Link: linkTo(c, word), For: u.Name})
	return see(c, "/users", nil)
}

// unstepUser takes the second step of a person away.
func (a *app) unstepUser(c echo.Context) error {
	u, err := a.userIn(c)
	if err != nil {
		return err
	}
	if err := a.Accounts.RemoveStep(c.Request().Context(), a.by(c), u.ID); err != nil {
		return err
	}
	a.tellOnce(c, views.Told{Said: views.SaidStepTaken(u.Name)})
	return see(c, pathToUser(u), nil)
}

func pathToUser(u *account.User) string { return "/users/" + strconv.FormatInt(u.ID, 10) }

// requireStep asks everyone for a second step, or leaves it to them.
func (a *app) requireStep(c echo.Context) error {
	yes := sent(c).yes("required")
	if !yes && sent(c).Get("required") != "0" {
		return toUsers(problem.New(problem.BadRequest, "The form did not say whether everyone needs a second step. Nothing was changed."))
	}
	if err := a.Accounts.RequireStep(c.Request().Context(), a.by(c), yes); err != nil {
		return err
	}
	said := views.SaidStepAsked
	if yes {
		said = views.SaidStepForAll
	}
	a.tellOnce(c, views.Told{Said: said})
	return see(c, "/users", nil)
}

// trail lists what happened to accounts.
func (a *app) trail(c echo.Context) error {
	ctx, f := c.Request().Context(), asked(c)
	view := views.Trail{Page: a.page(c, views.TrailTitle, nil), Address: ui.Address{Path: "/users/trail", Query: f.Values}}
	view.Here = "users"
	var err error
	if view.People, err = a.Accounts.Users(ctx); err != nil {
		return err
	}
	if f.Get("person") != "" {
		if view.Person, err = a.Accounts.User(ctx, f.key("person")); err != nil {
			return toUsers(err)
		}
	}
	before := f.key("before")
	if view.Paged = f.Get("before") != ""; view.Paged && before == 0 {
		return toUsers(problem.New(problem.BadRequest, "The address does not say before which line to go on."))
	}
	if view.Events, err = a.Accounts.Events(ctx, view.Person, before, historyPage+1); err != nil {
		return err
	}
	if len(view.Events) > historyPage {
		view.Events = view.Events[:historyPage]
		view.Older = strconv.FormatInt(view.Events[historyPage-1].ID, 10)
	}
	return render(c, http.StatusOK, views.TrailPage(view))
}
