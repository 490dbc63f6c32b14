package bridge

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// hooks is added to net/http: what package swap/hook sets.
const hooks = `package http

import "net"

// What takes the place of Transport.RoundTrip, of Transport.CloseIdleConnections, and of a Server's methods, where it is set.
var (
	StrataRoundTrip func(*Transport, *Request) (*Response, error)
	StrataCloseIdle func(*Transport)
	StrataServe     func(*Server, net.Listener) error
	StrataStop      func(*Server)
	StrataPipe      func(Handler, *Request) (*Response, error) // sends a request to a server of its own
)
`

// edit puts a call of a hook at the begin of a function, by the line with which that begins.
type edit struct{ file, line, hook string }

// on returns text with the hook.
func (e edit) on(t *testing.T, text string) string {
	t.Helper()
	if strings.Count(text, e.line) != 1 {
		t.Fatalf("%s has no line %q: the hook needs another place (%s)", e.file, e.line, runtime.Version())
	}
	return strings.Replace(text, e.line, e.line+e.hook, 1)
}

// edits are those of net/http.
var edits = []edit{
	{"roundtrip.go", "func (t *Transport) RoundTrip(req *Request) (*Response, error) {\n",
		"\tif StrataRoundTrip != nil {\n\t\treturn StrataRoundTrip(t, req)\n\t}\n"},
	{"transport.go", "func (t *Transport) CloseIdleConnections() {\n",
		"\tif StrataCloseIdle != nil {\n\t\tStrataCloseIdle(t)\n\t}\n"},
	{"server.go", "func (s *Server) Serve(l net.Listener) error {\n",
		"\tif StrataServe != nil {\n\t\treturn StrataServe(s, l)\n\t}\n"},
	{"server.go", "func (s *Server) Close() error {\n",
		"\tif StrataStop != nil {\n\t\tStrataStop(s)\n\t}\n"},
	{"server.go", "func (s *Server) Shutdown(ctx context.Context) error {\n",
		"\tif StrataStop != nil {\n\t\tStrataStop(s)\n\t}\n"},
}

// overlay writes the files of net/http with the hooks into dir, and returns the file that tells `go` of them.
func overlay(t *testing.T, dir string) string {
	t.Helper()
	place := filepath.Join(strings.TrimSpace(goTool(t, "env", "GOROOT")), "src", "net", "http")
	replace := map[string]string{}
	texts := map[string]string{"strata_hooks.go": hooks}
	for _, e := range edits {
		if _, ok := texts[e.file]; !ok {
			text, err := os.ReadFile(filepath.Join(place, e.file))
			if err != nil {
				t.Fatal(err)
			}
			texts[e.file] = string(text)
		}
		texts[e.file] = e.on(t, texts[e.file])
	}
	for name, text := range texts {
		write(t, filepath.Join(dir, name), text)
		replace[filepath.Join(place, name)] = filepath.Join(dir, name)
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	write(t, file, string(text))
	return file
}
