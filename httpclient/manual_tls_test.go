package httpclient_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport"
)

// The guide's GET.
func ExampleNewTLS() {
	network := manualServeTLS("example.com:443", func(manualRequest) string {
		return manualAnswer("200 OK", "<!doctype html>\n<html>...", "Content-Type: text/html")
	})
	defer network.Close()

	conn := manualMust(httpclient.NewTLS("example.com", httpclient.WithDialer(network), httpclient.WithTLSConfig(manualRoots())))
	manualCheck(conn.Request(ctx, "GET", "/", nil, body.None()))
	response := manualMust(conn.Response(ctx))
	fmt.Printf("Status: %d\n", response.Status())
	fmt.Printf("Reason: %s\n", response.Reason())
	fmt.Printf("Body: %s\n", manualMust(response.ReadAll()))
	conn.Close()
	// Output:
	// Status: 200
	// Reason: OK
	// Body: <!doctype html>
	// <html>...
}

// The newest document's sessions, which all are with https.
func ExampleNewTLS_sessions() {
	network := manualServeTLS("www.python.org:443", manualSite)
	network.serveTLS("docs.python.org:443", manualSite)
	defer network.Close()
	connect := func(host string) *httpclient.Conn {
		return manualMust(httpclient.NewTLS(host, httpclient.WithDialer(network), httpclient.WithTLSConfig(manualRoots())))
	}

	conn := connect("www.python.org")
	r1 := manualMust(conn.Do(ctx, "GET", "/", nil, body.None()))
	fmt.Println(int(r1.Status()), r1.Reason())
	fmt.Println(len(manualMust(r1.ReadAll())))
	res := manualMust(conn.Do(ctx, "HEAD", "/", nil, body.None()))
	fmt.Println(int(res.Status()), res.Reason(), len(manualMust(res.ReadAll())))
	conn.Close()

	conn = connect("docs.python.org")
	r2 := manualMust(conn.Do(ctx, "GET", "/parrot.spam", nil, body.None()))
	fmt.Println(int(r2.Status()), r2.Reason())
	manualMust(r2.ReadAll())
	conn.Close()
	// Output:
	// 200 OK
	// 340
	// 200 OK 0
	// 404 Not Found
}

// The context of the document of 3.3, that requires certificates of known authorities: roots from a file, and
// the rest is so by default.
func ExampleWithRootsFile() {
	network := manualServeTLS("svn.python.org:443", manualSite)
	defer network.Close()
	bundle, remove := manualFile(string(manualAuthority().pem)) // /etc/pki/tls/certs/ca-bundle.crt
	defer remove()

	h := manualMust(httpclient.NewTLS("svn.python.org", httpclient.WithPort(443), httpclient.WithRootsFile(bundle),
		httpclient.WithDialer(network)))
	defer h.Close()
	resp := manualMust(h.Do(ctx, "GET", "/", nil, body.None()))
	fmt.Println(resp.Status(), h.TLS().HandshakeComplete)

	_, err := httpclient.NewTLS("svn.python.org", httpclient.WithRootsFile(bundle+".missing"))
	fmt.Println(err != nil)
	// Output:
	// 200 OK true
	// true
}

// What is verified by default: the chain and the name. SNI names the host, ALPN offers http/1.1.
func ExampleNewTLS_verified() {
	network := new(manualNetwork)
	network.serveTLS("wrong.example:443", manualSite) // by an authority that nobody knows
	network.serveTLSConfig("other.example:443", &tls.Config{
		Certificates: []tls.Certificate{manualCertificate("example.com")}, // for another name
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			fmt.Println(hello.ServerName, hello.SupportedProtos)
			return nil, nil
		},
	}, manualSite)
	defer network.Close()

	roots, remove := manualFile(string(manualAuthority().pem))
	defer remove()
	for _, host := range []string{"other.example", "wrong.example"} {
		c := manualMust(httpclient.NewTLS(host, httpclient.WithDialer(network), httpclient.WithRootsFile(roots)))
		_, err := c.Do(ctx, "GET", "/", nil, body.None())
		var refused *tls.CertificateVerificationError
		fmt.Println(errors.As(err, &refused), errors.Is(err, httpclient.ErrHTTP), network.Received() == "")
	}
	// Output:
	// other.example [http/1.1]
	// true false true
	// true false true
}

// A context of the caller's own is used as it is: it has no ALPN unless he sets it.
func ExampleWithTLSConfig() {
	network := manualServeTLS("example.com:443", func(r manualRequest) string {
		return manualAnswer("200 OK", tls.VersionName(r.TLS.Version)+" ["+r.TLS.NegotiatedProtocol+"]")
	})
	defer network.Close()

	for _, protocols := range [][]string{nil, {"http/1.1"}} {
		context := &tls.Config{RootCAs: manualAuthority().roots, MaxVersion: tls.VersionTLS12, NextProtos: protocols}
		c := manualMust(httpclient.NewTLS("example.com", httpclient.WithDialer(network), httpclient.WithTLSConfig(context)))
		resp := manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
		fmt.Printf("%s\n", manualMust(resp.ReadAll()))
		c.Close()
	}
	// Output:
	// TLS 1.2 []
	// TLS 1.2 [http/1.1]
}

// check_hostname=False: the chain is verified and the name is not.
func ExampleWithoutHostCheck() {
	network := new(manualNetwork)
	network.serveTLSConfig("other.example:443", &tls.Config{Certificates: []tls.Certificate{manualCertificate("example.com")}}, manualSite)
	network.serveTLS("wrong.example:443", manualSite)
	defer network.Close()

	for _, host := range []string{"other.example", "wrong.example"} {
		c := manualMust(httpclient.NewTLS(host, httpclient.WithDialer(network),
			httpclient.WithTLSConfig(manualRoots()), httpclient.WithoutHostCheck()))
		resp, err := c.Do(ctx, "GET", "/", nil, body.None())
		fmt.Println(resp.Status(), err != nil)
		c.Close()
	}
	// Output:
	// 200 OK false
	// 000 true
}

// ssl._create_unverified_context(), and what the first documents warn of. It is for tests.
func ExampleWithoutVerification() {
	network := manualServeTLS("wrong.example:443", manualSite)
	defer network.Close()

	c := manualMust(httpclient.NewTLS("wrong.example", httpclient.WithDialer(network), httpclient.WithoutVerification()))
	defer c.Close()
	resp := manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
	fmt.Println(resp.Status())
	// Output:
	// 200 OK
}

// key_file and cert_file: the client's own certificate.
func ExampleWithCertificateFiles() {
	client, clients, _ := testcert.New(manualTB{}, "alice")
	certificate, key := testcert.PEM(manualTB{}, client)
	certFile, removeCert := manualFile(string(certificate))
	defer removeCert()
	keyFile, removeKey := manualFile(string(key))
	defer removeKey()
	network := new(manualNetwork)
	network.serveTLSConfig("example.com:443", &tls.Config{
		Certificates: []tls.Certificate{manualCertificate("example.com")},
		ClientAuth:   tls.RequireAnyClientCert, ClientCAs: clients,
	}, func(r manualRequest) string {
		return manualAnswer("200 OK", "hello, "+r.TLS.PeerCertificates[0].Subject.CommonName)
	})
	defer network.Close()

	c := manualMust(httpclient.NewTLS("example.com", httpclient.WithDialer(network), httpclient.WithTLSConfig(manualRoots()),
		httpclient.WithCertificateFiles(certFile, keyFile)))
	defer c.Close()
	resp := manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
	fmt.Printf("%s\n", manualMust(resp.ReadAll()))
	// Output:
	// hello, alice
}

// crypto/tls has no post-handshake authentication. Another TLS stack that has it takes its place by one
// function, which makes a session of a connection; here it is crypto/tls again, to show the shape.
func ExampleWithTLS() {
	network := manualServeTLS("example.com:443", manualSite)
	defer network.Close()
	stack := transport.TLS{Handshake: func(ctx context.Context, nc net.Conn, host string) (net.Conn, error) {
		fmt.Println("handshake with", host)
		session := tls.Client(nc, &tls.Config{RootCAs: manualAuthority().roots, ServerName: host})
		return session, session.HandshakeContext(ctx)
	}}

	c := manualMust(httpclient.NewTLS("example.com", httpclient.WithDialer(network), httpclient.WithTLS(stack)))
	defer c.Close()
	resp := manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
	fmt.Println(resp.Status())
	// Output:
	// handshake with example.com
	// 200 OK
}

// The documents' tunnel through a proxy at port 8080. TLS is made inside the tunnel, with www.python.org.
func ExampleConn_SetTunnel() {
	network := new(manualNetwork)
	network.proxy("localhost:8080", "HTTP/1.1 200 Connection established\r\n\r\n")
	network.serveTLS("www.python.org:443", manualSite)
	defer network.Close()

	conn := manualMust(httpclient.NewTLS("localhost", httpclient.WithPort(8080), httpclient.WithDialer(network),
		httpclient.WithTLSConfig(manualRoots())))
	defer conn.Close()
	manualCheck(conn.SetTunnel("www.python.org", 0, nil))
	manualCheck(conn.Request(ctx, "HEAD", "/index.html", nil, body.None()))
	res := manualMust(conn.Response(ctx))
	fmt.Println(res.Status(), res.URL(), conn.TLS().ServerName, network.Dialled())
	fmt.Println(strings.TrimSpace(network.Received()))
	// Output:
	// 200 OK https://www.python.org/index.html www.python.org [localhost:8080]
	// CONNECT www.python.org:443 HTTP/1.1
	// Host: www.python.org:443
	//
	// HEAD /index.html HTTP/1.1
	// Host: www.python.org
	// Accept-Encoding: identity
}

// host, port and headers of set_tunnel: the fields go to the proxy alone. The Conn is a plain one here, so
// what is inside the tunnel is plain, too.
func ExampleConn_SetTunnel_fields() {
	network := new(manualNetwork)
	network.proxy("localhost:8080", "HTTP/1.1 200 Connection established\r\n\r\n")
	network.serve("www.python.org:8000", manualSite)
	defer network.Close()

	conn := manualMust(httpclient.New("localhost:8080", httpclient.WithDialer(network)))
	defer conn.Close()
	manualCheck(conn.SetTunnel("www.python.org", 8000, manualFields("Proxy-Authorization: Basic c3BhbTplZ2dz")))
	resp := manualMust(conn.Do(ctx, "GET", "/", nil, body.None()))
	fmt.Println(resp.Status())
	fmt.Print(network.Received())
	fmt.Println(conn.SetTunnel("docs.python.org", 80, nil))
	// Output:
	// 200 OK
	// CONNECT www.python.org:8000 HTTP/1.1
	// Host: www.python.org:8000
	// Proxy-Authorization: Basic c3BhbTplZ2dz
	//
	// GET / HTTP/1.1
	// Host: www.python.org:8000
	// Accept-Encoding: identity
	//
	// httpclient: call out of order: a tunnel is to be set before connecting
}

// get_proxy_response_headers: nothing before CONNECT, and what a refusal said, too.
func ExampleConn_ProxyFields() {
	network := new(manualNetwork)
	network.proxy("localhost:8080", "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"the proxy\"\r\nContent-Length: 0\r\n\r\n")
	defer network.Close()

	conn := manualMust(httpclient.NewTLS("localhost:8080", httpclient.WithDialer(network)))
	manualCheck(conn.SetTunnel("www.python.org", 0, nil))
	fmt.Println(conn.ProxyFields() == nil)
	_, err := conn.Do(ctx, "HEAD", "/index.html", nil, body.None())
	fmt.Println(err)
	fmt.Println(errors.Is(err, httpclient.ErrHTTP), conn.Connected()) // as in Python, it is no HTTPException
	fmt.Print(conn.ProxyFields())
	// Output:
	// true
	// proxy localhost:8080 refused a tunnel to www.python.org:443: 407 "Proxy Authentication Required"; it asks for Basic realm="the proxy"
	// false false
	// Proxy-Authenticate: Basic realm="the proxy"
	// Content-Length: 0
}
