package main

import (
	"io"
	"net"
	"time"

	"github.com/strata-http/strata/conn"
)

// tunnel answers CONNECT (RFC 9110 section 9.3.6): it connects to the target, says so, and from then on only moves
// octets.
func (p *forwarder) tunnel(down *side, h *conn.Head) {
	up, code, err := p.dial(h.Host, "")
	if err != nil {
		p.refuse(down, code, err)
		return
	}
	defer up.Close()
	if _, err := down.next(); err != nil { // the end of the request
		return
	}
	err = down.send(func(c *conn.Conn, b []byte) ([]byte, error) { return c.AppendResponse(b, 200, "OK", nil) })
	if err != nil {
		return
	}
	down.SetDeadline(time.Time{})
	// What the client did not wait for the answer to send has been read already.
	if _, err := up.Write(down.in[down.at:]); err != nil {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		pour(up, down.Conn)
	}()
	pour(down.Conn, up)
	<-done
}

// pour moves octets until src ends, which it passes on as the end of that direction alone. When either fails, both
// connections are of no use any more.
func pour(dst, src net.Conn) {
	if _, err := io.Copy(dst, src); err != nil {
		dst.Close()
		src.Close()
		return
	}
	closeWrite(dst)
}
