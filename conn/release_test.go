package conn_test

import (
	"strings"
	"testing"

	"github.com/strata-http/strata/conn"
)

// Release drops what was viewed, and may be called between any two octets: what is under way goes on.
func TestRelease(t *testing.T) {
	request := "POST /x HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X: y\r\n", 40) + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n"
	c := conn.New(conn.Server, conn.Config{})
	for round := range 2 {
		var data []byte
		var content, trailer string
		for i := range len(request) {
			data = append(append([]byte(nil), data...), request[i])
			for more := true; more; {
				n, ev, err := c.Next(data, false)
				if err != nil {
					t.Fatal(err)
				}
				data = data[n:]
				switch ev.Kind {
				case conn.RequestHead:
					head := ev.Head
					if string(head.Target) != "/x" || head.Fields.Len() != 42 {
						t.Errorf("round %d: %q, %d field lines", round, head.Target, head.Fields.Len())
					}
					if c.Release(); head.Raw != nil || head.Target != nil || head.Method != nil || head.Host != nil || head.Fields.Len() > 0 {
						t.Errorf("round %d: behind Release there is %q", round, head.Raw)
					}
				case conn.Content:
					content += string(ev.Content)
				case conn.End:
					trailer = ev.Trailers.GetString("T")
					if c.Release(); ev.Trailers.Len() > 0 {
						t.Errorf("round %d: behind Release there are %d trailers", round, ev.Trailers.Len())
					}
				default:
					more = false
				}
				c.Release()
			}
		}
		if content != "abc" || trailer != "u" {
			t.Errorf("round %d: content %q, trailer %q", round, content, trailer)
		}
		if _, err := c.AppendResponse(nil, 204, "", nil); err != nil {
			t.Fatal(err)
		}
		if _, err := c.AppendEnd(nil, nil); err != nil {
			t.Fatal(err)
		}
	}
}
