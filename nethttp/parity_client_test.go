package nethttp_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/strata-http/strata/nethttp"
)

// TestParityClient: what stands on a RoundTripper works on both.
func TestParityClient(t *testing.T) {
	parity{name: "redirects, cookies and bodies", handler: func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/start":
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
			http.Redirect(w, r, "/again", http.StatusTemporaryRedirect)
		case "/again":
			http.Redirect(w, r, "/end", http.StatusSeeOther)
		default:
			c, err := r.Cookie("a")
			fmt.Fprintf(w, "%s %q %v %v %s", r.Method, b, c, err, r.Referer())
		}
	}, test: func(r *run) {
		jar, _ := cookiejar.New(nil)
		client := &http.Client{Transport: r.rt, Jar: jar}
		resp, err := client.Post(r.url+"/start", "text/plain", strings.NewReader("hello"))
		if err != nil {
			r.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		r.logf("%s %q %v %s", resp.Status, b, err, resp.Request.URL.Path)
		resp.Body.Close()
	}}.check(t)
	parity{name: "basic authentication in the URL", handler: func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("Authorization"), r.Host, r.RequestURI)
	}, test: func(r *run) {
		resp, err := (&http.Client{Transport: r.rt}).Get(strings.Replace(r.url, "http://", "http://u:p@", 1) + "/x#y")
		if err != nil {
			r.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		r.logf("%q %v", b, err)
		resp.Body.Close()
	}}.check(t)
	parity{name: "a reverse proxy", handlerFor: func(r *run) http.HandlerFunc {
		behind := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			b, _ := io.ReadAll(req.Body)
			w.Header().Set("Trailer", "Sum")
			fmt.Fprintf(w, "%s %s %q", req.Method, req.URL, b)
			w.Header().Set("Sum", "1")
		}))
		r.Cleanup(behind.Close)
		to, _ := url.Parse(behind.URL)
		p := httputil.NewSingleHostReverseProxy(to)
		p.Transport = forwarding{r}
		return p.ServeHTTP
	}, test: func(r *run) {
		req := r.request("POST", "/x?y", strings.NewReader("hello"))
		r.do(r.trace(req))
		r.log = nil // the events are those of this client
		resp, err := http.DefaultClient.Do(r.request("PUT", "/z", struct{ io.Reader }{strings.NewReader("again")}))
		if err != nil {
			r.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		r.logf("%q %v %v", b, err, resp.Trailer)
		resp.Body.Close()
		http.DefaultClient.CloseIdleConnections()
	}}.check(t)
}

// forwarding is the transport of a run, which is made later.
type forwarding struct{ r *run }

func (f forwarding) RoundTrip(req *http.Request) (*http.Response, error) {
	return f.r.rt.RoundTrip(req)
}

// TestOffersHTTP1Alone: a configuration that offers HTTP/2, as that of a used http.Transport does, is not taken at its word.
func TestOffersHTTP1Alone(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	config := server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	config.NextProtos = []string{"h2", "http/1.1"}
	rt := &nethttp.Transport{TLSClientConfig: config}
	defer rt.CloseIdleConnections()
	resp, err := (&http.Client{Transport: rt}).Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if string(b) != "HTTP/1.1" || err != nil || resp.TLS.NegotiatedProtocol == "h2" {
		t.Errorf("%q %v %q", b, err, resp.TLS.NegotiatedProtocol)
	}
	if len(config.NextProtos) != 2 {
		t.Error("the caller's configuration was changed")
	}
	_, err = tlsTo(server.URL, config).RoundTrip(httptest.NewRequest("GET", server.URL, nil))
	if err == nil || !strings.Contains(err.Error(), "HTTP/2") {
		t.Errorf("%v", err)
	}
}

func tlsTo(at string, config *tls.Config) *nethttp.Transport {
	d := &tls.Dialer{Config: config}
	return &nethttp.Transport{DialTLSContext: d.DialContext}
}

// TestGetProxyConnectHeader: it is asked for each tunnel, and its error is that of the request.
func TestGetProxyConnectHeader(t *testing.T) {
	r := &run{T: t}
	var seen atomic.Value
	at := "http://" + r.serveRaw(func(_ *run, p *peer) {
		seen.Store(p.head())
		p.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
	})
	failed := errors.New("no header")
	for _, want := range []error{nil, failed} {
		rt := &nethttp.Transport{
			Proxy:              func(*http.Request) (*url.URL, error) { return url.Parse(at) },
			ProxyConnectHeader: http.Header{"X-Static": {"1"}},
			GetProxyConnectHeader: func(_ context.Context, u *url.URL, target string) (http.Header, error) {
				return http.Header{"X-For": {u.String() + " " + target}}, want
			},
		}
		req, _ := http.NewRequest("GET", "https://origin.example/", nil)
		req.Header.Set("Proxy-Authorization", "secret")
		_, err := rt.RoundTrip(req)
		if err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%v", err)
		}
		rt.CloseIdleConnections()
	}
	head := seen.Load().(string)
	if !strings.Contains(head, "\r\nX-For: "+at+" origin.example:443\r\n") || strings.Contains(head, "X-Static") || strings.Contains(head, "secret") {
		t.Errorf("%q", head)
	}
}
