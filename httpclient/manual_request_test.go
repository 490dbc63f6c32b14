package httpclient_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
)

// The session with GET of the documents: a page, then an invalid request on the same connection, once the
// first response was read.
func ExampleConn_Request() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()

	conn := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	manualCheck(conn.Request(ctx, "GET", "/index.html", nil, body.None()))
	r1 := manualMust(conn.Response(ctx))
	fmt.Println(r1.Status())
	data1 := manualMust(r1.ReadAll())

	manualCheck(conn.Request(ctx, "GET", "/parrot.spam", nil, body.None()))
	r2 := manualMust(conn.Response(ctx))
	fmt.Println(r2.Status())
	data2 := manualMust(r2.ReadAll())
	conn.Close()

	fmt.Println(len(data1), len(data2), network.Dialled())
	// Output:
	// 200 OK
	// 404 Not Found
	// 340 13 [www.python.org:80]
}

// The session with a Host put by hand: there is one Host then, the caller's.
func ExampleConn_Request_host() {
	network := manualServeTLS("docs.python.org:443", manualSite)
	defer network.Close()

	host := "docs.python.org"
	conn := manualMust(httpclient.NewTLS(host, httpclient.WithDialer(network), httpclient.WithTLSConfig(manualRoots())))
	defer conn.Close()
	manualCheck(conn.Request(ctx, "GET", "/3/", manualFields("Host: "+host), body.None()))
	response := manualMust(conn.Response(ctx))
	fmt.Println(int(response.Status()), response.Reason())
	fmt.Println(network.Received())
	// Output:
	// 200 OK
	// GET /3/ HTTP/1.1
	// Accept-Encoding: identity
	// Host: docs.python.org
}

// The session with HEAD, which never returns any data.
func ExampleConn_Request_head() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()

	conn := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer conn.Close()
	manualCheck(conn.Request(ctx, "HEAD", "/index.html", nil, body.None()))
	res := manualMust(conn.Response(ctx))
	fmt.Println(int(res.Status()), res.Reason())
	data := manualMust(res.ReadAll())
	fmt.Println(len(data))
	fmt.Println(string(data) == "")
	// Output:
	// 200 OK
	// 0
	// true
}

// The session with POST to the target "", which is sent as /.
func ExampleConn_Request_post() {
	network := manualAnswers("bugs.python.org:80", manualAnswer("302 Found",
		`Redirecting to <a href="https://bugs.python.org/issue12524">https://bugs.python.org/issue12524</a>`,
		"Location: https://bugs.python.org/issue12524"))
	defer network.Close()

	params := url.Values{"@number": {"12524"}, "@type": {"issue"}, "@action": {"show"}}.Encode()
	fields := manualFields("Content-type: application/x-www-form-urlencoded", "Accept: text/plain")
	conn := manualMust(httpclient.New("bugs.python.org", httpclient.WithDialer(network)))
	defer conn.Close()
	manualCheck(conn.Request(ctx, "POST", "", fields, body.String(params)))
	response := manualMust(conn.Response(ctx))
	fmt.Println(int(response.Status()), response.Reason()) // nothing is followed
	data := manualMust(response.ReadAll())
	fmt.Printf("%s\n", data)
	fmt.Println(network.Received())
	// Output:
	// 302 Found
	// Redirecting to <a href="https://bugs.python.org/issue12524">https://bugs.python.org/issue12524</a>
	// POST / HTTP/1.1
	// Host: bugs.python.org
	// Accept-Encoding: identity
	// Content-Length: 44
	// Content-type: application/x-www-form-urlencoded
	// Accept: text/plain
	//
	// %40action=show&%40number=12524&%40type=issue
}

// The session with POST of the oldest document.
func ExampleConn_Request_form() {
	network := manualServe("musi-cal.mojam.com:80", func(r manualRequest) string {
		return manualAnswer("200 OK", "you sent "+r.Content, "Content-Type: text/plain")
	})
	defer network.Close()

	params := url.Values{"spam": {"1"}, "eggs": {"2"}, "bacon": {"0"}}.Encode()
	fields := manualFields("Content-type: application/x-www-form-urlencoded", "Accept: text/plain")
	conn := manualMust(httpclient.New("musi-cal.mojam.com:80", httpclient.WithDialer(network)))
	manualCheck(conn.Request(ctx, "POST", "/cgi-bin/query", fields, body.String(params)))
	response := manualMust(conn.Response(ctx))
	fmt.Println(int(response.Status()), response.Reason())
	data := manualMust(response.ReadAll())
	conn.Close()
	fmt.Printf("%s\n", data)
	// Output:
	// 200 OK
	// you sent bacon=0&eggs=2&spam=1
}

// The session with PUT. The documents print "200, OK"; their own print(response.status, response.reason) has
// no comma, and neither has this.
func ExampleConn_Request_put() {
	network := manualAnswers("localhost:8080", manualAnswer("200 OK", ""))
	defer network.Close()

	BODY := "***filecontents***"
	conn := manualMust(httpclient.New("localhost:8080", httpclient.WithDialer(network)))
	defer conn.Close()
	manualCheck(conn.Request(ctx, "PUT", "/file", nil, body.String(BODY)))
	response := manualMust(conn.Response(ctx))
	fmt.Println(int(response.Status()), response.Reason())
	fmt.Println(network.Received())
	// Output:
	// 200 OK
	// PUT /file HTTP/1.1
	// Host: localhost:8080
	// Accept-Encoding: identity
	// Content-Length: 18
	//
	// ***filecontents***
}

// The guide's POST of JSON.
func ExampleConn_Request_json() {
	network := manualServeTLS("api.example.com:443", func(r manualRequest) string {
		return manualAnswer("200 OK", "got "+r.Content+" as "+r.Fields.GetString("Content-Type"))
	})
	defer network.Close()

	payload := manualMust(json.Marshal(map[string]any{"name": "Alice", "score": 95}))
	conn := manualMust(httpclient.NewTLS("api.example.com", httpclient.WithDialer(network), httpclient.WithTLSConfig(manualRoots())))
	defer conn.Close()
	manualCheck(conn.Request(ctx, "POST", "/submit", manualFields("Content-Type: application/json"), body.Bytes(payload)))
	response := manualMust(conn.Response(ctx))
	data := manualMust(response.ReadAll())
	fmt.Printf("Response: %s\n", data)
	// Output:
	// Response: got {"name":"Alice","score":95} as application/json
}

// The guide's query.
func ExampleConn_Request_query() {
	network := manualServeTLS("api.example.com:443", func(r manualRequest) string { return manualAnswer("200 OK", r.Target) })
	defer network.Close()

	params := url.Values{"page": {"1"}, "limit": {"10"}}.Encode()
	conn := manualMust(httpclient.NewTLS("api.example.com", httpclient.WithDialer(network), httpclient.WithTLSConfig(manualRoots())))
	defer conn.Close()
	manualCheck(conn.Request(ctx, "GET", "/items?"+params, nil, body.None()))
	response := manualMust(conn.Response(ctx))
	data := manualMust(response.ReadAll())
	fmt.Printf("%s\n", data)
	// Output:
	// /items?limit=10&page=1
}

// The guide's Basic authentication.
func ExampleConn_Request_basic() {
	network := manualServeTLS("api.example.com:443", func(r manualRequest) string {
		if r.Fields.GetString("Authorization") != "Basic dXNlcm5hbWU6cGFzc3dvcmQ=" {
			return manualAnswer("401 Unauthorized", "", `WWW-Authenticate: Basic realm="api"`)
		}
		return manualAnswer("200 OK", "{}")
	})
	defer network.Close()

	credentials := base64.StdEncoding.EncodeToString([]byte("username:password"))
	fields := manualFields("Authorization: Basic "+credentials, "Accept: application/json")
	conn := manualMust(httpclient.NewTLS("api.example.com", httpclient.WithDialer(network), httpclient.WithTLSConfig(manualRoots())))
	defer conn.Close()
	manualCheck(conn.Request(ctx, "GET", "/protected", fields, body.None()))
	response := manualMust(conn.Response(ctx))
	fmt.Println(response.Status())
	// Output:
	// 200 OK
}

// Which of Content-Length, Content-Length: 0 and Transfer-Encoding: chunked is added, and when none.
func ExampleConn_Request_framing() {
	network := manualServe("localhost:8080", manualSite)
	defer network.Close()
	c := manualMust(httpclient.New("localhost:8080", httpclient.WithDialer(network)))
	defer c.Close()

	send := func(what, method string, fields *headers.Fields, content body.Source) {
		resp := manualMust(c.Do(ctx, method, "/", fields, content))
		manualMust(resp.ReadAll())
		head, _, _ := strings.Cut(network.Received(), "\n\n")
		added := "nothing"
		for line := range strings.Lines(head) {
			if name, _, _ := strings.Cut(strings.ToLower(line), ":"); name == "content-length" || name == "transfer-encoding" {
				added = strings.TrimSpace(line)
			}
		}
		fmt.Printf("%s: %s\n", what, added)
	}
	send("GET of nothing", "GET", nil, body.None())
	send("post of nothing", "post", nil, body.None())
	send("PATCH of nothing", "PATCH", nil, body.None())
	send("GET of an empty string", "GET", nil, body.String(""))
	send("a string", "POST", nil, body.String("spam"))
	send("an iterable", "POST", nil, body.Seq(slices.Values([][]byte{[]byte("spam"), []byte("eggs")})))
	send("a reader", "POST", nil, body.Reader(strings.NewReader("spam")))
	send("a reader of known length", "POST", nil, body.SizedReader(strings.NewReader("spam"), 4))
	send("the caller's length", "POST", manualFields("content-length: 4"), body.Reader(strings.NewReader("spam")))
	send("the caller's coding", "POST", manualFields("Transfer-Encoding: Chunked"), body.String("spam"))
	// Output:
	// GET of nothing: nothing
	// post of nothing: Content-Length: 0
	// PATCH of nothing: Content-Length: 0
	// GET of an empty string: Content-Length: 0
	// a string: Content-Length: 4
	// an iterable: Transfer-Encoding: chunked
	// a reader: Transfer-Encoding: chunked
	// a reader of known length: Content-Length: 4
	// the caller's length: content-length: 4
	// the caller's coding: Transfer-Encoding: Chunked
}

// A file goes with a Content-Length, from its present offset to its end, as before Python 3.6; FileChunked is
// what Python does since then.
func ExampleConn_Request_file() {
	network := manualServe("localhost:8080", manualSite)
	defer network.Close()
	path, remove := manualFile("spam, eggs")
	defer remove()
	f := manualMust(os.Open(path))
	defer f.Close()
	c := manualMust(httpclient.New("localhost:8080", httpclient.WithDialer(network)))
	defer c.Close()

	for _, source := range []body.Source{body.File(f), body.FileChunked(f)} {
		manualMust(f.Seek(6, 0))
		resp := manualMust(c.Do(ctx, "PUT", "/file", nil, source))
		manualMust(resp.ReadAll())
		_, framing, _ := strings.Cut(network.Received(), "identity\n")
		fmt.Println(framing)
	}
	// Output:
	// Content-Length: 4
	//
	// eggs
	// Transfer-Encoding: chunked
	//
	// 4
	// eggs
	// 0
}

// Each element of an iterable is one chunk. Empty elements are left out: an empty chunk would be the last.
func ExampleConn_Request_iterable() {
	network := manualServe("localhost:8080", manualSite)
	defer network.Close()

	c := manualMust(httpclient.New("localhost:8080", httpclient.WithDialer(network)))
	defer c.Close()
	elements := slices.Values([][]byte{[]byte("spam"), {}, []byte("eggs and bacon")})
	manualMust(c.Do(ctx, "POST", "/", nil, body.Seq(elements)))
	fmt.Println(network.Received())
	// Output:
	// POST / HTTP/1.1
	// Host: localhost:8080
	// Accept-Encoding: identity
	// Transfer-Encoding: chunked
	//
	// 4
	// spam
	// e
	// eggs and bacon
	// 0
}

// encode_chunked with the caller's own Transfer-Encoding, both ways: content that is to be encoded, and content
// that the caller has encoded. The latter is checked on the way: what is no chunk stops the request.
func ExampleConn_Request_encodeChunked() {
	network := manualServe("localhost:8080", manualSite)
	defer network.Close()
	c := manualMust(httpclient.New("localhost:8080", httpclient.WithDialer(network)))
	defer c.Close()
	chunked := manualFields("Transfer-Encoding: chunked")

	for _, source := range []body.Source{
		body.String("spam"), // encode_chunked=True
		body.String("2\r\nsp\r\n2;half=2\r\nam\r\n0\r\n\r\n").Coded(), // encode_chunked=False
		body.String("spam").Coded(),
	} {
		resp, err := c.Do(ctx, "POST", "/", chunked, source)
		if err != nil {
			fmt.Println(err)
			break
		}
		manualMust(resp.ReadAll())
		_, sent, _ := strings.Cut(network.ReceivedOctets(), "\r\n\r\n")
		fmt.Printf("%q\n", sent)
	}
	// Output:
	// "4\r\nspam\r\n0\r\n\r\n"
	// "2\r\nsp\r\n2;half=2\r\nam\r\n0\r\n\r\n"
	// httpclient: not sent: chunk at byte 0: malformed chunk-size (RFC 9112 section 7.1); found "s"
}

// A Go string goes out as its octets, UTF-8. body.Latin1 is http.client's ISO-8859-1, for a str as for a file
// opened as text; what is not in it is an error that says where, and names the way out.
func ExampleConn_Request_latin1() {
	network := manualServe("localhost:8080", manualSite)
	defer network.Close()
	c := manualMust(httpclient.New("localhost:8080", httpclient.WithDialer(network)))
	defer c.Close()

	for _, source := range []body.Source{
		body.String("späm"),
		manualMust(body.Latin1("späm")),
		body.Latin1Reader(strings.NewReader("späm")),
	} {
		resp := manualMust(c.Do(ctx, "POST", "/", nil, source))
		manualMust(resp.ReadAll())
		_, sent, _ := strings.Cut(network.ReceivedOctets(), "\r\n\r\n")
		fmt.Printf("%q\n", sent)
	}
	_, err := body.Latin1("5 €")
	fmt.Println(err)
	// Output:
	// "späm"
	// "sp\xe4m"
	// "4\r\nsp\xe4m\r\n0\r\n\r\n"
	// body: character '\u20ac' at byte 2 is not in ISO-8859-1; body.String sends text as its UTF-8 octets
}

// HTTP/1.0, for a server that knows no better: no automatic fields, and content of unknown length is refused,
// since chunked is not in that version.
func ExampleWithHTTP10() {
	network := manualServe("old.example:80", manualSite)
	defer network.Close()

	c := manualMust(httpclient.New("old.example", httpclient.WithDialer(network), httpclient.WithHTTP10()))
	defer c.Close()
	manualMust(c.Do(ctx, "POST", "/", nil, body.String("spam")))
	fmt.Println(network.Received())
	c.Close()
	_, err := c.Do(ctx, "POST", "/", nil, body.Reader(strings.NewReader("spam")))
	fmt.Println(err)
	// Output:
	// POST / HTTP/1.0
	// Content-Length: 4
	//
	// spam
	// httpclient: HTTP error: content of unknown length cannot be sent in HTTP/1.0; give its length with body.SizedReader, or use body.Bytes
}
