package handlers

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// alive says that the program answers, and nothing more.
func alive(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// lookAgain is how long what was found wrong with a site, or not, is taken to be so. Anyone may ask, and
// however many do, it is looked at once in that time.
const lookAgain = time.Second

// readiness is what was found when it was looked last.
type readiness struct {
	mu    sync.Mutex
	at    time.Time
	wrong []string
}

// ready says that the site can do all that it is for: 200, or 503 with a line for each thing that is
// wrong. It holds no number, name or path, as it is for everyone.
func (a *app) ready(c echo.Context) error {
	a.readiness.mu.Lock()
	defer a.readiness.mu.Unlock()
	if r := &a.readiness; time.Since(r.at) >= lookAgain {
		ctx := c.Request().Context()
		wrong := storeOf(c).Ready(ctx)
		if err := ctx.Err(); err != nil {
			return err // who asked is gone, and what was found says nothing
		}
		r.wrong, r.at = wrong, time.Now()
	}
	if len(a.readiness.wrong) > 0 {
		return c.String(http.StatusServiceUnavailable, strings.Join(a.readiness.wrong, "\n")+"\n")
	}
	return c.String(http.StatusOK, "ready\n")
}
