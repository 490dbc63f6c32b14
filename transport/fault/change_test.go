package fault_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/fault"
)

// A split lets no piece be larger, a cut none reach across it, and no octet is lost or changed.
func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"", []string{digits}},
		{"split 3", []string{"012", "345", "678", "9"}},
		{"at 4: split 3", []string{"0123", "456", "789"}},
		{"split 3; at 4: split 5", []string{"012", "3", "45678", "9"}},
		{"at 1: cut; at 8: cut; at 10: cut", []string{"0", "1234567", "89"}},
	} {
		t.Run(tt.text, func(t *testing.T) {
			c, peer := pair(t, tt.text)
			writeAll(peer, digits, 100)
			peer.CloseWrite()
			var got []string
			buf := make([]byte, 100)
			for n, err := c.Read(buf); err == nil; n, err = c.Read(buf) {
				got = append(got, string(buf[:n]))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("received (-want +got):\n%s", diff)
			}

			spy := &spy{}
			if n, err := fault.Wrap(spy, must(t, tt.text)...).Write([]byte(digits)); n != len(digits) || err != nil {
				t.Errorf("Write = %d, %v", n, err)
			}
			if diff := cmp.Diff(tt.want, spy.written); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
		})
	}
}

// spy notes what each Write is given. Its other methods must not be called.
type spy struct {
	net.Conn
	written []string
}

func (s *spy) Write(p []byte) (int, error) {
	s.written = append(s.written, string(p))
	return len(p), nil
}

func must(t *testing.T, text string) fault.Script {
	t.Helper()
	script, err := fault.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return script
}

// Octets are changed where the script says, in pieces of any size, and the caller's are left alone.
func TestChange(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"at 3: xor 01", "0122456789"},
		{"at 3: xor 01000304", "0122462789"},
		{`at 8: replace "abc"`, "01234567ab"},
		{`at 2: replace "abc"; at 3: replace "X"; at 4: xor 20`, "01aXC56789"},
		{"at 9: xor ff; at 10: xor ff", "012345678\xc6"},
	} {
		for _, size := range []int{1, 2, 100} {
			t.Run(fmt.Sprintf("%s/%d", tt.text, size), func(t *testing.T) {
				c, peer := pair(t, tt.text)
				writeAll(peer, digits, 100)
				peer.CloseWrite()
				if got, _ := readAll(c, size); got != tt.want {
					t.Errorf("received %q, want %q", got, tt.want)
				}
				mine := []byte(digits)
				for at := 0; at < len(mine); at += size {
					if _, err := c.Write(mine[at:min(at+size, len(mine))]); err != nil {
						t.Fatal(err)
					}
				}
				c.Close()
				if got, _ := readAll(peer, 100); got != tt.want {
					t.Errorf("the peer received %q, want %q", got, tt.want)
				}
				if !bytes.Equal(mine, []byte(digits)) {
					t.Errorf("the caller's octets are %q now", mine)
				}
			})
		}
	}
}

// A connection that cannot half-close says so, and one that can does.
func TestCloseWrite(t *testing.T) {
	c, peer := pair(t, "")
	half := c.(interface{ CloseWrite() error })
	if err := half.CloseWrite(); err != nil {
		t.Error(err)
	}
	if got, err := readAll(peer, 1); got != "" || err != io.EOF {
		t.Errorf("the peer read %q, %v", got, err)
	}
	_, err := c.Write([]byte("x"))
	is(t, "Write", err, syscall.EPIPE)
	c.Close()
	is(t, "CloseWrite after Close", half.CloseWrite(), net.ErrClosed)
	is(t, "second Close", c.Close(), net.ErrClosed)
	is(t, "SetDeadline after Close", c.SetDeadline(time.Time{}), net.ErrClosed)

	a, _ := net.Pipe()
	foreign := fault.Wrap(a)
	defer foreign.Close()
	if err := foreign.(interface{ CloseWrite() error }).CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("CloseWrite above a net.Pipe: %v", err)
	}
	if got := foreign.(interface{ NetConn() net.Conn }).NetConn(); got != a {
		t.Errorf("NetConn = %v", got)
	}
	if _, err := transport.Peek(foreign); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Peek above a net.Pipe: %v", err)
	}
}
