package httpclient_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// shrinking is a file that loses its end once its size was asked for.
type shrinking struct {
	*os.File
	to int64
}

func (s *shrinking) Read(p []byte) (int, error) {
	s.File.Truncate(s.to)
	return s.File.Read(p)
}

// TestSourcesThatLie sends sources whose content is not what was promised: never is a message made
// that looks whole.
func TestSourcesThatLie(t *testing.T) {
	large := noise(200_000)
	tests := []struct {
		name   string
		fields []string
		source func(t testing.TB) body.Source
		rule   error
		silent bool // nothing goes out
	}{
		{"reader too short", nil, func(testing.TB) body.Source { return body.SizedReader(onlyReader{strings.NewReader("hell")}, 5) }, wire.RuleContentShort, false},
		{"reader too long", nil, func(testing.TB) body.Source { return body.SizedReader(onlyReader{strings.NewReader("hello!")}, 5) }, wire.RuleContentExcess, false},
		{"reader too long by a block", nil, func(testing.TB) body.Source { return body.SizedReader(onlyReader{strings.NewReader(large)}, 5) }, wire.RuleContentExcess, false},
		{"large reader too short", nil, func(testing.TB) body.Source { return body.SizedReader(onlyReader{strings.NewReader(large)}, 200_001) }, wire.RuleContentShort, false},
		{"large reader too long", nil, func(testing.TB) body.Source { return body.SizedReader(onlyReader{strings.NewReader(large)}, 199_999) }, wire.RuleContentExcess, false},
		{"memory reader too short", nil, func(testing.TB) body.Source { return body.SizedReader(strings.NewReader("hell"), 5) }, wire.RuleContentShort, true},
		{"memory reader too long", nil, func(testing.TB) body.Source { return body.SizedReader(strings.NewReader("hello!"), 5) }, wire.RuleContentExcess, true},
		{"reader of size 0 too long", nil, func(testing.TB) body.Source { return body.SizedReader(onlyReader{strings.NewReader("h")}, 0) }, wire.RuleContentExcess, false},
		{"iterable short of the caller's length", []string{"Content-Length", "5"}, func(testing.TB) body.Source { return body.Seq(seq("he", "ll")) }, wire.RuleContentShort, false},
		{"iterable beyond the caller's length", []string{"Content-Length", "5"}, func(testing.TB) body.Source { return body.Seq(seq("he", "llo", "!")) }, wire.RuleContentExcess, false},
		{"bytes short of the caller's length", []string{"Content-Length", "6"}, func(testing.TB) body.Source { return body.String("hello") }, wire.RuleContentShort, true},
		{"bytes beyond the caller's length", []string{"Content-Length", "4"}, func(testing.TB) body.Source { return body.String("hello") }, wire.RuleContentExcess, true},
		{"large bytes beyond the caller's length", []string{"Content-Length", "4"}, func(testing.TB) body.Source { return body.String(large) }, wire.RuleContentExcess, true},
		{"none for the caller's length", []string{"Content-Length", "4"}, func(testing.TB) body.Source { return body.None() }, wire.RuleContentShort, true},
		{"file beyond the caller's length", []string{"Content-Length", "4"}, func(t testing.TB) body.Source { return body.File(tempFile(t, "hello", 0)) }, wire.RuleContentExcess, true},
		{"trailers with the caller's length", []string{"Content-Length", "5"}, func(testing.TB) body.Source { return body.String("hello").WithTrailers(trailers("A", "b")) }, wire.RuleTrailerUnframed, true},
		{"file that shrinks", nil, func(t testing.TB) body.Source { return body.File(&shrinking{tempFile(t, large, 0), 100_000}) }, wire.RuleContentShort, false},
		{"bad trailer", nil, func(testing.TB) body.Source { return body.String("hello").WithTrailers(trailers("Host", "b")) }, wire.RuleTrailerField, false},
		{"iterable that fails", nil, func(testing.TB) body.Source { return body.Seq2(seq2(1, "he", "llo")) }, errSource, false},
		{"iterable that fails at once", nil, func(testing.TB) body.Source { return body.Seq2(seq2(0, "he", "llo")) }, errSource, false},
		{"reader that fails", nil, func(testing.TB) body.Source {
			return body.Reader(io.MultiReader(strings.NewReader("hello"), failing{errSource}))
		}, errSource, false},
		{"reader that fails as a connection would", nil, func(testing.TB) body.Source {
			return body.Reader(failing{&httpclient.IncompleteReadError{Expected: 3}})
		}, io.ErrUnexpectedEOF, false},
		{"reader that gives nothing", nil, func(testing.TB) body.Source { return body.Reader(failing{nil}) }, io.ErrNoProgress, false},
	}
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		type end struct {
			whole bool
			n     int
		}
		ends := make(chan end, 1)
		w.serve(func(p *peer) {
			_, _, err := p.request()
			ends <- end{err == nil, p.seen.Len()}
		})
		c := w.conn()
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				before := w.dials.Load()
				_, err := c.Do(bounded(t), "POST", "/", fields(test.fields...), test.source(t))
				wantError(t, err, test.rule)
				var cut *httpclient.IncompleteReadError
				if errors.Is(err, httpclient.ErrRemoteDisconnected) || errors.As(err, &cut) && cut.Expected != 3 {
					t.Errorf("%v blames the server", err)
				}
				if _, isRule := test.rule.(wire.Rule); isRule {
					wantError(t, err, httpclient.ErrHTTP)
				}
				if c.Connected() {
					t.Error("the connection was kept")
				}
				if w.dials.Load() == before {
					if !test.silent {
						t.Error("nothing was dialled")
					}
					return
				}
				got := <-ends
				if got.whole {
					t.Error("the server saw a whole request")
				}
				if test.silent && got.n > 0 {
					t.Errorf("%d octets went out", got.n)
				}
			})
		}
	})
}

// failing is a reader that returns nothing but its error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestFileThatShrinksUnderTheKernel sends a real file of which the end is gone when the kernel copies it.
func TestFileThatShrinksUnderTheKernel(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		f := tempFile(t, noise(300_000), 0)
		w.serve(func(p *peer) {
			p.head()
			p.hold()
		})
		c := w.conn(httpclient.WithTrace(&httpclient.Trace{RequestHead: func([]byte) { f.Truncate(1000) }}))
		_, err := c.Do(bounded(t), "PUT", "/", nil, body.File(f))
		wantError(t, err, wire.RuleContentShort, httpclient.ErrHTTP)
		if c.Connected() {
			t.Error("the connection was kept")
		}
	})
}

// TestFileThatGrows sends what a file held when its size was asked for.
func TestFileThatGrows(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		contents := make(chan string, 1)
		w.serve(func(p *peer) {
			_, content, _ := p.request()
			contents <- content
			p.send(okEmpty)
		})
		for _, size := range []int{10, 300_000} {
			before := noise(size)
			f := tempFile(t, before, 0)
			c := w.conn(httpclient.WithTrace(&httpclient.Trace{RequestHead: func([]byte) { f.WriteAt([]byte("more"), int64(size)) }}))
			if _, err := c.Do(bounded(t), "PUT", "/", nil, body.File(f)); err != nil {
				t.Fatal(err)
			}
			if got := <-contents; got != before {
				t.Errorf("%d octets instead of %d", len(got), len(before))
			}
		}
	})
}
