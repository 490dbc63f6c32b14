package generate

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/strata-http/strata/test/differential/internal/lines"
)

// maxOctets is how long a case may grow by mutation.
const maxOctets = 3 << 10

// Generator makes cases.
type Generator struct {
	seed  uint64
	seeds []lines.Case
}

// New returns a Generator whose cases depend on seed, and in part begin with one of seeds.
func New(seed uint64, seeds []lines.Case) *Generator {
	return &Generator{seed: seed, seeds: seeds}
}

// Case returns the case of that number. The first ones are the seeds themselves.
func (g *Generator) Case(number int) lines.Case {
	if number < len(g.seeds) {
		c := g.seeds[number]
		c.ID = number
		return c
	}
	m := &maker{rand.New(rand.NewPCG(g.seed, uint64(number)))}
	var c lines.Case
	if len(g.seeds) > 0 && m.one(3) {
		c = g.seeds[m.IntN(len(g.seeds))]
		c.Octets = m.mutate(c.Octets, g.partner(m, c.Side))
	} else {
		c = m.grammatical()
		if !m.one(4) {
			c.Octets = m.mutate(c.Octets, g.partner(m, c.Side))
		}
	}
	c.ID = number
	c.Octets = append([]byte{}, c.Octets[:min(len(c.Octets), maxOctets)]...) // which is never nil
	c.EOF = c.EOF || m.one(2)
	return c
}

// partner returns the octets of another seed of the same side.
func (g *Generator) partner(m *maker, side string) []byte {
	for range 4 {
		if len(g.seeds) > 0 {
			if c := g.seeds[m.IntN(len(g.seeds))]; c.Side == side {
				return c.Octets
			}
		}
	}
	return nil
}

// maker makes choices.
type maker struct{ *rand.Rand }

// one reports true once in n times.
func (m *maker) one(n int) bool { return m.IntN(n) == 0 }

// of returns one of its arguments; the first ones are the most frequent.
func (m *maker) of(choices ...string) string {
	n := m.IntN(len(choices))
	return choices[min(n, m.IntN(len(choices)))]
}

// grammatical returns one to three messages by the grammar, or nearly so.
func (m *maker) grammatical() lines.Case {
	c := lines.Case{Side: lines.Server, EOF: m.one(2)}
	if m.one(2) {
		c.Side = lines.Client
		c.Method = m.of("GET", "GET", "GET", "HEAD", "POST", "CONNECT")
	}
	var b strings.Builder
	for {
		if c.Side == lines.Server {
			m.request(&b)
		} else {
			m.response(&b, c.Method)
		}
		if !m.one(4) || b.Len() > 600 {
			break
		}
	}
	if m.one(12) {
		b.WriteString(m.of("GET ", "x", "\r\n", "HTTP/1.1", "0\r\n\r\n"))
	}
	c.Octets = []byte(b.String())
	return c
}

func (m *maker) request(b *strings.Builder) {
	if m.one(20) {
		b.WriteString("\r\n")
	}
	method := m.of("GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "CONNECT", "PATCH", "TRACE", "QUERY", "M-SEARCH", "x", "get")
	target := m.of("/", "/a?b=c", "/%41/..//b", "/a;p", "http://h/", "http://other:80/x", "*", "h:80", "//h/", "/\"<>", "http://h", "/a#f", "x:y", "?q", "http://", "[::1]:1", "https://h/")
	if method == "CONNECT" && !m.one(4) {
		target = m.of("h:80", "h:443", "[::1]:80", "127.0.0.1:1", "h")
	}
	b.WriteString(method + " " + target + " " + m.of("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/0.9") + "\r\n")
	var fields []string
	if !m.one(12) {
		fields = append(fields, "Host: "+m.of("h", "h", "h:80", "other", "[::1]", "", "h:", "a b", "h, i", "http://h", "u@h", "h/x", "1.2.3.4:65536", "h_%41"))
	}
	m.message(b, fields, !m.one(3))
}

func (m *maker) response(b *strings.Builder, method string) {
	for m.one(7) {
		b.WriteString("HTTP/1.1 " + m.of("100", "103", "102", "199") + " " + m.of("Continue", "") + "\r\n")
		if m.one(3) {
			b.WriteString(m.field() + "\r\n")
		}
		b.WriteString("\r\n")
	}
	status := m.of("200", "204", "304", "404", "101", "201", "205", "206", "301", "500", "999", "600", "426")
	b.WriteString(m.of("HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/0.9") + " " + status + m.of(" OK", " ", " Not Found", "", " \xe9t\xe9", " a\tb") + "\r\n")
	var fields []string
	if status == "101" && !m.one(4) {
		fields = append(fields, "Connection: Upgrade", "Upgrade: x")
	}
	m.message(b, fields, !m.one(5))
}

// message writes fields and others, and content that they frame, well or badly.
func (m *maker) message(b *strings.Builder, fields []string, content bool) {
	for m.IntN(3) > 0 {
		fields = append(fields, m.field())
	}
	body := ""
	if content {
		var framing []string
		framing, body = m.content()
		fields = append(fields, framing...)
	}
	if m.one(3) {
		m.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	}
	for _, f := range fields {
		b.WriteString(f + "\r\n")
	}
	b.WriteString("\r\n" + body)
}

// field returns a field line that does not frame.
func (m *maker) field() string {
	name := m.of("X", "Accept", "Cookie", "Connection", "Connection", "Expect", "Upgrade", "TE", "Trailer", "Keep-Alive", "Proxy-Connection",
		"Content-Type", "Set-Cookie", "Date", "Content-Encoding", "x-\xe9", "A_b", "If-None-Match", "Sec-WebSocket-Key")
	switch name {
	case "Connection", "Proxy-Connection":
		return name + m.colon() + m.of("close", "keep-alive", "Upgrade", "close, keep-alive", "keep-alive, close", "TE", "Keep-Alive", "CLOSE", "clo se", "x", ", close,", "\"close\"", "x-close", "")
	case "Expect":
		return name + m.colon() + m.of("100-continue", "100-Continue", "x", "100-continue, x", "")
	case "Upgrade":
		return name + m.colon() + m.of("h2c", "websocket", "x", "")
	case "TE", "Trailer":
		return name + m.colon() + m.of("trailers", "T", "Content-Length", "chunked", "gzip;q=0.5, trailers", "")
	}
	return name + m.colon() + m.of("v", "a b", "a, b", "", "\"q\\\"\"", "v ", "\tv", "\xe9", "a;b=c", strings.Repeat("long ", 1+m.IntN(30)), "a\tb", "=", "{}[]")
}

func (m *maker) colon() string { return m.of(": ", ": ", ": ", ":", ":\t", ":  ") }

// content returns field lines that frame content, and the content with its framing.
func (m *maker) content() (fields []string, body string) {
	text := strings.Repeat(m.of("hello", "x", "GET / HTTP/1.1\r\nHost: smuggled\r\n\r\n", "\r\n", "0\r\n\r\n"), m.IntN(3))
	if m.one(2) {
		if m.one(10) {
			fields = append(fields, m.length(len(text)))
		}
		return append(fields, m.length(len(text))), text
	}
	if m.one(8) {
		fields = append(fields, m.length(len(text)))
	}
	fields = append(fields, "Transfer-Encoding"+m.colon()+m.of("chunked", "chunked", "chunked", "Chunked", "gzip, chunked", "chunked, gzip",
		"chunked, chunked", "identity", "gzip", "chunked;q=1", "xchunked", "\"chunked\"", ", chunked", "chunked,", "", "identity, chunked", "chunked\v"))
	if m.one(12) {
		fields = append(fields, "Transfer-Encoding: "+m.of("chunked", "identity", "gzip", ""))
	}
	return slices.Compact(fields), m.chunked(text)
}

// length returns a Content-Length for n octets, or one that is wrong.
func (m *maker) length(n int) string {
	right := digits(n)
	return "Content-Length" + m.colon() + m.of(right, right, right, right, right+", "+right, "+"+right, "0"+right, digits(n+1), digits(max(0, n-1)),
		"-"+right, right+" ", right+".0", "0x"+right, right+","+digits(n+1), "", "1 0", "18446744073709551616", "9223372036854775808", right+"a", "1_0", ","+right, right+";a", "000000000000000000000000"+right)
}

// chunked returns text in chunks, with anomalies.
func (m *maker) chunked(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		n := 1 + m.IntN(len(text))
		size := m.of(hex(n), hex(n), hex(n), hex(n), "0"+hex(n), strings.ToUpper(hex(n)), hex(n+1), "0x"+hex(n), "+"+hex(n), " "+hex(n), "-"+hex(n), "", "0000000000000000000"+hex(n), hex(n)+"_", "10000000000000000"+hex(n))
		b.WriteString(size + m.extension() + m.of("\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", " \r\n", "\t\r\n", "\r\r\n", "\n\r\n"))
		b.WriteString(text[:n] + m.of("\r\n", "\r\n", "\r\n", "\r\n", "\n", "", "\r", "XX", "\r\n\r\n"))
		text = text[n:]
	}
	if m.one(15) {
		return b.String()
	}
	b.WriteString(m.of("0", "0", "0", "00", "000000000000000000000", "") + m.extension() + m.of("\r\n", "\r\n", "\r\n", "\n", " \r\n"))
	for m.one(4) {
		b.WriteString(m.of("T: v", m.field(), "Content-Length: 5", "Host: t", "Transfer-Encoding: chunked", "bad", " fold", "Trailer : x", "A:\x00") + m.of("\r\n", "\r\n", "\n"))
	}
	b.WriteString(m.of("\r\n", "\r\n", "\r\n", "\n", ""))
	return b.String()
}

// extension returns chunk extensions, mostly none.
func (m *maker) extension() string {
	return m.of("", "", "", "", ";a", ";a=b", ";a=\"b\"", " ;a", "; a", ";a = b", ";", ";a=", ";a=\"b", ";a=b;c=\"d\\\"\"", ";=", ";a b", ";a=\"\r\n\"", ";a\nb", ";\xe9", ";a=\"\x01\"")
}
