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

	"github.com/labstack/echo/v4"

	"maitred/models/problem"
)

// limits are how much one request may carry.
type limits struct {
	bytes  int64 // of the body
	fields int   // of the body, and as many of the address
}

// ofForms are the limits of every form.
var ofForms = limits{bytes: 64 << 10, fields: 1000}

// read refuses what is too large and reads a form that is not, so that handlers find one that is
// complete. An address that cannot be read is refused as well: what is left of it would be another
// question than the one that was asked. How long a body may take is the server's ReadTimeout.
//
// A route with limits of its own gets a middleware of its own, and this one skips it.
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
		if err := l.receive(c); err != nil {
			return err
		}
		return next(c)
	}
}

// receive reads the form in the body of a request, as far as that may go.
func (l limits) receive(c echo.Context) error {
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, l.bytes)
	if err := l.form(r); err != nil {
		c.SetRequest(r.WithContext(context.WithoutCancel(r.Context()))) // which ends with the time to read, and who was slow is to be told
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
		err = r.ParseMultipartForm(l.bytes)
	}
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return err
	}
	fields := 0
	for _, values := range r.PostForm {
		fields += len(values)
	}
	if r.MultipartForm != nil {
		for _, files := range r.MultipartForm.File {
			fields += len(files)
		}
	}
	if fields > l.fields {
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
