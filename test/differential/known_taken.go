package main

import "strings"

// What Strata takes and others refuse: in heads.
var takenHeads = []row{
	{
		rules: accepted, keys: []string{"verdict", "messages"}, engines: []string{node}, details: []string{"HPE_INVALID_VERSION"},
		law: "RFC 9110 section 2.5",
		why: "A later minor version is to be read as the highest one that is known. Node knows 0.9, 1.0, " +
			"1.1 and 2.0.",
		example: "HTTP/1.2 204 No Content\r\n\r\n",
	},
	{
		side: "server", rules: accepted, keys: []string{"verdict"}, engines: []string{node}, details: []string{"HPE_INVALID_METHOD"},
		law: "RFC 9110 section 9.1",
		why: "A method is any token; what is not known is answered with 501. Node has a list, and refuses " +
			"what is not in it as malformed.",
		example: "X / HTTP/1.1\r\nHost: h\r\n\r\n",
	},
	{
		side: "server", rules: accepted, keys: []string{"verdict"}, engines: []string{fasthttp}, details: []string{"missing required host"},
		law: "RFC 9112 section 3.2",
		why: "Host MUST be sent, and is empty where the target has no authority. fasthttp takes an empty " +
			"one for none.",
		example: "GET / HTTP/1.1\r\nHost:\r\n\r\n",
	},
	{
		side: "server", rules: accepted, keys: []string{"verdict"}, engines: []string{node, fasthttp, nethttp},
		details: []string{"HPE_INVALID_URL", "invalid request uri", "invalid url escape", "fasthttp: invalid uri", "invalid character", "invalid host", "invalid port", "invalid ipv", "missing", "parse"},
		law:     "RFC 9112 section 3.2",
		why: "Strata passes a request-target on as it came and judges its form; what its parts mean is " +
			"for its handler. Others take it apart, and refuse a percent sign that escapes nothing, " +
			"schemes that they do not know, and IPvFuture.",
		example: "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
	},
	{
		side: "server", rules: accepted, keys: []string{"verdict", "messages"}, engines: []string{nethttp, h11}, details: []string{"malformed HTTP request", "no request line received"},
		law: "RFC 9112 section 2.2",
		why: "A server SHOULD ignore an empty line before the request-line. net/http does so behind a " +
			"POST alone.",
		example: "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
	},
	{
		side: "server", rules: accepted, keys: []string{"verdict"}, engines: []string{nethttp, node}, details: []string{"417"},
		law: "RFC 9110 section 10.1.1",
		why: "A server MAY answer 417 to an expectation that it does not know. The engine leaves it to " +
			"the server above.",
		example: "GET / HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n",
	},
	{
		rules: accepted, keys: []string{"verdict"}, engines: []string{nethttp, fasthttp}, details: []string{"bad trailer key", "fasthttp: contain forbidden", "forbidden trailer"},
		law: "RFC 9110 sections 6.5.1 and 6.6.2",
		why: "Trailer only announces. A field that may not stand in a trailer section means nothing " +
			"there: Strata keeps trailers apart from the header section, so that none of them can steer.",
		example: "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\n\r\n",
	},
	{
		side: "client", rules: accepted, keys: []string{"verdict"}, engines: []string{h11, python}, details: []string{"InformationalResponse", "BadStatusLine"},
		law: "RFC 9110 section 15",
		why: "Three digits below 100 are a status that the grammar has and that is invalid. A client " +
			"SHOULD take it for a 5xx; what it means is not for the engine to say.",
		example: "HTTP/1.1 000 Nothing\r\n\r\n",
	},
	{
		side: "client", rules: accepted, keys: []string{"status"}, engines: []string{fasthttp},
		law:     "RFC 9110 section 15",
		why:     "As above; fasthttp makes 000 a 200.",
		example: "HTTP/1.1 000 Nothing\r\n\r\n",
	},
	{
		side: "client", rules: accepted, keys: []string{"verdict"}, engines: []string{node}, details: []string{"HPE_INVALID_HEADER_TOKEN"},
		law: "RFC 9112 section 5.2",
		why: "A user agent MUST replace a fold in a response by SP. Node refuses a fold with nothing in " +
			"it, and one in the name of Transfer-Encoding or Content-Length.",
		example: "HTTP/1.1 304 Not Modified\r\nX:\r\n \r\n\r\n",
	},
	{
		side: "server", rules: accepted, keys: []string{"verdict"}, engines: []string{node},
		details: []string{"HPE_CLOSED_CONNECTION", "HPE_CR_EXPECTED", "HPE_INVALID_CONSTANT", "HPE_INVALID_EOF_STATE", "HPE_INVALID_HEADER_TOKEN", "HPE_LF_EXPECTED", "HPE_UNEXPECTED_SPACE"},
		law:     "RFC 9112 sections 2.2 and 9.6",
		why: "What Node finds wrong behind a request, in the same read, loses that request too, and " +
			"octets behind the last request of a connection are wrong to it. A server may ignore those, " +
			"and a request that is whole is answered.",
		example: "GET / HTTP/1.0\r\n\r\nx",
	},
	{
		side: "client", rules: accepted, keys: []string{"verdict"}, engines: []string{node}, details: []string{"HPE_CLOSED_CONNECTION"},
		law: "RFC 9110 section 15.2",
		why: "An interim response does not end anything, whatever its Connection says or its version is: " +
			"a final one follows. To Node nothing does.",
		example: "HTTP/1.0 103 Early Hints\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n",
	},
	{
		side: "client", rules: accepted, keys: []string{"verdict"}, engines: []string{python}, details: []string{"HTTPException got more than"},
		law:     "RFC 9110 section 5.4",
		why:     "http.client takes 100 field lines, Strata 256: Limits.Fields.",
		example: "HTTP/1.1 204 No Content\r\n" + strings.Repeat("A:\r\n", 101) + "\r\n",
	},
}

// What Strata takes and others refuse: in framing.
var takenFraming = []row{
	{
		rules: accepted, keys: []string{"verdict"}, engines: []string{nethttp, fasthttp, h11, node},
		details: []string{"bad Content-Length", "invalid empty Content-Length", "http: message cannot contain multiple Content-Length", "cannot parse content-length", "fasthttp: duplicate content-length", "conflicting Content-Length", "HPE_INVALID_CONTENT_LENGTH", "HPE_UNEXPECTED_CONTENT_LENGTH"},
		law:     "RFC 9112 section 6.3, steps 1, 3 and 5",
		why: "A recipient MAY take a list, or several fields, of one and the same length for that length. " +
			"And where content is framed otherwise, as behind HEAD, 204, 304, or by Transfer-Encoding, " +
			"Content-Length frames nothing and is not looked at.",
		example: "GET / HTTP/1.0\r\nContent-Length: 1, 1\r\n\r\nx",
	},
	{
		rules: accepted, keys: []string{"verdict"}, engines: []string{nethttp, fasthttp, h11, node},
		details: []string{"unsupported transfer", "fasthttp: unsupported transfer", "501", "too many transfer", "Only Transfer-Encoding", "multiple Transfer-Encoding", "HPE_INVALID_TRANSFER_ENCODING"},
		law:     "RFC 9110 section 5.6.1, RFC 9112 section 6.3, step 1",
		why: "Transfer-Encoding is a list, in one field line or several, and a recipient MUST ignore its " +
			"empty elements. Where a response has no content there is nothing to decode, whatever the " +
			"coding. fasthttp has no chunks in a version other than 1.1.",
		example: "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked,\r\n\r\n0\r\n\r\n",
	},
	{
		rules: accepted, keys: []string{"verdict"}, engines: []string{nethttp, fasthttp, h11, node},
		details: []string{"invalid byte in chunk length", "invalid character", "illegal chunk header", "HPE_INVALID_CHUNK_SIZE", "HPE_STRICT", "ECONNRESET"},
		law:     "RFC 9112 section 7.1.1",
		why: "A recipient MUST parse and remove whitespace around the semicolon and the equals sign of a " +
			"chunk extension.",
		example: "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0 ;a\r\n\r\n",
	},
	{
		rules: accepted, keys: []string{"verdict"}, engines: []string{nethttp, fasthttp, h11}, details: []string{"http chunk length too large", "too large hex number", "illegal chunk header"},
		law: "RFC 9112 section 7.1",
		why: "A chunk-size has as many leading zeros as its sender likes; a recipient MUST guard against " +
			"overflow. Strata counts the value, and bounds the line.",
		example: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n000000000000000000000\r\n\r\n",
	},
	{
		side: "server", rules: accepted, keys: []string{"verdict"}, engines: []string{node}, details: []string{"closed", "hang"},
		law:     "RFC 9110 section 7.8",
		why:     "Node, when it does not take up an Upgrade, leaves the content of that request unread.",
		example: "OPTIONS / HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\nConnection: Upgrade\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTransfer-Encoding: x\r\n\r\n", open: true,
	},
	{
		rules: accepted, keys: []string{"verdict"}, engines: []string{fasthttp, nethttp, node, python}, details: []string{"hang", "unexpected EOF", "fasthttp: body size"},
		law: "RFC 9112 sections 6.1 and 6.3",
		why: "Who does not take Transfer-Encoding for chunked, in HTTP/1.0 or behind an empty list " +
			"element, waits for the close, or for the Content-Length that Transfer-Encoding overrides.",
		example: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", open: true,
	},
	{
		side: "client", rules: accepted, keys: []string{"verdict"}, engines: []string{python},
		details: []string{"IncompleteRead", "ValueError", "OverflowError", "MemoryError"},
		law:     "RFC 9112 section 6.3, step 1",
		why: "Behind 204, 304 and an answer to HEAD there is no content. http.client reads chunks there " +
			"if Transfer-Encoding says so, and sets aside what their size claims.",
		example: "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
	},
}
