package conn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// attempt is something that a party tries to send.
type attempt func(c *conn.Conn, dst []byte) ([]byte, error)

func tryRequest(method, target, fields string) attempt {
	return func(c *conn.Conn, dst []byte) ([]byte, error) {
		return c.AppendRequest(dst, method, target, parseFields(fields))
	}
}

func tryResponse(status int, reason, fields string) attempt {
	return func(c *conn.Conn, dst []byte) ([]byte, error) {
		return c.AppendResponse(dst, status, reason, parseFields(fields))
	}
}

// tryFields sends one field line that parseFields could not make, behind those that frame.
func tryFields(name, value, framing string) attempt {
	return func(c *conn.Conn, dst []byte) ([]byte, error) {
		f := parseFields(framing)
		f.Add(name, value)
		f.Add("X-Behind", "1")
		if c.Role() == conn.Server {
			return c.AppendResponse(dst, 200, "OK", f)
		}
		return c.AppendRequest(dst, "GET", "/", f)
	}
}

func tryTrailer(name, value string) attempt {
	return func(c *conn.Conn, dst []byte) ([]byte, error) {
		f := parseFields("X-Before: 1")
		f.Add(name, value)
		return c.AppendEnd(dst, f)
	}
}

func tryChunk(ext string) attempt {
	return func(c *conn.Conn, dst []byte) ([]byte, error) { return c.AppendChunk(dst, []byte("content"), ext) }
}

// refuses holds that an attempt fails by a rule and leaves neither an octet nor a trace: what stands in
// dst, its length and the whole of c are as they were.
func refuses(t *testing.T, c *conn.Conn, try attempt) *wire.SyntaxError {
	t.Helper()
	const before = "what was there"
	dst := append(make([]byte, 0, 4096), before...)
	state := snapshot(c)
	out, err := try(c, dst)
	var e *wire.SyntaxError
	if !errors.As(err, &e) {
		t.Fatalf("error %v, appended %q", err, out[min(len(before), len(out)):])
	}
	if string(out) != before {
		t.Errorf("left %q, error %v", out, err)
	}
	if !e.Sent {
		t.Errorf("error %v is told as the peer's", err)
	}
	if after := snapshot(c); after != state {
		t.Errorf("error %v changed\n%s to\n%s", err, state, after)
	}
	for _, b := range []byte(err.Error()) {
		if b < ' ' || b > '~' {
			t.Errorf("error text %q holds the octet as it is", err)
		}
	}
	return e
}

// A client and a server at each place from where something is sent.
func idleClient(t *testing.T) *conn.Conn { return conn.New(conn.Client, conn.Config{}) }

func sendingClient(t *testing.T) *conn.Conn {
	c := idleClient(t)
	if _, err := c.AppendRequest(nil, "POST", "/", parseFields("Host: h\nTransfer-Encoding: chunked")); err != nil {
		t.Fatal(err)
	}
	return c
}

func owingServer(t *testing.T) *conn.Conn {
	c := conn.New(conn.Server, conn.Config{})
	hear(t, c, false, crlf("GET / HTTP/1.1\nHost: h\n\n"))
	return c
}

func sendingServer(t *testing.T) *conn.Conn {
	c := owingServer(t)
	if _, err := c.AppendResponse(nil, 200, "OK", parseFields("Transfer-Encoding: chunked")); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestInjection puts line breaks and control octets into everything that a caller sends: CPython
// CVE-2016-5699, CVE-2019-9740, CVE-2019-9947, CVE-2019-18348, CVE-2020-26116; Go CVE-2023-29406; hyper
// CVE-2017-18587; undici CVE-2022-31150, CVE-2022-35948, CVE-2023-23936, CVE-2026-1527.
func TestInjection(t *testing.T) {
	evil := []string{"\r\n", "\n", "\r", "\x00", "\r\n\r\n", "\x0b", "\x0c", "\x1b", "\x7f", "\x01", "\b"}
	inToken := append([]string{" ", "\t", "(", "\x80", "é"}, evil...)
	inTarget := append([]string{" ", "\t", "#", "\x80", "é"}, evil...)
	inExt := append([]string{" ", "\t", "\"", "(", "\x80"}, evil...)
	places := []struct {
		name string
		from func(t *testing.T) *conn.Conn
		evil []string
		try  func(s string) attempt
	}{
		{"method", idleClient, inToken, func(s string) attempt { return tryRequest("G"+s+"X", "/", anyHost) }},
		{"method, first", idleClient, inToken, func(s string) attempt { return tryRequest(s+"GET", "/", anyHost) }},
		{"method, last", idleClient, inToken, func(s string) attempt { return tryRequest("GET"+s, "/", anyHost) }},
		{"origin-form", idleClient, inTarget, func(s string) attempt { return tryRequest("GET", "/a"+s+"b", anyHost) }},
		{"origin-form, last", idleClient, inTarget, func(s string) attempt { return tryRequest("GET", "/"+s, anyHost) }},
		{"query", idleClient, inTarget, func(s string) attempt { return tryRequest("GET", "/?"+s+"HTTP/1.1", anyHost) }},
		{"absolute-form, host", idleClient, inTarget, func(s string) attempt { return tryRequest("GET", "http://a"+s+"b/", anyHost) }},
		{"absolute-form, path", idleClient, inTarget, func(s string) attempt { return tryRequest("GET", "http://a/"+s, anyHost) }},
		{"absolute-form, another scheme", idleClient, inTarget, func(s string) attempt { return tryRequest("GET", "urn:"+s+"x", anyHost) }},
		{"authority-form", idleClient, inTarget, func(s string) attempt { return tryRequest("CONNECT", "h"+s+"x:443", anyHost) }},
		{"authority-form, port", idleClient, inTarget, func(s string) attempt { return tryRequest("CONNECT", "h:443"+s, anyHost) }},
		{"Host", idleClient, inTarget, func(s string) attempt { return tryFields("Host", "h"+s+"x", "X: y") }},
		{"field name", idleClient, inToken, func(s string) attempt { return tryFields("X"+s+"Y", "1", anyHost) }},
		{"field name, first", idleClient, inToken, func(s string) attempt { return tryFields(s+"Y", "1", anyHost) }},
		{"field name, last", idleClient, append(inToken, ":"), func(s string) attempt { return tryFields("X"+s, "1", anyHost) }},
		{"field value", idleClient, evil, func(s string) attempt { return tryFields("X", "a"+s+"Y: b", anyHost) }},
		{"field value, first", idleClient, append(evil, " ", "\t"), func(s string) attempt { return tryFields("X", s+"Y: b", anyHost) }},
		{"field value, last", idleClient, append(evil, " ", "\t"), func(s string) attempt { return tryFields("X", "a"+s, anyHost) }},
		{"upgrade", idleClient, evil, func(s string) attempt { return tryFields("Upgrade", "x"+s+"y", anyHost) }},
		{"request trailer name", sendingClient, inToken, func(s string) attempt { return tryTrailer("X"+s+"Y", "1") }},
		{"request trailer value", sendingClient, evil, func(s string) attempt { return tryTrailer("X", "a"+s+"b") }},
		{"request chunk extension name", sendingClient, inExt, func(s string) attempt { return tryChunk(";a" + s + "b") }},
		{"request chunk extension value", sendingClient, inExt, func(s string) attempt { return tryChunk(";a=b" + s + "c") }},
		{"request chunk extension, quoted", sendingClient, evil, func(s string) attempt { return tryChunk(";a=\"b" + s + "c\"") }},
		{"request chunk extension, escaped", sendingClient, evil, func(s string) attempt { return tryChunk(";a=\"b\\" + s + "c\"") }},
		{"reason phrase", owingServer, evil, func(s string) attempt { return tryResponse(200, "OK"+s+"X: y", "Content-Length: 0") }},
		{"reason phrase, all", owingServer, evil, func(s string) attempt { return tryResponse(200, s, "Content-Length: 0") }},
		{"interim reason phrase", owingServer, evil, func(s string) attempt { return tryResponse(103, s, "Link: x") }},
		{"response field name", owingServer, inToken, func(s string) attempt { return tryFields("X"+s+"Y", "1", "Content-Length: 0") }},
		{"response field value", owingServer, evil, func(s string) attempt { return tryFields("X", "a"+s+"b", "Content-Length: 0") }},
		{"response trailer name", sendingServer, inToken, func(s string) attempt { return tryTrailer("X"+s+"Y", "1") }},
		{"response trailer value", sendingServer, evil, func(s string) attempt { return tryTrailer("X", "a"+s+"b") }},
		{"response chunk extension", sendingServer, inExt, func(s string) attempt { return tryChunk(";a" + s + "b") }},
	}
	for _, place := range places {
		t.Run(place.name, func(t *testing.T) {
			c := place.from(t)
			for _, s := range place.evil {
				refuses(t, c, place.try(s))
			}
			if _, err := place.try("x")(c, nil); err != nil && !strings.Contains(place.name, "port") {
				t.Errorf("without evil: %v", err)
			}
		})
	}
}

// TestRawPasses is the other side of TestInjection: the raw path takes what the safe one does not.
func TestRawPasses(t *testing.T) {
	const evil = "GET /\x00 HTTP/1.1\nX\r\n y\r\n\r\n"
	dst, err := conn.New(conn.Client, conn.Config{}).AppendRaw([]byte("before "), []byte(evil), "GET")
	if err != nil || string(dst) != "before "+evil {
		t.Errorf("%q, %v", dst, err)
	}
}

// TestMisframedRequests has what the fields of a request may not say together, and targets that do not
// go with their method. RFC 9112 sections 3.2 and 6; Go #61679 and undici CVE-2026-1525 among others.
func TestMisframedRequests(t *testing.T) {
	post := func(fields string) attempt { return tryRequest("POST", "/", "Host: h\n"+fields) }
	for _, tt := range []struct {
		name string
		try  attempt
		rule wire.Rule
	}{
		{"both framings", post("Content-Length: 3\nTransfer-Encoding: chunked"), wire.RuleCodingAndLength},
		{"both framings, the other way", post("transfer-encoding: chunked\ncontent-length: 3"), wire.RuleCodingAndLength},
		{"Content-Length twice, the same", post("Content-Length: 3\ncontent-length: 3"), wire.RuleContentLength},
		{"Content-Length twice, not the same", post("Content-Length: 3\nCONTENT-LENGTH: 4"), wire.RuleContentLengths},
		{"Content-Length as a list", post("Content-Length: 3, 3"), wire.RuleContentLength},
		{"Content-Length with a sign", post("Content-Length: +3"), wire.RuleContentLength},
		{"Content-Length below zero", post("Content-Length: -1"), wire.RuleContentLength},
		{"Content-Length in hexadecimal", post("Content-Length: 0x3"), wire.RuleContentLength},
		{"Content-Length with a separator", post("Content-Length: 1_0"), wire.RuleContentLength},
		{"Content-Length of nothing", post("Content-Length: "), wire.RuleContentLength},
		{"Content-Length of 2^63", post("Content-Length: 9223372036854775808"), wire.RuleContentLength},
		{"chunked twice", post("Transfer-Encoding: chunked, chunked"), wire.RuleChunkedRepeated},
		{"chunked twice, in two lines", post("Transfer-Encoding: chunked\ntransfer-encoding: CHUNKED"), wire.RuleChunkedRepeated},
		{"chunked not last", post("Transfer-Encoding: chunked, gzip"), wire.RuleChunkedNotFinal},
		{"no chunked", post("Transfer-Encoding: gzip"), wire.RuleChunkedNotFinal},
		{"empty Transfer-Encoding", post("Transfer-Encoding: "), wire.RuleTransferEncoding},
		{"no token", post("Transfer-Encoding: chun(ked"), wire.RuleTransferEncoding},
		{"no Host", tryRequest("GET", "/", "X: y"), wire.RuleHostMissing},
		{"no fields", tryRequest("GET", "/", ""), wire.RuleHostMissing},
		{"Host twice", tryRequest("GET", "/", "Host: h\nhost: h"), wire.RuleHostRepeated},
		{"invalid Host", tryRequest("GET", "/", "Host: a/b"), wire.RuleHostInvalid},
		{"Host with userinfo", tryRequest("GET", "/", "Host: u@h"), wire.RuleHostInvalid},
		{"content to CONNECT", tryRequest("CONNECT", "h:1", "Host: h\nContent-Length: 3"), wire.RuleFramingForbidden},
		{"chunks to CONNECT", tryRequest("CONNECT", "h:1", "Host: h\nTransfer-Encoding: chunked"), wire.RuleFramingForbidden},
		{"no method", tryRequest("", "/", anyHost), wire.RuleMethod},
		{"no target", tryRequest("GET", "", anyHost), wire.RuleRequestLine},
		{"asterisk-form", tryRequest("GET", "*", anyHost), wire.RuleTargetForm},
		{"relative", tryRequest("GET", "a/b", anyHost), wire.RuleTargetForm},
		{"CONNECT with a path", tryRequest("CONNECT", "/", anyHost), wire.RuleTargetForm},
		{"CONNECT without a port", tryRequest("CONNECT", "h", anyHost), wire.RuleAuthority},
		{"userinfo", tryRequest("GET", "http://u:p@h/", anyHost), wire.RuleUserinfo},
		{"no host", tryRequest("GET", "http:///", anyHost), wire.RuleAuthority},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if e := refuses(t, idleClient(t), tt.try); e.Rule != tt.rule {
				t.Errorf("error %v, want %v", e, tt.rule)
			}
		})
	}
	t.Run("Transfer-Encoding in HTTP/1.0", func(t *testing.T) {
		c := conn.New(conn.Client, conn.Config{Version: wire.HTTP10})
		if e := refuses(t, c, post("Transfer-Encoding: chunked")); e.Rule != wire.RuleCodingInHTTP10 {
			t.Error(e)
		}
	})
}

// TestMisframedResponses is its mirror; the requests decide as much as the fields do.
func TestMisframedResponses(t *testing.T) {
	const (
		get11   = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
		get10   = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
		head10  = "HEAD / HTTP/1.0\r\n\r\n"
		tunnels = "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n"
	)
	for _, tt := range []struct {
		name    string
		request string
		try     attempt
		rule    wire.Rule
	}{
		{"both framings", get11, tryResponse(200, "", "Content-Length: 3\nTransfer-Encoding: chunked"), wire.RuleCodingAndLength},
		{"both framings to HEAD", "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", tryResponse(200, "", "Content-Length: 3\nTransfer-Encoding: chunked"), wire.RuleCodingAndLength},
		{"Content-Length twice", get11, tryResponse(200, "", "Content-Length: 3\nX: y\ncontent-length: 3"), wire.RuleContentLength},
		{"Content-Length twice, not the same", get11, tryResponse(200, "", "Content-Length: 3\ncontent-length: 4"), wire.RuleContentLengths},
		{"Content-Length as a list, of 304", get11, tryResponse(304, "", "Content-Length: 3, 3"), wire.RuleContentLength},
		{"invalid Content-Length", get11, tryResponse(200, "", "Content-Length: 3x"), wire.RuleContentLength},
		{"chunked not last", get11, tryResponse(200, "", "Transfer-Encoding: chunked, gzip"), wire.RuleChunkedNotFinal},
		{"chunked twice", get11, tryResponse(200, "", "Transfer-Encoding: chunked, chunked"), wire.RuleChunkedRepeated},
		{"Transfer-Encoding to HTTP/1.0", get10, tryResponse(200, "", "Transfer-Encoding: chunked"), wire.RuleCodingInHTTP10},
		{"Transfer-Encoding to HEAD of HTTP/1.0", head10, tryResponse(200, "", "Transfer-Encoding: chunked"), wire.RuleCodingInHTTP10},
		{"interim response to HTTP/1.0", get10, tryResponse(103, "", ""), wire.RuleInterimToHTTP10},
		{"100 to HTTP/1.0", get10, tryResponse(100, "", ""), wire.RuleInterimToHTTP10},
		{"length of 204", get11, tryResponse(204, "", "Content-Length: 0"), wire.RuleFramingForbidden},
		{"chunks of 204", get11, tryResponse(204, "", "Transfer-Encoding: chunked"), wire.RuleFramingForbidden},
		{"length of 205", get11, tryResponse(205, "", "Content-Length: 1"), wire.RuleContentForbidden},
		{"length of 100", get11, tryResponse(100, "", "Content-Length: 0"), wire.RuleFramingForbidden},
		{"chunks of 103", get11, tryResponse(103, "", "Transfer-Encoding: chunked"), wire.RuleFramingForbidden},
		{"length of 200 to CONNECT", tunnels, tryResponse(200, "", "Content-Length: 0"), wire.RuleFramingForbidden},
		{"101 unasked", get11, tryResponse(101, "", "Upgrade: x"), wire.RuleUpgradeUnasked},
		{"101 to CONNECT", tunnels, tryResponse(101, "", "Upgrade: x"), wire.RuleUpgradeUnasked},
		{"101 without Upgrade", "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\n\r\n", tryResponse(101, "", "Connection: upgrade"), wire.RuleUpgradeMissing},
		{"status 99", get11, tryResponse(99, "", "Content-Length: 0"), wire.RuleStatusCode},
		{"status 1000", get11, tryResponse(1000, "", "Content-Length: 0"), wire.RuleStatusCode},
		{"status -200", get11, tryResponse(-200, "", "Content-Length: 0"), wire.RuleStatusCode},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := conn.New(conn.Server, conn.Config{})
			if l := hear(t, c, false, tt.request); l.err != nil {
				t.Fatal(l.err)
			}
			if e := refuses(t, c, tt.try); e.Rule != tt.rule {
				t.Errorf("error %v, want %v", e, tt.rule)
			}
		})
	}
	t.Run("Transfer-Encoding from HTTP/1.0", func(t *testing.T) {
		c := conn.New(conn.Server, conn.Config{Version: wire.HTTP10})
		hear(t, c, false, get11)
		if e := refuses(t, c, tryResponse(200, "", "Transfer-Encoding: chunked")); e.Rule != wire.RuleCodingInHTTP10 {
			t.Error(e)
		}
	})
}

// TestForbiddenTrailers has a field of each kind that RFC 9110 section 6.5.1 keeps out of trailers.
func TestForbiddenTrailers(t *testing.T) {
	for _, name := range []string{
		"transfer-encoding", "Content-Length", "HOST", "Connection", "Trailer", "Expect", "Range", "Cache-Control",
		"Authorization", "Set-Cookie", "Content-Encoding", "Content-Type", "Content-Range",
	} {
		for _, c := range []*conn.Conn{sendingClient(t), sendingServer(t)} {
			if e := refuses(t, c, tryTrailer(name, "1")); e.Rule != wire.RuleTrailerField {
				t.Errorf("%s: %v", name, e)
			}
		}
	}
}

// TestUnframedTrailers has trailers that no chunk goes before, and none at all in other ways of saying so.
func TestUnframedTrailers(t *testing.T) {
	c := idleClient(t)
	if _, err := c.AppendRequest(nil, "GET", "/", parseFields(anyHost)); err != nil {
		t.Fatal(err)
	}
	if e := refuses(t, c, tryTrailer("X", "1")); e.Rule != wire.RuleTrailerUnframed {
		t.Error(e)
	}
	if out, err := c.AppendEnd(nil, new(headers.Fields)); err != nil || len(out) > 0 {
		t.Errorf("empty trailers: %q, %v", out, err)
	}
}
