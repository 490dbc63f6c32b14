package conn_test

import (
	"testing"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/wire"
)

func TestSwitch(t *testing.T) {
	runScripts(t, []script{
		{name: "upgrade accepted, octets of the other protocol on both sides", text: `
			C request GET / | Host: h | Connection: upgrade | Upgrade: echo
			C end
			C is might-switch owed
			C request GET / | Host: h => conn: client in state might switch cannot send request
			C close => conn: client in state might switch cannot send close
			S hears => request GET /, end, paused
			S response 101 Switching Protocols | Connection: upgrade | Upgrade: echo
			S has switched true
			S has in-flight 1
			to C hello client
			C hears => response 101 Switching Protocols, paused
			C has switched true
			C has phase over
			C hears => paused
			to S hello server
			S hears => paused
			S content x => conn: server in state switched cannot send content
			S end => conn: server in state switched cannot send end of message
			S response 200 => conn: server in state switched cannot send final response
			C request GET / | Host: h => conn: client in state switched cannot send request
			C end => conn: client in state switched cannot send end of message
			to C EOF
			C hears => paused
			to S EOF
			S hears => paused`},
		{name: "upgrade refused", text: `
			C request GET / | Host: h | Connection: upgrade | Upgrade: echo
			C end
			S hears => request GET /, end, paused
			S response 200 OK | Content-Length: 2
			S is done body
			S content ok
			S end
			C hears => response 200 OK, content ok, end, need data
			C is idle idle
			S is idle idle`},
		{name: "upgrade of a request with content: 100, then 101 behind its end", text: `
			C request POST / | Host: h | Upgrade: echo | Expect: 100-continue | Content-Length: 2
			S hears => request POST /, need data
			S response 101 => field section: 101 to a request that asked for no upgrade (RFC 9110 section 7.8)
			S response 100
			C hears => interim 100, need data
			C content ok
			C end
			S hears => content ok, end, paused
			S response 101 | Upgrade:, => field section: 101 without Upgrade (RFC 9110 section 7.8)
			S response 101 | Upgrade: echo
			C hears => response 101, paused`},
		{name: "101 that nobody asked for", text: `
			C request GET / | Host: h
			C end
			S hears => request GET /, end, paused
			S response 101 => field section: 101 to a request that asked for no upgrade (RFC 9110 section 7.8)
			to C HTTP/1.1 101 \r\n\r\n
			C hears => error status-line at byte 0: 101 to a request that asked for no upgrade (RFC 9110 section 7.8)
			C is must-close failed`},
		{name: "101 before the request is complete", text: `
			C request POST / | Host: h | Upgrade: echo | Content-Length: 2
			to C HTTP/1.1 101 \r\n\r\n
			C hears => error status-line at byte 0: 101 to a request that asked for no upgrade (RFC 9110 section 7.8)
			C is body failed`},
		{name: "Upgrade from HTTP/1.0 is ignored", client: http10, text: `
			C request GET / | Upgrade: echo
			C end
			C is must-close owed
			S hears => request GET /, end, paused
			S response 101 => field section: 101 to a request that asked for no upgrade (RFC 9110 section 7.8)`},
		{name: "an upgrade that closes, refused", text: `
			C request GET / | Host: h | Connection: upgrade, close | Upgrade: echo
			C end
			C is might-switch owed
			S hears => request GET /, end, paused
			S response 200 | Content-Length: 0
			S is must-close body
			S end
			C hears => response 200, end, paused
			C is must-close must-close`},
		{name: "CONNECT accepted", text: `
			C request CONNECT h:443 | Host: h:443
			C end
			S hears => request CONNECT h:443, end, paused
			S response 200 | Content-Length: 0 => field section: Content-Length or Transfer-Encoding where the message can have neither (RFC 9110 section 8.6)
			S response 200 | Transfer-Encoding: chunked => field section: Content-Length or Transfer-Encoding where the message can have neither (RFC 9110 section 8.6)
			S response 200 OK
			to C tls
			C hears => response 200 OK, paused
			C has switched true
			S has switched true`},
		{name: "CONNECT refused", text: `
			C request CONNECT h:443 | Host: h:443
			C end
			S hears => request CONNECT h:443, end, paused
			S response 407 | Content-Length: 2
			S content no
			S end
			C hears => response 407, content no, end, need data
			C has reusable true
			C request GET / | Host: h
			C end
			S hears => request GET /, end, paused`},
		{name: "the end instead of an answer", text: `
			C request CONNECT h:443 | Host: h:443
			C end
			to C EOF
			C hears => error message at byte 0: connection closed without a response (RFC 9112 section 9.5)
			C is must-close failed`},
		{name: "a half-closing client that might switch, refused", text: `
			C request GET / | Host: h | Upgrade: echo
			C end
			to S EOF
			S hears => request GET /, end, paused
			S response 204
			S is done body
			S end
			S hears => closed
			S is closed must-close`},
	})
}

func TestEndings(t *testing.T) {
	runScripts(t, []script{
		{name: "the server answers what it cannot read", text: `
			to S GET / HTTP/1.1\r\nHost : h\r\n\r\n
			S hears => error field line at byte 20: whitespace between field name and colon (RFC 9112 section 5.1); found " "
			S is failed idle
			S response 400 Bad Request | Connection: close | Content-Length: 2
			S content no
			S end
			S is failed must-close
			S hears => error field line at byte 20: whitespace between field name and colon (RFC 9112 section 5.1); found " "
			S close
			S is failed closed`},
		{name: "the server answers a request whose content breaks", text: `
			to S POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx
			S hears => request POST /, error chunk at byte 56: malformed chunk-size (RFC 9112 section 7.1); found "x"
			S is failed owed
			S response 400 | Content-Length: 0
			S end
			S is failed must-close
			S has in-flight 0
			S has reusable false`},
		{name: "the server has answered when the content breaks", text: `
			to S POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n
			S hears => request POST /, need data
			S response 200 | Content-Length: 0
			S end
			to S x
			to S EOF
			S hears => content x, error content at byte 48: connection closed before the content was complete (RFC 9112 section 8)
			S is failed must-close`},
		{name: "408 to an idle client is the last message", text: `
			S response 408 | Connection: close | Content-Length: 0
			S is must-close body
			to S GET / HTTP/1.1\r\nHost: h\r\n\r\n
			S hears => paused
			S end
			S is must-close must-close
			S hears => paused
			S has in-flight 0
			S close
			S is must-close closed`},
		{name: "408 within a head is the last message", text: `
			to S GET / HTTP/1.1\r\nHo
			S hears => need data
			S response 408 | Content-Length: 0
			S end
			to S st: h\r\n\r\n
			S hears => paused
			S is must-close must-close`},
		{name: "no interim response and no switch to an idle client", text: `
			S response 100 => conn: server in state idle cannot send interim response
			S response 101 => conn: server in state idle cannot send switching response
			S is idle idle`},
		{name: "an idle client takes no response", text: `
			to C HTTP/1.1 408 \r\nContent-Length: 0\r\n\r\n
			C hears => error message at byte 0: octets that belong to no outstanding request (RFC 9112 section 9.2); found "H"
			C is must-close failed
			C request GET / | Host: h => conn: client in state must close cannot send request: message at byte 0: octets that belong to no outstanding request (RFC 9112 section 9.2); found "H"`},
		{name: "the end of an idle connection", text: `
			to C EOF
			C hears => closed
			C is must-close closed
			to S EOF
			S hears => closed
			S is closed must-close`},
		{name: "the end within a head, of both", text: `
			C request GET / | Host: h
			C end
			to C HTTP/1.1 2
			to C EOF
			C hears => error message at byte 10: connection closed within a message head (RFC 9112 section 8)
			to S POST
			to S EOF
			S hears => request GET /, end, paused
			S response 204
			S end
			S hears => error message at byte 31: connection closed within a message head (RFC 9112 section 8)`},
		{name: "the end within content: length, chunk, trailers", text: `
			C request GET / | Host: h
			C end
			to C HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nabc
			to C EOF
			C hears => response 200, content abc, error content at byte 39: connection closed before the content was complete (RFC 9112 section 8)
			C is must-close failed
			to S EOF`},
		{name: "more interim responses than the limit", client: conn.Config{Limits: wire.Limits{Interim: 2}}, text: `
			C request GET / | Host: h
			C end
			S hears => request GET /, end, paused
			S response 100
			S response 103
			C hears => interim 100, interim 103, need data
			S response 100
			C hears => error message at byte 34: more interim responses than Limits.Interim (RFC 9110 section 15.2)
			C is must-close failed`},
		{name: "interim responses are counted for each exchange", client: conn.Config{Limits: wire.Limits{Interim: 1}}, text: `
			C request GET / | Host: h
			C end
			S hears => request GET /, end, paused
			S response 100
			S response 204
			S end
			C hears => interim 100, response 204, end, need data
			C request GET / | Host: h
			C end
			S hears => request GET /, end, paused
			S response 100
			S response 204
			S end
			C hears => interim 100, response 204, end, need data`},
	})
}

func TestRaw(t *testing.T) {
	runScripts(t, []script{
		{name: "a malformed request, in pieces, and its response", text: `
			C raw : G\x00T  / HTTP/9\r\n
			C is idle idle
			C has in-flight 0
			C raw GET: \r\n
			C is might-switch owed
			C has in-flight 1
			to C HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\nno
			C hears => response 400 Bad, content no, end, need data
			C has reusable true`},
		{name: "several methods: each response framed by its own", text: `
			C raw GET HEAD GET: GET / HTTP/1.1\r\nHost: h\r\n\r\nHEAD / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n
			C has in-flight 3
			C request GET / | Host: h => conn: client in state might switch cannot send request
			S hears => request GET /, end, paused
			S response 200 | Content-Length: 1
			S content 1
			S end
			S hears => request HEAD /, end, paused
			S response 200 | Content-Length: 1
			S end
			S hears => request GET /, end, paused
			S response 200 | Content-Length: 1
			S content 3
			S end
			C hears => response 200, content 1, end, response 200, end, response 200, content 3, end, need data
			C has reusable true`},
		{name: "a switch is taken without being asked for", text: `
			C raw GET: GET / HTTP/1.1\r\n\r\n
			to C HTTP/1.1 101 \r\n\r\nhello
			C hears => response 101, paused
			C has switched true`},
		{name: "CONNECT by its name", text: `
			C raw CONNECT: CONNECT x HTTP/1.1\r\n\r\n
			to C HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\nhello
			C hears => response 200, paused
			C has switched true`},
		{name: "not inside a message", text: `
			C request POST / | Host: h | Content-Length: 2
			C raw GET: x => conn: client in state body cannot send request
			C raw : x => conn: client in state body cannot send request`},
		{name: "not behind the end", text: `
			C close
			C raw GET: x => conn: client in state closed cannot send request`},
		{name: "a server's raw response changes no state and awaits nothing", text: `
			C request GET / | Host: h
			C end
			S hears => request GET /, end, paused
			S raw GET: x => conn: server in state owed cannot send request: a server awaits no response
			S raw : HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n1
			S is done owed
			C hears => response 200 OK, content 1, end, need data`},
	})
}

// TestMisuse is the careless caller: each of these calls fails and changes nothing, bit for bit.
func TestMisuse(t *testing.T) {
	runScripts(t, []script{
		{name: "roles", text: `
			C response 200 => conn: client in state idle cannot send final response: a client sends requests
			S request GET / | Host: h => conn: server in state idle cannot send request: a server sends responses`},
		{name: "idle", text: `
			C content x => conn: client in state idle cannot send content
			C chunk ;a x => conn: client in state idle cannot send content
			C prefix 1 => conn: client in state idle cannot send content
			C sent 1 => conn: client in state idle cannot send content
			C suffix => conn: client in state idle cannot send content
			C end => conn: client in state idle cannot send end of message
			S content x => conn: server in state idle cannot send content
			S end => conn: server in state idle cannot send end of message`},
		{name: "a second request before the response", text: `
			C request GET / | Host: h
			C request GET / | Host: h => conn: client in state body cannot send request
			C end
			C end => conn: client in state done cannot send end of message
			C content x => conn: client in state done cannot send content
			C request GET / | Host: h => conn: client in state done cannot send request: 1 in flight already
			C raw GET: x
			C has in-flight 2`},
		{name: "a second response", text: `
			to S GET / HTTP/1.1\r\nHost: h\r\n\r\n
			S hears => request GET /, end, paused
			S response 200 | Content-Length: 0
			S response 200 | Content-Length: 0 => conn: server in state body cannot send final response
			S response 100 => conn: server in state body cannot send interim response
			S end
			S response 200 | Content-Length: 0 => conn: server in state idle cannot send final response: no request is owed an answer
			S response 304 => conn: server in state idle cannot send final response: no request is owed an answer
			S is idle idle
			S response 408 | Content-Length: 0
			S is must-close body`},
		{name: "content of 205", text: `
			to S GET / HTTP/1.1\r\nHost: h\r\n\r\n
			S hears => request GET /, end, paused
			S response 205 | Transfer-Encoding: chunked
			S content x => content at byte 0: content in a message that has none (RFC 9112 section 6.3)
			S end
			S is idle idle`},
		{name: "content against its length", text: `
			C request POST / | Host: h | Content-Length: 3
			C has remain 3
			C content abcd => content at byte 3: more content than Content-Length says (RFC 9110 section 8.6)
			C content ab
			C has remain 1
			C end => content at byte 2: less content than Content-Length says (RFC 9110 section 8.6)
			C content bc => content at byte 1: more content than Content-Length says (RFC 9110 section 8.6)
			C chunk ;a c => chunk at byte 0: malformed chunk extension (RFC 9112 section 7.1.1)
			C prefix 2 => content at byte 1: more content than Content-Length says (RFC 9110 section 8.6)
			C sent 2 => content at byte 1: more content than Content-Length says (RFC 9110 section 8.6)
			C prefix 1
			C sent 1
			C suffix
			C has remain 0
			C end | X: 1 => trailer section at byte 0: trailers without chunked framing (RFC 9110 section 6.5)
			C end
			S hears => request POST /, content ab, need data`},
		{name: "content that nothing frames", text: `
			C request GET / | Host: h
			C content x => content at byte 0: content that nothing frames (RFC 9112 section 6.3)
			C chunk ;a x => content at byte 0: content that nothing frames (RFC 9112 section 6.3)
			C prefix 1 => content at byte 0: content that nothing frames (RFC 9112 section 6.3)
			C content 
			C end`},
		{name: "content past memory, in chunks", text: `
			C request POST / | Host: h | Transfer-Encoding: chunked
			C sent 1 => content at byte 0: content that nothing frames (RFC 9112 section 6.3)
			C prefix -1 => content at byte 0: less content than Content-Length says (RFC 9110 section 8.6)
			C prefix 0
			C suffix
			C prefix 3
			to S abc
			C has remain 3
			C content x => content at byte 0: less content than Content-Length says (RFC 9110 section 8.6)
			C prefix 1 => content at byte 0: less content than Content-Length says (RFC 9110 section 8.6)
			C sent 4 => content at byte 3: more content than Content-Length says (RFC 9110 section 8.6)
			C sent 2
			C suffix => content at byte 2: less content than Content-Length says (RFC 9110 section 8.6)
			C end => content at byte 2: less content than Content-Length says (RFC 9110 section 8.6)
			C sent 1
			C end => content at byte 3: less content than Content-Length says (RFC 9110 section 8.6)
			C suffix
			C end | Content-Length: 3 => trailer section at byte 0: field not allowed in a trailer section (RFC 9110 section 6.5.1); found "C"
			C end | X-Sum: 1
			S hears => request POST /, chunk 3, content abc, chunk 0, end | X-Sum: 1, paused`},
		{name: "content that is chunked already", text: `
			C coded 0\r\n\r\n => conn: client in state idle cannot send content
			C request POST / | Host: h | Transfer-Encoding: chunked | Expect: 100-continue
			C coded 2;a=b\r\nok
			C has expects-continue false
			C end => content: less content than Content-Length says (RFC 9110 section 8.6)
			C coded \r\n0\r\nX: y\r\n\r\n
			C end
			S hears => request POST /, chunk 2;a=b, content ok, chunk 0, end | X: y, paused`},
		{name: "content where there is none", text: `
			to S HEAD / HTTP/1.1\r\nHost: h\r\n\r\n
			S hears => request HEAD /, end, paused
			S response 200 | Content-Length: 5
			S content x => content at byte 0: content in a message that has none (RFC 9112 section 6.3)
			S prefix 1 => content at byte 0: content in a message that has none (RFC 9112 section 6.3)
			S end`},
	})
}
