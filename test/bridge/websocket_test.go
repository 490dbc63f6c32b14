package bridge

import (
	"context"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/strata-http/strata/nethttp"
)

// TestWebSocket: an echo, with a server of Strata alone, and through a ReverseProxy whose both sides are Strata's, by clients over
// net/http and over Strata, and curl's handshake.
func TestWebSocket(t *testing.T) {
	direct := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(1 << 20)
		for {
			kind, message, err := c.Read(r.Context())
			if err != nil {
				return
			}
			if err := c.Write(r.Context(), kind, message); err != nil {
				return
			}
		}
	}))
	transport := nethttp.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	proxied := serve(t, &httputil.ReverseProxy{Transport: transport, ErrorLog: quiet, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: direct})
		r.Out.Host = r.In.Host
	}})
	for _, address := range []string{direct, proxied} {
		for _, rt := range []http.RoundTripper{&http.Transport{}, &nethttp.Transport{}} {
			echo(t, address, rt)
		}
		curlUpgrade(t, address)
	}
}

// echo sends messages of several sizes and gets them back.
func echo(t *testing.T, address string, rt http.RoundTripper) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws://"+address, &websocket.DialOptions{HTTPClient: &http.Client{Transport: rt}})
	if err != nil {
		t.Fatalf("%T: %v", rt, err)
	}
	defer c.CloseNow()
	c.SetReadLimit(1 << 20)
	for _, size := range []int{0, 1, 125, 126, 65535, 65536, 500000} {
		message := strings.Repeat("m", size)
		if err := c.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
			t.Fatalf("%T, %d octets: %v", rt, size, err)
		}
		if _, back, err := c.Read(ctx); err != nil || string(back) != message {
			t.Fatalf("%T, %d octets: %d came back, %v", rt, size, len(back), err)
		}
	}
	if err := c.Close(websocket.StatusNormalClosure, "done"); err != nil {
		t.Errorf("%T: close: %v", rt, err)
	}
}

// curlUpgrade has curl make the handshake, with the key and the answer of RFC 6455 section 1.3.
func curlUpgrade(t *testing.T, address string) {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil && os.Getenv("STRATA_REQUIRE_PEERS") != "1" {
		t.Log("curl is not installed: its part is left out")
		return
	}
	// It has no frames to send, and is cut by its time-out when it has the head.
	cmd := exec.CommandContext(t.Context(), "curl", "--silent", "--include", "--no-buffer", "--max-time", "1", "--http1.1",
		"--header", "Connection: Upgrade", "--header", "Upgrade: websocket", "--header", "Sec-WebSocket-Version: 13",
		"--header", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "http://"+address+"/")
	out, _ := cmd.Output()
	head := strings.ToLower(string(out))
	if !strings.HasPrefix(head, "http/1.1 101 ") || !strings.Contains(string(out), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") {
		t.Errorf("curl's handshake got %q", out)
	}
}
