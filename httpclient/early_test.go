package httpclient_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/body"
)

// blocking is a reader that gives some octets and then nothing until it is released.
type blocking struct {
	first   io.Reader
	release chan struct{}
	blocked chan struct{} // closed when it blocks
	once    sync.Once
}

func newBlocking(first string) *blocking {
	return &blocking{first: strings.NewReader(first), release: make(chan struct{}), blocked: make(chan struct{})}
}

func (b *blocking) Read(p []byte) (int, error) {
	if n, _ := b.first.Read(p); n > 0 {
		return n, nil
	}
	b.once.Do(func() { close(b.blocked) })
	<-b.release
	return copy(p, "too late"), nil
}

// blockingCloser is one that Close releases.
type blockingCloser struct {
	*blocking
	closed chan struct{}
	closes int
}

func (b *blockingCloser) Close() error {
	b.closes++
	if b.closes == 1 {
		close(b.closed)
		close(b.release)
	}
	return nil
}

// lockedCloser is one whose Close waits for Read, as that of net/http's request bodies does.
type lockedCloser struct {
	*blocking
	mu     sync.Mutex
	closed chan struct{}
}

func (b *lockedCloser) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.blocking.Read(p)
}

func (b *lockedCloser) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.closed)
	return nil
}

// endless gives octets for ever.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func sparseFile(t testing.TB, size int64) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "sparse"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	return f
}

const tooLarge = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nmuch"

// stuckSource is a source that cannot be sent to its end.
type stuckSource struct {
	name string
	make func(t testing.TB) stuck
}

type stuck struct {
	source  body.Source
	blocked chan struct{} // closed when it blocks; nil for one that never does
	after   func()        // ends it, and waits for what is to happen to it
}

const huge = 96 << 20 // more than any socket buffers

var hugeBytes = sync.OnceValue(func() []byte { return make([]byte, huge) })
var hugeString = sync.OnceValue(func() string { return string(hugeBytes()) })

// reached reports whether a channel is closed.
func reached(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func unstuck(source body.Source) stuck { return stuck{source: source, after: func() {}} }

func stuckSources() []stuckSource {
	return []stuckSource{
		{"bytes", func(testing.TB) stuck { return unstuck(body.Bytes(hugeBytes())) }},
		{"string", func(testing.TB) stuck { return unstuck(body.String(hugeString())) }},
		{"file", func(t testing.TB) stuck { return unstuck(body.File(sparseFile(t, huge))) }},
		{"endless reader", func(testing.TB) stuck { return unstuck(body.Reader(endless{})) }},
		{"sized endless reader", func(testing.TB) stuck { return unstuck(body.SizedReader(endless{}, 1<<40)) }},
		{"endless iterable", func(testing.TB) stuck {
			return unstuck(body.Seq(func(yield func([]byte) bool) {
				for block := make([]byte, 1000); yield(block); {
				}
			}))
		}},
		{"endless iterable of nothing", func(testing.TB) stuck {
			return unstuck(body.Seq(func(yield func([]byte) bool) {
				for yield(nil) {
				}
			}))
		}},
		{"blocking reader", func(testing.TB) stuck {
			b := newBlocking("some")
			return stuck{body.Reader(b), b.blocked, func() { close(b.release) }}
		}},
		{"blocking reader of length 0", func(testing.TB) stuck {
			b := newBlocking("")
			return stuck{body.SizedReader(b, 0), b.blocked, func() { close(b.release) }}
		}},
		{"blocking closer", func(t testing.TB) stuck {
			b := &blockingCloser{blocking: newBlocking("some"), closed: make(chan struct{})}
			return stuck{body.SizedReader(b, 100), b.blocked, func() {
				if reached(b.blocked) {
					<-b.closed
				}
			}}
		}},
		{"blocking closer whose Close blocks", func(testing.TB) stuck {
			b := &lockedCloser{blocking: newBlocking("some"), closed: make(chan struct{})}
			return stuck{body.Reader(b), b.blocked, func() {
				was := reached(b.blocked)
				close(b.release)
				if was {
					<-b.closed
				}
			}}
		}},
		{"blocking iterable", func(testing.TB) stuck {
			b := newBlocking("")
			return stuck{body.Seq(func(yield func([]byte) bool) {
				if yield([]byte("some")) {
					b.Read(nil)
				}
			}), b.blocked, func() { close(b.release) }}
		}},
		{"iterable that blocks when it is to end", func(testing.TB) stuck {
			b := newBlocking("")
			return stuck{body.Seq(func(yield func([]byte) bool) {
				for block := make([]byte, 100_000); yield(block); {
				}
				b.Read(nil)
			}), nil, func() { close(b.release) }}
		}},
		{"blocking trailers", func(testing.TB) stuck {
			b := newBlocking("")
			return stuck{body.String("some").WithTrailers(blockingTrailers(b)), b.blocked, func() { close(b.release) }}
		}},
	}
}

// TestEarlyFinalResponse: the peer answers and never reads an octet. The answer is heard at once,
// sending stops, and the connection is used no more.
func TestEarlyFinalResponse(t *testing.T) {
	everywhere(t, append(allWorlds[:len(allWorlds):len(allWorlds)], tinyWorlds...), func(t *testing.T, w *world) {
		testEarly(t, w, false)
	})
}

// TestFinalResponseWhileSourceBlocks: the same when the source has come to where it blocks.
func TestFinalResponseWhileSourceBlocks(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) { testEarly(t, w, true) })
}

func testEarly(t *testing.T, w *world, afterwards bool) {
	var accepted atomic.Int32
	var gate atomic.Pointer[chan struct{}]
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	w.serve(func(p *peer) {
		if accepted.Add(1)%2 == 0 {
			answer(okHello)(p)
			return
		}
		if g := gate.Load(); g != nil {
			<-*g
		}
		p.send(tooLarge)
		<-done
	})
	for _, test := range stuckSources() {
		t.Run(test.name, func(t *testing.T) {
			c := w.conn()
			ctx := bounded(t)
			s := test.make(t)
			gate.Store(nil)
			if afterwards {
				if s.blocked == nil {
					t.Skip("it does not block")
				}
				gate.Store(&s.blocked)
			}
			resp, err := c.Do(ctx, "POST", "/", nil, s.source)
			if err != nil {
				t.Fatal(err)
			}
			if got := readAll(t, resp); resp.Status() != 413 || got != "much" {
				t.Errorf("status %d, content %q", resp.Status(), got)
			}
			if c.Connected() {
				t.Error("the connection was kept")
			}
			s.after()
			resp, err = c.Do(ctx, "GET", "/", nil, body.None())
			if err != nil {
				t.Fatal(err)
			}
			if got := readAll(t, resp); got != "hello" {
				t.Errorf("the next response has %q", got)
			}
		})
	}
}

// TestEarlyFinalResponseToSmallRequest: where even a head does not fit what the transport holds.
func TestEarlyFinalResponseToSmallRequest(t *testing.T) {
	everywhere(t, tinyWorlds, func(t *testing.T, w *world) {
		done := make(chan struct{})
		t.Cleanup(func() { close(done) })
		w.serve(func(p *peer) {
			p.send("HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n")
			p.send(tooLarge)
			<-done
		})
		for _, source := range []body.Source{body.None(), body.String(strings.Repeat("x", 5000))} {
			c := w.conn()
			resp, err := c.Do(bounded(t), "POST", "/", fields("Long", strings.Repeat("x", 2000)), source)
			if err != nil {
				t.Fatal(err)
			}
			if got := readAll(t, resp); resp.Status() != 413 || got != "much" {
				t.Errorf("status %d, content %q", resp.Status(), got)
			}
			if c.Connected() {
				t.Error("the connection was kept")
			}
		}
	})
}

// TestSlowReader: what does not fit is written all the same when the peer reads in its own time.
func TestSlowReader(t *testing.T) {
	everywhere(t, tinyWorlds, func(t *testing.T, w *world) {
		content := noise(70_000)
		got := make(chan string, 1)
		w.serve(func(p *peer) {
			for {
				_, content, err := p.request()
				if err != nil {
					return
				}
				got <- content
				p.send(okHello)
			}
		})
		c := w.conn()
		for _, size := range []int{0, 10, 5000, 16_000, 70_000} {
			resp, err := c.Do(bounded(t), "POST", "/", nil, body.String(content[:size]))
			if err != nil {
				t.Fatal(err)
			}
			if <-got != content[:size] {
				t.Error("other content arrived")
			}
			readAll(t, resp)
		}
		if w.dials.Load() != 1 {
			t.Errorf("%d connections", w.dials.Load())
		}
	})
}

// TestEarlyFinalResponseThenReset: the answer is heard although the peer's reset makes writing fail.
func TestEarlyFinalResponseThenReset(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serve(func(p *peer) {
			p.send(tooLarge)
			if half, ok := p.raw.(interface{ CloseRead() error }); ok && !w.secure {
				half.CloseRead() // what comes is refused, the answer still readable
			}
			// Closing with octets unread makes a reset of it.
		})
		for range 20 {
			c := w.conn()
			resp, err := c.Do(bounded(t), "POST", "/", nil, body.Bytes(hugeBytes()))
			if err != nil {
				t.Fatal(err)
			}
			if resp.Status() != 413 {
				t.Errorf("status %d", resp.Status())
			}
			if got := readAll(t, resp); got != "much" {
				t.Errorf("content %q", got)
			}
		}
	})
}

// TestReuseBehindContent: a response that comes as soon as the last octet is there is no early one.
func TestReuseBehindContent(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serve(answer(okHello))
		c := w.conn()
		content := noise(40_000)
		ctx := bounded(t)
		for i := range 30 {
			for name, source := range largeSources(t, content) {
				resp, err := c.Do(ctx, "POST", "/", nil, source())
				if err != nil {
					t.Fatal(err)
				}
				readAll(t, resp)
				if w.dials.Load() != 1 {
					t.Fatalf("not reused behind %s in round %d", name, i)
				}
			}
		}
	})
}

// TestCloseNeverWaits for a peer that has stopped reading, not even to say good-bye by TLS, which takes five
// seconds to give up.
func TestCloseNeverWaits(t *testing.T) {
	for _, like := range []*world{{buffer: 1000}, {buffer: 1000, secure: true}} {
		for name, source := range map[string]body.Source{"large": body.Bytes(hugeBytes()), "small": body.String(strings.Repeat("x", 5000))} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, like)
				done := make(chan struct{})
				defer w.shut()
				defer close(done)
				w.serve(func(p *peer) {
					p.send(tooLarge)
					<-done
				})
				c := w.conn()
				start := time.Now()
				resp, err := c.Do(t.Context(), "POST", "/", nil, source)
				if err != nil {
					t.Fatal(err)
				}
				readAll(t, resp)
				if err := c.Close(); err != nil {
					t.Error(err)
				}
				if took := time.Since(start); took > 100*time.Millisecond {
					t.Errorf("%s, TLS %v: took %v", name, like.secure, took)
				}
			})
		}
	}
}
