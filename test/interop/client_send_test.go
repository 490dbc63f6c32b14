package interop

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/test/peers"
)

// load is content to send.
type load struct {
	peers.File
	content []byte
}

func loadOf(t *testing.T, name string) load {
	return load{peers.Lookup(t, name), peers.Content(t, name)}
}

// sixteen is a load of 16 MiB, made once for the run.
var sixteen = sync.OnceValue(func() load {
	content := bytes.Repeat([]byte("sixteen octets, "), 1<<20)
	for i := range 1 << 20 {
		content[16*i+15] = byte(i ^ i>>8 ^ i>>16)
	}
	return load{peers.File{Name: "sixteen", Size: int64(len(content)), SHA256: sum(content)}, content}
})

// anonymous hides every method but Read, and returns pieces of an odd size.
type anonymous struct{ r io.Reader }

func (a anonymous) Read(p []byte) (int, error) { return a.r.Read(p[:min(len(p), 8191)]) }

// pieces yields content in elements of an odd size, with empty ones among them.
func pieces(content []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := 0; i < len(content); i += 8191 {
			if !yield(nil) || !yield(content[i:min(i+8191, len(content))]) {
				return
			}
		}
		yield([]byte{})
	}
}

// temporary opens a file that has content behind before octets of something else, at its content.
func temporary(t *testing.T, content []byte, before int) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "content")
	if err := os.WriteFile(path, append(bytes.Repeat([]byte("-"), before), content...), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.Seek(int64(before), io.SeekStart); err != nil {
		t.Fatal(err)
	}
	return f
}

// bodySources has every kind of source, and readers that a sender may treat apart.
var bodySources = []struct {
	name    string
	chunked bool // the length is not known ahead
	make    func(t *testing.T, content []byte) body.Source
}{
	{"bytes", false, func(_ *testing.T, content []byte) body.Source { return body.Bytes(content) }},
	{"string", false, func(_ *testing.T, content []byte) body.Source { return body.String(string(content)) }},
	{"file", false, func(t *testing.T, content []byte) body.Source { return body.File(temporary(t, content, 0)) }},
	{"file from an offset", false, func(t *testing.T, content []byte) body.Source {
		return body.File(temporary(t, content, 777))
	}},
	{"seeker", false, func(_ *testing.T, content []byte) body.Source { return body.File(bytes.NewReader(content)) }},
	{"sized reader", false, func(_ *testing.T, content []byte) body.Source {
		return body.SizedReader(anonymous{bytes.NewReader(content)}, int64(len(content)))
	}},
	{"sized buffer", false, func(_ *testing.T, content []byte) body.Source {
		return body.SizedReader(bytes.NewBuffer(content), int64(len(content)))
	}},
	{"reader", true, func(_ *testing.T, content []byte) body.Source {
		return body.Reader(anonymous{bytes.NewReader(content)})
	}},
	{"reader of bytes", true, func(_ *testing.T, content []byte) body.Source { return body.Reader(bytes.NewReader(content)) }},
	{"reader of a file", true, func(t *testing.T, content []byte) body.Source {
		return body.Reader(temporary(t, content, 0))
	}},
	{"Seq", true, func(_ *testing.T, content []byte) body.Source { return body.Seq(pieces(content)) }},
	{"Seq2", true, func(_ *testing.T, content []byte) body.Source {
		return body.Seq2(func(yield func([]byte, error) bool) {
			for piece := range pieces(content) {
				if !yield(piece, nil) {
					return
				}
			}
		})
	}},
}

// framings are the ways to send a source: as it is, and chunked by the caller's wish, by a field or by
// a trailer section.
var framings = []struct {
	name   string
	source func(body.Source) body.Source
	fields []string
}{
	{"", func(s body.Source) body.Source { return s }, nil},
	{" chunked", func(s body.Source) body.Source { return s }, []string{"Transfer-Encoding", "chunked"}},
	{" with trailers", withTrailers, []string{"Trailer", "X-End"}},
}

func withTrailers(s body.Source) body.Source {
	return s.WithTrailers(func() *headers.Fields { return section("X-End", "of it", "x-END", "twice") })
}

// eachSource runs f with every source in every framing.
func eachSource(t *testing.T, f func(t *testing.T, name string, source func(content []byte) body.Source, fields []string)) {
	for _, tt := range bodySources {
		for _, framing := range framings {
			f(t, tt.name+framing.name, func(content []byte) body.Source {
				return framing.source(tt.make(t, content))
			}, framing.fields)
		}
	}
}

// echoed returns what a peer says about the request that it received.
func (s *session) echoed(t *testing.T, method, target string, content body.Source, fields ...string) peers.Echo {
	t.Helper()
	resp, got := s.do(t, method, target, content, fields...)
	equal(t, "status", 200, int(resp.Status()))
	echo, err := peers.ParseEcho(got)
	if err != nil {
		t.Fatal(err)
	}
	return echo
}

// checkEchoed compares what a peer says about a request, but for its fields.
func checkEchoed(t *testing.T, p *peers.Peer, what string, got, want peers.Echo) {
	t.Helper()
	if !p.Has(peers.EchoDigest) {
		want.SHA256 = ""
	}
	want.Protocol = "HTTP/1.1"
	got.Fields, got.Trailers = nil, nil
	equal(t, what, want, got)
}

// clientSentFields has the server say which field lines it received: the automatic ones, then the caller's in
// their order and case.
func clientSentFields(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	own := []string{"x-lower", "1", "X-Upper", "2", "ACCEPT", "*/*", "x-Lower", "3", "X-Odd", `a: "b" \=;, c`, "X-Empty", ""}
	given := []string{"x-lower: 1", "X-Upper: 2", "ACCEPT: */*", "x-Lower: 3", `X-Odd: a: "b" \=;, c`, "X-Empty: "}
	automatic := []string{"Host: " + s.hostField(), "Accept-Encoding: identity"}
	for _, tt := range []struct {
		method  string
		content body.Source
		fields  []string
		want    []string
	}{
		{"GET", body.None(), own, append(automatic[:2:2], given...)},
		{"POST", body.None(), own, append(append(automatic[:2:2], "Content-Length: 0"), given...)},
		{"PUT", body.String("content"), own, append(append(automatic[:2:2], "Content-Length: 7"), given...)},
		{"PATCH", body.Reader(strings.NewReader("content")), own,
			append(append(automatic[:2:2], "Transfer-Encoding: chunked"), given...)},
		{"GET", body.None(), []string{"accept-encoding", "br", "HOST", "example.org:1"},
			[]string{"accept-encoding: br", "HOST: example.org:1"}},
		{"POST", body.String("content"), []string{"X-First", "1", "content-LENGTH", "7"},
			append(automatic[:2:2], "X-First: 1", "content-LENGTH: 7")},
	} {
		got := s.echoed(t, tt.method, s.target, tt.content, tt.fields...)
		equal(t, tt.method+" fields", tt.want, got.Fields)
		equal(t, tt.method+" target", s.target, got.Target)
	}
}

// clientMethods has every method with content and without.
func clientMethods(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	some, none := loadOf(t, "f-4095"), loadOf(t, "f-0")
	requests := 0
	ask := func(method string, content body.Source, l load, fields ...string) {
		got := s.echoed(t, method, s.target, content, fields...)
		checkEchoed(t, p, "echo of "+method, got, peers.Echo{
			Method: method, Target: s.target, Length: l.Size, SHA256: l.SHA256,
		})
		requests++
	}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		ask(method, body.None(), none)
		ask(method, body.Bytes([]byte{}), none)
		ask(method, body.Bytes(some.content), some)
		ask(method, body.Reader(anonymous{bytes.NewReader(some.content)}), some)
	}
	ask("POST", body.None(), none, "Transfer-Encoding", "chunked")
	s.checkDials(t, p, requests)
}

// clientEcho has every source, with nothing in it, with little and with much, counted by the server.
func clientEcho(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	requests := 0
	for _, name := range []string{"f-0", "f-13", "f-1048576"} {
		l := loadOf(t, name)
		for _, tt := range bodySources {
			got := s.echoed(t, "POST", s.target, tt.make(t, l.content))
			if p.Has(peers.EchoExact) {
				framing := fmt.Sprintf("Content-Length: %d", l.Size)
				if tt.chunked {
					framing = "Transfer-Encoding: chunked"
				}
				equal(t, tt.name+" framing", framing, got.Fields[len(got.Fields)-1])
			}
			checkEchoed(t, p, tt.name+", "+name, got, peers.Echo{
				Method: "POST", Target: s.target, Length: l.Size, SHA256: l.SHA256,
			})
			requests++
		}
	}
	s.checkDials(t, p, requests)
}

// clientRequestTrailers has the server tell the trailer section, and its chunks go unseen.
func clientRequestTrailers(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	for _, name := range []string{"f-0", "f-13", "f-65536"} {
		l := loadOf(t, name)
		for _, tt := range bodySources {
			got := s.echoed(t, "POST", s.target, withTrailers(tt.make(t, l.content)), "Trailer", "X-End")
			what := tt.name + ", " + name
			equal(t, what+" trailers", []string{"X-End: of it", "x-END: twice"}, got.Trailers)
			equal(t, what+" is chunked", true, strings.Contains(strings.Join(got.Fields, "\n"), "\nTransfer-Encoding: chunked\n"))
			checkEchoed(t, p, what, got, peers.Echo{Method: "POST", Target: s.target, Length: l.Size, SHA256: l.SHA256})
		}
	}
	got := s.echoed(t, "POST", s.target, withTrailers(body.None()))
	equal(t, "trailers without content", []string{"X-End: of it", "x-END: twice"}, got.Trailers)
}

// clientMirror compares content that went there and back.
func clientMirror(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	requests := 0
	for _, name := range []string{"f-13", "f-65536", "f-1048576"} {
		l := loadOf(t, name)
		for _, tt := range bodySources {
			resp, got := s.do(t, "POST", s.target, tt.make(t, l.content), "Content-Type", "x/y")
			equal(t, "status", 200, int(resp.Status()))
			equal(t, "Content-Type", "x/y", resp.Field("Content-Type"))
			equal(t, tt.name+" "+name, l.SHA256, sum(got))
			requests++
		}
	}
	s.checkDials(t, p, requests)
}

// stored sends content to be stored and looks at what was.
func (s *session) stored(t *testing.T, p *peers.Peer, method string, l load, source body.Source, fields ...string) {
	t.Helper()
	resp, _ := s.do(t, method, s.target, source, fields...)
	if resp.Status() != 201 && resp.Status() != 204 {
		t.Errorf("%s of %s: status %d", method, l.Name, resp.Status())
	}
	name := strings.TrimPrefix(s.target, peers.PathUpload)
	equal(t, method+" "+fmt.Sprint(source.Kind()), peers.File{Name: name, Size: l.Size, SHA256: l.SHA256}, p.Uploaded(t, name))
}

// clientUpload has every source in every framing, and looks at what the server has stored.
func clientUpload(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	requests := 0
	large := "f-65536"
	if thorough() {
		large = "f-1048576"
	}
	for _, name := range []string{large, "f-13", "f-0"} {
		l := loadOf(t, name)
		eachSource(t, func(t *testing.T, what string, source func([]byte) body.Source, fields []string) {
			s.stored(t, p, "PUT", l, source(l.content), fields...)
			requests++
		})
		for _, tt := range bodySources {
			if name != large {
				s.stored(t, p, "POST", l, tt.make(t, l.content))
				requests++
			}
		}
	}
	s.checkDials(t, p, requests)
}

// clientUploadLarge has 16 MiB, more than buffers on both sides hold.
func clientUploadLarge(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	l := sixteen()
	requests := 0
	for _, tt := range bodySources {
		switch tt.name {
		case "string", "sized reader", "Seq2":
			if !thorough() {
				continue
			}
			fallthrough
		case "file", "reader":
			s.stored(t, p, "PUT", l, tt.make(t, l.content))
			requests++
		}
	}
	resp := s.begin(t, "GET", s.target, body.None())
	_, got := readings[0].digest(t, resp)
	equal(t, "GET", l.SHA256, got)
	s.checkDials(t, p, requests+1)
}
