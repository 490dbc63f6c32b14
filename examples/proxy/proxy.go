package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"slices"
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
	dialer := transport.TCP{Dialer: net.Dialer{Timeout: *timeout}}
	p := &forwarder{fmt.Sprintf("strata-%08x", rand.Uint32()), dialer, *timeout}
	for {
		nc, err := l.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go p.serveConn(nc)
	}
}

// serveConn serves the requests of one client, in order.
func (p *forwarder) serveConn(nc net.Conn) {
	down := &side{Conn: nc, idle: p.timeout, machine: conn.New(conn.Server, conn.Config{})}
	defer down.leave()
	for keep := true; keep; {
		ev, err := down.next()
		if keep = err == nil && ev.Kind == conn.RequestHead; keep {
			keep, err = p.serveRequest(down, ev.Head)
		}
		if err != nil {
			down.refuse(err)
		}
	}
}

// serveRequest forwards a request and the responses to it, both at once, or makes a tunnel. It reports whether another
// request may follow. An error is for the client, if no response has begun.
func (p *forwarder) serveRequest(down *side, h *conn.Head) (keep bool, err error) {
	target, err := p.originTarget(h)
	if err != nil {
		return false, err
	}
	nc, err := p.dial(h.Host)
	if err != nil {
		return false, err
	}
	defer nc.Close()
	if h.Form == wire.AuthorityForm {
		tunnel(down, nc)
		return false, nil
	}
	up := &side{Conn: nc, idle: p.timeout, machine: conn.New(conn.Client, conn.Config{})}
	up.chunked = h.Framing.Mode == body.Chunked
	method, fields := string(h.Method), p.fields(h, up.chunked, true) // the connection carries one request
	err = up.send(func(c *conn.Conn, b []byte) ([]byte, error) { return c.AppendRequest(b, method, target, fields) })
	if err != nil {
		return false, err
	}
	old, sent := !h.Version.AtLeast11(), make(chan error, 1)
	last := old || h.Control.Close
	go func() { sent <- relay(up, down) }() // to the request's end, or that of a connection; h is of the past
	if last, err = p.answer(down, up, old, last); last || err != nil {
		return false, err
	}
	return <-sent == nil, nil // a response that comes early does not end the request
}

// answer passes on the responses to one request: the final one, and interim ones before it, but not to an old client, of
// HTTP/1.0, which does not know them (RFC 9110 section 15.2), nor chunks. It reports whether the connection ends.
func (p *forwarder) answer(down, up *side, old, last bool) (bool, error) {
	for {
		ev, err := up.next()
		if err != nil {
			return last, err
		}
		h, final := ev.Head, ev.Kind == conn.ResponseHead
		if h == nil || h.Status == 101 || h.Framing.LastUse {
			// Others may see its end elsewhere (RFC 9112 sections 6.1 and 6.3), or it answers what was not asked.
			return last, errors.New("the origin has sent no response, or one of unclear framing")
		}
		if old && !final {
			continue
		}
		down.chunked = !old && (h.Framing.Mode == body.Chunked || h.Framing.Mode == body.CloseDelimited)
		err = down.send(func(c *conn.Conn, b []byte) ([]byte, error) {
			// A client that waits for 100 (Continue) may never send its content now, and so not the next request.
			last = last || final && c.ExpectsContinue()
			return c.AppendResponse(b, h.Status, string(h.Reason), p.fields(h, down.chunked, final && last))
		})
		if err == nil && final {
			err = relay(down, up)
		}
		if err != nil || final {
			return last, err
		}
	}
}

// tunnel answers CONNECT (RFC 9110 section 9.3.6): from then on it only moves octets, each direction to its own end. A
// connection that fails meanwhile does so in pour too.
func tunnel(down *side, up net.Conn) {
	down.next() // the end of the request
	down.send(func(c *conn.Conn, b []byte) ([]byte, error) { return c.AppendResponse(b, 200, "OK", nil) })
	down.SetDeadline(time.Time{})
	up.Write(down.in[down.at:]) // what came before the answer
	var sending sync.WaitGroup
	sending.Go(func() { pour(up, down.Conn) })
	pour(down.Conn, up)
	sending.Wait()
}

// pour moves octets until src ends, which it passes on as the end of that direction alone. When either fails, both
// connections are of no use any more.
func pour(dst, src net.Conn) {
	if _, err := io.Copy(dst, src); err != nil {
		dst.Close()
		src.Close()
	}
	closeWrite(dst)
}

// closeWrite ends the direction to the peer, where the connection can do that.
func closeWrite(nc net.Conn) {
	if half, ok := nc.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
}

// dial connects to an authority.
func (p *forwarder) dial(authority []byte) (net.Conn, error) {
	address := string(authority)
	if a, _ := wire.ParseAuthority(authority); a.Port < 0 {
		address = address[:a.HostEnd] + ":80"
	}
	return p.dialer.DialContext(context.Background(), "tcp", address)
}

// originTarget returns the request-target for the origin, in origin-form or asterisk-form (RFC 9112 sections 3.2.1 and
// 3.2.4), of a request that can be forwarded: one in absolute-form, of the scheme http, that was not here before. Of
// CONNECT it is what it was.
func (p *forwarder) originTarget(h *conn.Head) (string, error) {
	const scheme = "http://"
	target := string(h.Target)
	if h.Form == wire.AuthorityForm {
		return target, nil
	} else if h.Form != wire.AbsoluteForm || !strings.HasPrefix(strings.ToLower(target), scheme) {
		return "", refusal(status.BadRequest)
	}
	if via, _ := h.Fields.Combined("Via"); strings.Contains(via, " "+p.name) {
		return "", refusal(status.LoopDetected)
	}
	path := target[len(scheme)+len(h.Host):]
	if path == "" && string(h.Method) == "OPTIONS" {
		return "*", nil
	}
	return "/" + strings.TrimPrefix(path, "/"), nil
}

// hopByHop has the fields that are for one connection, whether Connection names them or not (RFC 9110 sections 7.6.1,
// 11.7.1 and 11.7.2), in lower case.
var hopByHop = []string{"connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade",
	"proxy-authorization", "proxy-authenticate", "proxy-authentication-info"}

// endToEnd returns those of fields that go on, in their order and case. What says where a message goes and where it ends
// goes on whatever Connection names.
func endToEnd(fields *headers.Fields) *headers.Fields {
	out := new(headers.Fields)
	for name, value := range fields.All() {
		lower := strings.ToLower(string(name))
		named := fields.HasElement("Connection", lower) && lower != "host" && lower != "content-length"
		if !named && !slices.Contains(hopByHop, lower) {
			out.AddBytes(name, value)
		}
	}
	return out
}

// fields returns the header section to send on. Host is the target's, whatever the client has said (RFC 9112 section
// 3.2.2), and the framing what the message's was found to be, not what its fields say; where that is the same
// they stay as they are.
func (p *forwarder) fields(h *conn.Head, chunked, closing bool) *headers.Fields {
	out := endToEnd(&h.Fields)
	if h.Status == 0 && out.GetString("Host") != string(h.Host) {
		out.Set("Host", string(h.Host))
	}
	length := strconv.FormatInt(h.Control.ContentLength, 10)
	if said, ok := out.Combined("Content-Length"); ok && said != length {
		out.Set("Content-Length", length) // once
	}
	if h.Status == 204 || h.Status > 0 && h.Status < 200 {
		out.Del("Content-Length")
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

// side is one of the proxy's two connections. One goroutine calls next and another one send; the conn.Conn is used by
// both, and so is locked, while neither the network nor a view of what was read is waited for under the lock.
type side struct {
	net.Conn
	idle    time.Duration
	mu      sync.Mutex
	machine *conn.Conn
	in      []byte // what was read
	at      int    // where in it the octets begin that were not consumed
	eof     bool
	chunked bool // the message that is sent is
}

// next returns the next event, and reads where that takes more octets. Its views hold until the next call. What moves in
// one direction puts the end of patience off for the other too, since who sends a long request has no response yet.
func (s *side) next() (conn.Event, error) {
	for {
		s.mu.Lock()
		n, ev, err := s.machine.Next(s.in[s.at:], s.eof)
		s.mu.Unlock()
		s.at += n
		if err != nil || ev.Kind != conn.NeedData {
			return ev, err
		}
		s.in, s.at = slices.Grow(append(s.in[:0], s.in[s.at:]...), 16<<10), 0
		s.SetDeadline(time.Now().Add(s.idle))
		n, err = s.Read(s.in[len(s.in):cap(s.in)])
		s.in = s.in[:len(s.in)+n]
		if s.eof = err == io.EOF; err != nil && !s.eof {
			return ev, err
		}
	}
}

// send writes what the calls to the machine in f append.
func (s *side) send(f func(c *conn.Conn, dst []byte) ([]byte, error)) error {
	s.mu.Lock()
	out, err := f(s.machine, nil)
	s.mu.Unlock()
	if err != nil || len(out) == 0 {
		return err
	}
	s.SetDeadline(time.Now().Add(s.idle))
	_, err = s.Write(out)
	return err
}

// relay sends the content of the message that src receives as content of the one that dst sends, as it comes, and its
// trailer section. What is cut short here is cut short there: content that may end where the connection does by a reset,
// since it would look whole otherwise.
func relay(dst, src *side) error {
	for {
		ev, err := src.next()
		if err != nil {
			if tcp, ok := dst.Conn.(*net.TCPConn); ok && !dst.chunked {
				tcp.SetLinger(0)
			}
			dst.Close()
			return err
		}
		err = dst.send(func(c *conn.Conn, b []byte) ([]byte, error) {
			if ev.Kind != conn.End {
				return c.AppendContent(b, ev.Content)
			} else if !dst.chunked || ev.Trailers == nil {
				return c.AppendEnd(b, nil)
			}
			return c.AppendEnd(b, endToEnd(ev.Trailers))
		})
		if err != nil || ev.Kind == conn.End {
			return err
		}
	}
}

// leave ends the connection so that the peer can read what it was sent: to close while octets wait to be read would be a
// reset, which may overtake the response (RFC 9112 section 9.6).
func (s *side) leave() {
	closeWrite(s.Conn)
	defer time.AfterFunc(time.Second, func() { s.Close() }).Stop()
	io.CopyN(io.Discard, s, 256<<10)
	s.Close()
}

// refusal is an error with a status of its own.
type refusal status.Code

func (r refusal) Error() string { return status.Code(r).String() }

// refuse sends a response of the proxy's own, the last one on the connection, where one is owed and none has begun: to a
// rule that the client broke, even where that has led to another error since, or to a request that was not answered.
func (s *side) refuse(err error) {
	s.send(func(c *conn.Conn, b []byte) ([]byte, error) {
		code := status.BadGateway
		if bad := c.Err(); bad != nil {
			code = httpserver.StatusOf(bad)
		} else if c.InFlight() == 0 {
			return b, nil
		} else if r, ok := errors.AsType[refusal](err); ok {
			code = status.Code(r)
		} else if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
			code = status.GatewayTimeout
		}
		log.Printf("%d %s: %v", int(code), code.Phrase(), err)
		fields := new(headers.Fields)
		fields.Add("Date", httpserver.DateString(time.Now()))
		fields.Add("Content-Length", "0")
		fields.Add("Connection", "close")
		return c.AppendResponse(b, int(code), code.Phrase(), fields)
	})
}
