package handlers

import (
	"net/netip"
	"slices"
	"strings"
)

// thisMachine are the names by which a machine calls itself.
var thisMachine = []string{"localhost", "127.0.0.1", "::1"}

// knows says whether a request is meant for this site: for this machine, or for a name that the
// operator gave. A site that answered to any name could be read by a page of another one, whose name
// was made to lead here (DNS rebinding). Host is that of the request, which is the one in its first
// line if there is one; no other header names a host.
func (a *app) knows(host string) bool {
	name, ok := nameOf(host)
	if !ok {
		return false
	}
	return slices.Contains(thisMachine, name) || slices.ContainsFunc(a.Hosts, func(known string) bool {
		known, ok := nameOf(known)
		return ok && known == name
	})
}

// isHere says that a request was made to this machine under a name of its own.
func isHere(host string) bool {
	name, ok := nameOf(host)
	return ok && slices.Contains(thisMachine, name)
}

// nameOf is a host (RFC 9110, section 7.2) without its port, in the one way in which it is compared:
// in small letters, without the dot that may end it, an IPv6 address without brackets and in its
// shortest form. ok is false for what is no host. A zone is none: it means something on one machine
// only, and must not be sent (RFC 6874, section 4).
func nameOf(host string) (name string, ok bool) {
	name, port := host, ""
	if rest, is := strings.CutPrefix(host, "["); is {
		inside, after, closed := strings.Cut(rest, "]")
		addr, err := netip.ParseAddr(inside)
		if !closed || err != nil || !addr.Is6() || addr.Zone() != "" || after != "" && after[0] != ':' {
			return "", false
		}
		name, port = addr.String(), strings.TrimPrefix(after, ":")
	} else if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() {
		return addr.String(), addr.Zone() == "" // as an operator may write it
	} else {
		name, port, _ = strings.Cut(host, ":")
		name = strings.TrimSuffix(strings.ToLower(name), ".")
	}
	if strings.Trim(port, "0123456789") != "" || len(port) > 5 {
		return "", false
	}
	return name, name != "" && !strings.ContainsAny(name, "/\\@?# \t%") && !strings.HasSuffix(name, ".")
}
