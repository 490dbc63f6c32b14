package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/cmd/strata/internal/console"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/status"
)

// maxRefusal is how many octets of a proxy's refusal are read to keep the connection.
const maxRefusal = 64 << 10

var errTunnelled = errors.New("Proxy-Authorization would pass through the tunnel to the server; --proxy-header gives it to the proxy")

// checkTunnelled refuses credentials for a proxy among the fields of a request that no proxy reads.
func (x *exchange) checkTunnelled() error {
	route := &x.way.route
	if route.Direct() || route.AbsoluteForm || !x.sent.Has("Proxy-Authorization") || !strings.HasPrefix(x.url.Target, "/") {
		return nil
	}
	return errTunnelled
}

// challenges returns what a proxy that forwards asks for in resp; ok is false where resp is no 407 of such a proxy.
func (x *exchange) challenges(resp httpclient.Response) (all []proxy.Challenge, ok bool) {
	if !x.way.route.AbsoluteForm || resp.Status() != status.ProxyAuthenticationRequired {
		return nil, false
	}
	for value := range resp.Fields().Values("Proxy-Authenticate") {
		some, _ := proxy.ParseChallenges(string(value))
		all = append(all, some...)
	}
	return all, true
}

// mayAnswer reports whether resp is a 407 of a proxy that forwards, which can be answered by sending the request again,
// and makes the content ready for that.
func (x *exchange) mayAnswer(resp httpclient.Response) bool {
	challenges, ok := x.challenges(resp)
	if !ok || x.way.auth == nil || x.sent.Has("Proxy-Authorization") {
		return false
	}
	if _, ok := x.way.auth.challenge(challenges, x.way.auth.lastGiven()); !ok {
		return false
	}
	return x.content.rewind()
}

// refusedBy returns the error for a response that is the refusal of a proxy that forwards.
func (x *exchange) refusedBy(resp httpclient.Response) error {
	challenges, ok := x.challenges(resp)
	if !ok {
		return nil
	}
	status := strings.TrimSpace(fmt.Sprintf("%d %s", resp.Status(), console.Visible(resp.Reason())))
	return refusedBy(x.way, x.way.route.Proxy, status, resp.URL(), challenges)
}

// rewind makes content ready to be sent again, and reports whether it can be.
func (c *content) rewind() bool {
	switch c.source.Kind() {
	case body.KindNone, body.KindBytes, body.KindString:
		return true
	case body.KindFile:
		_, err := c.file.Seek(c.start, io.SeekStart)
		return err == nil
	}
	return false
}
