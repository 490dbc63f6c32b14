package httpclient_test

import (
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// TestDebugHead: debugging shows the field lines that the response has, and their octets unchanged where they
// are printable.
func TestDebugHead(t *testing.T) {
	tests := []struct {
		name    string
		lenient wire.Lenient
		octets  string
		want    string
	}{
		{
			name:   "quotes and backslashes",
			octets: "HTTP/1.1 200 OK\r\nA: C:\\d 'x' \"y\" \\'\r\nB: \xe9\r\n\r\n",
			want:   "reply: 'HTTP/1.1 200 OK\\r\\n'\nheader: A: C:\\d 'x' \"y\" \\'\nheader: B: \\xe9\n",
		},
		{
			name:   "a fold",
			octets: "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
			want:   "reply: 'HTTP/1.1 200 OK\\r\\n'\nheader: A: b c\n",
		},
		{
			name: "a line that ends the section", lenient: wire.LenientHTTPClient,
			octets: "HTTP/1.1 200 OK\r\nA: b\r\njunk\r\nC: d\r\n\r\n",
			want:   "reply: 'HTTP/1.1 200 OK\\r\\n'\nheader: A: b\n",
		},
		{
			name: "a line that is skipped", lenient: wire.AllowBadLineSkipped,
			octets: "HTTP/1.1 200 OK\r\nA: b\r\njunk\r\nC: d\r\n\r\n",
			want:   "reply: 'HTTP/1.1 200 OK\\r\\n'\nheader: A: b\nheader: C: d\n",
		},
		{name: "HTTP/0.9", lenient: wire.AllowHTTP09, octets: "hello", want: ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var debug strings.Builder
			_, err := httpclient.ReadResponse(strings.NewReader(test.octets), "GET",
				httpclient.WithDebug(&debug), httpclient.WithLenient(test.lenient))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, debug.String()); diff != "" {
				t.Errorf("debugging output (-want +got):\n%s", diff)
			}
		})
	}
}

// A server that closes without a word is a reset and a bad status-line, which is empty, at once.
func TestRemoteDisconnectedIsBoth(t *testing.T) {
	_, err := httpclient.ReadResponse(strings.NewReader(""), "GET")
	var line *httpclient.BadStatusLineError
	if !errors.Is(err, httpclient.ErrRemoteDisconnected) || !errors.Is(err, syscall.ECONNRESET) || !errors.As(err, &line) || line.Line != "" {
		t.Errorf("%v", err)
	}
}
