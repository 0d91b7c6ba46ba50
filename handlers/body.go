package handlers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"maitred/models/problem"
	"maitred/models/store"
	"maitred/views"
)

// limits are how much one request may carry.
type limits struct {
	bytes  int64         // of the body
	fields int           // of the body, and as many of the address
	time   time.Duration // that it may take; 0: the server's ReadTimeout
	said   string        // to whose body is too large; "": what is said of every form
}

// ofForms are the limits of every form.
var ofForms = limits{bytes: 64 << 10, fields: 1000}

// ofFiles are the limits of a form that brings a file.
func (a *app) ofFiles() limits {
	l := a.importLimits()
	return limits{bytes: l.Bytes + ofForms.bytes, fields: ofForms.fields, time: 3 * time.Minute, said: views.FileTooLarge(l)}
}

// readBody reads the body of a request as far as the form at its address may go.
func (a *app) readBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		l := ofForms
		if strings.HasSuffix(c.Path(), "/import") && strings.HasPrefix(c.Request().Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
			l = a.ofFiles()
		}
		return l.read(next)(c)
	}
}

// read refuses what is too large and reads a form that is not, so that handlers find one that is
// complete. An address that cannot be read is refused as well: what is left of it would be another
// question than the one that was asked.
func (l limits) read(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if strings.Count(r.URL.RawQuery, "&") >= l.fields { // counted first: reading many costs
			return echo.NewHTTPError(http.StatusRequestEntityTooLarge)
		}
		if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
			return problem.New(problem.BadRequest, "The address cannot be read. In a value, write %%25 for a percent sign and %%3B for a semicolon.")
		}
		if r.Method != http.MethodPost {
			return next(c)
		}
		defer func() { // the server would, had it not been given a copy of the request
			if r.MultipartForm != nil {
				_ = r.MultipartForm.RemoveAll()
			}
		}()
		if err := l.receive(c); err != nil {
			return err
		}
		return next(c)
	}
}

// receive reads the form in the body of a request, as far as that may go.
func (l limits) receive(c echo.Context) error {
	r := c.Request()
	body := r.Body
	if l.time > 0 {
		defer store.StepAside(r.Context())()
		until, answer := time.Now().Add(l.time), http.NewResponseController(c.Response())
		_ = answer.SetReadDeadline(until) // where it cannot be set, the server's holds
		_ = answer.SetWriteDeadline(until.Add(time.Minute))
	}
	r.Body = http.MaxBytesReader(c.Response(), r.Body, l.bytes)
	if err := l.form(r); err != nil {
		if l.time > 0 && statusOf(err) == http.StatusRequestEntityTooLarge {
			letCome(c, body)
		}
		c.SetRequest(r.WithContext(context.WithoutCancel(r.Context()))) // which ends with the time to read, and who was slow is to be told
		if l.said != "" && errors.As(err, new(*http.MaxBytesError)) {
			return &onward{problem.New(problem.TooLarge, "%s", l.said), []views.Happened{{Sentence: "Choose another file", Href: templ.SafeURL(r.URL.Path)}}}
		}
		return echo.NewHTTPError(statusOf(err)).SetInternal(err)
	}
	return nil
}

var errManyFields = errors.New("the form has too many fields")

// form reads the form in the body.
func (l limits) form(r *http.Request) error {
	body := &counted{ReadCloser: r.Body}
	r.Body = body
	err := r.ParseForm()
	if err != nil && body.ampersands >= l.fields { // the standard library has a limit of its own, and an error like any other
		return errManyFields
	}
	if err == nil {
		// So much of it is in memory; a file that is larger waits on the disk.
		err = r.ParseMultipartForm(ofForms.bytes) // #nosec G120 -- the body is a MaxBytesReader already
	}
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return err
	}
	fields, size := 0, int64(0)
	for name, values := range r.PostForm {
		fields += len(values)
		for _, v := range values {
			size += int64(len(name) + len(v))
		}
	}
	if r.MultipartForm != nil {
		for _, files := range r.MultipartForm.File {
			fields += len(files)
		}
	}
	if fields > l.fields || size > ofForms.bytes { // what comes with a file may not be as large as one
		return errManyFields
	}
	return nil
}

// counted is a body whose fields are counted while it is read.
type counted struct {
	io.ReadCloser
	ampersands int
}

func (b *counted) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.ampersands += bytes.Count(p[:n], []byte("&"))
	return n, err
}

// Browsers show no answer as long as they send: they say that the connection broke. So what is left of a
// file that is too large is let come, as far as that goes, and thrown away.
const (
	letComeFor   = 10 * time.Second
	letComeBytes = 1 << 30
)

func letCome(c echo.Context, body io.Reader) {
	if c.Request().ContentLength > letComeBytes {
		return
	}
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(letComeFor))
	_, _ = io.CopyN(io.Discard, body, letComeBytes)
}

// statusOf is the answer to a body that could not be read.
func statusOf(err error) int {
	var tooLarge *http.MaxBytesError
	var slow net.Error
	switch {
	case errors.As(err, &tooLarge), errors.Is(err, errManyFields), errors.Is(err, multipart.ErrMessageTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.As(err, &slow) && slow.Timeout():
		return http.StatusRequestTimeout
	default:
		return http.StatusBadRequest
	}
}
