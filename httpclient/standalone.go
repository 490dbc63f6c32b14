package httpclient

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// ReadResponse reads the head of a response to a request of that method from r, and returns it with its
// content still to be read: what HTTPResponse(sock, method=…) and begin() of http.client do. It reads from r
// as much as it likes. options that are about receiving apply, and [WithResponseURL].
func ReadResponse(r io.Reader, method string, options ...Option) (Response, error) {
	dialer := transport.DialerFunc(func(context.Context, string, string) (net.Conn, error) { return readConn{r: r}, nil })
	c, err := New("response.invalid", append(options[:len(options):len(options)], WithDialer(dialer))...)
	if err != nil {
		return Response{}, err
	}
	ctx := context.Background()
	if err := c.SendRaw(ctx, nil, method); err != nil {
		return Response{}, err
	}
	return c.Response(ctx)
}

// WithResponseURL is what [Response.URL] returns for a response of [ReadResponse].
func WithResponseURL(url string) Option { return func(c *Conn) { c.url = url } }

// readConn is a connection that can only be read from.
type readConn struct{ r io.Reader }

var errReadOnly = errors.New("httpclient: a response that was read from a reader has no connection to write to")

func (c readConn) Read(p []byte) (int, error)       { return c.r.Read(p) }
func (c readConn) Write(p []byte) (int, error)      { return 0, errReadOnly }
func (c readConn) Close() error                     { return nil }
func (c readConn) LocalAddr() net.Addr              { return nil }
func (c readConn) RemoteAddr() net.Addr             { return nil }
func (c readConn) SetDeadline(time.Time) error      { return nil }
func (c readConn) SetReadDeadline(time.Time) error  { return nil }
func (c readConn) SetWriteDeadline(time.Time) error { return nil }
func (c readConn) Ready() (bool, error)             { return false, nil }

// ReadFields reads a field section, up to and with its empty line, and leaves r at what follows: what
// parse_headers of http.client does. The start-line must have been read. limits and lenient are those of a
// recipient; the error is [ErrHTTP], with a [*wire.SyntaxError] in it, or that of r.
func ReadFields(r *bufio.Reader, limits wire.Limits, lenient wire.Lenient) (*headers.Fields, error) {
	limits = limits.Resolved()
	parser := headers.Parser{
		Lenient: lenient | wire.AllowObsFold, Line: limits.Line, Section: limits.Section, Fields: limits.Fields,
		SectionRule: wire.RuleLimitSection,
	}
	parser.Start(0)
	var fields headers.Fields
	var data []byte
	for {
		line, err := r.ReadSlice('\n')
		data = append(data, line...)
		if err != nil && err != bufio.ErrBufferFull && err != io.EOF {
			return nil, err
		}
		_, ok, syntax := parser.Parse(&fields, data)
		switch {
		case syntax != nil:
			return nil, new(Conn).receiveError(syntax, true)
		case ok:
			return &fields, nil
		case err == io.EOF:
			return nil, new(Conn).syntaxError(&wire.SyntaxError{
				Rule: wire.RuleIncompleteHead, Element: wire.ElementFieldSection, Offset: int64(len(data)),
			})
		}
	}
}
