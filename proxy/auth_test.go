package proxy_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/proxy"
)

const proxyAddress, originAddress = "proxy.example:3128", "origin.example:443"

// Basic goes out with the first request, and what the proxy refuses is not tried again.
func TestBasic(t *testing.T) {
	w := newWorld(t)
	w.echo(originAddress)
	w.httpProxy(proxyAddress, httpProxy{check: func(_ int, head string) string {
		if fieldIn(head, "Proxy-Authorization") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" {
			return ""
		}
		return refusal(`Basic realm="staff"`)
	}})
	d := proxy.Connect{Proxy: proxyAddress, Dialer: w, Auth: proxy.Basic(proxy.UserPassword("Aladdin", "open sesame"))}
	talk(t, d, originAddress)
	if got := len(w.heard(proxyAddress)); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
	d.Auth = proxy.Basic(proxy.UserPassword("Aladdin", "wrong"))
	_, err := d.DialContext(t.Context(), "tcp", originAddress)
	var refused *proxy.RefusedError
	if !errors.As(err, &refused) || refused.Status != 407 {
		t.Fatal(err)
	}
	if got := len(w.heard(proxyAddress)); got != 1 {
		t.Errorf("the credentials that were refused were sent %d times", got)
	}
	want := `proxy proxy.example:3128 refused a tunnel to origin.example:443: 407 "Proxy Authentication Required"; it asks for Basic realm="staff"`
	if err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}

// A challenge is answered: on the same connection where the proxy keeps it, on another one where it does not, whether
// or not it has said so.
func TestChallengeAnswered(t *testing.T) {
	long := strings.Repeat("x", 100<<10)
	for _, tt := range []struct {
		name    string
		refusal string
		hangUp  bool
		dials   int
	}{
		{"kept", refusal(`Custom realm="a", nonce=n1`), false, 1},
		{"no content", "HTTP/1.1 407 No\r\nProxy-Authenticate: Custom nonce=n1\r\nContent-Length: 0\r\n\r\n", false, 1},
		{"chunked", "HTTP/1.1 407 No\r\nProxy-Authenticate: Custom nonce=n1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", false, 1},
		{"announced close", refusal(`Custom nonce=n1`, "Connection: close"), false, 2},
		{"silent close", refusal(`Custom nonce=n1`), true, 2},
		{"HTTP/1.0", "HTTP/1.0 407 No\r\nProxy-Authenticate: Custom nonce=n1\r\n\r\nuntil close", true, 2},
		{"more content than is read", "HTTP/1.1 407 No\r\nProxy-Authenticate: Custom nonce=n1\r\nContent-Length: 102400\r\n\r\n" + long, true, 2},
		{"several lines", "HTTP/1.1 407 No\r\nProxy-Authenticate: Other x=y\r\nProxy-Authenticate: Custom nonce=n1\r\nContent-Length: 0\r\n\r\n", false, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.echo(originAddress)
			w.httpProxy(proxyAddress, httpProxy{hangUp: tt.hangUp, check: func(_ int, head string) string {
				if fieldIn(head, "Proxy-Authorization") == "Custom answer=n1" {
					return ""
				}
				return tt.refusal
			}})
			var asked []proxy.AuthRequest
			d := proxy.Connect{Proxy: proxyAddress, Dialer: w, Fields: fieldsOf("X-Kept", "1"),
				Auth: func(_ context.Context, r *proxy.AuthRequest) (string, error) {
					asked = append(asked, *r)
					c, ok := r.Challenge("custom")
					nonce, _ := c.Param("NONCE")
					if !ok {
						return "", nil
					}
					return "Custom answer=" + nonce, nil
				}}
			talk(t, d, originAddress)
			if len(asked) != 2 || len(asked[0].Challenges) != 0 || asked[1].Refused != "" ||
				asked[1].Method != "CONNECT" || asked[1].Target != originAddress || asked[1].Proxy != proxyAddress {
				t.Errorf("asked for credentials: %+v", asked)
			}
			if got := w.dials(); len(got) != tt.dials {
				t.Errorf("dialled %v, want %d dials", got, tt.dials)
			}
			requests := w.heard(proxyAddress)
			want := []string{
				"CONNECT origin.example:443 HTTP/1.1\r\nHost: origin.example:443\r\nX-Kept: 1\r\n\r\n",
				"CONNECT origin.example:443 HTTP/1.1\r\nHost: origin.example:443\r\nX-Kept: 1\r\nProxy-Authorization: Custom answer=n1\r\n\r\n",
			}
			if diff := cmp.Diff(want, requests); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// However long a proxy goes on asking, and whatever is answered, it is asked three times at most.
func TestNoLoop(t *testing.T) {
	for _, hangUp := range []bool{false, true} {
		w := newWorld(t)
		w.httpProxy(proxyAddress, httpProxy{hangUp: hangUp, check: func(n int, _ string) string {
			return refusal(fmt.Sprintf("Custom nonce=n%d, stale=true", n))
		}})
		var refused []string
		d := proxy.Connect{Proxy: proxyAddress, Dialer: w, Auth: func(_ context.Context, r *proxy.AuthRequest) (string, error) {
			refused = append(refused, r.Refused)
			c, _ := r.Challenge("Custom")
			nonce, _ := c.Param("nonce")
			return "Custom answer=" + nonce, nil
		}}
		_, err := d.DialContext(t.Context(), "tcp", originAddress)
		if !errors.As(err, new(*proxy.RefusedError)) {
			t.Error(err)
		}
		if got := len(w.heard(proxyAddress)); got != 3 {
			t.Errorf("%d requests", got)
		}
		if diff := cmp.Diff([]string{"", "Custom answer=", "Custom answer=n1"}, refused); diff != "" {
			t.Errorf("told as refused (-want +got):\n%s", diff)
		}
	}
}

// A refusal without an end does not hold up the answer.
func TestEndlessRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.echo(originAddress)
		w.httpProxy(proxyAddress, httpProxy{check: func(_ int, head string) string {
			if fieldIn(head, "Proxy-Authorization") != "" {
				return ""
			}
			return "HTTP/1.1 407 No\r\nProxy-Authenticate: Custom\r\nContent-Length: 10\r\n\r\n1"
		}})
		d := proxy.Connect{Proxy: proxyAddress, Dialer: w, Auth: func(_ context.Context, r *proxy.AuthRequest) (string, error) {
			if len(r.Challenges) == 0 {
				return "", nil
			}
			return "Custom", nil
		}}
		start := time.Now()
		talk(t, d, originAddress)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// Only a 407 is answered.
func TestOtherRefusals(t *testing.T) {
	w := newWorld(t)
	w.httpProxy(proxyAddress, httpProxy{check: func(int, string) string {
		return "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Custom\r\nProxy-Authenticate: Custom\r\nContent-Length: 0\r\n\r\n"
	}})
	calls := 0
	d := proxy.Connect{Proxy: proxyAddress, Dialer: w, Auth: func(context.Context, *proxy.AuthRequest) (string, error) {
		calls++
		return fmt.Sprint("Custom ", calls), nil
	}}
	_, err := d.DialContext(t.Context(), "tcp", originAddress)
	var refused *proxy.RefusedError
	if !errors.As(err, &refused) || refused.Status != 401 || calls != 1 || strings.Contains(err.Error(), "asks for") {
		t.Errorf("%v, credentials asked for %d times", err, calls)
	}
}

// A function that fails, or gives what cannot be sent, ends the dial before anything is dialled.
func TestAuthFails(t *testing.T) {
	broken := errors.New("no keytab")
	for name, tt := range map[string]struct {
		auth proxy.Auth
		want error
	}{
		"error": {func(context.Context, *proxy.AuthRequest) (string, error) { return "secret", broken }, broken},
		"line end": {func(context.Context, *proxy.AuthRequest) (string, error) {
			return "Basic secret\r\nEvil: 1", nil
		}, nil},
		"colon":   {proxy.Basic(proxy.UserPassword("sec:ret", "x")), nil},
		"control": {proxy.Basic(proxy.UserPassword("x", "secret\n")), nil},
	} {
		w := newWorld(t)
		_, err := proxy.Connect{Proxy: proxyAddress, Dialer: w, Auth: tt.auth}.DialContext(t.Context(), "tcp", originAddress)
		var failed *proxy.AuthError
		if !errors.As(err, &failed) || failed.Proxy != proxyAddress || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "sec:ret") {
			t.Errorf("%s: a secret stands in %q", name, err)
		}
		if got := w.dials(); len(got) > 0 {
			t.Errorf("%s: dialled %v", name, got)
		}
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n": "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"CONNECT a:1 HTTP/1.1\r\nProxy-Authorization: Basic eDp5\r\nA: b\r\n\r\n":           "CONNECT a:1 HTTP/1.1\r\nProxy-Authorization: ***** ****\r\nA: b\r\n\r\n",
		"X\r\nproxy-AUTHORIZATION:eDp5\r\nProxy-Authorization-Info: a\r\n\r\n":              "X\r\nproxy-AUTHORIZATION:****\r\nProxy-Authorization-Info: a\r\n\r\n",
		"X\r\nProxy-Authorization: a\r\n\tb c\r\n d\r\nE: f\r\n\r\n":                        "X\r\nProxy-Authorization: *\r\n\t* *\r\n *\r\nE: f\r\n\r\n",
		"X\r\nProxy-Authorization : a\nY: b":                                                "X\r\nProxy-Authorization : *\nY: b",
		"X\r\nProxy-Authorization: a":                                                       "X\r\nProxy-Authorization: *",
		"X\r\nA: Proxy-Authorization: a\r\n\r\n":                                            "X\r\nA: Proxy-Authorization: a\r\n\r\n",
		"X\r\nProxy-Authorization: a\r\nProxy-Authorization: b\r\nAuthorization: c\r\n\r\n": "X\r\nProxy-Authorization: *\r\nProxy-Authorization: *\r\nAuthorization: c\r\n\r\n",
	} {
		octets := []byte(in)
		if got := string(proxy.Redact(octets)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		if string(octets) != in {
			t.Errorf("%q was changed", in)
		}
	}
}

func TestParseChallenges(t *testing.T) {
	params := func(kv ...string) (all []proxy.Param) {
		for i := 0; i < len(kv); i += 2 {
			all = append(all, proxy.Param{Name: kv[i], Value: kv[i+1]})
		}
		return all
	}
	for _, tt := range []struct {
		in   string
		want []proxy.Challenge
		bad  int // the offset of an error, or -1
	}{
		{"", nil, -1},
		{" , ,", nil, -1},
		{"Negotiate", []proxy.Challenge{{Scheme: "Negotiate"}}, -1},
		{"Negotiate , NTLM", []proxy.Challenge{{Scheme: "Negotiate"}, {Scheme: "NTLM"}}, -1},
		{"NTLM TlRMTVNTUAAC=, Basic realm=x", []proxy.Challenge{{Scheme: "NTLM", Token68: "TlRMTVNTUAAC="}, {Scheme: "Basic", Params: params("realm", "x")}}, -1},
		{"Negotiate oYG2+/-._~==", []proxy.Challenge{{Scheme: "Negotiate", Token68: "oYG2+/-._~=="}}, -1},
		{"Token a", []proxy.Challenge{{Scheme: "Token", Token68: "a"}}, -1},
		{"Token a=", []proxy.Challenge{{Scheme: "Token", Token68: "a="}}, -1},
		{"Token a=b", []proxy.Challenge{{Scheme: "Token", Params: params("a", "b")}}, -1},
		// RFC 9110 section 11.6.1
		{`Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\""`, []proxy.Challenge{
			{Scheme: "Basic", Params: params("realm", "simple")},
			{Scheme: "Newauth", Params: params("realm", "apps", "type", "1", "title", `Login to "apps"`)}}, -1},
		{"Digest realm=\"a, b\" ,\tnonce = \"c=\" , , qop=auth,Basic", []proxy.Challenge{
			{Scheme: "Digest", Params: params("realm", "a, b", "nonce", "c=", "qop", "auth")}, {Scheme: "Basic"}}, -1},
		{"Basic realm=\"\"", []proxy.Challenge{{Scheme: "Basic", Params: params("realm", "")}}, -1},
		{"Basic, =x", []proxy.Challenge{{Scheme: "Basic"}}, 7},
		{"Basic realm", []proxy.Challenge{{Scheme: "Basic", Token68: "realm"}}, -1},
		{"Basic realm=\"open", nil, 12},
		{"Basic realm=", []proxy.Challenge{{Scheme: "Basic", Token68: "realm="}}, -1},
		{"Basic realm=,a", []proxy.Challenge{{Scheme: "Basic", Token68: "realm="}, {Scheme: "a"}}, -1},
		{"Basic realm=x y", nil, 13},
		{"Basic realm=x, REALM=y", nil, 20},
		{"Basic \"x\"", nil, 6},
		{"Ba(sic", nil, 2},
		{"Basic realm=\x00", nil, 12},
	} {
		got, err := proxy.ParseChallenges(tt.in)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.in, diff)
		}
		var bad *proxy.ChallengeError
		if errors.As(err, &bad) != (tt.bad >= 0) || bad != nil && bad.Offset != tt.bad {
			t.Errorf("%q: %v, want one at %d", tt.in, err, tt.bad)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\x00") {
			t.Errorf("%q is not quoted", err)
		}
	}
	c := proxy.Challenge{Scheme: "Basic", Params: params("Realm", "a\x1b\"é")}
	if got, want := c.String(), `Basic realm="a\x1b\"\u00e9"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// FuzzParseChallenges: whatever a proxy sends, what is read of it reads the same when it is written again.
func FuzzParseChallenges(f *testing.F) {
	for _, s := range []string{`Basic realm="a", Digest nonce="b", qop=auth`, "NTLM abc==", `X a="\"", Y`, "X a=b c", ",,X ,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		all, err := proxy.ParseChallenges(s)
		if err != nil {
			return
		}
		var again []string
		for _, c := range all {
			text := c.Scheme
			if c.Token68 != "" {
				text += " " + c.Token68
			}
			for i, p := range c.Params {
				text += map[bool]string{true: " ", false: ", "}[i == 0] + p.Name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p.Value) + `"`
			}
			again = append(again, text)
		}
		got, err := proxy.ParseChallenges(strings.Join(again, ", "))
		if diff := cmp.Diff(all, got); diff != "" || err != nil {
			t.Errorf("%q, written as %q: %v\n%s", s, again, err, diff)
		}
	})
}

// The head of a refusal, and its challenges, are in the error.
func TestRefusedErrorChallenges(t *testing.T) {
	e := &proxy.RefusedError{Proxy: "p:1", Address: "o:1", Status: 407, Reason: "No", Fields: fieldsOf(
		"Proxy-Authenticate", `Digest realm="a", nonce="b"`, "X", "y", "proxy-authenticate", `Basic realm="a", bad"`)}
	want := `proxy p:1 refused a tunnel to o:1: 407 "No"; it asks for Digest realm="a", or Basic realm="a"`
	if got := e.Error(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	e.Fields = new(headers.Fields)
	if got := e.Error(); !strings.HasSuffix(got, "; it does not say what it asks for") {
		t.Error(got)
	}
}
