// Package handlers is what a request means: it reads requests, asks the models, and answers with
// views. Echo is known here and in cmd, nowhere else.
//
// One flow serves every kind of record (resource.go); a kind's own file fills its typed holes.
// One place decides between a page and a part of it (render.go), and one turns errors into
// statuses and sentences (errors.go).
package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"maitred/models"
	"maitred/models/account"
	"maitred/models/backup"
	"maitred/models/graph"
	"maitred/models/sheet"
	"maitred/models/store"
	"maitred/static"
)

// Options are what the program gives to its handlers.
type Options struct {
	// Store returns the store a request works on, with the actor set.
	Store func(*http.Request) (*models.Store, error)
	Graph *graph.Graph

	// Accounts are the people who may sign in.
	Accounts *account.Accounts

	// Everyone is the role that all have who come: nobody signs in. Empty: people sign in.
	Everyone account.Role

	// Demo lets everyone who comes try the site on records of their own. Store is then the one that those are
	// told of who run the site, and Accounts are the people whom it shows. Nil: it is no demo.
	Demo *Demo

	Hosts []string // names the site answers to, beside those of this machine
	Log   *slog.Logger

	// Proxies are the addresses from which X-Forwarded-For and X-Forwarded-Proto are believed.
	Proxies []netip.Prefix
	// Backups are made while the site is served; nil: they are switched off.
	Backups *backup.Backups

	// AllowHTTP lets people sign in over plain HTTP from elsewhere than this machine.
	AllowHTTP bool

	// AtOnce is how many requests are worked on at once, others wait for a moment or are refused; 0: as many
	// as come.
	AtOnce int

	// ImportBytes and ImportRows are how large a file may be that is brought in; 0: 10 MiB and 50,000 rows.
	ImportBytes int64
	ImportRows  int

	// TakesOver is a store of a server, of which several instances may be served: the long changes that another one
	// left are gone on with here. Nil: there is none.
	TakesOver *models.Store

	// LastBackup is when the last backup was made, the zero time when there was none; nil where none are made.
	LastBackup func() time.Time
}

// app is what handlers share.
type app struct {
	Options
	resources []pages
	unnamed   sync.Once // a proxy that was not named was told of
	access    access
	queue     queue
	exports   exports
	busy      []byte // the page of who finds no room
	meter     *meter
	readiness readiness

	writesNothing map[string]bool // paths of a demo whose forms need no records of one's own
}

// New returns the handler of the whole site. It panics when nobody said who may come in: that is a
// mistake in the program.
func New(o Options) http.Handler {
	if o.Demo == nil && (o.Accounts == nil) == (o.Everyone == "") {
		panic("either people sign in, or everyone has the same role")
	}
	a := &app{Options: o, resources: kinds(), access: access{}, queue: queue{atOnce: o.AtOnce}, exports: newExports(), busy: busyPage(numberHole, nil)}
	a.meter = newMeter(a)
	e := echo.New()
	e.HTTPErrorHandler = a.answerError
	e.IPExtractor = echo.ExtractIPDirect()
	e.Pre(a.identify, a.inTurn, a.protect)
	e.Use(a.open, a.recognise, a.admit, a.readBody, a.inTime, a.askForStep, a.inOwnName, a.own, middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1024, Skipper: isSentAsItIs}))
	a.routes(e)
	if o.TakesOver != nil {
		o.TakesOver.TakeOver(func(ctx context.Context, l store.Left) error { return a.sendAgain(ctx, e, l) })
	}
	return e
}

// routes lists every address of the site, and what a person needs to be answered there.
func (a *app) routes(e *echo.Echo) {
	a.access.keep(e)
	anyone, reader, writer, manager := door{e, a.access, anyone}, door{e, a.access, signedIn}, door{e, a.access, writes}, door{e, a.access, manages}

	reader.get("/", a.home)
	writer.post("/sample", a.loadSample)
	for _, p := range a.resources {
		k := p.kindIn(a.Graph)
		list, one := "/"+k.Table, "/"+k.Table+"/:id"
		reader.get(list, p.list(a))
		reader.get(list+".csv", p.export(a, sheet.CSV))
		reader.get(list+".xlsx", p.export(a, sheet.XLSX))
		writer.get(list+"/new", p.new(a))
		writer.post(list+"/new", onlyGet) // not the record "new"
		reader.get(list+"/filter", p.filter(a))
		reader.post(list+"/filter", onlyGet) // nor this one
		writer.post(list, p.create(a))
		reader.get(one, p.show(a))
		writer.get(one+"/edit", p.edit(a))
		writer.post(one, p.update(a))
		writer.get(one+"/delete", p.delete(a))
		writer.post(one+"/delete", p.delete(a))
		together := func(by door, verb string, h echo.HandlerFunc) {
			by.post(list+"/"+verb, h)
			by.get(list+"/"+verb, p.onlyPost(a)) // not the record of that name
		}
		together(writer, "delete", p.deleteMany(a))
		if k.MovesTogether() {
			together(writer, "move", p.moveMany(a))
		}
		if k.Questions() != nil {
			together(writer, p.setting(), p.setMany(a))
		}
		together(reader, "columns", p.chooseColumns(a))
		reader.get(list+"/views", a.views(k))
		reader.post(list+"/views", a.saveView(k)) // who shares it must write
		reader.get(list+"/views/:id", a.editView(k))
		reader.post(list+"/views/:id", a.changeView(k)) // as above
		reader.post(list+"/views/:id/delete", a.deleteView(k))
		writer.get(list+"/import", a.importOf(k))
		writer.post(list+"/import", a.takeIn(k))
		writer.get(list+"/import/rows", a.importedRows(k))
		writer.get(list+"/import/template.csv", a.template(k, sheet.CSV))
		writer.get(list+"/import/template.xlsx", a.template(k, sheet.XLSX))
		if k.Home() != nil {
			writer.get(one+"/move", p.move(a))
			writer.post(one+"/move", p.move(a))
		}
		if k.OneToOne() != nil {
			writer.get(one+"/copy", p.copy(a))
			writer.post(one+"/copy", p.copy(a))
			writer.get("/"+k.OneToOne().To.Table+"/:id/bring", p.bring(a))
		}
	}
	if a.Demo != nil {
		a.demoRoutes(e)
	} else if a.Everyone == "" {
		anyone.get("/sign-in", a.signInPage)
		anyone.post("/sign-in", a.enter)
		reader.get("/sign-out", a.signOutPage)
		anyone.post("/sign-out", a.signOut)
		anyone.get("/welcome", a.welcome)
		anyone.post("/welcome", a.accept)
		a.peopleRoutes(e)
	}
	reader.get("/search", a.search)
	reader.get("/help", a.help)
	writer.post("/tour", a.tour)
	reader.get("/history", a.history)
	reader.get("/history/:id", a.change)     // one's own
	writer.get("/history/:id/undo", a.undo)  // one's own
	writer.post("/history/:id/undo", a.undo) // one's own
	reader.get("/progress/:id", a.work)      // one's own
	anyone.get("/robots.txt", func(c echo.Context) error { return c.String(http.StatusOK, "User-agent: *\nDisallow: /\n") })
	if a.Demo == nil {
		manager.get("/backups", a.backups)
		manager.post("/backups", a.backUp)
		manager.get("/backups/:name", a.download)
		manager.post("/backups/:name", a.proveAndDownload)
	}
	anyone.get("/healthz", alive)
	anyone.get("/readyz", a.ready)
	anyone.get("/metrics", a.metrics) // to who asks on this machine
	anyone.get(static.Prefix+"*", func(c echo.Context) error {
		if !static.Serve(c.Response(), c.Request()) {
			return echo.ErrNotFound
		}
		return nil
	})
}

// peopleRoutes lists the addresses where people and their own accounts are looked after.
func (a *app) peopleRoutes(e *echo.Echo) {
	anyone, reader, manager := door{e, a.access, anyone}, door{e, a.access, signedIn}, door{e, a.access, manages}
	reader.get("/account", a.account)
	reader.post("/account/password", a.changePassword)
	reader.post("/account/sessions/end", a.endOtherSessions)
	reader.post("/account/sessions/:id/end", a.endSession)
	reader.get("/account/second-step", a.secondStep)
	reader.post("/account/second-step", a.addSecondStep)
	reader.get("/account/second-step/new", a.newSecondStep)
	reader.post("/account/second-step/codes", a.newCodes)
	reader.post("/account/second-step/remove", a.removeSecondStep)
	anyone.post("/password-strength", a.strength)
	manager.get("/users", a.users)
	manager.post("/users", a.invite)
	manager.get("/users/new", a.newUser)
	manager.post("/users/new", onlyGet)
	manager.get("/users/trail", a.trail)
	manager.post("/users/trail", onlyGet)
	manager.post("/users/second-step", a.requireStep)
	manager.get("/users/:id", a.user)
	manager.post("/users/:id", a.changeUser)
	manager.post("/users/:id/sign-out", a.endUser)
	manager.post("/users/:id/link", a.linkUser)
	manager.post("/users/:id/second-step", a.unstepUser)
}

// onlyGet refuses a method at an address that can only be read.
func onlyGet(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderAllow, "GET, HEAD")
	return echo.ErrMethodNotAllowed
}

// isFile says that the request is for a file, which is served compressed already.
func isFile(c echo.Context) bool { return strings.HasPrefix(c.Request().URL.Path, static.Prefix) }

// isSentAsItIs says that the answer is not to be compressed: a file, a backup, of which browsers may ask for the
// rest when the line broke, or a workbook, which is compressed already.
func isSentAsItIs(c echo.Context) bool {
	return isFile(c) || c.Path() == "/backups/:name" || strings.HasSuffix(c.Path(), ".xlsx")
}

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
