package fault_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/fault"
)

// An exchange is what a client does between dialling and Close.
type exchange struct {
	name    string
	secure  bool
	method  string
	content func() body.Source
	want    string
	script  fault.Script
}

// message is a response as a client has read it.
type message struct {
	status  int
	content string
}

// otherError is a response that is not the one that was asked for.
type otherError struct{ message }

func (e otherError) Error() string { return fmt.Sprintf("status %d, content %q", e.status, e.content) }

// run does the exchange on a connection of d, and returns what it read.
func (e *exchange) run(ctx context.Context, w *world, d transport.Dialer) (message, error) {
	c, err := e.client(w, d)
	if err != nil {
		return message{}, err
	}
	defer c.Close()
	resp, err := c.Do(ctx, e.method, "/", nil, e.content())
	if err != nil {
		return message{}, err
	}
	got := message{status: int(resp.Status())}
	content, err := resp.ReadAll()
	if err != nil {
		return got, err
	}
	got.content = string(content)
	switch {
	case got.status != 200:
		return got, otherError{got}
	case got.content != e.want:
		return got, fmt.Errorf("%w: %q, want %q", fault.ErrWrong, got.content, e.want)
	}
	return got, nil
}

func (e *exchange) client(w *world, d transport.Dialer) (*httpclient.Conn, error) {
	if !e.secure {
		return httpclient.New("example.org", httpclient.WithDialer(d))
	}
	return httpclient.NewTLS("example.org", httpclient.WithDialer(d), httpclient.WithTLSConfig(&tls.Config{
		RootCAs: w.roots, NextProtos: []string{"http/1.1"}, CurvePreferences: curve,
	}))
}

const (
	tlsRefused   = "tls error"
	disconnected = "ErrRemoteDisconnected"
)

// class names an error as the documentation of httpclient does.
func class(err error) string {
	var (
		incomplete *httpclient.IncompleteReadError
		handshake  *transport.TLSError
		dial       *transport.DialError
		other      otherError
		op         *net.OpError
		record     tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &other):
		return fmt.Sprintf("status %d", other.status)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "time-out"
	case errors.As(err, &handshake):
		return "TLSError"
	case errors.As(err, &dial):
		return "DialError"
	case errors.As(err, &incomplete):
		return "IncompleteReadError"
	}
	for name, kind := range map[string]error{
		disconnected:                 httpclient.ErrRemoteDisconnected,
		"ErrUnknownProtocol":         httpclient.ErrUnknownProtocol,
		"ErrUnknownTransferEncoding": httpclient.ErrUnknownTransferEncoding,
	} {
		if errors.Is(err, kind) {
			return name
		}
	}
	switch {
	case errors.Is(err, httpclient.ErrBadStatusLine):
		return "ErrBadStatusLine" // above ErrRemoteDisconnected
	case errors.Is(err, httpclient.ErrHTTP):
		return "ErrHTTP" // above all of them
	case errors.As(err, &record), errors.As(err, &op) && (op.Op == "local error" || op.Op == "remote error"):
		return tlsRefused // of crypto/tls itself, behind the handshake: an alert, or a record that is none
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "broken connection"
	}
	return ""
}
