package interop

import (
	"errors"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/test/peers"
)

// unauthorized is the status by which a proxy asks for a password: tinyproxy up to 1.11.1 asks as an origin does.
func (w way) unauthorized() []int {
	if w.proxy.Name == "squid" || w.proxy.Name == "haproxy" {
		return []int{407}
	}
	return []int{401, 407}
}

// contains reports whether one of values is v.
func contains(values []int, v int) bool {
	for _, value := range values {
		if value == v {
			return true
		}
	}
	return false
}

// proxyRefusesPassword gives a proxy that asks for a password another one, and none.
func proxyRefusesPassword(t *testing.T, w way) {
	if w.proxy.User == "" {
		t.Skip("it asks for none")
	}
	for _, url := range w.nginx.URLs("/f-13") {
		for _, given := range []string{"wrong-" + password, ""} {
			w.url = w.proxy.URLFor(w.scheme, user, given)
			if given == "" {
				w.url = w.proxy.URLFor(w.scheme, "", "")
			}
			if w.tunnels(url) {
				checkTunnelRefused(t, w, url, given)
			} else {
				checkForwardRefused(t, w, url)
			}
		}
	}
}

// checkForwardRefused has the challenge surface as the response that it is.
func checkForwardRefused(t *testing.T, w way, url string) {
	t.Helper()
	s := w.open(t, url)
	resp, _ := s.get(t, s.target)
	if !contains(w.unauthorized(), int(resp.Status())) {
		t.Errorf("status %d; want one of %d", resp.Status(), w.unauthorized())
	}
	name := "Proxy-Authenticate"
	if resp.Status() == 401 {
		name = "WWW-Authenticate"
	}
	challenges, err := proxy.ParseChallenges(resp.Field(name))
	if err != nil || len(challenges) != 1 || !challenges[0].Is("Basic") {
		t.Errorf("challenges %v, %v", challenges, err)
	}
}

// checkTunnelRefused has the refusal surface as the error that it is.
func checkTunnelRefused(t *testing.T, w way, url, given string) {
	t.Helper()
	s := w.open(t, url)
	_, err := s.Do(s.ctx, "GET", s.target, nil, body.None())
	equal(t, "connected", false, s.Connected())
	if err == nil || given != "" && strings.Contains(err.Error(), given) {
		t.Errorf("error %v", err)
	}
	if w.socks() {
		want := proxy.SOCKSMethod
		if given != "" {
			want = proxy.SOCKSAuth
		}
		var refused *proxy.SOCKSError
		if !errors.As(err, &refused) || refused.Step != want || refused.Proxy != w.proxy.Addr(w.scheme) {
			t.Errorf("with password %q: %v", given, err)
		}
		return
	}
	var refused *proxy.RefusedError
	if !errors.As(err, &refused) || !contains(w.unauthorized(), int(refused.Status)) {
		t.Fatalf("with password %q: %v", given, err)
	}
	if challenges := refused.Challenges(); refused.Status == 407 &&
		(len(challenges) != 1 || challenges[0].String() != proxyChallenge(w)) {
		t.Errorf("challenges %v", challenges)
	}
	equal(t, "fields of the refusal", refused.Fields.String(), s.ProxyFields().String())
}

// proxyChallenge is what a proxy that answers 407 asks for.
func proxyChallenge(w way) string {
	if w.proxy.Name == "squid" || w.proxy.Name == "haproxy" {
		return `Basic realm="` + peers.Realm + `"`
	}
	return `Basic realm="Tinyproxy"`
}

// proxyRefusesTarget asks a proxy for an origin that is not there.
func proxyRefusesTarget(t *testing.T, w way) {
	dead := closedPort(t)
	for _, url := range []string{"http://" + dead + "/", "https://" + dead + "/"} {
		s := w.open(t, url)
		resp, err := s.Do(s.ctx, "GET", "/", nil, body.None())
		var refused *proxy.RefusedError
		var unreached *proxy.SOCKSError
		switch {
		case w.socks():
			if !errors.As(err, &unreached) || unreached.Step != proxy.SOCKSConnect || unreached.Code != 5 {
				t.Errorf("%s: %v; want a refused connection", url, err)
			}
		case w.tunnels(url):
			if !errors.As(err, &refused) || refused.Status < 500 || refused.Address != dead {
				t.Errorf("%s: %v; want a refusal with its status", url, err)
			}
		case err != nil || resp.Status() < 500:
			t.Errorf("%s: %v, %v; want the proxy's response", url, resp.Status(), err)
		}
	}
}
