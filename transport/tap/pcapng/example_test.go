package pcapng_test

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/transport/tap"
	"github.com/strata-http/strata/transport/tap/pcapng"
)

// Everything that a dialer's connections carry goes into a capture, here one in memory.
func Example() {
	var network memory.Network
	l, err := network.Listen("example.org:80")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()

	var file bytes.Buffer
	capture, err := pcapng.New(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	dialer := tap.New(&network, capture)
	c, err := dialer.DialContext(context.Background(), "tcp", "example.org:80")
	if err != nil {
		fmt.Println(err)
		return
	}
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
	c.Close()
	if err := capture.Close(); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("% x\n", file.Bytes()[:4]) // a section header block
	// Output: 0a 0d 0d 0a
}
