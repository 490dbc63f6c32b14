package httpclient

import (
	"crypto/tls"
	"time"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// Option changes how a [Conn] is made.
type Option func(*Conn)

// Timeouts are limits for the phases of an exchange. A zero is no limit.
type Timeouts struct {
	Dial      time.Duration // opening the connection
	TLS       time.Duration // the handshake
	Write     time.Duration // each write that makes no progress
	FirstByte time.Duration // from the end of the request to the first octet of the response
	Head      time.Duration // from the end of the request to the end of the head of the final response
	Between   time.Duration // between octets of the response
	Continue  time.Duration // waiting for 100 (Continue); 0 is one second
	Total     time.Duration // from the request to the end of the response, dialling included
}

// WithDialer opens connections by d. For a Conn of NewTLS, TLS is made above it. Without it that is
// [transport.TCP].
func WithDialer(d transport.Dialer) Option {
	return func(c *Conn) {
		if c.dialer = d; d == nil {
			c.dialer = transport.TCP{}
		}
	}
}

// WithPort is for a port that is known as a number: New("example.org", WithPort(8080)). With a host that has
// another port it is [ErrInvalidURL].
func WithPort(port int) Option { return func(c *Conn) { c.port = port } }

// WithTLSConfig makes TLS by config, used as it is but for a missing ServerName. Without it the
// certificate is verified against the system's roots and the host's name, and ALPN offers http/1.1.
func WithTLSConfig(config *tls.Config) Option {
	return func(c *Conn) { c.tls.Config, c.tlsOwned = config, false }
}

// WithTLS makes TLS by t, whose Dialer is not used. It is for another TLS stack (see
// [transport.TLS].Handshake).
func WithTLS(t transport.TLS) Option {
	return func(c *Conn) { c.tls, c.tlsOwned = t, false }
}

// WithTimeouts sets time-outs by phase.
func WithTimeouts(t Timeouts) Option { return func(c *Conn) { c.timeouts = t } }

// WithTimeout sets one time-out for every single step: dialling, the handshake, each write, each wait for
// octets. It is what the timeout of http.client is.
func WithTimeout(d time.Duration) Option {
	return WithTimeouts(Timeouts{Dial: d, TLS: d, Write: d, FirstByte: d, Between: d})
}

// WithLimits bounds what the server can send.
func WithLimits(l wire.Limits) Option { return func(c *Conn) { c.config.Limits = l } }

// WithLenient admits deviations in what the server sends.
func WithLenient(l wire.Lenient) Option { return func(c *Conn) { c.config.Lenient = l } }

// WithCodings takes responses with transfer codings other than chunked, and delivers their content with
// these codings on it. Without it such a response is [ErrUnknownTransferEncoding].
func WithCodings() Option { return func(c *Conn) { c.config.Codings = true } }

// WithObsTarget lets octets of 0x80 and above stand in a request-target, as they were typed.
func WithObsTarget() Option { return func(c *Conn) { c.config.ObsTarget = true } }

// WithHTTP10 sends requests of HTTP/1.0, without automatic Host and Accept-Encoding. Content of unknown
// length cannot be sent so.
func WithHTTP10() Option { return func(c *Conn) { c.config.Version = wire.HTTP10 } }

// WithInterim calls f for each interim response, such as 103 (Early Hints), in the goroutine that sends
// or waits. The head holds for that call. An error of f ends the exchange and is returned.
func WithInterim(f func(*conn.Head) error) Option { return func(c *Conn) { c.interim = f } }

// WithBlockSize sets how many octets are read from a reader at a time, to be sent as one chunk where the
// request is chunked. The default is 16 KiB, and 16 MiB the most.
func WithBlockSize(n int) Option { return func(c *Conn) { c.blockSize = min(n, 16<<20) } }

// WithFullDuplex lets the content of a request be sent on when the final response has begun: then
// [Conn.Request] and [Conn.Do] return while it is being sent. It is sent until its end, until the Response
// is closed, or until [Conn.Close]; a Response that was read to its end is to be closed too, since the
// connection is used again only when the request has been sent whole. What goes wrong with the content then
// is seen in that alone. The content must not be touched before.
func WithFullDuplex() Option { return func(c *Conn) { c.duplex = true } }

// WithoutAutomaticFields sends the fields of a request as they are given and adds none: no Host, no
// Accept-Encoding, nothing that frames content. What HTTP/1.1 then lacks is refused before anything is
// written.
func WithoutAutomaticFields() Option { return func(c *Conn) { c.asGiven = true } }

// WithoutReconnect keeps a Conn from dialling on its own: a request without a connection is
// [ErrNotConnected] until [Conn.Connect] is called.
func WithoutReconnect() Option { return func(c *Conn) { c.manual = true } }
