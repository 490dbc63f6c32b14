package httpclient

import (
	"context"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
)

// PoolRequest is a request for [Pool.Do].
type PoolRequest struct {
	Method, Target string          // as for [Conn.Request]
	Fields         *headers.Fields // may be nil
	Content        body.Source
	// Rewind returns the content once more, from its beginning. Without it only content that is nothing, bytes or a string can
	// be sent twice.
	Rewind func() (body.Source, error)
	// Repeatable says that the request may be applied twice although its method is not idempotent.
	Repeatable bool
}

// PoolResponse is the response to a [PoolRequest]. Its Close must be called, behind its end too: that gives the connection
// back. A response that was not read to its end takes the connection with it.
type PoolResponse struct {
	Response
	conn PooledConn
}

// Close ends the response and gives its connection back to the pool, or closes it when it is not fit for another
// exchange.
func (r *PoolResponse) Close() error {
	r.conn.Release()
	return nil
}

// Connection returns the connection, as long as the response is not closed.
func (r *PoolResponse) Connection() PooledConn { return r.conn }

// Do sends a request to o on a connection of the pool and waits for the response. A request that failed because the server had
// closed a connection that was idle is sent again, on another one, where RFC 9110 section 9.2.2 allows it: see
// [PooledConn.MayRetry]. Errors are those of [Pool.Get] and [Conn.Do].
func (p *Pool) Do(ctx context.Context, o Origin, r *PoolRequest) (*PoolResponse, error) {
	content := r.Content
	for {
		c, err := p.Get(ctx, o)
		if err != nil {
			return nil, err
		}
		resp, again, err := r.try(ctx, c, content)
		if err == nil {
			return &PoolResponse{Response: resp, conn: c}, nil
		}
		if !again || ctx.Err() != nil {
			return nil, err
		}
		if r.Rewind != nil {
			if content, err = r.Rewind(); err != nil {
				return nil, err
			}
		}
		p.counts.repeated.Add(1)
	}
}

// try sends the request on c. When that fails c is given back, and again tells whether another may be tried.
func (r *PoolRequest) try(ctx context.Context, c PooledConn, content body.Source) (resp Response, again bool, err error) {
	done := false
	defer func() {
		if !done { // a function of the caller's panicked
			c.Discard()
		}
	}()
	resp, err = c.Conn().Do(ctx, r.Method, r.Target, r.Fields, content)
	if done = true; err == nil {
		return resp, false, nil
	}
	again = (r.Rewind != nil || sendsTwice(&content)) && c.MayRetry(err, r.Repeatable || Idempotent(r.Method))
	c.Discard()
	return resp, again, err
}

// sendsTwice reports whether content can be sent again as it is.
func sendsTwice(s *body.Source) bool {
	switch s.Kind() {
	case body.KindNone, body.KindBytes, body.KindString:
		return s.Trailers() == nil
	}
	return false
}
