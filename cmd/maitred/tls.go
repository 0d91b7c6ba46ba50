package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
	_ "golang.org/x/crypto/x509roots/fallback" // whom to trust where the system does not say, as in a container

	"maitred/handlers"
)

// transport is how browsers reach the server: over TLS by a certificate of one's own or by one that
// is fetched and renewed (ACME), else over plain HTTP, which a proxy may stand in front of.
type transport struct {
	TLSCert      string   `name:"tls-cert" placeholder:"FILE" help:"The certificate, with those that lead to its root. It is read again when it changes."`
	TLSKey       string   `name:"tls-key" placeholder:"FILE" help:"The key of the certificate."`
	TLSDomain    []string `name:"tls-domain" placeholder:"NAME" help:"Fetch a certificate for this name and renew it (ACME). May be given several times. It is kept beside the database."`
	ACME         string   `name:"acme" placeholder:"URL" help:"Where to fetch it, when not from Let's Encrypt: the directory of an ACME server."`
	HTTPAddr     string   `name:"http-addr" placeholder:"ADDR" help:"Where to listen for plain HTTP beside TLS, to lead on to it. With --tls-domain it is :80, where the ACME server asks."`
	TrustedProxy []string `name:"trusted-proxy" placeholder:"CIDR" help:"Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."`
	AllowHTTP    bool     `name:"allow-http" help:"Let people sign in over plain HTTP from elsewhere than this machine, where passwords can be read on their way."`
}

// check refuses flags that do not go together.
func (t *transport) check() error {
	switch {
	case (t.TLSCert == "") != (t.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key belong together: give both")
	case t.TLSCert != "" && len(t.TLSDomain) > 0:
		return errors.New("--tls-cert and --tls-domain are two ways to have a certificate: give one")
	case t.ACME != "" && len(t.TLSDomain) == 0:
		return errors.New("--acme says where to fetch a certificate: give --tls-domain, for which name")
	case t.HTTPAddr != "" && !t.encrypted():
		return errors.New("--http-addr leads on to TLS: give a certificate, or --tls-domain")
	default:
		return nil
	}
}

func (t *transport) encrypted() bool { return t.TLSCert != "" || len(t.TLSDomain) > 0 }

// proxies are the addresses that are trusted.
func (t *transport) proxies() (trusted []netip.Prefix, err error) {
	for _, text := range t.TrustedProxy {
		prefix, err := netip.ParsePrefix(text)
		if addr, wrong := netip.ParseAddr(text); wrong == nil {
			addr = addr.Unmap()
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxy %s: write an address such as 10.0.0.5, or a range such as 10.0.0.0/8", text)
		}
		trusted = append(trusted, prefix.Masked())
	}
	return trusted, nil
}

// wrap lets the server speak TLS on its listener, if it is to, and starts what listens beside it.
// What is returned ends that. database is the file beside which certificates are kept.
func (t *transport) wrap(server *http.Server, listener net.Listener, database string, hosts []string, log *slog.Logger) (net.Listener, func(context.Context) error, error) {
	nothing := func(context.Context) error { return nil }
	if !t.encrypted() {
		return listener, nothing, nil
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, nil, fmt.Errorf("listen: %w", err)
	}
	plain := handlers.ToTLS(hosts, port)
	config := &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: suites, NextProtos: []string{"h2", "http/1.1"}}
	if len(t.TLSDomain) > 0 {
		manager := t.manager(database)
		plain = manager.HTTPHandler(plain)
		config.GetCertificate = manager.GetCertificate
		config.NextProtos = append(config.NextProtos, acme.ALPNProto)
		log.Info("certificates are fetched by ACME; its server's terms of service are taken as accepted", slog.Any("names", t.TLSDomain))
	} else {
		files := &pair{cert: t.TLSCert, key: t.TLSKey, log: log}
		if _, err := files.get(nil); err != nil {
			return nil, nil, err
		}
		config.GetCertificate = files.get
	}
	server.TLSConfig = config
	end, err := t.lead(plain, server)
	return tls.NewListener(listener, config), end, err
}

// suites are those of TLS 1.2 that also say that nothing was changed on the way (AEAD), with keys that
// are forgotten; the standard library still speaks CBC, too. Those of TLS 1.3 are all of this kind.
var suites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// manager fetches certificates for the domains, and for no other name that somebody asks for.
func (t *transport) manager(database string) *autocert.Manager {
	m := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(database + "-certificates"), // made with mode 0700
		HostPolicy: autocert.HostWhitelist(t.TLSDomain...),
	}
	if t.ACME != "" {
		m.Client = &acme.Client{DirectoryURL: t.ACME}
	}
	return m
}

// lead serves plain HTTP beside TLS, if it is to.
func (t *transport) lead(plain http.Handler, beside *http.Server) (end func(context.Context) error, err error) {
	addr := t.HTTPAddr
	if len(t.TLSDomain) > 0 {
		addr = cmp.Or(addr, ":80")
	}
	if addr == "" {
		return func(context.Context) error { return nil }, nil
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for plain HTTP: %w", err)
	}
	server := &http.Server{
		Handler:           plain,
		ReadHeaderTimeout: beside.ReadHeaderTimeout, ReadTimeout: beside.ReadTimeout, WriteTimeout: beside.WriteTimeout, IdleTimeout: beside.IdleTimeout,
		MaxHeaderBytes: beside.MaxHeaderBytes, ErrorLog: beside.ErrorLog,
	}
	go func() { _ = server.Serve(listener) }() // it ends when it is told to
	return server.Shutdown, nil
}

// usualAddr is where the server listens when nothing else is said.
func (t *transport) usualAddr() string {
	if len(t.TLSDomain) > 0 {
		return ":443"
	}
	return "localhost:8080"
}

// url is what people type to come to a server at that address.
func (t *transport) url(address string) string {
	_, port, err := net.SplitHostPort(address)
	switch {
	case err != nil || !t.encrypted():
		return "http://" + address
	case len(t.TLSDomain) == 0:
		return "https://" + address
	case port == "443":
		return "https://" + t.TLSDomain[0]
	default:
		return "https://" + net.JoinHostPort(t.TLSDomain[0], port)
	}
}

// names are what the site answers to: those of --host, and those that have certificates.
func (t *transport) names(hosts []string) []string {
	return append(hosts[:len(hosts):len(hosts)], t.TLSDomain...)
}

// pair is a certificate with its key in two files. Who renews them replaces the files; from the next
// connection on the new ones are used. While they do not fit together, the old ones are.
type pair struct {
	cert, key string
	log       *slog.Logger

	mu   sync.Mutex
	read *tls.Certificate
	of   string // which state of the files
	told string // of which state it was told that it cannot be read
}

func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	state := stateOf(p.cert) + stateOf(p.key)
	if p.read != nil && state == p.of {
		return p.read, nil
	}
	read, err := tls.LoadX509KeyPair(p.cert, p.key)
	switch {
	case err == nil:
		p.read, p.of = &read, state
	case p.read == nil:
		return nil, fmt.Errorf("read the certificate: %s", strings.TrimPrefix(err.Error(), "tls: "))
	case state != p.told:
		p.told = state
		p.log.Warn("the certificate changed and cannot be read; the old one is still used", slog.Any("error", err))
	}
	return p.read, nil
}

// stateOf changes when a file does.
func stateOf(file string) string {
	info, err := os.Stat(file)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(info.Size(), info.ModTime().Format(time.RFC3339Nano))
}
