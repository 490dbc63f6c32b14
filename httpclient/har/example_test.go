package har_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/httpclient/har"
	"github.com/strata-http/strata/transport/memory"
)

// A Recorder is an option of each Conn that is to be recorded; its WriteTo writes the file.
func Example() {
	var network memory.Network
	l, err := network.Listen("example.org:80")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		http.ReadRequest(bufio.NewReader(c))
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello")
	}()

	recorder := har.NewRecorder()
	c, err := httpclient.New("example.org", httpclient.WithDialer(&network), recorder.Option())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	var fields headers.Fields
	fields.Add("Authorization", "Basic c2VjcmV0")
	resp, err := c.Do(context.Background(), "GET", "/greeting?to=you", &fields, body.None())
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := resp.ReadAll(); err != nil {
		fmt.Println(err)
	}

	var file bytes.Buffer
	if _, err := recorder.WriteTo(&file); err != nil {
		fmt.Println(err)
	}
	e := recorder.Archive().Log.Entries[0]
	fmt.Println(e.Request.Method, e.Request.URL, e.Request.QueryString[0].Value)
	fmt.Println(e.Request.Headers[2].Name, e.Request.Headers[2].Value)
	fmt.Println(e.Response.Status, e.Response.Content.Text)
	// Output:
	// GET http://example.org/greeting?to=you you
	// Authorization [redacted]
	// 200 hello
}
