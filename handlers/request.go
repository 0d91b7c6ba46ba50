package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"maitred/models/problem"
)

// form is what a person filled in. Fields are read one by one, by name.
type form struct{ url.Values }

// sent is the form in the body of a request, and only that.
func sent(c echo.Context) form { return form{c.Request().PostForm} }

// asked is the form in the address of a request.
func asked(c echo.Context) form { return form{c.Request().URL.Query()} }

// yes says whether a box was ticked; one that was not sends nothing.
func (f form) yes(name string) bool {
	v := f.Get(name)
	return v == "1" || v == "true" || v == "on"
}

// key reads the key of another record; 0 when there is none that could exist.
func (f form) key(name string) int64 {
	n, err := strconv.ParseInt(f.Get(name), 10, 64)
	if err != nil || n < 1 {
		return 0
	}
	return n
}

// The hidden fields of forms.
const (
	tokenField       = "token"
	versionField     = "version"
	fingerprintField = "fingerprint"
)

// token names this form with these values, "" for a form that came without a token of its own.
// Sent again unchanged it is the same; with a field changed it is another.
func token(c echo.Context) string {
	f := sent(c)
	if f.Get(tokenField) == "" {
		return ""
	}
	h := sha256.New()
	write := func(s string) { h.Write([]byte(strconv.Quote(s))) }
	write(c.Request().URL.RequestURI())
	for _, name := range slices.Sorted(maps.Keys(f.Values)) {
		write(name)
		for _, v := range f.Values[name] {
			write(v)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// id reads the key in the path. Errors: NotFound for what no key looks like.
func id(c echo.Context) (int64, error) {
	text := c.Param("id")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text {
		return 0, problem.New(problem.NotFound, "There is nothing at this address.")
	}
	return n, nil
}
