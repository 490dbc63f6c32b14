package driver

import (
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/wire"
)

// TestFirstWriteHeldUp: the ear hears what comes meanwhile, of every kind.
func TestFirstWriteHeldUp(t *testing.T) {
	interim := "HTTP/1.1 103 Early Hints\r\n\r\n"
	long := strings.Repeat("x", 1000)
	tests := []struct {
		name    string
		peer    func(*memory.Conn)
		kind    conn.Kind
		err     error
		idle    bool
		interim int
	}{
		{"read at last", func(p *memory.Conn) {
			time.Sleep(time.Second)
			io.CopyN(io.Discard, p, int64(len(rawHead+"Content-Length: 1000\r\n\r\n"+long)))
			io.WriteString(p, okHello)
		}, conn.NeedData, nil, true, 0},
		{"interim response, then read", func(p *memory.Conn) {
			time.Sleep(time.Second)
			io.WriteString(p, interim)
			time.Sleep(time.Second)
			io.CopyN(io.Discard, p, int64(len(rawHead+"Content-Length: 1000\r\n\r\n"+long)))
			io.WriteString(p, okHello)
		}, conn.NeedData, nil, true, 1},
		{"final response", func(p *memory.Conn) {
			time.Sleep(time.Second)
			io.WriteString(p, interim+interim+okHello)
		}, conn.ResponseHead, nil, false, 2},
		{"closed", func(p *memory.Conn) {
			time.Sleep(time.Second)
			p.CloseWrite()
		}, 0, wire.RuleNoResponse, false, 0},
		{"closed in both directions", func(p *memory.Conn) {
			time.Sleep(time.Second)
			p.CloseRead()
			p.Close()
		}, 0, errGone, false, 0},
		{"reset", func(p *memory.Conn) {
			time.Sleep(time.Second)
			p.Reset()
		}, 0, syscall.ECONNRESET, false, 0},
		{"garbage", func(p *memory.Conn) {
			time.Sleep(time.Second)
			io.WriteString(p, "HTTP/9.9 200 OK\r\n\r\n")
		}, 0, wire.RuleMajorVersion, false, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, peer := client(t, 50)
				go test.peer(peer)
				told := 0
				s := body.String(long)
				ev, err := l.Send(head(t, l, "Content-Length", "1000"), Message{Source: &s, Interim: func(*conn.Head) error {
					told++
					return nil
				}})
				if test.err != nil {
					if !errors.Is(err, test.err) && (test.err != errGone || !errors.Is(err, wire.RuleNoResponse) && !errors.Is(err, syscall.EPIPE)) {
						t.Errorf("error %v, want %v", err, test.err)
					}
					l.Close()
					return
				}
				expect(t, ev, err, test.kind)
				if ev.Kind == conn.NeedData {
					ev, err = l.Next()
					expect(t, ev, err, conn.ResponseHead)
				}
				if got := content(t, l); got != "hello" {
					t.Errorf("content %q", got)
				}
				if told != test.interim || l.Idle() != test.idle {
					t.Errorf("%d interim responses, idle %v", told, l.Idle())
				}
				l.Close()
			})
		})
	}
}

// errGone stands for either error by which a closed peer shows.
var errGone = errors.New("the peer is gone")

// TestInterimErrorWhileHeldUp ends the write.
func TestInterimErrorWhileHeldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, peer := client(t, 50)
		go io.WriteString(peer, "HTTP/1.1 103 Early Hints\r\n\r\n")
		enough := errors.New("enough")
		s := body.String(strings.Repeat("x", 1000))
		_, err := l.Send(head(t, l, "Content-Length", "1000"), Message{Source: &s, Interim: func(*conn.Head) error { return enough }})
		var own *CallerError
		if !errors.As(err, &own) || own.Err != enough {
			t.Errorf("error %v", err)
		}
		l.Close()
	})
}
