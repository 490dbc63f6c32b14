package conn_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// pairing is a client and a server that a fuzz input drives, and what is under way between them.
type pairing struct {
	t       *testing.T
	c       [2]*conn.Conn
	flying  [2][]byte // sent by that role and not consumed by its peer
	shown   [2]int    // octets that a role has been shown and has not consumed: fewer it is not shown again
	closed  [2]bool
	errs    [2]error // that a role has met in receiving
	program []byte
	unasked bool // the server has sent a response to no request, such as 408
	inBody  bool // the client is still sending its request, behind which alone a switch takes place
}

// FuzzPair lets a client and a server do whatever a program says, in any order, one octet an operation: what may not be
// done changes nothing, what is sent on the safe path the other reads, and no party is ever stuck.
func FuzzPair(f *testing.F) {
	f.Add([]byte("\x00\x20\x80\x81\x10\x40\x60\x80\x80"), uint8(0))
	f.Add([]byte("\x01\x10\x11\x20\x80\x80\x80\x40\x50\x60\x80\x00\x20\x80"), uint8(1))
	f.Add([]byte("\x03\x20\x80\x80\x44\x80\x90\x91"), uint8(0))
	f.Add([]byte("\x02\x10\x31\x30\x20\x80\x80\x46\x42\x50\x60\x61\x80"), uint8(3))
	f.Add([]byte("\x00\x20\x00\x20\x00\x20\x80\x40\x60\x80\x80\x40\x60\x80\x80"), uint8(2))
	f.Fuzz(func(t *testing.T, program []byte, flags uint8) {
		config := conn.Config{Pipeline: 1 + int(flags&3)}
		p := &pairing{t: t, program: program[:min(len(program), 200)]}
		p.c[conn.Client], p.c[conn.Server] = conn.New(conn.Client, config), conn.New(conn.Server, config)
		for i, op := range p.program {
			p.do(op, i)
		}
		p.settle(conn.Client)
		p.settle(conn.Server)
	})
}

// do does what one octet of the program says.
func (p *pairing) do(op byte, i int) {
	role := conn.Role(op >> 6 & 1)
	switch variant := int(op & 0xf); {
	case op >= 0xc0:
		p.closed[role] = true
	case op >= 0x80:
		p.receive(conn.Role(op>>4&1), 1+variant*variant)
	case role == conn.Client && op < 0x10:
		p.send(role, func(dst []byte) ([]byte, error) { return p.request(dst, variant) })
	case role == conn.Server && op < 0x50:
		p.send(role, func(dst []byte) ([]byte, error) { return p.response(dst, variant) })
	case op&0x30 == 0x10:
		p.send(role, func(dst []byte) ([]byte, error) { return p.c[role].AppendContent(dst, []byte("octet")[:variant%6]) })
	case op&0x30 == 0x20:
		p.send(role, func(dst []byte) ([]byte, error) { return p.c[role].AppendEnd(dst, trailersOf(variant)) })
	default:
		p.send(role, func(dst []byte) ([]byte, error) {
			return p.c[role].AppendChunk(dst, []byte("x"), extensions[variant%len(extensions)])
		})
	}
}

var extensions = []string{"", ";a", ";a=b", ";a=\"b\"", ";a b", "x"}

func trailersOf(variant int) *headers.Fields {
	switch variant {
	case 1:
		return parseFields("T: v")
	case 2:
		return parseFields("Content-Length: 1")
	case 3:
		return new(headers.Fields)
	}
	return nil
}

// requests and responses are what the parties of a pairing send.
var requests = []struct{ method, target, fields string }{
	{"GET", "/", "Host: h"},
	{"POST", "/", "Host: h\nTransfer-Encoding: chunked"},
	{"POST", "/", "Host: h\nContent-Length: 5\nExpect: 100-continue"},
	{"CONNECT", "h:1", "Host: h:1"},
	{"HEAD", "/", "Host: h"},
	{"GET", "/", "Host: h\nConnection: Upgrade\nUpgrade: x"},
	{"GET", "/", "Host: h\nConnection: close"},
	{"GET", "/ /", "Host: h"},
	{"GET", "/", "X: no host"},
	{"POST", "/", "Host: h\nContent-Length: 1\nTransfer-Encoding: chunked"},
	{"POST", "/", "Host: h\nContent-Length: 5\nConnection: Upgrade\nUpgrade: x"},
}

var responses = []struct {
	status int
	fields string
}{
	{200, "Content-Length: 5"}, {200, "Transfer-Encoding: chunked"}, {200, ""}, {204, ""}, {101, "Connection: Upgrade\nUpgrade: x"}, {100, ""},
	{304, "Content-Length: 5"}, {404, "Content-Length: 0\nConnection: close"}, {99, ""}, {200, "A: \x00"}, {103, "Link: x"}, {205, "Content-Length: 0"},
}

func (p *pairing) request(dst []byte, variant int) ([]byte, error) {
	r := requests[variant%len(requests)]
	return p.c[conn.Client].AppendRequest(dst, r.method, r.target, parseFields(r.fields))
}

func (p *pairing) response(dst []byte, variant int) ([]byte, error) {
	r := responses[variant%len(responses)]
	p.unasked = p.unasked || p.c[conn.Server].State(conn.Server) == conn.StateIdle
	return p.c[conn.Server].AppendResponse(dst, r.status, "", parseFields(r.fields))
}

// standing is all that can be asked of a Conn and must not change by what fails.
type standing struct {
	States   [2]conn.State
	InFlight int
	Remain   int64
	Phase    conn.Phase
	Reusable bool
	Last     bool
}

func (p *pairing) standing(role conn.Role) standing {
	c := p.c[role]
	return standing{
		States:   [2]conn.State{c.State(conn.Client), c.State(conn.Server)},
		InFlight: c.InFlight(), Remain: c.Remain(), Phase: c.Phase(), Reusable: c.Reusable(), Last: c.LastResponse(),
	}
}

// send appends something behind octets that are there already.
func (p *pairing) send(role conn.Role, appendTo func(dst []byte) ([]byte, error)) {
	p.t.Helper()
	if p.closed[role] {
		return
	}
	const there = "there"
	before := p.standing(role)
	dst, err := appendTo([]byte(there))
	if !bytes.HasPrefix(dst, []byte(there)) {
		p.t.Fatalf("program %q: what was there became %q", p.program, dst)
	}
	if err != nil {
		if after := p.standing(role); len(dst) != len(there) || after != before {
			p.t.Fatalf("program %q: %v appended %q and changed %s", p.program, err, dst, cmp.Diff(before, after))
		}
		return
	}
	p.flying[role] = append(p.flying[role], dst[len(there):]...)
}

// receive shows a party up to n more octets of what its peer has sent, and takes what it says of them.
func (p *pairing) receive(role conn.Role, n int) {
	p.t.Helper()
	p.inBody = p.c[conn.Client].State(conn.Client) == conn.StateBody
	from := role.Peer()
	shown := &p.shown[role]
	*shown = min(*shown+n, len(p.flying[from]))
	for calls, most := 0, 4**shown+16; ; calls++ {
		eof := p.closed[from] && *shown == len(p.flying[from])
		advance, ev, err := p.c[role].Next(p.flying[from][:*shown:*shown], eof)
		if calls > most {
			p.t.Fatalf("program %q: %v goes round at %q", p.program, role, p.flying[from])
		}
		if err != nil {
			p.refused(role, err)
			return
		}
		p.flying[from], *shown = p.flying[from][advance:], *shown-advance
		switch ev.Kind {
		case conn.NeedData:
			if eof {
				p.t.Fatalf("program %q: %v needs data behind the end", p.program, role)
			}
			return
		case conn.Paused, conn.Closed:
			return
		}
	}
}

// refused looks at an error that a party has met: what is sent on the safe path breaks no rule, so it is that the
// other has closed too early, or that what came answers nothing.
func (p *pairing) refused(role conn.Role, err error) {
	p.t.Helper()
	if before := p.errs[role]; before != nil {
		if err != before {
			p.t.Fatalf("program %q: error %v, then %v", p.program, before, err)
		}
		return
	}
	p.errs[role] = err
	switch {
	case role == conn.Client && p.unasked: // it may have been taken for the answer to a request that was not read yet
		return
	case errors.Is(err, wire.RuleUpgradeUnasked) && p.inBody:
		return
	}
	if !p.closed[role.Peer()] {
		p.t.Fatalf("program %q: %v refuses what %v sent: %v", p.program, role, role.Peer(), err)
	}
}

// settle shows a party all that its peer has sent, and that it has closed: it has to come to an end.
func (p *pairing) settle(role conn.Role) {
	p.t.Helper()
	p.closed[role.Peer()] = true
	p.receive(role, len(p.flying[role.Peer()]))
}
