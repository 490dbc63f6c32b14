package fast

import (
	"github.com/valyala/fasthttp"

	"github.com/strata-http/strata/test/differential/internal/lines"
	"github.com/strata-http/strata/test/differential/internal/script"
)

// server answers every request with a small 200.
type server struct {
	fasthttp.Server
	result lines.Result // of the case under way
	seen   int          // requests of it
}

// newServer returns a server without limits of time.
func newServer() *server {
	s := &server{}
	s.Server = fasthttp.Server{
		Handler:                       s.handle,
		Logger:                        silent{},
		DisableHeaderNamesNormalizing: true,
		ErrorHandler: func(ctx *fasthttp.RequestCtx, err error) {
			s.result.Reason = words(err.Error())
			ctx.Error("refused", fasthttp.StatusBadRequest)
		},
	}
	return s
}

// handle notes a request, whose content has been read, and answers it.
func (s *server) handle(ctx *fasthttp.RequestCtx) {
	h := &ctx.Request.Header
	method, target := lines.Of(h.Method()), lines.Of(h.RequestURI())
	content := lines.Octets(ctx.Request.Body())
	if s.seen++; s.seen == 1 {
		s.result.Method, s.result.Target, s.result.Body = method, target, content
		s.result.Host, s.result.Version = lines.Of(ctx.Host()), string(h.Protocol())
		s.result.Headers = fieldsOf(h.All())
	} else {
		s.result.More = append(s.result.More, lines.Later{Method: method, Target: target, Body: *content})
	}
	ctx.SetBodyString("ok")
	if ctx.IsConnect() {
		ctx.SetConnectionClose()
	}
}

// run puts one case before the server.
func (s *server) run(c lines.Case) lines.Result {
	s.result, s.seen = lines.Result{More: []lines.Later{}}, 0
	conn := script.New(c.Octets, false)
	waits := false
	conn.Starved = func(int) bool {
		if !c.EOF {
			waits = true
			conn.Close()
		}
		return c.EOF
	}
	err := s.ServeConn(conn)
	r := &s.result
	switch {
	case s.seen > 0:
		r.Verdict, r.Messages, r.Reusable, r.Reason = lines.Accept, &s.seen, lines.Persists(conn.Sent()), ""
	case waits:
		r.Verdict, r.Reason = lines.Hang, ""
	default:
		r.Verdict = lines.Reject
		if err != nil && r.Reason == "" {
			r.Reason = words(err.Error())
		}
	}
	return s.result
}
