package handlers

import (
	"net"
	"net/http"

	"maitred/views"
)

// ToTLS returns the handler of plain HTTP beside a site that is served over TLS at that port: it leads
// to the same address there, and reads nothing else of a request. A form is refused, since what is in
// it was readable on its way; leading it on would hide that.
func ToTLS(hosts []string, port string) http.Handler {
	a := &app{Options: Options{Hosts: hosts}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setHeaders(w.Header(), r.Host, false)
		name, ok := nameOf(r.Host)
		if !ok || !a.knows(r.Host) {
			refusePlainly(w, http.StatusMisdirectedRequest)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			refusePlainly(w, http.StatusMethodNotAllowed)
			return
		}
		to := *r.URL
		if to.Scheme, to.Host = "https", net.JoinHostPort(name, port); port == "443" {
			to.Host = trimPort(to.Host)
		}
		to.User, to.Opaque = nil, ""
		w.Header().Set("Location", to.String())
		w.WriteHeader(http.StatusPermanentRedirect)
	})
}

// trimPort takes the port off and leaves the brackets of an IPv6 address.
func trimPort(host string) string { return host[:len(host)-len(":443")] }

// refusePlainly answers without a page: links on it would lead nowhere without TLS.
func refusePlainly(w http.ResponseWriter, status int) {
	http.Error(w, views.TroubleTitle(status)+". "+views.SentenceOf(status), status)
}
