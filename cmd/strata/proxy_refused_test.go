package main

import (
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/internal/testcert"
)

// TestProxyUsage: what cannot be is told before anything is dialled, and nothing that may be a secret is repeated.
func TestProxyUsage(t *testing.T) {
	noProxyVariables(t)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--proxy", "ftp://" + userinfo + "h"}, "http, https, socks5 or socks5h"},
		{[]string{"--proxy", "http://" + userinfo}, "no host"},
		{[]string{"--proxy", "http://" + userinfo + "h:x"}, "1 to 65535"},
		{[]string{"--proxy", "http://" + userinfo + "h\x1b"}, "no host name"},
		{[]string{"--proxy", "", "--proxy", "h"}, "no proxy"},
		{[]string{"--proxy", "http://al%3Aice:hunter2@127.0.0.1:1"}, "colon"},
		{[]string{"--proxy", "socks5h://alice@127.0.0.1:1"}, "255 octets"},
		{[]string{"--proxy-header", "hunter2"}, "--proxy-header"},
		{[]string{"--proxy-header", "Proxy-Authorization: hunter2\n"}, "--proxy-header"},
		{[]string{"--proxy-header", "Host: a"}, "Host"},
		{[]string{"--connect-to", "a:b"}, "HOST:PORT:HOST:PORT"},
		{[]string{"--resolve", "a:80"}, "HOST:PORT:ADDRESS"},
		{[]string{"--resolve", "a:80:b"}, "IP address"},
		{[]string{"--interface", "no-such-interface"}, "no-such-interface"},
		{[]string{"--unix-socket", "/x", "--interface", "127.0.0.1"}, "--unix-socket"},
		{[]string{"--unix-socket", ""}, "--unix-socket"},
		{[]string{"--noproxy", "a", "--noproxy", "b"}, "once"},
		{[]string{"--proxy", "socks5h://h", "-H", "Proxy-Authorization: hunter2"}, "--proxy-header"},
	} {
		got := strata(t, "", append([]string{"get", "http://a.invalid/"}, tt.args...)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, tt.want) || strings.Contains(got.stderr, "hunter2") || strings.ContainsAny(got.stderr, "\x1b") {
			t.Errorf("%q: %+v", tt.args, got)
		}
	}
	if got := strata(t, "", "get", "http://a.invalid/", "--proxy", "https://h", "--proxy-cacert", "/nonexistent"); got.code != exitFile {
		t.Errorf("%+v", got)
	}
	for _, s := range []string{"socks5h://", "--proxy-digest", "no_proxy", "REQUEST_METHOD", "exit status 3"} {
		if got := strata(t, "", "help", "proxy"); !strings.Contains(got.stdout, s) || got.code != 0 {
			t.Errorf("there is no %q in\n%s", s, got.stdout)
		}
	}
}

// TestProxyRefused: the exit status and the message, to the octet. ADDR is the proxy's address.
func TestProxyRefused(t *testing.T) {
	noProxyVariables(t)
	const asked = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"the staff\"\r\nContent-Length: 2\r\n\r\nno"
	for _, tt := range []struct {
		name   string
		answer string
		args   []string
		code   int
		want   string
	}{
		{"407", asked, []string{"https://a.example", "--proxy", "http://ADDR"}, 3,
			"strata: ADDR refused: 407 Proxy Authentication Required; it asks for Basic realm=\"the staff\"\nGive user and password: --proxy http://USER:PASSWORD@ADDR\n"},
		{"wrong password", asked, []string{"https://a.example", "--proxy", "http://" + userinfo + "ADDR"}, 3,
			"strata: ADDR refused: 407 Proxy Authentication Required; it asks for Basic realm=\"the staff\"\nIt does not take the user and password that it was given.\n"},
		{"only Digest", asked, []string{"https://a.example", "--proxy", "http://" + userinfo + "ADDR", "--proxy-digest"}, 3,
			"strata: ADDR refused: 407 Proxy Authentication Required; it asks for Basic realm=\"the staff\"\nIt does not ask for Digest, and --proxy-digest gives nothing else.\n"},
		{"407, forwarding", asked, []string{"http://a.example", "--proxy", "http://" + userinfo + "ADDR"}, 3,
			"strata: ADDR refused: 407 Proxy Authentication Required; it asks for Basic realm=\"the staff\"\nIt does not take the user and password that it was given.\n"},
		{"another scheme", "HTTP/1.1 407 \r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n", []string{"http://a.example", "--proxy", "http://ADDR"}, 3,
			"strata: ADDR refused: 407; it asks for Negotiate\nThat scheme is not built in; --proxy-header 'Proxy-Authorization: ...' sends credentials of any.\n"},
		{"no challenge", "HTTP/1.1 407 No\x1b\r\nContent-Length: 0\r\n\r\n", []string{"https://a.example", "--proxy", "http://ADDR", "--lenient", "AllowReasonControls"}, 3, ""},
		{"403", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", []string{"https://a.example:8443/x", "--proxy", "http://ADDR"}, 3,
			"strata: ADDR refused: 403 Forbidden; it was asked for a.example:8443\n"},
		{"403 of the server", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", []string{"http://a.example", "--proxy", "http://ADDR"}, 0, ""},
		{"closed", "", []string{"https://a.example", "--proxy", "http://ADDR"}, 3, ""},
		{"garbage", "SSH-2.0-x\r\n", []string{"https://a.example", "--proxy", "http://ADDR"}, 5, ""},
		{"no SOCKS", "HTTP/1.1 400 No\r\n\r\n", []string{"https://a.example", "--proxy", "socks5h://ADDR"}, 5, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPeer(t, tt.answer, nil)
			if tt.name == "no SOCKS" {
				p = newSpeaker(t, tt.answer)
			}
			args := []string{"get"}
			for _, a := range tt.args {
				args = append(args, strings.ReplaceAll(a, "ADDR", p.addr))
			}
			got := strata(t, "", args...)
			message := strings.ReplaceAll(got.stderr, p.addr, "ADDR")
			if got.code != tt.code || tt.want != "" && message != tt.want || got.stdout != "" || strings.ContainsAny(message, "\x1b") {
				t.Errorf("exit status %d\n%swant %d\n%s", got.code, message, tt.code, tt.want)
			}
		})
	}
	t.Run("SOCKS", func(t *testing.T) {
		p := newProxy(t, nil, "", func(string) string { return "no" })
		got := strata(t, "", "get", "a.example", "--proxy", "socks5h://"+p.addr)
		want := "strata: " + p.addr + " refused: connection refused (SOCKS 5 reply 5); it was asked for a.example:80\n"
		if got.code != 3 || got.stderr != want {
			t.Errorf("%+v, want %s", got, want)
		}
	})
	t.Run("nobody", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if got := strata(t, "", "get", "a.example", "--proxy", "http://"+l.Addr().String()); got.code != 3 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("head of the refusal", func(t *testing.T) {
		p := newPeer(t, asked, nil)
		if got := strata(t, "", "get", "-i", "a.example", "--proxy", p.addr); got.code != 3 || got.stdout != strings.TrimSuffix(asked, "no") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("time", func(t *testing.T) {
		p := newPeer(t, "", hold)
		for _, u := range []string{"https://a.example", "http://a.example"} {
			for _, scheme := range []string{"http://", "socks5h://"} {
				if got := strata(t, "", "get", u, "--proxy", scheme+userinfo+p.addr, "--timeout", "0.05"); got.code != exitTime {
					t.Errorf("%s %s: %+v", u, scheme, got)
				}
			}
		}
	})
}

// newSpeaker is a server that speaks first.
func newSpeaker(t *testing.T, says string) *peer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{addr: l.Addr().String(), t: t}
	p.wait.Go(func() {
		if c, err := l.Accept(); err == nil {
			fmt.Fprint(c, says)
			hold(c)
			c.Close()
		}
	})
	t.Cleanup(func() { l.Close(); p.wait.Wait() })
	return p
}

// digestAnswer checks an answer to a Digest challenge as RFC 7616 section 3.4.1 has it, with MD5.
func digestAnswer(t *testing.T, credentials, method, uri string) bool {
	t.Helper()
	param := func(name string) string {
		m := regexp.MustCompile(`[ ,]` + name + `="?([^",]*)`).FindStringSubmatch(credentials)
		if m == nil {
			return ""
		}
		return m[1]
	}
	hash := func(s string) string { sum := md5.Sum([]byte(s)); return hex.EncodeToString(sum[:]) }
	want := hash(hash("alice:the staff:hunter2") + ":" + param("nonce") + ":" + param("nc") + ":" + param("cnonce") + ":auth:" + hash(method+":"+uri))
	return strings.HasPrefix(credentials, "Digest ") && param("response") == want && param("uri") == uri && param("nc") == "00000001"
}

// TestProxyDigest: Digest is answered, in tunnels and for requests that are forwarded, with content that can be sent
// again; and with --proxy-digest the password is never given otherwise.
func TestProxyDigest(t *testing.T) {
	noProxyVariables(t)
	const ask = "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\nProxy-Authenticate: Digest realm=\"the staff\", nonce=\"n1\", qop=\"auth-int, auth\", algorithm=MD5\r\nContent-Length: 7\r\n\r\nrefused"
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		code int
		n    int // requests
	}{
		{"get", []string{"get"}, 0, 2},
		{"with content", []string{"post", "-d", "hello"}, 0, 2},
		{"with a file", []string{"post", "-d", "@" + file}, 0, 2},
		{"with what cannot be sent again", []string{"post", "-d", "@-"}, 3, 1},
	} {
		for _, only := range []bool{false, true} {
			for _, tunnel := range []bool{false, true} {
				origin := newPeer(t, ok, nil)
				seen := ""
				p := newProxy(t, nil, origin.addr, func(head string) string {
					method, uri := strings.Fields(head)[0], strings.Fields(head)[1]
					credentials := regexp.MustCompile("(?m)^Proxy-Authorization: (.*)\r$").FindStringSubmatch(head)
					if credentials != nil {
						seen += credentials[1] + "\n"
					}
					if credentials == nil || !digestAnswer(t, credentials[1], method, uri) {
						return ask
					}
					if !tunnel {
						return ok
					}
					return ""
				})
				args := append(append([]string{}, tt.args...), "http://origin.example/a?b", "--proxy", "http://"+userinfo+p.addr)
				if only {
					args = append(args, "--proxy-digest")
				}
				code := tt.code
				if tunnel {
					args = append(args, "--connect-to", "origin.example:80:far.example:80")
					code = 0
				}
				got := strata(t, "hello", args...)
				if got.code != code || code == 0 && got.stdout != "hi\n" {
					t.Errorf("%s, tunnel %v, only Digest %v: %+v", tt.name, tunnel, only, got)
				}
				if strings.Contains(seen, "Basic") == only {
					t.Errorf("%s, only Digest %v: the proxy was given %q", tt.name, only, seen)
				}
			}
		}
	}
}

// TestProxyVerbose: what -v tells, with asterisks in the place of credentials.
func TestProxyVerbose(t *testing.T) {
	noProxyVariables(t)
	cert, _, pem := testcert.New(t, "origin.example", "127.0.0.1")
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem, 0o600); err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	origin := newTLSPeer(t, config, ok, nil)
	p := newProxy(t, config, origin.addr, nil)
	got := strata(t, "", "get", "-v", "https://origin.example/a", "--cacert", ca, "--proxy-insecure", "--proxy", "https://"+userinfo+p.addr)
	told := strings.NewReplacer(p.addr, "ADDR", portOf(p.addr), "PORT").Replace(got.stderr)
	told = regexp.MustCompile(`(?m)^\* ( subject| issuer| valid|TLS ).*\n`).ReplaceAllString(told, "")
	want := `* Uses the proxy https://***@ADDR
*   Trying ADDR...
* Connected to 127.0.0.1 (127.0.0.1) port PORT
* Server certificate:
*  not verified
> CONNECT origin.example:443 HTTP/1.1
> Host: origin.example:443
> Proxy-Authorization: ***** ********************
> 
< HTTP/1.1 200 Connection established
< 
* Server certificate:
*  verified for origin.example
> GET /a HTTP/1.1
> Host: origin.example
> User-Agent: strata
> Accept-Encoding: identity
> 
< HTTP/1.1 200 OK
< Content-Length: 3
< 
`
	if !strings.HasPrefix(told, want) || got.code != 0 {
		t.Errorf("(-want +got)\n%s", cmp.Diff(want, told))
	}
}

func TestProxyVerboseSOCKS(t *testing.T) {
	noProxyVariables(t)
	origin := newPeer(t, ok, nil)
	p := newProxy(t, nil, origin.addr, nil)
	got := strata(t, "", "get", "-v", "http://a.example/", "--proxy", "socks5h://"+p.addr)
	want := strings.ReplaceAll("* Uses the proxy socks5h://ADDR\n*   Trying ADDR...\n* Connected to 127.0.0.1 (127.0.0.1) port "+portOf(p.addr)+
		"\n* Asks ADDR by SOCKS 5 for a.example:80\n> GET / HTTP/1.1\n", "ADDR", p.addr)
	if !strings.HasPrefix(got.stderr, want) || got.code != 0 {
		t.Errorf("(-want +got)\n%s", cmp.Diff(want, got.stderr))
	}
}

// TestProxySecrets searches everything that is printed for user and password.
func TestProxySecrets(t *testing.T) {
	noProxyVariables(t)
	answers := []string{ok, "", "garbage\r\n", "HTTP/1.1 407 No\r\nProxy-Authenticate: Digest realm=\"a\", nonce=\"b\", qop=auth\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"}
	for _, answer := range answers {
		for _, target := range []string{"http://a.example", "https://a.example"} {
			for _, scheme := range []string{"http", "https", "socks5", "socks5h"} {
				for _, extra := range [][]string{nil, {"--proxy-digest"}, {"--proxy-header", "Proxy-Authorization: " + basic}, {"--noproxy", "*"}} {
					p := newPeer(t, answer, nil)
					args := append([]string{"get", "-v", "-i", target, "--proxy", scheme + "://" + userinfo + p.addr, "--resolve", "a.example:*:127.0.0.1", "--timeout", "5"}, extra...)
					got := strata(t, "", args...)
					for _, secret := range []string{"alice", "hunter2", "YWxpY2U6aHVudGVyMg"} {
						if strings.Contains(got.stdout+got.stderr, secret) {
							t.Errorf("%q: %q stands in\n%s%s", args, secret, got.stdout, got.stderr)
						}
					}
				}
			}
		}
	}
}
