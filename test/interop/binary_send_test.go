package interop

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/strata-http/strata/test/peers"
)

// binaryPost sends every sort of content that -d knows.
func binaryPost(t *testing.T, p *peers.Peer, url string) {
	path := func(l load) string { return filepath.Join(p.Root, l.Name) }
	some, large, none := loadOf(t, "f-4095"), loadOf(t, "f-1048576"), loadOf(t, "f-0")
	text := load{peers.File{Size: 9, SHA256: sum([]byte("a=1&\n %\x7f@"))}, []byte("a=1&\n %\x7f@")}
	for _, tt := range []struct {
		method string
		l      load
		stdin  string
		args   []string
	}{
		{"POST", none, "", []string{"post"}},
		{"POST", none, "", []string{"post", "-d", ""}},
		{"POST", text, "", []string{"post", "-d", string(text.content)}},
		{"POST", none, "", []string{"post", "-d", "@" + path(none)}},
		{"POST", some, "", []string{"post", "-d", "@" + path(some)}},
		{"POST", large, "", []string{"post", "--data", "@" + path(large)}},
		{"POST", none, "", []string{"post", "-d", "@-"}},
		{"POST", some, string(some.content), []string{"post", "-d", "@-"}},
		{"POST", large, string(large.content), []string{"post", "-d", "@-"}},
		{"POST", large, "", []string{"post", "-H", "Transfer-Encoding: chunked", "-d", "@" + path(large)}},
		{"PUT", some, "", []string{"put", "-d", "@" + path(some)}},
		{"PATCH", some, "", []string{"patch", "-d", "@" + path(some)}},
		{"DELETE", none, "", []string{"delete"}},
		{"DELETE", some, "", []string{"request", "-d", "@" + path(some), "DELETE"}},
		{"GET", none, "", []string{"get"}},
		{"GET", none, "", []string{"request", "GET"}},
	} {
		out := succeed(t, tt.stdin, trusting(p, append(tt.args, url)...)...)
		got, err := peers.ParseEcho([]byte(out))
		if err != nil {
			t.Fatalf("strata %q: %v", tt.args, err)
		}
		checkEchoed(t, p, strings.Join(tt.args, " "), got, peers.Echo{
			Method: tt.method, Target: peers.PathEcho + echoQuery, Length: tt.l.Size, SHA256: tt.l.SHA256,
		})
	}
}

// binaryFields sends fields and a target that nobody tidies up.
func binaryFields(t *testing.T, p *peers.Peer, url string) {
	host := strings.Split(url, "/")[2]
	out := succeed(t, "", trusting(p, "post", "-H", "x-b: 2", "-H", "X-A:1", "-H", "X-B:  2b ",
		"-H", "user-agent: me", "-d", "octets", url+"#fragment")...)
	got, err := peers.ParseEcho([]byte(out))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "target", peers.PathEcho+"/../%zz"+echoQuery, got.Target)
	equal(t, "fields", []string{
		"Host: " + host, "Accept-Encoding: identity", "Content-Length: 6", "x-b: 2", "X-A: 1", "X-B: 2b", "user-agent: me",
	}, got.Fields)
}

func binaryMirror(t *testing.T, p *peers.Peer, url string) {
	l := loadOf(t, "f-1048576")
	for _, tt := range []struct{ stdin, data string }{
		{string(l.content), "@-"},
		{"", "@" + filepath.Join(p.Root, l.Name)},
	} {
		got := succeed(t, tt.stdin, trusting(p, "post", "-d", tt.data, url)...)
		equal(t, tt.data, l.SHA256, sum([]byte(got)))
	}
}

func binaryPut(t *testing.T, p *peers.Peer, url string) {
	large, some := loadOf(t, peers.Large()), loadOf(t, "f-1048576")
	for _, tt := range []struct {
		l           load
		stdin, data string
	}{
		{large, "", "@" + filepath.Join(p.Root, large.Name)},
		{some, string(some.content), "@-"},
	} {
		if tt.l.Size > 1<<20 && !strings.HasPrefix(url, "https:") {
			continue // once is enough for the time that it takes, and over TLS
		}
		succeed(t, tt.stdin, trusting(p, "put", "--fail", "-d", tt.data, url)...)
		want := peers.File{Name: "by-command", Size: tt.l.Size, SHA256: tt.l.SHA256}
		equal(t, tt.data, want, p.Uploaded(t, "by-command"))
	}
	succeed(t, "", trusting(p, "delete", "--fail", url)...)
	got := strata(t, "", trusting(p, "get", "--fail", url)...)
	equal(t, "exit status of get behind delete", 1, got.status)
}
