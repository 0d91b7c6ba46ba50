package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/acme"
)

// authority is an ACME server (RFC 8555) that gives certificates to who answers for a name at an
// address of this machine, by http-01. It does not check signatures.
type authority struct {
	*httptest.Server
	t      *testing.T
	answer string // where it asks whether a name is theirs
	root   *x509.Certificate
	key    *ecdsa.PrivateKey

	mu     sync.Mutex
	print  string // of the account's key
	name   string // that is asked for
	proven bool
	chain  []byte
	orders int
}

func newAuthority(t *testing.T, answer string) *authority {
	a := &authority{t: t, answer: answer}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	a.root = a.sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, a.key.Public())
	a.Server = httptest.NewServer(a)
	t.Cleanup(a.Close)
	return a
}

func (a *authority) sign(template, parent *x509.Certificate, key any) *x509.Certificate {
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(90*24*time.Hour)
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Replay-Nonce", rand.Text())
	head, payload := a.read(r)
	at := func(path string) string { return a.URL + path }
	say := func(status int, v any) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	type object = map[string]any
	challenge := object{"type": "http-01", "url": at("/challenge"), "token": "the-token", "status": "pending"}
	state := "pending"
	if a.proven {
		challenge["status"], state = "valid", "valid"
	}
	order := object{"status": "pending", "identifiers": []object{{"type": "dns", "value": a.name}}, "authorizations": []string{at("/authorization")}, "finalize": at("/finalize")}
	switch {
	case a.chain != nil:
		order["status"], order["certificate"] = "valid", at("/certificate")
	case a.proven:
		order["status"] = "ready"
	}
	w.Header().Set("Location", at("/order"))
	switch r.URL.Path {
	case "/":
		say(200, object{"newNonce": at("/nonce"), "newAccount": at("/account"), "newOrder": at("/new-order"), "revokeCert": at("/revoke"), "keyChange": at("/key")})
	case "/nonce":
	case "/account":
		a.print = thumbprint(head)
		w.Header().Set("Location", at("/account/1"))
		say(201, object{"status": "valid"})
	case "/new-order":
		var asked struct{ Identifiers []struct{ Value string } }
		_ = json.Unmarshal(payload, &asked)
		a.orders++
		a.name = asked.Identifiers[0].Value
		order["identifiers"] = []object{{"type": "dns", "value": a.name}}
		say(201, order)
	case "/order":
		say(200, order)
	case "/authorization":
		say(200, object{"status": state, "identifier": object{"type": "dns", "value": a.name}, "challenges": []object{challenge}})
	case "/challenge":
		a.proven = a.ask() == "the-token."+a.print
		say(200, challenge)
	case "/finalize":
		var sent struct{ CSR string }
		_ = json.Unmarshal(payload, &sent)
		der, _ := base64.RawURLEncoding.DecodeString(sent.CSR)
		csr, err := x509.ParseCertificateRequest(der)
		if err != nil || !a.proven {
			say(403, object{"type": "urn:ietf:params:acme:error:orderNotReady"})
			return
		}
		leaf := a.sign(&x509.Certificate{DNSNames: csr.DNSNames, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, a.root, csr.PublicKey)
		a.chain = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw})
		order["status"], order["certificate"] = "valid", at("/certificate")
		say(200, order)
	case "/certificate":
		_, _ = w.Write(a.chain)
	default:
		say(404, object{})
	}
}

// asked is how many certificates were ordered.
func (a *authority) asked() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.orders
}

// read takes a signed request apart.
func (a *authority) read(r *http.Request) (head, payload []byte) {
	var signed struct{ Protected, Payload string }
	body, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(body, &signed)
	head, _ = base64.RawURLEncoding.DecodeString(signed.Protected)
	payload, _ = base64.RawURLEncoding.DecodeString(signed.Payload)
	return head, payload
}

// thumbprint is that of the key in the head of a signed request.
func thumbprint(head []byte) string {
	var h struct{ JWK struct{ X, Y string } }
	_ = json.Unmarshal(head, &h)
	x, _ := base64.RawURLEncoding.DecodeString(h.JWK.X)
	y, _ := base64.RawURLEncoding.DecodeString(h.JWK.Y)
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
	if err != nil {
		return err.Error()
	}
	p, _ := acme.JWKThumbprint(key)
	return p
}

// ask reads what stands for the name where only who owns it can put it.
func (a *authority) ask() string {
	r, err := http.NewRequest(http.MethodGet, "http://"+a.answer+"/.well-known/acme-challenge/the-token", nil)
	if err != nil {
		return err.Error()
	}
	r.Host = a.name
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return string(body)
}

func TestACertificateIsFetchedKeptAndUsedAgain(t *testing.T) {
	t.Parallel()
	plain := freeAddr(t)
	ca := newAuthority(t, plain)
	database := filepath.Join(t.TempDir(), "m.db")
	args := []string{"--addr", "127.0.0.1:0", "--http-addr", plain, "--database", database, "--tls-domain", "desk.example", "--acme", ca.URL}
	for start := range 2 {
		p := startFile(t, mustBuild(t), args)
		at, err := url.Parse(p.url)
		if err != nil || at.Scheme != "https" || at.Hostname() != "desk.example" {
			t.Fatalf("the program says it is at %s", p.url)
		}
		person := overTLS(t, ca.root)
		res, err := person.Get(p.url + "/sign-in")
		if err != nil {
			p.stop()
			t.Fatalf("start %d: %v\n%s", start, err, p.said)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK || ca.asked() != 1 {
			t.Errorf("start %d: answered %s after %d orders", start, res.Status, ca.asked())
		}
		// Nobody else's name makes it ask for a certificate.
		if res, err := person.Get("https://other.example:" + at.Port() + "/"); err == nil {
			_ = res.Body.Close()
			t.Error("another name has a certificate")
		}
		lead := raw(t, plain, "GET /places HTTP/1.1\r\nHost: desk.example\r\nConnection: close\r\n\r\n")
		if got := lead.Header.Get("Location"); got != p.url+"/places" {
			t.Errorf("plain HTTP leads to %q", got)
		}
		p.stop()
		if n := ca.asked(); n != 1 {
			t.Errorf("there were %d orders", n)
		}
	}
	folder, err := os.Stat(database + "-certificates")
	if err != nil || folder.Mode().Perm() != 0o700 {
		t.Errorf("the folder of the certificates: %v %v", folder, err)
	}
	files, err := os.ReadDir(database + "-certificates")
	if err != nil || len(files) < 2 {
		t.Fatalf("it has %v: %v", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", f.Name(), fmt.Sprint(info.Mode(), err))
		}
	}
}
