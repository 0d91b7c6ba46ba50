package handlers

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// requestIDKey is the name under which a request carries its number.
const requestIDKey = "request id"

// identify gives the request a number and finds out who sent it, writes it to the log when it is
// answered, and turns a panic into an answer, unless it is one that breaks off an answer.
func (a *app) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		id := rand.Text()[:12]
		c.Set(requestIDKey, id)
		c.Set(peerKey, a.peerOf(c.Request()))
		start := time.Now()
		defer func() {
			p := recover()
			if p == http.ErrAbortHandler {
				defer panic(p) // for the server, which then breaks off the answer
			} else if p != nil {
				err = fmt.Errorf("panic: %s\n%s", panicked(p), debug.Stack())
			}
			if err != nil {
				c.Error(err)
			}
			r, took := c.Request(), time.Since(start)
			a.meter.saw(c, took)
			a.Log.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("id", id), slog.String("method", methodOf(r)), slog.String("route", routeOf(c)),
				slog.Int("status", statusSent(c)), slog.Float64("ms", float64(took.Microseconds())/1000),
				slog.String("client", clientOf(c).String()), slog.Int64("user", whoOf(c).ID))
			err = nil
		}()
		return next(c)
	}
}

// routeOf is the route of a request with the keys that stand in it. Nothing else of an address is
// written to the log: what people search for, and the words of one-time links, stand there. It is
// "" where nothing is at the address or the request was refused before anyone looked.
func routeOf(c echo.Context) string {
	parts := strings.Split(c.Path(), "/")
	for i, part := range parts {
		if name, is := strings.CutPrefix(part, ":"); is {
			if n, err := strconv.ParseInt(c.Param(name), 10, 64); err == nil {
				parts[i] = strconv.FormatInt(n, 10)
			}
		}
	}
	return strings.Join(parts, "/")
}

// methodOf is the method of a request; one that nobody has heard of is a word of who sent it.
func methodOf(r *http.Request) string {
	known := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
	if !slices.Contains(known, r.Method) {
		return "other"
	}
	return r.Method
}

// statusSent is the status of the answer, 0 when nobody waited for one.
func statusSent(c echo.Context) int {
	if !c.Response().Committed {
		return 0
	}
	return c.Response().Status
}

// panicked says what a panic was about. The runtime's own sentences hold numbers and types only; what
// others hold is not known, and the stack below tells where it was.
func panicked(p any) string {
	if err, ok := p.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", p)
}

// quoted are texts in an error: those of the database and of conversions quote the value that they
// did not like.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"` + "|`[^`]*`|'[^'\n]*'")

// unspoken is an error for the log without what people typed: nothing in quotes, and no value that
// this request carried, if it is long enough to be one.
func unspoken(err error, r *http.Request) string {
	said := quoted.ReplaceAllString(err.Error(), `"…"`)
	for _, values := range []map[string][]string{r.URL.Query(), r.PostForm} {
		for _, all := range values {
			for _, typed := range all {
				if typed = strings.TrimSpace(typed); len(typed) > 2 {
					said = strings.ReplaceAll(said, typed, "…")
				}
			}
		}
	}
	return said
}
