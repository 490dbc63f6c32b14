package cassette_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/cassette"
	"github.com/strata-http/strata/transport/memory"
)

// tempFile is a name in a folder that remove removes.
func tempFile() (file string, remove func()) {
	dir, err := os.MkdirTemp("", "cassette")
	if err != nil {
		panic(err)
	}
	return filepath.Join(dir, "example.cassette"), func() { os.RemoveAll(dir) }
}

// fetch gets a URL over https, all of which is dialled by d.
func fetch(d transport.Dialer, url string) {
	t := &http.Transport{DialTLSContext: d.DialContext}
	defer t.CloseIdleConnections()
	resp, err := (&http.Client{Transport: t}).Get(url)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Printf("%s %q %v\n", resp.Status, body, err)
}

// The standard library's client records https, as plain text, and replays it without the server.
func Example() {
	file, remove := tempFile()
	defer remove()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "hello")
	}))
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())

	tape, err := cassette.Record(transport.TLS{Config: &tls.Config{RootCAs: roots}}, file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fetch(tape, server.URL+"/greeting")
	if err := tape.Close(); err != nil {
		fmt.Println(err)
	}
	server.Close()

	if tape, err = cassette.Replay(file); err != nil {
		fmt.Println(err)
		return
	}
	fetch(tape, server.URL+"/greeting")
	fmt.Println(tape.Close())

	text, _ := os.ReadFile(file)
	fmt.Println(strings.Contains(string(text), `  GET /greeting HTTP/1.1\r\n`))
	// Output:
	// 200 OK "hello" <nil>
	// 200 OK "hello" <nil>
	// <nil>
	// true
}

const note = `strata-cassette 1

dial 1 0s tcp example.org:80
open 1 0s
> 1 0s
  GET /note HTTP/1.1\r\n
  \r\n
< 1 1h
  HTTP/1.1 200 OK\r\n
  Content-Length: 2\r\n
  \r\n
  hi
`

// What is written must be what was recorded. The error shows the difference.
func ExampleMismatchError() {
	file, remove := tempFile()
	defer remove()
	os.WriteFile(file, []byte(note), 0o666)
	tape, err := cassette.Replay(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := tape.DialContext(context.Background(), "tcp", "example.org:80")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	_, err = io.WriteString(c, "GET /notes HTTP/1.1\r\nHost: example.org\r\n\r\n")
	fmt.Println(strings.ReplaceAll(err.Error(), file, "note.cassette"))
	// Output:
	// cassette: note.cassette:6: connection 1: what is written differs from what was recorded at octet 9
	// - GET /note HTTP/1.1\r\n
	// + GET /notes HTTP/1.1\r\n
	// + Host: example.org\r\n
	//   \r\n
}

// Octet by octet is a segmentation like others.
func ExampleSegments() {
	file, remove := tempFile()
	defer remove()
	os.WriteFile(file, []byte(note), 0o666)
	tape, err := cassette.Replay(file, cassette.Segments(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := tape.DialContext(context.Background(), "tcp", "example.org:80")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	io.WriteString(c, "GET /note HTTP/1.1\r\n\r\n")
	buf := make([]byte, 100)
	for range 4 {
		n, err := c.Read(buf)
		fmt.Printf("%q %v\n", buf[:n], err)
	}
	// Output:
	// "H" <nil>
	// "T" <nil>
	// "T" <nil>
	// "P" <nil>
}

// The values of some fields are blanked while they are recorded, wherever writes have cut them.
func ExampleRedactPattern() {
	secrets := cassette.RedactPattern(regexp.MustCompile(`(?im)^(?:authorization|cookie|set-cookie):[ \t]*([^\r\n]*)`))
	file, remove := tempFile()
	defer remove()
	tape, err := cassette.Record(toNobody(), file, secrets, cassette.Stable())
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := tape.DialContext(context.Background(), "tcp", "example.org:80")
	if err != nil {
		fmt.Println(err)
		return
	}
	io.WriteString(c, "GET / HTTP/1.1\r\nAuthorization: Bas")
	io.WriteString(c, "ic c2VjcmV0\r\n\r\n")
	c.Close()
	if err := tape.Close(); err != nil {
		fmt.Println(err)
	}
	text, _ := os.ReadFile(file)
	fmt.Print(string(text))
	// Output:
	// strata-cassette 1
	//
	// dial 1 - tcp example.org:80
	// open 1 -
	// > 1 -
	//   GET / HTTP/1.1\r\n
	//   Authorization: \[3]
	// > 1 -
	//   \[11]\r\n
	//   \r\n
	// close 1 -
}

// toNobody is a dialer whose connections go to nobody.
func toNobody() transport.Dialer {
	return transport.DialerFunc(func(context.Context, string, string) (net.Conn, error) {
		here, _ := memory.Pipe()
		return here, nil
	})
}
