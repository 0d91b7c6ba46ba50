package handlers

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/models/store"
	"maitred/views"
)

var statuses = map[problem.Code]int{
	problem.BadRequest: http.StatusBadRequest,
	problem.SignedOut:  http.StatusUnauthorized,
	problem.Forbidden:  http.StatusForbidden,
	problem.NotFound:   http.StatusNotFound,
	problem.Conflict:   http.StatusConflict,
	problem.TooLarge:   http.StatusRequestEntityTooLarge,
	problem.Invalid:    http.StatusUnprocessableEntity,
	problem.TooLong:    http.StatusUnprocessableEntity,
	problem.TooMany:    http.StatusTooManyRequests,
	problem.Busy:       http.StatusServiceUnavailable,
	problem.ReadOnly:   http.StatusServiceUnavailable, // who may write is not the question, so not 403
	problem.Full:       http.StatusInsufficientStorage,
}

// gone says that a record is no longer, or not, at an address, and what became of it.
type gone struct {
	error
	kind  *graph.Kind
	trace *change.Trace
}

func (g *gone) Unwrap() error { return g.error }

// onward adds to an error where to go from it.
type onward struct {
	error
	to []views.Happened
}

func (o *onward) Unwrap() error { return o.error }

// answerError turns any error into a status and a whole readable page. What people can do nothing
// with goes to the log, under the request's number.
func (a *app) answerError(err error, c echo.Context) {
	cutOff := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	if c.Response().Committed || cutOff && errors.Is(c.Request().Context().Err(), context.Canceled) { // nobody is there to read it
		return
	}
	var u *underway
	if errors.As(err, &u) {
		_ = c.Redirect(http.StatusSeeOther, pathToWork(u.work.ID))
		return
	}
	if p := new(problem.Error); errors.As(err, &p) && p.Code == problem.SignedOut {
		if err = a.askToSignIn(c, p.Message); err == nil {
			return
		}
	}
	if r := replayOf(c.Request()); r != nil {
		r.failed = err
	}
	status, message := http.StatusInternalServerError, views.OwnFault
	unconfirmed := errors.As(err, new(*store.Unconfirmed))
	var p *problem.Error
	var h *echo.HTTPError
	switch {
	case errors.As(err, &p):
		status, message = statuses[p.Code], p.Message
		for _, f := range p.Fields {
			message += " " + f.Message
		}
	case errors.As(err, &h):
		status, message = h.Code, views.SentenceOf(h.Code)
	case unconfirmed:
		message = views.Unsure
	}
	if unconfirmed && problem.Is(err, problem.ReadOnly) { // whether nothing was saved is not known
		message = views.Unsure
	}
	id, _ := c.Get(requestIDKey).(string)
	full := errors.As(err, new(*crowded)) // which is told, and nothing that went wrong
	if (status >= 500 || message == "") && !full {
		a.Log.Error("request failed", slog.String("id", id), slog.String("error", unspoken(err, c.Request())))
	}
	if message == "" {
		message = views.OwnFault
	}
	title := views.TroubleTitle(status)
	if problem.Is(err, problem.TooLong) {
		title = views.StoppedTitle
	}
	if problem.Is(err, problem.ReadOnly) {
		title = views.ReadOnlyTitle
	} else if status == http.StatusServiceUnavailable {
		c.Response().Header().Set("Retry-After", retryAfter)
	}
	askToWait(c, err)
	if full {
		title = views.DemoFullTitle
	}
	title, message = a.inWordsOfDemo(c, err, title, message)
	t := views.Trouble{
		Page:      views.Page{Title: title, Kinds: a.menu(), Who: whoOf(c), Outside: whoOf(c).Role == "", Demo: a.inDemo(c)},
		Message:   message,
		RequestID: id,
		Full:      full,
	}
	if s, ok := c.Get(storeKey).(*models.Store); ok {
		t.ReadOnly = s.ReadOnly && !problem.Is(err, problem.ReadOnly) // it is not told twice
	}
	explainGone(err, &t)
	var typed *unsaved
	if errors.As(err, &typed) {
		t.Typed = typed.typed
	}
	if unconfirmed {
		t.Links = append(t.Links, views.Happened{Sentence: views.ToHistory, Href: "/history"})
	}
	var o *onward
	if errors.As(err, &o) {
		t.Links = append(t.Links, o.to...)
	}
	if path := c.Request().URL.Path; status == http.StatusBadRequest && a.Graph.ByTable(strings.TrimPrefix(path, "/")) != nil {
		t.Links = append(t.Links, views.Happened{Sentence: views.ToWholeList, Href: templ.SafeURL(path)})
	} else if status == http.StatusBadRequest && path == "/history" {
		t.Links = append(t.Links, views.Happened{Sentence: views.ToNewestChanges, Href: "/history"})
	}
	if looksByItself(c.Request()) {
		c.Response().Header().Set("HX-Reswap", "none")
	} else if partOf(c.Request()) != "" { // an error page is no part of the page that asked
		c.Response().Header().Set("HX-Retarget", "body")
		c.Response().Header().Set("HX-Reswap", "innerHTML show:top")
	}
	if err := render(c, status, views.ErrorPage(t)); err != nil {
		a.Log.Error("the error page failed", slog.String("id", id), slog.String("error", unspoken(err, c.Request())))
	}
}

// explainGone says where a record went, or when and by whom it was taken away, and how to bring it
// back.
func explainGone(err error, t *views.Trouble) {
	var g *gone
	if !errors.As(err, &g) || g.trace == nil {
		return
	}
	name, last := change.Named(g.kind, g.trace.Label), g.trace.Last
	when := last.When().Format("2 January 2006 at 15:04 UTC")
	switch {
	case g.trace.Now != 0 && g.trace.Left == change.Changed:
		t.Message = "This " + g.kind.Singular() + " moved on " + when + "."
	case g.trace.Now != 0:
		t.Message = "This " + g.kind.Singular() + " is no longer here. " + last.Actor + " " + last.Sentence + " on " + when + ". It is back, elsewhere."
	case last.Operation == "delete":
		t.Message = last.Actor + " deleted " + name + " on " + when + "."
	default:
		t.Message = views.Title(name) + " is gone. " + last.Actor + " " + last.Sentence + " on " + when + "."
	}
	if g.trace.Now != 0 {
		t.Links = append(t.Links, views.Happened{Sentence: "Go to " + name, Href: views.PathTo(g.kind, g.trace.Now)})
	} else {
		t.Gone = last
	}
	if t.Who.MaySee(last.Author) {
		t.Links = append(t.Links, views.Happened{Sentence: views.ToChangeDone, Href: templ.SafeURL(pathToChange(last.ID))})
	}
	t.Links = append(t.Links, views.Happened{Sentence: views.ToAll(g.kind), Href: templ.SafeURL("/" + g.kind.Table)})
}
