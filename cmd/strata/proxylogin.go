package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/icholy/digest"

	"github.com/strata-http/strata/cmd/strata/internal/console"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/wire"
)

// proxyLogin gives user and password to an HTTP proxy: by Basic at once, unless only Digest may be used, and by Digest
// (RFC 7616) where the proxy asks for that. A nil one has none to give.
type proxyLogin struct {
	user       proxy.Userinfo
	digestOnly bool

	mu     sync.Mutex
	counts map[string]int // how often a nonce was used
	last   string         // what was given last
}

func newLogin(u proxy.Userinfo, digestOnly bool) *proxyLogin {
	if !u.IsSet() {
		return nil
	}
	return &proxyLogin{user: u, digestOnly: digestOnly, counts: map[string]int{}}
}

func (l *proxyLogin) auth() proxy.Auth {
	if l == nil {
		return nil
	}
	return l.answer
}

// lastGiven returns the credentials that were given last.
func (l *proxyLogin) lastGiven() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// answer is a [proxy.Auth].
func (l *proxyLogin) answer(_ context.Context, r *proxy.AuthRequest) (string, error) {
	credentials, err := l.credentials(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = credentials
	return credentials, err
}

func (l *proxyLogin) credentials(r *proxy.AuthRequest) (string, error) {
	if c, ok := l.challenge(r.Challenges, r.Refused); ok {
		return l.digest(c, r)
	}
	if l.digestOnly || isDigest(r.Refused) {
		return "", nil
	}
	return l.user.Basic()
}

func isDigest(credentials string) bool {
	scheme, _, _ := strings.Cut(credentials, " ")
	return wire.EqualFold(scheme, "Digest")
}

// challenge returns the first challenge that can be answered by Digest, unless the proxy has refused such an answer
// for another reason than its age.
func (l *proxyLogin) challenge(all []proxy.Challenge, refused string) (proxy.Challenge, bool) {
	for _, c := range all {
		stale, _ := c.Param("stale")
		if c.Is("Digest") && digest.CanDigest(digestChallenge(c)) && (!isDigest(refused) || wire.EqualFold(stale, "true")) {
			return c, true
		}
	}
	return proxy.Challenge{}, false
}

// digestChallenge is c as the library has it.
func digestChallenge(c proxy.Challenge) *digest.Challenge {
	value := func(name string) string {
		v, _ := c.Param(name)
		return v
	}
	d := &digest.Challenge{
		Realm: value("realm"), Nonce: value("nonce"), Opaque: value("opaque"), Algorithm: value("algorithm"),
		Userhash: wire.EqualFold(value("userhash"), "true"),
	}
	if options, ok := c.Param("qop"); ok {
		d.QOP = []string{"none that is known"} // content is not signed here, so auth-int is none
		for option := range strings.SplitSeq(options, ",") {
			if wire.EqualFold(strings.TrimSpace(option), "auth") {
				d.QOP[0] = "auth"
			}
		}
	}
	return d
}

func (l *proxyLogin) digest(c proxy.Challenge, r *proxy.AuthRequest) (string, error) {
	d := digestChallenge(c)
	l.mu.Lock()
	l.counts[d.Nonce]++
	count := l.counts[d.Nonce]
	l.mu.Unlock()
	credentials, err := digest.Digest(d, digest.Options{
		Method: r.Method, URI: r.Target, Count: count, Username: l.user.User(), Password: l.user.Password(),
	})
	if err != nil {
		return "", errors.New("the proxy's Digest challenge cannot be answered")
	}
	return credentials.String(), nil
}

// refusedBy returns the error for the refusal of the proxy at via, and the way on. address is what it was asked for.
func refusedBy(w *way, via, status, address string, challenges []proxy.Challenge) error {
	message := fmt.Sprintf("%s refused: %s", via, status)
	if strings.HasPrefix(status, "407") {
		message += "; " + asks(challenges) + "\n" + advice(w, via, challenges)
	} else {
		message += "; it was asked for " + address
	}
	return &exitError{code: exitConnection, err: errors.New(message)}
}

func asks(challenges []proxy.Challenge) string {
	if len(challenges) == 0 {
		return "it does not say what it asks for"
	}
	var all []string
	for _, c := range challenges {
		all = append(all, c.String())
	}
	return "it asks for " + strings.Join(all, ", or ")
}

// advice says what to do about a 407.
func advice(w *way, via string, challenges []proxy.Challenge) string {
	usable := slices.ContainsFunc(challenges, func(c proxy.Challenge) bool { return c.Is("Basic") || c.Is("Digest") })
	switch {
	case len(challenges) > 0 && !usable:
		return "That scheme is not built in; --proxy-header 'Proxy-Authorization: ...' sends credentials of any."
	case w.auth == nil && via == w.url.Address:
		return "Give user and password: --proxy " + w.url.Scheme + "://USER:PASSWORD@" + via
	case w.auth == nil:
		return "Give user and password before its host, as in http://USER:PASSWORD@" + via
	case w.auth.digestOnly && !slices.ContainsFunc(challenges, func(c proxy.Challenge) bool { return c.Is("Digest") }):
		return "It does not ask for Digest, and --proxy-digest gives nothing else."
	}
	return "It does not take the user and password that it was given."
}

// proxyError returns the error for what a proxy has done, nil where err is about something else.
func proxyError(err error, w *way) error {
	var (
		refused *proxy.RefusedError
		socks   *proxy.SOCKSError
		auth    *proxy.AuthError
		failed  *httpclient.ProxyError
		broken  *proxy.ReplyError
		syntax  *wire.SyntaxError
	)
	switch {
	case errors.As(err, &refused):
		status := strings.TrimSpace(fmt.Sprintf("%d %s", refused.Status, console.Visible(refused.Reason)))
		return refusedBy(w, refused.Proxy, status, refused.Address, refused.Challenges())
	case errors.As(err, &socks):
		message := fmt.Sprintf("%s refused: %s; it was asked for %s", socks.Proxy, socks.Reason(), socks.Address)
		if socks.Step == proxy.SOCKSMethod && w.auth == nil {
			message += "\nGive user and password before its host, as in " + proxy.SOCKS5HScheme + "://USER:PASSWORD@" + socks.Proxy
		}
		return &exitError{code: exitConnection, err: errors.New(message)}
	case errors.As(err, &auth):
		return &exitError{code: exitUsage, err: err, help: "strata proxy"}
	case !errors.As(err, &broken) && !errors.As(err, &failed):
		return nil
	case broken != nil && !errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &syntax) && !isCut(syntax):
		return &exitError{code: exitProtocol, err: hinted{err}}
	}
	return &exitError{code: exitConnection, err: err}
}

// isCut reports whether a rule was broken by the end of the connection.
func isCut(err *wire.SyntaxError) bool {
	return err.Rule == wire.RuleNoResponse || err.Rule == wire.RuleIncompleteHead
}
