package pcapng_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/transport/tap"
	"github.com/strata-http/strata/transport/tap/pcapng"
)

// tshark runs Wireshark's tshark on a capture and returns the lines that it prints. Without tshark the test is
// skipped, unless STRATA_REQUIRE_PEERS is set.
func tshark(t *testing.T, file string, args ...string) []string {
	t.Helper()
	path, err := exec.LookPath("tshark")
	if err != nil {
		if os.Getenv("STRATA_REQUIRE_PEERS") != "" {
			t.Fatalf("%v; STRATA_REQUIRE_PEERS is set", err)
		}
		t.Skipf("%v; test/peers/install.sh installs it", err)
	}
	var complaints bytes.Buffer
	cmd := exec.Command(path, append([]string{"-n", "-r", file,
		"-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"}, args...)...)
	cmd.Stderr = &complaints
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "WIRESHARK_RUN_FROM_BUILD_DIRECTORY=")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, complaints.String())
	}
	if len(out) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// A packet is what tshark makes of one, field by field.
type packet map[string]string

// names are the fields that are asked for.
var names = []string{
	"tcp.stream", "tcp.srcport", "tcp.dstport", "tcp.flags.syn", "tcp.flags.ack", "tcp.flags.fin", "tcp.flags.reset",
	"http.request.method", "http.request.uri", "http.content_length", "http.response.code",
	"_ws.malformed", "_ws.expert.severity", "_ws.expert.message", "tcp.checksum.status", "ip.checksum.status",
}

// dissect has all packets of a capture dissected, and checks that there is nothing to complain of but resets: no
// malformed packet, no bad checksum, no gap and no repetition in the sequence numbers.
func dissect(t *testing.T, file string) []packet {
	t.Helper()
	args := []string{"-T", "fields", "-E", "separator=/t"}
	for _, n := range names {
		args = append(args, "-e", n)
	}
	var all []packet
	for i, line := range tshark(t, file, args...) {
		p := packet{}
		values := strings.Split(line, "\t")
		for j, n := range names {
			p[n] = values[j]
		}
		all = append(all, p)
		const warning = 0x600000
		for severity := range strings.SplitSeq(p["_ws.expert.severity"], ",") {
			if n, _ := strconv.Atoi(severity); n >= warning && p["tcp.flags.reset"] != "1" {
				t.Errorf("packet %d: %s", i+1, p["_ws.expert.message"])
			}
		}
		if p["_ws.malformed"] != "" || p["tcp.checksum.status"] != "1" || p["ip.checksum.status"] != "" && p["ip.checksum.status"] != "1" {
			t.Errorf("packet %d is malformed, or its checksum is wrong: %v", i+1, p)
		}
	}
	if len(all) == 0 {
		t.Error("tshark finds no packets")
	}
	return all
}

// pick returns, of the packets that have any of some fields set, these and others, joined by spaces.
func pick(packets []packet, any []string, fields ...string) []string {
	var lines []string
	for _, p := range packets {
		if !slices.ContainsFunc(any, func(n string) bool { return p[n] != "" && p[n] != "0" }) {
			continue
		}
		var words []string
		for _, n := range fields {
			words = append(words, p[n])
		}
		lines = append(lines, strings.TrimRight(strings.Join(words, " "), " "))
	}
	return lines
}

func handler(w http.ResponseWriter, r *http.Request) {
	n, _ := io.Copy(io.Discard, r.Body)
	w.Header().Set("X-Received", fmt.Sprint(n))
	fmt.Fprintf(w, "hello from %s", r.URL.Path)
	if r.URL.Path == "/chunked" {
		w.(http.Flusher).Flush()
		io.WriteString(w, strings.Repeat("-", 100_000))
	}
}

// exchanges are what every stack carries on one connection.
func exchanges(t *testing.T, client *http.Client, url string) {
	t.Helper()
	for _, r := range []struct {
		method, path string
		body         int
	}{{"GET", "/one", 0}, {"GET", "/chunked", 0}, {"PUT", "/large", 300_000}, {"HEAD", "/two", 0}} {
		req, err := http.NewRequest(r.method, url+r.path, strings.NewReader(strings.Repeat("x", r.body)))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	client.CloseIdleConnections()
}

// A world is a server and how to reach it.
type world struct {
	url    string // of what is asked for
	dialer transport.Dialer
	plain  bool // dialer does TLS, and what is above it is plain text
}

func start(t *testing.T, l net.Listener) *httptest.Server {
	server := httptest.NewUnstartedServer(http.HandlerFunc(handler))
	server.Listener.Close()
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func listen(t *testing.T, network, address string) net.Listener {
	l, err := net.Listen(network, address)
	if err != nil {
		t.Skipf("%s: %v", address, err)
	}
	return l
}

var worlds = []struct {
	name string
	make func(t *testing.T) world
}{
	{"IPv4", func(t *testing.T) world {
		return world{url: start(t, listen(t, "tcp", "127.0.0.1:0")).URL, dialer: transport.TCP{}}
	}},
	{"IPv6", func(t *testing.T) world {
		return world{url: start(t, listen(t, "tcp", "[::1]:0")).URL, dialer: transport.TCP{}}
	}},
	{"Unix", func(t *testing.T) world {
		socket := filepath.Join(t.TempDir(), "s")
		start(t, listen(t, "unix", socket))
		return world{url: "http://example.org", dialer: transport.Unix{Path: socket}}
	}},
	{"memory", func(t *testing.T) world {
		n := new(memory.Network)
		l, err := n.Listen("example.org:80")
		if err != nil {
			t.Fatal(err)
		}
		start(t, l)
		return world{url: "http://example.org", dialer: n}
	}},
	{"above TLS", func(t *testing.T) world {
		cert, roots, _ := testcert.New(t, "example.org")
		n := new(memory.Network)
		l, err := n.Listen("example.org:443")
		if err != nil {
			t.Fatal(err)
		}
		start(t, tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}}))
		return world{url: "https://example.org", plain: true,
			dialer: transport.TLS{Dialer: n, Config: &tls.Config{RootCAs: roots}}}
	}},
}

// tshark finds every request and response, whole, on one connection that begins and ends as TCP does.
func TestTShark(t *testing.T) {
	for _, tt := range worlds {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := tt.make(t)
			var options []pcapng.Option
			if w.plain {
				options = append(options, pcapng.ServerPort(80))
			}
			file := filepath.Join(t.TempDir(), "x.pcapng")
			f, err := os.Create(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			capture, err := pcapng.New(f, options...)
			if err != nil {
				t.Fatal(err)
			}
			d := tap.New(w.dialer, capture)
			exchanges(t, &http.Client{Transport: &http.Transport{DialContext: d.DialContext, DialTLSContext: d.DialContext}}, w.url)
			if err := capture.Close(); err != nil {
				t.Fatal(err)
			}

			packets := dissect(t, file)
			requests := pick(packets, []string{"http.request.method"}, "tcp.stream", "http.request.method", "http.request.uri", "http.content_length")
			want := []string{"0 GET /one", "0 GET /chunked", "0 PUT /large 300000", "0 HEAD /two"}
			if diff := cmp.Diff(want, requests); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			responses := pick(packets, []string{"http.response.code"}, "http.response.code", "http.content_length")
			if diff := cmp.Diff([]string{"200 15", "200", "200 17", "200 15"}, responses); diff != "" {
				t.Errorf("responses (-want +got):\n%s", diff)
			}
			ends := pick(packets, []string{"tcp.flags.syn", "tcp.flags.fin"}, "tcp.flags.syn", "tcp.flags.ack", "tcp.flags.fin")
			if diff := cmp.Diff([]string{"1 0 0", "1 1 0", "0 1 1"}, ends); diff != "" {
				t.Errorf("SYN and FIN (-want +got):\n%s", diff)
			}
			if tt.name != "IPv4" {
				return // following a stream once is enough
			}
			follow := strings.Join(tshark(t, file, "-q", "-z", "follow,tcp,ascii,0"), "\n")
			for _, part := range []string{"GET /one HTTP/1.1", "hello from /one", "PUT /large HTTP/1.1", "X-Received: 300000"} {
				if !strings.Contains(follow, part) {
					t.Errorf("the followed stream has no %q", part)
				}
			}
		})
	}
}

// An accepted connection, a reset, and two connections at once.
func TestTSharkEndings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.pcapng")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	capture, err := pcapng.New(f)
	if err != nil {
		t.Fatal(err)
	}
	n := new(memory.Network)
	l, err := n.Listen("example.org:80")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepting := tap.New(nil, capture).Listener(l)
	dialling := tap.New(n, capture)

	first, firstPeer := pair(t, dialling, l)
	io.WriteString(first, "GET /first HTTP/1.1\r\n\r\n")
	second, secondPeer := pair(t, n, accepting)
	io.WriteString(second, "GET /second HTTP/1.1\r\n\r\n")
	buf := make([]byte, 100)
	secondPeer.Read(buf)
	io.WriteString(secondPeer, "HTTP/1.1 204 No Content\r\n\r\n")
	firstPeer.(*memory.Conn).Reset()
	first.Read(buf)
	first.Close()
	second.Close()
	secondPeer.Read(buf)
	secondPeer.Close()
	if err := capture.Close(); err != nil {
		t.Fatal(err)
	}

	packets := dissect(t, file)
	// The server of the second one has the port 80, though it is the side that was tapped.
	messages := pick(packets, []string{"http.request.method", "http.response.code"}, "tcp.stream", "http.request.uri", "http.response.code")
	if diff := cmp.Diff([]string{"0 /first", "1 /second", "1  204"}, messages); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	requests := pick(packets, []string{"http.request.method"}, "tcp.dstport")
	if diff := cmp.Diff([]string{"80", "80"}, requests); diff != "" {
		t.Errorf("ports (-want +got):\n%s", diff)
	}
	resets := pick(packets, []string{"tcp.flags.reset"}, "tcp.stream", "tcp.srcport")
	if diff := cmp.Diff([]string{"0 80"}, resets); diff != "" {
		t.Errorf("resets (-want +got):\n%s", diff)
	}
	fins := pick(packets, []string{"tcp.flags.fin"}, "tcp.stream")
	if diff := cmp.Diff([]string{"1", "1"}, fins); diff != "" {
		t.Errorf("FINs (-want +got):\n%s", diff)
	}
}
