package stdlib_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/test/differential/internal/fast"
	"github.com/strata-http/strata/test/differential/internal/lines"
	"github.com/strata-http/strata/test/differential/internal/stdlib"
)

// TestDrivers: the drivers in Go tell what is plain: whole messages, those that are cut short, those that are broken.
func TestDrivers(t *testing.T) {
	const chunked = "\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
	for _, tt := range []struct {
		c    lines.Case
		want string // verdict, body, messages and "reusable"
	}{
		{lines.Case{Side: lines.Client, Octets: []byte("HTTP/1.1 200 OK" + chunked)}, "accept hello reusable"},
		{lines.Case{Side: lines.Client, Octets: []byte("HTTP/1.1 200 OK" + chunked), EOF: true}, "accept hello reusable"},
		{lines.Case{Side: lines.Client, Octets: []byte("HTTP/1.1 200 OK\r\nConnection: close" + chunked)}, "accept hello"},
		{lines.Case{Side: lines.Client, Octets: []byte("HTTP/1.1 200 OK\r\n\r\nhello"), EOF: true}, "accept hello"},
		{lines.Case{Side: lines.Client, Octets: []byte("HTTP/1.1 200 OK\r\n\r\nhello")}, "hang"},
		{lines.Case{Side: lines.Client, Octets: []byte("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"), EOF: true}, "reject"},
		{lines.Case{Side: lines.Client, Octets: []byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), Method: "HEAD"}, "accept reusable"},
		{lines.Case{Side: lines.Client, Octets: []byte("nothing"), EOF: true}, "reject"},
		{lines.Case{Side: lines.Client, Octets: []byte("HTTP/1.1 2")}, "hang"},
		{lines.Case{Side: lines.Server, Octets: []byte("POST / HTTP/1.1\r\nHost: h" + chunked)}, "accept hello 1 reusable"},
		{lines.Case{Side: lines.Server, Octets: []byte("POST / HTTP/1.1\r\nHost: h" + chunked + "GET / HTTP/1.1\r\nHost: h\r\n\r\n"), EOF: true}, "accept hello 2 reusable"},
		{lines.Case{Side: lines.Server, Octets: []byte("GET / HTTP/1.0\r\n\r\n")}, "accept 1"},
		{lines.Case{Side: lines.Server, Octets: []byte("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhello")}, "hang"},
		{lines.Case{Side: lines.Server, Octets: []byte("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhello"), EOF: true}, "reject"},
		{lines.Case{Side: lines.Server, Octets: []byte("G ET\r\n\r\n")}, "reject"},
		{lines.Case{Side: lines.Server, Octets: []byte("GET / HT")}, "hang"},
	} {
		for name, got := range map[string]string{"net/http": ask(t, tt.c, true), "fasthttp": ask(t, tt.c, false)} {
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s: %q\n%s", name, tt.c.Octets, diff)
			}
		}
	}
}

// ask puts one case before a driver and sums up what it tells.
func ask(t *testing.T, c lines.Case, std bool) string {
	t.Helper()
	line, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	serve := fast.Serve
	if std {
		serve = stdlib.Serve
	}
	var out bytes.Buffer
	if err := serve(bytes.NewReader(append(line, '\n')), &out); err != nil {
		t.Fatal(err)
	}
	_, answer, _ := strings.Cut(out.String(), "\n")
	var r lines.Result
	if err := json.Unmarshal([]byte(answer), &r); err != nil {
		t.Fatal(err)
	}
	parts := []string{r.Verdict}
	if r.Verdict != lines.Accept {
		return r.Verdict
	}
	if len(*r.Body) > 0 {
		parts = append(parts, string(*r.Body))
	}
	if r.Messages != nil {
		parts = append(parts, string(rune('0'+*r.Messages)))
	}
	if *r.Reusable {
		parts = append(parts, "reusable")
	}
	return strings.Join(parts, " ")
}
