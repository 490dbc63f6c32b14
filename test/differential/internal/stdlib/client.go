package stdlib

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strings"
	"sync"

	"github.com/strata-http/strata/test/differential/internal/lines"
	"github.com/strata-http/strata/test/differential/internal/script"
)

// exchange is one request of a Transport that makes no other.
type exchange struct {
	conn *script.Conn
	over chan struct{} // the Transport has closed the connection, or waits on it idle
	once sync.Once

	mu      sync.Mutex
	idle    bool // the Transport has taken the connection back
	reuses  bool // and waits on it
	waits   bool // for more of the response
	interim []int
}

// watched is a connection that tells when it is closed.
type watched struct {
	*script.Conn
	x *exchange
}

// Close closes the connection and ends the exchange.
func (w watched) Close() error {
	defer w.x.once.Do(func() { close(w.x.over) })
	return w.Conn.Close()
}

// starved tells what a Transport that reads on is waiting for.
func (x *exchange) starved(eof bool) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.idle:
		x.reuses = true
	case eof:
		return true
	default:
		x.waits = true
	}
	watched{x.conn, x}.Close()
	return false
}

// client puts one case before a Transport.
func client(c lines.Case) lines.Result {
	if c.Method == "CONNECT" {
		return lines.Result{Skip: "a Transport sends CONNECT to proxies only"}
	}
	x := &exchange{conn: script.New(c.Octets, true), over: make(chan struct{}), interim: []int{}}
	x.conn.Starved = func(int) bool { return x.starved(c.EOF) }
	t := &http.Transport{
		DisableCompression: true,
		DialContext:        func(context.Context, string, string) (net.Conn, error) { return watched{x.conn, x}, nil },
	}
	defer t.CloseIdleConnections()
	resp, err := t.RoundTrip(x.request(c))
	if err != nil {
		return x.result(nil, nil, err)
	}
	content, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	<-x.over
	return x.result(resp, content, err)
}

// request returns the request that the octets of c answer.
func (x *exchange) request(c lines.Case) *http.Request {
	r := &http.Request{Method: c.Method, URL: &url.URL{Scheme: "http", Host: "h", Path: "/"}, Header: http.Header{}}
	if r.Method == "" {
		r.Method = "GET"
	}
	if AsksUpgrade(c.Octets) {
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "x")
	}
	return r.WithContext(httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		PutIdleConn: func(err error) {
			x.mu.Lock()
			x.idle = err == nil
			x.mu.Unlock()
		},
		Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
			x.mu.Lock()
			x.interim = append(x.interim, code)
			x.mu.Unlock()
			return nil
		},
	}))
}

// AsksUpgrade reports whether the request that these octets answer is to ask for an upgrade, since a 101 is among them.
func AsksUpgrade(octets []byte) bool { return bytes.Contains(octets, []byte(" 101")) }

// result tells what the user of the Transport saw.
func (x *exchange) result(resp *http.Response, content []byte, err error) lines.Result {
	x.mu.Lock()
	defer x.mu.Unlock()
	r := lines.Result{Verdict: lines.Reject, Interim: x.interim}
	if x.waits {
		r.Verdict = lines.Hang
	}
	if err != nil && !x.waits {
		r.Reason = words(err.Error())
	}
	if resp == nil {
		return r
	}
	status := resp.StatusCode
	r.Status, r.Version, r.Headers = &status, resp.Proto, fieldsOf(resp.Header)
	if _, reason, ok := strings.Cut(resp.Status, " "); ok {
		r.Phrase = lines.Of(reason)
	}
	if status == http.StatusSwitchingProtocols {
		r.Verdict, r.Reason, r.Leftover, r.Reusable = lines.Accept, "", lines.Octets(content), new(bool)
		return r
	}
	if err == nil {
		r.Verdict, r.Body, r.Trailers, r.Reusable = lines.Accept, lines.Octets(content), fieldsOf(resp.Trailer), &x.reuses
	}
	return r
}
