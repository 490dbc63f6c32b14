package driver

import (
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/strata-http/strata/body"
)

// TestSourceThatExits: runtime.Goexit in a source does not leave anybody waiting.
func TestSourceThatExits(t *testing.T) {
	l, _ := client(t, 0)
	s := body.Reader(readerFunc(func([]byte) (int, error) {
		runtime.Goexit()
		return 0, nil
	}))
	if _, err := l.Send(head(t, l, "Transfer-Encoding", "chunked"), Message{Source: &s}); !errors.Is(err, errExited) {
		t.Errorf("error %v", err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestWildReaders: whatever a reader returns within its contract is content, and nothing else is.
func TestWildReaders(t *testing.T) {
	text := strings.Repeat("0123456789", 5000)
	for name, r := range map[string]io.Reader{
		"one octet":      iotest.OneByteReader(strings.NewReader(text[:100])),
		"half":           iotest.HalfReader(strings.NewReader(text)),
		"data with EOF":  iotest.DataErrReader(strings.NewReader(text)),
		"nothing before": io.MultiReader(&lazyReader{n: 50}, strings.NewReader(text)),
	} {
		all, err := io.ReadAll(io.MultiReader(&sourceAsReader{s: sourceReader{r: r, remain: -1}}))
		if err != nil || !strings.HasPrefix(text, string(all)) || len(all) < 100 {
			t.Errorf("%s: %d octets, %v", name, len(all), err)
		}
	}
	for name, test := range map[string]struct {
		r    io.Reader
		want error
	}{
		"negative":  {readerFunc(func([]byte) (int, error) { return -1, nil }), ErrNegativeRead},
		"too many":  {readerFunc(func(p []byte) (int, error) { return len(p) + 1, nil }), ErrNegativeRead},
		"nothing":   {&lazyReader{n: 1 << 30}, io.ErrNoProgress},
		"time-out":  {iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(text))), iotest.ErrTimeout},
		"closed":    {iotest.ErrReader(net.ErrClosed), net.ErrClosed},
		"EOF inner": {iotest.ErrReader(io.ErrUnexpectedEOF), io.ErrUnexpectedEOF},
	} {
		if _, err := io.ReadAll(&sourceAsReader{s: sourceReader{r: test.r, remain: -1}}); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type sourceAsReader struct{ s sourceReader }

func (s *sourceAsReader) Read(p []byte) (int, error) { return s.s.next(p) }

// lazyReader returns nothing and no error n times.
type lazyReader struct{ n int }

func (l *lazyReader) Read([]byte) (int, error) {
	if l.n--; l.n < 0 {
		return 0, io.EOF
	}
	return 0, nil
}
