package parity

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
)

// listen serves over the engine's server and returns host:port.
func (r *run) listen(s *http.Server) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	r.after(r.serve(s, l))
	return l.Addr().String()
}

// handler serves a function.
func (r *run) handler(f http.HandlerFunc) string { return r.listen(&http.Server{Handler: f}) }

// dial connects to a server.
func (r *run) dial(addr string) *wireClient {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		panic(err)
	}
	if d, ok := r.ctx.Deadline(); ok {
		nc.SetDeadline(d)
	}
	r.afterFirst(func() { nc.Close() })
	return &wireClient{Conn: nc, r: r, b: bufio.NewReader(nc)}
}

// send writes requests to a server and notes all responses up to the end of the connection. methods are those of
// the requests, where one is not GET.
func (r *run) send(addr, octets string, methods ...string) {
	c := r.dial(addr)
	c.say(octets)
	c.all(methods...)
}

// wireClient is a client that sends octets.
type wireClient struct {
	net.Conn
	r *run
	b *bufio.Reader

	refusals bool // of 4xx and 5xx the status alone is noted
	old      bool // the client speaks HTTP/1.0, and what only that changes is not noted
}

func (c *wireClient) say(octets string) { io.WriteString(c.Conn, octets) }

func (c *wireClient) half() { c.Conn.(*net.TCPConn).CloseWrite() }

// all notes the responses up to the end of the connection.
func (c *wireClient) all(methods ...string) {
	for c.response(methods...) {
		if len(methods) > 1 {
			methods = methods[1:]
		}
	}
}

// response notes one response, and reports whether another one may follow.
func (c *wireClient) response(methods ...string) bool {
	method := "GET"
	if len(methods) > 0 {
		method = methods[0]
	}
	for {
		lines, err := c.head()
		if err != nil {
			c.r.sees("the connection ends: %s", class(err))
			return false
		}
		code, _, _ := strings.Cut(lines[0][min(9, len(lines[0])):], " ")
		status, _ := strconv.Atoi(code)
		if status/100 == 1 && status != 101 {
			continue
		}
		if status == 101 || method == "HEAD" || method == "CONNECT" && status/100 == 2 || status == 204 || status == 304 {
			return status != 101
		}
		return c.content(lines)
	}
}

// head reads and notes a head.
func (c *wireClient) head() (lines []string, err error) {
	for {
		line, err := c.b.ReadString('\n')
		if err != nil {
			if line != "" || lines != nil {
				c.r.sees("head cut at %q", line)
			}
			return nil, err
		}
		line = strings.TrimSuffix(line, "\r\n")
		if line == "" {
			break
		}
		if strings.HasPrefix(line, "Date: ") {
			line = "Date: now"
		}
		lines = append(lines, line)
	}
	if lines == nil {
		return nil, errors.New("an empty line in place of a response")
	}
	if c.refusals && strings.Compare(lines[0], "HTTP/1.1 4") > 0 {
		c.r.sees("refused with %s", lines[0][9:12]) // in which words is each server's own
		return nil, io.EOF
	}
	shown := slices.Clone(lines)
	if c.old {
		// A server of HTTP/1.1 says so to a client of HTTP/1.0 (RFC 9110 section 6.2), and net/http does not; a case tells of it.
		shown[0] = "HTTP/1.x" + shown[0][len("HTTP/1.x"):]
		shown = slices.DeleteFunc(shown, func(line string) bool { return line == "Connection: close" })
	}
	slices.Sort(shown[1:])
	c.r.sees("%s", strings.Join(shown, " | "))
	return lines, nil
}

// content reads and notes the content of a response. It reports whether the connection goes on.
func (c *wireClient) content(lines []string) bool {
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		switch strings.ToLower(name) {
		case "content-length":
			n, _ := strconv.Atoi(value)
			buf := make([]byte, n)
			got, err := io.ReadFull(c.b, buf)
			c.r.sees("content %s, %s", short(buf[:got]), class(err))
			return err == nil
		case "transfer-encoding":
			all, err := io.ReadAll(httputil.NewChunkedReader(c.b))
			trailer := ""
			for err == nil {
				line := ""
				if line, err = c.b.ReadString('\n'); line == "\r\n" {
					break
				}
				trailer += fmt.Sprintf(" %q", line)
			}
			c.r.sees("chunked content %s%s, %s", short(all), trailer, class(err))
			return err == nil
		}
	}
	all, err := io.ReadAll(c.b)
	c.r.sees("content to the end %s, %s", short(all), class(err))
	return false
}
