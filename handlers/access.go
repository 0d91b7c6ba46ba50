package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"maitred/models/account"
	"maitred/models/change"
	"maitred/models/problem"
	"maitred/views"
)

// need is what a person must be allowed to do to be answered at an address. Whose change it is about
// is for the handler to ask: see mayLookAt and mayUndo.
type need int

const (
	_        need = iota // so that nothing is open to all because somebody forgot to say
	anyone               // whoever comes
	signedIn             // reads, and keeps what only they see
	writes               // changes records
	manages              // manages people
)

// access is what each route needs, by its method and path.
type access map[string]need

// keep makes sure that echo takes no route of which nobody said what it needs: that is a mistake in
// the program, which then does not start.
func (a access) keep(e *echo.Echo) {
	e.OnAddRouteHandler = func(_ string, r echo.Route, _ echo.HandlerFunc, _ []echo.MiddlewareFunc) {
		if a[r.Method+" "+r.Path] == 0 {
			panic("the route " + r.Method + " " + r.Path + " says nothing of who may use it")
		}
	}
}

// door is where routes that need the same are registered.
type door struct {
	e      *echo.Echo
	access access
	need   need
}

// get registers a page. What is shown to people who may look is read as of one moment: a page cannot
// say of a record in one place that it is there and in another that it is not.
func (d door) get(path string, h echo.HandlerFunc) {
	if d.need != anyone {
		look := h
		h = func(c echo.Context) error {
			return inMoment(c, func() error { return look(c) })
		}
	}
	d.route(http.MethodGet, path, h)
	d.route(http.MethodHead, path, h)
}

func (d door) post(path string, h echo.HandlerFunc) { d.route(http.MethodPost, path, h) }

func (d door) route(method, path string, h echo.HandlerFunc) {
	route := method + " " + path
	if d.access[route] != 0 {
		panic("the route " + route + " is there twice")
	}
	d.access[route] = d.need
	d.e.Add(method, path, h)
}

// admit refuses whoever may not do what the route is for, before anything of the request is read but
// its method and path. Where there is no route, only who signed in is told so.
func (a *app) admit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		need := a.access[c.Request().Method+" "+c.Path()]
		if need == 0 {
			need = signedIn
		}
		if err := need.refuses(whoOf(c)); err != nil {
			return err
		}
		return next(c)
	}
}

// refuses says why a person may not; nil where they may. Errors: 401 for who did not sign in; Forbidden.
func (n need) refuses(who account.Who) error {
	switch {
	case n == anyone:
		return nil
	case !who.Role.Known():
		return problem.New(problem.SignedOut, "")
	case n == signedIn, n == writes && who.Role.Writes(), who.Role.Manages():
		return nil
	case n == writes:
		return errReadsOnly
	}
	return problem.New(problem.Forbidden, "Only a manager can do this, so nothing was done.")
}

var errReadsOnly = problem.New(problem.Forbidden, "You can read here, but not change anything, so nothing was done. A manager can change that.")

// mayLookAt refuses a change, or the work on one, that the person with the number author made and that
// who asks may not see. Errors: Forbidden.
func mayLookAt(c echo.Context, author int64) error {
	if whoOf(c).MaySee(author) {
		return nil
	}
	return ownOnly("Someone else did this, and you can look at your own changes only. What was changed stands on the page of each record. A manager sees everything.")
}

// mayUndo refuses to take back a change that is not the person's to undo. Errors: Forbidden.
func mayUndo(c echo.Context, ch *change.Change) error {
	if whoOf(c).MayUndo(ch.Author) {
		return nil
	}
	return ownOnly("Someone else did this, and you can undo your own changes only, so nothing was done. They can undo it, or a manager.")
}

func ownOnly(sentence string) error {
	return &onward{problem.New(problem.Forbidden, "%s", sentence), []views.Happened{{Sentence: views.ToOwnChanges, Href: "/history"}}}
}
