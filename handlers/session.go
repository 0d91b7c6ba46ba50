package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"maitred/models/account"
	"maitred/models/change"
	"maitred/models/problem"
	"maitred/views"
)

// sessionKey is under what a request carries the session that it belongs to.
const sessionKey = "session"

// recognise finds out who asks, from the cookie of their session. It lets everyone pass: what a route
// needs, and whether it lets them, is said in access.go.
func (a *app) recognise(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if a.Demo != nil {
			return next(c) // who it is is known, but for what is for everyone
		}
		if a.Everyone != "" {
			c.Set(whoKey, account.Who{Role: a.Everyone})
			return next(c)
		}
		if r := replayOf(c.Request()); r != nil {
			if err := a.standIn(c, r); err != nil {
				return err
			}
			return next(c)
		}
		session, err := a.Accounts.Session(c.Request().Context(), sessionCookie.value(c))
		if err != nil {
			return err
		}
		if session == nil {
			return next(c)
		}
		who := session.User.Who()
		c.Set(sessionKey, session)
		c.Set(whoKey, who)
		c.Set(storeKey, storeOf(c).By(who.ID, who.Name))
		return next(c)
	}
}

// The cookies of accounts. That of a session ends with the browser, and with the session.
var (
	sessionCookie = cookie{name: "maitred_session"}
	deviceCookie  = cookie{name: "maitred_device", age: 400 * 24 * time.Hour}
)

// sessionOf is the session of who asks; nil for who is not signed in, and where nobody signs in.
func sessionOf(c echo.Context) *account.Session {
	s, _ := c.Get(sessionKey).(*account.Session)
	return s
}

// by is who asks, for the trail.
func (a *app) by(c echo.Context) account.By {
	who := whoOf(c)
	id, _ := c.Get(requestIDKey).(string)
	return account.By{ID: who.ID, Name: who.Name, Address: clientOf(c), Agent: c.Request().UserAgent(), Request: id}
}

// askToSignIn answers who is not signed in: with a page that asks them to, and then goes on with what
// they wanted. A part of a page is answered with an order to load that page, so that the form never
// stands inside a table.
func (a *app) askToSignIn(c echo.Context, why string) error {
	r := c.Request()
	if r.Header.Get("HX-Request-Type") == "partial" {
		to := "/sign-in"
		if here := a.currentPage(c); here != "" {
			to += "?" + url.Values{nextField: {here}}.Encode()
		}
		c.Response().Header().Set("HX-Redirect", to)
		return c.NoContent(http.StatusUnauthorized)
	}
	view := views.SignIn{Why: why}
	if r.Method == http.MethodPost {
		var err error
		if view.Kept, view.Lost, err = a.keep(c); err != nil {
			return err
		}
	} else {
		view.Next = a.ownPath(c, r.URL.RequestURI())
	}
	return a.showSignIn(c, http.StatusUnauthorized, view)
}

// currentPage is the page of ours that a part was asked for, "" where the browser does not say.
func (a *app) currentPage(c echo.Context) string {
	u, err := url.Parse(c.Request().Header.Get("HX-Current-URL"))
	if err != nil || u.Host != c.Request().Host {
		return ""
	}
	return a.ownPath(c, u.RequestURI())
}

// ownPath is an address that can be gone to after signing in: a path of a page of this site that can
// be read; anything else is "". Nothing that somebody made up can lead elsewhere.
func (a *app) ownPath(c echo.Context, address string) string {
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") || strings.ContainsAny(address, "\\\x00\r\n\t") {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return ""
	}
	e := c.Echo()
	found := e.NewContext(nil, nil)
	e.Router().Find(http.MethodGet, u.EscapedPath(), found)
	if a.access[http.MethodGet+" "+found.Path()] == 0 || !a.leadsBack(found.Path()) { // found is also what only a form can be sent to
		return ""
	}
	u.Fragment = ""
	return inHeader(u.RequestURI())
}

// inHeader is an address as it may stand in a header: in ASCII without spaces, which a query may have
// that somebody typed.
func inHeader(address string) string {
	var b strings.Builder
	for i := range len(address) {
		if c := address[i]; c > ' ' && c < 0x7f {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// leadsBack says that a route is a page where somebody may have been before they had to sign in.
func (a *app) leadsBack(route string) bool {
	switch first, _, _ := strings.Cut(strings.TrimPrefix(route, "/"), "/"); first {
	case "", "history", "search", "help", "progress", "users", "account", "backups", "demo":
		return route != ""
	default:
		return a.Graph.ByTable(first) != nil
	}
}

// signIn gives the browser the cookies of a session that has begun. The one before, if there was one,
// ends: a word that was known before somebody signed in must not be good afterwards.
func (a *app) signIn(c echo.Context, entered *account.Entered) error {
	if err := a.Accounts.SignOut(c.Request().Context(), a.by(c), sessionCookie.value(c)); err != nil {
		return err
	}
	sessionCookie.set(c, entered.Word)
	deviceCookie.set(c, entered.Device)
	return nil
}

// inOwnName refuses a form that was shown to someone else: in one browser there is one session, and
// who signs in in another tab must not save, in their name, what the person before them typed.
func (a *app) inOwnName(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		who := whoOf(c)
		if c.Request().Method != http.MethodPost || who.ID == 0 {
			return next(c)
		}
		if as := sent(c).Get(views.AsField); as == "" || as == who.Mark() {
			return next(c)
		}
		if visitOf(c) != nil { // it was of the demo before this one
			demoSaidCookie.set(c, views.DemoNotSaved)
			return see(c, "/", nil)
		}
		err := problem.New(problem.Conflict, "This form was open for someone else, and now you are signed in in this browser, as %s. Nothing was done. Open the page again and look at it before you do it in your name.", change.Isolate(who.Name))
		path := c.Request().URL.Path
		if first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/"); first == "users" || first == "account" || first == "backups" {
			path = "/" + first // below these most addresses only take forms
		}
		if page := a.ownPath(c, path); page != "" {
			return &onward{err, []views.Happened{{Sentence: views.ToPageAgain, Href: templ.SafeURL(page)}}}
		}
		return err
	}
}
