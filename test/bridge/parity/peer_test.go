package parity

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// loopback is where a port stands that is another one each time.
var loopback = regexp.MustCompile(`(: |//)(127\.0\.0\.1|localhost):[0-9]+`)

// peer is one connection of a server that does what a case says, octet by octet.
type peer struct {
	net.Conn
	r *run
	b *bufio.Reader
	n int // which connection this is, from 1
}

// peers listens, and has do handle each connection. It returns host:port.
func (r *run) peers(do func(*peer)) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	r.handle(l, do)
	return l.Addr().String()
}

func (r *run) handle(l net.Listener, do func(*peer)) {
	var open sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		for n := 1; ; n++ {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			if strings.HasPrefix(nc.RemoteAddr().String(), lastIP+":") {
				nc.Close()
				return
			}
			mu.Lock()
			conns = append(conns, nc)
			mu.Unlock()
			open.Go(func() {
				defer nc.Close()
				do(&peer{Conn: nc, r: r, b: bufio.NewReader(nc), n: n})
			})
		}
	}()
	r.after(func() {
		// What has arrived is still noted. Connections are accepted in their order, so behind this one there is none; and
		// they end by the client, which has been closed by now.
		last := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(lastIP)}}
		if nc, err := last.Dial("tcp", l.Addr().String()); err == nil {
			<-accepted
			nc.Close()
		}
		l.Close()
		<-accepted
		cut := time.AfterFunc(patience, func() {
			mu.Lock()
			defer mu.Unlock()
			for _, nc := range conns {
				nc.Close()
			}
		})
		open.Wait()
		if !cut.Stop() {
			r.note("peer", "a connection stays open when the case is over")
		}
	})
}

// lastIP is where the last connection to a peer comes from. Not every system has the address.
const lastIP = "127.0.0.2"

// patience is how long a client may take to close what it has left.
const patience = 2 * time.Second

// answers is a server that reads a request for each answer, notes it, and writes the answer: over however many
// connections, in the order in which requests come. An answer that begins with "close " closes its connection behind
// it. It returns the URL.
func (r *run) answers(list ...string) string {
	var mu sync.Mutex
	next := 0
	return "http://" + r.peers(func(p *peer) {
		for p.request() {
			mu.Lock()
			if next == len(list) {
				mu.Unlock()
				p.sees("there is no answer left")
				return
			}
			answer := list[next]
			next++
			mu.Unlock()
			text, closes := strings.CutPrefix(answer, "close ")
			p.say(text)
			if closes {
				p.end()
				return
			}
		}
	})
}

func (p *peer) sees(format string, args ...any) {
	p.r.note("peer", "%d: "+format, append([]any{p.n}, args...)...)
}

func (p *peer) say(text string) { io.WriteString(p.Conn, text) }

// end closes the connection for writing, and waits for the other side, so that no reset overtakes what was written.
func (p *peer) end() {
	if c, ok := p.Conn.(interface{ CloseWrite() error }); ok {
		c.CloseWrite()
	}
	io.Copy(io.Discard, p.b)
}

// reset closes the connection by a reset.
func (p *peer) reset() {
	p.Conn.(*net.TCPConn).SetLinger(0)
	p.Conn.Close()
}

// request reads a request and notes it. It reports whether there was one.
func (p *peer) request() bool {
	lines, ok := p.requestHead()
	if !ok {
		return false
	}
	content, trailer, err := p.content(lines)
	if content != "" || trailer != "" || err != nil {
		p.sees("content %s%s, %s", short([]byte(content)), trailer, class(err))
	}
	return err == nil
}

// requestHead reads and notes the head of a request.
func (p *peer) requestHead() (lines []string, ok bool) {
	for {
		line, err := p.b.ReadString('\n')
		if err != nil {
			if line != "" || lines != nil {
				p.sees("head cut at %q", line)
			}
			return nil, false
		}
		line = strings.TrimSuffix(line, "\r\n")
		if line == "" {
			break
		}
		lines = append(lines, line)
	}
	shown := slices.Clone(lines)
	for i, line := range shown {
		switch line {
		case "User-Agent: Go-http-client/1.1", "User-Agent: strata":
			shown[i] = "User-Agent: (by default)" // a case tells of the difference
		}
		shown[i] = loopback.ReplaceAllString(strings.ReplaceAll(shown[i], p.LocalAddr().String(), "PEER"), "${1}PEER")
	}
	slices.Sort(shown[1:])
	p.sees("%s", strings.Join(shown, " | "))
	return lines, true
}

// content reads what follows the head of a request.
func (p *peer) content(lines []string) (content, trailer string, err error) {
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		switch strings.ToLower(name) {
		case "content-length":
			n, err := strconv.Atoi(value)
			if err != nil {
				return "", "", err
			}
			buf := make([]byte, n)
			got, err := io.ReadFull(p.b, buf)
			return string(buf[:got]), "", err
		case "transfer-encoding":
			all, err := io.ReadAll(httputil.NewChunkedReader(p.b))
			if err != nil {
				return string(all), "", err
			}
			for {
				line, err := p.b.ReadString('\n')
				if err != nil || line == "\r\n" {
					return string(all), " chunked" + trailer, err
				}
				trailer += fmt.Sprintf(" %q", line)
			}
		}
	}
	return "", "", nil
}
