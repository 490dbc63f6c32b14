package headers

import (
	"bytes"
	"math"

	"github.com/strata-http/strata/wire"
)

// Control is what the control fields of a section say, as [Fields.Control] reads them in one pass.
// What breaks a rule is noted and not yet an error: whether it counts depends on the message.
type Control struct {
	// ContentLength is the value of Content-Length in octets, -1 when there is none (RFC 9110 section
	// 8.6). Several equal values count as one (RFC 9112 section 6.3).
	ContentLength int64
	// Coded tells that there is a Transfer-Encoding, Chunked that its final coding is chunked, and
	// OtherCoding that it names a coding other than chunked (RFC 9112 section 6.1).
	Coded, Chunked, OtherCoding bool
	// Close, KeepAlive and UpgradeOption tell which options Connection lists (RFC 9110 section 7.6.1).
	Close, KeepAlive, UpgradeOption bool
	// Upgrade tells that there is an Upgrade that names a protocol (RFC 9110 section 7.8).
	Upgrade bool
	// Expect100 tells that Expect lists 100-continue, ExpectOther that it lists anything else (RFC 9110
	// section 10.1.1).
	Expect100, ExpectOther bool
	// Hosts is the number of Host field lines, Host the index of the first one, or -1.
	Hosts, Host int

	// Length, Coding and HostFault are the first rule broken by Content-Length, Transfer-Encoding and
	// Host.
	Length, Coding, HostFault Fault
	// First lines of the two fields that frame, for errors that name them; -1 when there is none.
	lengthLine, codingLine int
}

// Fault is a rule broken by a field line. The zero value is none.
type Fault struct {
	Rule wire.Rule
	Line int // the index of the field line
}

// Control reads the control fields of the section.
func (f *Fields) Control() Control {
	c := Control{ContentLength: -1, Host: -1, lengthLine: -1, codingLine: -1}
	var length []byte // the first Content-Length element, to which others are compared
	for i := range f.Len() {
		s := &f.spans[i]
		name, value := f.buf[s.name:s.nameEnd], f.buf[s.value:s.valueEnd]
		switch len(name) {
		case 4:
			if wire.EqualFold(name, "host") {
				c.host(i, value)
			}
		case 6:
			if wire.EqualFold(name, "expect") {
				c.expect(value)
			}
		case 7:
			if wire.EqualFold(name, "upgrade") {
				for range Elements(value) {
					c.Upgrade = true
				}
			}
		case 10:
			if wire.EqualFold(name, "connection") {
				c.connection(value)
			}
		case 14:
			if wire.EqualFold(name, "content-length") {
				length = c.length(i, value, length)
			}
		case 17:
			if wire.EqualFold(name, "transfer-encoding") {
				c.coding(i, value)
			}
		}
	}
	return c
}

func (c *Control) host(line int, value []byte) {
	c.Hosts++
	if c.Hosts > 1 {
		c.HostFault.set(wire.RuleHostRepeated, line)
		return
	}
	c.Host = line
	if a, bad := wire.ParseAuthority(value); bad >= 0 || a.HostEnd == 0 && len(value) > 0 {
		c.HostFault.set(wire.RuleHostInvalid, line)
	}
}

func (f *Fault) set(rule wire.Rule, line int) {
	if f.Rule == 0 {
		*f = Fault{rule, line}
	}
}

func (c *Control) expect(value []byte) {
	for e := range Elements(value) {
		if wire.EqualFold(e, "100-continue") {
			c.Expect100 = true
		} else {
			c.ExpectOther = true
		}
	}
}

func (c *Control) connection(value []byte) {
	for len(value) > 0 {
		var option []byte
		option, value, _ = cutElement(value, false) // options are tokens, never quoted
		switch len(option) {
		case 5:
			c.Close = c.Close || wire.EqualFold(option, "close")
		case 7:
			c.UpgradeOption = c.UpgradeOption || wire.EqualFold(option, "upgrade")
		case 10:
			c.KeepAlive = c.KeepAlive || wire.EqualFold(option, "keep-alive")
		}
	}
}

// length reads one Content-Length field line. An empty list element is no number, and so a fault:
// what RFC 9112 section 6.3 admits is a list of valid and equal values.
func (c *Control) length(line int, value, first []byte) []byte {
	if c.lengthLine < 0 {
		c.lengthLine = line
	}
	for {
		element, rest, more := bytes.Cut(value, []byte{','})
		element = trimSpace(element)
		n, ok := parseLength(element)
		switch {
		case !ok:
			c.Length.set(wire.RuleContentLength, line)
		case first == nil:
			first, c.ContentLength = element, n
		case !bytes.Equal(first, element):
			c.Length.set(wire.RuleContentLengths, line)
		}
		if !more {
			return first
		}
		value = rest
	}
}

// parseLength reads 1*DIGIT below 2^63 (RFC 9110 section 8.6).
func parseLength(b []byte) (n int64, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' || n > (math.MaxInt64-int64(c-'0'))/10 {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, len(b) > 0
}

// coding reads one Transfer-Encoding field line, which goes on with the lines before it (RFC 9112
// section 6.1).
func (c *Control) coding(line int, value []byte) {
	if c.codingLine < 0 {
		c.codingLine = line
	}
	c.Coded = true
	empty := true
	for element := range Elements(value) {
		empty = false
		name, params := CutParameters(element)
		chunked := wire.EqualFold(name, "chunked")
		switch {
		case !wire.IsToken(name) || !ValidParameters(params) || chunked && params != nil:
			c.Coding.set(wire.RuleTransferEncoding, line)
		case chunked && c.Coding.Rule == wire.RuleChunkedNotFinal:
			// It comes last after all, but for the second time: that is never to be taken.
			c.Coding = Fault{wire.RuleChunkedRepeated, line}
		case chunked && c.Chunked:
			c.Coding.set(wire.RuleChunkedRepeated, line)
		case c.Chunked:
			c.Coding.set(wire.RuleChunkedNotFinal, line)
		}
		if !chunked {
			c.OtherCoding = true
		}
		c.Chunked = chunked
	}
	if empty {
		c.Coding.set(wire.RuleTransferEncoding, line)
	}
}

// LengthLine returns the index of the first Content-Length field line, or -1.
func (c *Control) LengthLine() int { return c.lengthLine }

// CodingLine returns the index of the first Transfer-Encoding field line, or -1.
func (c *Control) CodingLine() int { return c.codingLine }

// Offset returns where the value of field line i stands in the octets that were parsed. It means
// nothing for a Fields that was not parsed.
func (f *Fields) Offset(i int) int {
	if f.view && i >= 0 && i < len(f.spans) {
		return int(f.spans[i].value)
	}
	return 0
}
