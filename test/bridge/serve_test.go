package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/http/pprof"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/coder/websocket"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/strata-http/strata/nethttp"
)

// served is an application that others wrote, or with parts of theirs, behind a server of Strata.
type served struct {
	name    string
	handler func(t *testing.T) http.Handler
	asked   []exchange
}

// exchange is a request, and what must come of it.
type exchange struct {
	method, path string
	fields       []string // "Name: value"
	content      string
	status       int
	want         string   // in the content
	header       []string // "Name: value" that the response has
}

func (e exchange) String() string { return e.method + " " + e.path }

var applications = []served{
	{"chi", chiApp, []exchange{
		{method: "GET", path: "/", status: 200, want: "home"},
		{method: "GET", path: "/users/42?verbose=1", status: 200, want: "user 42 1"},
		{method: "POST", path: "/users", content: "name=Ada", fields: []string{"Content-Type: application/x-www-form-urlencoded"}, status: 201, want: "Ada"},
		{method: "DELETE", path: "/users/42", status: 405, header: []string{"Allow: GET"}},
		{method: "GET", path: "/none", status: 404},
		{method: "GET", path: "/panic", status: 500},
		{method: "HEAD", path: "/", status: 200},
		{method: "GET", path: "/big", fields: []string{"Accept-Encoding: gzip"}, status: 200, header: []string{"Content-Encoding: gzip"}},
		{method: "GET", path: "/slow", status: 504},
	}},
	{"ReverseProxy", proxyApp, []exchange{
		{method: "GET", path: "/a%2Fb?c=d", fields: []string{"X-A: b"}, status: 200, want: `GET "/a%2Fb?c=d" X-A "b" for 127.0.0.1 content ""`},
		{method: "POST", path: "/post", content: strings.Repeat("0123456789", 20000), status: 200, want: `content "0123456789`},
		{method: "GET", path: "/teapot", status: 418, want: "short and stout"},
		{method: "HEAD", path: "/teapot", status: 418},
		{method: "GET", path: "/nobody", status: 502},
		{method: "GET", path: "/stream", status: 200, want: "5 4 3 2 1"},
	}},
	{"FileServerFS", filesApp, []exchange{
		{method: "GET", path: "/", status: 200, want: "a &amp; b.txt"},
		{method: "GET", path: "/hello.txt", status: 200, want: "hello, world", header: []string{"Content-Type: text/plain; charset=utf-8", "Content-Length: 12", "Accept-Ranges: bytes"}},
		{method: "HEAD", path: "/hello.txt", status: 200, header: []string{"Content-Length: 12"}},
		{method: "GET", path: "/hello.txt", fields: []string{"Range: bytes=7-"}, status: 206, want: "world", header: []string{"Content-Range: bytes 7-11/12"}},
		{method: "GET", path: "/hello.txt", fields: []string{"Range: bytes=0-1,7-8"}, status: 206, want: "Content-Range: bytes 7-8/12"},
		{method: "GET", path: "/hello.txt", fields: []string{"Range: bytes=50-"}, status: 416},
		{method: "GET", path: "/hello.txt", fields: []string{"If-Modified-Since: " + modified.Format(http.TimeFormat)}, status: 304},
		{method: "GET", path: "/dir", status: 301, header: []string{"Location: dir/"}},
		{method: "GET", path: "/dir/", status: 200, want: "index"},
		{method: "GET", path: "/none", status: 404},
		{method: "GET", path: "/large", status: 200, want: strings.Repeat("x", 1000)},
	}},
	{"pprof", pprofApp, []exchange{
		{method: "GET", path: "/debug/pprof/", status: 200, want: "goroutine"},
		{method: "GET", path: "/debug/pprof/cmdline", status: 200},
		{method: "GET", path: "/debug/pprof/goroutine?debug=1", status: 200, want: "goroutine profile: total"},
		{method: "GET", path: "/debug/pprof/heap", status: 200},
		{method: "POST", path: "/debug/pprof/symbol", content: "0x0", status: 200, want: "num_symbols: 1"},
		{method: "GET", path: "/debug/pprof/profile?seconds=1", status: 200, header: []string{"Content-Type: application/octet-stream"}},
		{method: "GET", path: "/debug/pprof/trace?seconds=0.1", status: 200, header: []string{"Content-Type: application/octet-stream"}},
		{method: "GET", path: "/debug/pprof/none", status: 404},
	}},
}

// TestServed asks the applications by net/http, by Strata and by curl.
func TestServed(t *testing.T) {
	for _, a := range applications {
		t.Run(a.name, func(t *testing.T) {
			base := "http://" + serve(t, a.handler(t))
			for _, client := range []struct {
				name string
				ask  func(*testing.T, string, exchange) answer
			}{
				{"net-http", asker(&http.Transport{})}, {"Strata", asker(&nethttp.Transport{})}, {"curl", curl},
			} {
				t.Run(client.name, func(t *testing.T) {
					for _, e := range a.asked {
						e.check(t, client.ask(t, base, e))
					}
					figure(t, "%s behind Strata, asked by %s: %d exchanges", a.name, client.name, len(a.asked))
				})
			}
		})
	}
}

// answer is what came of an exchange.
type answer struct {
	status  int
	header  http.Header
	content string
}

func (e exchange) check(t *testing.T, a answer) {
	t.Helper()
	if a.status != e.status {
		t.Errorf("%v: status %d, want %d: %.200q", e, a.status, e.status, a.content)
	}
	if !strings.Contains(a.content, e.want) {
		t.Errorf("%v: %.200q, want %.200q in it", e, a.content, e.want)
	}
	for _, line := range e.header {
		name, value, _ := strings.Cut(line, ": ")
		if got := a.header.Get(name); got != value {
			t.Errorf("%v: %s is %q, want %q", e, name, got, value)
		}
	}
	if e.method == "HEAD" && a.content != "" {
		t.Errorf("%v has content %.100q", e, a.content)
	}
}

// asker asks by a transport.
func asker(rt http.RoundTripper) func(*testing.T, string, exchange) answer {
	return func(t *testing.T, base string, e exchange) answer {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), e.method, base+e.path, strings.NewReader(e.content))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range e.fields {
			name, value, _ := strings.Cut(line, ": ")
			req.Header.Set(name, value)
		}
		t.Cleanup(rt.(interface{ CloseIdleConnections() }).CloseIdleConnections)
		res, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatalf("%v: %v", e, err)
		}
		return answer{res.StatusCode, res.Header, readAll(t, res.Body)}
	}
}

// curl asks by the program of that name.
func curl(t *testing.T, base string, e exchange) answer {
	t.Helper()
	needCurl(t)
	args := []string{"--silent", "--show-error", "--include", "--max-time", "60", "--path-as-is", "--header", "Expect:"}
	if e.method == "HEAD" {
		args = append(args, "--head")
	} else {
		args = append(args, "--request", e.method)
	}
	if e.content != "" {
		args = append(args, "--data-binary", "@-", "--header", "Content-Type:")
	}
	for _, line := range e.fields {
		args = append(args, "--header", line)
	}
	cmd := exec.CommandContext(t.Context(), "curl", append(args, base+e.path)...)
	cmd.Stdin = strings.NewReader(e.content)
	out, err := cmd.Output()
	if err != nil {
		var failed *exec.ExitError
		errors.As(err, &failed)
		t.Fatalf("%v: %v %s", e, err, failed.Stderr)
	}
	head, content, _ := strings.Cut(string(out), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	status, err := strconv.Atoi(strings.Fields(lines[0])[1])
	if err != nil {
		t.Fatalf("%v: %q", e, head)
	}
	a := answer{status: status, header: http.Header{}, content: content}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		a.header.Add(name, value)
	}
	return a
}

func needCurl(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("STRATA_REQUIRE_PEERS") == "1" {
			t.Fatal("curl is not installed")
		}
		t.Skip("curl is not installed")
	}
}

// serve serves over Strata until the test is over, and returns host:port.
func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := nethttp.NewServer(&http.Server{Handler: handler})
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		<-done
	})
	return l.Addr().String()
}

// silent is a log of chi that keeps the panic of /panic to itself.
type silent struct{}

func (silent) NewLogEntry(*http.Request) middleware.LogEntry   { return silent{} }
func (silent) Write(int, int, http.Header, time.Duration, any) {}
func (silent) Panic(any, []byte)                               {}

func chiApp(*testing.T) http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.RequestLogger(silent{}), middleware.RequestID, middleware.RealIP, middleware.Recoverer, middleware.Compress(5))
	r.Get("/", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "home") })
	r.Head("/", func(http.ResponseWriter, *http.Request) {})
	r.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("odd") })
	r.Get("/big", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, strings.Repeat("big ", 10000))
	})
	r.With(middleware.Timeout(time.Millisecond)).Get("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	r.Route("/users", func(r chi.Router) {
		r.Post("/", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusCreated)
			io.WriteString(w, r.FormValue("name"))
		})
		r.Get("/{id}", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "user %s %s", chi.URLParam(r, "id"), r.URL.Query().Get("verbose"))
		})
	})
	return r
}

// proxyApp is a ReverseProxy that goes by Strata, in front of a server of Strata.
func proxyApp(t *testing.T) http.Handler {
	backend := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/teapot":
			http.Error(w, "short and stout", http.StatusTeapot)
		case "/stream":
			for i := 5; i > 0; i-- {
				fmt.Fprint(w, i, " ")
				w.(http.Flusher).Flush()
			}
		default:
			content, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %q X-A %q for %s content %q", r.Method, r.RequestURI, r.Header.Get("X-A"), r.Header.Get("X-Forwarded-For"), content)
		}
	}))
	transport := nethttp.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	return &httputil.ReverseProxy{Transport: transport, FlushInterval: -1, ErrorLog: quiet, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: backend})
		r.SetXForwarded()
		if r.In.URL.Path == "/nobody" {
			r.Out.URL.Host = nobody(t)
		}
	}}
}

// nobody is an address at which nobody listens.
func nobody(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Error(err)
		return ""
	}
	defer l.Close()
	return l.Addr().String()
}

var modified = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)

func filesApp(*testing.T) http.Handler {
	file := func(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content), ModTime: modified} }
	return http.FileServerFS(fstest.MapFS{
		"hello.txt": file("hello, world"), "a & b.txt": file(""), "dir/index.html": file("index"), "large": file(strings.Repeat("x", 5<<20)),
	})
}

func pprofApp(*testing.T) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

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
