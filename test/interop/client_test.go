package interop

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/test/peers"
	"github.com/strata-http/strata/transport"
)

// clientChecks are run by httpclient against one server of each kind, for each scheme.
var clientChecks = []struct {
	name string
	need peers.Feature
	path string
	run  func(t *testing.T, p *peers.Peer, url string)
}{
	{"get", 0, "/", clientFiles},
	{"get large", 0, "/" + peers.Large(), clientLarge},
	{"head", 0, "/", clientHead},
	{"head octets", 0, "/f-13", clientHeadOctets},
	{"not modified", 0, "/" + peers.Index, clientNotModified},
	{"range", peers.Ranges, "/f-65536", clientRange},
	{"chunked", peers.Chunked, peers.PathChunked, clientChunked},
	{"trailers", peers.Trailers, peers.PathTrailers, clientTrailers},
	{"until close", peers.UntilClose, peers.PathUntilClose, clientUntilClose},
	{"directory", 0, peers.PathDirectory, clientDirectory},
	{"redirect", peers.Redirect, peers.PathRedirect, clientRedirect},
	{"not found", 0, "/missing", clientNotFound},
	{"packed", peers.PackedFile, peers.PathPacked, clientPacked},
	{"zipped", peers.Zipped, peers.PathZipped + peers.Index, clientZipped},
	{"early", peers.Early, peers.PathEarly + "f-13", clientEarly},
	{"cut", peers.Cut, peers.PathCut, clientCut},
	{"abandoned", 0, "/" + peers.Large(), clientAbandoned},
	{"sent fields", peers.EchoExact, peers.PathEcho + echoQuery, clientSentFields},
	{"methods", peers.EchoLength, peers.PathEcho + echoQuery, clientMethods},
	{"echo", peers.EchoLength, peers.PathEcho, clientEcho},
	{"request trailers", peers.EchoTrailers, peers.PathEcho, clientRequestTrailers},
	{"mirror", peers.Mirror, peers.PathMirror, clientMirror},
	{"upload", peers.Upload, peers.PathUpload + "source", clientUpload},
	{"upload large", peers.Upload, peers.PathUpload + "sixteen", clientUploadLarge},
	{"expect", peers.Upload | peers.KeepAlive, peers.PathUpload + "awaited", clientExpect},
	{"keep-alive", peers.KeepAlive, "/f-13", clientKeepAlive},
}

func TestClient(t *testing.T) {
	peers.Each(t, func(t *testing.T, p *peers.Peer) {
		t.Parallel()
		for _, c := range clientChecks {
			t.Run(c.name, func(t *testing.T) {
				p.Require(t, c.need)
				for _, url := range p.URLs(c.path) {
					scheme, _, _ := strings.Cut(url, ":")
					t.Run(scheme, func(t *testing.T) { c.run(t, p, url) })
				}
			})
		}
	})
}

// patience is how long any one session may take: enough for a loaded machine, and an end to a wait for ever.
const patience = 2 * time.Minute

// session is a client's connection to a peer, whose dials are counted.
type session struct {
	*httpclient.Conn
	target string // of the URL that it was opened for
	ctx    context.Context
	dials  int
}

// open makes a session for the origin of url. It dials with the first request.
func open(t *testing.T, p *peers.Peer, url string, options ...httpclient.Option) *session {
	t.Helper()
	return openBy(t, transport.TCP{}, p, url, options...)
}

// openBy is open with another dialer than that of TCP.
func openBy(t *testing.T, d transport.Dialer, p *peers.Peer, url string, options ...httpclient.Option) *session {
	t.Helper()
	scheme, rest, _ := strings.Cut(url, "://")
	host, target, _ := strings.Cut(rest, "/")
	s := &session{target: "/" + target}
	options = append([]httpclient.Option{
		httpclient.WithDialer(s.counting(d)),
		httpclient.WithTLSConfig(&tls.Config{RootCAs: p.RootCAs}),
	}, options...)
	create := httpclient.New
	if scheme == "https" {
		create = httpclient.NewTLS
	}
	var err error
	if s.Conn, err = create(host, options...); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	s.ctx = ctx
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the connection: %v", err)
		}
		cancel()
	})
	return s
}

// counting returns a dialer that returns the connections of d as they are, and counts them.
func (s *session) counting(d transport.Dialer) transport.Dialer {
	return transport.DialerFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
		s.dials++
		return d.DialContext(ctx, network, address)
	})
}

// section makes a field section of names and values.
func section(pairs ...string) *headers.Fields {
	f := new(headers.Fields)
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

// begin returns a response with its content unread.
func (s *session) begin(t *testing.T, method, target string, content body.Source, fields ...string) httpclient.Response {
	t.Helper()
	resp, err := s.Do(s.ctx, method, target, section(fields...), content)
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	return resp
}

// do returns a response and all of its content.
func (s *session) do(t *testing.T, method, target string, content body.Source, fields ...string) (
	httpclient.Response, []byte,
) {
	t.Helper()
	resp := s.begin(t, method, target, content, fields...)
	got, err := io.ReadAll(resp)
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	equal(t, method+" "+target+" closed", true, resp.Closed())
	return resp, got
}

// get is do with GET and without content.
func (s *session) get(t *testing.T, target string, fields ...string) (httpclient.Response, []byte) {
	t.Helper()
	return s.do(t, "GET", target, body.None(), fields...)
}

// checkDials checks that all requests went out on one connection to a peer that keeps it, and each on its own
// to another.
func (s *session) checkDials(t *testing.T, p *peers.Peer, requests int) {
	t.Helper()
	want := 1
	if !p.Has(peers.KeepAlive) {
		want = requests
	}
	equal(t, "connections", want, s.dials)
}
