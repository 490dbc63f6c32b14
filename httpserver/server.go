package httpserver

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/strata-http/strata/wire"
)

// Handler answers requests. Handle is called for one request at a time on each connection, and for many
// connections at once. Its arguments hold until it returns; afterwards every method of theirs fails with
// [ErrHandlerReturned] or tells nothing. When it returns, the response is completed: a handler that
// neither wrote nor set anything has sent 200 without content.
//
// A panic closes the connection, is told to [Server].OnError, and takes nothing else down. Panic with
// [ErrAbort] where a response cannot be completed.
type Handler interface {
	Handle(w ResponseWriter, r Request)
}

// HandlerFunc is a function that is a [Handler].
type HandlerFunc func(w ResponseWriter, r Request)

// Handle calls f.
func (f HandlerFunc) Handle(w ResponseWriter, r Request) { f(w, r) }

// Timeouts are limits for the phases of an exchange. A zero is the default, a negative one is no limit.
type Timeouts struct {
	// Head is from the first octet of a request to the end of its head, and for a TLS handshake; by
	// default 20 seconds. A request that is late is answered with 408.
	Head time.Duration
	// Body is from the end of a request's head to the end of its content; by default there is no limit.
	Body time.Duration
	// Between is between octets of a request; by default a minute.
	Between time.Duration
	// Write is each write that makes no progress; by default a minute.
	Write time.Duration
	// Idle is from the end of an exchange, or from the begin of a connection, to the first octet of a
	// request; by default two minutes.
	Idle time.Duration
}

// The defaults of Timeouts, and of what else a Server bounds.
const (
	DefaultHeadTimeout    = 20 * time.Second
	DefaultBetweenTimeout = time.Minute
	DefaultWriteTimeout   = time.Minute
	DefaultIdleTimeout    = 2 * time.Minute
	// DefaultDrain is how many octets of content that a handler left unread are read, to keep the
	// connection.
	DefaultDrain = 256 << 10
)

func orDefault(d, byDefault time.Duration) time.Duration {
	switch {
	case d == 0:
		return byDefault
	case d < 0:
		return 0
	}
	return d
}

// Server serves HTTP/1 on listeners of any kind. Set its fields before the first call of a method; the
// zero Server, with a Handler, is ready. It must not be copied.
type Server struct {
	// Handler answers the requests. nil answers each with 404.
	Handler Handler
	// Timeouts limit the phases of an exchange.
	Timeouts Timeouts
	// Limits bound what a client can send; see [wire.Limits] for what a zero means. A request that goes
	// beyond is answered with 413, 414 or 431.
	Limits wire.Limits
	// Lenient admits deviations in requests.
	Lenient wire.Lenient
	// MaxConns is how many connections are served at once; 0 is no limit. Further ones wait to be
	// accepted.
	MaxConns int
	// MaxRequests is how many requests one connection may carry; 0 is no limit. The last response says
	// that the connection closes.
	MaxRequests int
	// Drain is how many octets of content that a handler left unread are read to keep the connection; 0
	// is [DefaultDrain], a negative one closes the connection at once.
	Drain int64
	// Name is the value of the Server field (RFC 9110 section 10.2.4). It is not sent when empty, or when
	// a handler has set its own.
	Name string
	// Protocol is the HTTP-version that is sent: [wire.HTTP11], which a zero is too, or [wire.HTTP10], with which
	// no response is chunked or interim, and a connection is kept only for a client that asks for it by
	// Connection: keep-alive (RFC 9112 section 9.3).
	Protocol wire.Version
	// NoDate leaves out the Date field, which an origin server with a clock sends (RFC 9110 section 6.6.1).
	NoDate bool
	// BaseContext returns the context of the connections of a listener; nil is context.Background. The
	// context of a request is below it.
	BaseContext func(net.Listener) context.Context
	// ConnContext changes the context of one connection.
	ConnContext func(ctx context.Context, nc net.Conn) context.Context
	// TLSConfig is for [Server.ListenAndServeTLS] and [Server.ServeTLS].
	TLSConfig *tls.Config
	// OnError is told what went wrong on a connection: a request that was refused, a time-out, a panic (a
	// [*PanicError]), a failed Accept or TLS handshake. It is called in the goroutine of the connection.
	// nil logs panics and failures of Accept with slog.Default. That a client went away between
	// requests is no error.
	OnError func(remote net.Addr, err error)
	// AccessLog is told each exchange when it is over, in LogFormat; see [LogHandler].
	AccessLog *slog.Logger
	// LogFormat is the form of the log's messages; the zero value is [CommonLog].
	LogFormat LogFormat

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	conns     map[*serverConn]struct{}
	slots     chan struct{} // one for each connection that is served, when there is a limit
	stopping  chan struct{} // closed when shutting is set
	drained   chan struct{} // closed when shutting is set and no connection is left
	shutting  atomic.Bool
	served    atomic.Int64
}

// ListenAndServe listens on a TCP address, such as "127.0.0.1:8080", and serves until the server is shut
// down or closed, when it returns [ErrServerClosed]. An address without a host is every address of the
// machine. A port that is taken is syscall.EADDRINUSE.
func (s *Server) ListenAndServe(address string) error {
	if s.shutting.Load() {
		return ErrServerClosed
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	return s.Serve(l)
}

// ListenAndServe listens on a TCP address and serves with handler; see [Server.ListenAndServe].
func ListenAndServe(address string, handler Handler) error {
	return (&Server{Handler: handler}).ListenAndServe(address)
}

// Serve serves the connections of l with handler; see [Server.Serve].
func Serve(l net.Listener, handler Handler) error {
	return (&Server{Handler: handler}).Serve(l)
}

// ListenAndServeTLS is [Server.ListenAndServe] over TLS, with the certificate of TLSConfig, or that of the
// files, which may else be empty.
func (s *Server) ListenAndServeTLS(address, certFile, keyFile string) error {
	if s.shutting.Load() {
		return ErrServerClosed
	}
	config, err := s.tlsConfig(certFile, keyFile)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	return s.Serve(tls.NewListener(l, config))
}

// ServeTLS is [Server.Serve] with TLS over the connections of l.
func (s *Server) ServeTLS(l net.Listener, certFile, keyFile string) error {
	config, err := s.tlsConfig(certFile, keyFile)
	if err != nil {
		return err
	}
	return s.Serve(tls.NewListener(l, config))
}

func (s *Server) tlsConfig(certFile, keyFile string) (*tls.Config, error) {
	config := s.TLSConfig.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	if len(config.NextProtos) == 0 {
		config.NextProtos = []string{"http/1.1"}
	}
	if certFile == "" && keyFile == "" {
		if len(config.Certificates) == 0 && config.GetCertificate == nil && config.GetConfigForClient == nil {
			return nil, errors.New("httpserver: TLS without a certificate")
		}
		return config, nil
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	config.Certificates = append([]tls.Certificate{pair}, config.Certificates...)
	return config, nil
}

// Serve accepts connections of l and serves each in a goroutine of its own, until the server is shut down
// or closed, when it returns [ErrServerClosed], or accepting fails for good, when it returns that error. l is
// closed when it returns. One server may serve several listeners.
func (s *Server) Serve(l net.Listener) error {
	defer l.Close()
	if !s.track(l) {
		return ErrServerClosed
	}
	defer s.untrack(l)
	ctx := context.Background()
	if s.BaseContext != nil {
		if ctx = s.BaseContext(l); ctx == nil {
			return errors.New("httpserver: BaseContext returned nil")
		}
	}
	for pause := time.Duration(0); ; {
		if !s.takeSlot() {
			return ErrServerClosed
		}
		nc, err := l.Accept()
		if err != nil {
			s.giveSlot()
			if s.shutting.Load() {
				return ErrServerClosed
			}
			if !isTemporary(err) {
				return err
			}
			// Out of descriptors, most likely: connections that end give some back.
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			s.report(nil, err)
			select {
			case <-time.After(pause):
			case <-s.stopping:
			}
			continue
		}
		pause = 0
		if c, ok := s.newConn(ctx, nc); ok {
			go c.serve()
		}
	}
}

// isTemporary reports whether Accept may succeed later: the process or the machine is out of descriptors, or
// the client was gone before it was accepted. Other errors, such as that the listener is closed, are for good.
func isTemporary(err error) bool {
	for _, passing := range [...]error{syscall.EMFILE, syscall.ENFILE, syscall.ECONNABORTED, syscall.ECONNRESET} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}

// ServeConn serves one connection until it ends, and closes it. It is for connections that no listener
// accepted. ctx is above those of the requests; its end does not end the connection.
func (s *Server) ServeConn(ctx context.Context, nc net.Conn) error {
	if s.shutting.Load() || !s.takeSlot() {
		nc.Close()
		return ErrServerClosed
	}
	c, ok := s.newConn(ctx, nc)
	if !ok {
		return ErrServerClosed
	}
	return c.serve()
}

func (s *Server) takeSlot() bool {
	if s.MaxConns <= 0 {
		return true
	}
	s.mu.Lock()
	if s.slots == nil {
		s.slots = make(chan struct{}, s.MaxConns)
	}
	s.init()
	slots, over := s.slots, s.stopping
	s.mu.Unlock()
	select {
	case slots <- struct{}{}:
		return true
	case <-over:
		return false
	}
}

func (s *Server) giveSlot() {
	if s.MaxConns > 0 {
		<-s.slots
	}
}

// init makes what the zero Server lacks. The caller holds mu.
func (s *Server) init() {
	if s.conns == nil {
		s.listeners = make(map[net.Listener]struct{})
		s.conns = make(map[*serverConn]struct{})
		s.stopping, s.drained = make(chan struct{}), make(chan struct{})
	}
}

func (s *Server) track(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shutting.Load() {
		return false
	}
	s.init()
	s.listeners[l] = struct{}{}
	return true
}

func (s *Server) untrack(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
}

// Requests returns how many requests have been handed to the handler.
func (s *Server) Requests() int64 { return s.served.Load() }

// Conns returns how many connections are open, idle ones included, and those that a handler has taken
// over not.
func (s *Server) Conns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// report tells the error hook.
func (s *Server) report(remote net.Addr, err error) {
	if s.OnError != nil {
		s.OnError(remote, err)
		return
	}
	var panicked *PanicError
	switch {
	case errors.As(err, &panicked):
		slog.Default().Error("httpserver: a handler panicked", "remote", remote, "panic", panicked.Value, "stack", string(panicked.Stack))
	case remote == nil:
		slog.Default().Error("httpserver: cannot accept", "error", err)
	}
}
