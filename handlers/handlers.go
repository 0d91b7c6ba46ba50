// Package handlers is what a request means: it reads requests, asks the models, and answers with
// views. Echo is known here and in cmd, nowhere else.
//
// One flow serves every kind of record (resource.go); a kind's own file fills its typed holes.
// One place decides between a page and a part of it (render.go), and one turns errors into
// statuses and sentences (errors.go).
package handlers

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"maitred/models"
	"maitred/models/account"
	"maitred/models/graph"
	"maitred/static"
)

// Options are what the program gives to its handlers.
type Options struct {
	// Store returns the store a request works on, with the actor set.
	Store func(*http.Request) (*models.Store, error)
	Graph *graph.Graph

	// Accounts are the people who may sign in.
	Accounts *account.Accounts

	// Everyone is the role that all have who come: nobody signs in, as in a demo. Empty: people sign in.
	Everyone account.Role

	Hosts []string // names the site answers to, beside those of this machine
	Log   *slog.Logger

	// Proxies are the addresses from which X-Forwarded-For and X-Forwarded-Proto are believed.
	Proxies []netip.Prefix
	// AllowHTTP lets people sign in over plain HTTP from elsewhere than this machine.
	AllowHTTP bool
}

// app is what handlers share.
type app struct {
	Options
	resources []pages
	unnamed   sync.Once // a proxy that was not named was told of
}

// New returns the handler of the whole site.
func New(o Options) http.Handler {
	a := &app{Options: o, resources: kinds()}
	e := echo.New()
	e.HTTPErrorHandler = a.answerError
	e.IPExtractor = echo.ExtractIPDirect()
	e.Pre(a.identify, a.protect)
	e.Use(a.open, a.recognise, ofForms.read, middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1024, Skipper: isFile}))
	a.routes(e)
	return e
}

// routes lists every address of the site.
func (a *app) routes(e *echo.Echo) {
	get := func(path string, h echo.HandlerFunc) { e.Match([]string{http.MethodGet, http.MethodHead}, path, h) }

	get("/", a.home)
	e.POST("/sample", a.loadSample)
	for _, p := range a.resources {
		k := p.kindIn(a.Graph)
		list, one := "/"+k.Table, "/"+k.Table+"/:id"
		get(list, p.list(a))
		get(list+"/new", p.new(a))
		e.POST(list+"/new", onlyGet) // not the record "new"
		get(list+"/filter", p.filter(a))
		e.POST(list+"/filter", onlyGet) // nor this one
		e.POST(list, p.create(a))
		get(one, p.show(a))
		get(one+"/edit", p.edit(a))
		e.POST(one, p.update(a))
		get(one+"/delete", p.delete(a))
		e.POST(one+"/delete", p.delete(a))
		together := func(verb string, h echo.HandlerFunc) {
			e.POST(list+"/"+verb, h)
			get(list+"/"+verb, p.onlyPost(a)) // not the record of that name
		}
		together("delete", p.deleteMany(a))
		if k.MovesTogether() {
			together("move", p.moveMany(a))
		}
		if k.Questions() != nil {
			together(p.setting(), p.setMany(a))
		}
		together("columns", p.chooseColumns(a))
		get(list+"/views", a.views(k))
		e.POST(list+"/views", a.saveView(k))
		get(list+"/views/:id", a.editView(k))
		e.POST(list+"/views/:id", a.changeView(k))
		e.POST(list+"/views/:id/delete", a.deleteView(k))
		if k.Home() != nil {
			get(one+"/move", p.move(a))
			e.POST(one+"/move", p.move(a))
		}
		if k.OneToOne() != nil {
			get(one+"/copy", p.copy(a))
			e.POST(one+"/copy", p.copy(a))
			get("/"+k.OneToOne().To.Table+"/:id/bring", p.bring(a))
		}
	}
	if a.Everyone == "" {
		get("/sign-in", a.signInPage)
		e.POST("/sign-in", a.enter)
		get("/sign-out", a.signOutPage)
		e.POST("/sign-out", a.signOut)
		get("/welcome", a.welcome)
		e.POST("/welcome", a.accept)
	}
	get("/search", a.search)
	get("/history", a.history)
	get("/history/:id", a.change)
	get("/history/:id/undo", a.undo)
	e.POST("/history/:id/undo", a.undo)
	get("/progress/:id", a.work)
	get("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	get(static.Prefix+"*", func(c echo.Context) error {
		if !static.Serve(c.Response(), c.Request()) {
			return echo.ErrNotFound
		}
		return nil
	})
}

// onlyGet refuses a method at an address that can only be read.
func onlyGet(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderAllow, "GET, HEAD")
	return echo.ErrMethodNotAllowed
}

// isFile says that the request is for a file, which is served compressed already.
func isFile(c echo.Context) bool { return strings.HasPrefix(c.Request().URL.Path, static.Prefix) }

// kinds lists the kinds of record in the order of the menu. A new kind is one word here.
func kinds() []pages { return []pages{places, restaurants, waiters} }

// pagesOf returns the pages of a kind.
func (a *app) pagesOf(k *graph.Kind) pages {
	for _, p := range a.resources {
		if p.kindIn(a.Graph) == k {
			return p
		}
	}
	return nil
}
