package httpserver

import (
	"context"
	"net"
	"time"
)

// Shutdown ends serving in order: listeners are closed at once, connections that wait for a request are
// closed, and those with an exchange under way when it is over; its response says so. A request whose
// first octet has arrived is an exchange. A connection that had one is closed when its client closes, or has
// sent nothing more for half a second, or five seconds have passed: what it sent later would cost it the end of
// the last response (RFC 9112 section 9.6). Connections that were taken over are not waited for. When ctx
// ends first, its error is returned and what is left goes on; call [Server.Close] then. A server that was
// shut down cannot serve again.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop()
	s.mu.Lock()
	for c := range s.conns {
		c.nudge()
	}
	drained := s.drained
	s.mu.Unlock()
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Close ends serving at once: listeners and connections are closed, whatever is under way on them.
// Connections that were taken over stay.
func (s *Server) Close() error {
	s.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.cut()
	}
	return nil
}

// stop closes the listeners and keeps connections from taking another request.
func (s *Server) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.init()
	if s.shutting.Swap(true) {
		return
	}
	close(s.stopping)
	for l := range s.listeners {
		l.Close()
	}
	if len(s.conns) == 0 {
		close(s.drained)
	}
}

// enter counts a connection in. One that was accepted while a shutdown began is served as long as that waits
// for others: its request may have arrived.
func (s *Server) enter(c *serverConn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shutting.Load() && len(s.conns) == 0 {
		return false
	}
	s.init()
	s.conns[c] = struct{}{}
	return true
}

func (s *Server) leave(c *serverConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.conns[c]; !ok {
		return
	}
	delete(s.conns, c)
	if s.shutting.Load() && len(s.conns) == 0 {
		close(s.drained)
	}
}

var past = time.Unix(1, 0)

// nudge ends the wait for a request. When one has come meanwhile, it is read and answered all the same.
func (c *serverConn) nudge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle {
		c.nc.SetReadDeadline(past)
	}
}

// cut closes the connection below everything, so that nothing waits for a peer.
func (c *serverConn) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hijacked.Load() {
		return
	}
	nc := c.nc
	for {
		t, ok := nc.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		nc = t.NetConn()
	}
	nc.Close()
}
