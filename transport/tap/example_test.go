package tap_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/transport/tap"
)

// answer accepts one connection of l, answers its first octets and closes it.
func answer(l *memory.Listener) {
	c, err := l.Accept()
	if err != nil {
		return
	}
	c.Read(make([]byte, 512))
	io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
	c.Close()
}

func Example() {
	var network memory.Network
	l, err := network.Listen("example.org:80")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	go answer(l)

	dialer := tap.New(&network, tap.SinkFunc(func(e tap.Event) {
		fmt.Printf("%d %v%v %q\n", e.Connection.ID, e.Direction, e.Kind, e.Octets)
	}))
	c, err := dialer.DialContext(context.Background(), "tcp", "example.org:80")
	if err != nil {
		fmt.Println(err)
		return
	}
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
	io.Copy(io.Discard, c)
	c.Close()
	// Output:
	// 1 dial ""
	// 1 open ""
	// 1 >data "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"
	// 1 <data "HTTP/1.1 204 No Content\r\n\r\n"
	// 1 <end ""
	// 1 close ""
}

func ExampleDump() {
	here, there := memory.Pipe()
	defer there.Close()
	dump := tap.NewDump(os.Stdout)
	c := tap.New(nil, tap.SinkFunc(func(e tap.Event) {
		if e.Kind == tap.Data {
			dump.Event(e)
		}
	})).Conn(here)
	io.WriteString(c, "GET / HTTP/1.1\r\n\r\n")
	c.Close()
	// Output:
	// 0.000000 #1 > 18 octets
	//   00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  |GET / HTTP/1.1..|
	//   00000010  0d 0a                                             |..|
}

// In a bubble the times of a dump are those of its clock.
func TestDumpInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out string
		here, there := memory.Pipe()
		defer there.Close()
		c := tap.New(nil, tap.NewDump(writer(func(p []byte) { out += string(p) }))).Conn(here)
		io.WriteString(c, "x")
		c.Close()
		want := "0.000000 #1 open pipe:1 -> pipe:2\n0.000000 #1 > 1 octet\n" +
			"  00000000  78                                                |x|\n0.000000 #1 close\n"
		if diff := cmp.Diff(want, out); diff != "" {
			t.Errorf("dump (-want +got):\n%s", diff)
		}
	})
}

type writer func([]byte)

func (w writer) Write(p []byte) (int, error) { w(p); return len(p), nil }
