package httpclient

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// WithDebug writes to w what http.client prints after set_debuglevel(1): a line "send:" for each write, with
// its octets as Python shows bytes; "reply:" with the status-line, and "header:" for each field line. Octets
// that are not printable are escaped, and the values of Proxy-Authorization fields are asterisks. w is used by one
// goroutine at a time.
func WithDebug(w io.Writer) Option {
	return func(c *Conn) {
		var mu sync.Mutex // an interim response may come in another goroutine while a write goes on
		head := func(raw []byte) {
			mu.Lock()
			defer mu.Unlock()
			debugHead(w, raw, c.config.Lenient)
		}
		WithTrace(&Trace{
			BytesOut: func(octets []byte) {
				mu.Lock()
				defer mu.Unlock()
				fmt.Fprintf(w, "send: b%s\n", quotePython(octets))
			},
			ProxyHead: head, InterimHead: head, ResponseHead: head,
		})(c)
	}
}

// debugHead prints the head of a response. It was parsed once already, with that leniency, which decides
// what is a field line.
func debugHead(w io.Writer, raw []byte, lenient wire.Lenient) {
	if len(raw) == 0 {
		return // a response of HTTP/0.9 has no head
	}
	end := bytes.IndexByte(raw, '\n') + 1
	fmt.Fprintf(w, "reply: %s\n", quotePython(raw[:end]))
	var fields headers.Fields
	parser := headers.Parser{
		Lenient: lenient | wire.AllowObsFold, Line: len(raw), Section: len(raw), Fields: len(raw),
		SectionRule: wire.RuleLimitSection,
	}
	parser.Start(0)
	if _, ok, err := parser.Parse(&fields, raw[end:]); !ok || err != nil {
		return
	}
	for name, value := range fields.All() {
		fmt.Fprintf(w, "header: %s: %s\n", name, printable(value))
	}
}

// quotePython quotes octets as Python's repr does.
func quotePython(b []byte) string {
	quote := byte('\'')
	if bytes.IndexByte(b, '\'') >= 0 && bytes.IndexByte(b, '"') < 0 {
		quote = '"'
	}
	var s strings.Builder
	s.WriteByte(quote)
	for _, c := range b {
		switch {
		case c == quote || c == '\\':
			s.WriteByte('\\')
			s.WriteByte(c)
		case c == '\r':
			s.WriteString(`\r`)
		case c == '\n':
			s.WriteString(`\n`)
		case c == '\t':
			s.WriteString(`\t`)
		case c < ' ' || c > '~':
			fmt.Fprintf(&s, `\x%02x`, c)
		default:
			s.WriteByte(c)
		}
	}
	s.WriteByte(quote)
	return s.String()
}

// printable returns b with what a terminal should not be sent escaped; quotes and backslashes stay.
func printable(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		if c == '\'' || c == '"' || c == '\\' {
			s.WriteByte(c)
			continue
		}
		q := quotePython([]byte{c})
		s.WriteString(q[1 : len(q)-1])
	}
	return s.String()
}

// WithLogger logs what happens to l, at level Debug, as structured events: "dial", "tls", "send", "receive",
// "state", "proxy", "interim", "response", "end", "close". Octets are logged as their number, never as content.
func WithLogger(l *slog.Logger) Option {
	return WithTrace(&Trace{
		Trace: transport.Trace{
			DialStart: func(network, address string) { l.Debug("dial", "network", network, "address", address) },
			DialDone: func(_ net.Conn, err error) {
				if err != nil {
					l.Debug("dial failed", "error", err)
				}
			},
			TLSStart: func(host string) { l.Debug("tls", "host", host) },
			TLSDone: func(s tls.ConnectionState, err error) {
				if err != nil {
					l.Debug("tls failed", "error", err)
					return
				}
				l.Debug("tls done", "version", tls.VersionName(s.Version), "alpn", s.NegotiatedProtocol)
			},
		},
		BytesOut: func(b []byte) { l.Debug("send", "octets", len(b)) },
		BytesIn:  func(b []byte) { l.Debug("receive", "octets", len(b)) },
		State: func(party conn.Role, from, to conn.State) {
			l.Debug("state", "party", party.String(), "from", from.String(), "to", to.String())
		},
		ProxyHead:    func(raw []byte) { l.Debug("proxy", "line", firstLine(raw)) },
		InterimHead:  func(raw []byte) { l.Debug("interim", "line", firstLine(raw)) },
		ResponseHead: func(raw []byte) { l.Debug("response", "line", firstLine(raw)) },
		LastByte:     func() { l.Debug("end") },
		Closed:       func(reason string) { l.Debug("close", "reason", reason) },
	})
}

// firstLine returns the start-line of a head, without its line end.
func firstLine(raw []byte) string {
	line, _, _ := bytes.Cut(raw, []byte{'\n'})
	return printable(bytes.TrimSuffix(line, []byte{'\r'}))
}
