package main

// What all take, and take for something else.
var bothTake = []row{
	{
		side: "client", rules: accepted, keys: []string{"body", "trailers", "headers"}, engines: []string{nethttp, fasthttp}, details: []string{"Transfer-Encoding"},
		law: "RFC 9112 section 6.1",
		why: "A response of HTTP/1.0 with Transfer-Encoding is to be taken as having faulty framing, and " +
			"the connection closed behind it. Strata decodes the chunks and closes; net/http takes them " +
			"for content, and so does fasthttp in every version but 1.1.",
		example: "HTTP/1.0 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	},
	{
		side: "client", rules: accepted, keys: []string{"body", "trailers"}, engines: []string{node, python}, details: []string{"Transfer-Encoding"},
		law: "RFC 9110 section 5.6.1, RFC 9112 section 6.3, step 1",
		why: "Behind an empty list element neither takes the coding for chunked, so the chunks are " +
			"content to them; and http.client reads content behind 204 and 304.",
		example: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked,\r\n\r\n0\r\n\r\n",
	},
	{
		side: "client", rules: accepted, keys: []string{"body", "leftover", "status", "reusable", "reason", "interim", "headers", "version"}, engines: []string{node},
		law: "RFC 9110 sections 9.3.6 and 15.2, RFC 9112 section 9.2",
		why: "Node takes every response to CONNECT for the tunnel: a refusal, and an interim response " +
			"too. A 101 behind the response, which no request has asked for, replaces it. And Node asks " +
			"for HEAD and not for head, which are different methods.",
		example: "HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx", method: "CONNECT",
	},
	{
		side: "client", rules: accepted, keys: []string{"body"}, engines: []string{python}, details: []string{"Content-Length", "unframed"},
		law:     "RFC 9112 section 6.3, step 5",
		why:     "http.client takes a list of equal lengths for none, and reads to the close.",
		example: "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nxy",
	},
	{
		side: "client", rules: accepted, keys: []string{"headers", "reason", "status", "version", "reusable"}, engines: []string{python},
		law: "RFC 9110 sections 7.6.1, 7.8 and 15.2, RFC 9112 sections 2.3, 4 and 5",
		why: "http.client strips the reason phrase, takes each interim response but 100 for the final one " +
			"and 101 for a message that another may follow, HTTP/1.2 for 1.1, \"close\" anywhere in " +
			"Connection for the option, a Keep-Alive field for keep-alive, and reads field values as an " +
			"e-mail has them. docs/http-client.md lists it all.",
		example: "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
	},
	{
		rules: accepted, keys: []string{"headers", "trailers"}, engines: []string{fasthttp, h11, nethttp, node},
		law: "RFC 9112 section 5.2",
		why: "A fold is to become one or more SP. Strata makes it one, with the whitespace around it; " +
			"where nothing stands behind it, others make it none. fasthttp leaves out Cookie, " +
			"Content-Type and Content-Encoding fields that are empty.",
		example: "HTTP/1.1 200 OK\r\nA: d \r\n\te\r\nContent-Length: 0\r\n\r\n",
	},
	{
		side: "client", rules: accepted, keys: []string{"leftover"}, engines: []string{nethttp},
		law: "RFC 9110 sections 7.8 and 15.2.2",
		why: "Behind a 101 nothing is HTTP. net/http asks for an Upgrade field in it too, without which " +
			"it drops what follows.",
		example: "HTTP/1.1 101 Switching Protocols\r\n\r\nx",
	},
	{
		side: "client", rules: accepted, keys: []string{"reusable"}, engines: []string{nethttp, fasthttp, h11, node},
		law: "RFC 9112 sections 6.1 and 9.3, RFC 9110 section 2.5",
		why: "Behind a response with both Transfer-Encoding and Content-Length, or with Transfer-Encoding " +
			"in HTTP/1.0, Strata does not use the connection again; others do. h11 does not know " +
			"keep-alive in HTTP/1.0, fasthttp no persistence in HTTP/1.2, and fasthttp and Node keep a " +
			"connection behind 101. Node obeys Proxy-Connection, and does not keep a connection whose " +
			"response has Transfer-Encoding and no content.",
		example: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	},
	{
		side: "client", rules: []string{"unsolicited"}, keys: []string{"reusable"}, engines: []string{fasthttp, h11, python},
		law: "RFC 9112 section 9.2",
		why: "Octets behind the last response are no response, and the client SHOULD close the " +
			"connection. fasthttp drops what its buffer has and keeps the connection; h11 and " +
			"http.client leave it to their users. What waits there is taken for the answer to the next " +
			"request.",
		example: "HTTP/1.1 204 No Content\r\n\r\nx",
	},
	{
		side: "client", rules: []string{"unsolicited"}, keys: []string{"reusable"}, engines: []string{node},
		law: "RFC 9112 section 9.2",
		why: "Octets behind the last response that are empty lines only can be discarded, which Node " +
			"does, of CR or LF alone too. Strata makes no difference: a server that sends them has " +
			"miscounted, and another connection costs little.",
		example: "HTTP/1.1 204 No Content\r\n\r\n\n",
	},
	{
		side: "server", rules: accepted, keys: []string{"host"}, engines: []string{nethttp, fasthttp, node},
		law: "RFC 9112 section 3.2.2, RFC 9110 section 9.3.6",
		why: "The authority of the request-target overrides Host, an empty one and a missing one too, and " +
			"CONNECT is routed by its target. Node leaves that to its user, net/http falls back on Host " +
			"where the authority is empty, and fasthttp takes a path that begins with // for an authority where " +
			"there is no Host.",
		example: "CONNECT h:80 HTTP/1.1\r\nHost: other\r\n\r\n",
	},
	{
		side: "server", rules: accepted, keys: []string{"reusable", "messages"}, engines: []string{nethttp, fasthttp, h11, node},
		law: "RFC 9110 sections 2.5 and 7.6.1, RFC 9112 sections 2.2 and 9.3",
		why: "h11 does not know keep-alive in HTTP/1.0, fasthttp no persistence in HTTP/1.2 and only the " +
			"first Connection field; net/http splits connection options at SP too, and closes behind " +
			"CONNECT; Node obeys Proxy-Connection, and its list of options ends with keep-alive. What " +
			"any of them refuses in a first request (see above) it refuses in a later one.",
		example: "GET / HTTP/1.2\r\nHost: h\r\n\r\n",
	},
	{
		side: "server", rules: accepted, keys: []string{"method", "target", "version", "body", "leftover", "headers"}, engines: []string{node},
		law: "RFC 9110 section 10.1.1",
		why: "Node answers a request with an unknown expectation by 417 itself, so that its handler sees " +
			"the next request first.",
		example: "HEAD / HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n",
	},
}

// What follows from the above: who has taken one element for another finds other things wrong behind it, or nothing.
var consequences = []row{
	{
		keys: []string{"wait"}, engines: []string{nethttp, fasthttp, h11, node, python},
		why: "Strata refuses at the octet that decides, and the framing of a message is decided at the " +
			"end of its head. Others have refused some field before that, for a reason that is explained " +
			"above.",
		example: "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n", open: true,
	},
	{
		side: "client", keys: []string{"verdict"}, engines: []string{node},
		law: "RFC 9110 section 9.3.6",
		why: "Behind a tunnel, and in content that ends with the connection, nothing can be wrong: see " +
			"CONNECT and empty list elements above.",
		example: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304", method: "CONNECT",
	},
	{
		side: "client", rules: []string{"hang"}, keys: []string{"verdict"}, engines: []string{nethttp, fasthttp, python},
		law: "RFC 9112 sections 6.1 and 6.3",
		why: "Content-Length where Transfer-Encoding overrides it, an interim response that is taken for " +
			"the final one: the message is over earlier.",
		example: "HTTP/1.1 103 Early Hints\r\n\r\n", open: true,
	},
	{
		side: "client", rules: []string{"chunk-size", "chunk-size-range", "chunk-bare-lf", "chunk-end", "incomplete-content", "leading-space", "field-name", "missing-colon", "nul", "bare-cr",
			"chunked-repeated", "chunked-not-final", "transfer-encoding", "unknown-coding", "incomplete-head", "field-value", "limit-trailer", "limit-fields", "limit-line", "limit-chunk-overhead"},
		keys: []string{"verdict"}, engines: []string{nethttp, fasthttp},
		law: "RFC 9112 section 6.1",
		why: "Where HTTP/1.0 has no chunks (for fasthttp, every version but 1.1), Transfer-Encoding and " +
			"what stands in chunks and trailers cannot be wrong.",
		example: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+",
	},
	{
		side: "server", rules: []string{"content-length", "content-length-differs"}, keys: []string{"verdict", "messages"}, engines: []string{node},
		law:     "RFC 9110 sections 8.6 and 9.3.6",
		why:     "Node does not look at the Content-Length of a CONNECT.",
		example: "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\nContent-Length: 9223372036854775808\r\n\r\n",
	},
	{
		side: "server", keys: []string{"messages", "reusable"}, engines: []string{nethttp, fasthttp, h11, node},
		law: "RFC 9112 section 9.6",
		why: "Strata names what is wrong behind the first request. Who has closed behind that one, or has " +
			"refused an earlier one of the others, for a reason that is explained above, has seen fewer " +
			"requests.",
		example: "GET / HTTP/1.2\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\nG ET / HTTP/1.1\r\n\r\n",
	},
}
