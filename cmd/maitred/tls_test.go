package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate writes a new certificate with its key for names into two files.
func certificate(t *testing.T, certFile, keyFile string, names ...string) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, DNSNames: names, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// overTLS is a client that trusts a certificate and finds every name on this machine.
func overTLS(t *testing.T, trusted *x509.Certificate) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(trusted)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	by := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true, DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("localhost", port))
		},
	}
	return &http.Client{
		Jar: jar, Transport: watched(by), Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func TestASiteIsServedOverTLSAndPlainHTTPLeadsToIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	trusted := certificate(t, cert, key, "localhost")
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	plain := freeAddr(t)
	p := startFile(t, file, []string{"--addr", "localhost:0", "--database", filepath.Join(dir, "m.db"), "--host", "desk.example", "--http-addr", plain, "--log", "json"},
		"MAITRED_TLS_CERT="+cert, "MAITRED_TLS_KEY="+key)
	if !strings.HasPrefix(p.url, "https://localhost:") {
		t.Fatalf("the program says it is at %s", p.url)
	}
	person := overTLS(t, trusted)
	res, err := person.Get(p.url + "/sign-in")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK || res.ProtoMajor != 2 {
		t.Errorf("answered %s %s", res.Proto, res.Status)
	}
	res, err = person.PostForm(p.url+"/welcome", url.Values{"link": {p.link()}, "name": {mia}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if set := res.Header.Values("Set-Cookie"); res.StatusCode != http.StatusSeeOther || len(set) != 2 {
		t.Errorf("answered %s with the cookies %q", res.Status, set)
	}
	for _, set := range res.Header.Values("Set-Cookie") {
		if !strings.HasPrefix(set, "__Host-maitred_") || !strings.Contains(set, "; Secure") {
			t.Errorf("there is the cookie %q", set)
		}
	}
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(p.url, "https://"))
	for _, c := range []struct {
		method, host, path, to string
		status                 int
	}{
		{"GET", "localhost", "/places?q=a%20b", "https://localhost:" + port + "/places?q=a%20b", 308},
		{"HEAD", "Desk.Example.:80", "/", "https://desk.example:" + port + "/", 308},
		{"GET", "[::1]:80", "/x", "https://[::1]:" + port + "/x", 308},
		{"GET", "localhost", "//evil.example/x", "https://localhost:" + port + "//evil.example/x", 308},
		{"GET", "evil.example", "/", "", 421},
		{"POST", "localhost", "/places", "", 405},
	} {
		answer := raw(t, plain, fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", c.method, c.path, c.host))
		if answer.StatusCode != c.status || answer.Header.Get("Location") != c.to || !strings.Contains(answer.Header.Get("Content-Security-Policy"), "default-src 'none'") || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s http://%s%s: answered %s to %q", c.method, c.host, c.path, answer.Status, answer.Header.Get("Location"))
		}
	}
	for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
		conn, err := tls.Dial("tcp", strings.TrimPrefix(p.url, "https://"), &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: version})
		if err == nil {
			_ = conn.Close()
			t.Errorf("%s is spoken", tls.VersionName(version))
		}
	}
	for _, suite := range tls.CipherSuites() {
		conn, err := tls.Dial("tcp", strings.TrimPrefix(p.url, "https://"), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite.ID}})
		if err == nil {
			_ = conn.Close()
			if strings.Contains(suite.Name, "_CBC_") || !strings.Contains(suite.Name, "_ECDHE_") {
				t.Errorf("%s is spoken", suite.Name)
			}
		}
	}
	p.stop()
	if said := p.said.String(); !strings.Contains(said, `"msg":"request"`) {
		t.Errorf("the log says %s", said)
	}
}

// freeAddr is an address of this machine where nobody listens.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// raw sends bytes and reads the answer.
func raw(t *testing.T, addr, request string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(request, " ")
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%.200q: %v", request, err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	return res
}

func TestARenewedCertificateIsUsedWithoutAStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	first := certificate(t, cert, key, "localhost")
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p := startFile(t, file, []string{"--addr", "localhost:0", "--database", filepath.Join(dir, "m.db"), "--tls-cert", cert, "--tls-key", key})
	answers := func(trusted *x509.Certificate) error {
		res, err := overTLS(t, trusted).Get(p.url + "/healthz")
		if err != nil {
			return err
		}
		return res.Body.Close()
	}
	if err := answers(first); err != nil {
		t.Fatal(err)
	}
	// While half of it is there, or nonsense, the old one is used.
	second := certificate(t, filepath.Join(dir, "new-cert.pem"), filepath.Join(dir, "new-key.pem"), "localhost")
	if err := os.Rename(filepath.Join(dir, "new-cert.pem"), cert); err != nil {
		t.Fatal(err)
	}
	if err := answers(first); err != nil {
		t.Errorf("with half of the new one: %v", err)
	}
	if err := os.Rename(filepath.Join(dir, "new-key.pem"), key); err != nil {
		t.Fatal(err)
	}
	if err := answers(second); err != nil {
		t.Errorf("with the new one: %v", err)
	}
	var unknown x509.UnknownAuthorityError
	if err := answers(first); !errors.As(err, &unknown) && !strings.Contains(fmt.Sprint(err), "certificate") {
		t.Errorf("the old one is still used: %v", err)
	}
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	if err := answers(second); err != nil {
		t.Errorf("without its file: %v", err)
	}
	p.stop()
	if n := strings.Count(p.said.String(), "the certificate changed and cannot be read"); n != 2 {
		t.Errorf("it is told %d times: %s", n, p.said)
	}
}

func TestFlagsOfTLSThatDoNotGoTogetherAreRefusedInOneLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certificate(t, cert, key, "localhost")
	at := []string{"--addr", "localhost:0"}
	refuses(t, append(at, "--tls-cert", cert), "--tls-key", "both")
	refuses(t, append(at, "--tls-key", key), "--tls-cert", "both")
	refuses(t, append(at, "--tls-cert", cert, "--tls-key", key, "--tls-domain", "desk.example"), "give one")
	refuses(t, append(at, "--tls-cert", cert, "--tls-key", cert), "certificate")
	refuses(t, append(at, "--tls-cert", filepath.Join(dir, "none"), "--tls-key", key), "none")
	refuses(t, append(at, "--acme", "https://acme.example"), "--tls-domain")
	refuses(t, append(at, "--http-addr", "localhost:0"), "--tls-domain")
	refuses(t, append(at, "--trusted-proxy", "nonsense"), "--trusted-proxy", "nonsense", "10.0.0.0/8")
	refuses(t, append(at, "--trusted-proxy", "10.0.0.0/33"), "10.0.0.0/33")
	refuses(t, append(at, "--log", "xml"), "--log", "json")
}

func TestTheProxyThatIsNamedSaysWhoAsks(t *testing.T) {
	t.Parallel()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ proxies, client, cookie string }{
		{"", "client=127.0.0.1", "maitred_session="}, {"10.0.0.0/8,127.0.0.1", "client=203.0.113.7", "__Host-maitred_session="}, {"10.0.0.0/8", "client=127.0.0.1", "maitred_session="},
	} {
		p := startFile(t, file, []string{"--addr", "127.0.0.1:0", "--database", filepath.Join(t.TempDir(), "m.db")}, "MAITRED_TRUSTED_PROXY="+c.proxies, nobody)
		form := url.Values{"link": {p.link()}, "name": {mia}, "password": {password}}.Encode()
		res := raw(t, strings.TrimPrefix(p.url, "http://"), fmt.Sprintf("POST /welcome HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 198.51.100.1, 203.0.113.7\r\nX-Forwarded-Proto: https\r\n"+
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(form), form))
		p.stop()
		if set := res.Header.Get("Set-Cookie"); !strings.HasPrefix(set, c.cookie) || !strings.Contains(p.said.String(), c.client+" ") {
			t.Errorf("trusting %q: the cookie is %q, the log %s", c.proxies, set, p.said)
		}
		if told := strings.Contains(p.said.String(), "--trusted-proxy"); told != (c.client == "client=127.0.0.1") {
			t.Errorf("trusting %q: it is told that a proxy is not named: %v", c.proxies, told)
		}
	}
}
