package nethttp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/nethttp"
)

// sent sends req with ctx and returns the field lines that the server gets.
func sent(t *testing.T, ctx context.Context, method, content string, h http.Header) (lines []string, err error) {
	t.Helper()
	heads := make(chan string, 1)
	r := &run{T: t}
	r.url = "http://" + r.serveRaw(func(_ *run, p *peer) {
		heads <- p.head()
		p.octets(len(content))
		p.send(okHello)
		p.hold()
	})
	rt := &nethttp.Transport{}
	defer rt.CloseIdleConnections()
	req := r.request(method, "/", strings.NewReader(content)).WithContext(ctx)
	req.Host = "example.org"
	req.Header = h
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	_, fields, _ := strings.Cut(<-heads, "\r\n")
	return strings.Split(strings.TrimSuffix(fields, "\r\n\r\n"), "\r\n"), nil
}

func fields(pairs ...string) *headers.Fields {
	f := new(headers.Fields)
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

func TestOrder(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name string
		ctx  context.Context
		h    http.Header
		want []string
	}{
		{"none", ctx, http.Header{"X-B": {"1"}, "X-A": {"2"}}, []string{
			"Host: example.org", "User-Agent: strata", "Content-Length: 5", "X-A: 2", "X-B: 1", "Accept-Encoding: gzip",
		}},
		{"order", nethttp.WithOrder(ctx, "x-b", "CONTENT-LENGTH", "X-None", "host"), http.Header{"X-B": {"1"}, "X-A": {"2"}}, []string{
			"x-b: 1", "CONTENT-LENGTH: 5", "host: example.org", "User-Agent: strata", "X-A: 2", "Accept-Encoding: gzip",
		}},
		{"duplicates", nethttp.WithOrder(ctx, "a", "Host", "A", "B", "a"), http.Header{"A": {"1", "2", "3", "4"}, "B": {"5", "6"}}, []string{
			"a: 1", "Host: example.org", "A: 2", "B: 5", "B: 6", "a: 3", "a: 4", "User-Agent: strata", "Content-Length: 5",
			"Accept-Encoding: gzip",
		}},
		{"fields", nethttp.WithFields(ctx, fields("x-b", "7", "HOST", "other.example", "x-b", "8", "content-length", "99", "user-agent", "me", "Accept-Encoding", "identity")),
			http.Header{"X-B": {"1"}, "X-A": {"2"}}, []string{
				"x-b: 7", "HOST: other.example", "x-b: 8", "content-length: 5", "user-agent: me", "Accept-Encoding: identity", "X-A: 2",
			}},
		{"the later counts", nethttp.WithOrder(nethttp.WithFields(ctx, fields("x", "1")), "x-a"), http.Header{"X-A": {"2"}}, []string{
			"x-a: 2", "Host: example.org", "User-Agent: strata", "Content-Length: 5", "Accept-Encoding: gzip",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := sent(t, c.ctx, "POST", "hello", c.h)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("field lines (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFieldsRefused: what cannot be sent is refused, and nothing of it is written.
func TestFieldsRefused(t *testing.T) {
	for _, f := range []*headers.Fields{fields("a b", "c"), fields("a", "b\r\nc: d"), fields("Host", "a\x00b"), fields("Host", "a", "Host", "b")} {
		_, err := sent(t, nethttp.WithFields(context.Background(), f), "GET", "", http.Header{})
		if err == nil {
			t.Errorf("%v was sent", f)
		}
	}
}

// TestFieldsRedirected: what an http.Client does not show the next server, WithFields does not show it either.
func TestFieldsRedirected(t *testing.T) {
	seen := make(chan http.Header, 1)
	second := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		h := r.Header.Clone()
		h.Set("Host", r.Host)
		seen <- h
	}))
	defer second.Close()
	first := httptest.NewServer(http.RedirectHandler(second.URL, http.StatusFound))
	defer first.Close()
	rt := &nethttp.Transport{}
	defer rt.CloseIdleConnections()
	f := fields("Authorization", "Bearer secret", "cookie", "a=secret", "Proxy-Authorization", "secret", "X-Kept", "1", "Host", "first.example")
	req, _ := http.NewRequestWithContext(nethttp.WithFields(t.Context(), f), "GET", first.URL, nil)
	resp, err := (&http.Client{Transport: rt}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	h := <-seen
	if strings.Contains(strings.Join(append(append(h["Authorization"], h["Cookie"]...), h["Proxy-Authorization"]...), ""), "secret") {
		t.Errorf("the second server sees %v", h)
	}
	if h.Get("X-Kept") != "1" || h.Get("Host") != strings.TrimPrefix(second.URL, "http://") {
		t.Errorf("the second server sees %v", h)
	}
}

// TestReceived: field sections of responses, in order and case.
func TestReceived(t *testing.T) {
	const answer = "HTTP/1.1 200 OK\r\nx-B: 1\r\nX-a: 2\r\nX-b: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nz-SUM: 9\r\n\r\n"
	const want = "x-B: 1\nX-a: 2\nX-b: 3\nTransfer-Encoding: chunked\n"
	r := &run{T: t}
	r.url = "http://" + r.serveRaw(always(answer))
	rt := &nethttp.Transport{}
	defer rt.CloseIdleConnections()
	for _, c := range []struct {
		name   string
		client *http.Client
		with   bool
	}{
		{"body", &http.Client{Transport: rt}, false},
		{"context", &http.Client{Transport: rt, Timeout: 1 << 40}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := r.request("GET", "/", nil)
			var got nethttp.Received
			if c.with {
				req = req.WithContext(nethttp.WithReceived(req.Context(), &got))
			}
			resp, err := c.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if s := nethttp.FieldsOf(resp).String(); s != want {
				t.Errorf("fields %q", s)
			}
			if n := nethttp.TrailersOf(resp).Len(); n != 0 {
				t.Errorf("%d trailers before the end", n)
			}
			io.ReadAll(resp.Body)
			if s := nethttp.TrailersOf(resp).String(); s != "z-SUM: 9\n" {
				t.Errorf("trailers %q", s)
			}
			if c.with && string(got.Head) != answer[:strings.Index(answer, "5\r\nhello")] {
				t.Errorf("head %q", got.Head)
			}
		})
	}
	if nethttp.FieldsOf(&http.Response{Body: http.NoBody}) != nil || nethttp.TrailersOf(&http.Response{Body: http.NoBody}) != nil {
		t.Error("fields of a response of something else")
	}
}
