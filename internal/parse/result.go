package parse

import (
	"encoding/json"
	"fmt"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
)

// Verdict is what became of the first final message.
type Verdict string

// The verdicts.
const (
	Accept Verdict = "accept" // it was delivered whole
	Reject Verdict = "reject" // it broke a rule, or the connection closed before it was complete
	Hang   Verdict = "hang"   // the engine waits for more of it
)

// Text is octets that stand for text. In JSON each is one code point, U+0000 to U+00FF.
type Text string

// MarshalJSON returns the JSON string. It is ASCII, so that no reader takes an octet for the end of a line.
func (t Text) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, len(t)+2), '"')
	for i := range len(t) {
		switch c := t[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c < ' ' || c > '~':
			b = fmt.Appendf(b, "\\u%04x", c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"'), nil
}

// text returns a copy of octets, as it stands where a key may be left out.
func text(octets []byte) *Text {
	t := Text(octets)
	return &t
}

// Field is a field line: name and value.
type Field [2]Text

// fields copies a field section.
func fields(f *headers.Fields) []Field {
	lines := []Field{}
	for name, value := range f.All() {
		lines = append(lines, Field{Text(name), Text(value)})
	}
	return lines
}

// Message is as much of a final message as was delivered. A key that belongs to the other kind of message, or to a head
// that did not come, is left out.
type Message struct {
	Status   *int    `json:"status,omitempty"`
	Reason   *Text   `json:"reason,omitempty"`
	Method   *Text   `json:"method,omitempty"`
	Target   *Text   `json:"target,omitempty"`
	Host     *Text   `json:"host,omitempty"` // nil where there is no Host to route by
	Version  string  `json:"version,omitempty"`
	Headers  []Field `json:"headers"`
	Trailers []Field `json:"trailers"`
	Body     []byte  `json:"body_b64"` // content, transfer coding removed
}

// newMessage copies the head of a message; nil stands for one that did not come.
func newMessage(h *conn.Head) Message {
	m := Message{Headers: []Field{}, Trailers: []Field{}, Body: []byte{}}
	switch {
	case h == nil:
		return m
	case h.Method != nil:
		m.Method, m.Target = text(h.Method), text(h.Target)
		if h.Host != nil {
			m.Host = text(h.Host)
		}
	default:
		status := h.Status
		m.Status, m.Reason = &status, text(h.Reason)
	}
	m.Version = h.Version.String()
	m.Headers = fields(&h.Fields)
	return m
}

// Later is a complete message behind the first one.
type Later struct {
	Status *int   `json:"status,omitempty"`
	Method *Text  `json:"method,omitempty"`
	Target *Text  `json:"target,omitempty"`
	Body   []byte `json:"body_b64"`
}

// Result is what became of a case, a line of output.
type Result struct {
	ID      json.RawMessage `json:"id,omitempty"`
	Verdict Verdict         `json:"verdict"`
	// Error, Rule and Offset tell why the first final message was rejected.
	Error  string `json:"error,omitempty"`
	Rule   string `json:"rule,omitempty"`
	Offset *int64 `json:"offset,omitempty"`
	Message
	Messages int     `json:"messages"` // complete ones, interim responses not counted
	More     []Later `json:"more"`
	// MoreError and MoreRule tell what was wrong behind the first message.
	MoreError string `json:"more_error,omitempty"`
	MoreRule  string `json:"more_rule,omitempty"`
	Reusable  bool   `json:"reusable"`
	Interim   []int  `json:"interim"`
	Leftover  []byte `json:"leftover_b64"`

	// Err is the error that Error or MoreError is the text of.
	Err error `json:"-"`
}
