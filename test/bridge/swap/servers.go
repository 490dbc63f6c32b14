package swap

import (
	"errors"
	"net"
	"net/http"
	"sync"

	"github.com/strata-http/strata/httpserver"
)

// Servers keeps the Server of Strata for each of net/http that serves. The zero value is ready.
type Servers struct {
	// Served, when it is set, is called for each request.
	Served func()

	mu  sync.Mutex
	all map[*http.Server][]*httpserver.Server
}

// Serve does what s.Serve does.
func (s *Servers) Serve(from *http.Server, l net.Listener) error {
	server := Server(from, s.Served)
	s.mu.Lock()
	if s.all == nil {
		s.all = map[*http.Server][]*httpserver.Server{}
	}
	s.all[from] = append(s.all[from], server)
	s.mu.Unlock()
	err := server.Serve(l)
	if errors.Is(err, httpserver.ErrServerClosed) {
		return http.ErrServerClosed
	}
	return err
}

// Close closes the servers that were made of from.
func (s *Servers) Close(from *http.Server) {
	s.mu.Lock()
	servers := s.all[from]
	delete(s.all, from)
	s.mu.Unlock()
	for _, server := range servers {
		server.Close()
	}
}
