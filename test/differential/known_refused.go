package main

import "strings"

// What Strata refuses and others take: in heads.
var refusedHeads = []row{
	{
		rules: []string{"bare-lf"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, fasthttp, h11, python},
		law: "RFC 9112 section 2.2",
		why: "A recipient MAY take LF alone for a line end. Peers that do and peers that do not see " +
			"different messages in the same octets, so it is a leniency: AllowBareLF.",
		example: "HTTP/1.1 204 No Content\n\n",
	},
	{
		side: "server", rules: []string{"bare-lf", "line-end", "request-line"}, keys: []string{"verdict", "messages"}, engines: []string{node},
		law: "RFC 9112 sections 2.2 and 3",
		why: "Node takes CR or LF alone before the request-line, and a request-line without version for " +
			"HTTP/0.9. An empty line before the request is CRLF, and HTTP/1.1 has one form of the " +
			"request-line.",
		example: "\nGET /\n\r\n",
	},
	{
		rules: []string{"line-end"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, fasthttp, h11, python},
		law: "RFC 9112 section 2.2",
		why: "Between what a line says and its CRLF there is no CR. Others cut all whitespace, and CR " +
			"with it, or take what is behind a chunk-size unread.",
		example: "HTTP/1.1 200 \r\r\n\r\n",
	},
	{
		rules: []string{"bare-cr", "nul", "field-value"}, keys: []string{"verdict", "messages"}, engines: []string{python, h11, fasthttp},
		law: "RFC 9110 section 5.5, RFC 9112 section 2.2",
		why: "A field value with CR or NUL is to be rejected or the octet replaced; other controls may be " +
			"kept. Strata rejects and has a leniency for each: AllowBareCR, AllowNUL, AllowControls.",
		example: "HTTP/1.1 200 OK\r\nA: \x1d\r\n\r\n",
	},
	{
		side: "client", rules: []string{"no-status-line", "http-version", "status-line", "status-code", "reason-phrase", "missing-reason", "leading-space", "field-name", "missing-colon", "space-before-colon"},
		keys: []string{"verdict"}, engines: []string{python},
		law: "RFC 9112 sections 2.2, 2.3, 4 and 5",
		why: "http.client splits lines at whitespace and hands the header section to an e-mail parser, " +
			"which rejects nothing. docs/http-client-tolerance.md lists what a leniency admits for each, " +
			"and what is published as a weakness and has none.",
		example: "HTTP/1.1 200 OK\r\nA B: c\r\nContent-Length: 0\r\n\r\n",
	},
	{
		side: "client", rules: []string{"missing-reason"}, keys: []string{"verdict"}, engines: []string{nethttp, fasthttp, h11, node},
		law: "RFC 9112 section 4",
		why: "A server MUST send the SP behind the status code, with or without a reason phrase. Many do " +
			"not, and reading it does no harm: AllowMissingReason.",
		example: "HTTP/1.1 404\r\n\r\n",
	},
	{
		side: "client", rules: []string{"reason-phrase"}, keys: []string{"verdict"}, engines: []string{nethttp, fasthttp, h11, node},
		law: "RFC 9112 section 4",
		why: "A reason phrase is HTAB, SP, VCHAR and obs-text. A client SHOULD ignore it, so others take " +
			"controls in it: AllowReasonControls.",
		example: "HTTP/1.1 200 \x7f\r\n\r\n",
	},
	{
		rules: []string{"major-version"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, fasthttp, h11, node, python},
		law: "RFC 9110 section 2.5, RFC 9112 section 2.3",
		why: "A message of another major version has another syntax. The server of net/http takes no more " +
			"than the preface of HTTP/2; all clients take HTTP/2.0 as if it were 1.1.",
		example: "HTTP/2.0 200 OK\r\n\r\n",
	},
	{
		side: "client", rules: []string{"no-status-line"}, keys: []string{"verdict"}, engines: []string{fasthttp, node},
		law: "RFC 9112 section 2.2",
		why: "Empty lines are ignored before a request, not before a response, where they may be what an " +
			"earlier answer has left.",
		example: "\r\nHTTP/1.1 200 OK\r\n\r\n",
	},
	{
		side: "client", rules: []string{"status-line", "status-code"}, keys: []string{"verdict"}, engines: []string{nethttp, fasthttp},
		law: "RFC 9112 section 4",
		why: "One SP, three digits: net/http takes a sign for a digit, and both more SP. " +
			"AllowLooseStatusLine takes the latter.",
		example: "HTTP/1.1  201 Created\r\n\r\n",
	},
	{
		rules: []string{"space-before-colon"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, fasthttp},
		law: "RFC 9112 section 5.1",
		why: "A server MUST reject whitespace before the colon. net/http drops the whitespace in " +
			"responses and trailers, fasthttp takes the SP for a part of the name.",
		example: "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
	},
	{
		side: "server", rules: []string{"obs-fold", "leading-space"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, fasthttp, h11},
		law: "RFC 9112 section 5.2",
		why: "A server MUST reject a folded line or replace the fold by SP. Strata rejects, since who " +
			"reads two lines reads another message: AllowObsFold.",
		example: "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n",
	},
	{
		side: "server", rules: []string{"request-target", "userinfo"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, fasthttp, h11, node},
		law: "RFC 9112 section 3.2, RFC 9110 section 4.2.4",
		why: "A request-target has no fragment, no octets above 0x7f and, in an http URI, no userinfo. " +
			"Others cut or keep them, so that what is routed by and what is asked for may differ.",
		example: "GET /#f HTTP/1.1\r\nHost: h\r\n\r\n",
	},
	{
		side: "server", rules: []string{"request-line"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp},
		law:     "RFC 9112 section 3",
		why:     "A request-target has one octet at least. To net/http, that of CONNECT may have none.",
		example: "CONNECT  HTTP/1.1\r\nHost: h\r\n\r\n",
	},
	{
		side: "server", rules: []string{"request-target-form", "authority"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, fasthttp, h11, node},
		law: "RFC 9112 section 3.2, RFC 9110 sections 4.2.1 and 9.3.6",
		why: "Asterisk-form is for OPTIONS, authority-form for CONNECT, which needs a port, and an http " +
			"URI has a host. Others leave that to the handler.",
		example: "GET * HTTP/1.1\r\nHost: h\r\n\r\n",
	},
	{
		side: "server", rules: []string{"host-invalid"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, fasthttp, h11, node},
		law: "RFC 9112 section 3.2",
		why: "A server MUST reject an invalid Host. h11 and Node do not look at it; net/http and fasthttp " +
			"look for octets that no host has, and not at its syntax.",
		example: "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n",
	},
	{
		side: "server", rules: []string{"host-missing"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, fasthttp, h11, node},
		law: "RFC 9112 section 3.2",
		why: "Every request of HTTP/1.1 or a later HTTP/1.x has a Host, CONNECT too, which net/http and " +
			"Node except. h11 and fasthttp ask it of HTTP/1.1 alone.",
		example: "CONNECT h:80 HTTP/1.1\r\n\r\n",
	},
	{
		side: "server", rules: []string{"host-repeated"}, keys: []string{"verdict", "messages"}, engines: []string{node},
		law:     "RFC 9112 section 3.2",
		why:     "A server MUST reject a request with more than one Host. Node keeps the first.",
		example: "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
	},
	{
		rules: []string{"limit-line", "limit-section", "limit-fields", "limit-interim"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, fasthttp, h11, node, python},
		law: "RFC 9110 sections 2.3, 5.4 and 15.2",
		why: "How much is too much is for each recipient to choose; no limit at all is a weakness. " +
			"fasthttp, h11 and http.client bound the octets of a head alone, and take interim responses " +
			"without end, as others do within their limit.",
		example: strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 101) + "HTTP/1.1 204 No Content\r\n\r\n",
	},
}

// What Strata refuses and others take: in framing.
var refusedFraming = []row{
	{
		rules: []string{"chunk-ext"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, fasthttp, h11, node, python},
		law: "RFC 9112 section 7.1.1",
		why: "Others drop what stands behind the semicolon unread, LF and CR in it too; requests have " +
			"been smuggled there. Node reads it, and takes a name of no octets. AllowLooseChunkExt drops " +
			"it, but for line ends.",
		example: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0;\r\n\r\n",
	},
	{
		rules: []string{"chunk-space"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, fasthttp, h11, python},
		law:     "RFC 9112 section 7.1",
		why:     "No whitespace stands before the line end of a chunk-size. Some servers send it: AllowChunkSpace.",
		example: "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0 \r\n\r\n",
	},
	{
		side: "client", rules: []string{"chunk-size", "chunk-size-range", "chunk-bare-lf", "chunk-end"}, keys: []string{"verdict"}, engines: []string{python},
		law: "RFC 9112 section 7.1",
		why: "http.client reads a chunk-size as Python reads a number, and two octets behind chunk-data, " +
			"whatever they are.",
		example: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\nx\r\n0\r\n\r\n",
	},
	{
		side: "client", rules: []string{"content-length", "content-length-differs"}, keys: []string{"verdict"}, engines: []string{python},
		law: "RFC 9112 section 6.3, step 5",
		why: "A response with an invalid Content-Length is an unrecoverable error. http.client reads to " +
			"the close, or takes the first field: AllowBadLength, AllowManyLengths.",
		example: "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
	},
	{
		rules: []string{"transfer-encoding", "unknown-coding", "chunked-repeated", "chunked-not-final"}, keys: []string{"verdict", "messages"}, engines: []string{node, python},
		law: "RFC 9112 sections 6.1, 6.3 and 7",
		why: "Node looks whether chunked is the last coding, http.client whether it is all there is; what " +
			"else is applied is delivered as if it were content. A server SHOULD answer 501, and nobody " +
			"decodes it here.",
		example: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
	},
	{
		side: "server", rules: []string{"chunked-not-final"}, keys: []string{"verdict", "messages"}, engines: []string{fasthttp},
		law: "RFC 9112 section 6.3, step 4",
		why: "A request whose last coding is not chunked has no length that can be known: 400. fasthttp " +
			"takes identity for no coding at all, which no RFC has since 2014.",
		example: "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n",
	},
	{
		side: "server", rules: []string{"coding-and-length"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, fasthttp, h11},
		law: "RFC 9112 section 6.1",
		why: "A server MAY reject a request with both, and must close if it does not. Rejecting leaves " +
			"nothing to smuggle.",
		example: "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	},
	{
		side: "server", rules: []string{"coding-in-http10", "transfer-encoding", "chunked-repeated", "chunked-not-final", "unknown-coding"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, h11, node},
		law: "RFC 9112 section 6.1",
		why: "A request of HTTP/1.0 with Transfer-Encoding has faulty framing. net/http overlooks the " +
			"field and takes the chunks for the next request; h11 and Node obey it. Strata rejects.",
		example: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	},
	{
		side: "server", rules: []string{"framing-forbidden"}, keys: []string{"verdict", "messages"}, engines: []string{nethttp, fasthttp, h11, node},
		law: "RFC 9110 section 9.3.6",
		why: "CONNECT has no content. Whether the octets that its fields announce are content or the " +
			"first ones of the tunnel is what peers disagree on, so Strata rejects.",
		example: "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\nContent-Length: 5\r\n\r\nhello",
	},
	{
		side: "client", rules: []string{"incomplete-head", "incomplete-content", "no-response"}, keys: []string{"verdict"}, engines: []string{python},
		law: "RFC 9112 section 8",
		why: "http.client takes the end of the connection for the end of a header or trailer section. " +
			"AllowTrailerEOF takes it in a trailer section, where all content has come.",
		example: "HTTP/1.1 200 OK\r\nA: b",
	},
}
