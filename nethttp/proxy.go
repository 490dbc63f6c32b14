package nethttp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
)

// forward is what Via is for connections to a proxy that forwards requests in absolute-form, to whatever origin.
const forward = "forward"

// way is how a request reaches its origin.
type way struct {
	origin   httpclient.Origin
	first    *url.URL // whose host and port are dialled: the origin's, or the proxy's
	absolute bool     // the request-target is in absolute-form
	tunnel   bool     // a proxy stands between, which does not see the request
	auth     string   // Proxy-Authorization, for the proxy that forwards
}

// way returns the way to the origin of a request.
func (t *Transport) way(req *http.Request) (w way, err error) {
	w.origin.Scheme, w.first = req.URL.Scheme, req.URL
	if w.origin.Host, err = hostKey(req.URL); err != nil {
		return w, err
	}
	if t.Proxy == nil {
		return w, nil
	}
	p, err := t.Proxy(req)
	if err != nil || p == nil {
		return w, err
	}
	w.first = p
	switch p.Scheme {
	case "http", "https":
		if req.URL.Scheme != "http" {
			break
		}
		w.absolute, w.auth = true, proxyAuth(p)
		w.origin = httpclient.Origin{Scheme: p.Scheme, Via: forward}
		w.origin.Host, err = hostKey(p)
		return w, err
	case "socks5", "socks5h":
	default:
		return w, ofProxy(fmt.Errorf("nethttp: the URL of the proxy has the scheme %q; http, https, socks5 and socks5h are known", p.Scheme))
	}
	w.tunnel = true
	w.origin.Via = p.String()
	return w, nil
}

// hostKey returns host, and port where that is not the scheme's, in one form for what is the same.
func hostKey(u *url.URL) (string, error) {
	host := u.Host
	if port := u.Port(); port == "" {
		host = strings.TrimSuffix(host, ":")
	} else if own := defaultPort(u.Scheme); own[1:] == port {
		host = strings.TrimSuffix(host, own)
	}
	if strings.HasPrefix(host, "[") {
		return host, nil // a zone may have upper case
	}
	return httpguts.PunycodeHostPort(strings.ToLower(host))
}

// defaultPort returns the port of a scheme, with its colon.
func defaultPort(scheme string) string {
	switch scheme {
	case "http":
		return ":80"
	case "https":
		return ":443"
	case "socks5", "socks5h":
		return ":1080"
	}
	return ""
}

// hostPort returns the host and port that a URL leads to.
func hostPort(u *url.URL) string {
	host, port := u.Hostname(), u.Port()
	if ascii, err := httpguts.PunycodeHostPort(host); err == nil {
		host = ascii
	}
	if port == "" {
		port = strings.TrimPrefix(defaultPort(u.Scheme), ":")
	}
	return net.JoinHostPort(host, port)
}

// proxyAuth returns the credentials in the URL of a proxy.
func proxyAuth(p *url.URL) string {
	if p.User == nil {
		return ""
	}
	password, _ := p.User.Password()
	value, err := proxy.UserPassword(p.User.Username(), password).Basic()
	if err != nil {
		return ""
	}
	return value
}

// newConn makes the Conn for a connection of the pool.
func (t *Transport) newConn(ctx context.Context, o httpclient.Origin) (*httpclient.Conn, error) {
	options := []httpclient.Option{
		httpclient.WithFullDuplex(), httpclient.WithoutAutomaticFields(), httpclient.WithObsTarget(),
		httpclient.WithLimits(t.limits()), httpclient.WithLenient(t.Lenient),
		httpclient.WithTLSConfig(t.tls),
		httpclient.WithTimeouts(httpclient.Timeouts{
			TLS: t.TLSHandshakeTimeout, Head: t.ResponseHeaderTimeout, Continue: max(t.ExpectContinueTimeout, 1),
		}),
	}
	secure, dialer := o.Scheme == "https", t.dialer()
	if o.Via != "" && o.Via != forward {
		d, err := t.through(o.Via, o.Scheme)
		if err != nil {
			return nil, err
		}
		dialer = d
	} else if secure && t.DialTLSContext != nil {
		// The session is made already; what stands on it is plain.
		options = append(options, httpclient.WithDialer(transport.DialerFunc(t.dialTLS)))
		return httpclient.New(hostPort(&url.URL{Scheme: o.Scheme, Host: o.Host}), options...)
	}
	if o.Via == forward {
		d := dialer
		dialer = transport.DialerFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			nc, err := d.DialContext(ctx, network, address)
			return nc, ofProxy(err)
		})
	}
	options = append(options, httpclient.WithDialer(dialer))
	if secure {
		return httpclient.NewTLS(o.Host, options...)
	}
	return httpclient.New(o.Host, options...)
}

// ofProxy marks an error of reaching a proxy as http.Transport does.
func ofProxy(err error) error {
	if err == nil {
		return nil
	}
	return &net.OpError{Op: "proxyconnect", Net: "tcp", Err: bare(err)}
}

// dialTLS opens a connection by DialTLSContext, and makes the handshake where that has not.
func (t *Transport) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := t.DialTLSContext(ctx, network, address)
	session, ok := nc.(*tls.Conn)
	if err != nil || !ok {
		return nc, err
	}
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.TLSHandshakeStart != nil {
		trace.TLSHandshakeStart()
	}
	err = session.HandshakeContext(ctx)
	if err == nil && session.ConnectionState().NegotiatedProtocol == "h2" {
		err = errHTTP2
	}
	if trace != nil && trace.TLSHandshakeDone != nil {
		trace.TLSHandshakeDone(session.ConnectionState(), err)
	}
	if err != nil {
		nc.Close()
		return nil, err
	}
	return nc, nil
}

var errHTTP2 = errors.New("nethttp: the connection was made to speak HTTP/2, which is not spoken here; offer http/1.1 alone")

// through returns a dialer that reaches origins of a scheme by way of the proxy at that URL.
func (t *Transport) through(via, scheme string) (transport.Dialer, error) {
	u, err := url.Parse(via)
	if err != nil {
		return nil, errors.New("nethttp: the URL of the proxy cannot be parsed") // without its credentials
	}
	if strings.HasPrefix(u.Scheme, "socks5") {
		d := proxy.SOCKS5{Proxy: hostPort(u), Dialer: t.toProxy(u)}
		if u.User != nil {
			password, _ := u.User.Password()
			d.Userinfo = proxy.UserPassword(u.User.Username(), password)
		}
		return d, nil
	}
	return transport.DialerFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
		return t.connect(ctx, u, network, address)
	}), nil
}

// toProxy returns what reaches a proxy itself.
func (t *Transport) toProxy(u *url.URL) transport.Dialer {
	dialer := t.dialer()
	switch {
	case u.Scheme != "https":
	case t.DialTLSContext != nil:
		dialer = transport.DialerFunc(t.dialTLS)
	default:
		dialer = transport.TLS{Dialer: dialer, Config: t.tls, HandshakeTimeout: t.TLSHandshakeTimeout}
	}
	return transport.DialerFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
		nc, err := dialer.DialContext(ctx, network, address)
		return nc, ofProxy(err)
	})
}

// connectTime is how long a proxy may take to answer CONNECT.
const connectTime = time.Minute

// connect opens a tunnel through the HTTP proxy at u.
func (t *Transport) connect(ctx context.Context, u *url.URL, network, address string) (net.Conn, error) {
	header := t.ProxyConnectHeader
	if t.GetProxyConnectHeader != nil {
		var err error
		if header, err = t.GetProxyConnectHeader(ctx, u, address); err != nil {
			return nil, err
		}
	}
	fields := ofHeader(header)
	if !fields.Has("User-Agent") {
		fields.Add("User-Agent", DefaultUserAgent)
	}
	c := proxy.Connect{
		Proxy: hostPort(u), Dialer: t.toProxy(u), Fields: fields, Limits: t.limits(), Lenient: t.Lenient,
		Timeout: connectTime,
	}
	if u.User != nil {
		password, _ := u.User.Password()
		c.Auth = proxy.Basic(proxy.UserPassword(u.User.Username(), password))
		c.Fields.Del("Proxy-Authorization")
	}
	var refused error
	if t.OnProxyConnectResponse != nil {
		if header == nil {
			header = make(http.Header)
		}
		req := &http.Request{Method: "CONNECT", URL: &url.URL{Opaque: address}, Host: address, Header: header.Clone()}
		c.Reply = func(h *conn.Head) {
			if refused == nil {
				refused = t.OnProxyConnectResponse(ctx, u, req, connectResponse(req, h))
			}
		}
	}
	nc, err := c.DialContext(ctx, network, address)
	if refused != nil {
		if nc != nil {
			nc.Close()
		}
		return nil, refused
	}
	return nc, err
}

// connectResponse is the response to CONNECT as OnProxyConnectResponse is shown it.
func connectResponse(req *http.Request, h *conn.Head) *http.Response {
	resp := &http.Response{Request: req, Body: http.NoBody, ContentLength: -1}
	record := newRecord(h.Raw, &h.Fields)
	record.fill(resp, h.Status, h.Version)
	return resp
}

// ofHeader makes ordered fields of a header: its names are sorted.
func ofHeader(h http.Header) *headers.Fields {
	fields := new(headers.Fields)
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range h[name] {
			fields.Add(name, value)
		}
	}
	return fields
}
