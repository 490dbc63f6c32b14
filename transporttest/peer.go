package transporttest

import (
	"fmt"
	"io"
	"net"
	"strconv"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
)

// A peer is a server on one connection, on conn's server role: as strict as that is, and as simple as a test can
// be sure of.
type peer struct {
	nc net.Conn
	m  *conn.Conn
	in []byte // received and not consumed
}

func newPeer(nc net.Conn) *peer {
	return &peer{nc: nc, m: conn.New(conn.Server, conn.Config{})}
}

// request is a whole request.
type request struct {
	method, target string
	fields         *headers.Fields
	mode           body.Mode
	content        []byte
	trailers       *headers.Fields
}

// next returns the next event.
func (p *peer) next() (conn.Event, error) {
	atEOF := false
	for {
		n, ev, err := p.m.Next(p.in, atEOF)
		p.in = p.in[n:]
		if err != nil || ev.Kind != conn.NeedData {
			return ev, err
		}
		buf := make([]byte, 8<<10) // a new one each time: events alias it
		n, err = p.nc.Read(buf)
		if err != nil && err != io.EOF {
			return ev, err
		}
		atEOF = err == io.EOF
		p.in = append(append([]byte(nil), p.in...), buf[:n]...)
	}
}

// receive reads a request to its end; io.EOF says that the client has closed instead.
func (p *peer) receive() (*request, error) {
	r := new(request)
	for {
		ev, err := p.next()
		if err != nil {
			return nil, err
		}
		switch ev.Kind {
		case conn.RequestHead:
			r.method, r.target = string(ev.Head.Method), string(ev.Head.Target)
			r.fields, r.mode = ev.Head.Fields.Clone(), ev.Head.Framing.Mode
		case conn.Content:
			r.content = append(r.content, ev.Content...)
		case conn.Chunk:
		case conn.End:
			if ev.Trailers != nil {
				r.trailers = ev.Trailers.Clone()
			}
			return r, nil
		case conn.Closed:
			return nil, io.EOF
		default:
			return nil, fmt.Errorf("the server did not expect %v", ev.Kind)
		}
	}
}

// respond sends a response with content; in chunks of that many octets, or with Content-Length where chunk is 0.
// Trailers, which may be nil, follow chunks.
func (p *peer) respond(status int, content []byte, chunk int, trailers *headers.Fields) error {
	var fields headers.Fields
	if chunk > 0 {
		fields.Add("Transfer-Encoding", "chunked")
	} else {
		fields.Add("Content-Length", strconv.Itoa(len(content)))
		chunk = max(1, len(content))
	}
	out, err := p.m.AppendResponse(nil, status, "Fine", &fields)
	for err == nil && len(content) > 0 {
		n := min(len(content), chunk)
		if out, err = p.m.AppendContent(out, content[:n]); err != nil {
			break
		}
		content = content[n:]
		if len(out) > 32<<10 {
			if _, err = p.nc.Write(out); err != nil {
				return err
			}
			out = out[:0]
		}
	}
	if err == nil {
		out, err = p.m.AppendEnd(out, trailers)
	}
	if err != nil {
		return err
	}
	_, err = p.nc.Write(out)
	return err
}

// upgrade answers with 101 and, in the same write, the first octets of the other protocol. What the client has sent
// already is returned.
func (p *peer) upgrade(protocol, first string) (early []byte, err error) {
	var fields headers.Fields
	fields.Add("Connection", "Upgrade")
	fields.Add("Upgrade", protocol)
	out, err := p.m.AppendResponse(nil, 101, "Switching Protocols", &fields)
	if err != nil {
		return nil, err
	}
	_, err = p.nc.Write(append(out, first...))
	return p.in, err
}
