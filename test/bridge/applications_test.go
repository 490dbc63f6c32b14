package bridge

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/http/pprof"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/strata-http/strata/nethttp"
)

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

// silent is a log of chi that keeps the panic of /panic to itself.
type silent struct{}

func (silent) NewLogEntry(*http.Request) middleware.LogEntry   { return silent{} }
func (silent) Write(int, int, http.Header, time.Duration, any) {}
func (silent) Panic(any, []byte)                               {}

func chiApp(*testing.T) http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.RequestLogger(silent{}), middleware.RequestID, middleware.Recoverer, middleware.Compress(5))
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
