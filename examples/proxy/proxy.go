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

// proxy is a forward proxy.
type proxy struct {
	name    string // in Via; no other proxy's
	dialer  transport.Dialer
	allow   []string      // patterns of hosts, nil for every host
	timeout time.Duration // of a connection on which nothing moves
}

// serve serves the connections of l until accepting fails, and waits for those under way.
func (p *proxy) serve(l net.Listener) error {
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

// serveConn serves the requests of one client, in order. The connection to the origin is kept for the next one, and is
// no other client's.
func (p *proxy) serveConn(nc net.Conn) {
	down := newSide(nc, conn.Server, p.timeout)
	defer down.leave()
	var up *origin
	for keep := true; keep; {
		ev, err := down.next()
		if bad := (*wire.SyntaxError)(nil); errors.As(err, &bad) {
			p.refuse(down, httpserver.StatusOf(err), err.Error())
		}
		if err != nil || ev.Kind != conn.RequestHead {
			break
		}
		if string(ev.Head.Method) == "CONNECT" {
			p.tunnel(down, ev.Head)
			break
		}
		up, keep = p.exchange(down, up, ev.Head)
	}
	if up != nil {
		up.Close()
	}
}

// origin is a connection to an origin.
type origin struct {
	*side
	authority string
}

// exchange forwards a request and the responses to it. It returns the connection to the origin, and whether another
// request may follow on that to the client.
func (p *proxy) exchange(down *side, last *origin, h *conn.Head) (up *origin, keep bool) {
	target, err := originTarget(h)
	if err != nil {
		p.refuse(down, status.BadRequest, err.Error())
		return last, false
	}
	if p.looped(&h.Fields) {
		p.refuse(down, status.LoopDetected, "the request was here before")
		return last, false
	}
	if left, counted := maxForwards(h); counted && left == 0 {
		p.reflect(down, h)
		return last, false
	}
	up, code, err := p.reach(last, h.Host)
	if err != nil {
		p.refuse(down, code, err.Error())
		return up, false
	}
	method, fields := string(h.Method), p.requestFields(h)
	err = up.send(func(c *conn.Conn, b []byte) ([]byte, error) { return c.AppendRequest(b, method, target, fields) })
	if err != nil {
		p.refuse(down, status.BadGateway, err.Error())
		return up, false
	}
	up.chunked = fields.Has("Transfer-Encoding")
	return up, p.converse(down, up, !h.Version.AtLeast11(), h.Control.Close)
}

// converse moves both messages at once, and reports whether the connection to the client can be kept.
func (p *proxy) converse(down *side, up *origin, old, last bool) bool {
	sent := make(chan error, 1)
	go func() {
		blame, err := relay(up.side, down)
		sent <- err
		if err != nil && blame == down {
			up.Close() // a request that is cut short here is cut short there, and has no answer to wait for
		}
	}()
	begun, err := p.answer(down, up.side, old, last)
	if err == nil && !down.last() {
		return <-sent == nil // which an early response does not end
	}
	// What is still to come of the request is received for a moment: see leave.
	late := time.AfterFunc(min(p.timeout, lingering), func() {
		down.Close()
		up.Close()
	})
	defer late.Stop()
	if err != nil {
		up.Close()
		select {
		case e := <-sent:
			sent <- e
			if bad := (*wire.SyntaxError)(nil); errors.As(e, &bad) {
				err = &requestError{bad} // why there is no response
			}
		default:
		}
		p.part(down, begun, err)
	}
	closeWrite(down.Conn)
	<-sent
	return false
}

// requestError is the error when the content of a request breaks a rule.
type requestError struct{ *wire.SyntaxError }

// answer passes on the responses to one request: interim ones, but not to a client of HTTP/1.0, which does not know
// them (RFC 9110 section 15.2), and the final one. begun tells that the client was sent some of that.
func (p *proxy) answer(down, up *side, old, last bool) (begun bool, err error) {
	for {
		ev, err := up.next()
		if err != nil {
			return false, err
		}
		if ev.Kind != conn.InterimHead && ev.Kind != conn.ResponseHead {
			return false, errors.New("the origin closed the connection without a response")
		}
		h := ev.Head
		fields, chunked, err := p.responseFields(h, old)
		if err != nil {
			return false, err
		}
		final := ev.Kind == conn.ResponseHead
		if final {
			p.complete(fields, old || last || down.awaits())
		} else if old {
			continue
		}
		err = down.send(func(c *conn.Conn, b []byte) ([]byte, error) {
			return c.AppendResponse(b, h.Status, string(h.Reason), fields)
		})
		if final && err == nil {
			down.chunked = chunked
			_, err = relay(down, up)
			return true, err
		}
		if err != nil {
			return false, err
		}
	}
}

// complete adds what a proxy adds to a final response: the time where the origin has not told it (RFC 9110 section
// 6.6.1), and that the connection closes, where it does.
func (p *proxy) complete(fields *headers.Fields, closing bool) {
	if !fields.Has("Date") {
		fields.Add("Date", httpserver.DateString())
	}
	if closing {
		fields.Add("Connection", "close")
	}
}

// part ends an exchange that went wrong: with a response of the proxy's own, or, where one has begun, by cutting it
// short. Content that ends where the connection does is cut short by a reset, since it would else look whole.
func (p *proxy) part(down *side, begun bool, err error) {
	bad := (*requestError)(nil)
	switch {
	case begun:
		if tcp, ok := down.Conn.(*net.TCPConn); ok && !down.chunked {
			tcp.SetLinger(0)
		}
		down.Close()
	case errors.As(err, &bad):
		p.refuse(down, httpserver.StatusOf(bad.SyntaxError), err.Error())
	case errors.Is(err, os.ErrDeadlineExceeded):
		p.refuse(down, status.GatewayTimeout, err.Error())
	default:
		p.refuse(down, status.BadGateway, err.Error())
	}
}

// reach returns a connection to an origin: the last one, where that leads there and is still good.
func (p *proxy) reach(last *origin, authority []byte) (*origin, status.Code, error) {
	if last != nil {
		if last.authority == string(authority) && last.machine.Reusable() {
			if ready, _ := transport.Ready(last.Conn); !ready {
				return last, 0, nil
			}
		}
		last.Close()
	}
	nc, code, err := p.dial(authority, "80")
	if err != nil {
		return nil, code, err
	}
	return &origin{newSide(nc, conn.Client, p.timeout), string(authority)}, 0, nil
}

// dial connects to an authority, or says with which status that is refused.
func (p *proxy) dial(authority []byte, port string) (net.Conn, status.Code, error) {
	a, _ := wire.ParseAuthority(authority)
	host := strings.Trim(string(authority[:a.HostEnd]), "[]")
	if a.Port >= 0 {
		port = strconv.Itoa(a.Port)
	}
	if !p.allowed(host) {
		return nil, status.Forbidden, fmt.Errorf("%q is not a host that this proxy reaches", host)
	}
	ctx, cancel := context.WithTimeout(context.Background(), p.timeout)
	defer cancel()
	nc, err := p.dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		return nil, status.GatewayTimeout, err
	} else if err != nil {
		return nil, status.BadGateway, err
	}
	return nc, 0, nil
}

// allowed reports whether a host may be reached.
func (p *proxy) allowed(host string) bool {
	for _, pattern := range p.allow {
		if ok, _ := path.Match(strings.ToLower(pattern), strings.ToLower(host)); ok {
			return true
		}
	}
	return p.allow == nil
}

// reflect answers a request that is not to be forwarded any more: OPTIONS, and TRACE with the head that has come, but for
// what is secret in it (RFC 9110 sections 9.3.7 and 9.3.8).
func (p *proxy) reflect(down *side, h *conn.Head) {
	if string(h.Method) == "OPTIONS" {
		p.reply(down, status.OK, "", "")
		return
	}
	fields := h.Fields.Clone()
	for _, secret := range []string{"Authorization", "Proxy-Authorization", "Cookie"} {
		fields.Del(secret)
	}
	head, err := wire.AppendRequestLine(nil, h.Method, h.Target, h.Version, 0)
	if err == nil {
		head, err = fields.AppendTo(head)
	}
	if err != nil {
		p.refuse(down, status.BadRequest, err.Error())
		return
	}
	p.reply(down, status.OK, "message/http", string(head)+"\r\n")
}

// refuse answers in place of an origin, and says why.
func (p *proxy) refuse(down *side, code status.Code, why string) {
	p.reply(down, code, "text/plain; charset=utf-8", fmt.Sprintf("%v: %s\n", code, why))
}

// reply sends a response of the proxy's own. It is the last one on the connection.
func (p *proxy) reply(down *side, code status.Code, kind, text string) {
	fields := new(headers.Fields)
	if kind != "" {
		fields.Add("Content-Type", kind)
	}
	fields.Add("Content-Length", strconv.Itoa(len(text)))
	p.complete(fields, true)
	down.send(func(c *conn.Conn, b []byte) ([]byte, error) {
		b, err := c.AppendResponse(b, int(code), code.Phrase(), fields)
		if err != nil {
			return b, err
		}
		b, _ = c.AppendContent(b, []byte(text)) // to HEAD there is none
		return c.AppendEnd(b, nil)
	})
}
