package advisories_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// dripping is a peer that never falls silent for long, and never comes to an end.
type dripping struct {
	name   string
	begins string // sent at once
	again  string // sent an octet a minute, again and again
	reads  bool   // it does not send but reads an octet a minute
	how    func(ctx context.Context, c *httpclient.Conn) error
	tls    bool
}

const drips = "one octet a minute"

// fetch does a request and reads what comes.
func fetch(ctx context.Context, c *httpclient.Conn) error { return post(ctx, c, body.None()) }

func post(ctx context.Context, c *httpclient.Conn, source body.Source) error {
	r, err := c.Do(ctx, "POST", "/", nil, source)
	if err == nil {
		_, err = r.ReadAll()
	}
	return err
}

func posting(source func() body.Source, lines ...string) func(ctx context.Context, c *httpclient.Conn) error {
	return func(ctx context.Context, c *httpclient.Conn) error {
		_, err := c.Do(ctx, "POST", "/", fieldsOf(lines...), source())
		return err
	}
}

// reading does a request and reads the content by read, until there is an error.
func reading(read func(r httpclient.Response) error) func(ctx context.Context, c *httpclient.Conn) error {
	return func(ctx context.Context, c *httpclient.Conn) error {
		r, err := c.Do(ctx, "GET", "/", nil, body.None())
		for err == nil {
			err = read(r)
		}
		return err
	}
}

func tunnelling(ctx context.Context, c *httpclient.Conn) error {
	if err := c.SetTunnel("example.org", 443, nil); err != nil {
		return err
	}
	return fetch(ctx, c)
}

// stepping sends content by steps, to a peer that reads it slowly.
func stepping(ctx context.Context, c *httpclient.Conn) error {
	err := c.PutRequest("POST", "/", 0)
	if err == nil {
		err = c.PutHeader("Transfer-Encoding", "chunked")
	}
	if err == nil {
		err = c.EndHeaders(ctx, body.None())
	}
	for err == nil {
		err = c.Send(ctx, body.String("an octet a minute"))
	}
	return err
}

func drippings() []dripping {
	const (
		ok    = "HTTP/1.1 200 OK\r\n"
		coded = ok + "Transfer-Encoding: chunked\r\n\r\n"
		long  = ok + "Content-Length: 1000000000000000\r\n\r\n"
	)
	large := func() body.Source { return body.Bytes(make([]byte, 1<<20)) }
	text := func() body.Source { return body.String(strings.Repeat("x", 1<<20)) }
	stream := func() body.Source { return body.Reader(io.LimitReader(zeros{}, 1<<20)) }
	return []dripping{
		{name: "status-line", begins: "HTTP/1.1 200 ", again: "x", how: fetch},
		{name: "interim responses", again: "HTTP/1.1 102 Processing\r\n\r\n", how: fetch},
		{name: "field value", begins: ok + "A: ", again: "b", how: fetch},
		{name: "field lines", begins: ok, again: "A: b\r\n", how: fetch},
		{name: "folds", begins: ok + "A: b\r\n", again: " c\r\n", how: fetch},
		{name: "content until close", begins: ok + "\r\n", again: "x", how: fetch},
		{name: "content", begins: long, again: "x", how: fetch},
		{name: "chunks", begins: coded, again: "1\r\nx\r\n", how: fetch},
		{name: "chunk-size", begins: coded, again: "0", how: fetch},
		{name: "chunk extensions", begins: coded + "1", again: ";a", how: fetch},
		{name: "trailers", begins: coded + "0\r\n", again: "A: b\r\n", how: fetch},
		{name: "large reads", begins: long, again: "x", how: reading(func(r httpclient.Response) error {
			_, err := r.Read(make([]byte, 1<<20))
			return err
		})},
		{name: "WriteTo", begins: long, again: "x", how: reading(func(r httpclient.Response) error {
			_, err := r.WriteTo(io.Discard)
			return err
		})},
		{name: "ReadLine", begins: long, again: "x", how: reading(func(r httpclient.Response) error {
			_, err := r.ReadLine(0)
			return err
		})},
		{name: "ReadN", begins: long, again: "x", how: reading(func(r httpclient.Response) error {
			_, err := r.ReadN(1 << 40)
			return err
		})},
		{name: "reply to CONNECT", begins: ok, again: "A: b\r\n", how: tunnelling},
		{name: "interim replies to CONNECT", again: "HTTP/1.1 102 Processing\r\n\r\n", how: tunnelling},
		{name: "refusal of CONNECT", begins: "HTTP/1.1 403 ", again: "x", how: tunnelling},
		{name: "handshake", begins: "\x16\x03\x03\x3f\xff", again: "\x02", how: fetch, tls: true},
		{name: "handshake in a tunnel", begins: ok + "\r\n\x16\x03\x03\x3f\xff", again: "\x02", how: tunnelling, tls: true},
		{name: "interim responses to Expect", again: "HTTP/1.1 102 Processing\r\n\r\n", how: posting(text, "Expect: 100-continue")},
		{name: "large content", reads: true, how: posting(large)},
		{name: "large string", reads: true, how: posting(text)},
		{name: "stream", reads: true, how: posting(stream)},
		{name: "content by steps", reads: true, how: stepping},
		{name: "content behind 100", begins: "HTTP/1.1 100 Continue\r\n\r\n", reads: true, how: posting(large, "Expect: 100-continue")},
		{name: "interim responses to large content", again: "HTTP/1.1 102 Processing\r\n\r\n", how: posting(large)},
		{name: "raw", begins: ok + "\r\n", again: "x", how: func(ctx context.Context, c *httpclient.Conn) error {
			err := c.SendRaw(ctx, []byte("GET / HTTP/1.1\r\n\r\n"), "GET")
			if err != nil {
				return err
			}
			r, err := c.Response(ctx)
			if err == nil {
				_, err = r.ReadAll()
			}
			return err
		}},
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// serve drips until the client has gone.
func (d *dripping) serve(p *peer) {
	if !d.tls || strings.HasPrefix(d.begins, "HTTP") {
		if _, err := p.head(); err != nil {
			return
		}
	}
	if _, err := io.WriteString(p.Conn, d.begins); err != nil {
		return
	}
	for i := 0; ; i++ {
		time.Sleep(time.Minute)
		var err error
		if d.reads {
			_, err = p.Conn.Read(make([]byte, 1))
		} else {
			_, err = p.Conn.Write([]byte{d.again[i%len(d.again)]})
		}
		if err != nil {
			return
		}
	}
}

// total tries drippings under a fake clock: no limit of octets is reached, and no time-out of a single step, but
// the one on all of the exchange ends it, to the second.
func total(t *testing.T) {
	const limit = 3 * time.Hour
	for _, d := range drippings() {
		t.Run(d.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOrigin(t, d.serve)
				o.buffer = 512
				took, err := d.exchange(t, o, limit)
				var timeout *httpclient.TimeoutError
				if !errors.As(err, &timeout) || timeout.Phase != "total" {
					t.Errorf("error %v, want a total time-out", err)
				}
				if took != limit {
					t.Errorf("took %v, want %v", took, limit)
				}
				synctest.Wait()
				time.Sleep(2 * time.Minute) // the peer finds that the connection is closed
				o.serving.Wait()
			})
		})
	}
}

func (d *dripping) exchange(t *testing.T, o *origin, limit time.Duration) (time.Duration, error) {
	options := []httpclient.Option{
		httpclient.WithDialer(o),
		httpclient.WithLimits(wire.Limits{Line: -1, Section: -1, Fields: -1, Trailer: -1, ChunkOverhead: -1, Interim: -1}),
		httpclient.WithTimeouts(httpclient.Timeouts{
			Dial: time.Hour * 4, TLS: time.Hour * 4, Write: time.Hour * 4, FirstByte: time.Hour * 4, Between: 2 * time.Minute, Total: limit,
		}),
	}
	makes := httpclient.New
	if d.tls {
		makes = httpclient.NewTLS
	}
	c, err := makes("h", options...)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	start := time.Now()
	err = d.how(t.Context(), c)
	took := time.Since(start)
	if c.Connected() {
		t.Error("still connected")
	}
	return took, err
}
