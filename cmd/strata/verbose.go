package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"

	"github.com/strata-http/strata/cmd/strata/internal/console"
	"github.com/strata-http/strata/cmd/strata/internal/target"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
)

// log is the account of an exchange that -v gives, in curl's convention. A nil log says nothing.
type log struct {
	palette  *console.Palette
	host     string
	dialled  string // the host that is connected to first: a proxy's, or the server's
	verified bool
	proxies  map[string]bool // hosts of proxies, and whether their certificates are verified

	mu     sync.Mutex // several addresses may be tried at once
	w      io.Writer  // nil when the account has ended: an attempt that lost may still report
	shakes string     // the host with which there is a handshake
	closed string     // why the connection was closed; told last
	arrived
}

func newLog(w io.Writer, p *console.Palette, u target.URL, verified bool) *log {
	return &log{palette: p, host: u.Host, dialled: u.Host, verified: verified, w: w}
}

// end ends the account.
func (l *log) end() {
	l.mu.Lock()
	reason := l.closed
	l.closed = ""
	l.mu.Unlock()
	if reason != "" {
		l.event("Connection closed: %s", reason)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w = nil
}

func (l *log) line(style console.Style, prefix, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.w != nil {
		fmt.Fprintln(l.w, l.palette.Paint(style, prefix+console.Printable(text)))
	}
}

// event tells what happens.
func (l *log) event(format string, args ...any) {
	l.line(console.Faint, "* ", fmt.Sprintf(format, args...))
}

// head shows octets, a line each.
func (l *log) head(style console.Style, prefix string, raw []byte) {
	for line := range bytes.Lines(raw) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		l.line(style, prefix, string(bytes.TrimSuffix(line, []byte("\r"))))
	}
}

func (l *log) sent(raw []byte)     { l.head(console.Wire, "> ", raw) }
func (l *log) received(raw []byte) { l.head(console.Headers, "< ", raw) }

// watch returns a context in which name resolution and the single attempts to connect are told.
func (l *log) watch(ctx context.Context) context.Context {
	ctx = proxy.WithTrace(ctx, &proxy.Trace{Ask: func(protocol, via, address string) {
		if protocol == "SOCKS5" { // what is said in CONNECT is shown
			l.event("Asks %s by SOCKS 5 for %s", via, address)
		}
	}})
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSDone: func(info httptrace.DNSDoneInfo) {
			if info.Err == nil {
				var addresses []string
				for _, a := range info.Addrs {
					addresses = append(addresses, a.String())
				}
				l.event("Host %s has the addresses %s", l.dialled, strings.Join(addresses, ", "))
			}
		},
		ConnectStart: func(_, address string) { l.event("  Trying %s...", address) },
		ConnectDone: func(_, address string, err error) {
			if err != nil {
				l.event("%s: %s", address, rootCause(err))
			}
		},
	})
}

// trace returns what the client tells.
func (l *log) trace() *httpclient.Trace {
	return &httpclient.Trace{
		Trace:            transport.Trace{DialDone: l.connected, TLSStart: l.handshake, TLSDone: l.secured},
		RequestHead:      l.sent,
		ProxyRequestHead: l.sent,
		ProxyHead:        func(raw []byte) { l.forget(); l.received(raw) },
		BytesIn:          l.arrive,
		InterimHead:      func(raw []byte) { l.pass(raw, false); l.received(raw) },
		ResponseHead:     func(raw []byte) { l.pass(raw, true); l.received(raw) },
		Closed:           l.close,
	}
}

// close notes why the connection was closed: trailers, and what was refused, are known only behind that.
func (l *log) close(reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed == "" {
		l.closed = reason
	}
}

func (l *log) connected(c net.Conn, err error) {
	if err != nil {
		return // the message of the command says it
	}
	host, port, err := net.SplitHostPort(c.RemoteAddr().String())
	if err != nil {
		return
	}
	l.event("Connected to %s (%s) port %s", l.dialled, host, port)
}

// through tells of the way to the server, before anything is dialled.
func (l *log) through(w *way) {
	if l == nil {
		return
	}
	if len(w.hosts) > 0 {
		l.dialled = w.hosts[0]
		l.event("Uses the proxy %s", w.url)
	}
	l.proxies = map[string]bool{}
	for _, host := range w.hosts {
		if host != l.host {
			l.proxies[host] = !w.insecure
		}
	}
}

// handshake notes with whom there is one.
func (l *log) handshake(host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shakes = host
}

func (l *log) secured(state tls.ConnectionState, err error) {
	if err != nil {
		return
	}
	protocol := state.NegotiatedProtocol
	if protocol == "" {
		protocol = "none"
	}
	l.event("%s, %s, ALPN: %s", tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite), protocol)
	if len(state.PeerCertificates) == 0 {
		return
	}
	cert := state.PeerCertificates[0]
	l.event("Server certificate:")
	l.event(" subject: %s", cert.Subject)
	l.event(" issuer: %s", cert.Issuer)
	l.event(" valid from %s to %s", cert.NotBefore.UTC().Format(time.DateTime), cert.NotAfter.UTC().Format(time.DateTime))
	l.mu.Lock()
	host := l.shakes // not state.ServerName, which is empty for an address
	l.mu.Unlock()
	verified, isProxy := l.proxies[host]
	if !isProxy {
		verified = l.verified
	}
	if verified {
		l.event(" verified for %s", host)
	} else {
		l.event(" not verified")
	}
}

// finished tells what is left when the content was read to its end.
func (l *log) finished(resp httpclient.Response, connected bool) {
	if l == nil {
		return
	}
	if resp.Trailers().Len() > 0 {
		l.event("Trailers:")
	}
	for name, value := range resp.Trailers().All() {
		l.received(fmt.Appendf(nil, "%s: %s", name, value))
	}
	if connected {
		l.event("Connection #0 to host %s left intact", l.host) // curl's words, which scripts look for
		l.end()
	}
}

// rootCause returns what err stands on, without the addresses that every layer adds.
func rootCause(err error) error {
	for next := err; next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}
