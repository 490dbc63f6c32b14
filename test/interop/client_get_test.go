package interop

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/test/peers"
	"github.com/strata-http/strata/transport"
)

// reading is a way to read content.
type reading struct {
	name  string
	limit int64 // of the size of files, for the time that it takes
	to    func(w io.Writer, resp httpclient.Response) (int64, error)
}

// The buffers are smaller than, unlike and larger than those of the client.
var readings = []reading{
	{"WriteTo", 64 << 20, func(w io.Writer, resp httpclient.Response) (int64, error) { return resp.WriteTo(w) }},
	{"Read 1", 65536, byRead(1)},
	{"Read 61", 1 << 20, byRead(61)},
	{"Read 4096", 1 << 20, byRead(4096)},
	{"Read 16384", 1 << 20, byRead(16384)},
	{"Read 65537", 64 << 20, byRead(65537)},
	{"Read 1048576", 1 << 20, byRead(1 << 20)},
	{"ReadAll", 1 << 20, byReadAll},
}

func byRead(buffer int) func(io.Writer, httpclient.Response) (int64, error) {
	return func(w io.Writer, resp httpclient.Response) (int64, error) {
		return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{resp}, make([]byte, buffer))
	}
}

func byReadAll(w io.Writer, resp httpclient.Response) (int64, error) {
	content, err := resp.ReadAll()
	w.Write(content)
	return int64(len(content)), err
}

// digest reads the content of resp and returns its length and SHA-256.
func (r reading) digest(t *testing.T, resp httpclient.Response) (int64, string) {
	t.Helper()
	h := sha256.New()
	n, err := r.to(h, resp)
	if err != nil {
		t.Fatalf("%s: content: %v", r.name, err)
	}
	equal(t, "closed", true, resp.Closed())
	return n, hex.EncodeToString(h.Sum(nil))
}

// fetch gets a file and compares it with what it should be.
func (r reading) fetch(t *testing.T, s *session, target string, f peers.File) httpclient.Response {
	t.Helper()
	resp := s.begin(t, "GET", target, body.None())
	equal(t, f.Name+" status", 200, int(resp.Status()))
	n, sum := r.digest(t, resp)
	if n != f.Size || sum != f.SHA256 {
		t.Errorf("%s by %s: %d octets with digest %s, want %d with %s", f.Name, r.name, n, sum, f.Size, f.SHA256)
	}
	return resp
}

func clientFiles(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	requests := 0
	for _, r := range readings {
		for _, f := range peers.Files(t) {
			if f.Size <= min(r.limit, 1<<20) {
				resp := r.fetch(t, s, "/"+f.Name, f)
				equal(t, f.Name+" Content-Length", strconv.FormatInt(f.Size, 10), resp.Field("Content-Length"))
				equal(t, f.Name+" framing", body.LengthDelimited, resp.Framing().Mode)
				equal(t, f.Name+" will close", !p.Has(peers.KeepAlive), resp.WillClose())
				requests++
			}
		}
	}
	s.checkDials(t, p, requests)
}

// clientLarge has the largest file.
func clientLarge(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	f := peers.Lookup(t, strings.TrimPrefix(s.target, "/"))
	requests := 0
	for _, r := range readings {
		if r.limit >= f.Size {
			r.fetch(t, s, s.target, f)
			requests++
		}
	}
	s.checkDials(t, p, requests)
}

func clientHead(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	for _, f := range peers.Files(t) {
		resp, content := s.do(t, "HEAD", "/"+f.Name, body.None())
		equal(t, f.Name+" status", 200, int(resp.Status()))
		equal(t, f.Name+" content", 0, len(content))
		// Apache leaves "Content-Length: 0" out of its answer to HEAD.
		if p.Name != "apache" || f.Size > 0 {
			equal(t, f.Name+" Content-Length", strconv.FormatInt(f.Size, 10), resp.Field("Content-Length"))
		}
	}
	s.checkDials(t, p, len(peers.Files(t)))
}

// clientHeadOctets compares the head with the octets that a connection without any HTTP in it receives for
// the same request: order, case and all.
func clientHeadOctets(t *testing.T, p *peers.Peer, url string) {
	raw := dialRaw(t, p, strings.HasPrefix(url, "https:"))
	var request []byte
	s := open(t, p, url, httpclient.WithTrace(&httpclient.Trace{
		RequestHead: func(octets []byte) { request = append(request, octets...) },
	}))
	resp, _ := s.get(t, s.target, "cOnNection", "close", "X-Twice", "1", "x-twice", "2")
	equal(t, "request", "GET "+s.target+" HTTP/1.1\r\nHost: "+s.hostField()+"\r\nAccept-Encoding: identity\r\n"+
		"cOnNection: close\r\nX-Twice: 1\r\nx-twice: 2\r\n\r\n", string(request))

	if _, err := raw.Write(request); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(raw)
	if err != nil {
		t.Fatal(err)
	}
	want, _, _ := strings.Cut(string(answer), "\r\n\r\n")
	want += "\r\n\r\n"
	equal(t, "head", undated(want), undated(string(resp.RawHead())))

	lines := strings.Split(strings.TrimSuffix(undated(want), "\r\n\r\n"), "\r\n")
	equal(t, "status-line", lines[0], fmt.Sprintf("%s %d %s", resp.Version(), resp.Status(), resp.Reason()))
	equal(t, "field lines", lines[1:], fieldLines(resp.Fields()))
}

// hostField is the value of Host.
func (s *session) hostField() string { return fmt.Sprintf("%s:%d", s.Host(), s.Port()) }

// fieldLines returns the field lines of a section, but for the time of day.
func fieldLines(f *headers.Fields) []string {
	var lines []string
	for name, value := range f.All() {
		lines = append(lines, undated(string(name)+": "+string(value)))
	}
	return lines
}

// undated takes the time of day out of field lines.
func undated(head string) string {
	lines := strings.Split(head, "\r\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "Date: ") {
			lines[i] = "Date: now"
		}
	}
	return strings.Join(lines, "\r\n")
}

func clientNotModified(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	resp, _ := s.get(t, s.target)
	since, etag := resp.Field("Last-Modified"), resp.Field("ETag")
	equal(t, "Last-Modified", peers.ModTime.Format(http.TimeFormat), since)
	equal(t, "has an ETag", p.Has(peers.ETag), etag != "")

	resp, content := s.get(t, s.target, "If-Modified-Since", since)
	equal(t, "status for If-Modified-Since", 304, int(resp.Status()))
	equal(t, "content with 304", "", string(content))
	requests := 2
	if etag != "" {
		resp, content = s.get(t, s.target, "If-None-Match", etag)
		equal(t, "status for If-None-Match", 304, int(resp.Status()))
		equal(t, "content with 304", "", string(content))
		requests++
	}
	s.checkDials(t, p, requests)
}

func clientRange(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	whole := peers.Content(t, "f-65536")
	for _, tt := range []struct {
		ask, got string
		want     []byte
	}{
		{"bytes=0-0", "bytes 0-0/65536", whole[:1]},
		{"bytes=100-299", "bytes 100-299/65536", whole[100:300]},
		{"bytes=-1", "bytes 65535-65535/65536", whole[65535:]},
		{"bytes=4096-", "bytes 4096-65535/65536", whole[4096:]},
	} {
		resp, content := s.get(t, s.target, "Range", tt.ask)
		equal(t, tt.ask+" status", 206, int(resp.Status()))
		equal(t, tt.ask+" Content-Range", tt.got, resp.Field("Content-Range"))
		equal(t, tt.ask+" content", sum(tt.want), sum(content))
	}
	resp, _ := s.get(t, s.target, "Range", "bytes=65536-")
	equal(t, "status beyond the end", 416, int(resp.Status()))
	if p.Name == "nginx" { // Apache does not say it
		equal(t, "Content-Range beyond the end", "bytes */65536", resp.Field("Content-Range"))
	}
	clientRanges(t, s, whole)
}

// clientRanges asks for two ranges at once, whose content has delimiters of its own.
func clientRanges(t *testing.T, s *session, whole []byte) {
	resp, content := s.get(t, s.target, "Range", "bytes=0-99,60000-60099")
	equal(t, "status of two ranges", 206, int(resp.Status()))
	kind := resp.Field("Content-Type")
	if !strings.HasPrefix(kind, "multipart/byteranges; boundary=") {
		t.Errorf("two ranges: Content-Type %q", kind)
	}
	for _, part := range []string{string(whole[:100]), string(whole[60000:60100])} {
		equal(t, "part is there", 1, strings.Count(string(content), "\r\n\r\n"+part+"\r\n"))
	}
}

// The three below leave the empty file out, since a server that knows in time that nothing comes may say so.

func clientChunked(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	files := peers.Files(t)[1:]
	for _, f := range files {
		resp := readings[0].fetch(t, s, s.target+f.Name, f)
		equal(t, f.Name+" framing", body.Chunked, resp.Framing().Mode)
		equal(t, f.Name+" trailers", 0, resp.Trailers().Len())
	}
	for _, r := range readings[1:] {
		r.fetch(t, s, s.target+"f-65536", peers.Lookup(t, "f-65536"))
	}
	s.checkDials(t, p, 1)
}

func clientUntilClose(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	files := peers.Files(t)[1:7]
	for _, f := range files {
		resp := readings[0].fetch(t, s, s.target+f.Name, f)
		equal(t, f.Name+" framing", body.CloseDelimited, resp.Framing().Mode)
		equal(t, f.Name+" will close", true, resp.WillClose())
		equal(t, f.Name+" left connected", false, s.Connected())
	}
	for _, r := range readings[1:] {
		r.fetch(t, s, s.target+"f-65536", peers.Lookup(t, "f-65536"))
	}
	equal(t, "connections", len(files)+len(readings)-1, s.dials)
}

func clientTrailers(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	for _, f := range peers.Files(t)[1:7] {
		resp := s.begin(t, "GET", s.target+f.Name, body.None())
		equal(t, f.Name+" framing", body.Chunked, resp.Framing().Mode)
		_, got := readings[0].digest(t, resp)
		equal(t, f.Name+" digest", f.SHA256, got)
		want := []string{"X-Peer: " + p.Name}
		if p.Name == "python" {
			want = append(want, "X-Sha256: "+f.SHA256)
		}
		equal(t, f.Name+" trailers", want, fieldLines(resp.Trailers()))
		equal(t, f.Name+" trailer among the header fields", "", resp.Field("X-Peer"))
	}
	s.checkDials(t, p, 1)
}

func clientDirectory(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	resp, _ := s.get(t, s.target)
	equal(t, "status", 301, int(resp.Status()))
	// Some say it with the origin and some without.
	got := resp.Field("Location")
	if got != s.target+"/" && got != url+"/" {
		t.Errorf("Location %q", got)
	}
	equal(t, "connections", 1, s.dials)
}

// clientRedirect has a redirect shown as it is, and not followed.
func clientRedirect(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	target := s.target + "?shown=as-it-is-" + url[:5]
	resp, _ := s.get(t, target)
	equal(t, "status", 301, int(resp.Status()))
	if got := resp.Field("Location"); !strings.HasSuffix(got, "/"+peers.Index) && !strings.Contains(got, "/"+peers.Index+"?") {
		t.Errorf("Location %q", got)
	}
	equal(t, "connections", 1, s.dials)
	log := settled(t, p, s)
	at := indexOf(log, "GET "+target+" HTTP/1.1")
	if at < 0 || strings.Contains(strings.Join(log[at+1:], "\n"), peers.Index) {
		t.Errorf("the server was asked for\n%s", strings.Join(log, "\n"))
	}
}

func clientNotFound(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	resp, content := s.get(t, s.target)
	equal(t, "status", 404, int(resp.Status()))
	equal(t, "has content", true, len(content) > 0)
	// The connection is as good as before, where the server lets it be.
	f := peers.Lookup(t, "f-13")
	readings[0].fetch(t, s, "/"+f.Name, f)
}

func clientPacked(t *testing.T, p *peers.Peer, url string) {
	packed, plain := peers.Packed(t)
	s := open(t, p, url)
	for _, accept := range []string{"gzip", "identity"} {
		resp, content := s.get(t, s.target, "Accept-Encoding", accept)
		equal(t, "status", 200, int(resp.Status()))
		equal(t, "Content-Encoding", "gzip", resp.Field("Content-Encoding"))
		equal(t, "Content-Length", strconv.FormatInt(packed.Size, 10), resp.Field("Content-Length"))
		equal(t, "digest", packed.SHA256, sum(content))
		equal(t, "unpacked", string(plain), gunzip(t, content))
	}
}

func clientZipped(t *testing.T, p *peers.Peer, url string) {
	want := string(peers.Content(t, peers.Index))
	s := open(t, p, url)
	resp, content := s.get(t, s.target, "Accept-Encoding", "gzip")
	equal(t, "Content-Encoding", "gzip", resp.Field("Content-Encoding"))
	equal(t, "unpacked", want, gunzip(t, content))

	resp, content = s.get(t, s.target)
	equal(t, "Content-Encoding when not asked for", "", resp.Field("Content-Encoding"))
	equal(t, "plain", want, string(content))
}

func clientEarly(t *testing.T, p *peers.Peer, url string) {
	var got []string
	s := open(t, p, url, httpclient.WithInterim(func(h *conn.Head) error {
		got = append(got, fmt.Sprint(h.Status, " ", h.Fields.GetString("Link")))
		return nil
	}))
	for range 2 {
		readings[0].fetch(t, s, s.target, peers.Lookup(t, "f-13"))
	}
	hint := "103 </style.css>; rel=preload"
	equal(t, "interim responses", []string{hint, hint}, got)
	s.checkDials(t, p, 2)
}

// clientCut has content that ends in the middle: what there is is delivered, and then the error.
func clientCut(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	requests := 1
	for _, name := range []string{"f-4096", "f-1048576"} {
		whole := peers.Content(t, name)
		half := len(whole) / 2
		for _, r := range readings {
			if r.limit < int64(len(whole)) {
				continue
			}
			resp := s.begin(t, "GET", s.target+name, body.None())
			equal(t, "Content-Length", strconv.Itoa(len(whole)), resp.Field("Content-Length"))
			var content bytes.Buffer
			_, err := r.to(&content, resp)
			checkIncomplete(t, err, half, len(whole)-half)
			equal(t, "for want of close_notify", strings.HasPrefix(url, "https:"), errors.Is(err, transport.ErrNoCloseNotify))
			equal(t, "content", sum(whole[:half]), sum(content.Bytes()))
			equal(t, "left connected", false, s.Connected())
			requests++
		}
	}
	readings[0].fetch(t, s, "/f-13", peers.Lookup(t, "f-13"))
	equal(t, "connections", requests, s.dials)
}

func checkIncomplete(t *testing.T, err error, read, missing int) {
	t.Helper()
	var incomplete *httpclient.IncompleteReadError
	if !errors.As(err, &incomplete) {
		t.Fatalf("reading half of the content: %v", err)
	}
	equal(t, "read", int64(read), incomplete.Read)
	equal(t, "expected", int64(missing), incomplete.Expected)
	equal(t, "is io.ErrUnexpectedEOF", true, errors.Is(err, io.ErrUnexpectedEOF))
	equal(t, "is ErrHTTP", true, errors.Is(err, httpclient.ErrHTTP))
}

// clientAbandoned closes a response with most of its content still to come: the connection goes with it.
func clientAbandoned(t *testing.T, p *peers.Peer, url string) {
	s := open(t, p, url)
	resp := s.begin(t, "GET", s.target, body.None())
	if _, err := io.ReadFull(resp, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	err := s.Request(s.ctx, "GET", "/f-13", nil, body.None())
	if !errors.Is(err, httpclient.ErrCannotSendRequest) {
		t.Errorf("a request with content unread: %v", err)
	}
	if err := resp.Close(); err != nil {
		t.Errorf("closing the response: %v", err)
	}
	equal(t, "left connected", false, s.Connected())
	readings[0].fetch(t, s, "/f-13", peers.Lookup(t, "f-13"))
	equal(t, "connections", 2, s.dials)
}
