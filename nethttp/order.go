package nethttp

import (
	"context"
	"net/http"
	"slices"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// settings are what a context says about the requests that are sent with it.
type settings struct {
	order    []ordered
	received *Received
}

type settingsKey struct{}

func settingsOf(ctx context.Context) *settings {
	s, _ := ctx.Value(settingsKey{}).(*settings)
	return s
}

func withSettings(ctx context.Context, change func(*settings)) context.Context {
	var s settings
	if old := settingsOf(ctx); old != nil {
		s = *old
	}
	change(&s)
	return context.WithValue(ctx, settingsKey{}, &s)
}

// ordered is a place in the order of field lines.
type ordered struct {
	name, value string
	valued      bool // value is the line's, else that of the request's header
}

// WithOrder returns a context that gives the requests sent with it an order of field lines, and their names a case: those that are
// named come first, as they are named here, the others behind them as without it. A name that the request has no field of is
// passed over; for one with several values, each mention is the place of one, the last mention that of all that are left. What a
// Transport adds, such as Host, User-Agent and Content-Length, has its place too. It takes the place of an earlier WithOrder
// or [WithFields].
func WithOrder(ctx context.Context, names ...string) context.Context {
	order := make([]ordered, len(names))
	for i, name := range names {
		order[i].name = name
	}
	return withSettings(ctx, func(s *settings) { s.order = order })
}

// WithFields returns a context that gives the requests sent with it field lines of their own: those of fields go out first,
// in their order and case and with duplicates, in the place of all that Request.Header and the Transport have of these names. What
// it has of other names follows. fields is copied. An invalid line fails the request before anything is written.
//
// Content-Length, Transfer-Encoding and Trailer only find their place here: their values are those of the request. And when an
// http.Client follows a redirect, so do Host and what may be secret, Authorization, Cookie and their like, of which the Client
// decides whether the next server may see them.
func WithFields(ctx context.Context, fields *headers.Fields) context.Context {
	var order []ordered
	for name, value := range fields.All() {
		order = append(order, ordered{name: string(name), value: string(value), valued: !isFraming(string(name))})
	}
	return withSettings(ctx, func(s *settings) { s.order = order })
}

func isFraming(name string) bool {
	return wire.EqualFold(name, "Content-Length") || wire.EqualFold(name, "Transfer-Encoding") || wire.EqualFold(name, "Trailer")
}

// bound are the fields that are for one server alone.
var bound = []string{
	"Host", "Authorization", "Cookie", "Cookie2", "Proxy-Authorization", "Www-Authenticate", "Proxy-Authenticate",
}

// line is a field line to be sent, or that was received.
type line struct{ name, value string }

// arrange returns lines in an order. redirected says that the request follows a redirect. spare is memory to use.
func arrange(lines []line, order []ordered, redirected bool, spare []line) []line {
	out := spare[:0]
	for i, o := range order {
		if o.valued && !(redirected && slices.ContainsFunc(bound, func(b string) bool { return wire.EqualFold(b, o.name) })) {
			out = append(out, line{o.name, o.value})
			drop(lines, o.name)
			continue
		}
		last := !slices.ContainsFunc(order[i+1:], func(later ordered) bool { return wire.EqualFold(later.name, o.name) })
		for j := range lines {
			if wire.EqualFold(lines[j].name, o.name) {
				out = append(out, line{o.name, lines[j].value})
				lines[j].name = ""
				if !last {
					break
				}
			}
		}
	}
	for _, l := range lines {
		if l.name != "" {
			out = append(out, l)
		}
	}
	return out
}

// drop forgets the lines of a name.
func drop(lines []line, name string) {
	for i := range lines {
		if wire.EqualFold(lines[i].name, name) {
			lines[i].name = ""
		}
	}
}

// Received is filled in with the field sections of responses as they came.
type Received struct {
	// Head is the octets of the head of the last response.
	Head []byte
	// Fields is its header section, in order and case, Trailers its trailer section, once the content was read to its
	// end.
	Fields, Trailers headers.Fields

	resp *http.Response
}

// WithReceived returns a context that has r filled in by each response to a request sent with it; it must not be shared by
// requests at a time. [FieldsOf] needs it only where something stands around the body of the response, as an http.Client with
// a Timeout puts there.
func WithReceived(ctx context.Context, r *Received) context.Context {
	return withSettings(ctx, func(s *settings) { s.received = r })
}

// received is what the body of a response knows.
type received interface {
	fields() *headers.Fields
	trailers() *headers.Fields
}

// FieldsOf returns the header section of a response of a [Transport], in order and case, and nil where it cannot be found: when it
// is the response of something else, or when its body was replaced and the request had no [WithReceived].
func FieldsOf(resp *http.Response) *headers.Fields {
	if b, ok := resp.Body.(received); ok {
		return b.fields()
	}
	if r := receivedBy(resp); r != nil {
		return &r.Fields
	}
	return nil
}

// TrailersOf is FieldsOf for the trailer section, which is empty before the content was read to its end.
func TrailersOf(resp *http.Response) *headers.Fields {
	if b, ok := resp.Body.(received); ok {
		return b.trailers()
	}
	if r := receivedBy(resp); r != nil {
		return &r.Trailers
	}
	return nil
}

func receivedBy(resp *http.Response) *Received {
	if resp.Request == nil {
		return nil
	}
	if s := settingsOf(resp.Request.Context()); s != nil && s.received != nil && s.received.resp == resp {
		return s.received
	}
	return nil
}
