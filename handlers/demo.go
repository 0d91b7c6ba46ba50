package handlers

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"maitred/models/account"
	"maitred/models/problem"
	"maitred/models/sandbox"
	"maitred/views"
)

// Demo lets everyone who comes try the site on records of their own. Nobody signs in.
type Demo struct {
	Sandboxes *sandbox.Sandboxes
	Visitor   account.Who // whom all visitors are, each in their own records; they choose the role
}

// visitKey is under what a request of a demo carries its visit.
const visitKey = "visit"

// The cookies of a demo. The first two outlive it, so that who comes back is told that theirs is over.
var (
	demoCookie     = cookie{name: "maitred_demo", age: 24 * time.Hour}
	demoRoleCookie = cookie{name: "maitred_demo_role", age: 24 * time.Hour}
	demoSaidCookie = cookie{name: "maitred_demo_said", age: time.Minute}
)

// demoPart is the element that says how long a demo lasts, which asks for itself again and again.
const demoPart = "demo"

func visitOf(c echo.Context) *sandbox.Visit {
	v, _ := c.Get(visitKey).(*sandbox.Visit)
	return v
}

// visit lets a visitor of a demo in. What is for everyone, as files are, is no visit.
func (a *app) visit(c echo.Context, next echo.HandlerFunc) error {
	if a.access[c.Request().Method+" "+c.Path()] == anyone {
		s, err := a.Store(c.Request()) // for those who run the site
		if err != nil {
			return err
		}
		c.Set(storeKey, s)
		return next(c)
	}
	v, err := a.Demo.Sandboxes.Enter(demoCookie.value(c), clientOf(c))
	if err != nil {
		return &unsaved{noRoom(err), a.typedIn(c.Request())}
	}
	defer v.Leave()
	c.Set(visitKey, v)
	who := a.Demo.Visitor
	who.Role, who.Demo = a.role(c), v.Mark()
	c.Set(whoKey, who)
	c.Set(storeKey, v.Store.By(who.ID, who.Name))
	if v.Over && !a.isForDemo(c) {
		return a.startOver(c, v, next)
	}
	if v.New && !v.Over {
		demoCookie.set(c, v.Word)
	}
	return next(c)
}

// startOver answers who comes back after the end: with the page they want, if it makes sense in a demo that
// begins, and else with the start page. Either says that it is a fresh one.
func (a *app) startOver(c echo.Context, v *sandbox.Visit, next echo.HandlerFunc) error {
	r, said := c.Request(), views.DemoOver
	switch {
	case r.Method == http.MethodPost && !a.writesNothing[c.Path()]:
		said = views.DemoNotSaved
	case partOf(r) == "alike": // while somebody types, and it can wait until they send it
		c.Response().Header().Set("HX-Reswap", "none")
		return c.NoContent(http.StatusOK)
	case partOf(r) != "": // the page around it is of the demo that is over; this one has what was typed
		c.Response().Header().Set("HX-Redirect", r.URL.RequestURI())
		return c.NoContent(http.StatusOK)
	}
	demoCookie.set(c, v.Word)
	a.beginAnew(c)
	if said == views.DemoOver {
		c.Set(demoSaidCookie.name, said)
		err := next(c)
		if p := new(problem.Error); !errors.As(err, &p) || p.Code != problem.NotFound {
			return err
		}
	}
	if typed := a.typedIn(r); len(typed) > 0 {
		id, _ := c.Get(requestIDKey).(string)
		return render(c, http.StatusOK, views.ErrorPage(views.Trouble{Page: a.page(c, views.DemoFreshTitle, nil), Message: views.DemoFresh, Typed: typed, RequestID: id}))
	}
	demoSaidCookie.set(c, said)
	return see(c, "/", nil)
}

// beginAnew forgets what a browser keeps of the demo before this one.
func (a *app) beginAnew(c echo.Context) {
	demoRoleCookie.remove(c)
	tourCookie.remove(c)
}

// isForDemo says that a request is about the demo itself.
func (a *app) isForDemo(c echo.Context) bool {
	return c.Path() == "/demo" && partOf(c.Request()) == demoPart || c.Path() == "/demo/again"
}

// own gives a visitor of a demo who is about to change something records of their own.
func (a *app) own(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := visitOf(c)
		if v == nil || c.Request().Method != http.MethodPost || a.writesNothing[c.Path()] {
			return next(c)
		}
		err := v.Own(c.Request().Context())
		if errors.Is(err, sandbox.ErrOver) {
			demoSaidCookie.set(c, views.DemoNotSaved)
			return see(c, "/", nil)
		}
		if err != nil {
			return a.withTyped(noRoom(err), c.Request().URL.Path, sent(c))
		}
		c.Set(storeKey, v.Store.By(a.Demo.Visitor.ID, a.Demo.Visitor.Name))
		if err = next(c); problem.Is(err, problem.Full) {
			err = a.withTyped(err, c.Request().URL.Path, sent(c))
		}
		return err
	}
}

// crowded says that a demo has no room, and for how long.
type crowded struct {
	error
	wait time.Duration
}

func (w *crowded) Unwrap() error { return w.error }

// noRoom turns a full demo into an answer for people.
func noRoom(err error) error {
	var full *sandbox.Full
	if !errors.As(err, &full) {
		return err
	}
	code := problem.Busy
	if full.Address {
		code = problem.TooMany
	}
	return &crowded{problem.New(code, "%s", views.DemoFull(full)), full.Wait}
}

// inWordsOfDemo says what an error means to the visitor of a demo.
func (a *app) inWordsOfDemo(c echo.Context, err error, title, message string) (newTitle, newMessage string) {
	v := visitOf(c)
	switch {
	case v == nil:
	case problem.Is(err, problem.Full) && v.AtLimit():
		return views.DemoLargeTitle, views.DemoLarge
	case errors.As(err, new(*notDone)):
		return views.NotInDemoTitle, message
	case problem.Is(err, problem.Forbidden) && a.role(c) != account.Manager:
		return title, message + " " + views.DemoBecome
	case problem.Is(err, problem.NotFound):
		return title, message + " " + views.DemoGone
	}
	return title, message
}

// role is what a visitor of a demo chose to be.
func (a *app) role(c echo.Context) account.Role {
	if v := visitOf(c); v != nil && v.Over { // they chose it for the one before
		return a.Demo.Visitor.Role
	}
	if r := account.Role(demoRoleCookie.value(c)); r.Known() {
		return r
	}
	return a.Demo.Visitor.Role
}

// inDemo is what pages say of the demo they belong to; nil where there is none.
func (a *app) inDemo(c echo.Context) *views.Demo {
	v := visitOf(c)
	if v == nil {
		return nil
	}
	d := &views.Demo{Left: v.Ends.Sub(v.Store.Now()), Over: v.Over && a.isForDemo(c), Role: a.role(c), At: "/"}
	if at := a.currentPage(c); at != "" && partOf(c.Request()) == demoPart {
		d.At = at
	} else if r := c.Request(); r.Method == http.MethodGet {
		d.At = a.ownPath(c, r.URL.RequestURI())
	} else {
		d.At = a.ownPath(c, r.URL.EscapedPath())
	}
	if partOf(c.Request()) != "" {
		return d
	}
	if said, ok := c.Get(demoSaidCookie.name).(string); ok {
		d.Said = said
	} else if d.Said = demoSaidCookie.value(c); d.Said != "" {
		demoSaidCookie.remove(c)
	}
	return d
}

// demo says what a demo is and what it leaves out.
func (a *app) demo(c echo.Context) error {
	p := a.page(c, views.DemoTitle, nil)
	p.Here = "demo"
	return render(c, http.StatusOK, views.DemoPage(p, views.DemoRules(a.Demo.Sandboxes.Limits)))
}

// again forgets all that a visitor did and lets them begin anew. Who did something is asked first.
func (a *app) again(c echo.Context) error {
	if visitOf(c).Changed() && !sent(c).yes("sure") {
		p := a.page(c, views.AgainTitle, nil)
		p.Here = "demo"
		return render(c, http.StatusOK, views.AgainPage(p))
	}
	demoCookie.set(c, visitOf(c).Drop())
	a.beginAnew(c)
	demoSaidCookie.set(c, views.DemoAgain)
	return see(c, "/", nil)
}

// become lets a visitor do as much as one of the roles may.
func (a *app) become(c echo.Context) error {
	role := account.Role(sent(c).Get("role"))
	if !role.Known() {
		return problem.New(problem.BadRequest, "Choose whether you are a viewer, an editor or a manager.")
	}
	demoRoleCookie.set(c, string(role))
	demoSaidCookie.set(c, string(role))
	to := a.ownPath(c, sent(c).Get(atField))
	if to == "" {
		to = "/"
	}
	return see(c, to, nil)
}

// explained is a page that a demo does not have, in the words of what it would be for.
func (a *app) explained(title, sentence, here string) echo.HandlerFunc {
	return func(c echo.Context) error {
		p := a.page(c, title, nil)
		p.Here = here
		return render(c, http.StatusOK, views.ExplainedPage(p, sentence))
	}
}

// notInDemo is the answer to what is shown in a demo, but not done.
func notInDemo(c echo.Context) error {
	to := []views.Happened{{Sentence: views.DemoTitle, Href: "/demo"}}
	if strings.HasPrefix(c.Path(), "/users") {
		to = append(to, views.Happened{Sentence: "Back to the people", Href: "/users"})
	}
	return &notDone{&onward{problem.New(problem.Forbidden, "%s", views.NotInDemo), to}}
}

// notDone says that a demo shows something and does not do it.
type notDone struct{ error }

func (n *notDone) Unwrap() error { return n.error }

// demoRoutes lists the addresses of a demo: its own, and those of people and their accounts, which it shows
// and does not change.
func (a *app) demoRoutes(e *echo.Echo) {
	reader, manager := door{e, a.access, signedIn}, door{e, a.access, manages}
	reader.get("/demo", a.demo)
	reader.post("/demo", onlyGet)
	a.writesNothing = map[string]bool{"/demo": true, "/demo/again": true, "/demo/become": true, "/tour": true, "/backups": true}
	reader.post("/demo/again", a.again)
	reader.post("/demo/become", a.become)

	manager.get("/users", a.users)
	manager.get("/users/new", a.newUser)
	manager.get("/users/trail", a.trail)
	manager.get("/users/:id", a.user)
	for _, path := range []string{"/users", "/users/new", "/users/trail", "/users/second-step", "/users/:id", "/users/:id/sign-out", "/users/:id/link", "/users/:id/second-step"} {
		manager.post(path, notInDemo)
		a.writesNothing[path] = true
	}
	reader.get("/account", a.explained(views.AccountTitle, views.AccountInDemo, "account"))
	reader.get("/account/second-step", a.explained(views.StepTitle, views.AccountInDemo, "account"))
	for path, title := range map[string]string{"/sign-in": views.SignInTitle, "/sign-out": views.SignOutTitle, "/welcome": views.WelcomeTitle} {
		reader.get(path, a.explained(title, views.SignInInDemo, ""))
		reader.post(path, notInDemo)
		a.writesNothing[path] = true
	}
	manager.get("/backups", a.explained(views.BackupsTitle, views.BackupsInDemo, "backups"))
	manager.post("/backups", notInDemo)
}
