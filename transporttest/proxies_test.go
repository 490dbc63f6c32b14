package transporttest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/strata-http/strata/transport"
)

// playing is a listener whose connections begin with a proxy's part, which it plays.
type playing struct {
	net.Listener
	play func(net.Conn) error
}

func (p playing) Accept() (net.Conn, error) {
	c, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if err := p.play(c); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// readHead reads a request's head octet by octet, so that nothing behind it is taken.
func readHead(c net.Conn) (head []byte, err error) {
	octet := make([]byte, 1)
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		if _, err := io.ReadFull(c, octet); err != nil {
			return head, err
		}
		head = append(head, octet...)
	}
	return head, nil
}

func playConnect(c net.Conn) error {
	head, err := readHead(c)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(head, []byte("CONNECT ")) {
		return fmt.Errorf("the proxy was sent %q", head)
	}
	_, err = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
	return err
}

// playSOCKS plays RFC 1928 without authentication, for a host that is a name.
func playSOCKS(c net.Conn) error {
	read := func(n int) []byte {
		p := make([]byte, n)
		if _, err := io.ReadFull(c, p); err != nil {
			return make([]byte, n)
		}
		return p
	}
	read(int(read(2)[1]))
	if _, err := io.WriteString(c, "\x05\x00"); err != nil {
		return err
	}
	request := read(5)
	if request[0] != 5 || request[1] != 1 || request[3] != 3 {
		return fmt.Errorf("the proxy was sent %q", request)
	}
	read(int(request[4]) + 2)
	_, err := io.WriteString(c, "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
	return err
}

// relay starts an HTTP proxy at a TCP port, which it returns, and which lets nobody through but to target.
func relay(t *testing.T, d transport.Dialer, target string) (address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		cancel()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer context.AfterFunc(ctx, func() { c.Close() })()
				defer c.Close()
				if err := tunnel(ctx, c, d, target); err != nil {
					t.Errorf("relay: %v", err)
				}
			})
		}
	})
	return l.Addr().String()
}

// tunnel serves one connection of a relay. What happens inside the tunnel is no error of the relay.
func tunnel(ctx context.Context, c net.Conn, d transport.Dialer, target string) error {
	head, err := readHead(c)
	if err != nil {
		return nil // it was given up
	}
	if !bytes.HasPrefix(head, []byte("CONNECT "+target+" HTTP/1.1\r\n")) {
		return fmt.Errorf("the proxy was sent %q", head)
	}
	far, err := d.DialContext(ctx, "tcp", target)
	if err != nil {
		io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		return nil
	}
	defer context.AfterFunc(ctx, func() { far.Close() })()
	defer far.Close()
	if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return nil
	}
	pass := func(to, from net.Conn) {
		_, err := io.Copy(to, from)
		if err == nil {
			err = to.(interface{ CloseWrite() error }).CloseWrite()
		}
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			to.Close()
			from.Close()
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() { pass(far, c) })
	pass(c, far)
	wg.Wait()
	return nil
}
