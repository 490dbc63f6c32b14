package parity

import (
	"bufio"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
)

// upgradeCases: connections that become another protocol's, and cookies.
func upgradeCases() []parityCase {
	return []parityCase{
		{"upgrade: 101 with octets behind it", func(r *run) {
			url := "http://" + r.peers(func(p *peer) {
				p.requestHead()
				p.say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly")
				line, err := p.b.ReadString('\n')
				p.sees("line %q %s", line, class(err))
				p.say("late\n")
				_, err = p.b.ReadByte()
				p.sees("end %s", class(err))
			})
			res, err := r.client(nil).Do(r.request("GET", url, nil, "Connection", "Upgrade", "Upgrade", "echo"))
			if err != nil {
				r.sees("error %s", class(err))
				return
			}
			r.head(res)
			rw, ok := res.Body.(io.ReadWriteCloser)
			r.sees("an io.ReadWriteCloser %t", ok)
			if !ok {
				return
			}
			io.WriteString(rw, "hello\n")
			line, err := bufio.NewReader(rw).ReadString('\n')
			r.sees("line %q %s", line, class(err))
			r.sees("close %s", class(rw.Close()))
			_, err = rw.Read(make([]byte, 1))
			r.sees("read after it failed %t", err != nil)
		}},
		{"upgrade: refused", func(r *run) {
			r.get(r.client(nil), r.answers(okay), "Connection", "Upgrade", "Upgrade", "echo")
		}},
		{"upgrade: CONNECT by hand", func(r *run) {
			url := "http://" + r.peers(func(p *peer) {
				p.requestHead()
				p.say("HTTP/1.1 200 OK\r\n\r\nearly\n")
				p.end()
			})
			pr, pw := io.Pipe()
			req := r.request("CONNECT", url, pr)
			req.Host = "a.example:1"
			res, err := r.trip(nil).RoundTrip(req)
			if err != nil {
				r.sees("error %s", class(err))
				return
			}
			r.head(res)
			line, err := bufio.NewReader(res.Body).ReadString('\n')
			r.sees("line %q %s", line, class(err))
			pw.Close()
			res.Body.Close()
		}},
		{"upgrade: CONNECT refused", func(r *run) {
			req := r.request("CONNECT", r.answers("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"), nil)
			req.Host = "a.example:1"
			res, err := r.trip(nil).RoundTrip(req)
			r.response(res, err)
		}},
		{"client: cookies", func(r *run) {
			c := r.client(nil)
			c.Jar, _ = cookiejar.New(nil)
			url := r.answers("HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=\"2\"; Path=/x\r\nContent-Length: 0\r\n\r\n", okay, okay)
			r.get(c, url)
			r.get(c, url+"/x/y")
			r.get(c, url+"/z")
		}},
		{"client: secrets stay when a redirect leads elsewhere", func(r *run) {
			there := r.answers(okay)
			here := r.answers("HTTP/1.1 302 Found\r\nLocation: " + strings.Replace(there, "127.0.0.1", "localhost", 1) + "/\r\nContent-Length: 0\r\n\r\n")
			res, err := r.client(nil).Do(r.request("GET", here, nil, "Authorization", "secret", "Cookie", "a=b", "X-Other", "c"))
			if err != nil {
				r.sees("error %s", class(err))
				return
			}
			h := res.Request.Header
			r.sees("secrets there: %q %q, others %q", h.Values("Authorization"), h.Values("Cookie"), h.Values("X-Other"))
			res.Body.Close()
		}},
		{"client: a redirect without end", func(r *run) {
			list := make([]string, 12)
			for i := range list {
				list[i] = "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"
			}
			r.get(r.client(nil), r.answers(list...))
		}},
		{"client: a redirect to nowhere", func(r *run) {
			r.get(r.client(nil), r.answers("HTTP/1.1 302 Found\r\nLocation: http://%zz/\r\nContent-Length: 0\r\n\r\n"))
		}},
		{"client: a redirect without Location", func(r *run) {
			r.get(r.client(nil), r.answers("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"))
		}},
		{"client: https asked of a server that speaks http", func(r *run) {
			addr := r.handler(func(http.ResponseWriter, *http.Request) {})
			r.get(r.client(nil), "https://"+addr)
		}},
		{"client: the default User-Agent", func(r *run) {
			addr := r.peers(func(p *peer) {
				for {
					line, err := p.b.ReadString('\n')
					if err != nil || line == "\r\n" {
						break
					}
					if strings.HasPrefix(line, "User-Agent") {
						p.sees("%q", line)
					}
				}
				p.say(okay)
				p.requestQuiet()
			})
			r.get(r.client(nil), "http://"+addr)
		}},
	}
}
