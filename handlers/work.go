package handlers

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"maitred/models/change"
	"maitred/models/problem"
	"maitred/models/store"
	"maitred/views"
)

// underway says that a change was begun and takes long. It is answered with the way to the page
// that shows how far it is.
type underway struct{ work *store.Work }

func (*underway) Error() string { return "the change is still being written" }

func pathToWork(id string) string { return "/progress/" + url.PathEscape(id) }

// commit does what a form asks for. A change that takes long comes back as the error *underway,
// which a handler returns like any other.
func commit(c echo.Context, op change.Operation, form change.Form) (*change.Change, error) {
	s := storeOf(c)
	if s.OnServer() && form.Token != "" {
		form.Sent = formOf(c)
	}
	done, work, err := change.Start(c.Request().Context(), s, op, form)
	if work != nil {
		return nil, &underway{work}
	}
	if r := replayOf(c.Request()); r != nil {
		r.failed = err
	}
	return done, err
}

// work shows how far a long change is, and leads on to the change when it is done.
func (a *app) work(c echo.Context) error {
	s, id := storeOf(c), c.Param("id")
	w, err := s.Working(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if w != nil {
		if err := mayLookAt(c, w.User); err != nil {
			return err
		}
		if over, err := w.Ended(); !over || err != nil {
			return a.showWork(c, w, err)
		}
	}
	// Only now may the database be read: what was read before could be of a moment before the end.
	done, err := change.Outcome(c.Request().Context(), s, id)
	if err == nil && done != nil {
		err = mayLookAt(c, done.Author)
	}
	if err != nil {
		return err
	}
	if done == nil {
		return problem.New(problem.NotFound, "Nothing was done. What was begun here, if anything was, was cut off before its end, and then nothing of it is kept: all records are as they were. You can begin it again.")
	}
	path := "/history/" + strconv.FormatInt(done.ID, 10)
	if partOf(c.Request()) == "" {
		return see(c, path, done)
	}
	c.Response().Header().Set("HX-Redirect", path) // the page as a whole goes on
	tell(c, done)
	return c.NoContent(http.StatusOK)
}

func (a *app) showWork(c echo.Context, w *store.Work, failed error) error {
	if failed != nil {
		return failed
	}
	view := views.Work{Page: a.page(c, views.WorkTitle, nil), Path: pathToWork(w.ID), Sentence: w.Actor + " " + w.Sentence, Total: w.Total}
	view.Rows, view.Doing = w.Progress()
	view.Refresh = 2
	return render(c, http.StatusOK, views.WorkPage(view))
}
