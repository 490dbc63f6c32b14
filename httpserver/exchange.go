package httpserver

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// exchange is one request and the response to it. Its memory serves one exchange of a connection after the
// other; gen tells them apart.
type exchange struct {
	c   *serverConn
	gen atomic.Uint64

	// The request. The head is copied: reading content moves the octets it came in.
	method   string
	raw      []byte
	target   []byte
	host     []byte
	form     wire.TargetForm
	version  wire.Version
	framing  body.Framing
	control  headers.Control
	fields   headers.Fields
	trailers headers.Fields
	ended    bool      // the content was read to its end
	readErr  error     // what ended reading before that
	began    time.Time // zero where nobody asks

	// send guards the response: a handler in full duplex may read, which sends 100 (Continue), while it
	// writes.
	send      sync.Mutex
	status    int    // 0 until it is set
	reason    string // "" is the phrase of the status
	out       headers.Fields
	end       headers.Fields // the trailer section to send
	buf       []byte         // content that waits to be sent
	committed bool           // the head was sent
	finished  bool
	aborted   bool // the connection is to be closed as it is
	last      bool // the connection closes behind the response
	declared  int64
	written   int64 // octets of content that the handler gave
	wireOut   int64 // octets of content that were sent
	failed    error // the first error of sending
	digits    [20]byte

	watch watch
	ctx   *requestContext
}

// begin takes the head of the next request.
func (x *exchange) begin(h *conn.Head) {
	x.gen.Add(1)
	x.method = method(h.Method)
	x.raw = append(x.raw[:0], h.Raw...)
	x.target = append(x.target[:0], h.Target...)
	x.host = append(x.host[:0], h.Host...)
	x.form, x.version, x.framing, x.control = h.Form, h.Version, h.Framing, h.Control
	x.fields.CopyFrom(&h.Fields)
	x.trailers.Reset()
	x.ended, x.readErr = false, nil
	x.c.loop.OnChunk = nil
	x.status, x.reason = 0, ""
	x.out.Reset()
	x.end.Reset()
	x.committed, x.finished, x.aborted, x.last = false, false, false, false
	x.declared, x.written, x.wireOut, x.failed = -1, 0, 0, nil
	x.watch.mu.Lock()
	x.watch.wanted, x.watch.over = false, false
	x.watch.mu.Unlock()
	x.began = time.Time{}
	if x.c.s.AccessLog != nil {
		x.began = time.Now()
	}
}

// over ends the exchange: what the handler held is stale.
func (x *exchange) over() {
	x.stopWatch()
	x.gen.Add(1)
	if x.buf != nil {
		x.c.loop.Drop(x.buf)
		x.buf = nil
	}
	if x.ctx != nil {
		x.ctx.cancel(context.Canceled)
		x.ctx = nil
	}
	x.c.loop.Shared = false
	x.c.loop.WriteBy = time.Time{}
	x.log()
}

// speaks11 reports whether both sides speak HTTP/1.1: whether chunks can be sent, and connections last unless
// somebody says otherwise.
func (x *exchange) speaks11() bool {
	return x.version.AtLeast11() && (x.c.s.Protocol == 0 || x.c.s.Protocol.AtLeast11())
}

// fresh reports whether the handler has done nothing to the response.
func (x *exchange) fresh() bool { return len(x.buf) == 0 && x.written == 0 && x.out.Len() == 0 }

// methods are those that are so common that their strings are made once.
var methods = [...]string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"}

func method(b []byte) string {
	for _, m := range methods {
		if string(b) == m {
			return m
		}
	}
	return string(b)
}
