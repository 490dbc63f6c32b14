package conn_test

import (
	"testing"

	"github.com/strata-http/strata/conn"
)

var pipeline3 = conn.Config{Pipeline: 3}

func TestPipelining(t *testing.T) {
	runScripts(t, []script{
		{name: "three, answered in order", client: pipeline3, text: `
			C request GET /1 | Host: h
			C end
			C request HEAD /2 | Host: h
			C end
			C request POST /3 | Host: h | Content-Length: 2
			C has in-flight 3
			C content 33
			C end
			C has in-flight 3
			C request GET /4 | Host: h => conn: client in state done cannot send request: 3 in flight already
			S hears => request GET /1, end, paused
			S has in-flight 1
			S response 200 one | Content-Length: 1
			S content 1
			S end
			S hears => request HEAD /2, end, paused
			S response 200 two | Content-Length: 1
			S content 2 => content at byte 0: content in a message that has none (RFC 9112 section 6.3)
			S end
			S hears => request POST /3, content 33, end, paused
			S response 200 three | Content-Length: 1
			S content 3
			S end
			S hears => need data
			C hears => response 200 one, content 1, end, response 200 two, end, response 200 three, content 3, end, need data
			C has in-flight 0
			C has reusable true`},
		{name: "room is made as responses come", client: conn.Config{Pipeline: 2}, text: `
			C request GET /1 | Host: h
			C end
			C request GET /2 | Host: h
			C end
			C request GET /3 | Host: h => conn: client in state done cannot send request: 2 in flight already
			S hears => request GET /1, end, paused
			S response 204
			S end
			C hears => response 204, end, need data
			C is done owed
			C has in-flight 1
			C request GET /3 | Host: h
			C end
			S hears => request GET /2, end, paused
			S response 204
			S end
			S hears => request GET /3, end, paused
			S response 204
			S end
			C hears => response 204, end, response 204, end, need data
			C has reusable true`},
		{name: "closing in the middle leaves the rest unanswered", client: pipeline3, text: `
			C request GET /1 | Host: h
			C end
			C request GET /2 | Host: h
			C end
			C request GET /3 | Host: h
			C end
			S hears => request GET /1, end, paused
			S response 204
			S end
			S hears => request GET /2, end, paused
			S response 200 | Connection: close | Content-Length: 0
			S end
			S hears => paused
			S close
			C has last-response false
			C hears => response 204, end, response 200, end, closed
			C has last-response true
			C has in-flight 1
			C has phase over
			C is must-close closed`},
		{name: "octets behind the last response are no response to those still in flight", client: pipeline3, text: `
			C request GET /1 | Host: h
			C end
			C request GET /2 | Host: h
			C end
			to C HTTP/1.0 204 \r\n\r\nHTTP/1.1 204 \r\n\r\n
			C hears => response 204, end, error message at byte 17: octets that belong to no outstanding request (RFC 9112 section 9.2); found "H"
			C has in-flight 1
			C is must-close failed`},
		{name: "an end without a response", client: pipeline3, text: `
			C request GET /1 | Host: h
			C end
			C request GET /2 | Host: h
			C end
			to C HTTP/1.1 204 \r\n\r\n
			to C EOF
			C hears => response 204, end, error message at byte 17: connection closed without a response (RFC 9112 section 9.5)
			C has in-flight 1
			C is must-close failed`},
		{name: "nothing behind a request that closes", client: pipeline3, text: `
			C request GET /1 | Host: h
			C end
			C request GET /2 | Host: h | Connection: close
			C end
			C request GET /3 | Host: h => conn: client in state must close cannot send request: the connection does not persist
			S hears => request GET /1, end, paused
			S response 204
			S end
			S hears => request GET /2, end, paused
			S response 204
			S end
			S is must-close must-close
			C hears => response 204, end, response 204, end, paused
			C has in-flight 0
			C is must-close must-close`},
		{name: "nothing behind a request that may switch", client: pipeline3, text: `
			C request GET /1 | Host: h
			C end
			C request GET /2 | Host: h | Upgrade: x
			C end
			C is might-switch owed
			C request GET /3 | Host: h => conn: client in state might switch cannot send request
			S hears => request GET /1, end, paused
			S response 200 | Content-Length: 1
			S content 1
			C hears => response 200, content 1, end, need data
			C is might-switch owed
			S end
			S hears => request GET /2, end, paused
			S response 101 | Upgrade: x
			C hears => response 101, paused
			C has switched true`},
		{name: "nothing behind a request that may switch, while an earlier one is answered", client: pipeline3, text: `
			C request GET /1 | Host: h
			C end
			C request GET /2 | Host: h | Upgrade: x
			C end
			S hears => request GET /1, end, paused
			S response 200 | Content-Length: 1
			C hears => response 200, need data
			C is done body
			C request GET /3 | Host: h => conn: client in state done cannot send request: the request in flight may switch protocols`},
		{name: "101 to an earlier request that did not ask", client: pipeline3, text: `
			C request GET /1 | Host: h
			C end
			C request GET /2 | Host: h | Upgrade: x
			C end
			to C HTTP/1.1 101 \r\n\r\n
			C hears => error status-line at byte 0: 101 to a request that asked for no upgrade (RFC 9110 section 7.8)`},
		{name: "a response while the next request is under way", client: pipeline3, text: `
			C request GET /1 | Host: h
			C end
			C request POST /2 | Host: h | Content-Length: 2
			S hears => request GET /1, end, paused
			S response 204
			S end
			C hears => response 204, end, need data
			C is body owed
			C content ok
			C end
			S hears => request POST /2, content ok, end, paused
			S response 204
			S end
			C hears => response 204, end, need data
			C has reusable true`},
	})
}
