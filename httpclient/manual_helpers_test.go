package httpclient_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// manualRequest is a request as a server in memory received it.
type manualRequest struct {
	Raw            string // every octet, head and body
	Method, Target string
	Fields         *headers.Fields
	Content        string // transfer codings taken off
	TLS            *tls.ConnectionState
}

// manualHandler answers a request with the octets of a response. Without octets the connection is closed
// instead; so it is behind a response that says "Connection: close".
type manualHandler func(r manualRequest) string

// manualNetwork is a small Internet in memory. It is a dialer, and remembers what its servers received.
type manualNetwork struct {
	memory.Network

	running sync.WaitGroup
	mu      sync.Mutex
	raw     strings.Builder // the octets of all requests
	dialled []string
	written []byte
	ends    []io.Closer
	closed  bool
}

// manualServe returns a network in which handler answers at address, host:port.
func manualServe(address string, handler manualHandler) *manualNetwork {
	n := new(manualNetwork)
	n.serve(address, handler)
	return n
}

// manualServeTLS is manualServe for a server that speaks TLS, with a certificate for the host of address.
func manualServeTLS(address string, handler manualHandler) *manualNetwork {
	n := new(manualNetwork)
	n.serveTLS(address, handler)
	return n
}

// manualAnswers returns a network in which the server at address answers each request with the next of answers,
// whatever it says.
func manualAnswers(address string, answers ...string) *manualNetwork {
	return manualServe(address, manualSequence(answers...))
}

func manualSequence(answers ...string) manualHandler {
	return func(manualRequest) string {
		if len(answers) == 0 {
			return ""
		}
		next := answers[0]
		answers = answers[1:]
		return next
	}
}

func (n *manualNetwork) serve(address string, handler manualHandler) {
	n.listen(address, func(nc net.Conn) { n.answer(nc, handler) })
}

func (n *manualNetwork) serveTLS(address string, handler manualHandler) {
	host, _, _ := net.SplitHostPort(address)
	n.serveTLSConfig(address, &tls.Config{Certificates: []tls.Certificate{manualCertificate(host)}}, handler)
}

func (n *manualNetwork) serveTLSConfig(address string, config *tls.Config, handler manualHandler) {
	config.NextProtos = append(config.NextProtos, "http/1.1")
	n.listen(address, func(nc net.Conn) {
		session := tls.Server(nc, config)
		if session.Handshake() == nil {
			n.answer(session, handler)
		}
		session.Close()
	})
}

// proxy serves CONNECT at address: with reply, and then with a tunnel to where the client wants, if that is
// in this network and reply is a 200.
func (n *manualNetwork) proxy(address, reply string) {
	n.listen(address, func(nc net.Conn) {
		r, _, ok := n.receive(nc, nil)
		if !ok {
			return
		}
		io.WriteString(nc, reply)
		if !strings.HasPrefix(reply, "HTTP/1.1 200") {
			return
		}
		far, err := n.Network.DialContext(context.Background(), "tcp", r.Target)
		if err != nil {
			return
		}
		n.track(far)
		done := make(chan bool)
		go func() {
			io.Copy(far, nc)
			far.Close()
			close(done)
		}()
		io.Copy(nc, far)
		nc.Close()
		<-done
	})
}

// listen lets f serve each connection to address, and closes it when f returns.
func (n *manualNetwork) listen(address string, f func(net.Conn)) {
	l, err := n.Listen(address)
	if err != nil {
		panic(err)
	}
	n.track(l)
	n.running.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			n.track(nc)
			n.running.Go(func() {
				defer nc.Close()
				f(nc)
			})
		}
	})
}

func (n *manualNetwork) track(c io.Closer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		c.Close()
		return
	}
	n.ends = append(n.ends, c)
}

// Close ends all servers and waits for them.
func (n *manualNetwork) Close() {
	n.mu.Lock()
	n.closed = true
	for _, c := range n.ends {
		c.Close()
	}
	n.mu.Unlock()
	n.running.Wait()
}

// DialContext makes the network a dialer that remembers the addresses and what is written.
func (n *manualNetwork) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	n.mu.Lock()
	n.dialled = append(n.dialled, address)
	n.mu.Unlock()
	nc, err := n.Network.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &manualWire{nc, n}, nil
}

// manualWire is a client's connection whose octets are remembered.
type manualWire struct {
	net.Conn
	n *manualNetwork
}

func (w *manualWire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	w.n.mu.Lock()
	w.n.written = append(w.n.written, p[:n]...)
	w.n.mu.Unlock()
	return n, err
}

func (w *manualWire) NetConn() net.Conn    { return w.Conn }
func (w *manualWire) Ready() (bool, error) { return transport.Ready(w.Conn) }

// Written returns the octets that clients have written since the last call.
func (n *manualNetwork) Written() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := string(n.written)
	n.written = nil
	return all
}

// Dialled returns what was dialled since the last call.
func (n *manualNetwork) Dialled() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := n.dialled
	n.dialled = nil
	return all
}

// Received returns the octets of all requests since the last call, each line of a head on a line.
func (n *manualNetwork) Received() string {
	return strings.ReplaceAll(n.ReceivedOctets(), "\r\n", "\n")
}

// ReceivedOctets returns the octets that all servers have received since the last call.
func (n *manualNetwork) ReceivedOctets() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := n.raw.String()
	n.raw.Reset()
	return all
}

// answer serves one connection.
func (n *manualNetwork) answer(nc net.Conn, handler manualHandler) {
	var data []byte
	for {
		r, rest, ok := n.receive(nc, data)
		if !ok {
			return
		}
		data = rest
		if session, ok := nc.(*tls.Conn); ok {
			state := session.ConnectionState()
			r.TLS = &state
		}
		response := handler(r)
		if r.Method == "HEAD" && response != "" {
			head, _, _ := strings.Cut(response, "\r\n\r\n")
			response = head + "\r\n\r\n"
		}
		if _, err := io.WriteString(nc, response); err != nil {
			return
		}
		if response == "" || strings.Contains(response, "Connection: close\r\n") {
			return
		}
	}
}

// receive reads one request, of which data has come already, and returns what came behind it.
func (n *manualNetwork) receive(nc net.Conn, data []byte) (r manualRequest, rest []byte, ok bool) {
	machine := conn.New(conn.Server, conn.Config{})
	var raw, content []byte
	for eof := false; ; {
		advance, ev, err := machine.Next(data, eof)
		raw = append(raw, data[:advance]...)
		n.heard(data[:advance])
		switch {
		case err != nil || ev.Kind == conn.Closed:
			n.heard(data[advance:])
			return r, nil, false
		case ev.Kind == conn.RequestHead:
			r.Method, r.Target = string(ev.Head.Method), string(ev.Head.Target)
			r.Fields = ev.Head.Fields.Clone()
			if machine.ExpectsContinue() {
				io.WriteString(nc, "HTTP/1.1 100 Continue\r\n\r\n")
			}
		case ev.Kind == conn.Content:
			content = append(content, ev.Content...)
		case ev.Kind == conn.End:
			r.Raw, r.Content = string(raw), string(content)
			return r, data[advance:], true
		}
		data = data[advance:]
		if ev.Kind == conn.NeedData {
			more := make([]byte, 4096)
			count, err := nc.Read(more)
			data, eof = append(data[:len(data):len(data)], more[:count]...), err != nil
		}
	}
}

func (n *manualNetwork) heard(octets []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.raw.Write(octets)
}

// manualAnswer puts a response with content together.
func manualAnswer(statusLine, content string, fields ...string) string {
	head := "HTTP/1.1 " + statusLine + "\r\n"
	for _, field := range fields {
		head += field + "\r\n"
	}
	return head + "Content-Length: " + strconv.Itoa(len(content)) + "\r\n\r\n" + content
}

// manualFields makes a field section of lines "name: value".
func manualFields(lines ...string) *headers.Fields {
	f := new(headers.Fields)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		f.Add(name, value)
	}
	return f
}

// manualMust keeps errors that cannot be out of sight.
func manualMust[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// manualCheck is manualMust for calls that return an error alone.
func manualCheck(err error) {
	if err != nil {
		panic(err)
	}
}

// manualTB makes the certificates without a test.
type manualTB struct{ testing.TB }

func (manualTB) Helper()                           {}
func (manualTB) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (manualTB) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// manualAuthority makes one authority, and one certificate for all hosts of the Examples but wrong.example.
var manualAuthority = sync.OnceValue(func() (a struct {
	server tls.Certificate
	roots  *x509.CertPool
	pem    []byte
}) {
	a.server, a.roots, a.pem = testcert.New(manualTB{}, "www.python.org", "docs.python.org", "svn.python.org",
		"bugs.python.org", "example.com", "api.example.com", "127.0.0.1")
	return a
})

// manualCertificate returns the certificate of a server.
func manualCertificate(host string) tls.Certificate {
	if host == "wrong.example" {
		certificate, _, _ := testcert.New(manualTB{}, host) // of another authority
		return certificate
	}
	return manualAuthority().server
}

// manualRoots is what clients of the Examples trust, in the place of the system's roots.
func manualRoots() *tls.Config { return &tls.Config{RootCAs: manualAuthority().roots} }

// manualFile writes a file that is removed by the function returned.
func manualFile(content string) (path string, remove func()) {
	f := manualMust(os.CreateTemp("", "strata-manual-"))
	manualMust(f.WriteString(content))
	manualCheck(f.Close())
	return f.Name(), func() { os.Remove(f.Name()) }
}

// manualImpatient is a connection whose time-outs run out at once.
type manualImpatient struct{ net.Conn }

func (c manualImpatient) SetReadDeadline(t time.Time) error {
	if !t.IsZero() {
		t = time.Unix(1, 0)
	}
	return c.Conn.SetReadDeadline(t)
}

// recordAndSay returns a server of one request, which it takes as octets, up to the empty line: for what no
// server that reads HTTP would take.
func (n *manualNetwork) recordAndSay(answer string) func(net.Conn) {
	return func(nc net.Conn) {
		var got []byte
		b := make([]byte, 4096)
		for !strings.Contains(string(got), "\r\n\r\n") {
			count, err := nc.Read(b)
			got = append(got, b[:count]...)
			n.heard(b[:count])
			if err != nil {
				return
			}
		}
		io.WriteString(nc, answer)
	}
}
