package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// cookie is one of the site's cookies. All of them are alike: no script can read them, other sites
// cannot have them sent along with anything but a link, and they are for the whole site. Under TLS
// their names begin with __Host-: a browser takes and sends such a cookie only over TLS, only for
// exactly this host and all of its paths, so that neither a neighbour under the same domain nor
// somebody on a plain line can put one of their own in its place (RFC 6265bis, section 4.1.3).
// A cookie of the other name is then not read at all.
//
// They are Lax and not Strict, since with Strict someone who follows a link from a letter would come
// as a stranger; what a cross-site link can do is read, and writes are refused by their origin.
type cookie struct {
	name string
	age  time.Duration // 0: until the browser is closed
}

// set lets the browser keep a value.
func (k cookie) set(c echo.Context, value string) {
	k.send(c, value, int(k.age/time.Second))
}

// remove takes the cookie away from the browser.
func (k cookie) remove(c echo.Context) { k.send(c, "", -1) }

// value is what the browser sent, "" for none.
func (k cookie) value(c echo.Context) string {
	kept, err := c.Cookie(k.nameIn(c))
	if err != nil {
		return ""
	}
	return kept.Value
}

func (k cookie) send(c echo.Context, value string, maxAge int) {
	c.SetCookie(&http.Cookie{ // #nosec G124 -- Secure wherever there is TLS; without it browsers would not keep the cookie
		Name: k.nameIn(c), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: secure(c), SameSite: http.SameSiteLaxMode,
	})
}

func (k cookie) nameIn(c echo.Context) string {
	if secure(c) {
		return "__Host-" + k.name
	}
	return k.name
}
