package advisories_test

import (
	"io"
	"strings"
	"testing"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpserver"
)

// injection has a handler put evil octets into an element of its response. refused says that the call itself was.
type injection func(w httpserver.ResponseWriter, evil string) (refused bool)

// atServed tries injections on the server façade: not an octet of the element is sent. Where the call says nothing,
// the response is 500 in its place, and the connection closes.
func atServed(all ...injection) func(*testing.T) {
	return func(t *testing.T) {
		for _, inject := range all {
			for _, evil := range bad(within("good")) {
				refused := false
				c := facadeServer(t, func(w httpserver.ResponseWriter, r httpserver.Request) {
					if r.Target() == "/" {
						refused = inject(w, evil)
					}
				})
				got := c.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n" + next)
				if strings.Contains(got, evil) && strings.Trim(evil, "\r\n") != "" || strings.Contains(got, "X-Injected") {
					t.Errorf("%q: answered %q", evil, got)
				}
				if refused {
					if strings.Count(got, "HTTP/1.1 200 OK\r\n") != 2 {
						t.Errorf("%q: answered %q behind a refusal", evil, got)
					}
					continue
				}
				closing(t, got, "500 ")
				c.wasAsked("GET /")
			}
		}
	}
}

func servedValue(name string) injection {
	return func(w httpserver.ResponseWriter, evil string) bool {
		w.Fields().Add(name, evil)
		w.WriteString("page")
		return false
	}
}

func servedName(w httpserver.ResponseWriter, evil string) bool {
	w.Fields().Add(evil, "x")
	w.Flush()
	return false
}

func servedReason(w httpserver.ResponseWriter, evil string) bool {
	if strings.Trim(evil, "\tgod") == "" {
		return true // a reason phrase may hold HTAB anywhere
	}
	return w.SetStatus(200, evil) != nil
}

func servedInterim(w httpserver.ResponseWriter, evil string) bool {
	var fields headers.Fields
	fields.Add("Link", evil)
	return w.Interim(103, &fields) != nil
}

func servedSwitch(w httpserver.ResponseWriter, evil string) bool {
	w.Fields().Add("Connection", "upgrade")
	w.Fields().Add("Upgrade", evil)
	w.SetStatus(101)
	nc, err := w.Hijack()
	if err == nil {
		nc.Close()
	}
	return err == nil
}

func servedAllow(w httpserver.ResponseWriter, evil string) bool {
	return w.MethodNotAllowed("GET", evil) != nil
}

// behindServed: what is bad behind the head ends the connection without a last-chunk, and a chunk whose extensions are
// bad is not sent.
func behindServed(t *testing.T) {
	for _, evil := range bad(within("good")) {
		for _, trailer := range []func(f *headers.Fields){
			func(f *headers.Fields) { f.Add(evil, "x") },
			func(f *headers.Fields) { f.Add("X", evil) },
		} {
			c := facadeServer(t, func(w httpserver.ResponseWriter, _ httpserver.Request) {
				w.Fields().Add("Trailer", "X")
				w.WriteString("page")
				w.Flush()
				trailer(w.Trailers())
			})
			go func() {
				io.WriteString(c.client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"+next)
				c.client.CloseWrite()
			}()
			got, _ := io.ReadAll(c.client) // a reset tells that something is missing
			if !strings.HasSuffix(string(got), "\r\n\r\n4\r\npage\r\n") {
				t.Errorf("%q: answered %q", evil, got)
			}
			c.wasAsked("GET /")
		}
		c := facadeServer(t, func(w httpserver.ResponseWriter, _ httpserver.Request) {
			if err := w.WriteChunk([]byte("page"), ";x="+evil); err == nil {
				t.Errorf("%q is taken for a chunk extension", evil)
			}
		})
		if got := c.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n"); strings.Contains(got, "page") || strings.Contains(got, "X-Injected") {
			t.Errorf("%q: answered %q", evil, got)
		}
	}
}
