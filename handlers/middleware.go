package handlers

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"maitred/models"
	"maitred/models/account"
	"maitred/models/problem"
)

// The names under which a request carries its own things.
const (
	storeKey     = "store"
	whoKey       = "who"
	requestIDKey = "request id"
)

// maxBody is how large a form may be, in bytes.
const maxBody = 64 << 10

// identify gives the request a number, writes it to the log when it is answered, and turns a panic
// into an answer.
func (a *app) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		id := rand.Text()[:12]
		c.Set(requestIDKey, id)
		start := time.Now()
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
			if err != nil {
				c.Error(err)
			}
			r := c.Request()
			a.Log.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("id", id), slog.String("method", r.Method), slog.String("path", r.URL.Path),
				slog.Int("status", c.Response().Status), slog.Duration("took", time.Since(start)))
			err = nil
		}()
		return next(c)
	}
}

var crossOrigin = http.NewCrossOriginProtection()

// protect sets the headers that every answer carries and refuses requests for hosts that are not
// ours and writes that come from other sites.
func (a *app) protect(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if !a.knows(c.Request().Host) {
			return echo.NewHTTPError(http.StatusMisdirectedRequest)
		}
		if err := crossOrigin.Check(c.Request()); err != nil {
			return echo.NewHTTPError(http.StatusForbidden).SetInternal(err)
		}
		return next(c)
	}
}

func (a *app) knows(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	known := func(name string) bool { return strings.EqualFold(name, host) }
	return slices.ContainsFunc([]string{"localhost", "127.0.0.1", "::1"}, known) || slices.ContainsFunc(a.Hosts, known)
}

// open finds the store that the request works on.
func (a *app) open(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, err := a.Store(c.Request())
		if err != nil {
			return err
		}
		if person := personOf(c.Request()); person != "" {
			s = s.For(person)
		}
		c.Set(whoKey, account.Who{Role: a.Everyone})
		c.Set(storeKey, s)
		return next(c)
	}
}

// whoOf is who asks. The zero value, which may do nothing, where the request was refused before that
// was known.
func whoOf(c echo.Context) account.Who {
	who, _ := c.Get(whoKey).(account.Who)
	return who
}

func storeOf(c echo.Context) *models.Store { return c.Get(storeKey).(*models.Store) }

// limitBody refuses forms that are too large and reads those that are not, so that handlers find
// a form that is complete. An address that cannot be read is refused as well: what is left of it
// would be another question than the one that was asked.
func limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
			return problem.New(problem.BadRequest, "The address cannot be read. In a value, write %%25 for a percent sign and %%3B for a semicolon.")
		}
		if r.Method != http.MethodPost {
			return next(c)
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, maxBody)
		err := r.ParseForm()
		if err == nil {
			err = r.ParseMultipartForm(maxBody)
		}
		if errors.Is(err, http.ErrNotMultipart) {
			err = nil
		}
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return echo.NewHTTPError(http.StatusRequestEntityTooLarge)
		}
		if err != nil {
			return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
		}
		return next(c)
	}
}
