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
	ended    atomic.Bool                  // the content was read to its end
	readErr  atomic.Pointer[RequestError] // what ended reading before that
	bodyBy   time.Time                    // when the content has to be complete, by Timeouts
	began    time.Time                    // zero where nobody asks

	// send guards the response: a handler in full duplex may read, which sends 100 (Continue), while it
	// writes.
	send      sync.Mutex
	status    int    // 0 until it is set
	reason    string // "" is the phrase of the status
	out       headers.Fields
	end       headers.Fields                // the trailer section to send
	buf       []byte                        // content that waits to be sent
	onHead    func(*headers.Fields, []byte) // what BeforeHead was given, until it is called
	first     []byte                        // content that is about to be sent past buf, for onHead
	noDate    bool
	committed bool // the head was sent
	chunked   bool // and the content is in chunks
	delimited bool // and the end of the content shows, by them or by Content-Length
	finished  bool
	aborted   bool // the connection is to be closed as it is
	last      bool // the connection closes behind the response
	declared  int64
	written   int64 // octets of content that the handler gave
	wireOut   int64 // octets of content that were sent
	failed    error // the first error of sending
	digits    [20]byte

	watch watch
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
	x.ended.Store(false)
	x.readErr.Store(nil)
	x.bodyBy = time.Time{}
	x.c.loop.OnChunk = nil
	x.status, x.reason = 0, ""
	x.out.Reset()
	x.end.Reset()
	x.onHead, x.noDate, x.chunked, x.delimited = nil, false, false, false
	x.committed, x.finished, x.aborted, x.last = false, false, false, false
	x.declared, x.written, x.wireOut, x.failed = -1, 0, 0, nil
	x.watch.begin(x.gen.Load())
	x.began = time.Time{}
	if x.c.s.AccessLog != nil {
		x.began = time.Now()
	}
}

// over ends the exchange: what the handler held is stale.
func (x *exchange) over() {
	x.stopWatch()
	x.stale()
	if x.buf != nil {
		x.c.loop.Drop(x.buf)
		x.buf = nil
	}
	x.endContext(context.Canceled, true)
	x.onHead = nil
	x.c.loop.Shared = false
	x.c.loop.WriteBy = time.Time{}
	x.log()
}

// stale ends what the handler was given. Behind it no goroutine that the handler has left changes the response.
func (x *exchange) stale() {
	x.send.Lock()
	x.gen.Add(1)
	x.send.Unlock()
}

// mostKept is for how many octets of heads and sections a connection keeps memory, each, from one exchange to the
// next. Many clients that send a large head each, and then fall silent, must not cost a server much.
const mostKept = 4 << 10

// shed drops memory that was needed for an exchange of unusual size.
func (x *exchange) shed() {
	if cap(x.raw) > mostKept {
		x.raw, x.target, x.host, x.fields = nil, nil, nil, headers.Fields{}
	}
	for _, f := range [...]*headers.Fields{&x.fields, &x.trailers, &x.out, &x.end} {
		if weight(f) > mostKept {
			*f = headers.Fields{}
		}
	}
}

// weight returns about how many octets f takes.
func weight(f *headers.Fields) (octets int) {
	const line = 16 // to find its name and value by
	for name, value := range f.All() {
		octets += len(name) + len(value) + line
	}
	return octets
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
