package transport_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"

	"github.com/strata-http/strata/transport"
)

func TestErrorMessages(t *testing.T) {
	refused := errors.New("connect: connection refused")
	addr := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80}
	tests := []struct {
		err  error
		want string
	}{
		{&transport.DialError{Network: "tcp", Address: "a.test:80", Err: &net.OpError{Op: "dial", Net: "tcp", Addr: addr, Err: refused}},
			`transport: dial tcp "a.test:80" at 192.0.2.1:80: connect: connection refused`},
		{&transport.DialError{Network: "tcp", Address: "192.0.2.1:80", Err: &net.OpError{Op: "dial", Net: "tcp", Addr: addr, Err: refused}},
			`transport: dial tcp "192.0.2.1:80": connect: connection refused`},
		{&transport.DialError{Network: "tcp", Address: "a.test:80", Err: &net.OpError{Op: "dial", Err: errors.New("lookup a.test: no such host")}},
			`transport: dial tcp "a.test:80": lookup a.test: no such host`},
		{&transport.DialError{Network: "unix", Address: "/s", Err: io.ErrUnexpectedEOF},
			`transport: dial unix "/s": unexpected EOF`},
		// A host from a hostile redirect must not reach the terminal.
		{&transport.DialError{Network: "tcp", Address: "\x1b[31m:80", Err: errors.New("lookup \x1b[31m: no such host")},
			`transport: dial tcp "\x1b[31m:80": "lookup \x1b[31m: no such host"`},
		{&transport.TLSError{Host: "a.test", Err: errors.New("x509: certificate is valid for b.test, not a.test")},
			`transport: TLS handshake with "a.test": x509: certificate is valid for b.test, not a.test`},
		{&transport.TLSError{Host: "a\n", Err: errors.New("valid for \xff\u202e")},
			`transport: TLS handshake with "a\n": "valid for \xff\u202e"`},
		{transport.ErrNoCloseNotify, `transport: TLS connection ended without close_notify: unexpected EOF`},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("message\n got %s\nwant %s", got, tt.want)
		}
	}
}

// temporary is net.Error, whose Temporary method crypto/tls asks though it is deprecated.
type temporary interface {
	error
	Timeout() bool
	Temporary() bool
}

func TestErrorsTellTimeouts(t *testing.T) {
	tests := []struct {
		cause              error
		timeout, temporary bool
	}{
		{io.ErrUnexpectedEOF, false, false},
		{os.ErrDeadlineExceeded, true, true},
		{context.DeadlineExceeded, true, true},
		{context.Canceled, false, false},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, true, true},
		{&net.DNSError{IsTemporary: true}, false, true},
	}
	for _, tt := range tests {
		for _, err := range []temporary{&transport.DialError{Err: tt.cause}, &transport.TLSError{Err: tt.cause}} {
			if err.Timeout() != tt.timeout || err.Temporary() != tt.temporary || !errors.Is(err, tt.cause) {
				t.Errorf("%T around %v: Timeout %v Temporary %v, want %v %v",
					err, tt.cause, err.Timeout(), err.Temporary(), tt.timeout, tt.temporary)
			}
		}
	}
	if errors.Is(transport.ErrNoCloseNotify, io.EOF) || !errors.Is(transport.ErrNoCloseNotify, io.ErrUnexpectedEOF) {
		t.Error("ErrNoCloseNotify must be io.ErrUnexpectedEOF and not io.EOF")
	}
}
