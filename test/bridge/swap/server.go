package swap

import (
	"net/http"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/nethttp"
)

// Server returns a server of Strata with the settings of s. served, when it is not nil, is called for each request.
func Server(s *http.Server, served func()) *httpserver.Server {
	handler := s.Handler
	if handler == nil {
		handler = http.DefaultServeMux
	}
	if served != nil {
		inner := handler
		handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			served()
			inner.ServeHTTP(w, r)
		})
	}
	return &httpserver.Server{
		Handler:     nethttp.Handler(handler),
		BaseContext: s.BaseContext,
		ConnContext: s.ConnContext,
		TLSConfig:   s.TLSConfig,
		Timeouts: httpserver.Timeouts{
			Head: s.ReadHeaderTimeout, Write: s.WriteTimeout, Idle: s.IdleTimeout, Body: s.ReadTimeout,
		},
	}
}
