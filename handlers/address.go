package handlers

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// peer is who asks and over what, as far as the connection shows it. Headers that anybody can write
// have no say in it, unless a proxy that the operator named with --trusted-proxy is connected: then
// what that proxy says of the connection in front of it counts.
type peer struct {
	addr   netip.Addr // invalid only where the connection has none
	secure bool       // the browser speaks TLS
	here   bool       // it is on this machine
}

const peerKey = "peer"

// clientOf returns the address of who asks, without a zone and never as IPv4 inside IPv6. What
// counts tries and what stands in the log and in the audit trail is this one.
func clientOf(c echo.Context) netip.Addr { return c.Get(peerKey).(peer).addr }

// secure says that the browser speaks TLS, with us or with a trusted proxy.
func secure(c echo.Context) bool { return c.Get(peerKey).(peer).secure }

// plainFromAfar says that a password would be sent readable over a network: there is no TLS, the
// browser is not on this machine, and the operator did not say that this may be.
func (a *app) plainFromAfar(c echo.Context) bool {
	p := c.Get(peerKey).(peer)
	return !a.AllowHTTP && !p.secure && !p.here
}

// peerOf reads who is at the other end of a request.
func (a *app) peerOf(r *http.Request) peer {
	p := peer{secure: r.TLS != nil}
	connected, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return p
	}
	p.addr = connected.Addr().Unmap().WithZone("")
	if !a.trusts(p.addr) {
		p.here = p.addr.IsLoopback()
		if p.here && r.Header.Get("X-Forwarded-For") != "" {
			a.unnamed.Do(func() {
				a.Log.Warn("a program on this machine forwards requests and is not named with --trusted-proxy: all who come through it count as this machine")
			})
		}
		return p
	}
	p.secure = p.secure || strings.EqualFold(last(r.Header.Values("X-Forwarded-Proto")), "https")
	forwarded := elements(r.Header.Values("X-Forwarded-For"))
	for _, text := range slices.Backward(forwarded) {
		addr, ok := parseAddr(text)
		if !ok {
			p.here = false // the nearest one whose word could be read is as far as it is known
			break
		}
		p.addr, p.here = addr, addr.IsLoopback()
		if !a.trusts(addr) {
			break
		}
	}
	return p
}

func (a *app) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(a.Proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// elements are the parts of a header that is a list and may stand there several times.
func elements(values []string) []string {
	if len(values) == 0 {
		return nil
	}
	return strings.Split(strings.Join(values, ","), ",")
}

// last is the part that the nearest proxy added.
func last(values []string) string {
	e := elements(values)
	if len(e) == 0 {
		return ""
	}
	return strings.TrimSpace(e[len(e)-1])
}

// parseAddr reads an address as proxies write it: some add the port.
func parseAddr(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return addr.Unmap().WithZone(""), err == nil
}
