package advisories_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// injections are advisories about octets of a caller's that end the element that they belong to.
func injections() []advisory {
	value := []wire.Rule{wire.RuleFieldValue, wire.RuleBareCR, wire.RuleBareLF, wire.RuleNUL, wire.RuleEdgeSpace, wire.RuleObsFold}
	name := []wire.Rule{wire.RuleFieldName}
	target := []wire.Rule{wire.RuleTarget, wire.RuleTargetForm, wire.RuleAuthority}
	host := append([]wire.Rule{wire.RuleHostInvalid}, value...)
	return []advisory{
		{"CVE-2016-5699", "CPython", "CRLF in field value", "line breaks in a field value",
			atFacade(valueOf("X-Spam", value), putValue(value)), atClient(clientValue("X-Spam", value)),
			atServer(serverValue("X-Spam", value)), atServed(servedValue("X-Spam"))},
		{"CVE-2019-9740", "CPython", "CRLF in query", "line breaks in the query of a request-target",
			atFacade(targetOf("/?a=b", target), putTarget("/?a=b", target)), atClient(clientTarget("GET", "/?a=b", target)),
			inRequestLine("GET /?a=", " HTTP/1.1\r\nHost: h\r\n\r\n"), nil},
		{"CVE-2019-9947", "CPython", "CRLF in path", "line breaks in the path of a request-target",
			atFacade(targetOf("/path", target), putTarget("/path", target)), atClient(clientTarget("GET", "/path", target)),
			inRequestLine("GET /pa", "th HTTP/1.1\r\nHost: h\r\n\r\n"), nil},
		{"CVE-2019-18348", "CPython", "CRLF in host", "line breaks in the host of a URL",
			atFacade(madeFor("example.org"), targetOf("http://example.org/", target)),
			atClient(clientTarget("GET", "http://example.org/", target)),
			inRequestLine("GET http://exam", "ple.org/ HTTP/1.1\r\nHost: h\r\n\r\n"), nil},
		{"CVE-2020-26116", "CPython", "CRLF in method", "line breaks in the method",
			atFacade(methodOf, putMethod), atClient(clientMethod), inRequestLine("GE", "T / HTTP/1.1\r\nHost: h\r\n\r\n"), atServed(servedAllow)},
		{"CVE-2026-1502", "CPython", "CRLF in tunnel", "line breaks in the host and the fields of CONNECT",
			atFacade(tunnelHost, tunnelName, tunnelValue),
			atClient(clientTarget("CONNECT", "example.org:443", target)),
			inRequestLine("CONNECT exam", "ple.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n"), nil},
		{"CVE-2023-29406", "Go", "control octets in Host", "a Host that is no host",
			atFacade(valueOf("Host", host)), atClient(clientValue("Host", host)),
			inRequestLine("GET / HTTP/1.1\r\nHost: exam", "ple.org\r\n\r\n"), nil},
		{"CVE-2017-18587", "hyper", "line break in field name and value", "line breaks in field lines",
			atFacade(nameOf(name), putName(name), valueOf("X-Spam", value), foldedValue(value)),
			atClient(clientName(name), clientValue("X-Spam", value)),
			atServer(serverName(name), serverValue("X-Spam", value)), atServed(servedName, servedValue("X-Spam"))},
		{"CVE-2022-31150", "undici", "CRLF in path and field", "line breaks in path, method and fields",
			atFacade(targetOf("/path", target), methodOf, nameOf(name), valueOf("X-Spam", value)),
			atClient(clientTarget("OPTIONS", "/path", target), clientMethod, clientName(name)),
			atServer(serverValue("Location", value)), atServed(servedValue("Location"))},
		{"CVE-2022-35948", "undici", "CRLF in Content-Type", "line breaks in Content-Type",
			atFacade(valueOf("Content-Type", value)), atClient(clientValue("Content-Type", value)),
			atServer(serverValue("Content-Type", value)), atServed(servedValue("Content-Type"))},
		{"CVE-2023-23936", "undici", "CRLF in Host", "line breaks in Host",
			atFacade(valueOf("Host", host)), atClient(clientValue("Host", host)),
			inRequestLine("GET / HTTP/1.1\r\nHost: h", "\r\n\r\n"), nil},
		{"CVE-2026-1527", "undici", "CRLF in Upgrade", "line breaks in the protocol of an upgrade",
			atFacade(upgradeOf(value)), atClient(clientValue("Upgrade", value)), atServer(serverSwitch(value)), atServed(servedSwitch)},
		{"CWE-93", "any", "CRLF in trailer and chunk extension", "line breaks in what follows the head",
			facadeTrailers(name, value), clientTrailer(name, value), serverTrailer(name, value), behindServed},
		{"CWE-113", "any", "CRLF in reason phrase", "response splitting",
			facadeReason, clientReason, atServer(serverReason, serverInterim(value)), atServed(servedReason, servedInterim)},
	}
}

// evils are what is put into an element: every control octet, and what ends a line.
func evils() []string {
	evils := []string{"\x7f", "\r\n", "\n\r", "\r\n\r\n", "\r\n ", "\r\nX-Injected: yes", " HTTP/1.1\r\nX-Injected: yes\r\n\r\n"}
	for octet := range 0x20 {
		evils = append(evils, string(rune(octet)))
	}
	return evils
}

// within puts evil at the beginning, in the middle and at the end of a good element, and in its place.
func within(good string) []string {
	var all []string
	for _, evil := range evils() {
		middle := len(good) / 2
		all = append(all, evil+good, good[:middle]+evil+good[middle:], good+evil, evil)
	}
	return all
}

// bad leaves out what happens to be good: a field value may hold HTAB between other octets.
func bad(elements []string) []string {
	return slices.DeleteFunc(elements, func(s string) bool {
		return !strings.ContainsFunc(s, func(r rune) bool { return r != '\t' && (r < ' ' || r == 0x7f) }) && strings.Trim(s, "\t") == s
	})
}

// place is where an element of a caller's goes into a façade's request.
type place struct {
	what     string
	elements []string // what is to be refused there
	rules    []wire.Rule
	try      func(c *httpclient.Conn, element string) error
	anew     bool // an element that a Conn is given before it connects: try makes its own
}

// atFacade tries places on a Conn that has no connection yet, and on one that has: an error that names the rule,
// nobody dialled, no octet written, and the Conn is as good as before.
func atFacade(places ...place) func(*testing.T) {
	return func(t *testing.T) {
		o := newOrigin(t, greet)
		for _, connected := range []bool{false, true} {
			for _, p := range places {
				if p.anew && connected {
					continue
				}
				c := facade(t, o)
				if connected {
					get(t, c, "/", "hello")
				}
				dials, octets := o.dials.Load(), o.octets.Load()
				for _, element := range p.elements {
					err := p.try(c, element)
					if !errors.Is(err, httpclient.ErrHTTP) {
						t.Fatalf("%s %q: error %v", p.what, element, err)
					}
					noControls(t, err.Error())
					if p.rules != nil && !slices.Contains(p.rules, ruleOf(t, err)) {
						t.Errorf("%s %q: %v", p.what, element, err)
					}
					if o.dials.Load() != dials || o.octets.Load() != octets {
						t.Fatalf("%s %q: %d octets were written", p.what, element, o.octets.Load()-octets)
					}
				}
				get(t, c, "/", "hello")
				if made := o.dials.Load() - dials; connected && made != 0 || made > 1 {
					t.Errorf("%s: the connection was given up", p.what)
				}
				c.Close()
			}
		}
	}
}

func pair(name, value string) *headers.Fields {
	f := new(headers.Fields)
	f.Add(name, value)
	return f
}

func methodIn(good string, request func(c *httpclient.Conn, method string) error) place {
	return place{what: "method", elements: within(good), rules: []wire.Rule{wire.RuleMethod}, try: request}
}

var (
	methodOf = methodIn("GET", func(c *httpclient.Conn, s string) error {
		return c.Request(noCtx, s, "/", nil, body.None())
	})
	putMethod = methodIn("POST", func(c *httpclient.Conn, s string) error { return c.PutRequest(s, "/", 0) })
)

func targetOf(good string, rules []wire.Rule) place {
	return place{"target", within(good), rules, func(c *httpclient.Conn, s string) error {
		return c.Request(noCtx, "GET", s, nil, body.None())
	}, false}
}

func putTarget(good string, rules []wire.Rule) place {
	return place{"target", within(good), rules, func(c *httpclient.Conn, s string) error {
		return c.PutRequest("GET", s, 0)
	}, false}
}

// madeFor has the host that a Conn is made for.
func madeFor(good string) place {
	return place{"host", within(good), nil, func(_ *httpclient.Conn, s string) error {
		_, err := httpclient.New(s)
		if err != nil && !errors.Is(err, httpclient.ErrInvalidURL) {
			return errors.New("another error than ErrInvalidURL")
		}
		return err
	}, true}
}

func valueOf(name string, rules []wire.Rule) place {
	return place{name, bad(within("spam")), rules, func(c *httpclient.Conn, s string) error {
		return c.Request(noCtx, "GET", "/", pair(name, s), body.None())
	}, false}
}

func upgradeOf(rules []wire.Rule) place {
	return place{"upgrade", bad(within("websocket")), rules, func(c *httpclient.Conn, s string) error {
		f := pair("Upgrade", s)
		f.Add("Connection", "upgrade")
		return c.Request(noCtx, "GET", "/", f, body.None())
	}, false}
}

func nameOf(rules []wire.Rule) place {
	return place{"field name", within("X-Spam"), rules, func(c *httpclient.Conn, s string) error {
		return c.Request(noCtx, "GET", "/", pair(s, "eggs"), body.None())
	}, false}
}

// step puts a field line by one of the four steps; the request is given up behind it.
func step(put func(c *httpclient.Conn, s string) error) func(c *httpclient.Conn, s string) error {
	return func(c *httpclient.Conn, s string) error {
		if err := c.PutRequest("GET", "/", 0); err != nil && !errors.Is(err, httpclient.ErrCannotSendRequest) {
			return err
		}
		return put(c, s)
	}
}

func putName(rules []wire.Rule) place {
	return place{"field name", within("X-Spam"), rules, step(func(c *httpclient.Conn, s string) error {
		return giveUp(c, c.PutHeader(s, "eggs"))
	}), true}
}

func putValue(rules []wire.Rule) place {
	return place{"field value", bad(within("spam")), rules, step(func(c *httpclient.Conn, s string) error {
		return giveUp(c, c.PutHeader("X-Spam", s))
	}), true}
}

func foldedValue(rules []wire.Rule) place {
	return place{"folded value", bad(within("spam")), rules, step(func(c *httpclient.Conn, s string) error {
		return giveUp(c, c.PutHeaderFolded("X-Spam", "eggs", s))
	}), true}
}

// giveUp forgets a request that was begun by PutRequest.
func giveUp(c *httpclient.Conn, err error) error {
	c.Close()
	return err
}

var (
	tunnelHost = place{"tunnel host", within("example.org"), nil, func(c *httpclient.Conn, s string) error {
		return c.SetTunnel(s, 443, nil)
	}, true}
	tunnelName = place{"tunnel field name", within("X-Spam"), []wire.Rule{wire.RuleFieldName}, func(c *httpclient.Conn, s string) error {
		return c.SetTunnel("example.org", 443, pair(s, "eggs"))
	}, true}
	tunnelValue = place{"tunnel field value", bad(within("spam")), nil, func(c *httpclient.Conn, s string) error {
		return c.SetTunnel("example.org", 443, pair("X-Spam", s))
	}, true}
)
