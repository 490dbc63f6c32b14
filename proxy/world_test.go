package proxy_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// world is a small Internet in memory, with origins and proxies. It remembers what each of them was told.
type world struct {
	memory.Network
	t testing.TB

	mu      sync.Mutex
	told    map[string][]string // by address
	dialled []string
	ends    []io.Closer
	wait    sync.WaitGroup
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, told: map[string][]string{}}
	t.Cleanup(func() {
		w.mu.Lock()
		for _, c := range w.ends {
			c.Close()
		}
		w.mu.Unlock()
		w.wait.Wait()
	})
	return w
}

func (w *world) keep(c io.Closer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends = append(w.ends, c)
}

// listen lets f serve each connection to address.
func (w *world) listen(address string, f func(net.Conn)) {
	w.t.Helper()
	l, err := w.Listen(address)
	if err != nil {
		w.t.Fatal(err)
	}
	w.serve(l, f)
}

func (w *world) serve(l net.Listener, f func(net.Conn)) {
	w.keep(l)
	w.wait.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			w.keep(nc)
			w.wait.Go(func() {
				defer nc.Close()
				f(nc)
			})
		}
	})
}

// DialContext makes the world a dialer that notes the addresses.
func (w *world) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	w.dialled = append(w.dialled, address)
	w.mu.Unlock()
	return w.Network.DialContext(ctx, network, address)
}

func (w *world) dials() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.dialled
	w.dialled = nil
	return all
}

// tell notes what the server at address was told.
func (w *world) tell(address, what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told[address] = append(w.told[address], what)
}

// heard returns what the server at address was told since the last call.
func (w *world) heard(address string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.told[address]
	delete(w.told, address)
	return all
}

// echo serves address: it notes what comes and sends it back.
func (w *world) echo(address string) {
	w.listen(address, func(nc net.Conn) {
		buf := make([]byte, 4096)
		for {
			n, err := nc.Read(buf)
			if err != nil {
				return
			}
			w.tell(address, string(buf[:n]))
			nc.Write(buf[:n])
		}
	})
}

// readHead reads a head, not an octet more.
func readHead(r io.ByteReader) (string, error) {
	var head strings.Builder
	for !strings.HasSuffix(head.String(), "\r\n\r\n") {
		c, err := r.ReadByte()
		if err != nil {
			return head.String(), err
		}
		head.WriteByte(c)
	}
	return head.String(), nil
}

// fieldIn returns the value of a field in a head.
func fieldIn(head, name string) string {
	for line := range strings.SplitSeq(head, "\r\n") {
		if n, v, ok := strings.Cut(line, ": "); ok && strings.EqualFold(n, name) {
			return v
		}
	}
	return ""
}

// httpProxy answers CONNECT at an address. check returns the whole response to a request that is refused, and
// nothing for one that is granted; n counts the requests to this proxy from 1.
type httpProxy struct {
	check func(n int, head string) string
	// hangUp closes behind a refusal, whatever that says.
	hangUp bool
}

func (w *world) httpProxy(address string, p httpProxy) {
	var mu sync.Mutex
	count := 0
	w.listen(address, func(nc net.Conn) {
		r := bufio.NewReader(nc)
		for {
			head, err := readHead(r)
			if err != nil {
				return
			}
			w.tell(address, head)
			mu.Lock()
			count++
			n := count
			mu.Unlock()
			refusal := ""
			if p.check != nil {
				refusal = p.check(n, head)
			}
			if refusal == "" {
				w.relay(nc, r, strings.Fields(head)[1], "HTTP/1.1 200 Connection established\r\n\r\n", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
				return
			}
			io.WriteString(nc, refusal)
			if p.hangUp || strings.Contains(refusal, "Connection: close") {
				return
			}
		}
	})
}

// relay connects nc, from which r reads, with target, and says yes, or no and leaves it.
func (w *world) relay(nc net.Conn, r io.Reader, target, yes, no string) {
	far, err := w.Network.DialContext(context.Background(), "tcp", target)
	if err != nil {
		io.WriteString(nc, no)
		return
	}
	w.keep(far)
	io.WriteString(nc, yes)
	var both sync.WaitGroup
	both.Go(func() {
		io.Copy(far, r)
		far.(*memory.Conn).CloseWrite()
	})
	both.Go(func() {
		io.Copy(nc, far)
		if half, ok := nc.(interface{ CloseWrite() error }); ok {
			half.CloseWrite()
		}
	})
	both.Wait()
	far.Close()
}

// refusal returns a 407 with that challenge.
func refusal(challenge string, fields ...string) string {
	head := "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: " + challenge + "\r\n"
	for _, f := range fields {
		head += f + "\r\n"
	}
	return head + "Content-Length: 7\r\n\r\nrefused"
}

// talk sees that what dialer returns for address is a connection to it.
func talk(t *testing.T, d transport.Dialer, address string) {
	t.Helper()
	nc, err := d.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	const word = "through"
	if _, err := io.WriteString(nc, word); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(word))
	if _, err := io.ReadFull(nc, got); err != nil || string(got) != word {
		t.Fatalf("%q, %v", got, err)
	}
}

// socksServer is a SOCKS 5 server as RFC 1928 has it, for memory and for TCP.
type socksServer struct {
	user, password string // wanted where user is set
	rep            byte   // answered in place of connecting where it is not 0
}

func (w *world) socksServer(address string, s socksServer) {
	w.listen(address, func(nc net.Conn) {
		target, err := s.handshake(nc)
		w.tell(address, target)
		if err != nil {
			w.tell(address, err.Error())
			return
		}
		if s.rep != 0 {
			nc.Write([]byte{5, s.rep, 0, 1, 0, 0, 0, 0, 0, 0})
			return
		}
		w.relay(nc, nc, target, "\x05\x00\x00\x03\x03abc\x00\x50", "\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00")
	})
}

// handshake reads up to the request, and returns host:port.
func (s socksServer) handshake(nc net.Conn) (string, error) {
	b := make([]byte, 512)
	read := func(n int) ([]byte, error) {
		_, err := io.ReadFull(nc, b[:n])
		return b[:n], err
	}
	if _, err := read(2); err != nil || b[0] != 5 {
		return "", fmt.Errorf("greeting %v, %v", b[:2], err)
	}
	methods, err := read(int(b[1]))
	if err != nil {
		return "", err
	}
	if s.user == "" {
		nc.Write([]byte{5, 0})
	} else {
		if !strings.ContainsRune(string(methods), 2) {
			nc.Write([]byte{5, 0xff})
			return "", fmt.Errorf("methods %v", methods)
		}
		nc.Write([]byte{5, 2})
		read(2)
		user, _ := read(int(b[1]))
		name := string(user)
		read(1)
		password, err := read(int(b[0]))
		if err != nil || name != s.user || string(password) != s.password {
			nc.Write([]byte{1, 1})
			return "", fmt.Errorf("user %q, %v", name, err)
		}
		nc.Write([]byte{1, 0})
	}
	if _, err := read(4); err != nil || b[0] != 5 || b[1] != 1 || b[2] != 0 {
		return "", fmt.Errorf("request %v, %v", b[:4], err)
	}
	host := ""
	switch b[3] {
	case 1:
		ip, _ := read(4)
		host = net.IP(ip).String()
	case 4:
		ip, _ := read(16)
		host = net.IP(ip).String()
	case 3:
		read(1)
		name, _ := read(int(b[0]))
		host = string(name)
	}
	port, err := read(2)
	return net.JoinHostPort(host, fmt.Sprint(int(port[0])<<8|int(port[1]))), err
}
