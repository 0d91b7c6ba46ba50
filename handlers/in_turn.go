package handlers

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"maitred/models/store"
	"maitred/views"
	"maitred/views/ui"
)

// placeKey is under what a context carries the place of its request.
type placeKey struct{}

// inTurn lets a request in when there is a place for it, and refuses it when there is none for too long.
// Files and what tells how the site is are answered always. A place is held for work alone: not while
// a form is on its way here or an answer on its way back, so that a few with slow lines cannot keep
// everybody out, and not while others save (store.StepAside).
func (a *app) inTurn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if a.queue.atOnce == 0 || isFile(c) || forOperators(r.URL.Path) || r.Context().Value(placeKey{}) != nil {
			return next(c)
		}
		if err := await(r); err != nil {
			c.SetRequest(r.WithContext(context.WithoutCancel(r.Context()))) // which ends with the time to read, and who was slow is to be told
		} else if !a.queue.enter(r.Context()) {
			if err := r.Context().Err(); err != nil {
				return err
			}
			a.queue.refused.Add(1)
			return a.refuse(c)
		} else {
			p := &place{queue: &a.queue}
			defer p.leave()
			c.Response().Writer = &sending{c.Response().Writer, p}
			ctx := context.WithValue(r.Context(), placeKey{}, p)
			c.SetRequest(r.WithContext(store.WithAside(ctx, p.stepAside)))
		}
		return next(c)
	}
}

// await reads the body of a request until it is here, as far as a form may go. Errors: it did not come
// in time; whoever reads it will find out, too.
func await(r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	come, err := io.ReadAll(io.LimitReader(r.Body, ofForms.bytes+1))
	rest := io.Reader(r.Body)
	if err != nil {
		rest = failed{err}
	}
	r.Body = body{io.MultiReader(bytes.NewReader(come), rest), r.Body}
	return err
}

type body struct {
	io.Reader
	io.Closer
}

// failed is what is left of a body that stopped coming.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

// sending is an answer that is made and on its way: its place is free.
type sending struct {
	http.ResponseWriter
	place *place
}

func (s *sending) Write(b []byte) (int, error) {
	s.place.leave()
	return s.ResponseWriter.Write(b)
}

func (s *sending) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// refuse tells who came in vain to come again. Most of those must cost next to nothing, so their page is
// made already; who sent a form is shown what they typed.
func (a *app) refuse(c echo.Context) error {
	r, h := c.Request(), c.Response().Header()
	setHeaders(h, r.Host, secure(c))
	h.Set("Retry-After", retryAfter)
	switch {
	case strings.HasPrefix(r.URL.Path, pathToWork("")), looksByItself(r):
		h.Set("HX-Reswap", "none")
	case partOf(r) != "":
		h.Set("HX-Retarget", "body")
		h.Set("HX-Reswap", "innerHTML show:top")
	}
	id, _ := c.Get(requestIDKey).(string)
	page := bytes.Replace(a.busy, []byte(numberHole), []byte(id), 1)
	if typed := a.typedIn(r); len(typed) > 0 {
		page = busyPage(id, typed)
	}
	return c.HTMLBlob(http.StatusServiceUnavailable, page)
}

// looksByItself says that a part of a page asks how things are, again and again, without anybody having
// pressed anything: no refusal of that may take the page away.
func looksByItself(r *http.Request) bool { return partOf(r) == demoPart }

// retryAfter is after how many seconds who was refused may come again.
const retryAfter = "2"

// typedIn is what was typed into a form that will not be answered. Of one that cannot be read, or is not
// about a record, it is nothing.
func (a *app) typedIn(r *http.Request) []ui.Param {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	k := a.Graph.ByTable(first)
	if k == nil || r.Method != http.MethodPost || ofForms.form(r) != nil {
		return nil
	}
	return form{r.PostForm}.typed(k)
}

// numberHole is where the number of the request is put into the page that is made already.
const numberHole = "NUMBEROFTHEREQUEST"

// busyPage is the page of who is refused.
func busyPage(id string, typed []ui.Param) []byte {
	var b bytes.Buffer
	page := views.Page{Title: views.TroubleTitle(http.StatusServiceUnavailable), Outside: true}
	if err := views.BusyPage(views.Trouble{Page: page, Typed: typed, RequestID: id}).Render(context.Background(), &b); err != nil {
		panic(err) // nothing in it can fail
	}
	return b.Bytes()
}

// forOperators says that an address tells those who run the site how it is.
func forOperators(path string) bool {
	return path == "/healthz" || path == "/readyz" || path == "/metrics"
}
