package nethttp

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"

	"github.com/strata-http/strata/httpclient"
)

// exchange is a request and its response.
type exchange struct {
	t      *Transport
	req    *http.Request
	ctx    context.Context
	end    func() // ends ctx, where it is one of our own
	trace  *httptrace.ClientTrace
	set    *settings
	method string

	body    *requestBody // nil without content
	length  int64        // of it, -1 where it is not known
	chunked bool
	gzip    bool // was asked for by the Transport

	way    way
	conn   httpclient.PooledConn
	answer httpclient.Response

	resp    http.Response
	record  record
	content content
}

// RoundTrip sends a request and returns its response, as http.RoundTripper wants it: it does not change the request, closes its
// body in any case, though maybe later in another goroutine, and follows, authenticates and remembers nothing. A request that
// failed because the server had closed an idle connection is sent again, where RFC 9110 section 9.2.2 allows it, or where it has
// an Idempotency-Key, and its body can be had again by GetBody.
//
// The response may come while the body is sent. It is sent on, then, until the body of the response is closed.
//
// Errors of the caller's, such as those of Request.Body, of Proxy and of dialling, come as they are; when the context of the request
// has ended, the error is its cause (see context.Cause). Time-outs are a net.Error.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := check(req); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	ctx := req.Context()
	x := &exchange{t: t, req: req, ctx: ctx, trace: httptrace.ContextClientTrace(ctx), set: settingsOf(ctx), method: req.Method}
	if x.method == "" {
		x.method = "GET"
	}
	x.awaitCancel()
	done := false
	defer func() {
		if !done { // also when a function of the caller's has panicked
			x.closeBody()
			x.finish()
		}
	}()
	err := context.Cause(ctx)
	if err == nil {
		err = x.run()
	}
	if err != nil {
		return nil, x.failure(err)
	}
	done = true
	return &x.resp, nil
}

// run sends the request, as often as it has to be, and reads the head of the response.
func (x *exchange) run() error {
	var err error
	if x.way, err = x.t.way(x.req); err != nil {
		return err
	}
	x.measure()
	s := scratches.Get().(*scratch)
	defer s.drop()
	host, err := hostValue(x.req, x.way.absolute)
	if err != nil {
		return err
	}
	target, err := x.target(host)
	if err != nil {
		return err
	}
	if err := x.compose(s, host); err != nil {
		return err
	}
	for {
		again, err := x.try(s, target)
		if err == nil || !again || x.ctx.Err() != nil || !x.rewound() {
			return err
		}
	}
}

// try sends the request on one connection. again tells that another may be tried.
func (x *exchange) try(s *scratch, target string) (again bool, err error) {
	if err := x.connect(); err != nil {
		return false, err
	}
	done := false
	defer func() {
		if !done {
			x.conn.Discard()
		}
	}()
	c := x.conn.Conn()
	x.watch(c, s)
	x.answer, err = c.Do(x.ctx, x.method, target, &s.fields, x.source())
	if err == nil && !c.Sending() && x.method != "CONNECT" { // whose body goes through the tunnel
		x.closeBody()
	}
	if err == nil {
		err = x.receive()
	}
	if err != nil {
		return x.conn.MayRetry(err, x.repeatable()), x.body.explain(err)
	}
	done = true
	return false, nil
}

// repeatable reports whether the request may be applied twice.
func (x *exchange) repeatable() bool {
	if httpclient.Idempotent(x.method) {
		return true
	}
	_, key := x.req.Header["Idempotency-Key"]
	_, old := x.req.Header["X-Idempotency-Key"]
	return key || old
}

// connect takes a connection from the pool, or opens one.
func (x *exchange) connect() (err error) {
	ctx := x.traceDial(x.ctx)
	if x.trace != nil && x.trace.GetConn != nil {
		x.trace.GetConn(hostPort(x.way.first))
	}
	x.conn, err = x.t.ready().Get(ctx, x.way.origin)
	if err != nil {
		return err
	}
	if x.trace != nil && x.trace.GotConn != nil {
		x.trace.GotConn(httptrace.GotConnInfo{
			Conn: x.conn.Conn().NetConn(), Reused: x.conn.Reused(), WasIdle: x.conn.Reused(), IdleTime: x.conn.IdleTime(),
		})
	}
	return nil
}

// closeBody closes the body of the request, of which nothing more is sent.
func (x *exchange) closeBody() {
	if x.body != nil {
		x.body.Close()
	} else if x.req.Body != nil {
		x.req.Body.Close()
	}
}

// awaitCancel lets the channel Request.Cancel, which is deprecated, end the context of the exchange.
func (x *exchange) awaitCancel() {
	cancel := x.req.Cancel //lint:ignore SA1019 what callers still use is honoured
	if cancel == nil {
		return
	}
	ctx, end := context.WithCancelCause(x.ctx)
	x.ctx, x.end = ctx, func() { end(nil) }
	go func() {
		select {
		case <-cancel:
			end(errCanceled)
		case <-ctx.Done():
		}
	}()
}

// finish lets go what the exchange holds beyond memory.
func (x *exchange) finish() {
	if x.end != nil {
		x.end()
	}
}

// release gives the connection back, when the content was read to its end; otherwise it is closed.
func (x *exchange) release() {
	err := x.conn.Release()
	if x.trace != nil && x.trace.PutIdleConn != nil && !x.t.DisableKeepAlives && !errors.Is(err, httpclient.ErrNotReusable) {
		x.trace.PutIdleConn(err)
	}
	x.answer, x.conn = httpclient.Response{}, httpclient.PooledConn{}
	x.closeBody()
	x.finish()
}
