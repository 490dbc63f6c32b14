package share

import (
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpserver"
)

// Options are what "strata serve" can be told about a share.
type Options struct {
	// Upload admits PUT and POST, and UploadLimit is how many octets of content each may have; a negative one is no limit.
	Upload      bool
	UploadLimit int64
	// CORS lets pages of every origin use the share.
	CORS bool
	// Fields are sent with every response, each in the place of an automatic one of its name, and Removed are names
	// of automatic ones that are not sent.
	Fields  *headers.Fields
	Removed []string
	// Errors is told what failed on this machine; nil is nobody.
	Errors io.Writer
}

// New returns a handler for the share that files serves. It hides the parts of uploads.
func New(files *httpserver.SimpleHTTPRequestHandler, o Options) httpserver.Handler {
	files.Hidden = func(name string) bool { return strings.HasPrefix(filepath.Base(name), partPrefix) }
	s := share{files, &o}
	d := httpserver.Dispatch{Do: s}
	if o.Upload {
		d.Do = uploads{s}
	}
	d.Log = io.Discard
	if o.Errors != nil {
		d.Log = o.Errors
	}
	return d
}

// share serves files.
type share struct {
	*httpserver.SimpleHTTPRequestHandler
	o *Options
}

// uploads is a share that takes files too.
type uploads struct{ share }

func (s share) DoOPTIONS(h *httpserver.BaseHTTPRequestHandler) { s.options(h, "GET, HEAD, OPTIONS") }
func (s uploads) DoOPTIONS(h *httpserver.BaseHTTPRequestHandler) {
	s.options(h, "GET, HEAD, POST, PUT, OPTIONS")
}

// options tells what methods there are, to the preflight request of a browser too.
func (s share) options(h *httpserver.BaseHTTPRequestHandler, methods string) {
	h.SendResponse(204)
	h.SendHeader("Allow", methods)
	if s.o.CORS {
		h.SendHeader("Access-Control-Allow-Methods", methods)
		h.SendHeader("Access-Control-Allow-Headers", "*")
		h.SendHeader("Access-Control-Max-Age", "600")
	}
	h.EndHeaders()
}

// OnEndHeaders adds to each response what was asked for.
func (s share) OnEndHeaders(h *httpserver.BaseHTTPRequestHandler) {
	if s.o.CORS {
		h.SendHeader("Access-Control-Allow-Origin", "*")
		h.SendHeader("Access-Control-Expose-Headers", "*")
	}
	out := h.Response.Fields()
	for _, name := range s.o.Removed {
		out.Del(name)
	}
	if s.o.Fields == nil {
		return
	}
	for name := range s.o.Fields.All() {
		out.Del(string(name))
	}
	out.Append(s.o.Fields)
}

// The access log has it all.
func (s share) LogRequest(*httpserver.BaseHTTPRequestHandler, int)  {}
func (s share) LogError(*httpserver.BaseHTTPRequestHandler, string) {}

// foreign reports whether a page of another origin sends the request. A browser sends a form for any page to any
// address, this machine's own too, and asks nobody.
func (s share) foreign(h *httpserver.BaseHTTPRequestHandler) bool {
	origin := h.Request.Field("Origin")
	if s.o.CORS || origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	scheme := "http"
	if h.Request.TLS() != nil {
		scheme = "https"
	}
	return err != nil || u.Scheme != scheme || !strings.EqualFold(u.Host, h.Request.Host())
}
