package swap

import (
	"net/http"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/nethttp"
)

// Server returns a server of Strata with the settings of s. served, when it is not nil, is called for each request.
func Server(s *http.Server, served func()) *httpserver.Server {
	server := nethttp.NewServer(s)
	if inner := server.Handler; served != nil {
		server.Handler = httpserver.HandlerFunc(func(w httpserver.ResponseWriter, r httpserver.Request) {
			served()
			inner.Handle(w, r)
		})
	}
	return server
}
