package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi\n"

func TestRequestOctets(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "data")
	if err := os.WriteFile(file, []byte("\x00\xff\r\n@x"), 0o666); err != nil {
		t.Fatal(err)
	}
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, []byte(strings.Repeat("0123456789", 10000)), 0o666); err != nil {
		t.Fatal(err)
	}
	// ADDR stands for host and port, in arguments and in what is wanted.
	const auto = "Host: ADDR\r\nUser-Agent: strata\r\nAccept-Encoding: identity\r\n"
	for _, tt := range []struct {
		name  string
		args  []string
		stdin string
		want  string
	}{
		{"get", []string{"get", "http://ADDR/a?b"}, "", "GET /a?b HTTP/1.1\r\n" + auto + "\r\n"},
		{"no scheme", []string{"get", "ADDR/"}, "", "GET / HTTP/1.1\r\n" + auto + "\r\n"},
		{"as typed", []string{"get", "ADDR/../%zz//./\u00fc{}|"}, "", "GET /../%zz//./\u00fc{}| HTTP/1.1\r\n" + auto + "\r\n"},
		{"fragment", []string{"get", "ADDR/a#b?c"}, "", "GET /a HTTP/1.1\r\n" + auto + "\r\n"},
		{"query alone", []string{"get", "ADDR?q#f"}, "", "GET /?q HTTP/1.1\r\n" + auto + "\r\n"},
		{"nothing", []string{"get", "ADDR"}, "", "GET / HTTP/1.1\r\n" + auto + "\r\n"},
		{"star", []string{"options", "ADDR/*"}, "", "OPTIONS /* HTTP/1.1\r\n" + auto + "\r\n"},
		{"asterisk-form", []string{"options", "ADDR", "--request-target", "*"}, "", "OPTIONS * HTTP/1.1\r\n" + auto + "\r\n"},
		{"absolute-form", []string{"get", "ADDR", "--request-target=http://h/"}, "", "GET http://h/ HTTP/1.1\r\n" + auto + "\r\n"},
		{"delete", []string{"delete", "ADDR"}, "", "DELETE / HTTP/1.1\r\n" + auto + "\r\n"},
		{"put", []string{"put", "ADDR"}, "", "PUT / HTTP/1.1\r\n" + auto + "Content-Length: 0\r\n\r\n"},
		{"patch", []string{"patch", "ADDR"}, "", "PATCH / HTTP/1.1\r\n" + auto + "Content-Length: 0\r\n\r\n"},
		{"post", []string{"post", "ADDR"}, "", "POST / HTTP/1.1\r\n" + auto + "Content-Length: 0\r\n\r\n"},
		{"any method", []string{"request", "get!", "ADDR"}, "", "get! / HTTP/1.1\r\n" + auto + "\r\n"},
		{"fields", []string{"get", "ADDR", "-H", "b: 1", "-H", "A:2", "--header", "B:  3\t", "-H", "X;", "-H", "b: 1"}, "",
			"GET / HTTP/1.1\r\n" + auto + "b: 1\r\nA: 2\r\nB: 3\r\nX: \r\nb: 1\r\n\r\n"},
		{"value with colons and commas", []string{"get", "ADDR", "-H", "A: b: c, \"d\""}, "",
			"GET / HTTP/1.1\r\n" + auto + "A: b: c, \"d\"\r\n\r\n"},
		{"in place of the automatic ones", []string{"get", "ADDR", "-H", "Z: 1", "-H", "ACCEPT-encoding: gzip", "-H", "host: x", "-H", "Accept-Encoding: br", "-H", "User-agent: me"}, "",
			"GET / HTTP/1.1\r\nhost: x\r\nZ: 1\r\nACCEPT-encoding: gzip\r\nAccept-Encoding: br\r\nUser-agent: me\r\n\r\n"},
		{"without User-Agent", []string{"get", "ADDR", "-H", "user-agent:"}, "",
			"GET / HTTP/1.1\r\nHost: ADDR\r\nAccept-Encoding: identity\r\n\r\n"},
		{"without Accept-Encoding", []string{"get", "ADDR", "-H", "Accept-Encoding: \t", "-H", "A: 1"}, "",
			"GET / HTTP/1.1\r\nHost: ADDR\r\nUser-Agent: strata\r\nA: 1\r\n\r\n"},
		{"without both, with content", []string{"post", "ADDR", "-d", "ab", "-H", "Accept-Encoding:", "-H", "User-Agent:"}, "",
			"POST / HTTP/1.1\r\nHost: ADDR\r\nContent-Length: 2\r\n\r\nab"},
		{"without Accept-Encoding, empty", []string{"request", "post", "ADDR", "-H", "Accept-Encoding:"}, "",
			"post / HTTP/1.1\r\nHost: ADDR\r\nUser-Agent: strata\r\nContent-Length: 0\r\n\r\n"},
		{"without Accept-Encoding, in chunks", []string{"post", "ADDR", "-d", "@-", "-H", "Accept-Encoding:"}, "ab",
			"POST / HTTP/1.1\r\nHost: ADDR\r\nUser-Agent: strata\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"},
		{"removed and given", []string{"get", "ADDR", "-H", "User-Agent:", "-H", "User-Agent: me"}, "",
			"GET / HTTP/1.1\r\nHost: ADDR\r\nAccept-Encoding: identity\r\nUser-Agent: me\r\n\r\n"},
		{"empty", []string{"get", "ADDR", "-H", "User-Agent;", "-H", "X; ", "-H", "Y:"}, "",
			"GET / HTTP/1.1\r\nHost: ADDR\r\nAccept-Encoding: identity\r\nUser-Agent: \r\nX: \r\n\r\n"},
		{"empty Host", []string{"get", "ADDR", "-H", "Host;"}, "", "GET / HTTP/1.1\r\nHost: \r\nUser-Agent: strata\r\nAccept-Encoding: identity\r\n\r\n"},
		{"data", []string{"post", "ADDR", "-d", "a=b&c=%zz+"}, "", "POST / HTTP/1.1\r\n" + auto + "Content-Length: 10\r\n\r\na=b&c=%zz+"},
		{"data with get", []string{"get", "ADDR", "--data=x"}, "", "GET / HTTP/1.1\r\n" + auto + "Content-Length: 1\r\n\r\nx"},
		{"no data", []string{"delete", "ADDR", "-d", ""}, "", "DELETE / HTTP/1.1\r\n" + auto + "Content-Length: 0\r\n\r\n"},
		{"file", []string{"put", "ADDR", "-d", "@" + file}, "", "PUT / HTTP/1.1\r\n" + auto + "Content-Length: 6\r\n\r\n\x00\xff\r\n@x"},
		{"long file", []string{"put", "ADDR", "-d", "@" + big}, "", "PUT / HTTP/1.1\r\n" + auto + "Content-Length: 100000\r\n\r\n" + strings.Repeat("0123456789", 10000)},
		{"standard input", []string{"post", "ADDR", "-d", "@-"}, "a\r\nb", "POST / HTTP/1.1\r\n" + auto + "Transfer-Encoding: chunked\r\n\r\n4\r\na\r\nb\r\n0\r\n\r\n"},
		{"empty standard input", []string{"post", "ADDR", "-d", "@-"}, "", "POST / HTTP/1.1\r\n" + auto + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"length given", []string{"post", "ADDR", "-d", "@-", "-H", "content-length: 2"}, "ab", "POST / HTTP/1.1\r\n" + auto + "content-length: 2\r\n\r\nab"},
		{"chunked by choice", []string{"post", "ADDR", "-d", "ab", "-H", "Transfer-Encoding: chunked"}, "", "POST / HTTP/1.1\r\n" + auto + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPeer(t, ok, nil)
			var args []string
			for _, a := range tt.args {
				args = append(args, strings.ReplaceAll(a, "ADDR", p.addr))
			}
			got := strata(t, tt.stdin, args...)
			if diff := cmp.Diff(result{0, "hi\n", ""}, got, cmp.AllowUnexported(result{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(strings.ReplaceAll(tt.want, "ADDR", p.addr), p.request()); diff != "" {
				t.Errorf("on the wire: (-want +got)\n%s", diff)
			}
		})
	}
}

// TestStandardInputFile: a regular file on standard input has a length, from where it stands.
func TestStandardInputFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(file, []byte("abcdef"), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Seek(2, 0); err != nil {
		t.Fatal(err)
	}
	p := newPeer(t, ok, nil)
	var stdout, stderr strings.Builder
	if code := run(t.Context(), []string{"post", p.addr, "-d", "@-"}, f, &stdout, &stderr); code != 0 {
		t.Fatal(code, stderr.String())
	}
	if got := p.request(); !strings.HasSuffix(got, "Content-Length: 4\r\n\r\ncdef") {
		t.Errorf("got %q", got)
	}
	if _, err := f.Seek(0, 0); err != nil {
		t.Errorf("standard input was closed: %v", err)
	}
}

func TestHostField(t *testing.T) {
	for _, tt := range []struct {
		host string
		port int
		want string
	}{
		{"example.org", 80, "example.org"},
		{"example.org", 443, "example.org:443"},
		{"::1", 80, "[::1]"},
		{"fe80::1%eth0", 8080, "[fe80::1]:8080"},
	} {
		if got := hostField(tt.host, tt.port, 80); got != tt.want {
			t.Errorf("hostField(%q, %d) = %q, want %q", tt.host, tt.port, got, tt.want)
		}
	}
}

func TestIPv6(t *testing.T) {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip(err)
	}
	p := newPeerOn(t, l, ok, nil)
	if got := strata(t, "", "get", "http://"+p.addr+"/"); got.code != 0 || got.stdout != "hi\n" {
		t.Errorf("got %+v", got)
	}
	if got := p.request(); !strings.Contains(got, "\r\nHost: "+p.addr+"\r\n") {
		t.Errorf("got %q", got)
	}
}

func TestUsage(t *testing.T) {
	// Nothing listens there: that the exit status is 2 and not 3 shows that nothing was dialled.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	for _, tt := range []struct {
		args []string
		want string // in the message
	}{
		{[]string{"fetch"}, `unknown command "fetch"`},
		{[]string{"gett"}, "get"},
		{[]string{"http://h/"}, "unknown command"},
		{[]string{"--nope"}, "--nope"},
		{[]string{"get"}, "get needs a URL"},
		{[]string{"request"}, "request needs a method and a URL"},
		{[]string{"request", "GET"}, "request needs a URL"},
		{[]string{"get", addr, "x"}, `"x"`},
		{[]string{"get", addr, "--nope"}, "--nope"},
		{[]string{"get", addr, "-o"}, "-o"},
		{[]string{"get", "ftp://h/"}, "http or https"},
		{[]string{"get", "u:p@" + addr}, "are not sent"},
		{[]string{"get", "h:99999"}, "not from 1 to 65535"},
		{[]string{"get", "h:"}, "no port"},
		{[]string{"get", "::1"}, "[::1]"},
		{[]string{"get", addr + "/a b"}, "request-target"},
		{[]string{"get", addr + "/\r\nX: 1"}, "request-target"},
		{[]string{"get", addr + "/\x00"}, "request-target"},
		{[]string{"request", "G ET", addr}, "method"},
		{[]string{"request", "", addr}, "method"},
		{[]string{"get", addr, "--request-target", "*"}, "request-target"},
		{[]string{"get", addr, "--request-target", "x"}, "request-target"},
		{[]string{"request", "CONNECT", addr}, "request-target"},
		{[]string{"get", addr, "-H", "nothing"}, "'Name: value'"},
		{[]string{"get", addr, "-H", ": x"}, "-H"},
		{[]string{"get", addr, "-H", "a b: x"}, "-H"},
		{[]string{"get", addr, "-H", "a: x\r\ny: z"}, "-H"},
		{[]string{"get", addr, "-H", ":"}, "-H"},
		{[]string{"get", addr, "-H", "a b:"}, "-H"},
		{[]string{"get", addr, "-H", ";"}, "-H"},
		{[]string{"get", addr, "-H", "a; b"}, "'Name: value'"},
		{[]string{"get", addr, "-H", "host:"}, "RFC 9112 section 3.2"},
		{[]string{"post", addr, "-H", "Content-Length: "}, "cannot be left out"},
		{[]string{"post", addr, "-H", "transfer-encoding:"}, "cannot be left out"},
		{[]string{"get", addr, "--lenient", "AllowMuch"}, `"AllowMuch"; the names are all, http.client, AllowBareLF, AllowBareCR,`},
		{[]string{"get", addr, "--lenient", "AllowNUL,"}, `""; the names are`},
		{[]string{"get", addr, "--lenient", "allownul"}, "AllowTrailerEOF"},
		{[]string{"get", addr, "-H", "Host: a", "-H", "Host: b"}, "Host"},
		{[]string{"get", addr, "-H", "Host: a b"}, "Host"},
		{[]string{"post", addr, "-d", "x", "-H", "Content-Length: x"}, "Content-Length"},
		{[]string{"post", addr, "-d", "x", "-H", "Content-Length: 1", "-H", "Transfer-Encoding: chunked"}, "Transfer-Encoding"},
		{[]string{"post", addr, "-d", "x", "-H", "Content-Length: 2"}, "Content-Length"},
		{[]string{"post", addr, "-d", "x", "-H", "Content-Length: 0"}, "Content-Length"},
		{[]string{"post", addr, "-H", "Content-Length: 1"}, "Content-Length"},
		{[]string{"post", addr, "-d", "x", "-d", "y"}, "once"},
		{[]string{"get", addr, "-o", "x", "-o", "y"}, "once"},
		{[]string{"get", addr, "--timeout", "soon"}, "--timeout"},
		{[]string{"get", addr, "--timeout", "0"}, "--timeout"},
		{[]string{"get", addr, "--timeout", "-1s"}, "--timeout"},
		{[]string{"get", addr, "--timeout", "NaN"}, "--timeout"},
		{[]string{"get", addr, "--color", "red"}, "--color"},
		{[]string{"demo", "x"}, `"x"`},
		{[]string{"demo", "--split", "0"}, "--split"},
		{[]string{"demo", "--split", "x"}, "--split"},
		{[]string{"demo", "--method", "a b"}, "method"},
		{[]string{"demo", "--method", "CONNECT", "--chunked"}, "CONNECT"},
		{[]string{"help", "nothing"}, "nothing"},
		{[]string{"version", "x"}, `"x"`},
	} {
		got := strata(t, "", tt.args...)
		if got.code != 2 || got.stdout != "" || !strings.HasPrefix(got.stderr, "strata: ") ||
			!strings.Contains(got.stderr, tt.want) || !strings.Contains(got.stderr, "--help'.\n") {
			t.Errorf("%q: %+v", tt.args, got)
		}
		if strings.ContainsFunc(got.stderr, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
			t.Errorf("%q: control character in %q", tt.args, got.stderr)
		}
	}
}

func TestSeconds(t *testing.T) {
	for text, want := range map[string]string{
		"5": "5s", "0.5": "500ms", "1m30s": "1m30s", "2ms": "2ms", "1e3": "16m40s", "1e300": "2562047h47m16.854775807s", "Inf": "2562047h47m16.854775807s",
	} {
		var s seconds
		if err := s.Set(text); err != nil || s.String() != want {
			t.Errorf("%q is %s, %v; want %s", text, &s, err, want)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{nil, []string{"strata demo", "request ", "strata exit"}},
		{[]string{"help"}, []string{"strata demo"}},
		{[]string{"get", "--help"}, []string{"--request-target", "--cacert", "--timeout", "request-target goes out as it stands",
			"http_proxy", "--lenient", "-H 'User-Agent:', with no", "-H 'Name;'"}},
		{[]string{"help", "request"}, []string{"METHOD URL"}},
		{[]string{"help", "exit"}, []string{
			"  0  done", "  1  the status", "  2  usage", "  3  the name", "  4  TLS", "  5  the peer", "  6  the message was cut short",
			"  7  time ran out", "  8  a local file", "130  ", "141  ",
		}},
		{[]string{"help", "demo"}, []string{"--split", "--chunked", "--method"}},
		{[]string{"version"}, []string{"strata ", "go1."}},
		{[]string{"--version"}, []string{"strata ", "go1."}},
	} {
		got := strata(t, "", tt.args...)
		if got.code != 0 || got.stderr != "" {
			t.Errorf("%q: %+v", tt.args, got)
		}
		for _, s := range tt.want {
			if !strings.Contains(got.stdout, s) {
				t.Errorf("%q: there is no %q in\n%s", tt.args, s, got.stdout)
			}
		}
	}
}

// TestDemo leaves the page itself to the tests of package demo.
func TestDemo(t *testing.T) {
	def, head := strata(t, "", "demo"), strata(t, "", "demo", "--method", "HEAD")
	chunked, split := strata(t, "", "demo", "--chunked"), strata(t, "", "demo", "--split", "7")
	for _, r := range []result{def, head, chunked, split} {
		if r.code != 0 || r.stderr != "" || strings.Contains(r.stdout, "\x1b") {
			t.Errorf("got %+v", r)
		}
	}
	if !strings.Contains(def.stdout, "GET /hello") || !strings.Contains(head.stdout, "HEAD /hello") ||
		!strings.Contains(chunked.stdout, "POST /hello") || !strings.Contains(split.stdout, "Read 7 octets") {
		t.Error("the flags do not reach the demonstration")
	}
	if r := strata(t, "", "demo", "--color", "always"); r.code != 0 || !strings.Contains(r.stdout, "\x1b[") {
		t.Errorf("--color always does not colour: %+v", r)
	}
}

// closedPipe is standard output whose reader has gone.
type closedPipe struct{ err error }

func (c closedPipe) Write([]byte) (int, error) { return 0, c.err }

func TestStandardOutputFails(t *testing.T) {
	full := errors.New("no space left")
	p := newPeer(t, ok, nil)
	for _, args := range [][]string{{"demo"}, {"version"}, {"get", p.addr}, {"get", "-i", p.addr}, {"head", p.addr}} {
		var stderr strings.Builder
		if code := run(t.Context(), args, nil, closedPipe{brokenPipe}, &stderr); code != exitPipe || stderr.Len() > 0 {
			t.Errorf("%q: %d %s", args, code, &stderr)
		}
		if code := run(t.Context(), args, nil, closedPipe{full}, &stderr); code != exitFile || !strings.Contains(stderr.String(), "no space left") {
			t.Errorf("%q: %d %s", args, code, &stderr)
		}
	}
}
