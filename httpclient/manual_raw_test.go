package httpclient_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/httpclient"
)

// TestManualSendRaw: octets go out as they are, whole or in parts, and as many responses as methods are read.
func TestManualSendRaw(t *testing.T) {
	network := new(manualNetwork)
	t.Cleanup(network.Close)
	network.listen("example.org:80", network.recordAndSay(
		"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nspamHTTP/1.1 204 No Content\r\n\r\n"))
	c := manualConn(t, network, "example.org")
	for _, part := range []string{"HEAD  /\x00 HTTP/1.1\nContent-Length : 1\r", "\r\x80evil\n\r\n"} {
		if err := c.SendRaw(t.Context(), []byte(part)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Response(t.Context()); !errors.Is(err, httpclient.ErrResponseNotReady) {
			t.Errorf("a response to a part: %v", err)
		}
	}
	if err := c.SendRaw(t.Context(), []byte("\r\n"), "HEAD", "GET", "OPTIONS"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		status  int
		content string
	}{{200, ""}, {404, "spam"}, {204, ""}} {
		resp, err := c.Response(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		content, err := resp.ReadAll()
		if int(resp.Status()) != want.status || string(content) != want.content || err != nil || resp.URL() != "" {
			t.Errorf("%v, %q, %v, URL %q", resp.Status(), content, err, resp.URL())
		}
	}
	if diff := cmp.Diff("HEAD  /\x00 HTTP/1.1\nContent-Length : 1\r\r\x80evil\n\r\n\r\n", network.Written()); diff != "" {
		t.Errorf("on the wire (-want +got):\n%s", diff)
	}
	if dialled := network.Dialled(); len(dialled) != 1 {
		t.Errorf("dialled %v", dialled)
	}
}

// TestManualPipeline: several requests go out before the first response, and the responses come in order, each as
// its own request has it.
func TestManualPipeline(t *testing.T) {
	network := manualTestServe(t, "example.org:80", func(r manualRequest) string { return manualAnswer("200 OK", r.Method+" "+r.Target+" "+r.Content) })
	c := manualConn(t, network, "example.org")
	if err := c.Pipeline(4); err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("a", 100_000)
	requests := []struct{ method, target, content string }{{"GET", "/1", ""}, {"HEAD", "/2", ""}, {"PUT", "/3", large}, {"GET", "/4", ""}}
	for round := range 3 {
		for i, r := range requests {
			source := body.None()
			if r.content != "" {
				source = body.Reader(strings.NewReader(r.content))
			}
			if err := c.Request(t.Context(), r.method, r.target, nil, source); err != nil {
				t.Fatal(err)
			}
			if got := c.Unanswered(); got != i+1 {
				t.Errorf("%d unanswered, want %d", got, i+1)
			}
		}
		if err := c.Request(t.Context(), "GET", "/5", nil, body.None()); !errors.Is(err, httpclient.ErrCannotSendRequest) {
			t.Errorf("a fifth: %v", err)
		}
		for _, r := range requests {
			resp, err := c.Response(t.Context())
			if err != nil {
				t.Fatalf("round %d, %s: %v", round, r.target, err)
			}
			if r.method != "HEAD" {
				if _, err := c.Response(t.Context()); !errors.Is(err, httpclient.ErrResponseNotReady) {
					t.Errorf("a response before the end of another: %v", err)
				}
			}
			want := r.method + " " + r.target + " " + r.content
			if r.method == "HEAD" {
				want = ""
			}
			if got := manualMust(resp.ReadAll()); string(got) != want || resp.URL() != "http://example.org"+r.target {
				t.Errorf("%.30q of %s, want %.30q", got, resp.URL(), want)
			}
		}
		if _, err := c.Response(t.Context()); !errors.Is(err, httpclient.ErrResponseNotReady) {
			t.Errorf("a fifth response: %v", err)
		}
	}
	if dialled := network.Dialled(); len(dialled) != 1 {
		t.Errorf("dialled %v", dialled)
	}
}

// TestManualPipelineCut: a close in the middle tells which requests are unanswered; none is repeated, and the Conn
// can be used again.
func TestManualPipelineCut(t *testing.T) {
	answer := manualAnswer("200 OK", "spam")
	tests := []struct {
		name, said string
		answered   int
		want       error
	}{
		{"at once", "", 0, httpclient.ErrRemoteDisconnected},
		{"behind the first", answer, 1, httpclient.ErrRemoteDisconnected},
		{"behind the first, which says so", manualAnswer("200 OK", "spam", "Connection: close"), 1, httpclient.ErrRemoteDisconnected},
		{"within the second head", answer + "HTTP/1.1 200", 1, httpclient.ErrHTTP},
		{"behind the last", answer + answer + answer, 3, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			network := new(manualNetwork)
			t.Cleanup(network.Close)
			network.listen("example.org:80", func(nc net.Conn) {
				var rest []byte
				for range 3 {
					_, rest, _ = network.receive(nc, rest)
				}
				io.WriteString(nc, test.said)
			})
			c := manualConn(t, network, "example.org")
			manualCheck(c.Pipeline(3))
			for range 3 {
				if err := c.Request(t.Context(), "GET", "/", nil, body.None()); err != nil {
					t.Fatal(err)
				}
			}
			for range test.answered {
				resp, err := c.Response(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if content, err := resp.ReadAll(); string(content) != "spam" || err != nil {
					t.Errorf("%q, %v", content, err)
				}
			}
			if test.want != nil {
				if _, err := c.Response(t.Context()); !errors.Is(err, test.want) {
					t.Errorf("error %v, want %v", err, test.want)
				} else if test.want == httpclient.ErrRemoteDisconnected && !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("%v is no reset", err)
				}
				if c.Connected() {
					t.Error("connected")
				}
			}
			if got := c.Unanswered(); got != 3-test.answered {
				t.Errorf("%d unanswered, want %d", got, 3-test.answered)
			}
			network.Written()
			if err := c.Request(t.Context(), "GET", "/again", nil, body.None()); err != nil {
				t.Fatal(err)
			}
			if got := network.Written(); strings.Count(got, "HTTP/1.1") != 1 || c.Unanswered() != 1 {
				t.Errorf("written %q, %d unanswered", got, c.Unanswered())
			}
		})
	}
}

// TestManualHijack: what switches protocols gives a connection that begins with the octets behind the head.
func TestManualHijack(t *testing.T) {
	const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: spam\r\n\r\n"
	tests := []struct {
		name, method, target, said, early string
		switched                          bool
	}{
		{"upgrade", "GET", "/", switching, "", true},
		{"upgrade with early octets", "GET", "/", switching, "early ", true},
		{"CONNECT", "CONNECT", "far.example:443", "HTTP/1.1 200 OK\r\n\r\n", "early ", true},
		{"refused upgrade", "GET", "/", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			network := new(manualNetwork)
			t.Cleanup(network.Close)
			network.listen("example.org:80", func(nc net.Conn) {
				if _, _, ok := network.receive(nc, nil); ok {
					io.WriteString(nc, test.said+test.early)
					io.Copy(nc, nc) // the other protocol: an echo
				}
			})
			c := manualConn(t, network, "example.org")
			fields := manualFields("Connection: upgrade", "Upgrade: spam")
			resp, err := c.Do(t.Context(), test.method, test.target, fields, body.None())
			if err != nil {
				t.Fatal(err)
			}
			if resp.Switched() != test.switched {
				t.Fatalf("switched %v", resp.Switched())
			}
			if _, err := resp.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("content of a response without any: %v", err)
			}
			nc, err := resp.Hijack()
			if !test.switched {
				if !errors.Is(err, httpclient.ErrImproperState) || !c.Connected() {
					t.Errorf("Hijack: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			if c.Connected() {
				t.Error("the Conn has kept the connection")
			}
			io.WriteString(nc, "spam")
			want := test.early + "spam"
			got := make([]byte, len(want))
			if _, err := io.ReadFull(nc, got); err != nil || string(got) != want {
				t.Errorf("read %q, %v, want %q", got, err, want)
			}
			if _, err := resp.Hijack(); !errors.Is(err, httpclient.ErrResponseClosed) {
				t.Errorf("a second time: %v", err)
			}
			if _, err := c.Do(t.Context(), test.method, test.target, fields, body.None()); err != nil {
				t.Errorf("the Conn cannot be used again: %v", err)
			}
		})
	}
}

// TestManualInterim: interim responses are told in order, on their way to the final one; an error ends the
// exchange.
func TestManualInterim(t *testing.T) {
	answer := "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + manualAnswer("200 OK", "spam")
	var told []int
	refuse := 0
	interim := httpclient.WithInterim(func(h *conn.Head) error {
		told = append(told, h.Status)
		if h.Status == refuse {
			return errManualHook
		}
		return nil
	})
	resp, end := manualGet(answer, interim)
	if content, err := resp.ReadAll(); resp.Status() != 200 || string(content) != "spam" || err != nil {
		t.Errorf("%v, %q, %v", resp.Status(), content, err)
	}
	end()
	refuse = 103
	if err := manualError(answer, interim); err != errManualHook {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff([]int{100, 103, 100, 103}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
