package driver

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/transport/memory"
)

// Linger ends with the peer, with its silence, with time, and with what is enough.
func TestLinger(t *testing.T) {
	const limit, quiet, most = 1 << 20, time.Second, 5 * time.Second
	for _, c := range []struct {
		name string
		peer func(p *memory.Conn)
		took time.Duration
	}{
		{"ends", func(p *memory.Conn) { p.Close() }, 0},
		{"ends late", func(p *memory.Conn) {
			p.Write(make([]byte, 100_000))
			time.Sleep(quiet / 2)
			p.CloseWrite()
		}, quiet / 2},
		{"falls silent", func(p *memory.Conn) {
			for range 3 {
				time.Sleep(quiet / 2)
				p.Write([]byte("x"))
			}
		}, 3*quiet/2 + quiet},
		{"drips", func(p *memory.Conn) {
			for err := error(nil); err == nil; _, err = p.Write([]byte("x")) {
				time.Sleep(quiet / 2)
			}
		}, most},
		{"floods", func(p *memory.Conn) {
			for err := error(nil); err == nil; {
				_, err = p.Write(make([]byte, 1000))
			}
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				here, there := memory.Pipe()
				l := new(Loop)
				l.Start(here, conn.New(conn.Server, conn.Config{}))
				go c.peer(there)
				began := time.Now()
				l.Linger(limit, quiet, most)
				if took := time.Since(began); took != c.took {
					t.Errorf("it took %v, want %v", took, c.took)
				}
				l.Close()
				there.Close()
				time.Sleep(quiet)
			})
		})
	}
}
