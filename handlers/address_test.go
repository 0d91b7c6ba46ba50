package handlers

import (
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// asker is a site that trusts some proxies, and who it takes a request for.
func asker(t *testing.T, allowHTTP bool, proxies ...string) (*app, func(from string, headers ...string) echo.Context) {
	a := &app{Options: Options{AllowHTTP: allowHTTP, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}}
	for _, p := range proxies {
		a.Proxies = append(a.Proxies, netip.MustParsePrefix(p))
	}
	return a, func(from string, headers ...string) echo.Context {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = from
		for i := 0; i < len(headers); i += 2 {
			r.Header.Add(headers[i], headers[i+1])
		}
		if strings.HasPrefix(from, "tls ") {
			r.RemoteAddr, r.TLS = from[len("tls "):], &tls.ConnectionState{}
		}
		c := echo.New().NewContext(r, nil)
		c.Set(peerKey, a.peerOf(r))
		return c
	}
}

func TestWhatAnybodyCanWriteDoesNotChangeWhoAsks(t *testing.T) {
	t.Parallel()
	a, ask := asker(t, false, "10.1.0.0/16")
	for _, from := range []string{"203.0.113.7:1234", "127.0.0.1:1234", "[2001:db8::7]:80", "[::ffff:203.0.113.7]:1", "[fe80::1%eth0]:80", "10.2.0.1:80"} {
		plain := ask(from)
		forged := ask(from, "X-Forwarded-For", "198.51.100.1", "X-Forwarded-Proto", "https", "X-Real-IP", "198.51.100.2",
			"Forwarded", "for=198.51.100.3;proto=https", "X-Forwarded-Host", "evil.example", "X-Forwarded-Ssl", "on", "Front-End-Https", "on", "True-Client-IP", "198.51.100.4", "X-Url-Scheme", "https")
		if clientOf(plain) != clientOf(forged) || secure(forged) || a.plainFromAfar(plain) != a.plainFromAfar(forged) {
			t.Errorf("%s is taken for %s (TLS: %v)", from, clientOf(forged), secure(forged))
		}
	}
	if got := clientOf(ask("[::ffff:203.0.113.7]:1")); got.String() != "203.0.113.7" {
		t.Errorf("IPv4 inside IPv6 is %s", got)
	}
	if got := clientOf(ask("[fe80::1%eth0]:80")); got.String() != "fe80::1" {
		t.Errorf("an address with a zone is %s", got)
	}
}

func TestATrustedProxyTellsWhoAsks(t *testing.T) {
	t.Parallel()
	a, ask := asker(t, false, "10.1.0.0/16", "127.0.0.1/32", "2001:db8::/32")
	for _, c := range []struct {
		from    string
		headers []string
		client  string
		secure  bool
		afar    bool
	}{
		{"10.1.2.3:80", nil, "10.1.2.3", false, true},
		{"127.0.0.1:80", nil, "127.0.0.1", false, true}, // who asks it is not known
		{"10.1.2.3:80", []string{"X-Forwarded-For", "203.0.113.7"}, "203.0.113.7", false, true},
		{"10.1.2.3:80", []string{"X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto", "https"}, "203.0.113.7", true, false},
		{"10.1.2.3:80", []string{"X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto", "HTTPS"}, "203.0.113.7", true, false},
		{"10.1.2.3:80", []string{"X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto", "https, http"}, "203.0.113.7", false, true},
		{"10.1.2.3:80", []string{"X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto", "http", "X-Forwarded-Proto", "https"}, "203.0.113.7", true, false},
		// What came to the first trusted proxy was written by who asks.
		{"10.1.2.3:80", []string{"X-Forwarded-For", "127.0.0.1, 198.51.100.1, 203.0.113.7"}, "203.0.113.7", false, true},
		{"10.1.2.3:80", []string{"X-Forwarded-For", "198.51.100.1", "X-Forwarded-For", "203.0.113.7"}, "203.0.113.7", false, true},
		{"10.1.2.3:80", []string{"X-Forwarded-For", "198.51.100.1, 203.0.113.7, 10.1.9.9,127.0.0.1"}, "203.0.113.7", false, true},
		{"[2001:db8::1]:80", []string{"X-Forwarded-For", "2001:db9::7"}, "2001:db9::7", false, true},
		{"10.1.2.3:80", []string{"X-Forwarded-For", "[2001:db9::7]:443"}, "2001:db9::7", false, true},
		{"10.1.2.3:80", []string{"X-Forwarded-For", "203.0.113.7:443"}, "203.0.113.7", false, true},
		{"10.1.2.3:80", []string{"X-Forwarded-For", "::ffff:203.0.113.7"}, "203.0.113.7", false, true},
		{"10.1.2.3:80", []string{"X-Forwarded-For", "127.0.0.1"}, "127.0.0.1", false, false},
		// What cannot be read is nobody's address.
		{"127.0.0.1:80", []string{"X-Forwarded-For", "203.0.113.7, nonsense"}, "127.0.0.1", false, true},
		{"127.0.0.1:80", []string{"X-Forwarded-For", "203.0.113.7, unknown, 10.1.9.9"}, "10.1.9.9", false, true},
		{"127.0.0.1:80", []string{"X-Forwarded-For", ""}, "127.0.0.1", false, true},
		{"tls 10.9.9.9:80", []string{"X-Forwarded-Proto", "http"}, "10.9.9.9", true, false},
		{"tls 10.1.2.3:80", []string{"X-Forwarded-Proto", "http", "X-Forwarded-For", "203.0.113.7"}, "203.0.113.7", true, false},
		{"127.0.0.2:80", nil, "127.0.0.2", false, false},
		{"[::1]:80", nil, "::1", false, false},
		{"nonsense", nil, "invalid IP", false, true},
	} {
		asked := ask(c.from, c.headers...)
		if got := clientOf(asked).String(); got != c.client || secure(asked) != c.secure || a.plainFromAfar(asked) != c.afar {
			t.Errorf("%s %q: %s, TLS %v, plain from afar %v; want %+v", c.from, c.headers, got, secure(asked), a.plainFromAfar(asked), c)
		}
	}
}

func TestPlainHTTPFromAfarIsAllowedWhereTheOperatorSaysSo(t *testing.T) {
	t.Parallel()
	a, ask := asker(t, true)
	if a.plainFromAfar(ask("203.0.113.7:1234")) {
		t.Error("it is refused all the same")
	}
}

func TestAHostIsComparedInOneForm(t *testing.T) {
	t.Parallel()
	a := &app{Options: Options{Hosts: []string{"Desk.Example", "other.example:8443", "10.0.0.5", "2001:DB8::0:5", "[2001:db8::6]", "", "bad host", "."}}}
	for _, host := range []string{
		"localhost", "LOCALHOST:8080", "localhost.", "localhost.:80", "localhost:", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8080", "[0:0:0:0:0:0:0:1]:80",
		"desk.example", "DESK.EXAMPLE.:443", "other.example", "other.example:1", "10.0.0.5:80", "[2001:db8::5]", "[2001:DB8:0::5]:8080", "[2001:db8::6]",
	} {
		if !a.knows(host) {
			t.Errorf("%q is not known", host)
		}
	}
	for _, host := range []string{
		"", ".", ":", ":80", "..", "localhost..", "localhost:x", "localhost:80:80", "localhost:123456", "localhost:-1", "localhost@evil.example", "evil.example", "desk.example.evil.example",
		"evil.desk.example", "xdesk.example", "desk.example%00", "desk.example/", "desk.example ", " desk.example", "desk\u3002example", "[::1", "[::1]x", "[::1]:x", "[::1%lo]", "[::1%25lo]:80", "::1%lo", "[127.0.0.1]", "[localhost]",
		"127.0.0.1.", "127.1", "0x7f.1", "2130706433", "127.000.000.001", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "bad host", "localhost,evil.example", "localhost\x00", "ｌocalhost",
	} {
		if host != "127.0.0.1." && a.knows(host) { // an address with a dot at its end is the address
			t.Errorf("%q is known", host)
		}
	}
}

func FuzzHost(f *testing.F) {
	for _, host := range []string{"localhost", "[::1]:80", "Desk.Example.:443", "::1", "[fe80::1%eth0]", "a:b:c", "", "[", "]", "[]:", "desk.example\u212a", "127.0.0.1:65535", "[::1]:", "xn--desk.example"} {
		f.Add(host)
	}
	a := &app{Options: Options{Hosts: []string{"desk.example", "2001:db8::5"}}}
	known := []string{"localhost", "127.0.0.1", "::1", "desk.example", "2001:db8::5"}
	f.Fuzz(func(t *testing.T, host string) {
		name, ok := nameOf(host)
		if again, still := nameOf(name); ok && (!still || again != name) {
			t.Errorf("%q is %q, which is %q", host, name, again)
		}
		if !a.knows(host) {
			return
		}
		// What is known is one of the names, with nothing else around it than a port.
		rest := strings.TrimRight(strings.ToLower(host), "0123456789")
		if rest = strings.TrimSuffix(rest, ":"); rest == strings.ToLower(host) || !strings.HasSuffix(strings.TrimRight(strings.ToLower(host), "0123456789"), ":") {
			rest = strings.ToLower(host)
		}
		rest = strings.TrimSuffix(rest, ".")
		if addr, err := netip.ParseAddr(strings.Trim(rest, "[]")); err == nil {
			rest = addr.String()
		}
		for _, k := range known {
			if rest == k {
				return
			}
		}
		if addr, err := netip.ParseAddr(host); err == nil && (addr.String() == "::1" || addr.String() == "2001:db8::5") {
			return
		}
		t.Errorf("%q is known as %q", host, name)
	})
}
