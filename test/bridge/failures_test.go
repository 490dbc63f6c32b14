package bridge

import "strings"

// failure is a test of a suite that fails with Strata and not without, and why that is right.
type failure struct {
	name, mode, test string
	why              string
}

func (f failure) key() string { return strings.Join([]string{f.name, f.mode, f.test}, " ") }

// failures are all of them. TestSuites fails on one that is not here, and on one that is here and does not fail.
var failures = []failure{
	{"github.com/go-resty/resty/v2", "both", "TestRequestURL_GH797",
		"It sends UTF-8 in the query that is not percent-encoded. net/http takes it; a server of Strata is strict (RFC 9112 section 3.2), and admits it by `wire.AllowObsTarget`. The transport of Strata sends it, as that of net/http does."},
	{"github.com/gorilla/websocket", "server", "TestProxyDial",
		"Its proxy answers CONNECT with 200, returns, and goes on with HTTP on the same connection. A 2xx to CONNECT ends HTTP there (RFC 9110 section 9.3.6): a handler has to take the connection over, and is answered with 500 when it does not."},
	{"github.com/gorilla/websocket", "server", "TestProxyAuthorizationDial", "As TestProxyDial."},
	{"github.com/gorilla/websocket", "server", "TestDialExtraTokensInRespHeaders",
		"Its handler answers with 101, and does not take the connection over, so that client and server are in two protocols. It is answered with 500, as in TestProxyDial."},
	{"github.com/gorilla/websocket", "server", "TestNextProtos", "It is a test of HTTP/2, which an http.Server speaks over TLS. Strata speaks HTTP/1."},
	{"github.com/go-chi/chi/v5/middleware", "server", "TestWrapWriterHTTP2",
		"It is a test of HTTP/2, which an http.Server speaks over TLS. Strata speaks HTTP/1."},
}
