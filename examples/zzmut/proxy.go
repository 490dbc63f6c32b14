package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/status"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// forwarder is the proxy.
type forwarder struct {
	name    string // in Via; no other proxy's
	dialer  transport.Dialer
	allow   []string      // patterns of hosts; nil is every host
	timeout time.Duration // of a connection on which nothing moves
}

// serve serves the connections of l until accepting fails, and waits for those under way.
func (p *forwarder) serve(l net.Listener) error {
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		nc, err := l.Accept()
		if err != nil {
			return err
		}
		serving.Go(func() { p.serveConn(nc) })
	}
}

// serveConn serves the requests of one client, in order.
func (p *forwarder) serveConn(nc net.Conn) {
	down := newSide(nc, conn.Server, p.timeout)
	defer down.leave()
	for keep := true; keep; {
		ev, err := down.next()
		switch {
		case isSyntax(err):
			p.refuse(down, httpserver.StatusOf(err), err)
			return
		case err != nil || ev.Kind != conn.RequestHead:
			return
		case string(ev.Head.Method) == "CONNECT":
			p.tunnel(down, ev.Head)
			return
		}
		keep = p.exchange(down, ev.Head)
	}
}

// exchange forwards a request and the responses to it, both at once. It reports whether another request may follow.
func (p *forwarder) exchange(down *side, h *conn.Head) (keep bool) {
	target, code, err := p.originTarget(h)
	if err != nil {
		p.refuse(down, code, err)
		return false
	}
	nc, code, err := p.dial(h.Host, "80")
	if err != nil {
		p.refuse(down, code, err)
		return false
	}
	up := newSide(nc, conn.Client, p.timeout)
	defer up.Close()
	method, fields := string(h.Method), p.requestFields(h)
	old, last := !h.Version.AtLeast11(), h.Control.Close
	err = up.send(func(c *conn.Conn, b []byte) ([]byte, error) { return c.AppendRequest(b, method, target, fields) })
	if err != nil {
		p.refuse(down, status.BadGateway, err)
		return false
	}
	up.chunked = fields.Has("Transfer-Encoding")

	sent := make(chan error, 1) // how the request went; h is of the past from here
	go func() {
		blame, err := relay(up, down)
		if err != nil && blame == down {
			defer up.Close() // cut short here, so there too, and no response is to be waited for
		}
		sent <- err
	}()
	begun, err := p.answer(down, up, old, last)
	if err == nil && !down.last() {
		return <-sent == nil // a response that comes early does not end the request
	}
	up.Close()
	if begun && err != nil {
		down.cut()
	} else if err != nil {
		p.fail(down, err, sent)
	}
	down.leave()
	<-sent
	return false
}

// answer passes on the responses to one request: the final one, and interim ones before it, but not to a client of
// HTTP/1.0, which does not know them (RFC 9110 section 15.2). begun tells that the final one has begun.
func (p *forwarder) answer(down, up *side, old, last bool) (begun bool, err error) {
	for {
		ev, err := up.next()
		if err == nil && ev.Kind != conn.InterimHead && ev.Kind != conn.ResponseHead {
			err = errors.New("the origin has closed the connection without a response")
		}
		if err != nil {
			return false, err
		}
		h, final := ev.Head, ev.Kind == conn.ResponseHead
		// A client that waits for 100 (Continue) may never send its content now, and so not the next request either.
		closing := final && (old || last || down.awaits())
		fields, chunked, err := p.responseFields(h, old, closing)
		if err == nil && (final || !old) {
			err = down.send(func(c *conn.Conn, b []byte) ([]byte, error) {
				return c.AppendResponse(b, h.Status, string(h.Reason), fields)
			})
		}
		if err != nil {
			return false, err
		}
		if final {
			down.chunked = chunked
			_, err = relay(down, up)
			return true, err
		}
	}
}

// fail answers in place of an origin from which no response has come. That may be the request's fault.
func (p *forwarder) fail(down *side, err error, sent chan error) {
	code := status.BadGateway
	if errors.Is(err, os.ErrDeadlineExceeded) {
		code = status.GatewayTimeout
	}
	select {
	case e := <-sent:
		sent <- nil
		if isSyntax(e) {
			code, err = httpserver.StatusOf(e), e
		}
	default:
	}
	p.refuse(down, code, err)
}

// dial connects to an authority, or says with which status that is refused.
func (p *forwarder) dial(authority []byte, port string) (net.Conn, status.Code, error) {
	a, _ := wire.ParseAuthority(authority)
	host := strings.Trim(string(authority[:a.HostEnd]), "[]")
	if a.Port >= 0 {
		port = strconv.Itoa(a.Port)
	}
	allowed := p.allow == nil
	for _, pattern := range p.allow {
		match, _ := path.Match(strings.ToLower(pattern), strings.ToLower(host))
		allowed = allowed || match
	}
	if !allowed {
		return nil, status.Forbidden, fmt.Errorf("%q is not a host that this proxy reaches", host)
	}
	ctx, cancel := context.WithTimeout(context.Background(), p.timeout)
	defer cancel()
	nc, err := p.dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return nil, status.GatewayTimeout, err
	}
	return nc, status.BadGateway, err
}

// refuse sends a response of the proxy's own, the last one on the connection. Its content is why.
func (p *forwarder) refuse(down *side, code status.Code, why error) {
	text := fmt.Sprintf("%v: %v\n", code, why)
	fields := new(headers.Fields)
	fields.Add("Date", httpserver.DateString(time.Now()))
	fields.Add("Content-Type", "text/plain; charset=utf-8")
	fields.Add("Content-Length", strconv.Itoa(len(text)))
	fields.Add("Connection", "close")
	down.send(func(c *conn.Conn, b []byte) ([]byte, error) {
		b, err := c.AppendResponse(b, int(code), code.Phrase(), fields)
		if err != nil {
			return b, err
		}
		b, _ = c.AppendContent(b, []byte(text)) // which in the response to HEAD is none
		return c.AppendEnd(b, nil)
	})
}

// isSyntax reports whether err is that the peer broke a rule.
func isSyntax(err error) bool {
	var bad *wire.SyntaxError
	return errors.As(err, &bad)
}
