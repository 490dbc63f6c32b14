package conn_test

import (
	"testing"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/wire"
)

var http10 = conn.Config{Version: wire.HTTP10}

func TestPersistence(t *testing.T) {
	runScripts(t, []script{
		{name: "HTTP/1.1 persists", text: `
			C request GET /1 | Host: h
			C has phase request-started
			C end
			C is done owed
			C has phase request-sent
			S hears => request GET /1, end, paused
			S response 200 OK | Content-Length: 2
			S content ok
			C hears => response 200 OK, content ok, end, need data
			S end
			C has phase idle
			C has reusable true
			S has reusable true
			C request GET /2 | Host: h
			C end
			S hears => request GET /2, end, paused
			S response 204
			C hears => response 204, end, need data
			S end
			S hears => need data
			C is idle idle
			S is idle idle`},
		{name: "HTTP/1.0 persists when both say so", client: http10, text: `
			C request GET / | Connection: keep-alive
			C end
			S hears => request GET /, end, paused
			S response 200 OK | Connection: keep-alive | Content-Length: 0
			S end
			C hears => response 200 OK, end, need data
			C has reusable true
			S has reusable true`},
		{name: "HTTP/1.0 does not persist by itself", client: http10, text: `
			C request GET /
			C end
			C is must-close owed
			S hears => request GET /, end, paused
			S is must-close owed
			S response 200 OK | Content-Length: 0
			S end
			S is must-close must-close
			C hears => response 200 OK, end, paused
			C is must-close must-close
			C has phase over
			C has in-flight 0
			C request GET / => conn: client in state must close cannot send request: the connection does not persist
			S response 200 OK => conn: server in state must close cannot send final response
			S close
			C hears => closed
			C close
			S hears => closed
			S is closed closed
			C is closed closed`},
		{name: "a server that does not answer keep-alive in kind closes", client: http10, text: `
			C request GET / | Connection: keep-alive
			C end
			S hears => request GET /, end, paused
			S response 200 OK | Content-Length: 0
			S end
			S is must-close must-close`},
		{name: "the client closes by an option in a list", text: `
			C request GET / | Host: h | Connection: keep-alive, close
			C end
			C is must-close owed
			S hears => request GET /, end, paused
			S response 200 OK | Content-Length: 0
			S end
			S is must-close must-close
			C hears => response 200 OK, end, paused
			C has in-flight 0
			C has reusable false`},
		{name: "the server closes by an option in a list", text: `
			C request GET / | Host: h
			C end
			S hears => request GET /, end, paused
			S response 200 OK | Connection: x, Close | Content-Length: 0
			S is must-close body
			S end
			S is must-close must-close
			C hears => response 200 OK, end, paused
			C is must-close must-close
			C request GET / | Host: h => conn: client in state must close cannot send request: the connection does not persist`},
		{name: "the end of the connection is the end of the content", text: `
			C request GET / | Host: h
			C end
			S hears => request GET /, end, paused
			S response 200 OK
			S content a
			C hears => response 200 OK, content a, need data
			C is must-close body
			C has last-response true
			C has ahead -1
			S content b
			C hears => content b, need data
			S end
			S close
			C hears => end, closed
			C is must-close closed`},
		{name: "the client closes between exchanges", text: `
			C close
			C is closed must-close
			S hears => closed
			S is closed must-close
			S response 408 => conn: server in state must close cannot send final response
			C request GET / | Host: h => conn: client in state closed cannot send request`},
		{name: "the server closes between exchanges", text: `
			C request GET / | Host: h
			C end
			S hears => request GET /, end, paused
			S response 204
			S end
			S close
			S is must-close closed
			C hears => response 204, end, closed
			C is must-close closed
			C has reusable false`},
		{name: "the client closes behind its request and still hears the response", text: `
			C request GET / | Host: h
			C end
			C close
			C is closed owed
			S hears => request GET /, end, closed
			S is closed owed
			S response 200 OK | Content-Length: 2
			S content ok
			S end
			S is closed must-close
			C hears => response 200 OK, content ok, end, paused
			C is closed must-close
			C has in-flight 0
			S close
			C hears => closed`},
		{name: "closing inside a message is no ending", text: `
			C request POST / | Host: h | Content-Length: 2
			C close => conn: client in state body cannot send close
			C content ok
			C end
			S hears => request POST /, content ok, end, paused
			S close => conn: server in state owed cannot send close
			S response 200 | Content-Length: 2
			S close => conn: server in state body cannot send close`},
	})
}

func TestContinue(t *testing.T) {
	runScripts(t, []script{
		{name: "the server says 100", text: `
			C request PUT / | Host: h | Expect: 100-continue | Content-Length: 2
			C has expects-continue true
			S hears => request PUT /, need data
			S has expects-continue true
			S response 103
			S has expects-continue true
			C hears => interim 103, need data
			C has expects-continue true
			S response 100
			S has expects-continue false
			C hears => interim 100, need data
			C has expects-continue false
			C content ok
			C end
			S hears => content ok, end, paused
			S response 204
			S end
			C hears => response 204, end, need data
			C has reusable true`},
		{name: "the client does not wait for ever", text: `
			C request PUT / | Host: h | Expect: 100-continue | Content-Length: 2
			C content 
			C has expects-continue true
			C content o
			C has expects-continue false
			S hears => request PUT /, content o, need data
			S has expects-continue false
			C content k
			C end
			S hears => content k, end, paused`},
		{name: "the server refuses, the client sends its content all the same", text: `
			C request PUT / | Host: h | Expect: 100-continue | Content-Length: 2
			S hears => request PUT /, need data
			S response 417 | Content-Length: 0
			S has expects-continue false
			S end
			S is body done
			C hears => response 417, end, paused
			C has expects-continue false
			C has phase response-ready
			C is body done
			C request GET / | Host: h => conn: client in state body cannot send request
			C content ok
			C end
			C is idle idle
			S hears => content ok, end, need data
			S is idle idle
			S has in-flight 0`},
		{name: "the server refuses and closes, the client gives up", text: `
			C request PUT / | Host: h | Expect: 100-continue | Content-Length: 2
			S hears => request PUT /, need data
			S response 413 | Connection: close | Content-Length: 0
			S end
			C hears => response 413, end, paused
			C is body done
			C end => content at byte 0: less content than Content-Length says (RFC 9110 section 8.6)
			C close => conn: client in state body cannot send close
			to S EOF
			S hears => error content at byte 68: connection closed before the content was complete (RFC 9112 section 8)
			S is failed must-close`},
		{name: "no expectation without content", text: `
			C request GET / | Host: h | Expect: 100-continue
			C has expects-continue false
			C end
			S hears => request GET /, end, paused
			S has expects-continue false`},
		{name: "no expectation from HTTP/1.0", client: http10, text: `
			C request PUT / | Expect: 100-continue | Content-Length: 1
			C has expects-continue false
			S hears => request PUT /, need data
			S has expects-continue false
			S response 100 => field section: interim response to an HTTP/1.0 client (RFC 9110 section 15.2)`},
		{name: "chunks of nothing leave nothing to wait with", text: `
			C request PUT / | Host: h | Expect: 100-continue, x | Transfer-Encoding: chunked
			C has expects-continue true
			C end
			C has expects-continue false
			S hears => request PUT /, chunk 0, end, paused
			S has expects-continue false`},
	})
}

func TestEarlyResponse(t *testing.T) {
	runScripts(t, []script{
		{name: "the client finishes, the connection persists", text: `
			C request POST / | Host: h | Transfer-Encoding: chunked
			C content one
			S hears => request POST /, chunk 3, content one, need data
			S response 200 | Content-Length: 5
			S content early
			S end
			S is body done
			C hears => response 200, content early, end, paused
			C has phase response-ready
			C has reusable false
			C content two
			C end
			C has reusable true
			S response 200 => conn: server in state done cannot send final response
			S hears => chunk 3, content two, chunk 0, end, need data
			S has reusable true
			C request GET / | Host: h
			C end
			S hears => request GET /, end, paused`},
		{name: "the response ends behind the request", text: `
			C request POST / | Host: h | Content-Length: 2
			S hears => request POST /, need data
			S response 200 | Transfer-Encoding: chunked
			S chunk ;x=y a
			C hears => response 200, chunk 1;x=y, content a, need data
			C is body body
			C content ok
			C end
			C is done body
			S hears => content ok, end, paused
			S end | X-Sum: 1
			C hears => chunk 0, end | X-Sum: 1, need data
			C is idle idle
			S is idle idle`},
		{name: "the last response: the client may finish, nothing follows", text: `
			C request POST / | Host: h | Content-Length: 2
			S hears => request POST /, need data
			S response 400 | Connection: close | Content-Length: 0
			S end
			S is body done
			S close
			S is body closed
			C hears => response 400, end, closed
			C is body closed
			C content ok
			C end
			C is must-close closed
			S hears => content ok, end, paused
			S is must-close closed`},
		{name: "octets behind an early response end it all", text: `
			C request POST / | Host: h | Content-Length: 2
			to C HTTP/1.1 204 \r\n\r\nHTTP/1.1 204 \r\n\r\n
			C hears => response 204, end, error message at byte 17: octets that belong to no outstanding request (RFC 9112 section 9.2); found "H"
			C is body failed
			C content ok
			C end
			C is must-close failed`},
	})
}
