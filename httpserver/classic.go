package httpserver

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
)

// HTTPServer is a [Server] that has bound its address, in the manner of the Python class. It is
// ThreadingHTTPServer as well: each connection is served in a goroutine of its own. Set MaxConns to 1 for one
// connection at a time.
type HTTPServer struct {
	Server
	// ServerAddress is the address that is bound; with port 0 asked for, it has the port that was picked.
	ServerAddress net.Addr
	// ServerName is the host of the address, or the name of this machine where that is every address of it.
	// Nothing is looked up.
	ServerName string
	// ServerPort is the port, and 0 on a network without ports.
	ServerPort int

	l net.Listener
}

// NewHTTPServer binds a TCP address, such as "localhost:8000", and serves it when ServeForever is called. do
// is a [Handler], or a value with methods such as DoGET, for [Dispatch]. An address that is taken is
// syscall.EADDRINUSE.
func NewHTTPServer(address string, do any) (*HTTPServer, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	return newHTTPServer(l, do), nil
}

// NewHTTPSServer is [NewHTTPServer] with TLS, which is HTTPSServer and ThreadingHTTPSServer: certFile has the
// certificate and those above it, keyFile the private key, both in PEM; "" is certFile. A key that is encrypted is an error.
// For more than that, such as certificates of clients, set TLSConfig of a [Server] and call
// [Server.ListenAndServeTLS].
func NewHTTPSServer(address string, do any, certFile, keyFile string) (*HTTPServer, error) {
	if keyFile == "" {
		keyFile = certFile
	}
	config, err := new(Server).tlsConfig(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := newHTTPServer(tls.NewListener(l, config), do)
	s.TLSConfig = config
	return s, nil
}

func newHTTPServer(l net.Listener, do any) *HTTPServer {
	s := &HTTPServer{ServerAddress: l.Addr(), l: l}
	h, ok := do.(Handler)
	if !ok {
		h = Dispatch{Do: do}
	}
	s.Handler = h
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		s.ServerPort = a.Port
		if s.ServerName = a.IP.String(); a.IP.IsUnspecified() {
			s.ServerName, _ = os.Hostname()
		}
	}
	return s
}

// ServeForever serves until Shutdown or ServerClose, and returns nil when every connection has ended then.
func (s *HTTPServer) ServeForever() error {
	if err := s.Serve(s.l); !errors.Is(err, ErrServerClosed) {
		return err
	}
	s.mu.Lock()
	drained := s.drained
	s.mu.Unlock()
	<-drained
	return nil
}

// HandleRequest accepts one connection and serves it to its end.
func (s *HTTPServer) HandleRequest() error {
	nc, err := s.l.Accept()
	if err != nil {
		return err
	}
	return s.ServeConn(context.Background(), nc)
}

// ServerClose closes the listener and every connection; [Server.Shutdown] lets exchanges end before.
func (s *HTTPServer) ServerClose() error {
	err := s.Close() // first, so that ServeForever knows why its listener is closed
	if of := s.l.Close(); !errors.Is(of, net.ErrClosed) {
		err = errors.Join(err, of)
	}
	return err
}
