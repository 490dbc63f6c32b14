package conn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/wire"
)

// receive returns the error that octets end with, nil where they do not.
func receive(t *testing.T, role conn.Role, lenient wire.Lenient, octets string) error {
	t.Helper()
	c := conn.New(role, conn.Config{Lenient: lenient})
	if role == conn.Client {
		if _, err := c.AppendRaw(nil, nil, "GET"); err != nil {
			t.Fatal(err)
		}
	}
	data := []byte(octets)
	for {
		n, ev, err := c.Next(data, false)
		if err != nil {
			return err
		}
		if data = data[n:]; ev.Kind == conn.NeedData || ev.Kind == conn.Paused || ev.Kind == conn.Closed {
			return nil
		}
	}
}

// An error names the leniencies of its rule where one of them admits what was received, and there alone: a request has
// fewer of them than a response.
func TestErrorNamesWhatAdmits(t *testing.T) {
	for _, field := range []string{
		"a", ": b", "a : b", "a: \x01", "a: \x00", "a: \rb", "a\x00: b", "a(: b", "a: b\r\n c",
		"Content-Length: x", "Content-Length:", "Content-Length: -1", "Content-Length: 5, x",
		"Content-Length: 99999999999999999999", "Content-Length: 5\r\nContent-Length: 6",
		"Transfer-Encoding: chunked, chunked", "Transfer-Encoding: ,",
	} {
		for role, start := range map[conn.Role]string{
			conn.Client: "HTTP/1.1 200 OK\r\n", conn.Server: "POST / HTTP/1.1\r\nHost: a\r\n",
		} {
			octets := start + field + "\r\n\r\n"
			err := receive(t, role, 0, octets)
			var syntax *wire.SyntaxError
			if !errors.As(err, &syntax) {
				if err != nil || role != conn.Client || !strings.Contains(field, "\r\n ") {
					t.Errorf("%v %q: %v", role, field, err)
				}
				continue
			}
			admitted := syntax.Rule.Lenient() != 0 && receive(t, role, syntax.Rule.Lenient(), octets) == nil
			if named := strings.Contains(err.Error(), " would admit it"); named != admitted {
				t.Errorf("%v %q: named %v, admitted %v: %v", role, field, named, admitted, err)
			}
		}
	}
}
