package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// TLS dials through another dialer and makes a TLS session of the connection. The zero value dials TCP, verifies the
// peer's certificate against the system's roots and the dialled host's name, and offers the protocol "http/1.1"
// (RFC 7301) with TLS 1.2 or later.
//
// The connection returned is a [*TLSConn].
type TLS struct {
	// Dialer opens the raw connection; nil is [TCP].
	Dialer Dialer

	// Config is used as it is: roots, client certificates, versions, ALPN (a Config without NextProtos offers
	// none), key log, session cache. Only when its ServerName is empty is it cloned, and the dialled host filled in,
	// without port, brackets and IPv6 zone. Nil is what the zero TLS does. It must not be changed while in use.
	Config *tls.Config

	// Handshake, when it is set, takes the place of crypto/tls: it makes a session of c, authenticates the peer as
	// host, and returns it. Config is not used then. c has a NetConn method that returns the raw connection, but the
	// session must read from c itself, where the end of the raw stream is noticed; it should not read beyond
	// a close_notify, and should survive a read error whose Temporary method returns true, as crypto/tls does. When
	// ctx ends first, c is closed and whatever Handshake returns is closed too. A Handshake that returns c itself
	// makes no session, and the caller gets the raw connection.
	Handshake func(ctx context.Context, c net.Conn, host string) (net.Conn, error)

	// HandshakeTimeout limits the handshake alone; zero or less means that only the context does.
	HandshakeTimeout time.Duration
}

// DialContext opens a connection through t.Dialer and does the handshake with the host of address. The context governs
// both. The error is a [*DialError] when there was no connection (unless the Dialer returned a *DialError or
// *TLSError of its own), and a [*TLSError] when the handshake failed; the raw connection is then closed.
func (t TLS) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d := t.Dialer
	if d == nil {
		d = TCP{}
	}
	raw, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, asDialError(network, address, err)
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address // a dialer may know addresses without a port
	}
	return t.Wrap(ctx, raw, host)
}

// Wrap does the handshake on a connection that is open already, as after an Upgrade to TLS, in the client's role.
// host is what the peer is authenticated as; brackets and a zone are removed from it. A failure is a
// [*TLSError], and raw is closed then.
func (t TLS) Wrap(ctx context.Context, raw net.Conn, host string) (net.Conn, error) {
	host = serverName(host)
	done := traceTLS(ctx, host)
	c, err := t.wrap(ctx, raw, host)
	if err != nil {
		raw.Close()
		err = &TLSError{Host: host, Err: err}
		done(tls.ConnectionState{}, err)
		return nil, err
	}
	var state tls.ConnectionState
	if s, ok := c.(*TLSConn); ok {
		state = s.ConnectionState()
	}
	done(state, nil)
	return c, nil
}

func (t TLS) wrap(ctx context.Context, raw net.Conn, host string) (net.Conn, error) {
	if t.HandshakeTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.HandshakeTimeout)
		defer cancel()
	}
	below := &rawConn{Conn: raw}
	handshake := t.foreignHandshake
	if t.Handshake == nil {
		handshake = t.cryptoHandshake
	}
	session, err := handshake(ctx, below, host)
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("the peer closed the connection during the handshake: %w", io.ErrUnexpectedEOF)
	case err != nil:
		return nil, err
	case session == net.Conn(below):
		return raw, nil
	}
	return &TLSConn{session: session, below: below}, nil
}

// cryptoHandshake leaves the context to crypto/tls, which hands it to the callbacks of the Config also.
func (t TLS) cryptoHandshake(ctx context.Context, c net.Conn, host string) (net.Conn, error) {
	session := tls.Client(c, t.config(host))
	return session, session.HandshakeContext(ctx)
}

// foreignHandshake ends t.Handshake with the context even if it takes no notice of it, by closing c.
func (t TLS) foreignHandshake(ctx context.Context, c net.Conn, host string) (net.Conn, error) {
	stop := context.AfterFunc(ctx, func() { c.Close() })
	session, err := t.Handshake(ctx, c, host)
	if !stop() {
		err = ctx.Err()
		if session != nil {
			session.Close()
		}
	}
	if err == nil && session == nil {
		err = errors.New("the handshake function returned neither a session nor an error")
	}
	return session, err
}

func (t TLS) config(host string) *tls.Config {
	switch {
	case t.Config == nil:
		return &tls.Config{ServerName: host, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}
	case t.Config.ServerName == "":
		c := t.Config.Clone()
		c.ServerName = host
		return c
	}
	return t.Config
}

// serverName is the name or address that a certificate is compared with: a zone means something on this machine only
// (RFC 6874 section 1), and brackets belong to the URI.
func serverName(host string) string {
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	if strings.Contains(host, ":") {
		host, _, _ = strings.Cut(host, "%")
	}
	return host
}
