package httpserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// Request is a request as the wire had it: its head, and its content as an io.Reader. It is a small value
// that looks into its connection and holds until the handler returns. Slices and Fields that it returns
// hold as long, and must not be changed.
type Request struct {
	x   *exchange
	gen uint64
}

// current reports whether the handler that r was for has not returned.
func (r Request) current() bool { return r.x != nil && r.x.gen.Load() == r.gen }

// Method returns the method, in its case: "GET".
func (r Request) Method() string {
	if !r.current() {
		return ""
	}
	return r.x.method
}

// Target returns the request-target as it came, such as "/a%2Fb?c" (RFC 9112 section 3.2).
func (r Request) Target() string { return string(r.TargetOctets()) }

// TargetOctets is [Request.Target] as a view.
func (r Request) TargetOctets() []byte {
	if !r.current() {
		return nil
	}
	return r.x.target
}

// Form returns which form the request-target has.
func (r Request) Form() wire.TargetForm {
	if !r.current() {
		return 0
	}
	return r.x.form
}

// Path returns the path of the request-target as it came, percent-encoded, and Query what is behind its
// "?", without that. Of a target in absolute-form it is that of the URI, at least "/"; a target in
// authority-form or asterisk-form is its own path.
func (r Request) Path() string {
	path, _ := r.split()
	return string(path)
}

// Query returns the query of the request-target, as it came; see [Request.Path].
func (r Request) Query() string {
	_, query := r.split()
	return string(query)
}

func (r Request) split() (path, query []byte) {
	target := r.TargetOctets()
	if r.Form() == wire.AbsoluteForm {
		if i := bytes.Index(target, []byte("://")); i >= 0 {
			target = target[i+3:]
			if i = bytes.IndexAny(target, "/?"); i >= 0 {
				target = target[i:]
			} else {
				target = nil
			}
		}
		if len(target) == 0 || target[0] == '?' {
			target = append([]byte("/"), target...)
		}
	}
	path, query, _ = bytes.Cut(target, []byte("?"))
	return path, query
}

// Host returns what the request is to be routed by: the authority of a target in absolute-form or authority-form
// (RFC 9112 section 3.2.2), else the value of Host (section 3.3). It may be empty.
func (r Request) Host() string { return string(r.HostOctets()) }

// HostOctets is [Request.Host] as a view.
func (r Request) HostOctets() []byte {
	if !r.current() {
		return nil
	}
	return r.x.host
}

// Version returns the version of the request: wire.HTTP10, or wire.HTTP11, or a higher minor version as it
// came.
func (r Request) Version() wire.Version {
	if !r.current() {
		return 0
	}
	return r.x.version
}

var noFields headers.Fields

// Fields returns the header section, in order and case.
func (r Request) Fields() *headers.Fields {
	if !r.current() {
		return &noFields
	}
	return &r.x.fields
}

// Field returns the values of that name, in any case, joined by ", " when there are several, and "" where
// there is none.
func (r Request) Field(name string) string {
	value, _ := r.Fields().Combined(name)
	return value
}

// Trailers returns the trailer section, which is complete when Read has returned io.EOF, and empty before
// that and where there is none.
func (r Request) Trailers() *headers.Fields {
	if !r.current() {
		return &noFields
	}
	return &r.x.trailers
}

// RawHead returns the octets of the head as they came, its empty line included.
func (r Request) RawHead() []byte {
	if !r.current() {
		return nil
	}
	return r.x.raw
}

// Deviations returns each leniency that reading the request has needed so far, with the offset in what the
// connection has received.
func (r Request) Deviations() []wire.Deviation {
	if !r.current() {
		return nil
	}
	return r.x.c.machine.Deviations()
}

// Framing returns how the content is delimited.
func (r Request) Framing() body.Framing {
	if !r.current() {
		return body.Framing{}
	}
	return r.x.framing
}

// ContentLength returns how many octets of content the request has, 0 where it has none, and -1 where only
// its end will tell.
func (r Request) ContentLength() int64 {
	switch f := r.Framing(); f.Mode {
	case body.LengthDelimited:
		return f.Length
	case body.NoBody:
		return 0
	}
	return -1
}

// ExpectsContinue reports whether the client waits for 100 (Continue) before it sends content (RFC 9110
// section 10.1.1). The first Read sends that, unless a response was sent.
func (r Request) ExpectsContinue() bool {
	if !r.current() {
		return false
	}
	r.x.c.loop.Lock()
	defer r.x.c.loop.Unlock()
	return r.x.c.machine.ExpectsContinue()
}

// NetConn returns the connection, for what a [net.Conn] tells. Reading from it or writing to it is for
// [ResponseWriter.Hijack].
func (r Request) NetConn() net.Conn {
	if !r.current() {
		return nil
	}
	return r.x.c.nc
}

// RemoteAddr returns the address of the client, and nil when the handler has returned.
func (r Request) RemoteAddr() net.Addr {
	if nc := r.NetConn(); nc != nil {
		return nc.RemoteAddr()
	}
	return nil
}

// Remote returns RemoteAddr as text, such as "192.0.2.1:49152", which is made once for a connection.
func (r Request) Remote() string {
	if !r.current() {
		return ""
	}
	c := r.x.c
	if text := c.remote.Load(); text != nil {
		return *text
	}
	text := c.nc.RemoteAddr().String()
	c.remote.Store(&text)
	return text
}

// TLS returns the state of the TLS session, or nil where there is none. It is shared by the requests of a
// connection and must not be changed.
func (r Request) TLS() *tls.ConnectionState {
	t, ok := r.NetConn().(interface{ ConnectionState() tls.ConnectionState })
	if !ok {
		return nil
	}
	if state := r.x.c.tls.Load(); state != nil {
		return state
	}
	state := t.ConnectionState()
	r.x.c.tls.Store(&state)
	return &state
}

// Number returns which request of its connection this is, counted from 1.
func (r Request) Number() int {
	if !r.current() {
		return 0
	}
	return r.x.c.n
}

// Context returns the context of the request. It ends when the handler returns, when the connection fails, and,
// from when its Done or Err is called for the first time, when the client goes away, with [ErrGone] as the cause;
// see [Request.Gone]. It is below what
// [Server].BaseContext and [Server].ConnContext gave.
func (r Request) Context() context.Context {
	if !r.current() {
		return canceled
	}
	return r.x.context()
}

var canceled = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// Gone returns a channel that is closed when the client goes away while the handler runs: its FIN or a reset
// arrives. That can be seen once the content was read to its end, and costs a goroutine from then until the
// handler returns. A client that ends only its own direction, and still waits for the response, counts as
// gone.
func (r Request) Gone() <-chan struct{} { return r.Context().Done() }
