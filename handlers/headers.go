package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// contentPolicy lets a page use the files of this site and nothing else, run no script that stands in the
// page, and stand in no frame. It does not ask for trusted types: htmx writes HTML into pages.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// permissionsPolicy turns off what a page could ask a browser for. They are the names that current browsers
// know; of one that they do not, they complain in the console.
const permissionsPolicy = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), clipboard-write=(), " +
	"display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), " +
	"idle-detection=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), " +
	"publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), " +
	"usb=(), window-management=(), xr-spatial-tracking=()"

// variants are the headers that shape an answer. Cookies do, too, but there is nothing to tell a
// cache about them: only the files, which are the same for everyone, may be kept at all.
const variants = "HX-Request, HX-Request-Type, HX-Target, HX-History-Restore-Request"

// protect sets the headers that every answer carries, and refuses writes that come from other sites,
// before anything else, and requests for hosts that are not ours.
func (a *app) protect(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		setHeaders(c.Response().Header(), r.Host, secure(c))
		if err := crossOrigin.Check(r); err != nil {
			return echo.NewHTTPError(http.StatusForbidden).SetInternal(err)
		}
		if !a.knows(r.Host) && !isFile(c) { // files are the same for everyone, and the page that refuses needs them
			return echo.NewHTTPError(http.StatusMisdirectedRequest)
		}
		return next(c)
	}
}

// setHeaders sets what each answer to this host carries. Nothing may be kept by browsers and caches;
// a file says otherwise by itself.
func setHeaders(h http.Header, host string, secure bool) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", referrers(host, secure))
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", permissionsPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex, nofollow") // records of people's work, and of visitors of a demo
	h.Set("Vary", variants)
	if secure && !isHere(host) { // for localhost it would bind every other program on the machine
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains") // two years
	}
}

// referrers is the policy that tells other sites nothing. Over plain HTTP to another machine our own
// forms must say where they come from, or they would be refused (crossOrigin).
func referrers(host string, secure bool) string {
	if secure || isHere(host) {
		return "no-referrer"
	}
	return "same-origin"
}
