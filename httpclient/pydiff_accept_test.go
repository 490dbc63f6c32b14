package httpclient_test

// pyDifferences are responses of which Strata makes something else, for one reason.
type pyDifferences struct {
	why    string            // as docs/http-client.md has it
	differ map[string]string // by the name of the case: what is other, and what Python has
}

// pyAccepted are the differences from http.client 3.13.
var pyAccepted = []pyDifferences{
	{"A CR without LF ends no line. In http.client it is a line end in a field section and an ordinary octet elsewhere: what lets one peer see a field that another does not.", map[string]string{
		"bare CR: status-line":            "HTTPException for none",
		"bare CR: in the reason":          "HTTPException for none",
		"fields: bare CR in a value":      "HTTPException for none",
		"fields: bare CR before CRLF":     "HTTPException for none",
		"fields: bare CR and SP":          "HTTPException for none",
		"fields: bare CR begins a line":   "HTTPException for none",
		"chunks: bare CR behind the size": "HTTPException for IncompleteRead",
		"chunk-ext: bare CR":              "HTTPException for none",
		"trailers: bare CR":               "HTTPException for none",
	}},
	{"A number is decimal digits, a chunk-size hexadecimal ones, and nothing else: no sign, \"_\", prefix, leading whitespace, nor whitespace other than SP and HTAB behind.", map[string]string{
		"status: +200":          "BadStatusLine for none",
		"status: 0200":          "BadStatusLine for none",
		"status: 2_00":          "BadStatusLine for none",
		"length: -0":            `will close "true" for "false", content "hello, too" for ""`,
		"length: +5":            `will close "true" for "false", content "hello, too" for "hello"`,
		"length: 1_0":           `will close "true" for "false", content "hello, too, and more" for "hello, too"`,
		"length: 5 and VT":      `will close "true" for "false", content "hello, too" for "hello"`,
		"length: 5 and 0xA0":    `will close "true" for "false", content "hello, too" for "hello"`,
		"chunk-size: SP before": "HTTPException for none",
		"chunk-size: VT behind": "HTTPException for none",
		"chunk-size: 0x5":       "HTTPException for none",
		"chunk-size: +5":        "HTTPException for none",
		"chunk-size: 1_0":       "HTTPException for none",
		"chunk-size: -5":        "HTTPException for ValueError",
		"chunk-size: -0":        "HTTPException for none",
	}},
	{"A transfer coding is never passed over. One other than chunked is ErrUnknownTransferEncoding without WithCodings, and a list that RFC 9112 section 6.1 forbids is refused; http.client frames by Content-Length, or by the end of the connection, unless the first field line is the word \"chunked\".", map[string]string{
		"coding: empty":                      "HTTPException for none",
		"coding: gzip, chunked":              "UnknownTransferEncoding for none",
		"coding: gzip, chunked and a length": "UnknownTransferEncoding for none",
		"coding: gzip":                       "UnknownTransferEncoding for none",
		"coding: identity":                   "UnknownTransferEncoding for none",
		"coding: xchunked":                   "UnknownTransferEncoding for none",
		"coding: chunked, chunked":           "HTTPException for none",
		"coding: chunked, identity":          "UnknownTransferEncoding for none",
		"coding: chunked;q=1":                "HTTPException for none",
		"coding: VT chunked":                 "HTTPException for none",
		"coding: lines chunked and chunked":  "HTTPException for none",
		"coding: lines chunked and gzip":     "UnknownTransferEncoding for none",
		"coding: lines gzip and chunked":     "UnknownTransferEncoding for none",
	}},
	{"Chunk-data ends with its line end. http.client drops two octets unseen, whatever they are, and so loses the place where the line end is one octet or missing.", map[string]string{
		"chunks: bare LF":                     "none for IncompleteRead",
		"chunks: bare LF behind data":         "none for IncompleteRead",
		"chunks: two octets for the line end": "HTTPException for none",
	}},
	{"Broken chunk framing is a syntax error with its rule and offset, and not IncompleteRead, which is the error of a connection that ended.", map[string]string{
		"chunks: no line end behind data":   "HTTPException for IncompleteRead",
		"chunks: data longer than its size": "HTTPException for IncompleteRead",
		"chunks: a line end too many":       "HTTPException for IncompleteRead",
		"chunk-size: empty":                 "HTTPException for IncompleteRead",
		"chunk-size: x":                     "HTTPException for IncompleteRead",
		"chunk-size: x, second":             "HTTPException for IncompleteRead",
		"chunk-size: 5 5":                   "HTTPException for IncompleteRead",
		"chunk-ext: no size":                "HTTPException for IncompleteRead",
	}},
	{"What is cut short is never taken for whole: an end within the head or within the last-chunk is IncompleteRead, within the first line too. http.client reads what there is.", map[string]string{
		"first line: HTT":             "IncompleteRead for BadStatusLine",
		"first line: HTTP/1.1 2":      "IncompleteRead for BadStatusLine",
		"cut: status-line":            "IncompleteRead for none",
		"cut: behind the status-line": "IncompleteRead for none",
		"cut: in a field name":        "IncompleteRead for none",
		"cut: in the last-chunk":      "IncompleteRead for none",
	}},
	{"Each 1xx but 101 is interim (RFC 9110 section 15.2) and is told to WithInterim. http.client passes over 100 alone and takes any other for the response.", map[string]string{
		"interim: 102":       `status "200" for "102", reason "OK" for "Processing", fields [["Content-Length" "5"]] for [], content "hello" for ""`,
		"interim: 103":       `status "200" for "103", reason "OK" for "Early Hints", fields [["Content-Length" "5"]] for [["Link" "</a>"]], content "hello" for ""`,
		"interim: 199 alone": "RemoteDisconnected for none",
	}},
	{"Responses with 204 and 304 have no content, whatever their fields say (RFC 9112 section 6.3).", map[string]string{
		"204: chunked": "none for IncompleteRead",
		"304: chunked": `content "" for "hello"`,
	}},
	{"The connection is kept only where all agree that it is: every Connection line counts, close wins, HTTP/1.0 needs the option keep-alive itself, and neither Keep-Alive nor Proxy-Connection stands for it (RFC 9112 section 9.3).", map[string]string{
		"connection: two lines, close second": `will close "true" for "false"`,
		"connection: 1.0 not-keep-alives":     `will close "true" for "false"`,
		"connection: 1.0 close, keep-alive":   `will close "true" for "false"`,
		"connection: 1.0 Keep-Alive field":    `will close "true" for "false"`,
		"connection: 1.0 Proxy-Connection":    `will close "true" for "false"`,
	}},
	{"A response with Transfer-Encoding beside Content-Length, or in HTTP/1.0, is read as chunked, and its connection is not used again (RFC 9112 section 6.1).", map[string]string{
		"coding: and Content-Length":      `will close "true" for "false"`,
		"coding: on HTTP/1.0, keep-alive": `will close "true" for "false"`,
	}},
	{"What is valid by RFC 9112 is read as without leniency: OWS is no part of a value, and SP and HTAB are part of a reason phrase; a fold is whitespace before the field is understood; equal lengths in a list are one length, and empty elements of a list of codings are none; a status is any three digits.", map[string]string{
		"reason: SP and HTAB around":  `reason " \tOK \t " for "OK"`,
		"status-line: SP behind":      `reason "  " for ""`,
		"status: 099":                 "none for BadStatusLine",
		"status: 000":                 "none for BadStatusLine",
		"fields: SP behind the value": `fields [["A" "b"] ["Content-Length" "5"]] for [["A" "b \t"] ["Content-Length" "5"]]`,
		"fold: Transfer-Encoding":     `will close "false" for "true", content "hello" for "5\r\nhello\r\n0\r\n\r\n"`,
		"length: 5 and SP":            `fields [["Content-Length" "5"]] for [["Content-Length" "5 \t"]]`,
		"length: 5,5":                 `will close "false" for "true", content "hello" for "hello, too"`,
		"coding: chunked and SP":      `fields [["Transfer-Encoding" "chunked"]] for [["Transfer-Encoding" "chunked "]], will close "false" for "true", content "hello, too" for "5\r\nhello\r\n5\r\n, too\r\n0\r\n\r\n"`,
		"coding: ,chunked":            `will close "false" for "true", content "hello, too" for "5\r\nhello\r\n5\r\n, too\r\n0\r\n\r\n"`,
	}},
	{"NUL in a value is read as SP (RFC 9110 section 5.5), and in a reason phrase it is refused.", map[string]string{
		"reason: NUL": "BadStatusLine for none",
		"fields: NUL": `fields [["A" "b c"] ["Content-Length" "5"]] for [["A" "b\x00c"] ["Content-Length" "5"]]`,
	}},
	{"Whitespace is ASCII: to http.client the octets 0x1C to 0x1F, 0x85 and 0xA0 are whitespace too. VT and FF, once admitted into a reason phrase, stay at its edges.", map[string]string{
		"reason: octet 0xA0 at its end":  `reason "OK\u00a0" for "OK"`,
		"reason: octet 0x1F at its end":  `reason "OK\x1f" for "OK"`,
		"reason: VT and FF around":       `reason "\v\fOK\v\f" for "OK"`,
		"status-line: octet 0xA0 for SP": "BadStatusLine for none",
	}},
	{"The version is judged before the status.", map[string]string{
		"version: HTTP/2.0, no status":  "UnknownProtocol for BadStatusLine",
		"version: HTTP/2.0, bad status": "UnknownProtocol for BadStatusLine",
	}},
	{"A length that cannot be: an error of HTTP, where http.client lets MemoryError, OverflowError and ValueError through.", map[string]string{
		"length: 2^62":             "IncompleteRead for MemoryError",
		"length: 2^63":             "HTTPException for OverflowError",
		"length: thirty digits":    "HTTPException for OverflowError",
		"chunk-size: 2^62":         "IncompleteRead for MemoryError",
		"chunk-size: 2^64+5":       "HTTPException for OverflowError",
		"chunk-size: forty digits": "HTTPException for OverflowError",
	}},
	{"IncompleteRead has all content that came; http.client drops the chunk that is cut.", map[string]string{
		"cut: in chunk-data":                   `content "hel" for ""`,
		"cut: in the data of the second chunk": `content "hello, t" for "hello"`,
	}},
	{"Limits are other ones: 256 field lines in a section, trailers too, and WithLimits changes that; http.client has 100 lines with the empty one, and none on trailers.", map[string]string{
		"many: 150 fields": "none for HTTPException",
		"trailers: 300":    "HTTPException for none",
	}},
}

// py27Accepted are the differences from httplib of Python 2.7.
var py27Accepted = []pyDifferences{
	{"A server that closes without a response is RemoteDisconnected, as in http.client since 3.5. It is a BadStatusLine too.", map[string]string{
		"0.9: empty input": "RemoteDisconnected for BadStatusLine",
	}},
	{"A status-line with HTTP/0.9 is one of HTTP/1.0, as in http.client of Python 3: the head is read.", map[string]string{
		"0.9: with a status-line": `version "10" for "9", fields [["Content-Length" "5"]] for [], content "hello" for "Content-Length: 5\r\n\r\nhello"`,
	}},
	{"What begins with \"HTTP/\" is no response of HTTP/0.9, however it goes on.", map[string]string{
		"0.9: HTTP/":          "IncompleteRead for none",
		"0.9: HTTP/ and CRLF": "UnknownProtocol for none",
	}},
	{"A name is visible ASCII octets, as in http.client. To httplib it is all that stands before the colon.", map[string]string{
		"name: SP inside":           `fields [["X" "y"] ["Content-Length" "5"]] for [["A b" "c"] ["X" "y"] ["Content-Length" "5"]]`,
		"name: SP before the colon": `fields [["X" "y"] ["Content-Length" "5"]] for [["A " "b"] ["X" "y"] ["Content-Length" "5"]]`,
		"name: control":             `fields [["X" "y"] ["Content-Length" "5"]] for [["A\x01" "b"] ["X" "y"] ["Content-Length" "5"]]`,
		"name: obs-text":            `fields [["X" "y"] ["Content-Length" "5"]] for [["Aé" "b"] ["X" "y"] ["Content-Length" "5"]]`,
	}},
}
