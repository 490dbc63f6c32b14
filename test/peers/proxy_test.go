package peers

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// through fetches a URL by the standard library's client by way of a proxy, and returns the status, what a 407 or 401
// asks for, and the content.
func through(t *testing.T, trust *Peer, proxy, target string) (status int, challenge, content string, err error) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust.RootCAs}}
	defer transport.CloseIdleConnections()
	if proxy != "" {
		u, err := url.Parse(proxy)
		if err != nil {
			t.Fatal(err)
		}
		transport.Proxy = http.ProxyURL(u)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return 0, "", "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	challenge = resp.Header.Get("Proxy-Authenticate") + resp.Header.Get("WWW-Authenticate")
	return resp.StatusCode, challenge, string(data), err
}

// TestProxies goes through every proxy, with and without a password, to both of an origin's schemes.
func TestProxies(t *testing.T) {
	origin := PythonHTTP(t)
	want := string(Content(t, "f-4096"))
	for _, options := range [][]Option{nil, {Login("user", "secret")}} {
		name := "open"
		if options != nil {
			name = "login"
		}
		t.Run(name, func(t *testing.T) {
			EachProxy(t, func(t *testing.T, p *Proxy) {
				if (p.User != "") != (options != nil) || (p.Challenge != "") != (options != nil) {
					t.Errorf("proxy wants %q by %q", p.User, p.Challenge)
				}
				for _, scheme := range p.Schemes {
					for _, target := range origin.URLs("/f-4096") {
						status, _, content, err := through(t, origin, p.URL(scheme), target)
						if err != nil || status != 200 || content != want {
							t.Errorf("%s to %s: status %d, %d octets, %v", p.URL(scheme), target, status, len(content), err)
						}
						if options == nil {
							continue
						}
						for _, without := range []string{p.URLFor(scheme, "user", "wrong"), p.URLFor(scheme, "", "")} {
							status, challenge, _, err := through(t, origin, without, target)
							if err == nil && (status != 407 && status != 401 || challenge == "") {
								t.Errorf("%s to %s: status %d, challenge %q", without, target, status, challenge)
							}
						}
					}
				}
			}, options...)
		})
	}
}

// TestSquidDigest has the other challenge.
func TestSquidDigest(t *testing.T) {
	p := Squid(t, DigestLogin("user", "secret"))
	// The standard library's client knows no Digest, so it is refused, with the right password too.
	status, challenge, _, err := through(t, p.peer, p.URL("http"), "http://127.0.0.1:1/")
	if err != nil || status != 407 {
		t.Errorf("status %d, %v", status, err)
	}
	const begin = `Digest realm="` + Realm + `", nonce="`
	if diff := cmp.Diff(begin, challenge[:min(len(challenge), len(begin))]); diff != "" {
		t.Errorf("challenge (-want +got):\n%s", diff)
	}
}

// TestHAProxy has HAProxy in front of an origin.
func TestHAProxy(t *testing.T) {
	origin := PythonHTTP(t)
	for _, options := range [][]Option{nil, {Login("user", "secret")}} {
		p := HAProxy(t, origin, options...)
		for _, target := range p.URLs(PathChunked + "f-4096") {
			status, challenge, content, err := through(t, p, "", target)
			if options == nil {
				if err != nil || status != 200 || content != string(Content(t, "f-4096")) {
					t.Errorf("%s: status %d, %d octets, %v", target, status, len(content), err)
				}
			} else if status != 401 || challenge != `Basic realm="`+Realm+`"` {
				t.Errorf("%s: status %d, challenge %q, %v", target, status, challenge, err)
			}
		}
	}
}

func TestProxyURL(t *testing.T) {
	p := &Proxy{User: "user", Password: "a:b@c", peer: &Peer{HTTPAddr: "127.0.0.1:1", HTTPSAddr: "127.0.0.1:2"}}
	got := []string{p.URL("socks5"), p.URLFor("https", "x", ""), p.URLFor("http", "", "")}
	want := []string{"socks5://user:a%3Ab%40c@127.0.0.1:1", "https://x:@127.0.0.1:2", "http://127.0.0.1:1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("URLs (-want +got):\n%s", diff)
	}
}
