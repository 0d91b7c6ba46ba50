package handlers

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/views"
	"maitred/views/ui"
)

// render answers with a page, or with the part of it that was asked for. It renders into memory
// first, so that a page that fails can still become an error page; one that is read as of one moment
// is sent after it.
func render(c echo.Context, status int, page templ.Component) error {
	if err, failed := c.Get(frameKey).(error); failed {
		c.Set(frameKey, nil) // the page that tells of it has a frame of its own
		return err
	}
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	if err := write(c, b, page); err != nil {
		buffers.Put(b)
		return err
	}
	send := func() error {
		defer buffers.Put(b)
		return c.HTMLBlob(status, b.Bytes())
	}
	return afterMoment(c, send)
}

func write(c echo.Context, b *bytes.Buffer, page templ.Component) error {
	ctx := c.Request().Context()
	if part := partOf(c.Request()); part != "" {
		if err := templ.RenderFragments(ctx, b, page, part); err != nil {
			return err
		}
	}
	if b.Len() > 0 {
		return nil
	}
	return page.Render(ctx, b) // no part was asked for, or the page does not have it
}

// buffers are used again: growing a new one to the size of a page costs more than filling it.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// partOf returns the id of the element that htmx wants to replace, "" for a whole page. Going back
// in the browser's history always asks for a whole page.
func partOf(r *http.Request) string {
	if r.Header.Get("HX-Request-Type") != "partial" || r.Header.Get("HX-History-Restore-Request") != "" {
		return ""
	}
	_, id, _ := strings.Cut(r.Header.Get("HX-Target"), "#")
	return id
}

// doneCookie carries the number of a change from the answer of a write to the page after it.
var doneCookie = cookie{name: "maitred_done", age: time.Minute}

// see answers a write: look at that page now.
func see(c echo.Context, path string, done *change.Change) error {
	tell(c, done)
	return c.Redirect(http.StatusSeeOther, path)
}

// tell lets the next page say what was done; nil is nothing to say.
func tell(c echo.Context, done *change.Change) {
	if done != nil {
		doneCookie.set(c, strconv.FormatInt(done.ID, 10))
	}
}

// page is what surrounds a page's own content. It takes up what was just done, once.
func (a *app) page(c echo.Context, title string, here *graph.Kind) views.Page {
	p := views.Page{Title: title, Kinds: a.menu(), Starts: a.starts(c), Now: storeOf(c).Now(), Who: whoOf(c), ReadOnly: storeOf(c).ReadOnly, Demo: a.inDemo(c)}
	if here != nil {
		p.Here = here.Table
	}
	if partOf(c.Request()) == "" {
		err := a.takeUpDone(c, &p)
		if err == nil {
			err = a.guide(c, &p)
		}
		if err != nil {
			c.Set(frameKey, err)
		}
	}
	return p
}

// frameKey is under what a request carries the error that was met while the frame of its page was read.
// It is told in place of the page: in one read transaction nothing may be readable after it.
const frameKey = "error of the frame"

// takeUpDone lets the page say what was just done. Who sends a number of their own finds nothing.
func (a *app) takeUpDone(c echo.Context, p *views.Page) error {
	text := doneCookie.value(c)
	if text == "" {
		return nil
	}
	doneCookie.remove(c)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil
	}
	done, err := change.Find(c.Request().Context(), storeOf(c), n)
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err == nil && p.Who.MaySee(done.Author) {
		p.Done = done
	}
	return err
}

func (a *app) menu() []*graph.Kind {
	var ks []*graph.Kind
	for _, p := range a.resources {
		ks = append(ks, p.kindIn(a.Graph))
	}
	return ks
}

// hidden are the fields of a form that people do not see: a fresh token, and what else is given
// as names and values in turn. Where people sign in, a form says whose it is.
func hidden(c echo.Context, more ...string) []ui.Param {
	fields := append([]ui.Param{{Name: tokenField, Value: rand.Text()}}, named(more...)...)
	return append(fields, views.ShownTo(whoOf(c))...)
}

// named are hidden fields, given as names and values in turn.
func named(more ...string) (fields []ui.Param) {
	for i := 0; i+1 < len(more); i += 2 {
		fields = append(fields, ui.Param{Name: more[i], Value: more[i+1]})
	}
	return fields
}

// happened turns changes into sentences, with links to those that the person may see; the list is
// never nil.
func happened(c echo.Context, changes []*change.Change) []views.Happened {
	list := []views.Happened{}
	for _, ch := range changes {
		h := views.Happened{Sentence: ch.Actor + " " + ch.Sentence + "."}
		if whoOf(c).MaySee(ch.Author) {
			h.Href = templ.SafeURL(pathToChange(ch.ID))
		}
		list = append(list, h)
	}
	return list
}
