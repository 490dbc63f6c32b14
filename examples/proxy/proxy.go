package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/status"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// forwarder is the proxy.
type forwarder struct {
	name    string // in Via; no other proxy's, since a loop is known by it
	dialer  transport.Dialer
	timeout time.Duration // of a connection on which nothing moves
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "accept connections at this `address`")
	timeout := flag.Duration("timeout", time.Minute, "end a connection on which nothing moves for so long")
	flag.Parse()
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("proxy at http://%s", l.Addr())
	p := &forwarder{fmt.Sprintf("strata-%08x", rand.Uint32()), transport.TCP{}, *timeout}
	log.Fatal(p.serve(l))
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
		case err == nil && ev.Kind != conn.RequestHead, err != nil && down.fault() == nil:
			return // the client has left, or says nothing
		case err == nil && string(ev.Head.Method) == "CONNECT":
			keep, err = false, p.tunnel(down, ev.Head)
		case err == nil:
			keep, err = p.exchange(down, ev.Head)
		}
		if err != nil {
			down.refuse(err)
			return
		}
	}
}

// exchange forwards a request and the responses to it, both at once. It reports whether another request may follow. An
// error is for the client, if no response has begun.
func (p *forwarder) exchange(down *side, h *conn.Head) (keep bool, err error) {
	target, err := p.originTarget(h)
	if err != nil {
		return false, err
	}
	nc, err := p.dial(h.Host)
	if err != nil {
		return false, err
	}
	up := newSide(nc, conn.Client, p.timeout)
	defer up.Close()
	method, old, last := string(h.Method), !h.Version.AtLeast11(), h.Control.Close
	up.chunked = h.Framing.Mode == body.Chunked
	fields := p.fields(h, up.chunked, true) // the connection carries one request
	err = up.send(func(c *conn.Conn, b []byte) ([]byte, error) { return c.AppendRequest(b, method, target, fields) })
	if err != nil {
		return false, err
	}
	sent := make(chan error, 1)
	go func() { sent <- relay(up, down) }() // until the request's end, or that of a connection; h is of the past
	last, err = p.answer(down, up, old, last || old)
	if last || err != nil {
		return false, err
	}
	return <-sent == nil, nil // a response that comes early does not end the request
}

// answer passes on the responses to one request: the final one, and interim ones before it, but not to an old client, of
// HTTP/1.0, which does not know them (RFC 9110 section 15.2), nor chunks. It reports whether the connection ends.
func (p *forwarder) answer(down, up *side, old, last bool) (bool, error) {
	for {
		ev, err := up.next()
		h, final := ev.Head, ev.Kind == conn.ResponseHead
		switch {
		case err != nil:
			return last, err
		case !final && ev.Kind != conn.InterimHead:
			return last, errors.New("the origin has closed the connection without a response")
		case h.Framing.LastUse, h.Status == 101:
			// Others may see its end elsewhere (RFC 9112 sections 6.1 and 6.3), or it answers what was not asked.
			return last, errors.New("the response's framing is unclear")
		case !final && old:
			continue
		}
		err = down.send(func(c *conn.Conn, b []byte) ([]byte, error) {
			// A client that waits for 100 (Continue) may never send its content now, and so not the next request.
			last = last || final && c.ExpectsContinue()
			down.chunked = !old && (h.Framing.Mode == body.Chunked || h.Framing.Mode == body.CloseDelimited)
			return c.AppendResponse(b, h.Status, string(h.Reason), p.fields(h, down.chunked, final && last))
		})
		if err != nil {
			return last, err
		}
		if final {
			return last, relay(down, up)
		}
	}
}

// tunnel answers CONNECT (RFC 9110 section 9.3.6): it connects to the target, says so, and from then on only moves
// octets, each direction to its own end.
func (p *forwarder) tunnel(down *side, h *conn.Head) error {
	up, err := p.dial(h.Host)
	if err != nil {
		return err
	}
	defer up.Close()
	if _, err := down.next(); err != nil { // the end of the request
		return err
	}
	err = down.send(func(c *conn.Conn, b []byte) ([]byte, error) { return c.AppendResponse(b, 200, "OK", nil) })
	if err != nil {
		return err
	}
	down.SetDeadline(time.Time{})
	if _, err := up.Write(down.in[down.at:]); err != nil { // what came before the answer
		return err
	}
	var sending sync.WaitGroup
	defer sending.Wait()
	sending.Go(func() { pour(up, down.Conn) })
	pour(down.Conn, up)
	return nil
}

// dial connects to an authority.
func (p *forwarder) dial(authority []byte) (net.Conn, error) {
	address := string(authority)
	if a, _ := wire.ParseAuthority(authority); a.Port < 0 {
		address = address[:a.HostEnd] + ":80"
	}
	ctx, cancel := context.WithTimeout(context.Background(), p.timeout)
	defer cancel()
	return p.dialer.DialContext(ctx, "tcp", address)
}

// originTarget returns the request-target for the origin, in origin-form or asterisk-form (RFC 9112 sections 3.2.1 and
// 3.2.4), of a request that can be forwarded: one in absolute-form, of the scheme http, that was not here before.
func (p *forwarder) originTarget(h *conn.Head) (string, error) {
	target, scheme := string(h.Target), "http://"
	if h.Form != wire.AbsoluteForm || !strings.HasPrefix(strings.ToLower(target), scheme) {
		return "", refusal{status.BadRequest, fmt.Sprintf("%.99q is not http://…, which is what a proxy is asked for", target)}
	}
	via, _ := h.Fields.Combined("Via")
	for element := range headers.Elements([]byte(via)) {
		if words := bytes.Fields(element); len(words) > 1 && string(words[1]) == p.name {
			return "", refusal{status.LoopDetected, "the request was here before"}
		}
	}
	path := target[len(scheme)+len(h.Host):]
	if path == "" && string(h.Method) == "OPTIONS" {
		return "*", nil
	} else if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path, nil
}

// hopByHop has the fields that are for one connection, whether Connection names them or not (RFC 9110 sections 7.6.1,
// 11.7.1 and 11.7.2), in lower case.
var hopByHop = map[string]bool{
	"connection": true, "keep-alive": true, "proxy-connection": true, "te": true, "transfer-encoding": true,
	"upgrade": true, "proxy-authorization": true, "proxy-authenticate": true, "proxy-authentication-info": true,
}

// endToEnd returns those of fields that go on, in their order and case. Whatever Connection names, a field in instead,
// whose names are in lower case, stands once, with that value, or with "" not at all.
func endToEnd(fields *headers.Fields, instead map[string]string) *headers.Fields {
	out := new(headers.Fields)
	for name, value := range fields.All() {
		lower := strings.ToLower(string(name))
		if own, ok := instead[lower]; ok {
			if own != "" && !out.Has(lower) {
				out.Add(string(name), own)
			}
		} else if !hopByHop[lower] && !fields.HasElement("Connection", lower) {
			out.AddBytes(name, value)
		}
	}
	return out
}

// fields returns the header section to send on. Host is the target's, whatever the client has said (RFC 9112 section
// 3.2.2), and the framing what the message's was found to be, not what its fields say.
func (p *forwarder) fields(h *conn.Head, chunked, closing bool) *headers.Fields {
	request, instead := h.Status == 0, map[string]string{"content-length": ""}
	if h.Control.ContentLength >= 0 && (request || h.Status >= 200 && h.Status != 204) {
		instead["content-length"] = strconv.FormatInt(h.Control.ContentLength, 10)
	}
	if request {
		instead["host"] = string(h.Host)
	}
	out := endToEnd(&h.Fields, instead)
	if request && !out.Has("Host") {
		out.Add("Host", string(h.Host))
	}
	if chunked {
		out.Add("Transfer-Encoding", "chunked")
	}
	out.Add("Via", fmt.Sprintf("%d.%d %s", h.Version.Major(), h.Version.Minor(), p.name)) // RFC 9110 section 7.6.3
	if h.Status >= 200 && !out.Has("Date") {
		out.Add("Date", httpserver.DateString(time.Now())) // RFC 9110 section 6.6.1
	}
	if closing {
		out.Add("Connection", "close")
	}
	return out
}
