package httpclient_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
)

// framed returns the octets of a response with that content.
func framed(framing, content string, rnd *rand.Rand) string {
	var b strings.Builder
	b.WriteString(okHead)
	switch framing {
	case "length":
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(content), content)
	case "until close":
		fmt.Fprintf(&b, "\r\n%s", content)
	case "chunked":
		b.WriteString("Transfer-Encoding: chunked\r\n\r\n")
		sizes := []int{1, 2, 15, 16, 255, 4096, 16<<10 - 8, 16<<10 - 1, 16 << 10, 16<<10 + 1, 40_000, 70_000}
		for content != "" {
			n := min(sizes[rnd.IntN(len(sizes))], len(content))
			ext := [...]string{"", ";a", ";a=b;c=\"d;\"", " ;a"}[rnd.IntN(3)]
			fmt.Fprintf(&b, "%x%s\r\n%s\r\n", n, ext, content[:n])
			content = content[n:]
		}
		b.WriteString("000\r\nSum: 1\r\n\r\n")
	}
	return b.String()
}

// readers are ways to take content.
var readers = map[string]func(r httpclient.Response, rnd *rand.Rand) ([]byte, error){
	"small reads":  readsOf(1, 2, 3, 7),
	"large reads":  readsOf(16<<10, 64<<10, 200_000),
	"buffer reads": readsOf(16<<10-1, 16<<10, 16<<10+1),
	"mixed reads":  readsOf(1, 1000, 16<<10, 100_000, 5),
	"WriteTo": func(r httpclient.Response, _ *rand.Rand) ([]byte, error) {
		var b bytes.Buffer
		_, err := r.WriteTo(&b)
		return b.Bytes(), err
	},
	"ReadAll": func(r httpclient.Response, _ *rand.Rand) ([]byte, error) { return r.ReadAll() },
	"Peek and others": func(r httpclient.Response, rnd *rand.Rand) ([]byte, error) {
		var all []byte
		buf := make([]byte, 40_000)
		for {
			view, err := r.Peek(rnd.IntN(20))
			if err == io.EOF {
				return all, nil
			}
			if err != nil {
				return all, err
			}
			peeked := string(view)
			n, err := r.Read(buf[:1+rnd.IntN(len(buf)-1)])
			if got := string(buf[:n]); !strings.HasPrefix(got, peeked) && !strings.HasPrefix(peeked, got) {
				return all, fmt.Errorf("peeked %q, read %q", peeked, got)
			}
			all = append(all, buf[:n]...)
			if err != nil && err != io.EOF {
				return all, err
			}
			line, err := r.ReadLine(rnd.IntN(100))
			all = append(all, line...)
			if err != nil && err != io.EOF {
				return all, err
			}
		}
	},
}

func readsOf(sizes ...int) func(httpclient.Response, *rand.Rand) ([]byte, error) {
	return func(r httpclient.Response, rnd *rand.Rand) ([]byte, error) {
		var all []byte
		buf := make([]byte, 256<<10)
		for {
			n, err := r.Read(buf[:sizes[rnd.IntN(len(sizes))]])
			all = append(all, buf[:n]...)
			if err == io.EOF {
				return all, nil
			}
			if err != nil {
				return all, err
			}
		}
	}
}

// TestSegmentation: content is the same whatever the server's writes and the caller's reads are.
func TestSegmentation(t *testing.T) {
	content := noise(200_000)
	everywhere(t, append(allWorlds[:len(allWorlds):len(allWorlds)], tinyWorlds[2]), func(t *testing.T, w *world) {
		type job struct {
			response string
			rnd      *rand.Rand
		}
		jobs := make(chan job, 1)
		w.serve(func(p *peer) {
			for {
				if _, _, err := p.request(); err != nil {
					return
				}
				j := <-jobs
				largest := 1 << (1 + j.rnd.IntN(17))
				for rest := j.response; rest != ""; {
					n := min(1+j.rnd.IntN(largest), len(rest))
					if largest < 64 && len(rest) > 5000 && len(rest) < len(j.response)-5000 {
						n = len(rest) - 5000 // small segments at the ends are enough
					}
					p.send(rest[:n])
					rest = rest[n:]
				}
				if strings.HasPrefix(j.response, okHead+"\r\n") {
					return
				}
			}
		})
		rounds := 4
		if testing.Short() || raceEnabled {
			rounds = 1
		}
		c := w.conn()
		for seed := range rounds {
			for _, framing := range []string{"length", "chunked", "until close"} {
				for name, read := range readers {
					rnd := rand.New(rand.NewPCG(uint64(seed), 7))
					size := rnd.IntN(len(content))
					jobs <- job{framed(framing, content[:size], rnd), rand.New(rand.NewPCG(uint64(seed), 8))}
					resp, err := c.Do(bounded(t), "GET", "/", nil, body.None())
					if err != nil {
						t.Fatal(err)
					}
					got, err := read(resp, rnd)
					if err != nil || string(got) != content[:size] {
						t.Fatalf("%s, %s, seed %d: %d octets of %d, %v", framing, name, seed, len(got), size, err)
					}
					if !resp.Closed() || c.Connected() == (framing == "until close") {
						t.Errorf("%s, %s, seed %d: connected %v behind the content", framing, name, seed, c.Connected())
					}
				}
			}
		}
	})
}

// pattern is what streams are made of; its length is no multiple of any buffer's.
var pattern = sync.OnceValue(func() string { return noise(65_521) })

// stream gives octets that are made as they are read.
type stream struct {
	left int64
	at   int // in the pattern
	hash hash.Hash
	tick func()
	n    int64
}

func (s *stream) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), s.left)], pattern()[s.at:])
	s.at = (s.at + n) % len(pattern())
	s.hash.Write(p[:n])
	s.left -= int64(n)
	if s.n += int64(n); s.tick != nil && s.n > 8<<20 {
		s.n = 0
		s.tick()
	}
	return n, nil
}

// TestLargeContentBothWays in memory that does not grow.
func TestLargeContentBothWays(t *testing.T) {
	size := int64(64 << 20)
	if testing.Short() || raceEnabled {
		size = 9 << 20
	}
	var heap sync.Mutex
	heapNow := func() uint64 {
		heap.Lock()
		defer heap.Unlock()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		base := heapNow()
		bound := func() {
			if now := heapNow(); now > base+16<<20 {
				t.Errorf("the heap has grown from %d to %d octets", base, now)
			}
		}
		w.serve(func(p *peer) {
			for {
				head, err := p.head()
				if err != nil {
					return
				}
				p.seen.Reset()
				h := sha256.New()
				if strings.Contains(head, "chunked") {
					for {
						line, err := p.br.ReadString('\n')
						if err != nil {
							return
						}
						n, _ := strconv.ParseInt(strings.TrimSpace(line), 16, 64)
						copyFrom(p, h, n)
						p.br.Discard(2)
						if n == 0 {
							break
						}
					}
				} else if _, value, ok := strings.Cut(head, "Content-Length: "); ok {
					n, _ := strconv.ParseInt(strings.TrimSpace(value[:strings.IndexByte(value, '\r')]), 10, 64)
					copyFrom(p, h, n)
				}
				down := &stream{left: size, at: 3, hash: sha256.New()}
				fmt.Fprintf(p, okHead+"Sum: %x\r\nContent-Length: %d\r\n\r\n", h.Sum(nil), size)
				io.CopyBuffer(p.Conn, onlyReader{down}, make([]byte, 64<<10))
			}
		})
		c := w.conn()
		for name, source := range map[string]func(*stream) body.Source{
			"chunked": func(s *stream) body.Source { return body.Reader(s) },
			"sized":   func(s *stream) body.Source { return body.SizedReader(s, size) },
		} {
			up := &stream{left: size, at: 1, hash: sha256.New(), tick: bound}
			resp, err := c.Do(bounded(t), "PUT", "/", nil, source(up))
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("%x", up.hash.Sum(nil)); resp.Field("Sum") != want {
				t.Errorf("%s: the server got other content", name)
			}
			down := sha256.New()
			check := &ticking{Writer: down, tick: bound}
			if name == "sized" {
				_, err = resp.WriteTo(check)
			} else {
				_, err = io.CopyBuffer(check, onlyReader{resp}, make([]byte, 100_000))
			}
			if err != nil {
				t.Fatal(err)
			}
			want := &stream{left: size, at: 3, hash: sha256.New()}
			io.Copy(io.Discard, want)
			if !bytes.Equal(down.Sum(nil), want.hash.Sum(nil)) {
				t.Errorf("%s: other content came", name)
			}
		}
		if w.dials.Load() != 1 {
			t.Errorf("%d dials", w.dials.Load())
		}
	})
}

// copyFrom moves n octets, and forgets what was seen of them.
func copyFrom(p *peer, to io.Writer, n int64) {
	for n > 0 {
		m, err := io.CopyN(to, p.br, min(n, 64<<10))
		p.seen.Reset()
		if n -= m; err != nil {
			return
		}
	}
}

type ticking struct {
	io.Writer
	tick func()
	n    int
}

func (w *ticking) Write(p []byte) (int, error) {
	if w.n += len(p); w.n > 8<<20 {
		w.n = 0
		w.tick()
	}
	return w.Writer.Write(p)
}

// TestBuffersAreNobodyElses: many connections at once, some of which end badly, never see each other's
// octets. With the race detector it would also find a buffer that has two users.
func TestBuffersAreNobodyElses(t *testing.T) {
	everywhere(t, append(allWorlds[:2:2], tinyWorlds[2]), func(t *testing.T, w *world) {
		w.serve(func(p *peer) {
			for {
				raw, content, err := p.request()
				if err != nil {
					return
				}
				p.seen.Reset()
				line, _, _ := strings.Cut(raw, "\r\n")
				who := strings.Split(line, "/")[1][:1] // GET /X HTTP/1.1
				if strings.Trim(content, who) != "" {
					t.Errorf("%s: octets of others in %.40q", who, content)
				}
				answer := strings.Repeat(who, 1+len(content)*7%50_000)
				switch len(content) % 5 {
				case 0:
					p.send(framed("chunked", answer, rand.New(rand.NewPCG(1, uint64(len(content))))))
				case 1:
					p.send(strings.TrimSuffix(framed("length", answer+"missing", nil), "missing"))
					return
				case 2:
					p.send(framed("length", answer, nil) + who) // one octet too many
					p.hold()
					return
				default:
					p.send(framed("length", answer, nil))
				}
			}
		})
		var clients sync.WaitGroup
		for i := range 8 {
			c := w.conn()
			clients.Go(func() {
				who := string(rune('a' + i))
				rnd := rand.New(rand.NewPCG(uint64(i), 1))
				for range 60 {
					content := strings.Repeat(who, rnd.IntN(40_000))
					sources := []body.Source{
						body.String(content), body.Bytes([]byte(content)), body.Reader(strings.NewReader(content)),
						body.Reader(onlyReader{strings.NewReader(content)}), body.Seq(seq(content)),
						body.SizedReader(onlyReader{strings.NewReader(content)}, int64(len(content))),
						body.SizedReader(onlyReader{strings.NewReader(content)}, int64(len(content))+1),
						body.Seq2(seq2(1, content, content)),
					}
					resp, err := c.Do(bounded(t), "PUT", "/"+who, nil, sources[rnd.IntN(len(sources))])
					if err != nil {
						continue
					}
					for _, read := range readers { // any one
						got, _ := read(resp, rnd)
						if strings.Trim(string(got), who) != "" {
							t.Errorf("%s: octets of others in %.40q", who, got)
						}
						break
					}
					if rnd.IntN(4) == 0 {
						resp.Close()
					}
				}
				c.Close()
			})
		}
		clients.Wait()
	})
}
