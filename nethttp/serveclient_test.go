package nethttp_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	_ "net/http/pprof" // the handlers in http.DefaultServeMux
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/nethttp"
)

// secure is a server over TLS, and a client that trusts it.
func secure(t *testing.T, s *httpserver.Server) (base string, client *http.Client) {
	t.Helper()
	cert, roots, _ := testcert.New(t, "127.0.0.1")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	done := make(chan error, 1)
	go func() { done <- s.ServeTLS(l, "", "") }()
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		s.Close()
		<-done
	})
	return "https://" + l.Addr().String(), &http.Client{Transport: tr}
}

// http.Client asks, over TLS, and many at a time.
func TestServedToClient(t *testing.T) {
	m := http.NewServeMux()
	m.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil || r.TLS.ServerName != "" {
			t.Errorf("TLS: %v", r.TLS)
		}
		w.Header().Set("Trailer", "Sum")
		n, _ := io.Copy(w, r.Body)
		w.Header().Set("Sum", fmt.Sprint(n))
	})
	m.Handle("/debug/", http.DefaultServeMux)
	base, client := secure(t, nethttp.NewServer(&http.Server{Handler: m}))
	var asking sync.WaitGroup
	for i := range 8 {
		asking.Go(func() {
			for size := range 20 {
				want := strings.Repeat("x", size*size*size*i)
				resp, err := client.Post(base+"/echo", "text/plain", io.MultiReader(strings.NewReader(want)))
				if err != nil {
					t.Error(err)
					return
				}
				got, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || string(got) != want || resp.Trailer.Get("Sum") != fmt.Sprint(len(want)) {
					t.Errorf("%d octets of %d, %v, %v", len(got), len(want), err, resp.Trailer)
				}
			}
		})
	}
	asking.Wait()
	resp, err := client.Get(base + "/debug/pprof/goroutine?debug=1")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if profile, err := io.ReadAll(resp.Body); err != nil || !bytes.HasPrefix(profile, []byte("goroutine profile: ")) {
		t.Errorf("%.100q, %v", profile, err)
	}
}

// A reverse proxy runs behind Strata's server as it does behind net/http's, upgrades and cancellation included.
func TestServedReverseProxy(t *testing.T) {
	gone := make(chan struct{})
	backend := serveOurs(t, nethttp.NewServer(&http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/echo":
			io.Copy(w, r.Body)
		case "/early":
			w.WriteHeader(413)
		case "/wait":
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			close(gone)
		case "/upgrade":
			w.Header().Set("Upgrade", r.Header.Get("Upgrade"))
			w.Header().Set("Connection", "Upgrade")
			w.WriteHeader(101)
			nc, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			line, _ := rw.ReadString('\n')
			fmt.Fprintf(nc, "you said %s", line)
		}
	})}))
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: backend.String()})
	proxy.Transport, proxy.FlushInterval, proxy.ErrorLog = tr, -1, log.New(io.Discard, "", 0)
	address := serveOurs(t, nethttp.NewServer(&http.Server{Handler: proxy, ErrorLog: log.New(io.Discard, "", 0)}))
	base := "http://" + address.String()
	own := &http.Transport{}
	defer own.CloseIdleConnections()
	client := &http.Client{Transport: own}

	long := strings.Repeat("echo ", 100_000)
	resp, err := client.Post(base+"/echo", "text/plain", strings.NewReader(long))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(resp.Body); err != nil || string(got) != long {
		t.Errorf("%d octets, %v", len(got), err)
	}
	resp.Body.Close()

	resp, err = client.Post(base+"/early", "text/plain", strings.NewReader(long))
	if err != nil || resp.StatusCode != 413 {
		t.Fatalf("%v, %v", resp, err)
	}
	resp.Body.Close()

	ctx, cancel := context.WithCancel(context.Background())
	req, _ := http.NewRequestWithContext(ctx, "GET", base+"/wait", nil)
	if resp, err = client.Do(req); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-gone
	resp.Body.Close()

	req, _ = http.NewRequest("GET", base+"/upgrade", nil)
	req.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"x"}}
	if resp, err = client.Do(req); err != nil || resp.StatusCode != 101 {
		t.Fatalf("%v, %v", resp, err)
	}
	defer resp.Body.Close()
	io.WriteString(resp.Body.(io.Writer), "hello\n")
	if got, err := io.ReadAll(resp.Body); err != nil || string(got) != "you said hello\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// httptest's recorder and Strata's server answer the same.
func TestServeDefaults(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- nethttp.Serve(l, nil) }() // http.DefaultServeMux has pprof
	tr := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: tr}).Get("http://" + l.Addr().String() + "/debug/pprof/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	w := httptest.NewRecorder()
	http.DefaultServeMux.ServeHTTP(w, httptest.NewRequest("GET", "/debug/pprof/cmdline", nil))
	if string(got) != w.Body.String() || resp.StatusCode != 200 {
		t.Errorf("%s: %q", resp.Status, got)
	}
	l.Close()
	if err := <-done; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve returned %v", err)
	}
	if err := nethttp.ListenAndServe(l.Addr().String()+"x", nil); err == nil {
		t.Error("no error")
	}
	if err := nethttp.ListenAndServeTLS("127.0.0.1:0", "missing", "missing", nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// curl drives handlers of net/http.
func TestServedToCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("no curl")
	}
	m := http.NewServeMux()
	m.Handle("/files/", http.StripPrefix("/files", http.FileServerFS(files)))
	m.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	base := "http://" + serveOurs(t, nethttp.NewServer(&http.Server{Handler: m})).String()
	long := strings.Repeat("0123456789", 300_000)
	for _, c := range []struct {
		args  []string
		stdin string
		want  string
	}{
		{[]string{base + "/files/a.txt"}, "", "hello"},
		{[]string{"-r", "1-2", base + "/files/a.txt"}, "", "el"},
		{[]string{"-I", "-o", "/dev/null", "-w", "%{http_code} %header{content-length}", base + "/files/a.txt"}, "", "200 5"},
		{[]string{"-w", "%{num_connects}", base + "/files/a.txt", base + "/files/a.txt"}, "", "hello1hello0"},
		{[]string{"--data-binary", "@-", "-H", "Expect: 100-continue", base + "/echo"}, long, long},
		{[]string{"-T", "-", base + "/echo"}, long, long}, // chunked
		{[]string{"-0", "--data-binary", "@-", base + "/echo"}, "old", "old"},
		{[]string{"-X", "OPTIONS", "--request-target", "*", "-w", "%{http_code}", base}, "", "200"},
	} {
		cmd := exec.Command(curl, append([]string{"-sS", "-m", "20"}, c.args...)...)
		cmd.Stdin = strings.NewReader(c.stdin)
		got, err := cmd.CombinedOutput()
		if err != nil || string(got) != c.want {
			t.Errorf("curl %v: %v, %.200q", c.args, err, got)
		}
	}
}
