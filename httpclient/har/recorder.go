package har

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http/httptrace"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
)

// DefaultMaxContent is how many octets of each content are kept unless [MaxContent] says otherwise.
const DefaultMaxContent = 1 << 20

// Redacted stands where a credential was.
const Redacted = "[redacted]"

// A Recorder collects the exchanges of any number of connections. It may be used by several goroutines at once.
type Recorder struct {
	maxContent  int
	credentials bool
	redact      []func(*Entry)

	mu          sync.Mutex
	entries     []finished
	connections int
}

// finished is an entry with what orders it.
type finished struct {
	Entry
	started time.Time
}

// RecorderOption changes how a [Recorder] is made.
type RecorderOption func(*Recorder)

// MaxContent sets how many octets of the content of each request, and of each response, are kept. What there is beyond
// is counted, and a comment says that the text is a part. 0 keeps none, a negative number all.
func MaxContent(octets int) RecorderOption { return func(r *Recorder) { r.maxContent = octets } }

// Redact calls f with each entry before it is kept, so that it can remove what must not be written down. Given more
// than once, all are called, in their order.
func Redact(f func(*Entry)) RecorderOption {
	return func(r *Recorder) { r.redact = append(r.redact, f) }
}

// KeepCredentials keeps the values of Authorization, Proxy-Authorization, Cookie and Set-Cookie, and those of cookies,
// in whose place [Redacted] stands otherwise. What is sent to a proxy is hidden by package httpclient even then.
func KeepCredentials() RecorderOption { return func(r *Recorder) { r.credentials = true } }

// NewRecorder returns a Recorder without entries.
func NewRecorder(options ...RecorderOption) *Recorder {
	r := &Recorder{maxContent: DefaultMaxContent}
	for _, o := range options {
		if o != nil {
			o(r)
		}
	}
	return r
}

// Option has a Conn recorded. It may be given to any number of them.
//
// Requests that are sent by SendRaw, and CONNECT requests to a proxy, are no entries.
func (r *Recorder) Option() httpclient.Option {
	return func(c *httpclient.Conn) { r.trace(c) }
}

// OptionFor is [Recorder.Option] and [httpclient.WithDialer] with d, nil being [transport.TCP]: a connection that is
// dialled so has the time of name resolution in Timings.DNS, which else is a part of Connect.
func (r *Recorder) OptionFor(d transport.Dialer) httpclient.Option {
	if d == nil {
		d = transport.TCP{}
	}
	return func(c *httpclient.Conn) {
		t := r.trace(c)
		httpclient.WithDialer(transport.DialerFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			return d.DialContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
				DNSStart: func(httptrace.DNSStartInfo) { t.resolving(true) },
				DNSDone:  func(httptrace.DNSDoneInfo) { t.resolving(false) },
			}), network, address)
		}))(c)
	}
}

func (r *Recorder) trace(c *httpclient.Conn) *tracer {
	t := &tracer{recorder: r, conn: c}
	httpclient.WithTrace(t.hooks())(c)
	return t
}

// connection numbers a connection.
func (r *Recorder) connection() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.connections++
	return r.connections
}

// keep adds an entry.
func (r *Recorder) keep(e Entry, started time.Time) {
	if !r.credentials {
		redactCredentials(&e)
	}
	for _, f := range r.redact {
		f(&e)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries = append(r.entries, finished{e, started})
}

func redactCredentials(e *Entry) {
	for _, pairs := range [][]Pair{e.Request.Headers, e.Response.Headers} {
		for i := range pairs {
			switch strings.ToLower(pairs[i].Name) {
			case "authorization", "proxy-authorization", "cookie", "set-cookie":
				pairs[i].Value = Redacted
			}
		}
	}
	for _, cookies := range [][]Cookie{e.Request.Cookies, e.Response.Cookies} {
		for i := range cookies {
			cookies[i].Value = Redacted
		}
	}
}

// Archive returns what was recorded so far: the exchanges that are over, in the order in which they were started. One
// is over when the last octet of its response was read, or its connection was closed.
func (r *Recorder) Archive() *Archive {
	r.mu.Lock()
	defer r.mu.Unlock()
	ordered := slices.Clone(r.entries)
	slices.SortStableFunc(ordered, func(a, b finished) int { return a.started.Compare(b.started) })
	a := &Archive{Log{Version: "1.2", Creator: Creator{Name: "strata", Version: version()}, Entries: []Entry{}}}
	for _, e := range ordered {
		a.Log.Entries = append(a.Log.Entries, e.Entry)
	}
	return a
}

// WriteTo writes [Recorder.Archive] to w as JSON.
func (r *Recorder) WriteTo(w io.Writer) (int64, error) {
	text, err := json.MarshalIndent(r.Archive(), "", "  ")
	if err != nil {
		return 0, err
	}
	n, err := w.Write(append(text, '\n'))
	return int64(n), err
}

// version is that of this module in the program, or "devel" where it is not known.
var version = sync.OnceValue(func() string {
	const path = "github.com/strata-http/strata"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == path && m.Version != "" && m.Version != "(devel)" {
				return m.Version
			}
		}
	}
	return "devel"
})
