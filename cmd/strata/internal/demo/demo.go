package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/strata-http/strata/cmd/strata/internal/console"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/wire"
)

// patience bounds every wait for the network, which has what is asked of it already: only a mistake in the machine
// could make a party wait.
const patience = 10 * time.Second

// maxMethod is what the title has room for.
const maxMethod = 29

// Options say what exchange is shown.
type Options struct {
	// Method is the request's method, GET when it is empty. POST, PUT and PATCH send content.
	Method string
	// Chunked gives both messages content in chunks, with a chunk extension and a trailer section.
	Chunked bool
	// Split is how many octets the network hands over in one Read at most; 0 for as many as there are.
	Split int
}

// ErrOptions is what an error of [Options.Check] is, for errors.Is.
var ErrOptions = errors.New("demo: no such exchange")

type optionsError string

func (e optionsError) Error() string        { return string(e) }
func (e optionsError) Is(target error) bool { return target == ErrOptions }

// Check returns an error, which is [ErrOptions], for options that describe no exchange.
func (o Options) Check() error {
	switch {
	case o.Method != "" && !wire.IsToken(o.Method):
		return optionsError(fmt.Sprintf("%q cannot be sent: %s", o.Method, wire.RuleMethod))
	case len(o.Method) > maxMethod:
		return optionsError(fmt.Sprintf("a method of %d octets does not fit the page", len(o.Method)))
	case o.Split < 0:
		return optionsError(fmt.Sprintf("the network cannot hand over %d octets", o.Split))
	case o.Method == "CONNECT" && o.Chunked:
		return optionsError("CONNECT has no content that could be chunked (RFC 9110 section 9.3.6)")
	}
	return nil
}

// Run makes the exchange and writes the account of it to w, painted with p. The error is that of the writer, of ctx, or
// [ErrOptions].
func Run(ctx context.Context, w io.Writer, p *console.Palette, o Options) error {
	if err := o.Check(); err != nil {
		return err
	}
	if o.Method == "" {
		o.Method = "GET"
	}
	client, server, err := connect(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	defer server.Close()
	defer context.AfterFunc(ctx, func() { client.Close(); server.Close() })()

	d := &demonstration{page: newPage(w, p), options: o}
	d.client = &party{page: d.page, role: conn.Client, c: conn.New(conn.Client, conn.Config{}), nc: client, split: o.Split}
	d.server = &party{page: d.page, role: conn.Server, c: conn.New(conn.Server, conn.Config{}), nc: server, split: o.Split}
	err = d.play()
	if flushErr := d.page.w.Flush(); flushErr != nil {
		return flushErr
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// connect returns both ends of a connection in memory.
func connect(ctx context.Context) (client, server net.Conn, err error) {
	var network memory.Network
	listener, err := network.Listen(host + ":80")
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close()
	if client, err = network.DialContext(ctx, "tcp", listener.Addr().String()); err != nil {
		return nil, nil, err
	}
	if server, err = listener.Accept(); err != nil {
		client.Close()
		return nil, nil, err
	}
	until := time.Now().Add(patience)
	return client, server, errors.Join(client.SetDeadline(until), server.SetDeadline(until))
}

// demonstration is one exchange under way.
type demonstration struct {
	page           *page
	options        Options
	client, server *party
}

// play lets both parties act in turn: the client sends, the server receives and answers, the client receives.
func (d *demonstration) play() error {
	request := d.options.request()
	d.heading(&request)
	if err := d.client.sendMessage(&request); err != nil {
		return err
	}
	received := 0
	count := func(ev *conn.Event) { received += len(ev.Content) }
	if err := d.server.receive(count); err != nil {
		return err
	}
	response := d.options.response(received)
	if err := d.server.sendMessage(&response); err != nil {
		return err
	}
	if err := d.client.receive(func(*conn.Event) {}); err != nil {
		return err
	}
	if err := d.part(); err != nil {
		return err
	}
	d.closing()
	return nil
}

// sendMessage sends a message in the calls that a program makes, all of it in one Write.
func (p *party) sendMessage(m *message) error {
	err := p.sendHead(m)
	for i, content := range m.content {
		if err == nil {
			err = p.sendContent(m, i, content)
		}
	}
	if err == nil && !p.c.Switched() {
		call := "AppendEnd"
		if m.trailers != nil {
			call = "AppendEnd(" + count(m.trailers.Len(), "trailer") + ")"
		}
		err = p.send(call,
			func(dst []byte) ([]byte, error) { return p.c.AppendEnd(dst, m.trailers) },
			func(octets []byte) ([]piece, error) { return splitEnd(octets, m.trailers, m.trailers != nil) })
	}
	if err != nil {
		return err
	}
	return p.flush()
}

func (p *party) sendHead(m *message) error {
	if m.method != "" {
		return p.send("AppendRequest("+m.method+", "+m.target+")",
			func(dst []byte) ([]byte, error) { return p.c.AppendRequest(dst, m.method, m.target, m.fields) },
			func(octets []byte) ([]piece, error) { return splitRequest(octets, m.method, m.target, m.fields) })
	}
	return p.send(fmt.Sprintf("AppendResponse(%d, %s)", m.code, m.reason),
		func(dst []byte) ([]byte, error) { return p.c.AppendResponse(dst, m.code, m.reason, m.fields) },
		func(octets []byte) ([]piece, error) { return splitResponse(octets, m.code, m.reason, m.fields) })
}

func (p *party) sendContent(m *message, i int, content string) error {
	if !m.chunked {
		return p.send("AppendContent("+count(len(content), "octet")+")",
			func(dst []byte) ([]byte, error) { return p.c.AppendContent(dst, []byte(content)) },
			func(octets []byte) ([]piece, error) { return splitContent(octets, content, "", false) })
	}
	ext := chunkExt + string(rune('a'+i))
	return p.send(fmt.Sprintf("AppendChunk(%s, %s)", count(len(content), "octet"), ext),
		func(dst []byte) ([]byte, error) { return p.c.AppendChunk(dst, []byte(content), ext) },
		func(octets []byte) ([]piece, error) { return splitContent(octets, content, ext, true) })
}

// part ends the connection: the client has no other request, and the server learns that from the end of the stream.
// Behind a switch the connection belongs to another protocol, and is left to that.
func (d *demonstration) part() error {
	if d.client.c.Switched() {
		return nil
	}
	if err := d.client.close(); err != nil {
		return err
	}
	for {
		ev, err := d.server.next()
		switch {
		case err != nil:
			return err
		case ev.Kind == conn.Closed:
			return d.server.close()
		case ev.Kind != conn.NeedData:
			return fmt.Errorf("demo: %s behind the last exchange", ev.Kind)
		}
		if err := d.server.read(); err != nil {
			return err
		}
	}
}

func (p *party) close() error {
	if p.role == conn.Client {
		p.page.arrow(p.role, "Close", "end of the stream")
	} else {
		p.page.call(p.role, "Close")
	}
	if err := p.step(p.c.Close); err != nil {
		return err
	}
	return p.nc.Close()
}
