package httpserver_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/strata-http/strata/httpserver"
)

// In answer to HEAD a file is not read, however large it is, and its length is told as in answer to GET.
func TestHeadOfFile(t *testing.T) {
	const size = 1 << 40
	name := filepath.Join(t.TempDir(), "sparse")
	if err := os.WriteFile(name, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, size); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		limit int64
		want  string
	}{{-1, "1099511627776"}, {1 << 39, "549755813888"}} {
		w := serve(t, handle(func(w httpserver.ResponseWriter, _ httpserver.Request) {
			f, err := os.Open(name)
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			var src io.Reader = f
			length := int64(size)
			if c.limit >= 0 {
				src, length = io.LimitReader(f, c.limit), c.limit
			}
			if n, err := w.ReadFrom(src); n != length || err != nil {
				t.Errorf("%d, %v", n, err)
			}
			if at, err := f.Seek(0, io.SeekCurrent); at != length {
				t.Errorf("the file stands at %d, %v", at, err)
			}
		}))
		w.send(crlf("HEAD / HTTP/1.1\nHost: a\n\n"))
		w.expect(crlf("HTTP/1.1 200 OK\nContent-Length: " + c.want + "\n\n"))
	}
}
