package httpclient

import (
	"errors"
	"net"

	"github.com/strata-http/strata/body"
)

// Switched reports whether the response ended HTTP on this connection: 101, or 2xx to CONNECT.
func (r Response) Switched() bool { return r.headOrNone().framing.Mode == body.Tunnel }

// Hijack gives the connection to the caller after a response that switched protocols: the first that it
// reads is what the server sent behind the head. The Conn is without a connection then, and can be used for
// another. It is [ErrImproperState] for a response that did not switch, and [ErrResponseClosed] where the
// connection was taken or closed already.
func (r Response) Hijack() (nc net.Conn, err error) {
	c := r.c
	if c == nil {
		return nil, ErrResponseClosed
	}
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.leave(&err)
	switch {
	case !r.current() || !c.connected:
		return nil, ErrResponseClosed
	case !r.Switched():
		return nil, &protocolError{kind: ErrImproperState, err: errNotSwitched}
	case !c.machine.Switched():
		return nil, ErrResponseClosed // this connection is a later one
	}
	nc = c.loop.Detach()
	c.connected = false
	c.use.live.Store(nil)
	return nc, nil
}

var errNotSwitched = errors.New("the response did not switch protocols")
