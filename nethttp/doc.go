// Package nethttp is the bridge to package net/http: a [Transport] is an http.RoundTripper for http.Client, over the client of
// Strata, and [Handler] and its kin serve any http.Handler by the server of Strata. Redirects, cookies, multipart forms, file
// serving and all else that stands on these two stay what they are.
//
//	client := &http.Client{Transport: nethttp.NewTransport()}
//
// # What it brings
//
// Field lines go out in the order and the case that [WithOrder] or [WithFields] gives them, and [FieldsOf] returns those of a
// response as they came. The DialContext of every [transport.Dialer] can be the Transport's: a network in memory, recordings,
// faults. Responses are read strictly, and what breaks a rule is an error that names it; Lenient admits deviations
// by name. A request and its response pass at the same time, where a server wants that. An idle connection is a
// socket and a small struct.
//
// # What is other than with http.Transport
//
// The contract of http.RoundTripper is kept, and what a caller of http.Transport sees is the same but for this:
//
//   - HTTP/2 is not spoken, nor offered: ForceAttemptHTTP2, HTTP2, Protocols and TLSNextProto have no counterpart.
//   - Dial, DialTLS and CancelRequest, which are deprecated, are left out; Request.Cancel is honoured. There is no
//     RegisterProtocol: a RoundTripper that looks at the scheme first takes its place. There is no ReadBufferSize and
//     WriteBufferSize: buffers are shared by all connections, and none is held by an idle one.
//   - User-Agent is [DefaultUserAgent] where the request has none.
//   - Responses are read strictly: line ends of LF alone, a missing SP behind the status code, field names that are none and
//     other deviations are errors, unless Lenient admits them. Interim responses, trailers and chunked framing have the limits of
//     [wire.Limits].
//   - PUT and DELETE are idempotent too (RFC 9110 section 9.2.2), and so are sent again where GET is.
//   - When more connections become idle than are kept, the one that is idle longest is closed, not the one that comes
//     back.
//   - Who waits because of MaxConnsPerHost is served in order. A connection is opened by the goroutine of the request that it is
//     for, and with its context: it is given up with that.
//   - That a server has closed an idle connection is noticed when it is to be used, or when others come back, and not at
//     once.
//   - An HTTP proxy may answer CONNECT with any 2xx; a refusal is a [*proxy.RefusedError]. Proxy-Authorization of
//     a request that goes through a tunnel is left out, since the origin would get it.
//   - The Body of a response without content is not http.NoBody, but reads like it.
//   - The Body of a 2xx to CONNECT can be written to, as that of a 101 can. Both are the net.Conn.
//   - A panic in a request's Body goes on in the goroutine of the caller, which can recover it: in RoundTrip, or in Read or
//     Close of the response's Body.
//   - A request whose Body fails when its response has begun does not end the response, but the connection behind it.
//   - When the context of a request ends, whoever reads the response finds out at once; the connection is closed by that Read, or by
//     Close of the Body.
//   - A request-target that RFC 9112 does not have, such as one with a space in the RawQuery, is an error, and nothing is sent.
//   - A request whose length is not ContentLength never looks complete to the server: one that is too long is found before its
//     last octets are sent.
//
// # Serving
//
//	http.ListenAndServe(address, handler)    // before
//	nethttp.ListenAndServe(address, handler) // after
//
// [Handler] makes of an http.Handler one of the server's, with its limits, time-outs, logs and its Shutdown; [NewServer]
// takes these from an http.Server. Handlers find what they find behind that: everything that an http.ResponseController
// can, trailers, interim responses, upgrades, a Request with each field filled, whose context ends when the client goes
// away. The differences stand with [Handler].
//
// # Terminology
//
//   - round trip: one request and its final response, as http.RoundTripper has it.
//   - content: what the Body of a request or response carries (RFC 9110 section 6.4).
//   - field line, header section, trailer section: RFC 9110 section 5 and 6.
//   - interim response: 1xx, but 101, which ends HTTP on the connection.
//   - origin, proxy, tunnel: RFC 9110 sections 3.7 and 4.3.1.
//   - absolute-form: the request-target of a request to a proxy that forwards it (RFC 9112 section 3.2.2).
package nethttp
